"""A studio on a small game with the instant backend, and an editor beside it while it watches."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from llamavis_studio.backends.base import ImageRequest, ImageResult, OnStep
from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.core import events
from llamavis_studio.core.asset import Provenance
from llamavis_studio.imaging.png import PROVENANCE_KEY, read_text_chunks
from llamavis_studio.studio import Studio
from tests.support.games import described, make_game

WAIT_S = 20.0


def small_game(folder: Path) -> Path:
    return make_game(
        folder,
        {
            "hero.desc.toml": described("brave red knight"),
            "tiles/floor.desc.toml": described("grey stone", 'kind = "texture"\n'),
            "tiles/wall.desc.toml": described("brown brick", "count = 2\n"),
            "monsters.descs.csv": "name,description\nslime,green slime\nbat,black bat\n",
        },
    )


@contextlib.contextmanager
def opened(root: Path, host: object = None) -> Iterator[Studio]:
    own = InProcessHost() if host is None else host
    with Studio.open(root, host=own) as studio:  # type: ignore[arg-type]
        yield studio
    own.close()  # type: ignore[attr-defined]


def states(studio: Studio) -> dict[str, tuple[str, str]]:
    return {one.target.output: (one.state.value, one.reason) for one in studio.plan().targets}


def prompt_of(path: Path) -> str:
    return Provenance.from_json(read_text_chunks(path)[PROVENANCE_KEY]).prompt


class GateHost(InProcessHost):
    """Waits inside a step until the test opens the gate or cancels."""

    def __init__(self) -> None:
        super().__init__()
        self.entered = threading.Event()
        self.gate = threading.Event()
        self._tickets = threading.Semaphore(0)
        self.prompts: list[str] = []

    def let_one_through(self) -> None:
        """One batch is drawn, the gate stays closed for the next."""
        self._tickets.release()

    def generate(
        self, backend_name: str, requests: list[ImageRequest], on_step: OnStep
    ) -> list[ImageResult]:
        self.prompts += [request.prompt for request in requests]

        has_ticket = False

        def step(progress: object) -> None:
            nonlocal has_ticket
            self.entered.set()
            while not (has_ticket or self.gate.wait(0.01)):
                has_ticket = self._tickets.acquire(blocking=False)
                on_step(progress)  # type: ignore[arg-type]
            on_step(progress)  # type: ignore[arg-type]

        return super().generate(backend_name, requests, step)


Script = Callable[["Editor"], None]


class Editor:
    def __init__(self, studio: Studio) -> None:
        self.root = studio.root
        self._told: queue.Queue[events.Event] = queue.Queue()
        studio.subscribe(self._told.put)

    def wait_for(self, kind: type[events.Event]) -> events.Event:
        """The next event of a kind; those before it are forgotten."""
        deadline = time.monotonic() + WAIT_S
        while True:
            event = self._told.get(timeout=max(0.0, deadline - time.monotonic()))
            if isinstance(event, kind):
                return event

    def is_told_nothing_for(self, seconds: float) -> bool:
        time.sleep(seconds)
        return self._told.empty()


def watching(studio: Studio, script: Script) -> None:
    """Run `studio.watch` here and the script beside it; its failure is the test's."""
    editor, stop = Editor(studio), threading.Event()
    failures: list[BaseException] = []

    def play() -> None:
        try:
            script(editor)
        except BaseException as error:  # noqa: BLE001 - handed to the test's thread
            failures.append(error)
        finally:
            stop.set()

    thread = threading.Thread(target=play)
    thread.start()
    studio.watch(stop)
    thread.join()
    if failures:
        raise failures[0]
