"""What the service knows of its project at any moment, and how it asks for more.

studio's thread: plan, news --call_soon_threadsafe--> desk (loop): snapshot, event log -> answers
request (loop) --ask(work)--> studio's thread --> answer

Questions that every plugin asks again and again (status, assets, events) are answered from the
snapshot, and so do not wait for the studio, which may be planning or importing.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from llamavis_studio import __version__
from llamavis_studio.core.errors import LlamaVisError, ServerError
from llamavis_studio.core.events import (
    AssetBuilt,
    BuildFinished,
    BuildStarted,
    Event,
    ImageEmerging,
    QueueChanged,
    StepDone,
)
from llamavis_studio.server.event_log import EventLog
from llamavis_studio.server.messages import API, Asset, Problem, Status
from llamavis_studio.studio_driver import StudioDriver

if TYPE_CHECKING:
    from llamavis_studio.core.project import Project
    from llamavis_studio.pipeline.plan import Plan, PlannedTarget
    from llamavis_studio.studio import Studio

Answer = TypeVar("Answer")
MOST_ASKED = 64
_STEP_EVERY_S = 0.2
_QUIET = (ImageEmerging, QueueChanged)  # for a window; too many and too large for a log


class Desk:
    """One project of the service and the driver of its studio, which belongs to somebody else.

    Lives on the loop's thread; `open` and `close` it there.
    """

    def __init__(self, root: Path, driver: StudioDriver) -> None:
        self.root = root
        self._driver = driver
        self.service = secrets.token_hex(8)
        self.events = EventLog()
        self.assets: dict[str, Asset] = {}
        self.problems: list[Problem] = []
        self.project: Project | None = None
        self.library_is_stale = True
        self.ended = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._ready = asyncio.Event()
        self._asked = 0
        self._state, self._message = "opening", ""
        self._drawing = False
        self._done = self._total = 0
        self._eta_s: float | None = None
        self._step_at = 0.0
        self._revisions: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._stop_listening: Callable[[], None] = lambda: None

    def open(self) -> None:
        """Begin to listen."""
        self._stop_listening = self._driver.listen(self._told)

    def close(self) -> None:
        """Listen no more, and let everyone go who waits."""
        self._stop_listening()
        self.events.close()

    async def ask(self, work: Callable[[Studio], Answer]) -> Answer:
        """Have something done with the studio, in its thread. Raises what it raises, and
        ServerError when the studio is not there or has too much to do.
        """
        if self._asked >= MOST_ASKED:
            raise ServerError("the studio has too much to do", "try again in a moment")
        self._asked += 1
        try:
            await self._ready.wait()
            if self._state == "broken":
                raise ServerError(self._message or "the project cannot be opened", "")
            answer: asyncio.Future[Answer] = self._loop.create_future()

            def do(studio: Studio) -> None:
                try:
                    found = work(studio)
                except Exception as error:  # noqa: BLE001 - it is told where it was asked for
                    self._loop.call_soon_threadsafe(_fail, answer, error)
                else:
                    self._loop.call_soon_threadsafe(_fulfil, answer, found)

            if not self._driver.post(do):
                raise ServerError("the service is ending", "start it again")
            return await answer
        finally:
            self._asked -= 1

    def cancel(self) -> None:
        """Stop what is being drawn."""
        self._driver.cancel()

    def status(self) -> Status:
        """How things are, from what is known."""
        return Status(
            api=API,
            version=__version__,
            service=self.service,
            project="" if self.project is None else self.project.name,
            state=self._state,
            message=self._message,
            cursor=self.events.cursor,
            drawing=self._drawing,
            done=self._done,
            total=self._total,
            eta_s=self._eta_s,
            counts=self._counts,
            problems=len(self.problems),
        )

    # --- told by the studio's thread -------------------------------------------------------------

    def _told(self, what: str, value: Any) -> None:
        if what == "news" and isinstance(value, _QUIET):
            return
        if what == "planned":
            # Here, in the studio's thread: five thousand files are looked at.
            value = snapshot(self.root, value)
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._take, what, value)

    def _take(self, what: str, value: Any) -> None:
        match what:
            case "opened":
                self.project, self._state = value, "ready"
                self._ready.set()
            case "refused" | "broke":
                self._break(what, value)
            case "planned":
                self._take_plan(*value)
            case "news":
                self._take_news(value)
            case "ended":
                if self._state != "ready":
                    self._state = "broken"
                self._ready.set()
                self.ended.set()

    def _break(self, what: str, error: Exception) -> None:
        known = isinstance(error, LlamaVisError)
        self._message = error.message if isinstance(error, LlamaVisError) else "a bug"
        if what == "refused":
            self._state = "broken"
        message = self._message if known else "the studio met a bug; its log says more"
        self.events.add({"event": "trouble", "message": message})

    def _take_plan(
        self, assets: dict[str, Asset], files: dict[str, str], problems: list[Problem]
    ) -> None:
        before, self.assets, self.problems = self.assets, assets, problems
        self._counts = Counter(asset.state for asset in assets.values())
        changed = [name for name, one in files.items() if one != self._revisions.get(name)]
        gone = [name for name in self._revisions if name not in files]
        self.library_is_stale = self.library_is_stale or bool(changed or gone)
        is_first = not before and not self._revisions
        self._revisions = files
        if (changed or gone) and not is_first:
            self.events.add({"event": "files_changed", "changed": changed, "gone": gone})
        if before != assets:
            self.events.add({"event": "assets_changed", "count": len(assets)})

    def _take_news(self, event: Event) -> None:
        match event:
            case BuildStarted(total=total, estimate_s=estimate_s):
                self._drawing, self._done, self._total = True, 0, total
                self._eta_s = estimate_s
            case StepDone(done=done, total=total, eta_s=eta_s):
                self._done, self._total, self._eta_s = done, total, eta_s
                now = time.monotonic()
                if now - self._step_at < _STEP_EVERY_S and done < total:
                    return
                self._step_at = now
            case BuildFinished():
                self._drawing, self._eta_s = False, None
            case AssetBuilt(outputs=outputs) if outputs:
                self._tell_files(outputs)
        self.events.add(event.to_json())

    def _tell_files(self, outputs: tuple[str, ...]) -> None:
        """At once, for whoever shows them; the plan that follows must not tell them again."""
        assets = [self.assets[output] for output in outputs if output in self.assets]
        files = [*outputs, *(asset.beside for asset in assets if asset.beside)]
        for name in files:
            self._revisions[name] = revision_of(self.root / name)
        self.events.add({"event": "files_changed", "changed": files, "gone": []})


def _fulfil(answer: asyncio.Future[Any], found: Any) -> None:
    if not answer.done():
        answer.set_result(found)


def _fail(answer: asyncio.Future[Any], error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)


def snapshot(root: Path, plan: Plan) -> tuple[dict[str, Asset], dict[str, str], list[Problem]]:
    """A plan as it is sent, in the order of the outputs; the revision of each file that is there,
    the texts beside images among them; what is wrong.
    """
    found = sorted((_asset(root, one) for one in plan.targets), key=lambda one: one.output)
    files = {one.output: one.revision for one in found}
    files |= {one.beside: revision_of(root / one.beside) for one in found if one.beside}
    problems = [
        Problem(
            path=one.path,
            line=one.line,
            column=one.column,
            message=one.message,
            hint=one.hint,
            severity=one.severity,
        )
        for one in plan.problems
    ]
    there = {name: revision for name, revision in files.items() if revision}
    return {one.output: one for one in found}, there, problems


def _asset(root: Path, planned: PlannedTarget) -> Asset:
    target = planned.target
    return Asset.model_construct(  # its values are ours: checking them again would cost a stall
        output=target.output,
        source=target.source,
        name=target.name,
        line=target.line,
        kind=target.kind,
        state=planned.state.value,
        reason=planned.reason,
        description=target.description,
        width=target.size_px[0],
        height=target.size_px[1],
        variant=target.variant,
        seed=target.seed,
        base=target.base,
        beside=target.beside,
        locked=target.locked,
        revision=revision_of(root / target.output),
        backend=target.backend.name,
        makes_up=list(target.makes_up),
    )


def revision_of(path: Path) -> str:
    """A text that changes whenever the file does; empty where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return ""
    return f"{found.st_mtime_ns:x}-{found.st_size:x}-{found.st_ino:x}"
