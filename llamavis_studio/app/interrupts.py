"""Ctrl+C and the system's "end now" (SIGTERM), heard while Qt waits for something to happen.

Python runs a signal's handler between two of its own instructions, and an idle window has none. So
the signal also writes a byte into a socket that Qt listens to (`signal.set_wakeup_fd`).
"""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Callable
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier

_ENDS = (signal.SIGINT, signal.SIGTERM)


class Interrupts(QObject):
    """Calls `on_end`, in the window's thread, when the process is asked to end. Close it in the
    end: what listened before listens again.
    """

    def __init__(self, on_end: Callable[[], object]) -> None:
        super().__init__()
        self._on_end = on_end
        self._asked = False
        self._hears, self._rings = socket.socketpair()
        for end in (self._hears, self._rings):
            end.setblocking(False)
        self._before = [signal.signal(one, self._take) for one in _ENDS]
        self._fd_before = signal.set_wakeup_fd(self._rings.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._hears.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._woken)

    def close(self) -> None:
        """Give the signals back."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._fd_before)
        for one, handler in zip(_ENDS, self._before, strict=True):
            signal.signal(one, handler)
        self._hears.close()
        self._rings.close()

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True

    def _woken(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._hears.recv(64)
        if self._asked:
            self._asked = False
            self._on_end()
