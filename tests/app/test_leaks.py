"""What the tests of the window use to find leaks does find them."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

from PySide6.QtCore import QThread, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from tests.app.leaks import Living


def test_nothing_is_found_where_nothing_is(app: QApplication) -> None:
    before = Living.now()
    QWidget().show()
    thread = threading.Thread(target=time.sleep, args=(0.1,))
    thread.start()
    assert before.left_behind(app) == []


def test_each_kind_of_leak_is_found_and_named(app: QApplication) -> None:
    before, go_on = Living.now(), threading.Event()
    window = QWidget()
    window.setObjectName("forgotten")
    timer = QTimer()
    timer.start(60_000)
    thread = threading.Thread(target=go_on.wait, name="waiting", daemon=True)
    thread.start()
    of_qt = QThread()
    of_qt.start()
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    found = "; ".join(before.left_behind(app, grace_s=0))
    child.communicate(b"\n")
    go_on.set()
    thread.join()
    of_qt.quit()
    assert of_qt.wait(5000)
    timer.stop()
    for name in ("waiting", "QWidget forgotten", "60000 ms", "QThread", "input()"):
        assert name in found, found
    window.deleteLater()
    assert before.left_behind(app) == []
