"""What a test may leave behind without anybody seeing it: threads, timers, processes, windows."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QThread, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import Shiboken

GRACE_S = 3.0
OF_PYTHON = ("resource_tracker", "forkserver")
"""Processes that Python keeps for all that come."""


@dataclass(frozen=True)
class Living:
    """What lives at one moment, by identity."""

    threads: frozenset[threading.Thread]
    windows: frozenset[int]
    timers: frozenset[int]
    qt_threads: frozenset[int]
    processes: frozenset[int]

    @classmethod
    def now(cls) -> Living:
        return cls(
            frozenset(threading.enumerate()),
            frozenset(map(_address, _windows())),
            frozenset(map(_address, _of(QTimer))),
            frozenset(map(_address, _of(QThread))),
            frozenset(_children()),
        )

    def delete_closed(self, widgets: Iterable[QWidget]) -> None:
        """Delete those windows that have come since, and that nobody sees any more."""
        for one in widgets:
            is_there = Shiboken.isValid(one) and one.isWindow() and not one.isVisible()
            if is_there and _address(one) not in self.windows:
                one.deleteLater()

    def left_behind(self, app: QApplication, grace_s: float = GRACE_S) -> list[str]:
        """What has come since and does not go within some seconds, in words."""
        end = time.monotonic() + grace_s
        while True:
            app.sendPostedEvents(None, int(QEvent.Type.DeferredDelete.value))
            app.processEvents()
            if not self._new():
                return []
            gc.collect()  # what only a circle of references holds would go sooner or later
            found = self._new()
            if not found or time.monotonic() > end:
                return found
            time.sleep(0.02)

    def _new(self) -> list[str]:
        # A thread that Qt made and Python has met is seen as a dummy for ever.
        threads = [
            one.name
            for one in threading.enumerate()
            if one not in self.threads and not isinstance(one, threading._DummyThread)
        ]
        windows = [
            f"{type(one).__name__} {one.objectName() or one.windowTitle()}".strip()
            for one in _windows()
            if _address(one) not in self.windows
        ]
        timers = [
            f"a timer of {type(one.parent()).__name__}, every {one.interval()} ms"
            for one in _of(QTimer)
            if one.isActive() and _address(one) not in self.timers and not _is_kept(one, self)
        ]
        qt_threads = [
            type(one).__name__
            for one in _of(QThread)
            if one.isRunning() and _address(one) not in self.qt_threads and not _is_this(one)
        ]
        processes = [
            f"{number} {words}"
            for number, words in _children().items()
            if number not in self.processes
        ]
        named = {"threads": threads, "windows": windows, "running timers": timers}
        named |= {"threads of Qt": qt_threads, "processes": processes}
        return [f"{what} {found}" for what, found in named.items() if found]


def _windows() -> list[QWidget]:
    return [one for one in QApplication.topLevelWidgets() if Shiboken.isValid(one)]


def _of(kind: type) -> list:
    return [one for one in Shiboken.getAllValidWrappers() if isinstance(one, kind)]


def _address(one: object) -> int:
    return Shiboken.getCppPointer(one)[0]


def _is_kept(timer: QTimer, before: Living) -> bool:
    """Whether it belongs to a window that was there before the test, and may go on."""
    above = timer.parent()
    while above is not None and not (isinstance(above, QWidget) and above.isWindow()):
        above = above.parent()
    return above is not None and _address(above) in before.windows


def _is_this(thread: QThread) -> bool:
    return thread is QThread.currentThread() or thread.isCurrentThread()


def _children() -> dict[int, str]:
    """The processes that this one started, with their command lines; none where /proc is not."""
    found: dict[int, str] = {}
    for task in Path("/proc/self/task").glob("*/children"):
        try:
            numbers = [int(word) for word in task.read_text().split()]
        except OSError:
            continue  # a thread that has just ended
        for number in numbers:
            try:
                words = Path(f"/proc/{number}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if words and not any(name in words for name in OF_PYTHON):
                found[number] = words.strip()[-120:]
    return found
