"""The window without a mouse and without eyes: names, a way round by Tab, states told apart."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, QPoint, QRect, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDockWidget,
    QFileDialog,
    QLabel,
    QMessageBox,
    QScrollArea,
    QToolBar,
    QWidget,
)

from llamavis_studio.app import theme
from llamavis_studio.app.actions import ROWS
from llamavis_studio.app.main_window import MainWindow
from llamavis_studio.app.project_panel import STATE_COLOURS
from llamavis_studio.app.theme import DARK, LIGHT
from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.core.asset import AssetState
from llamavis_studio.studio import Studio
from tests.app.hands import life, settle, wait
from tests.screenshots.pages import NO_DIALOG
from tests.support.studios import small_game

MOST_STEPS = 200
NEAR_PX = 12  # two controls whose middles differ by less stand in one row


@pytest.fixture
def window(app: QApplication, instant_backend: None, tmp_path: Path) -> Iterator[MainWindow]:
    host = InProcessHost()
    store = QSettings(str(tmp_path / "session.ini"), QSettings.Format.IniFormat)
    made = MainWindow(store, lambda root: Studio.open(root, host=host))
    theme.apply(app, DARK)
    made.set_look(DARK)
    made.resize(1280, 800)
    made.show()
    made.activateWindow()
    made.open_project(small_game(tmp_path / "game"))
    wait(lambda: made.plan is not None and made.gallery.model.rowCount() > 0, "opening")
    wait(lambda: {one.state.value for one in made.plan.targets} == {"fresh"}, "the first drawing")
    wait(lambda: not made.queue.stop.isEnabled(), "the end of it")
    made.tree.choose("hero.png")
    hero = tmp_path / "game" / "hero.desc.toml"
    wait(lambda: made.editor.path == hero, "the description")
    yield made
    made.close()
    made.deleteLater()
    settle()
    host.close()


def is_named(widget: QWidget) -> bool:
    """Whether a screen reader has a word for it, or for what it is the inside of."""
    inside = widget.parentWidget()
    if isinstance(inside, (QComboBox, QAbstractSpinBox)):
        return is_named(inside)
    label = [one for one in widget.window().findChildren(QLabel) if one.buddy() is widget]
    named = widget.accessibleName() or getattr(widget, "text", str)() or widget.toolTip()
    return bool(named or label)


def nameless(top: QWidget) -> list[str]:
    """The controls of a window that take the focus and have no name."""
    return [
        f"{type(one).__name__} {one.objectName()} in {type(one.parentWidget()).__name__}"
        for one in top.findChildren(QWidget)
        if one.focusPolicy() != Qt.FocusPolicy.NoFocus
        and one.isVisible()
        and not isinstance(one, QLabel)
        and not one.objectName().startswith("qt_")
        and not is_named(one)
    ]


def test_every_control_of_the_window_has_a_name(window: MainWindow) -> None:
    assert not nameless(window)
    for dock in window.findChildren(QDockWidget):
        dock.show()
        dock.raise_()
        life(0.02)
        assert not nameless(window), dock.objectName()


def test_every_control_of_every_dialog_has_a_name(window: MainWindow, app: QApplication) -> None:
    seen = []
    for row in ROWS:
        action = window.actions_[row.id]
        if row.id in NO_DIALOG or not action.isEnabled():
            continue
        before = set(app.topLevelWidgets())
        action.trigger()
        life(0.05)
        opened = [one for one in app.topLevelWidgets() if one not in before and one.isVisible()]
        for dialog in opened:
            # Qt's own dialogs name their parts themselves.
            if not isinstance(dialog, QFileDialog):
                seen.append(row.id)
                assert not nameless(dialog), row.id
                assert dialog.windowTitle() or isinstance(dialog, QMessageBox), row.id
                goes_round(dialog)
            dialog.close()
            life(0.02)
    assert {"settings", "models", "log", "palette", "about"} <= set(seen)


def goes_round(top: QWidget) -> list[QWidget]:
    """What Tab visits in a window until it is back where it began; it must come back."""
    top.activateWindow()
    if top.focusWidget() is None:
        top.focusNextChild()
    visited = [top.focusWidget()]
    while len(visited) < MOST_STEPS:
        QTest.keyClick(visited[-1], Qt.Key.Key_Tab)
        here = QApplication.focusWidget() or top.focusWidget()
        if here is visited[-1] and isinstance(top, QMessageBox) and len(top.buttons()) == 1:
            return visited
        assert here is not None and here is not visited[-1], f"{name_of(visited[-1])} is a trap"
        if here in visited:
            return visited[visited.index(here) :]
        visited.append(here)
    raise AssertionError(f"Tab goes round in: {[name_of(one) for one in visited[-30:]]}")


def panel_of(widget: QWidget, window: MainWindow) -> str:
    """The dock it stands in, or the middle, or the tools."""
    while widget is not None and widget is not window:
        if isinstance(widget, (QDockWidget, QToolBar)):
            return widget.objectName()
        if widget is window.stack:
            return "middle"
        widget = widget.parentWidget()
    return "window"


def place_of(widget: QWidget, within: QWidget) -> QRect:
    return QRect(widget.mapTo(within, QPoint()), widget.size())


def test_tab_goes_through_the_window_and_comes_back(window: MainWindow) -> None:
    window.editor.choose_view(0)
    window.tree.filter.setFocus()
    life(0.02)
    visited = goes_round(window)
    assert window.tree.filter in visited
    panels = [name for name, _ in itertools.groupby(panel_of(one, window) for one in visited)]
    panels = panels[:-1] if len(panels) > 1 and panels[-1] == panels[0] else panels
    assert len(panels) == len(set(panels)), f"back and forth between panels: {panels}"
    assert {"tree", "middle", "gallery", "editor"} <= set(panels)
    form = window.editor.form.findChild(QScrollArea)
    wrong = []
    for a, b in itertools.pairwise(visited):
        # What scrolls is where it was when it was reached; its own order is that of its page.
        within = form.widget() if form.isAncestorOf(a) and form.isAncestorOf(b) else window
        if panel_of(a, window) == panel_of(b, window) and form.isAncestorOf(a) == (
            form.isAncestorOf(b)
        ):
            one, two = place_of(a, within), place_of(b, within)
            is_row = abs(one.center().y() - two.center().y()) < NEAR_PX
            is_later = two.left() >= one.left() if is_row else two.center().y() > one.center().y()
            if not is_later:
                wrong.append(f"{name_of(a)} -> {name_of(b)} in {panel_of(a, window)}")
    assert not wrong


def test_tab_stops_nowhere_that_is_not_seen(window: MainWindow) -> None:
    """Panels behind others are passed over; back is the same way."""
    window.editor.choose_view(0)
    window.tree.filter.setFocus()
    life(0.02)
    visited = goes_round(window)
    for one in visited:
        dock = panel_of(one, window)
        panel = window.findChild(QDockWidget, dock)
        assert panel is None or panel.geometry().intersects(window.rect()), dock
    back = [window.tree.filter]
    for _ in visited:
        QTest.keyClick(
            QApplication.focusWidget(), Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier
        )
        back.append(QApplication.focusWidget())
    assert [name_of(one) for one in reversed(back[1:])] == [name_of(one) for one in visited]


def test_who_comes_by_with_tab_chooses_nothing(window: MainWindow, tmp_path: Path) -> None:
    """The picture and the words that are shown stay; a key, Enter or a click chooses."""
    gallery, hero = window.gallery, tmp_path / "game" / "hero.desc.toml"
    gallery.view.setCurrentIndex(QModelIndex())
    gallery.view.setFocus(Qt.FocusReason.TabFocusReason)
    life(0.05)
    assert gallery.view.hasFocus()
    assert (window.output, window.editor.path) == ("hero.png", hero)
    QTest.keyClick(gallery.view, Qt.Key.Key_End)
    QTest.keyClick(gallery.view, Qt.Key.Key_End)  # the library may just have been read again
    wait(lambda: window.output != "hero.png", "the card that was chosen")


def name_of(widget: QWidget) -> str:
    return widget.accessibleName() or getattr(widget, "text", str)() or type(widget).__name__


def test_the_text_lets_go_of_the_keyboard(window: MainWindow) -> None:
    """Tab is for the text there; another key leads out."""
    window.editor.choose_view(1)
    text = window.editor.text
    text.setFocus()
    for key, modifier in (
        (Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_F6, Qt.KeyboardModifier.NoModifier),
    ):
        QTest.keyClick(text, key, modifier)
        if QApplication.focusWidget() is not text:
            return
    pytest.fail("no key leads out of the text")


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=lambda look: look.name)
def test_states_differ_by_more_than_their_colour(app: QApplication, look: theme.Look) -> None:
    """Painted in one colour, no two states look alike."""
    shapes = {}
    for state in AssetState:
        name = state.value if state.value != "unmanaged" else "image"
        image = theme.icon(name, look, "text").pixmap(24, 24).toImage()
        assert state.value in STATE_COLOURS
        shapes[state.value] = bytes(image.convertToFormat(image.Format.Format_Alpha8).constBits())
    assert len(set(shapes.values())) == len(shapes)


def test_states_are_said_in_words(window: MainWindow) -> None:
    model = window.tree.tree.model()
    rows = [model.index(row, 0) for row in range(model.rowCount())]
    leaves = [one for one in rows if not model.rowCount(one)]
    assert leaves
    for leaf in leaves:
        words = leaf.data(Qt.ItemDataRole.AccessibleDescriptionRole) or leaf.data(
            Qt.ItemDataRole.AccessibleTextRole
        )
        assert "up to date" in str(words)
