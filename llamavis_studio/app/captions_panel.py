"""The words of the picture that is shown, or of all that are selected: read, write, take away.

the studio's thread: read_words(studio, ids) -> WordsShown -> CaptionsPanel.show_words
Ctrl+Enter or leaving the field -> caption_said; Esc takes back what was typed
a tag typed, kept or crossed out -> tags_added, tags_removed
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QCoreApplication,
    QDateTime,
    QEvent,
    QLocale,
    QSize,
    QStringListModel,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QCompleter,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from llamavis_studio.app.ask_box import AskBox
from llamavis_studio.app.caption_edit import CaptionEdit
from llamavis_studio.app.captioner_menu import CaptionerMenu
from llamavis_studio.app.gallery_facets import KINDS
from llamavis_studio.app.preview_info import ElidedLabel
from llamavis_studio.app.tag_chips import HAND, ICONS, MODEL, TagChips
from llamavis_studio.app.theme import Look, icon
from llamavis_studio.app.words_shown import DOUBTS, DRAWN_FROM, WordsShown

_LAID_OUT_MS = 40
"""After so long what was added has its place."""


def _kind(kind: str) -> str:
    """A kind as the gallery calls it, where that is not English; else as files call it."""
    label = next((one.label for one in KINDS if one.value == kind), "")
    name = QCoreApplication.translate("FacetChips", label) if label else ""
    return kind if name in ("", label) else name


class CaptionsPanel(QWidget):
    """Only asks: the library is its owner's."""

    caption_said = Signal(object, str)  # (ids, the sentence; empty takes a person's away)
    tags_added = Signal(object, object)  # (ids, names)
    tags_removed = Signal(object, object)
    describe_asked = Signal(object)  # ids
    captioner_chosen = Signal(str)  # a backend
    told = Signal(str)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._words: WordsShown | None = None
        self._file = ""
        self.title = ElidedLabel()
        self.title.setProperty("role", "dim")
        self.caption, self.chips = CaptionEdit(), TagChips(look)
        self.caption.setFixedHeight(self.caption.sizeHint().height())
        self._sign, self.origin = QLabel(), QLabel()
        self._doubt_sign, self.doubt = QLabel(), QLabel()
        self.facts, self.empty = QLabel(), QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        for label in (self.origin, self.doubt, self.facts, self.empty):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        for label in (self.origin, self.facts, self.empty):
            label.setProperty("role", "dim")
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._known = QStringListModel(self)
        self.add = QLineEdit()
        completer = QCompleter(self._known, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.activated.connect(self._add, Qt.ConnectionType.QueuedConnection)
        self.add.setCompleter(completer)
        self.swatches = [QToolButton() for _ in range(6)]
        self.describe, self.ask, self.copy = QToolButton(), QToolButton(), QToolButton()
        self.ask_box = AskBox(look)
        self.captioners = CaptionerMenu(self.describe)
        for button in (self.describe, self.ask):
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._lay_out()
        self._connect()
        self.set_look(look)
        self.retranslate()
        self.show_words(None)

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(2, 0, 6, 0)
        column.setSpacing(7)
        column.addWidget(self.caption)
        for sign, label in ((self._sign, self.origin), (self._doubt_sign, self.doubt)):
            line = QHBoxLayout()
            line.setSpacing(6)
            line.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(label, 1)
            column.addLayout(line)
        column.addWidget(self.chips)
        column.addWidget(self.add)
        colours = QHBoxLayout()
        colours.setSpacing(0)
        for swatch in self.swatches:
            swatch.setIconSize(QSize(18, 18))
            colours.addWidget(swatch)
        colours.addStretch(1)
        column.addLayout(colours)
        column.addWidget(self.facts)
        column.addWidget(self.ask_box)
        column.addStretch(1)
        area = self._area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        head = QHBoxLayout()
        head.setSpacing(0)
        head.addWidget(self.title, 1)
        head.addWidget(self.describe)
        head.addWidget(self.ask)
        head.addWidget(self.copy)
        page = QWidget()
        whole = QVBoxLayout(page)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(3)
        whole.addLayout(head)
        whole.addWidget(area, 1)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.empty)
        self.pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 0, 4, 4)
        layout.addWidget(self.pages)
        self.setFocusProxy(self.caption)

    def _connect(self) -> None:
        self.caption.done.connect(self._keep_caption)
        self.caption.taken_back.connect(self._take_back)
        self.add.returnPressed.connect(self._add)
        self.chips.kept.connect(lambda name: self._ask(self.tags_added, [name]))
        self.chips.removed.connect(lambda name: self._ask(self.tags_removed, [name]))
        self.describe.clicked.connect(self._describe)
        self.ask.clicked.connect(self.begin_question)
        self.ask_box.grew.connect(lambda: QTimer.singleShot(_LAID_OUT_MS, self, self._follow))
        for who in (self.captioners.chosen, self.ask_box.captioner_chosen):
            who.connect(self.captioner_chosen)
        self.copy.clicked.connect(self._copy)
        for at, swatch in enumerate(self.swatches):
            swatch.clicked.connect(lambda _on=False, at=at: self._copy_colour(at))

    # --- what is shown ---------------------------------------------------------------------------

    def show_words(self, words: WordsShown | None, file: str = "") -> None:
        """Show what is said about some pictures; None where the library has none such, as of the
        `file` that is not taken in yet. A sentence in the making for others is kept first.
        """
        before, is_typing = self._words, self.caption.document().isModified()
        if before is not None and (words is None or words.ids != before.ids):
            self._keep_caption()
            self.add.clear()
            is_typing = False
        self._words, self._file = words, file
        if words is not None and not is_typing:
            self._set_caption()
        self._say()

    def begin_question(self) -> None:
        """Bring the line for a question into sight, with the keyboard in it."""
        self.ask_box.begin()
        QTimer.singleShot(_LAID_OUT_MS, self, self._follow)

    def _follow(self) -> None:
        """An answer came, or what is said instead: it is to be seen at once."""
        self._area.ensureWidgetVisible(self.ask_box.newest(), 0, 4)

    @property
    def words(self) -> WordsShown | None:
        """What is shown now."""
        return self._words

    def set_known_tags(self, names: Sequence[str]) -> None:
        """What is offered while a tag is typed."""
        self._known.setStringList(list(names))

    def offer_captioners(self, names: Sequence[str], chosen: str) -> None:
        """The backends that describe images; a choice where there are several."""
        self.captioners.offer(names, chosen)
        self._say()

    def set_look(self, look: Look) -> None:
        """Show other colours."""
        self._look = look
        self.chips.set_look(look)
        self.ask_box.set_look(look)
        self.describe.setIcon(icon("model", look))
        self.ask.setIcon(icon("why", look))
        self.copy.setIcon(icon("copy", look))
        self._doubt_sign.setPixmap(icon("info", look, "warn").pixmap(16, 16))
        self._say()

    def _set_caption(self) -> None:
        words = self._words
        self.caption.setPlainText("" if words is None else words.caption)
        self.caption.document().setModified(False)

    def _say(self) -> None:
        words = self._words
        self.pages.setCurrentIndex(0 if words is None else 1)
        if words is None:
            self.empty.setText(self._why_empty())
            return
        is_one = len(words.ids) == 1
        whole = self.tr("%n picture(s)", "", len(words.ids))
        self.title.setText(words.names[0].rpartition("/")[2] if is_one else whole)
        self.title.setToolTip("\n".join(words.names[:20]))
        self.caption.setReadOnly(not is_one)
        none, many = self.tr("What does it show?"), self.tr("They have different captions")
        self.caption.setPlaceholderText(none if is_one else many)
        self._say_origin(words)
        self._say_doubt(words)
        self.chips.show_tags(words.tags)
        self._say_colours(words)
        self._say_facts(words)
        self.ask_box.show_count(len(words.ids))
        was = self.tr("Describe again") if words.described else self.tr("Describe")
        self.describe.setText(was)

    def _why_empty(self) -> str:
        if self._file:
            told = self.tr("{0} is not in the library yet. Look for new images (F6) takes it in.")
            return told.format(self._file)
        return self.tr("Choose an image to see and write its words")

    def _say_origin(self, words: WordsShown) -> None:
        told = {
            HAND: self.tr("Written by hand; no model changes it"),
            DRAWN_FROM: self.tr("The description that it was drawn from"),
            MODEL: self.tr("The model says so"),
            "files": self.tr("From a file beside the picture"),
        }.get(words.caption_by, self.tr("Nobody has said it yet") if len(words.ids) == 1 else "")
        if words.caption_by == MODEL and words.confidence is not None:
            told = self.tr("The model says so, {0} sure").format(f"{words.confidence:.0%}")
        sign = {DRAWN_FROM: "edited"}.get(words.caption_by) or ICONS.get(words.caption_by, "")
        self._sign.setVisible(bool(sign))
        if sign:
            self._sign.setPixmap(icon(sign, self._look, "dim").pixmap(16, 16))
        self.origin.setText(told)
        self.origin.setVisible(bool(told))

    def _say_doubt(self, words: WordsShown) -> None:
        is_sure = words.in_domain or not words.described
        for part in (self.doubt, self._doubt_sign):
            part.setVisible(not is_sure)
        if is_sure:
            return
        reasons = [self.tr(DOUBTS[one]) if one in DOUBTS else one for one in words.reasons]
        unlike = self.tr("it is unlike what the model was taught")
        told = self.tr("; ").join(reasons) or unlike
        self.doubt.setText(self.tr("The model is not sure: {0}.").format(told))

    def _say_colours(self, words: WordsShown) -> None:
        for at, swatch in enumerate(self.swatches):
            swatch.setVisible(at < len(words.colours))
            if at < len(words.colours):
                colour, share = words.colours[at]
                swatch.setIcon(self._patch(colour))
                told = self.tr("{0}, {1} of the picture").format(colour, f"{share:.0%}")
                swatch.setAccessibleName(told)
                swatch.setToolTip(f"{told}\n{self.tr('Click to copy it')}")

    def _patch(self, colour: str) -> QIcon:
        """A square of the colour, with a rim so that it is seen on any ground."""
        patch = QPixmap(18, 18)
        patch.fill(self._look.colour("line"))
        painter = QPainter(patch)
        painter.fillRect(1, 1, 16, 16, QColor(colour))
        painter.end()
        return QIcon(patch)

    def _say_facts(self, words: WordsShown) -> None:
        lines = ["  ·  ".join(filter(None, (_kind(words.kind), words.size)))]
        if words.model_caption and words.model_caption != words.caption:
            lines.append(self.tr("The model sees: {0}").format(words.model_caption))
        if words.described:
            moment = QDateTime.fromSecsSinceEpoch(words.described)
            when = QLocale().toString(moment, QLocale.FormatType.ShortFormat)
            lines.append(self.tr("Described by {0}, {1}").format(words.model, when))
        if words.drawn is not None:
            prompt, model, seed = words.drawn
            lines.append(self.tr("Drawn by {0}, seed {1}").format(model, seed))
            if prompt != words.caption:
                lines.append(self.tr("From the words: {0}").format(prompt))
        self.facts.setText("\n".join(filter(None, lines)))
        self.facts.setVisible(bool(self.facts.text()))

    # --- what is asked ---------------------------------------------------------------------------

    def _ask(self, signal: object, names: Sequence[str]) -> None:
        if self._words is not None and names:
            signal.emit(self._words.ids, list(names))  # type: ignore[attr-defined]

    def _keep_caption(self) -> None:
        words = self._words
        if words is None or not self.caption.document().isModified():
            return
        self.caption.document().setModified(False)
        text = " ".join(self.caption.toPlainText().split())
        if text != words.caption:
            self.caption_said.emit(words.ids, text)

    def _take_back(self) -> None:
        if self.caption.document().isModified():
            self._set_caption()
            self.told.emit(self.tr("The sentence is as it was"))

    def _add(self, text: str = "") -> None:
        typed = text or self.add.text()
        names = [name.strip() for name in typed.replace("，", ",").split(",")]
        self.add.clear()
        self._ask(self.tags_added, [name for name in names if name])

    def _describe(self) -> None:
        if self._words is not None:
            self.describe_asked.emit(self._words.ids)

    def _copy(self) -> None:
        words = self._words
        if words is not None:
            tags = ", ".join(tag.name for tag in words.tags)
            text = "\n".join(filter(None, (words.caption, tags)))
            QGuiApplication.clipboard().setText(text)
            self.told.emit(self.tr("Copied: caption and tags"))

    def _copy_colour(self, at: int) -> None:
        if self._words is not None and at < len(self._words.colours):
            colour = self._words.colours[at][0]
            QGuiApplication.clipboard().setText(colour)
            self.told.emit(self.tr("{0} copied").format(colour))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        self.chips.retranslate()
        self.caption.setAccessibleName(self.tr("Caption"))
        self.caption.setToolTip(self.tr("Ctrl+Enter keeps it, Esc takes it back"))
        self.add.setAccessibleName(self.tr("Add tags"))
        self.add.setPlaceholderText(self.tr("Add tags, with commas between"))
        self.captioners.retranslate()
        self.ask_box.retranslate()
        self.ask.setText(self.tr("Ask"))
        self.ask.setToolTip(self.tr("Ask a model something about what is shown here"))
        self.copy.setAccessibleName(self.tr("Copy caption and tags"))
        self.copy.setToolTip(self.tr("Copy caption and tags"))
        self._say()
