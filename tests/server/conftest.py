"""A real service on a real socket, over a small game with the instant backend."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.core.project import Project
from llamavis_studio.server.service import serve
from llamavis_studio.server.service_file import Claim, ServiceFile
from llamavis_studio.studio import Studio
from llamavis_studio.studio_driver import StudioDriver
from tests.server.asking import Asker
from tests.support.studios import WAIT_S, small_game


@dataclass
class Running(Asker):
    """A service, and a hand that asks it."""

    root: Path
    told: ServiceFile
    loop: asyncio.AbstractEventLoop
    stop: asyncio.Event
    thread: threading.Thread
    errors: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(self.root)

    ask = Asker.call

    def wait_for(self, wanted: str, after: int = 0) -> dict[str, Any]:
        """The first event of that name behind a cursor."""
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            _, page = self.call("GET", f"/events?after={after}&wait=2")
            for event in page["events"]:
                if event["event"] == wanted:
                    return dict(event)
            after = page["cursor"]
        raise AssertionError(f"no {wanted}")

    def end(self) -> None:
        self.loop.call_soon_threadsafe(self.stop.set)
        self.thread.join(WAIT_S)
        assert not self.thread.is_alive()


def start(root: Path) -> Running:
    """Serve `root` in a thread; it is ready when this returns."""
    project = Project.open(root)
    claim = Claim(project.make_state_dir())
    assert claim.take()
    ready: dict[str, Any] = {}
    told, host = threading.Event(), InProcessHost()
    errors: list[BaseException] = []

    async def live() -> None:
        stop = asyncio.Event()
        ready.update(loop=asyncio.get_running_loop(), stop=stop)

        def on_ready(file: ServiceFile) -> None:
            ready["told"] = file
            told.set()

        driver = StudioDriver(root, lambda at: Studio.open(at, host=host), lambda *_: None)
        driver.start()
        try:
            await serve(project, claim, driver, on_ready, stop)
        finally:
            driver.close()
            assert driver.join(WAIT_S)

    def run() -> None:
        try:
            asyncio.run(live())
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            errors.append(error)
        finally:
            claim.release()
            host.close()
            told.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert told.wait(WAIT_S)
    if errors:
        raise errors[0]
    return Running(root, ready["told"], ready["loop"], ready["stop"], thread, errors)


@pytest.fixture(autouse=True)
def instant(instant_backend: None) -> None:
    """No model is the point here."""


@pytest.fixture
def game(tmp_path: Path) -> Path:
    return small_game(tmp_path / "game")


@pytest.fixture
def service(game: Path) -> Iterator[Running]:
    running = start(game)
    yield running
    running.end()
    assert not running.errors
