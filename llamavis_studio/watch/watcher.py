"""What changed on disk, told on the main loop, once and in full.

    events (watchdog's thread) -> signs -> main loop -> debounce -> look at the file -> on_change
    rescans (every 10 minutes, on demand, after a loss) -> suspects ----^

Both roads end at the same gate: the file is read, and told only if its content differs from what
was told last. An event is a hint; nothing is lost when it is wrong or missing, only later.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, Protocol, TypeVar

from llamavis_studio.watch.debounce import Debounce, Quiet, Sign
from llamavis_studio.watch.observer import (
    FOLDERS,
    NATIVE_QUIET,
    Eyes,
    OnLoss,
    OnSign,
    WatchdogEyes,
)
from llamavis_studio.watch.snapshot import (
    Change,
    ChangeKind,
    FileStamp,
    Looked,
    Relevant,
    Scanned,
    compare,
    is_description,
    is_hidden,
    is_other,
    look,
    scan,
)

Found = TypeVar("Found")
OnChange = Callable[[tuple[Change, ...]], None]
FOLDER_AWAY = "the project's folder is not there"


class Timer(Protocol):
    """A call to come, which can be called off."""

    def cancel(self) -> None:
        """Do not make the call."""


class Loop(Protocol):
    """The main thread's loop, as far as it is needed here; every asyncio loop is one."""

    def time(self) -> float:
        """Seconds; never goes back."""

    def call_later(self, delay: float, callback: Callable[..., Any], *args: Any) -> Timer:
        """Call back on this thread."""

    def call_soon_threadsafe(self, callback: Callable[..., Any], *args: Any) -> Any:
        """Call back on this thread; from any thread."""


@dataclass(frozen=True)
class WatchStatus:
    """How changes are noticed; ``reason`` says in words why only by polling."""

    polling: bool
    reason: str = ""


@dataclass(frozen=True)
class Timing:
    """How often the watcher looks for itself, in seconds.

    Args:
        rescan_s: between two looks at everything while events are trusted.
        poll_s: the same while they are not.
        health_s: between two looks at the observer.
        retry_s: until an observer that could not watch is tried again.
        storm: signs in one go, after which everything is looked at.
    """

    rescan_s: float = 600.0
    poll_s: float = 1.0
    health_s: float = 1.0
    retry_s: float = 60.0
    storm: int = 4000


def ignore_status(_status: WatchStatus) -> None:
    """An ``on_status`` for callers who do not mind."""


class Watcher:
    """Watches the relevant files below a folder.

    Args:
        root: the folder; it may go away and come back.
        loop: where everything but watchdog's part happens.
        on_change: told about changed content, as one tuple for what became known together.
        on_status: told when the way of noticing changes.
        relevant: which files matter, by path relative to the root; hidden folders never do.
        executor: reads files off the main thread; None reads them on it.
        quiet, timing: how long to wait for what.
        eyes: makes what notices changes early.
    """

    def __init__(
        self,
        root: Path,
        loop: Loop,
        on_change: OnChange,
        *,
        on_status: Callable[[WatchStatus], None] = ignore_status,
        relevant: Relevant = is_description,
        executor: Executor | None = None,
        quiet: Quiet = NATIVE_QUIET,
        timing: Timing | None = None,
        eyes: Callable[[Path, OnSign, OnLoss], Eyes] = WatchdogEyes,
    ) -> None:
        # A link would be watched itself, not what it leads to.
        self.root = Path(os.path.realpath(root))
        self._loop = loop
        self._on_change = on_change
        self._on_status = on_status
        self._relevant = relevant
        self._executor = executor
        self._timing = timing or Timing()
        self._make_eyes = eyes
        self._eyes: Eyes | None = None
        self._status: WatchStatus | None = None
        self._debounce = Debounce(quiet, loop.time)
        self._known: dict[str, FileStamp] = {}
        self._folders: frozenset[str] = frozenset()
        # From watchdog's thread; a deque's ends are safe to use from two threads.
        self._signs: deque[tuple[str, Sign]] = deque()
        self._drain_posted = False
        # What a rescan saw of files that changed a moment ago; told when seen so twice.
        self._suspects: dict[str, bytes] = {}
        self._put_off: set[str] = set()
        self._to_look: set[str] = set()
        self._to_scan = False
        self._working = False
        self._doubts = 0
        self._next_retry_s = 0.0
        self._next_scan_s = 0.0
        self._scan_began_s = 0.0
        self._scan_took_s = 0.0
        self._due_timer: Timer | None = None
        self._health_timer: Timer | None = None
        self._closed = False

    @property
    def status(self) -> WatchStatus:
        """How changes are noticed now."""
        return self._status or WatchStatus(polling=True, reason="not started")

    def put_off(self, relative: str) -> bool:
        """Whether a file changed a moment ago and may be half-written: a sign of it waits, or is on
        its way, as the file is another one than what was told last.

        Then it is told once it has settled, even when its content is what was told last:
        a look may have been ahead of the sign.
        """
        signs = list(self._signs)
        is_signed = relative in self._debounce or any(path == relative for path, _ in signs)
        if not is_signed and not is_other(self.root / relative, self._known.get(relative)):
            return False
        self._put_off.add(relative)
        return True

    def start(self) -> None:
        """Take what is there as known, and watch from here on."""
        self._open_eyes()
        # After the eyes are open, so that no change falls between the two.
        scanned = scan(str(self.root), self._relevant, {})
        self._known, self._folders = dict(scanned.files), scanned.folders
        self._next_scan_s = self._loop.time() + self._scan_every_s()
        self._check_health()

    def rescan(self) -> None:
        """Look at everything soon; changes are told as usual."""
        self._to_scan = True
        self._work()

    def close(self) -> None:
        """Stop; nothing is told after it."""
        self._closed = True
        for timer in (self._due_timer, self._health_timer):
            if timer is not None:
                timer.cancel()
        self._close_eyes()

    # --- signs, from watchdog's thread to the debounce ------------------------------------------

    def _sign_from_thread(self, path: str, sign: Sign) -> None:
        if path != FOLDERS and (is_hidden(path) or not self._relevant(path)):
            return
        self._signs.append((path, sign))
        if not self._drain_posted:
            self._drain_posted = True
            self._post(self._drain)

    def _loss_from_thread(self, _reason: str) -> None:
        self._post(self.rescan)

    def _post(self, callback: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(callback)
        except RuntimeError:
            # The loop is closed: the program ends, and nobody wants to know.
            return

    def _drain(self) -> None:
        # First the flag, then the signs: one that comes between posts another drain.
        self._drain_posted = False
        if self._closed:
            return
        count = len(self._signs)
        for _ in range(count):
            path, sign = self._signs.popleft()
            # A folder that keeps changing must not put off the look at the others for ever.
            if path != FOLDERS or FOLDERS not in self._debounce:
                self._debounce.hint(path, sign)
        if count > self._timing.storm:
            self._to_scan = True
        self._set_due_timer()

    def _set_due_timer(self) -> None:
        if self._due_timer is not None:
            self._due_timer.cancel()
            self._due_timer = None
        delay_s = self._debounce.next_due_s()
        if delay_s is not None and not self._closed:
            self._due_timer = self._loop.call_later(delay_s, self._take_due)

    def _take_due(self) -> None:
        self._due_timer = None
        due = set(self._debounce.take_due())
        if FOLDERS in due:
            due.remove(FOLDERS)
            self._to_scan = True
        self._to_look |= due
        self._set_due_timer()
        self._work()

    # --- the work: looks and scans, one at a time, on the executor if there is one --------------

    def _work(self) -> None:
        if self._working or self._closed:
            return
        if self._to_look:
            paths = sorted(self._to_look)
            self._to_look.clear()
            self._run(partial(look, str(self.root), paths), self._looked)
        elif self._to_scan and len(self._debounce) <= self._timing.storm:
            self._to_scan = False
            self._scan_began_s = self._loop.time()
            self._next_scan_s = self._scan_began_s + self._scan_every_s()
            # A copy: the scan may run on another thread.
            known = dict(self._known)
            self._run(partial(scan, str(self.root), self._relevant, known), self._scanned)

    def _run(self, work: Callable[[], Found], done: Callable[[Found], None]) -> None:
        self._working = True
        if self._executor is None:
            self._finish(work(), done)
            return

        def hand_over(future: Future[Found]) -> None:
            if not future.cancelled():
                self._post(lambda: self._finish(future.result(), done))

        self._executor.submit(work).add_done_callback(hand_over)

    def _finish(self, found: Found, done: Callable[[Found], None]) -> None:
        self._working = False
        if not self._closed:
            done(found)
            self._set_due_timer()
            self._work()

    def _looked(self, found: Looked) -> None:
        """The gate: tell what differs from what was told."""
        if not os.path.isdir(self.root):
            # Not every file was deleted: the project is away.
            return
        for path in found.unsettled:
            self._debounce.hint(path, Sign.WRITTEN)
        changes = []
        for path, stamp in found.stamps.items():
            seen = b"" if stamp is None else stamp.digest
            if self._suspects.pop(path, seen) != seen:
                # Still being written while nobody tells us of its end.
                self._suspects[path] = seen
                self._debounce.hint(path, Sign.CREATED)
                continue
            change = compare(path, self._known.get(path), stamp)
            if path in self._put_off:
                self._put_off.discard(path)
                if change is None and stamp is not None:
                    change = Change(PurePosixPath(path), ChangeKind.MODIFIED)
            if stamp is None:
                self._known.pop(path, None)
            else:
                self._known[path] = stamp
            if change is not None:
                changes.append(change)
        if changes:
            self._on_change(tuple(changes))

    def _scanned(self, found: Scanned) -> None:
        """Turn what looks different into suspects; only a look of its own tells them."""
        self._scan_took_s = self._loop.time() - self._scan_began_s
        if not found.root_exists:
            return
        self._folders = found.folders
        self._to_look |= self._put_off
        for path in self._known.keys() | found.files.keys():
            before, now = self._known.get(path), found.files.get(path)
            if compare(path, before, now) is None:
                if now is not None:
                    self._known[path] = now
            elif path in self._debounce:
                continue  # its own sign will have it looked at
            elif now is None:
                self._debounce.hint(path, Sign.GONE)
            elif now.racy:
                self._suspects[path] = now.digest
                self._debounce.hint(path, Sign.CREATED)
            else:
                self._to_look.add(path)

    # --- trust: events while they work, polling while they do not -------------------------------

    def _check_health(self) -> None:
        """Every ``health_s``: is the observer well, is a scan due?"""
        now = self._loop.time()
        if self._eyes is not None:
            problem = self._eyes.problem(self._folders)
            # Twice in a row: a folder just made may not be watched yet.
            self._doubts = self._doubts + 1 if problem else 0
            if self._doubts > 1:
                self._close_eyes()
                self._set_status(WatchStatus(polling=True, reason=problem))
                self._next_retry_s = now
                self._next_scan_s = now
        elif not os.path.isdir(self.root):
            self._set_status(WatchStatus(polling=True, reason=FOLDER_AWAY))
            self._next_retry_s = now
        elif now >= self._next_retry_s:
            self._open_eyes()
            self._next_scan_s = now
        if now >= self._next_scan_s:
            self.rescan()
        delay_s = self._timing.health_s
        if self.status.polling:
            delay_s = min(delay_s, self._timing.poll_s)
        self._health_timer = self._loop.call_later(delay_s, self._check_health)

    def _open_eyes(self) -> None:
        self._doubts = 0
        self._next_retry_s = self._loop.time() + self._timing.retry_s
        eyes = self._make_eyes(self.root, self._sign_from_thread, self._loss_from_thread)
        try:
            eyes.start()
            problem = eyes.problem(self._folders)
        except (OSError, RuntimeError) as error:
            problem = getattr(error, "strerror", None) or str(error)
        if problem:
            eyes.stop()
            self._set_status(WatchStatus(polling=True, reason=problem))
        else:
            self._eyes = eyes
            self._set_status(WatchStatus(polling=False))

    def _close_eyes(self) -> None:
        eyes, self._eyes = self._eyes, None
        self._doubts = 0
        if eyes is not None:
            eyes.stop()

    def _scan_every_s(self) -> float:
        if not self.status.polling:
            return self._timing.rescan_s
        # At most a tenth of the time goes into looking, however large the project is.
        return max(self._timing.poll_s, 10 * self._scan_took_s)

    def _set_status(self, status: WatchStatus) -> None:
        if status != self._status:
            self._status = status
            self._on_status(status)
