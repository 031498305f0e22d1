"""Long work with models: told of in bytes, one at a time, stopped when the window goes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from llamavis_studio.app.model_work import ModelWork, WorkBar
from llamavis_studio.core.errors import BackendError, Cancelled
from tests.app.hands import turn, wait


@pytest.fixture
def work(app: QApplication) -> Iterator[ModelWork]:
    made = ModelWork(app)
    yield made
    made.close()
    made.deleteLater()


def test_work_is_told_of_and_answers(work: ModelWork) -> None:
    bar = WorkBar(work)
    go_on, answers = threading.Event(), list[Any]()

    def long(tell: Callable[[int, int], None], _stop: object) -> str:
        tell(1_200_000_000, 4_200_000_000)
        assert go_on.wait(10)
        return "done"

    assert work.start("Fetching tiny", long, answers.append, answers.append)
    assert not work.start("Another", long, answers.append, answers.append)
    wait(lambda: "1.2 GB of 4.2 GB" in bar.words.text(), "the bar")
    assert bar.words.text().startswith("Fetching tiny") and not bar.isHidden()
    assert (bar.bar.value(), bar.bar.maximum()) == (286, 1000)
    go_on.set()
    wait(lambda: answers, "the answer")
    assert answers == ["done"] and bar.isHidden() and not work.is_running
    bar.deleteLater()


def test_work_that_fails_says_so_and_what_is_cancelled_says_nothing(work: ModelWork) -> None:
    bar, answers, errors = WorkBar(work), list[Any](), list[Exception]()

    def fails(_tell: object, _stop: object) -> None:
        raise BackendError("the hub is down")

    work.start("Asking", fails, answers.append, errors.append)
    wait(lambda: errors, "the error")
    assert str(errors[0]) == "the hub is down"

    def waits(_tell: object, should_stop: Callable[[], bool]) -> None:
        while not should_stop():
            pass
        raise Cancelled

    work.start("Fetching", waits, answers.append, errors.append)
    bar.cancel.click()
    wait(lambda: not work.is_running, "the end")
    assert not answers and len(errors) == 1
    work.start("Fetching", waits, answers.append, errors.append)
    work.close()
    assert not work.is_running
    assert not work.start("Late", waits, answers.append, errors.append)
    turn()
    bar.deleteLater()
