"""The end of the log, and what a report of a bug needs, without what is nobody's business.

read the last 200 kB -> show the lines that have the typed letters -> "Copy diagnostics"
"""

from __future__ import annotations

import contextlib
import getpass
import os
import platform
import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import QEvent, QSize, Qt, QTimer, qVersion
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from llamavis_studio import __version__
from llamavis_studio.core.errors import LlamaVisError
from llamavis_studio.core.settings import Settings, user_settings

TAIL_BYTES = 200_000
COPIED_LINES = 50
TOLD_MS = 4000
SIZE = QSize(860, 560)
# Folders of anybody's: /home/ann, /Users/ann, C:\\Users\\ann, and with doubled backslashes.
_HOMES = re.compile(r"((?:/home|/Users|[A-Za-z]:[\\/]+Users|\\Users)[\\/]+)([^\\/\s\"'<>|:*?]+)")


_SYSTEM = r"(?!(?:usr|lib|lib64|bin|sbin|etc|proc|dev|sys|System|Library|Applications)/)"
_QUOTED = re.compile(rf"(['\"])/{_SYSTEM}[^'\"\n]*/([^'\"/\n]*)\1")
_FOLDERS = re.compile(rf"(?<![\w.:/~-])/{_SYSTEM}(?:[^\s/'\"<>|:*?,;()]+/)+")
_DRIVES = re.compile(
    r"(?<!\w)[A-Za-z]:[\\/]+(?!Windows|Program Files)(?:[^\\/\s'\"<>|:*?]+[\\/]+)+"
)


def without_private(text: str, home: Path | str, user: str, project: Path | str | None) -> str:
    """The text with PROJECT for the project's folder, ~ for the home folder and USER for the user.

    Paths are found as any system writes them, in any case and either form of Unicode. A user's name
    of one or two Latin letters goes from paths only: elsewhere it would be a piece of other words.
    """
    for folder, mark in ((project, "PROJECT"), (home, "~")):
        for shape in _shapes("" if folder is None else str(folder)):
            # What ends here may go on as `/inside`, but not as another name: ann, anna, ann.old.
            pattern = rf"(?<![\w.-]){re.escape(shape)}(?![\w-])(?!\.\w)"
            text = re.sub(pattern, mark, text, flags=re.IGNORECASE)
    text = _HOMES.sub(r"\1USER", text)
    for name in {user, *(unicodedata.normalize(form, user) for form in ("NFC", "NFD"))}:
        if name.isascii() and len(name) > 2:
            text = re.sub(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", "USER", text, flags=re.I)
        elif name and not name.isascii():  # words need no gaps there
            text = re.sub(re.escape(name), "USER", text, flags=re.IGNORECASE)
    return text


def without_places(text: str) -> str:
    """The text with STUDIO and PYTHON for where the program lies, and ELSEWHERE for every other
    folder that is not the system's own: how somebody calls their disks and games is theirs.
    """
    package = Path(__file__).resolve().parents[2]
    for folder, mark in ((package, "STUDIO"), (sys.prefix, "PYTHON"), (sys.base_prefix, "PYTHON")):
        for shape in _shapes(str(folder)):
            text = re.sub(rf"(?<![\w.-]){re.escape(shape)}(?![\w.-])", mark, text)
    text = _QUOTED.sub(r"\1ELSEWHERE/\2\1", text)
    text = _FOLDERS.sub("ELSEWHERE/", text)
    return _DRIVES.sub("ELSEWHERE/", text)


def _shapes(folder: str) -> Iterator[str]:
    """A folder as paths, reports of Python, JSON and addresses write it; the longest first."""
    bare = folder.rstrip("/\\")
    if len(bare) < 3:  # a drive or the root would take every path with it
        return
    found = set()
    for form in ("NFC", "NFD"):
        path = unicodedata.normalize(form, bare)
        forward = path.replace("\\", "/")
        found |= {path, forward, path.replace("\\", "\\\\")}
        found |= {path.replace(" ", "%20"), quote(forward)}
    yield from sorted(found, key=len, reverse=True)


def read_tail(file: Path, most_bytes: int = TAIL_BYTES) -> str:
    """The last whole lines of a file, at most so many bytes; raises OSError."""
    with file.open("rb") as opened:
        start = max(opened.seek(0, os.SEEK_END) - most_bytes, 0)
        opened.seek(start)
        data = opened.read(most_bytes)
    if start:
        data = data.partition(b"\n")[2]
    return data.decode("utf-8", "replace")


def diagnostics(log: str, project: Path | None = None) -> str:
    """What a report of a bug needs, as text without private paths."""
    lines = [
        f"LlamaVis Studio {__version__}",
        f"Python {platform.python_version()}, PySide6 {pyside_version}, Qt {qVersion()}",
        f"{platform.platform()}, {QGuiApplication.platformName()}",
        "",
        "Settings that differ:",
        *_settings_that_differ(),
        "",
        f"The last {COPIED_LINES} lines of the log:",
        *log.splitlines()[-COPIED_LINES:],
    ]
    text, home = "\n".join(lines), Path.home()
    # The folders behind links, too.
    for at, folder in ((home, project), (home.resolve(), project.resolve() if project else None)):
        text = without_private(text, at, _user(), folder)
    return f"{without_places(text)}\n"


def _settings_that_differ() -> list[str]:
    try:
        values = user_settings()
    except LlamaVisError as error:
        return [f"  settings.toml: {error.message}"]
    fields = Settings.model_fields
    told = [f"  {key} = {value}" for key, value in values.items() if value != fields[key].default]
    return told or ["  none"]


def _user() -> str:
    with contextlib.suppress(OSError, KeyError, ImportError):
        return getpass.getuser()
    return Path.home().name


class LogDialog(QDialog):
    """Reads the log when it opens, and again on "Read again"."""

    def __init__(self, parent: QWidget | None, log_file: Path, project: Path | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(SIZE)
        self._file, self._project = log_file, project
        self._log, self._failure = "", ""
        self.filter, self.text = QLineEdit(), QPlainTextEdit()
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._show)
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.note = QLabel()
        self.note.setProperty("role", "dim")
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.again, self.copy, self.close_button = QPushButton(), QPushButton(), QPushButton()
        for button, method in (
            (self.again, self.read), (self.copy, self._copy), (self.close_button, self.accept),
        ):  # fmt: skip
            button.setAutoDefault(False)  # Enter in the filter closes nothing
            button.clicked.connect(method)
        self._told = QTimer(self)
        self._told.setSingleShot(True)
        self._told.timeout.connect(self._show_count)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.note, 1)
        for button in (self.again, self.copy, self.close_button):
            foot.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 14)
        layout.setSpacing(10)
        layout.addWidget(self.filter)
        layout.addWidget(self.text, 1)
        layout.addLayout(foot)
        self.retranslate()
        self.read()

    def read(self) -> None:
        """Read the log anew."""
        self._log, self._failure = "", ""
        try:
            self._log = read_tail(self._file)
        except FileNotFoundError:
            pass  # nothing went wrong so far
        except OSError as error:
            self._failure = str(error.strerror)
        self._show()

    def shown(self) -> list[str]:
        """The lines that have the typed letters, in any case."""
        wanted = self.filter.text().strip().casefold()
        return [line for line in self._log.splitlines() if wanted in line.casefold()]

    def _show(self, *_: object) -> None:
        self.text.setPlainText("\n".join(self.shown()))
        bar = self.text.verticalScrollBar()
        bar.setValue(bar.maximum())
        self._show_count()

    def _show_count(self) -> None:
        total = len(self._log.splitlines())
        if self._failure:
            told = self.tr("The log cannot be read: {0}").format(self._failure)
        elif not total:
            told = self.tr("Nothing was written: nothing went wrong.")
        else:
            told = self.tr("{0} of {1} lines").format(len(self.shown()), total)
        self.note.setText(told)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(diagnostics(self._log, self._project))
        self.note.setText(self.tr("Copied, without names and private paths"))
        self._told.start(TOLD_MS)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
            self._show_count()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        self.setWindowTitle(self.tr("Log"))
        self.filter.setPlaceholderText(self.tr("Only lines with these letters"))
        self.filter.setAccessibleName(self.tr("Filter the log"))
        self.text.setAccessibleName(self.tr("Log"))
        self.again.setText(self.tr("Read again"))
        self.copy.setText(self.tr("Copy diagnostics"))
        self.copy.setToolTip(
            self.tr("Versions, changed settings and the last lines, for a report of a bug")
        )
        self.close_button.setText(self.tr("Close"))
