"""Keys: looked up, changed, fought over, kept for the next start; the palette shows them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QSettings, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QWidget

from llamavis_studio.app.actions import ROWS, Actions
from llamavis_studio.app.command_palette import RECENT, CommandPalette, best_first, recent_commands
from llamavis_studio.app.language import Language
from llamavis_studio.app.shortcuts import overlap, sequences
from llamavis_studio.app.shortcuts_dialog import ShortcutsDialog
from llamavis_studio.app.theme import LIGHT


@pytest.fixture
def store(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "session.ini"), QSettings.Format.IniFormat)


def actions(window: QObject, store: QSettings, ran: list[str] | None = None) -> Actions:
    log = ran if ran is not None else []
    made = Actions(window, lambda name: lambda *_: log.append(name))
    made.shortcuts(store)
    made.set_look(LIGHT)
    return made


@pytest.fixture
def window(app: QApplication) -> Iterator[QWidget]:
    made = QWidget()
    yield made
    made.deleteLater()


@pytest.fixture
def dialog(window: QWidget, store: QSettings) -> Iterator[ShortcutsDialog]:
    made = ShortcutsDialog(window, actions(window, store))
    made.show()
    yield made
    made.close()


def press(dialog: ShortcutsDialog, keys: str) -> None:
    dialog.edit.setFocus()
    QTest.keySequence(dialog.edit, QKeySequence(keys))


def test_every_action_has_a_row_and_the_model_holds(dialog: ShortcutsDialog) -> None:
    mode = QAbstractItemModelTester.FailureReportingMode.Fatal
    testers = [QAbstractItemModelTester(one, mode, dialog) for one in (dialog.model, dialog.shown)]
    assert testers and dialog.model.rowCount() == len(ROWS)
    dialog.filter.setText("ctrl+b")
    names = [dialog.shown.index(at, 0).data() for at in range(dialog.shown.rowCount())]
    assert "Draw this one" in names and len(names) < len(ROWS)
    dialog.filter.setText("nothing is called so")
    assert dialog.chosen() is None and not dialog.edit.isEnabled()
    dialog.filter.clear()
    assert dialog.chosen() is not None


def test_new_keys_are_used_at_once_and_at_the_next_start(
    dialog: ShortcutsDialog, window: QWidget, store: QSettings
) -> None:
    dialog.choose("log")
    press(dialog, "Ctrl+Alt+G")
    assert dialog._actions["log"].shortcut() == QKeySequence("Ctrl+Alt+G")
    assert "Ctrl+Alt+G" in dialog._actions["log"].toolTip()
    store.sync()
    again = QSettings(store.fileName(), QSettings.Format.IniFormat)
    other = QObject()
    assert actions(other, again).keys("log") == "Ctrl+Alt+G"
    dialog.reset.click()
    assert dialog._actions["log"].shortcuts() == [] and not store.contains("shortcuts/log")


def test_an_action_can_be_left_without_keys(dialog: ShortcutsDialog, store: QSettings) -> None:
    dialog.choose("build")
    dialog.none.click()
    assert dialog._actions["build"].shortcut().isEmpty()
    assert actions(QObject(), store).keys("build") == ""
    assert not dialog.none.isEnabled() and dialog.reset.isEnabled()


def test_keys_that_are_taken_are_asked_about(dialog: ShortcutsDialog) -> None:
    dialog.choose("log")
    press(dialog, "F5")
    assert dialog.take.isVisible() and "Draw what is stale" in dialog.note.text()
    assert dialog._actions.keys("log") == "" and dialog._actions.keys("build") == "F5"
    dialog.leave.click()
    assert not dialog.take.isVisible() and dialog._actions.keys("build") == "F5"
    press(dialog, "F5")
    dialog.take.click()
    assert dialog._actions.keys("log") == "F5" and dialog._actions.keys("build") == ""
    dialog.reset_all.click()
    assert dialog._actions.keys("log") == "F5"  # it asks first
    dialog.take.click()
    assert dialog._actions.keys("log") == "" and dialog._actions.keys("build") == "F5"
    assert not dialog.reset_all.isEnabled()


def test_a_reset_does_not_steal(dialog: ShortcutsDialog) -> None:
    dialog.choose("build")
    press(dialog, "Ctrl+Alt+G")
    dialog.choose("log")
    press(dialog, "F5")
    dialog.choose("build")
    dialog.reset.click()
    assert dialog.take.isVisible() and dialog._actions.keys("log") == "F5"


def test_no_keys_mean_two_actions(window: QWidget, store: QSettings) -> None:
    made = actions(window, store)
    for row in ROWS:
        assert not made.others_with(row.id, made.keys(row.id)), row.id
    assert overlap("Ctrl+K, Ctrl+B", "Ctrl+K") and not overlap("Ctrl+K", "Ctrl+B")
    assert not overlap("", "Ctrl+B") and len(sequences("Ctrl+K; Ctrl+Shift+P")) == 2


def test_they_are_called_in_the_language_of_now(dialog: ShortcutsDialog) -> None:
    language = Language()
    try:
        language.use("zh")
        QApplication.processEvents()
        texts = [dialog.model.index(0, at).data() for at in range(2)]
        assert texts[0] != "Open project" and "(" not in texts[1]
        assert dialog.windowTitle() != "Keyboard shortcuts"
    finally:
        language.use("en")


# --- the palette ---------------------------------------------------------------------------------


def palette(window: QWidget, made: Actions, store: QSettings, *images: str) -> CommandPalette:
    return CommandPalette(window, [made[row.id] for row in ROWS], store, images)


def texts(found: CommandPalette) -> list[str]:
    return [found.list.item(at).text() for at in range(found.list.count())]


def test_what_was_used_last_stands_first(window: QWidget, store: QSettings) -> None:
    ran: list[str] = []
    made = actions(window, store, ran)
    for name in ("about", "log"):
        found = palette(window, made, store)
        found.typed.setText(made[name].text().rstrip("…"))
        QTest.keyClick(found.typed, Qt.Key.Key_Return)
    assert ran == ["about", "log"] and recent_commands(store) == ["log", "about"]
    assert texts(palette(window, made, store))[:2] == ["Log", "About"]
    for row in ROWS[: RECENT + 2]:
        found = palette(window, made, store)
        found.list.setCurrentRow(texts(found).index(made[row.id].text().rstrip("…")))
        found._run()
    assert len(recent_commands(store)) == RECENT


def test_its_keys_are_shown_and_both_open_it(window: QWidget, store: QSettings) -> None:
    made = actions(window, store)
    keys = [one.toString() for one in made["palette"].shortcuts()]
    assert keys == ["Ctrl+K", "Ctrl+Shift+P"]
    found = palette(window, made, store)
    found.typed.setText("search images")
    role = Qt.ItemDataRole.AccessibleTextRole
    assert found.list.item(0).data(role) == "Search images, Ctrl+F"


def test_images_are_found_by_their_names(window: QWidget, store: QSettings) -> None:
    ran: list[str] = []
    made = actions(window, store, ran)
    images = ("art/red_knight.png", "art/knight.png", "knights/horse.png")
    found = palette(window, made, store, *images)
    went: list[str] = []
    found.image_chosen.connect(went.append)
    found.typed.setText("knight")
    assert texts(found)[:3] == ["knight.png", "red_knight.png", "horse.png"]
    QTest.keyClick(found.typed, Qt.Key.Key_Down)
    QTest.keyClick(found.typed, Qt.Key.Key_Return)
    assert went == ["art/red_knight.png"] and ran == [] and recent_commands(store) == []
    nothing = palette(window, made, store)
    nothing.typed.setText("zzzz")
    QTest.keyClick(nothing.typed, Qt.Key.Key_Return)
    assert ran == []


def test_what_begins_so_comes_first() -> None:
    ranked = sorted(("a blue dragon", "dragon", "red dragons", "handragon"),
                    key=lambda text: best_first(text, "dragon"))  # fmt: skip
    assert ranked == ["dragon", "red dragons", "a blue dragon", "handragon"]
