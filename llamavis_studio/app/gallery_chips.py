"""Menus for what is searched most: each choice adds a word to the query and takes it away.

The text of the query is the only truth: a chip says what the query asks for, typed or chosen. One
that narrows the search shows a tick and what it has chosen, so that it is told without its colour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from PySide6.QtCore import QCoreApplication, QLocale, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QIcon, QKeyEvent, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton, QWidget

from llamavis_studio.app import theme
from llamavis_studio.app.gallery_facets import (
    FACETS,
    Choice,
    Facet,
    colour_choices,
    kind_choices,
    state_choices,
    tag_choices,
)
from llamavis_studio.app.gallery_flow import FlowLayout
from llamavis_studio.app.search_words import values_of, with_value, without_value
from llamavis_studio.app.theme import Look

_SWATCH = 16  # px
_MOST_LETTERS = 18  # of what a chip says about its choices
_SHEET = """
QToolButton {{ border: 1px solid {line}; border-radius: 12px; padding: 3px 9px 3px 7px;
  color: {dim}; background: transparent; }}
QToolButton::menu-indicator {{ image: none; width: 0; }}
QToolButton:hover {{ background: {raised}; color: {text}; }}
QToolButton:focus {{ border-color: {accent}; }}
QToolButton:checked {{ background: {selection}; border-color: {accent}; color: {text}; }}
"""


class Counts(Protocol):
    """How much there is of what, as the library counts it (`FacetCounts`)."""

    @property
    def kinds(self) -> Mapping[str, int]: ...
    @property
    def tags(self) -> Mapping[str, int]: ...
    @property
    def colours(self) -> Sequence[tuple[str, int, int]]: ...


class StayingMenu(QMenu):
    """A menu whose ticks are set and taken without closing it: several are chosen at once."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if not self._tick():
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() != Qt.Key.Key_Space or not self._tick():
            super().keyPressEvent(event)

    def _tick(self) -> bool:
        action = self.activeAction()
        if action is None or not action.isCheckable() or not action.isEnabled():
            return False
        action.trigger()
        return True


class FacetChip(QToolButton):
    """One facet: a button that says what is chosen, and its menu."""

    switched = Signal(object, bool)
    """(Choice, on)"""
    cleared = Signal(object)
    """(Facet)"""
    typing_asked = Signal(str)
    """(field): a value is to be typed, as there are more than the menu has."""

    def __init__(self, facet: Facet, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.facet = facet
        self.choices: tuple[Choice, ...] = facet.fixed
        self.menu_ = StayingMenu(self)
        self.ticks: dict[tuple[str, str], QAction] = {}
        self._texts: dict[tuple[str, str], str] = {}
        self._look = look
        self._active: list[tuple[str, str]] = []
        self.setCheckable(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setIconSize(QSize(16, 16))
        self.setMenu(self.menu_)
        self.menu_.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """Make the menu's entries anew, from what there is now."""
        self.menu_.clear()
        self.ticks.clear()
        self._texts.clear()
        nothing = self.menu_.addAction(self.tr("Any"))
        nothing.setEnabled(bool(self._active))
        nothing.triggered.connect(lambda: self.cleared.emit(self.facet))
        self.menu_.addSeparator()
        locale = QLocale()
        for choice in self._all_choices():
            action, key = QAction(self.menu_), (choice.field, choice.value)
            count = "" if choice.count is None else f"\t{locale.toString(choice.count)}"
            self._texts[key] = f"{self.label_of(choice).replace('&', '&&')}{count}"
            action.setCheckable(True)
            action.setIcon(self._icon_of(choice))
            action.setEnabled(choice.count != 0 or key in self._active)
            action.triggered.connect(lambda on, one=choice: self.switched.emit(one, on))
            self.menu_.addAction(action)
            self.ticks[key] = action
        self._tick()
        if self.facet.name in ("tag", "color"):
            self.menu_.addSeparator()
            other = self.tr("Another tag…") if self.facet.name == "tag" else self.tr("Another…")
            self.menu_.addAction(other, lambda: self.typing_asked.emit(self.facet.name))

    def _all_choices(self) -> list[Choice]:
        """What there is, and first what is chosen but not among it."""
        known = {(one.field, one.value) for one in self.choices}
        extra = [one for one in self._active if one not in known]
        return [*(Choice(*one, one[1], is_own=True) for one in extra), *self.choices]

    def _tick(self) -> None:
        for key, action in self.ticks.items():
            is_on = key in self._active
            action.setChecked(is_on)
            # Beside an icon Qt draws no tick.
            has_none = is_on and not action.icon().isNull()
            action.setText(f"✓ {self._texts[key]}" if has_none else self._texts[key])

    def label_of(self, choice: Choice) -> str:
        """What a choice is called in the language of now."""
        return choice.label if choice.is_own else _translated(choice.label)

    def _icon_of(self, choice: Choice) -> QIcon:
        if choice.rgb is not None:
            return _swatch(choice.rgb, self._look)
        return theme.icon(choice.icon, self._look) if choice.icon else QIcon()

    def set_look(self, look: Look) -> None:
        """Show other colours."""
        self._look = look
        self.show_active(self._active)

    def show_active(self, active: Sequence[tuple[str, str]]) -> None:
        """Say which choices (field, value) the query has."""
        self._active = list(active)
        self._tick()
        self.setChecked(bool(active))
        name = _translated(self.facet.label)
        labels = {(one.field, one.value): self.label_of(one) for one in self.choices}
        chosen = [labels.get(one, one[1]) for one in active]
        if chosen:
            told = chosen[0][:_MOST_LETTERS] + ("…" if len(chosen[0]) > _MOST_LETTERS else "")
            told += f" +{len(chosen) - 1}" if len(chosen) > 1 else ""
            self.setText(f" {name}: {told}")
        else:
            self.setText(f" {name} ▾")
        icon, use = ("check", "accent") if chosen else (self.facet.icon, "text")
        self.setIcon(theme.icon(icon, self._look, use))
        everything = f"{name}: {', '.join(chosen)}" if chosen else name
        self.setAccessibleName(everything)
        self.setToolTip(everything)
        self.updateGeometry()

    def nextCheckState(self) -> None:  # noqa: N802
        """A click opens the menu; only the query says whether the chip is lit."""


class FacetChips(QWidget):
    """The chips of `FACETS`. Give them each new query by `show_query`."""

    query_changed = Signal(str)
    """(query): as a click has changed it."""
    typing_asked = Signal(str)
    """(field)"""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._query = ""
        self.chips = {facet.name: FacetChip(facet, look, self) for facet in FACETS}
        self.chips["kind"].choices = kind_choices({})
        flow = FlowLayout(self)
        for chip in self.chips.values():
            chip.switched.connect(self._switch)
            chip.cleared.connect(self._clear)
            chip.typing_asked.connect(self.typing_asked)
            flow.addWidget(chip)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_look(look)
        self.retranslate()

    def set_look(self, look: Look) -> None:
        """Show other colours."""
        uses = ("line", "dim", "raised", "text", "accent", "selection")
        self.setStyleSheet(_SHEET.format(**{use: getattr(look, use) for use in uses}))
        for chip in self.chips.values():
            chip.set_look(look)

    def retranslate(self) -> None:
        """Set all words again, after a change of language."""
        self.setAccessibleName(self.tr("Show only"))
        for chip in self.chips.values():
            chip.menu_.setAccessibleName(_translated(chip.facet.label))
        self.show_query(self._query)
        self.updateGeometry()

    def show_counts(self, counts: Counts) -> None:
        """Offer what the library has."""
        self.chips["kind"].choices = kind_choices(counts.kinds)
        self.chips["tag"].choices = tag_choices(counts.tags)
        self.chips["color"].choices = colour_choices(counts.colours)
        self.show_query(self._query)

    def show_states(self, counts: Mapping[str, int]) -> None:
        """Say how many images stand in which state."""
        self.chips["state"].choices = state_choices(counts)

    def show_query(self, query: str) -> None:
        """Light the chips that a query asks for."""
        self._query = query
        for chip in self.chips.values():
            active = []
            for field in _fields_of(chip.facet):
                known = {one.value for one in chip.choices if one.field == field}
                is_open = field in ("kind", "tag", "color", "state")
                active += [
                    (field, value) for value in values_of(query, field) if is_open or value in known
                ]
            chip.show_active(active)

    def _switch(self, choice: Choice, on: bool) -> None:
        facet = next(
            one.facet for one in self.chips.values() if choice.field in _fields_of(one.facet)
        )
        if on:
            query = with_value(self._query, choice.field, choice.value, is_either=facet.is_either)
        else:
            query = without_value(self._query, choice.field, choice.value)
        self.query_changed.emit(query)

    def _clear(self, facet: Facet) -> None:
        query = self._query
        for field in _fields_of(facet):
            for value in values_of(query, field):
                query = without_value(query, field, value)
        self.query_changed.emit(query)


def _fields_of(facet: Facet) -> tuple[str, ...]:
    """The fields of the query that a facet is about."""
    return tuple(dict.fromkeys(one.field for one in facet.fixed)) or (facet.name,)


def _translated(text: str) -> str:
    return QCoreApplication.translate("FacetChips", text)


def _swatch(rgb: int, look: Look) -> QIcon:
    picture = QPixmap(2 * _SWATCH, 2 * _SWATCH)
    picture.setDevicePixelRatio(2)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor.fromRgb(rgb))
    painter.setPen(look.colour("dim"))
    painter.drawRoundedRect(1, 1, _SWATCH - 2, _SWATCH - 2, 3, 3)
    painter.end()
    return QIcon(picture)
