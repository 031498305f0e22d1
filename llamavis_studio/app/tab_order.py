"""Where Tab leads: through what is seen, panel after panel, and back to the beginning.

Qt's own order is that of making, and it goes into panels that lie behind others. Here the panels
come from left to right and from top to bottom, and so do the controls of each, row by row.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QScrollArea, QToolBar, QWidget

_ROW_PX = 12
"""Controls whose middles differ by less stand in one row."""


def go_on(window: QMainWindow, forward: bool) -> bool:
    """Give the keyboard to the next control (or the one before); False where there is none."""
    found = stops(window)
    if not found:
        return False
    here, step = window.focusWidget(), 1 if forward else -1
    at = found.index(here) + step if here in found else min(step, 0)
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    found[at % len(found)].setFocus(reason)
    return True


def stops(window: QMainWindow) -> list[QWidget]:
    """Every control of a window that Tab stops at, in order."""
    panels: list[QWidget] = [
        one
        for kind in (QToolBar, QDockWidget)
        for one in window.findChildren(kind)
        # A dock behind another one is visible to Qt, but lies outside the window.
        if one.isVisibleTo(window) and not one.isWindow() and _is_inside(one, window)
    ]
    middle = window.centralWidget()
    if middle is not None:
        panels.append(middle)
    panels.sort(key=lambda one: (round(_place(one, window).x() / _ROW_PX), _place(one, window).y()))
    return [one for panel in panels for one in _ordered(panel, window)]


def _ordered(panel: QWidget, window: QMainWindow) -> list[QWidget]:
    """A panel's controls. What scrolls is one thing of the panel, in its own order, wherever it has
    been scrolled to.
    """
    inside: dict[QScrollArea, list[QWidget]] = {}
    found: list[QWidget] = []
    for one in panel.findChildren(QWidget):
        if not _stops_at(one, window):
            continue
        area = _scroll_area(one, panel)
        if area is None:
            found.append(one)
        elif area in inside:
            inside[area].append(one)
        else:
            inside[area] = [one]
            found.append(area)
    ordered: list[QWidget] = []
    for one in _by_rows(found, window):
        if isinstance(one, QScrollArea) and one in inside:
            ordered += _by_rows(inside[one], one.widget() or one)
        else:
            ordered.append(one)
    return ordered


def _stops_at(one: QWidget, window: QMainWindow) -> bool:
    return (
        bool(one.focusPolicy().value & Qt.FocusPolicy.TabFocus.value)
        and one.focusProxy() is None
        and one.isEnabled()
        and one.isVisibleTo(window)
        and one.window() is window
    )


def _scroll_area(one: QWidget, panel: QWidget) -> QScrollArea | None:
    above = one.parentWidget()
    while above is not None and above is not panel:
        if isinstance(above, QScrollArea):
            return above
        above = above.parentWidget()
    return None


def _by_rows(controls: Sequence[QWidget], within: QWidget) -> list[QWidget]:
    def middle(one: QWidget) -> QPoint:
        return _place(one, within) + one.rect().center()

    rows: list[list[QWidget]] = []
    for one in sorted(controls, key=lambda one: middle(one).y()):
        if rows and middle(one).y() - middle(rows[-1][0]).y() < _ROW_PX:
            rows[-1].append(one)
        else:
            rows.append([one])
    return [one for row in rows for one in sorted(row, key=lambda one: middle(one).x())]


def _place(one: QWidget, within: QWidget) -> QPoint:
    return one.mapTo(within, QPoint())


def _is_inside(panel: QWidget, window: QMainWindow) -> bool:
    return panel.rect().translated(_place(panel, window)).intersects(window.rect())
