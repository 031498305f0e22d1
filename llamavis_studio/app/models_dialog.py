"""The models that the open project can use: what they are, can do and weigh; whether their files
are whole; and taking away a style that is no longer wanted.

the studio's thread: studio.shelf.models() -> `ModelsDialog.show_models`
"Check files" -> `verify_asked` -> studio.shelf.broken(name) -> `show_checked`
"Remove" -> it asks -> `remove_asked` -> studio.shelf.remove(name) -> `show_models` again
"Fetch", "Add" -> `fetch_asked` and its like -> dialogs of their own
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from llamavis_studio.app.asking_dialog import AskingDialog, say
from llamavis_studio.app.model_words import family_title, said
from llamavis_studio.app.model_work import ModelWork, WorkBar
from llamavis_studio.app.sentences import told
from llamavis_studio.app.theme import DARK, Look, icon
from llamavis_studio.machine_models import known_of

SIZE, LIST_WIDTH = QSize(860, 620), 240
SIGNS = {"style": "brush"}


class ModelsDialog(AskingDialog):
    """A list of models (`shelf.ShelvedModel`), and all about the chosen one."""

    verify_asked = Signal(str)
    remove_asked = Signal(str)
    settings_asked = Signal()
    fetch_asked = Signal()
    folder_asked = Signal()
    file_asked = Signal()
    server_asked = Signal()

    def __init__(
        self, parent: QWidget | None = None, look: Look = DARK, work: ModelWork | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(SIZE)
        self._look = look
        self._models: list[Any] | None = None
        self._checked: dict[str, list[str] | None] = {}
        self._asks, self._is_of_project = False, True
        self.list = QListWidget()
        self.total, self.title, self.state, self.answer = QLabel(), QLabel(), QLabel(), QLabel()
        self.title.setProperty("role", "title")
        self.total.setProperty("role", "dim")
        self.form = QFormLayout()
        self.verify, self.remove, self.no = QPushButton(), QPushButton(), QPushButton()
        self.settings, self.close_button = QPushButton(), QPushButton()
        self.fetch, self.folder, self.server = QPushButton(), QPushButton(), QPushButton()
        self.file = QPushButton()
        work = work or ModelWork(self)
        work.ended.connect(self._end_checks)
        self.work_bar = WorkBar(work, lambda: look)
        for button in (self.verify, self.remove, self.no, self.settings, self.close_button,
                       self.fetch, self.folder, self.file, self.server):  # fmt: skip
            button.setAutoDefault(False)
        self.fetch.clicked.connect(self.fetch_asked)
        self.folder.clicked.connect(self.folder_asked)
        self.file.clicked.connect(self.file_asked)
        self.server.clicked.connect(self.server_asked)
        self.verify.clicked.connect(self._verify)
        self.remove.clicked.connect(self._remove)
        self.no.clicked.connect(lambda: self._ask(False))
        self.settings.clicked.connect(self.settings_asked)
        self.close_button.clicked.connect(self.accept)
        self.list.currentRowChanged.connect(lambda _row: self._ask(False))
        self._arrange()
        self.retranslate()

    def _arrange(self) -> None:
        self.form.setHorizontalSpacing(18)
        self.form.setVerticalSpacing(8)
        for label in (self.title, self.state, self.answer):
            _free(label)
        left, card, inner = QFrame(), QFrame(), QWidget()
        for frame in (left, card):
            frame.setProperty("role", "card")
        left.setFixedWidth(LIST_WIDTH)
        beside = QVBoxLayout(left)
        beside.setContentsMargins(6, 6, 6, 6)
        beside.addWidget(self.list)
        beside.addWidget(self.total)
        for button in (self.fetch, self.folder, self.file, self.server):
            beside.addWidget(button)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 8, 0)
        column.addWidget(self.state)
        column.addSpacing(8)
        column.addLayout(self.form)
        column.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setWidget(inner)
        for part in (area.viewport(), inner):  # the card shows through
            part.setAutoFillBackground(False)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(20, 16, 12, 16)
        inside.addWidget(self.title)
        inside.addWidget(area, 1)
        inside.addWidget(self.answer)
        buttons = QHBoxLayout()
        for button in (self.verify, self.remove, self.no):
            buttons.addWidget(button)
        buttons.addStretch(1)
        inside.addLayout(buttons)
        foot = QHBoxLayout()
        foot.addWidget(self.settings)
        foot.addStretch(1)
        foot.addWidget(self.work_bar)
        foot.addWidget(self.close_button)
        layout = QGridLayout(self)
        layout.setContentsMargins(16, 16, 16, 14)
        layout.setSpacing(12)
        layout.setColumnStretch(1, 1)
        layout.addWidget(left, 0, 0)
        layout.addWidget(card, 0, 1)
        layout.addLayout(foot, 1, 0, 1, 2)

    # --- what comes from the studio's thread -----------------------------------------------------

    def show_models(self, models: Sequence[Any], *, of_project: bool = True) -> None:
        """List the models; the one that was chosen stays chosen. Without a project nobody knows how
        fast they draw. Nothing once closed.
        """
        if self._is_closed:
            return
        self._is_of_project = of_project
        chosen = self.list.currentRow()
        self._models = list(models)
        self.list.clear()
        for model in self._models:
            item = QListWidgetItem(_title(model))
            use = "text" if model.is_ready else "bad"
            sign = SIGNS.get(model.sort, "model") if model.is_ready else "fail"
            item.setIcon(icon(sign, self._look, use))
            self.list.addItem(item)
        self.list.setCurrentRow(min(max(chosen, 0), len(self._models) - 1))
        self._ask(False)

    def show_checked(self, name: str, broken: Sequence[str]) -> None:
        """Say which files of a model are broken, or that none is. Nothing once closed."""
        self._checked[name] = list(broken)
        if not self._is_closed:
            self._show()

    def show_problem(self, text: str) -> None:
        """Say why what was asked for was not done. Nothing once closed."""
        if not self._is_closed:
            self._end_checks()
            self._ask(False)
            self._say(self.answer, text, is_bad=True)

    def show_note(self, text: str) -> None:
        """Say what was done, until another model is chosen. Nothing once closed."""
        if text and not self._is_closed:
            self._say(self.answer, text, is_bad=False)

    def chosen(self) -> Any:
        """The model that is shown, or None."""
        at = self.list.currentRow()
        return self._models[at] if self._models and 0 <= at < len(self._models) else None

    def _end_checks(self) -> None:
        """A comparison that was cancelled, or could not begin, has no answer."""
        if not self._is_closed and None in self._checked.values():
            self._checked = {k: one for k, one in self._checked.items() if one is not None}
            self._show()

    # --- what is asked ---------------------------------------------------------------------------

    def _verify(self) -> None:
        model = self.chosen()
        if model is not None:
            self._checked[model.name] = None
            self._show()
            self.verify_asked.emit(model.name)

    def _remove(self) -> None:
        model = self.chosen()
        if model is None:
            return
        if self._asks:
            self._ask(False)
            self.remove_asked.emit(model.name)
        else:
            self._ask(True)

    def _ask(self, asks: bool) -> None:
        """Ask whether the chosen model shall go; False: it was answered."""
        self._asks = asks
        self._show()

    # --- what is shown ---------------------------------------------------------------------------

    def _show(self) -> None:
        model = self.chosen()
        self._show_buttons(model)
        while self.form.rowCount():
            self.form.removeRow(0)
        self.state.setVisible(model is not None)
        self.answer.hide()
        if model is None:
            wait = self.tr("Looking for models…")
            self.title.setText(wait if self._models is None else self.tr("No model"))
            return
        every = sum(one.size_bytes for one in self._models or ())
        self.total.setText(self.tr("{0} on disk").format(self._bytes(every)))
        self.title.setText(_title(model))
        ready = self.tr("Ready") if model.is_ready else told(model.problem, model.hint)
        self._say(self.state, ready, is_bad=not model.is_ready)
        for name, text in self._facts(model):
            if text:  # what nobody knows takes no room
                head, value = QLabel(name), QLabel(text)
                head.setProperty("role", "dim")
                head.setAlignment(Qt.AlignmentFlag.AlignTop)
                _free(value)
                value.setAccessibleName(f"{name}: {text}")
                self.form.addRow(head, value)
        self._say_answer(model)

    def _show_buttons(self, model: Any) -> None:
        self.verify.setVisible(model is not None and bool(model.size_bytes) and not self._asks)
        self.verify.setEnabled(model is None or self._checked.get(model.name, []) is not None)
        self.remove.setVisible(model is not None and model.is_removable)
        self.no.setVisible(self._asks)
        is_large = model is not None and model.sort == "model"
        sure = self.tr("Remove it") if is_large else self.tr("Move to trash")
        self.remove.setText(sure if self._asks else self.tr("Remove…"))

    def _facts(self, model: Any) -> list[tuple[str, str]]:
        names = {"en": "English", "zh": "简体中文"}
        used = ", ".join(model.used_by)
        speed, taught = "", ""
        if model.seconds is not None:
            speed = self.tr("{0} seconds an image").format(f"{model.seconds:.2g}")
        elif self._is_of_project and "makes images" in model.abilities and model.sort != "style":
            speed = self.tr("Not measured yet: it has drawn nothing here")
        if model.sort == "style" and model.pictures:
            taught = self.tr("%n picture(s) of your own", "", model.pictures)
        is_spare = model.sort == "style" and model.is_ready and not used
        is_named = model.sort in ("model", "backend") and model.is_ready
        is_folder = model.sort == "model" and not model.place.endswith(".safetensors")
        known = known_of(model.source)
        return [
            (self.tr("Kind"), self._sort(model)),
            (self.tr("Good for"), said(model.good_for or (known.good_for if known else ""))),
            (self.tr("Not for"), said(model.not_for)),
            (self.tr("Can"), ", ".join(said(one) for one in model.abilities)),
            (self.tr("The studio helps"), "\n".join(said(one) for one in model.made_up)),
            (self.tr("In descriptions"), f'backend = "{model.name}"' if is_named else ""),
            (self.tr("Understands"), ", ".join(names.get(one, one) for one in model.languages)),
            (self.tr("Speed"), speed),
            (self.tr("Draws at"), ", ".join(model.sizes)),
            (self.tr("Size on disk"), self._bytes(model.size_bytes) if model.size_bytes else ""),
            (self.tr("Memory"), self._memory(known)),
            (self.tr("Licence"), model.licence),
            (self.tr("Revision"), model.revision),
            (self.tr("Taught with"), taught or model.taught),
            (self.tr("Taught on"), model.base),
            (self.tr("Used by"), self.tr("no style yet") if is_spare else used),
            (self.tr("Fetched from"), model.source),
            (self.tr("Options"), ", ".join(f"{k} = {v}" for k, v in model.options.items())),
            (self.tr("Folder") if is_folder else self.tr("File"), model.place),
        ]

    def _memory(self, known: Any) -> str:
        if known is None or known.memory_gb is None:
            return ""
        told = self.tr("about {0} GB while it works, its publisher says")
        return told.format(self.locale().toString(known.memory_gb, "g", 3))

    def _sort(self, model: Any) -> str:
        return {
            "builtin": self.tr("Comes with the studio"),
            "style": self.tr("A style that was taught here"),
            "model": self.tr("{0}, on this machine").format(family_title(model.family)),
        }.get(model.sort, self.tr("Another model"))

    def _bytes(self, size: int) -> str:
        locale = self.locale()
        return locale.formattedDataSize(size, 1, locale.DataSizeFormat.DataSizeSIFormat)

    def _say_answer(self, model: Any) -> None:
        if self._asks:
            told = self.tr("Move this style and its sheet of samples to the trash?")
            if model.sort == "model":
                told = self.tr("Forget this model, and free what was fetched for it alone?")
            self._say(self.answer, told, is_bad=False)
            return
        if model.name not in self._checked:
            return
        broken = self._checked[model.name]
        told = self.tr("Checking…") if broken is None else self.tr("Every file is whole.")
        if broken:
            told = self.tr("Broken or missing: {0}. Install the studio again.")
            if model.sort == "style":
                told = self.tr("Broken or missing: {0}. Teach the style again.")
            elif model.sort == "model":
                told = self.tr("Broken or missing: {0}. Fetch the model again.")
        self._say(self.answer, told.format(", ".join(broken or ())), is_bad=bool(broken))

    def _say(self, label: QLabel, text: str, *, is_bad: bool) -> None:
        say(label, text, is_bad=is_bad)
        label.show()

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        self.setWindowTitle(self.tr("Models"))
        self.list.setAccessibleName(self.tr("Models"))
        self.verify.setText(self.tr("Check files"))
        self.verify.setToolTip(self.tr("Compare the model's files with their fingerprints"))
        self.no.setText(self.tr("Keep it"))
        self.settings.setText(self.tr("Settings…"))
        self.settings.setToolTip(self.tr("What it draws on, how many at once, how long it stays"))
        self.close_button.setText(self.tr("Close"))
        self.fetch.setText(self.tr("Fetch a model…"))
        self.fetch.setToolTip(self.tr("Known models, with their licences and sizes"))
        self.folder.setText(self.tr("Add a folder…"))
        self.folder.setToolTip(self.tr("A model that is on this machine already"))
        self.file.setText(self.tr("Add a file…"))
        self.file.setToolTip(
            self.tr("A .safetensors checkpoint of SD 1.5 or SDXL, as from Civitai or for A1111")
        )
        self.server.setText(self.tr("Add a ComfyUI server…"))
        self.server.setToolTip(self.tr("Draw with a ComfyUI that runs here or elsewhere"))
        self._show()


def _title(model: Any) -> str:
    """A large model is called as descriptions call it; others by what they are."""
    return str(model.name if model.sort == "model" else model.model)


def _free(label: QLabel) -> None:
    """Text of any length, which can be copied."""
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
