"""One writer at a time in a project, whatever runs beside: a window, a watcher, a build by hand.

The lock is the operating system's on `.llamavis/build.lock`, so it is free the moment its owner
dies; who holds it stands in `.llamavis/build.owner.json`, for people only. It is held for one batch
at a time: two builds take turns, and each looks anew at what the other has made.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from llamavis_studio.core.errors import ProjectError
from llamavis_studio.core.project import Project
from llamavis_studio.core.write import DISK, write_atomic

POLL_S = 0.05
PATIENCE_S = 1.0
"""A wait shorter than this is told to nobody."""


@dataclass(frozen=True)
class Owner:
    """Who holds the lock, as it said itself, and for how long it has."""

    pid: int
    host: str
    age_s: float

    def __str__(self) -> str:
        place = "" if self.host == socket.gethostname() else f" on {self.host}"
        return f"another build (process {self.pid}{place}, since {self.age_s:.0f} s)"


@contextlib.contextmanager
def held(
    project: Project,
    check_cancel: Callable[[], None] = lambda: None,
    on_wait: Callable[[str], None] = lambda _owner: None,
) -> Iterator[None]:
    """Hold the project's lock; waits for whoever has it.

    `on_wait` is told once who that is, when it takes longer than a moment. `check_cancel` raises to
    give up. Where the state folder cannot be written, nothing can be locked: the build goes on, and
    fails by itself where it must not write.
    """
    try:
        folder = project.make_state_dir()
    except ProjectError:
        yield
        return
    lock = FileLock(folder / "build.lock", timeout=0)
    began, told = time.monotonic(), False
    while True:
        try:
            lock.acquire()
            break
        except Timeout:
            check_cancel()
            if not told and time.monotonic() - began >= PATIENCE_S:
                told = True
                on_wait(str(owner_of(folder) or "another build"))
            time.sleep(POLL_S)
        except (OSError, NotImplementedError):  # a disk without locks, such as some network shares
            yield
            return
    try:
        _sign(folder)
        yield
    finally:
        lock.release()


def owner_of(folder: Path) -> Owner | None:
    """Who wrote its name last into the state folder; None when nobody or nothing sensible."""
    path = folder / "build.owner.json"
    try:
        row = json.loads(path.read_bytes())
        # The file's own time, so that a clock that was set back gives 0 and no nonsense.
        age_s = max(0.0, time.time() - path.stat().st_mtime)
        return Owner(int(row["pid"]), str(row["host"])[:100], age_s)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _sign(folder: Path) -> None:
    row = {"pid": os.getpid(), "host": socket.gethostname()}
    # Through a link this would write into another file. It need not survive a power cut.
    unhurried = replace(DISK, fsync=lambda _handle: None)
    with contextlib.suppress(ProjectError):
        write_atomic(folder / "build.owner.json", json.dumps(row).encode("utf-8"), unhurried)
