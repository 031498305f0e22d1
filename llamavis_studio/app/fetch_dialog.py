"""Fetching a large model: choosing one of the known, seeing its licence, and only then fetching.

choose -> "Look it up" -> `plan_asked` -> `show_plan`: size, room on the disk, licence
accept -> "Fetch" -> `fetch_asked` -> the dialog closes; the bar of `model_work` says how far it is
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from llamavis_studio.app.asking_dialog import AskingDialog
from llamavis_studio.app.model_words import family_title, said
from llamavis_studio.app.theme import DARK, Look, icon

SIZE, LIST_WIDTH = QSize(860, 620), 280
_SIGNS = {"captioner": "tag"}


class FetchDialog(AskingDialog):
    """The catalogue (name -> `KnownModel`), and what stands in the way of one of it."""

    plan_asked = Signal(str, str)  # a known name or ORGANISATION/REPOSITORY; the variant or ""
    fetch_asked = Signal(object)  # FetchPlan, whose licence is accepted

    def __init__(
        self,
        known: Mapping[str, Any],
        here: frozenset[str] = frozenset(),
        parent: QWidget | None = None,
        look: Look = DARK,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(SIZE)
        self._known, self._here, self._look = known, here, look
        self._plan: Any = None
        self._wanted = ""
        self._is_asking = False
        self._said: tuple[str, bool] | None = None
        self.list, self.other = QListWidget(), QLineEdit()
        self.title, self.state, self.command = QLabel(), QLabel(), QLabel()
        self.title.setProperty("role", "title")
        self._other_label = QLabel()
        self._other_label.setProperty("role", "dim")
        for label in (self.title, self.state, self.command):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.command.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.command.setProperty("role", "dim")
        self.form = QFormLayout()
        self.licence, self.accepts, self.half = QPlainTextEdit(), QCheckBox(), QCheckBox()
        self.half.setChecked(True)
        self.licence.setReadOnly(True)
        self.licence.setTabChangesFocus(True)
        self.go, self.close_button = QPushButton(), QPushButton()
        self.go.setProperty("primary", True)
        for button in (self.go, self.close_button):
            button.setAutoDefault(False)
        self._fill()
        self._arrange()
        self.list.currentRowChanged.connect(self._choose)
        self.list.itemClicked.connect(lambda _item: self._choose())
        self.other.textEdited.connect(self._type)
        self.other.returnPressed.connect(self._go)
        for box in (self.accepts, self.half):
            box.toggled.connect(lambda _on: self._show())
        self.go.clicked.connect(self._go)
        self.close_button.clicked.connect(self.reject)
        self.retranslate()
        self.list.setCurrentRow(0)

    def _fill(self) -> None:
        for name, one in self._known.items():
            item = QListWidgetItem(one.title)
            item.setData(Qt.ItemDataRole.UserRole, name)
            sign = "check" if name in self._here else _SIGNS.get(one.family, "model")
            item.setIcon(icon(sign, self._look, "good" if name in self._here else "text"))
            self.list.addItem(item)

    def _arrange(self) -> None:
        self.form.setHorizontalSpacing(18)
        self.form.setVerticalSpacing(8)
        left, card = QFrame(), QFrame()
        for frame in (left, card):
            frame.setProperty("role", "card")
        left.setFixedWidth(LIST_WIDTH)
        beside = QVBoxLayout(left)
        beside.setContentsMargins(6, 6, 6, 6)
        beside.addWidget(self.list, 1)
        beside.addWidget(self._other_label)
        beside.addWidget(self.other)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(20, 16, 20, 16)
        inside.setSpacing(10)
        inside.addWidget(self.title)
        inside.addLayout(self.form)
        inside.addWidget(self.state)
        inside.addWidget(self.licence, 1)
        inside.addWidget(self.accepts)
        inside.addWidget(self.half)
        inside.addStretch(0)
        inside.addWidget(self.command)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.close_button)
        foot.addWidget(self.go)
        layout = QGridLayout(self)
        layout.setContentsMargins(16, 16, 16, 14)
        layout.setSpacing(12)
        layout.setColumnStretch(1, 1)
        layout.addWidget(left, 0, 0)
        layout.addWidget(card, 0, 1)
        layout.addLayout(foot, 1, 0, 1, 2)

    # --- what comes from the thread that asks ----------------------------------------------------

    def show_plan(self, wanted: str, plan: Any) -> None:
        """What would be fetched for `wanted`. Nothing once closed, or when another is chosen."""
        if self._is_closed or wanted != self._wanted:
            return
        self._plan, self._is_asking, self._said = plan, False, None
        self.accepts.setChecked(plan.is_accepted)
        self._show()

    def show_problem(self, text: str) -> None:
        """Why it cannot be fetched. Nothing once closed."""
        if not self._is_closed:
            self._is_asking, self._said = False, (text, True)
            self._show()

    # --- what is asked ---------------------------------------------------------------------------

    def _choose(self, _row: int = 0) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.other.clear()
            self._want(str(item.data(Qt.ItemDataRole.UserRole)))

    def _type(self, text: str) -> None:
        if text.strip():
            self._want(text.strip())
        else:
            self._choose()

    def _want(self, name: str) -> None:
        if name != self._wanted:
            self._wanted, self._plan, self._said, self._is_asking = name, None, None, False
            self._show()

    def _go(self) -> None:
        if self._plan is None and not self._is_asking and self._wanted:
            self._is_asking, self._said = True, None
            self._show()
            self.plan_asked.emit(self._wanted, "fp16" if self.half.isChecked() else "")
        elif self._plan is not None and self.accepts.isChecked():
            self.fetch_asked.emit(self._plan)
            self.accept()

    # --- what is shown ---------------------------------------------------------------------------

    def _show(self) -> None:
        known, plan = self._known.get(self._wanted), self._plan
        self.title.setText(known.title if known else self._wanted)
        while self.form.rowCount():
            self.form.removeRow(0)
        for name, text in self._facts(known, plan):
            if text:
                head, value = QLabel(name), QLabel(text)
                head.setProperty("role", "dim")
                head.setAlignment(Qt.AlignmentFlag.AlignTop)
                value.setWordWrap(True)
                value.setTextFormat(Qt.TextFormat.PlainText)
                value.setAccessibleName(f"{name}: {text}")
                self.form.addRow(head, value)
        has_text = plan is not None and bool(plan.licence_text)
        self.licence.setVisible(has_text)
        if has_text and self.licence.toPlainText() != plan.licence_text:
            self.licence.setPlainText(plan.licence_text)
        self.accepts.setVisible(plan is not None)
        self.half.setVisible(plan is None and (known is None or known.family == "diffusers"))
        self._say_state(known)
        is_half = known is not None and known.family == "diffusers" and self.half.isChecked()
        more = " --variant fp16" if is_half else ""
        self.command.setText(f"llamavis models fetch {self._wanted}{more}")
        self.go.setEnabled(not self._is_asking and (plan is None or self.accepts.isChecked()))
        told = self.tr("Look it up")
        if plan is not None:
            missing = self._bytes(plan.missing_bytes)
            told = self.tr("Fetch {0}").format(missing) if plan.missing_bytes else self.tr("Use it")
        self.go.setText(told)

    def _say_state(self, known: Any) -> None:
        told, is_bad = self._said or ("", False)
        if self._is_asking:
            told = self.tr("Asking what it has…")
        elif self._wanted in self._here and not told:
            told = self.tr("It is on this machine already.")
        elif not told and known is not None and known.restricted:
            told = self.tr("Its licence limits who may use it, or for what: read it first.")
        self.state.setText(told)
        self.state.setProperty("role", "bad" if is_bad else "dim")
        self.state.style().polish(self.state)
        self.state.setVisible(bool(told))

    def _facts(self, known: Any, plan: Any) -> list[tuple[str, str]]:
        locale = self.locale()
        size = memory = ""
        if known is not None and known.size_gb is not None:
            size = self._bytes(round(known.size_gb * 1e9))
        if known is not None and known.memory_gb is not None:
            told = self.tr("about {0} GB while it works, its publisher says")
            memory = told.format(locale.toString(known.memory_gb, "g", 3))
        room = ""
        if plan is not None:
            size = self._bytes(plan.total_bytes)
            room = self.tr("{0} free where it goes").format(self._bytes(plan.free_bytes))
        family = plan.family if plan is not None else known.family if known else ""
        licence = plan.licence if plan is not None else known.licence if known else ""
        nameless = self.tr("its publisher names none") if plan is not None else ""
        return [
            (self.tr("Kind"), family_title(family)),
            (self.tr("Good for"), said(known.good_for) if known else ""),
            (self.tr("Licence"), licence or nameless),
            (self.tr("Size"), size),
            (self.tr("Memory"), memory),
            (self.tr("On the disk"), room),
            (self.tr("From"), plan.repo if plan is not None else known.repo if known else ""),
            (self.tr("Revision"), plan.revision[:12] if plan is not None else ""),
        ]

    def _bytes(self, size: int) -> str:
        locale = self.locale()
        return locale.formattedDataSize(size, 1, locale.DataSizeFormat.DataSizeSIFormat)

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        self.setWindowTitle(self.tr("Fetch a model"))
        self.list.setAccessibleName(self.tr("Known models"))
        self._other_label.setText(self.tr("Or another of Hugging Face"))
        self.other.setPlaceholderText(self.tr("ORGANISATION/REPOSITORY"))
        self.other.setAccessibleName(self.tr("Repository of Hugging Face"))
        self.licence.setAccessibleName(self.tr("Licence"))
        self.accepts.setText(self.tr("I have read its licence, and accept it"))
        self.half.setText(self.tr("Weights of half the size (fp16), where there are such"))
        self.close_button.setText(self.tr("Close"))
        self.command.setToolTip(self.tr("The same on the command line"))
        self._show()
