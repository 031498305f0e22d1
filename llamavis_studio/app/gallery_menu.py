"""What can be done with a card, as rows; the menu of the gallery is drawn from them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from llamavis_studio.app import theme
from llamavis_studio.app.theme import Look


@dataclass(frozen=True)
class CardAction:
    """A row. `name` is the gallery's signal; `for_many` ones are told all that is selected."""

    name: str
    label: str
    icon: str
    for_many: bool = False
    divides: bool = False
    """A line stands above it."""


CARD_ACTIONS = (
    CardAction("opened", str(QT_TRANSLATE_NOOP("CardMenu", "Open")), "play"),
    CardAction(
        "similar_asked", str(QT_TRANSLATE_NOOP("CardMenu", "Find similar pictures")), "search"
    ),
    CardAction(
        "tags_asked",
        str(QT_TRANSLATE_NOOP("CardMenu", "Add tags…")),
        "tag",
        for_many=True,
        divides=True,
    ),
    CardAction(
        "untag_asked",
        str(QT_TRANSLATE_NOOP("CardMenu", "Take a tag away…")),
        "close",
        for_many=True,
    ),
    CardAction(
        "words_asked",
        str(QT_TRANSLATE_NOOP("CardMenu", "Words…")),
        "edited",
        for_many=True,
    ),
    CardAction(
        "caption_asked",
        str(QT_TRANSLATE_NOOP("CardMenu", "Describe in words")),
        "image",
        for_many=True,
    ),
    CardAction(
        "question_asked",
        str(QT_TRANSLATE_NOOP("CardMenu", "Ask about it…")),
        "why",
        for_many=True,
    ),
    CardAction(
        "move_asked",
        str(QT_TRANSLATE_NOOP("CardMenu", "Move to a folder…")),
        "folder",
        for_many=True,
        divides=True,
    ),
    CardAction(
        "copy_asked", str(QT_TRANSLATE_NOOP("CardMenu", "Copy out…")), "copy", for_many=True
    ),
    CardAction(
        "reveal_asked", str(QT_TRANSLATE_NOOP("CardMenu", "Show in folder")), "eye", divides=True
    ),
)


class CardMenu(QMenu):
    """The menu of the cards that are selected."""

    asked = Signal(object)
    """(CardAction)"""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = {row: QAction(self) for row in CARD_ACTIONS}
        for row, action in self.rows.items():
            if row.divides:
                self.addSeparator()
            self.addAction(action)
            action.triggered.connect(lambda _on=False, row=row: self.asked.emit(row))
        self.set_look(look)
        self.retranslate()

    def set_look(self, look: Look) -> None:
        """Show other colours."""
        for row, action in self.rows.items():
            action.setIcon(theme.icon(row.icon, look))

    def retranslate(self) -> None:
        """Set all words again, after a change of language."""
        self.setAccessibleName(self.tr("Actions for pictures"))
        for row, action in self.rows.items():
            action.setText(self.tr(row.label))

    def fit(self, selected: int) -> None:
        """Offer what makes sense for so many cards."""
        for row, action in self.rows.items():
            action.setEnabled(selected > 0 if row.for_many else selected == 1)
