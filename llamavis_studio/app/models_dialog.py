"""The models of the open project: what they are, can do and weigh; whether their files are whole.

the studio's thread: `read_models` -> `ModelsDialog.show_models` -> "Check files" -> `verify_asked`
-> the studio's thread: `broken_files` -> `ModelsDialog.show_checked`
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QFrame,
    QGridLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from llamavis_studio.core.errors import LlamaVisError
from llamavis_studio.core.resources import resource_path

if TYPE_CHECKING:
    from llamavis_studio.studio import Studio

BUILTIN = "builtin"
SIZE, LIST_WIDTH = QSize(760, 460), 210


class Info(Protocol):
    """What is used of a `BackendInfo`; this room does not know the backends'."""

    @property
    def model(self) -> str: ...
    @property
    def revision(self) -> str: ...
    @property
    def licence(self) -> str: ...
    @property
    def can_generate(self) -> bool: ...
    @property
    def can_caption(self) -> bool: ...
    @property
    def can_edit(self) -> bool: ...
    @property
    def can_tile(self) -> bool: ...
    @property
    def languages(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class ModelRow:
    """One model in words; `size_bytes` is 0 and `speed_words` empty where nobody knows."""

    name: str
    model: str
    revision: str
    licence: str
    size_bytes: int
    state: str
    can: tuple[str, ...]
    languages: tuple[str, ...]
    is_here: bool
    speed_words: str


def read_models(
    studio: Studio,
    info: Callable[[str], Info],
    seconds_per_image: Callable[[str], float | None] = lambda _name: None,
) -> list[ModelRow]:
    """The models that the project names, its own first; for the studio's thread.

    One that is not ready is a row too, whose state says why.
    """
    project = studio.project
    styles = (style.backend for style in project.styles.values())
    names = dict.fromkeys([project.backend, *(name for name in styles if name)])
    rows = []
    for name in names:
        size = _size(model_folder()) if name == BUILTIN else 0
        try:
            told = info(name)
        except LlamaVisError as error:
            state = ". ".join(filter(None, (error.message, error.hint)))
            rows.append(ModelRow(name, name, "", "", size, state, (), (), False, ""))
            continue
        seconds = seconds_per_image(name)
        speed = QCoreApplication.translate("Models", "{0} seconds an image")
        speed = "" if seconds is None else speed.format(f"{seconds:.2g}")
        ready = QCoreApplication.translate("Models", "Ready")
        speaks = tuple({"en": "English", "zh": "简体中文"}.get(one, one) for one in told.languages)
        rows.append(
            ModelRow(name, told.model, told.revision, told.licence, size, ready,
                     _abilities(told), speaks, True, speed)
        )  # fmt: skip
    return rows


def model_folder() -> Path:
    """Where the models that come with the studio lie."""
    return resource_path("models")


def broken_files(folder: Path) -> list[str]:
    """The model files at or below `folder` that are missing or not as their config.json says.

    What cannot be read is broken. It takes half a second for a hundred megabytes.
    """
    broken = []
    for config in sorted(folder.glob("*/config.json")):
        try:
            record = json.loads(config.read_text("utf-8"))
            wanted = {**record.get("files", {}), **record.get("memory", {})}
        except (OSError, ValueError, TypeError, AttributeError):
            broken.append(f"{config.parent.name}/{config.name}")
            continue
        if "sha256" in record:
            wanted["model.safetensors"] = record["sha256"]
        for name, sha256 in wanted.items():
            try:
                with (config.parent / name).open("rb") as file:
                    is_whole = hashlib.file_digest(file, "sha256").hexdigest() == sha256
            except OSError:
                is_whole = False
            if not is_whole:
                broken.append(f"{config.parent.name}/{name}")
    return broken


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*/*.safetensors"))


def _abilities(info: Info) -> tuple[str, ...]:
    words = {
        QCoreApplication.translate("Models", "draws images"): info.can_generate,
        QCoreApplication.translate("Models", "describes images"): info.can_caption,
        QCoreApplication.translate("Models", "changes images"): info.can_edit,
        QCoreApplication.translate("Models", "draws seamless textures"): info.can_tile,
    }
    return tuple(word for word, able in words.items() if able)


class ModelsDialog(QDialog):
    """A list of models, and all about the chosen one."""

    verify_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(SIZE)
        self._rows: list[ModelRow] | None = None
        self._checked: dict[str, list[str] | None] = {}
        self._is_closed = False  # Qt's half may be gone when an answer comes from the thread
        self.list = QListWidget()
        self.title, self.state, self.answer = QLabel(), QLabel(), QLabel()
        self.title.setProperty("role", "title")
        self.names = [QLabel() for _ in range(6)]
        self.values = [QLabel() for _ in range(6)]
        self.verify, self.close_button = QPushButton(), QPushButton()
        self.verify.setAutoDefault(False)
        self.verify.clicked.connect(self._ask)
        self.close_button.clicked.connect(self.accept)
        self.list.currentRowChanged.connect(lambda _row: self._show())
        self._arrange()
        self.retranslate()

    def _arrange(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(8)
        for name, value in zip(self.names, self.values, strict=True):
            name.setProperty("role", "dim")
            name.setAlignment(Qt.AlignmentFlag.AlignTop)
            form.addRow(name, value)
        for label in (self.title, self.state, self.answer, *self.values):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        left, card = QFrame(), QFrame()
        for frame in (left, card):
            frame.setProperty("role", "card")
        left.setFixedWidth(LIST_WIDTH)
        beside = QVBoxLayout(left)
        beside.setContentsMargins(6, 6, 6, 6)
        beside.addWidget(self.list)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(20, 16, 20, 16)
        inside.addWidget(self.title)
        inside.addWidget(self.state)
        inside.addSpacing(8)
        inside.addLayout(form)
        inside.addStretch(1)
        inside.addWidget(self.answer)
        inside.addWidget(self.verify, 0, Qt.AlignmentFlag.AlignLeft)
        layout = QGridLayout(self)
        layout.setContentsMargins(16, 16, 16, 14)
        layout.setSpacing(12)
        layout.setColumnStretch(1, 1)
        layout.addWidget(left, 0, 0)
        layout.addWidget(card, 0, 1)
        layout.addWidget(self.close_button, 1, 1, Qt.AlignmentFlag.AlignRight)

    def show_models(self, rows: Sequence[ModelRow]) -> None:
        """List the models; the one that was chosen stays chosen. Nothing once closed."""
        if self._is_closed:
            return
        chosen = self.list.currentRow()
        self._rows = list(rows)
        self.list.clear()
        self.list.addItems([row.model for row in self._rows])
        self.list.setCurrentRow(min(max(chosen, 0), len(self._rows) - 1))
        self._show()

    def show_checked(self, name: str, broken: Sequence[str]) -> None:
        """Say which files of a model are broken, or that none is. Nothing once closed."""
        self._checked[name] = list(broken)
        if not self._is_closed:
            self._show()

    def chosen(self) -> ModelRow | None:
        """The model that is shown."""
        at = self.list.currentRow()
        return self._rows[at] if self._rows and 0 <= at < len(self._rows) else None

    def _ask(self) -> None:
        row = self.chosen()
        if row is not None:
            self._checked[row.name] = None
            self._show()
            self.verify_asked.emit(row.name)

    def _show(self) -> None:
        row = self.chosen()
        self.verify.setVisible(row is not None and bool(row.size_bytes))
        self.verify.setEnabled(row is None or self._checked.get(row.name, []) is not None)
        for label in (*self.names, *self.values, self.state, self.answer):
            label.setVisible(row is not None)
        if row is None:
            wait = self.tr("Looking for models…")
            self.title.setText(wait if self._rows is None else self.tr("No model"))
            return
        self.title.setText(row.model)
        self._say(self.state, row.state, is_bad=not row.is_here)
        si = self.locale().DataSizeFormat.DataSizeSIFormat
        size = self.locale().formattedDataSize(row.size_bytes, 1, si) if row.size_bytes else ""
        texts = (", ".join(row.can), ", ".join(row.languages), row.speed_words, row.revision,
                 row.licence, size)  # fmt: skip
        for name, value, text in zip(self.names, self.values, texts, strict=True):
            value.setText(text)
            value.setAccessibleName(f"{name.text()}: {text}")
            for label in (name, value):  # what nobody knows takes no room
                label.setVisible(bool(text))
        self._say_checked(row)

    def _say_checked(self, row: ModelRow) -> None:
        self.answer.setVisible(row.name in self._checked)
        broken = self._checked.get(row.name)
        told = self.tr("Checking…") if broken is None else self.tr("Every file is whole.")
        if broken:
            told = self.tr("Broken or missing: {0}. Install the studio again.")
        self._say(self.answer, told.format(", ".join(broken or ())), is_bad=bool(broken))

    def _say(self, label: QLabel, text: str, *, is_bad: bool) -> None:
        label.setText(text)
        label.setProperty("role", "bad" if is_bad else "dim")
        label.style().polish(label)

    def done(self, result: int) -> None:
        """Answers that are still to come find nobody."""
        self._is_closed = True
        super().done(result)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """The texts again, in the language of now; those of rows are as they were read."""
        self.setWindowTitle(self.tr("Models"))
        self.list.setAccessibleName(self.tr("Models"))
        self.verify.setText(self.tr("Check files"))
        self.verify.setToolTip(self.tr("Compare the model's files with their fingerprints"))
        self.close_button.setText(self.tr("Close"))
        names = (self.tr("Can"), self.tr("Understands"), self.tr("Speed"), self.tr("Revision"),
                 self.tr("Licence"), self.tr("Size"))  # fmt: skip
        for label, text in zip(self.names, names, strict=True):
            label.setText(text)
        self._show()
