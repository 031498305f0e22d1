"""The window for tests that make trouble: somebody at it, and all that can be read in it."""

from __future__ import annotations

import contextlib
import html
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QEvent, QSettings
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QLabel,
    QPlainTextEdit,
    QWidget,
)

from llamavis_studio.app.main_window import MainWindow
from llamavis_studio.app.studio_thread import OpenStudio
from llamavis_studio.app.theme import LIGHT
from tests.app.hands import life, settle, wait

FORBIDDEN = ("different thread", "QPixmap", "QObject::", "QThread:", "QTimer::", "QBasicTimer::")
"""Words of Qt that say that something lives in the wrong thread, or died in the wrong order."""


class Seat:
    """A window, somebody at it, and every sentence that its status bar ever said."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.told: list[str] = []
        window.statusBar().messageChanged.connect(self.told.append)

    def open(self, game: Path, output: str = "hero.png") -> None:
        self.window.open_project(game)
        wait(lambda: self.window.project is not None, "opening")
        wait(lambda: self.state(output) == "fresh", f"drawing {output}")
        assert self.window.tree.choose(output)
        wait(lambda: self.window.editor.path is not None, "the description")

    def state(self, output: str) -> str:
        plan = self.window.plan
        found = [one for one in plan.targets if one.target.output == output] if plan else []
        return found[0].state.value if found else ""

    def states(self) -> set[str]:
        plan = self.window.plan
        return {one.state.value for one in plan.targets} if plan else set()

    def type(self, words: str) -> None:
        """At the end of the text, key by key."""
        self.window.editor.choose_view(1)
        text = self.window.editor.text
        text.moveCursor(QTextCursor.MoveOperation.End)
        QTest.keyClicks(text, words)

    def write(self, words: str) -> None:
        """Another text in the place of what is there, as pasting does."""
        text = self.window.editor.text
        text.selectAll()
        text.insertPlainText(words)

    def said(self) -> str:
        """What was told, and what can be read now, dialogs included."""
        read = [*self.told, self.window.statusBar().currentMessage()]
        for top in QApplication.topLevelWidgets():
            for widget in (top, *top.findChildren(QWidget)):
                if widget.isVisible():
                    read += texts_of(widget)
        return "\n".join(html.unescape(re.sub(r"<[^>]+>", " ", text)) for text in read if text)

    def until_said(self, *words: str, seconds: float = 12) -> str:
        """Wait for a sentence that holds all these words; what is said then."""
        end = time.monotonic() + seconds
        while not all(word in self.said() for word in words):
            QApplication.processEvents()
            time.sleep(0.02)
            assert time.monotonic() < end, f"{words} not in: {' | '.join(self.said().splitlines())}"
        return self.said()

    def lives(self) -> None:
        """The window still does what it is for: it paints, and takes a key."""
        assert self.window.isVisible()
        assert not self.window.grab().isNull()
        life(0.05)


def texts_of(widget: QWidget) -> list[str]:
    """What somebody reads in one widget."""
    if isinstance(widget, (QLabel, QAbstractButton)):
        return [widget.text(), widget.toolTip()]
    if isinstance(widget, QPlainTextEdit):
        return [widget.toPlainText()[:2000]]
    model = widget.model() if isinstance(widget, QAbstractItemView) else None
    if model is None:
        return []
    rows = [model.index(row, 0) for row in range(min(60, model.rowCount()))]
    return [str(row.data(role) or "") for row in rows for role in (0, 3)]  # shown, tool tip


@contextlib.contextmanager
def seated(store: Path, open_studio: OpenStudio) -> Iterator[Seat]:
    """A window that is gone afterwards, whatever happened in it."""
    window = MainWindow(QSettings(str(store), QSettings.Format.IniFormat), open_studio)
    window.set_look(LIGHT)
    window.resize(1280, 800)
    window.show()
    try:
        yield Seat(window)
    finally:
        window.close()
        window.deleteLater()
        QApplication.sendPostedEvents(None, int(QEvent.Type.DeferredDelete.value))
        settle()


def evil_lines(lines: Iterable[str]) -> list[str]:
    """Those among Qt's messages that no window may cause."""
    return [line for line in lines if any(word in line for word in FORBIDDEN)]


@contextlib.contextmanager
def read_only(place: Path) -> Iterator[None]:
    """A file or folder that nobody can write, not even root."""
    if sys.platform != "linux" or not shutil.which("mount"):
        pytest.skip("no mount here")
    done = subprocess.run(
        ["mount", "--bind", str(place), str(place)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"cannot mount: {done.stderr.strip()}")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(place)], check=True)
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
