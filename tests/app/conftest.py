"""One application for all tests of the window, and none of them leaves anything alive in it."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from tests.app.leaks import Living


@pytest.fixture(scope="session")
def app(qapp: QApplication) -> QApplication:
    return qapp


@pytest.fixture(autouse=True)
def nothing_is_left(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[None]:
    """Threads, timers that run, processes and windows go with the test that made them."""
    before = Living.now()
    yield
    # pytest holds what fixtures gave until it has told the result; a closed window is done with.
    given = getattr(request.node, "funcargs", {}).values()
    before.delete_closed(one for one in given if isinstance(one, QWidget))
    left = before.left_behind(qapp)
    if left:
        pytest.fail(f"left behind: {'; '.join(left)}")
