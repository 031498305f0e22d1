"""watchdog behind a narrow door: what it says becomes signs about relative paths.

It is trusted with nothing. That it drops events, dies, or cannot watch a folder is noticed as far
as it can be, and the watcher then looks for itself.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from llamavis_studio.watch.debounce import Quiet, Sign
from llamavis_studio.watch.snapshot import is_hidden

FOLDERS = "."
"""Stands in a sign for "some folder came, went or moved": look at everything."""

OnSign = Callable[[str, Sign], None]
OnLoss = Callable[[str], None]

TELLS_CLOSING = sys.platform.startswith("linux")
"""Only Linux says when a file that was written to is closed."""

NATIVE_QUIET = Quiet(written_s=2.5) if TELLS_CLOSING else Quiet()

_EVENTS: list[type[FileSystemEvent]] = [
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
]
_INOTIFY_LOGGER = "watchdog.observers.inotify_c"


class Eyes(Protocol):
    """What notices changes early; the watcher works without, only later."""

    def start(self) -> None:
        """Begin; raises ``OSError`` when the system cannot watch."""

    def problem(self, folders: frozenset[str]) -> str:
        """Why these relative folders are not all being watched; empty when they are."""

    def stop(self) -> None:
        """End; a second call does nothing."""


class WatchdogEyes:
    """One run of a watchdog observer over a folder and all below it.

    Args:
        root: an existing folder.
        on_sign: told about each path, relative to the root, from watchdog's thread.
        on_loss: told, from watchdog's thread, that events were lost.
    """

    def __init__(self, root: Path, on_sign: OnSign, on_loss: OnLoss) -> None:
        self._root = os.path.abspath(root)
        self._identity = _identity(self._root)
        self._handler = _Handler(self._root, on_sign)
        self._loss = _LossHandler(on_loss)
        self._observer: BaseObserver | None = None

    def start(self) -> None:
        """See ``Eyes``."""
        # watchdog 7.1: a folder that was moved out and comes back still has its old watch, which
        # is what we want; it warns that it is watched twice.
        warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning)
        observer = Observer()
        self._observer = observer
        logging.getLogger(_INOTIFY_LOGGER).addHandler(self._loss)
        try:
            observer.schedule(self._handler, self._root, recursive=True, event_filter=_EVENTS)
            observer.start()
        except BaseException:
            self.stop()
            raise

    def problem(self, folders: frozenset[str]) -> str:
        """See ``Eyes``."""
        observer = self._observer
        if observer is None or not observer.is_alive():
            return "the watching thread ended"
        emitters = list(observer.emitters)
        if not emitters or not all(emitter.is_alive() for emitter in emitters):
            return "the watching thread ended"
        if self._reader_ended():
            return "the watching thread ended"
        if _identity(self._root) != self._identity:
            return "the project's folder was moved or replaced"
        unwatched = self._unwatched(folders)
        if unwatched:
            return f"the system's limit of watched folders is reached ({unwatched} are not watched)"
        return ""

    def stop(self) -> None:
        """See ``Eyes``."""
        logging.getLogger(_INOTIFY_LOGGER).removeHandler(self._loss)
        observer, self._observer = self._observer, None
        if observer is None:
            return
        observer.stop()
        if observer.ident is not None:
            observer.join(2.0)

    # watchdog 7.1 swallows the error when a folder below the root cannot be watched, and keeps its
    # reader thread to itself. Both are only to be seen in its private fields; where those are
    # missing we believe it, and the periodic rescan finds what it misses.

    def _reader_ended(self) -> bool:
        reader = getattr(self._observer, "_inotify_fd", None)
        return reader is not None and not reader.is_alive()

    def _unwatched(self, folders: frozenset[str]) -> int:
        for emitter in self._observer.emitters if self._observer else ():
            group = getattr(emitter, "_inotify", None)
            watched = getattr(group, "_active_callbacks_by_path", None)
            if watched is None:
                return 0
            paths = set(watched)
            wanted = (os.path.join(self._root, folder) for folder in folders if folder)
            # A folder that was removed meanwhile is not watched any more, and rightly so.
            return sum(os.fsencode(p) not in paths and os.path.isdir(p) for p in wanted)
        return 0


class _Handler(FileSystemEventHandler):
    def __init__(self, root: str, on_sign: OnSign) -> None:
        self._root = root.rstrip(os.sep) + os.sep
        self._on_sign = on_sign

    def dispatch(self, event: FileSystemEvent) -> None:
        if event.is_directory:
            self._tell(event.src_path, Sign.CREATED, FOLDERS)
            self._tell(event.dest_path, Sign.CREATED, FOLDERS)
        elif isinstance(event, FileMovedEvent):
            self._tell(event.src_path, Sign.GONE)
            self._tell(event.dest_path, Sign.COMPLETE)
        elif isinstance(event, FileClosedEvent):
            self._tell(event.src_path, Sign.COMPLETE)
        elif isinstance(event, FileDeletedEvent):
            self._tell(event.src_path, Sign.GONE)
        elif isinstance(event, FileCreatedEvent):
            self._tell(event.src_path, Sign.CREATED)
        elif isinstance(event, FileModifiedEvent):
            self._tell(event.src_path, Sign.WRITTEN)

    def _tell(self, path: bytes | str, sign: Sign, instead: str = "") -> None:
        text = os.fsdecode(path)
        if text.startswith(self._root):
            relative = text[len(self._root) :].replace(os.sep, "/")
            if not is_hidden(relative):
                self._on_sign(instead or relative, sign)


class _LossHandler(logging.Handler):
    """watchdog says by its log only that the kernel's queue overflowed and events were lost."""

    def __init__(self, on_loss: OnLoss) -> None:
        super().__init__(logging.WARNING)
        self._on_loss = on_loss

    def emit(self, record: logging.LogRecord) -> None:
        if "overflow" in record.getMessage().lower():
            self._on_loss("the system lost events")


def _identity(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
