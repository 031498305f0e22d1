"""Asking a disk that may not answer: a network drive that stalls must not stop the studio.

A call of the operating system that hangs cannot be ended. So it is made in a thread of its own, and
when it has not answered in time the thread is left to itself.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
_POLL_S = 0.2


class Stalled(Exception):  # noqa: N818
    """There was no answer in time."""


def answers(
    ask: Callable[[Asked], Answer],
    questions: Iterable[Asked],
    patience_s: float,
    check_cancel: Callable[[], None] = lambda: None,
) -> Iterator[Answer]:
    """`ask` each question in a thread beside; the answers in order.

    Raises Stalled when an answer takes longer than `patience_s` seconds, what `ask` raises, and
    what `check_cancel` does.
    """
    told: queue.SimpleQueue[tuple[Answer | None, BaseException | None]] = queue.SimpleQueue()
    rest = list(questions)

    def work() -> None:
        for question in rest:
            try:
                told.put((ask(question), None))
            except BaseException as error:  # noqa: BLE001 - it is raised where it was asked
                told.put((None, error))
                return

    threading.Thread(target=work, name="llamavis-disk", daemon=True).start()
    for _ in rest:
        began = time.monotonic()
        while True:
            try:
                answer, error = told.get(timeout=_POLL_S)
                break
            except queue.Empty:
                check_cancel()
                if time.monotonic() - began > patience_s:
                    raise Stalled from None
        if error is not None:
            raise error
        yield answer  # type: ignore[misc]
