"""Images to another folder in the window: asked by a dialog, dragged in the tree, taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox

from llamavis_studio.app.move_dialog import MoveDialog
from llamavis_studio.app.tree_drag import MIME, OUTPUT
from llamavis_studio.core.events import AssetBuilt
from tests.app.project_hands import ProjectHands, project_window
from tests.support.games import described, make_game, on_disk

FILES = {
    "llamavis.toml": '[project]\nname = "game"\nbackend = "instant"\n'
    '[[folder]]\npath = "tiles/**"\nkind = "texture"\n',
    "hero.desc.toml": "# keep\n" + described("brave red knight"),
    "lady.desc.toml": described("a lady"),
    "tiles/wall.desc.toml": described("brown brick"),
    "items/potions.descs.toml": '[[asset]]\nname = "red"\ndescription = "red potion"\n\n'
    '[[asset]]\nname = "blue"\ndescription = "blue potion"\n',
    "project.godot": "config_version=5\n",
    "level.tscn": '[gd_scene format=3]\n\n[ext_resource type="Texture2D" '
    'path="res://lady.png" id="1"]\n',
}


@pytest.fixture
def game(tmp_path: Path) -> Path:
    return make_game(tmp_path / "game", FILES)


@pytest.fixture
def hands(
    app: QApplication, tmp_path: Path, game: Path, instant_backend: None
) -> Iterator[ProjectHands]:
    with project_window(app, tmp_path) as made:
        made.open(game)
        made.wait(lambda: made.window.gallery.model.rowCount() >= 5, "the library")
        yield made


def asked(hands: ProjectHands, *outputs: str) -> MoveDialog:
    hands.window.tree.choose_many(outputs)
    hands.window.commands.do_move()
    return hands.dialog(MoveDialog)


def drop(hands: ProjectHands, folder: str, *outputs: str) -> None:
    """As the tree does it when the mouse is let go."""
    panel = hands.window.tree
    model = panel.tree.model()
    found = [
        panel.rows.folder_index(one[:-1]) if one.endswith("/") else panel.rows.index_of(one)
        for one in outputs
    ]
    rows = [model.mapFromSource(index) for index in found]  # type: ignore[attr-defined]
    data = model.mimeData(rows)
    place = panel.rows.folder_index(folder) if folder else QModelIndex()
    parent = model.mapFromSource(place)  # type: ignore[attr-defined]
    move = Qt.DropAction.MoveAction
    if model.canDropMimeData(data, move, -1, -1, parent):
        assert not model.dropMimeData(data, move, -1, -1, parent)


def in_gallery(hands: ProjectHands) -> set[str]:
    model = hands.window.gallery.model
    items = [model.item(model.index(row, 0)) for row in range(model.rowCount())]
    return {item.file for item in items if item is not None}


def test_the_dialog_moves_and_undo_brings_back(hands: ProjectHands, game: Path) -> None:
    window = hands.window
    before = {name: data for name, (_, data) in on_disk(game).items()}
    drawn: list[object] = []
    assert window.thread_ is not None
    window.thread_.news.connect(
        lambda event: drawn.append(event) if isinstance(event, AssetBuilt) else None
    )
    window.tree.choose("hero.png")
    dialog = asked(hands, "hero.png")
    texts = [dialog.list.item(row).text() for row in range(dialog.list.count())]
    assert texts == ["Top of the project", "items", "tiles"] and not dialog.go.isEnabled()
    dialog.folder.setText("people/heroes")
    hands.wait(dialog.go.isEnabled, "the look ahead")
    told = dialog.told.text()  # with its plural where the English texts are loaded
    assert re.match(r"2 file(s|\(s\)) will be moved", told) and "anew" not in told
    assert not dialog.keep.isVisible() and not dialog.update_uses.isVisible()
    dialog.go.click()
    hands.wait(lambda: hands.state("people/heroes/hero.png") == "fresh", "moving")
    assert window.output == "people/heroes/hero.png"
    assert window.editor.path == game / "people/heroes/hero.desc.toml"
    assert window.tree.state()["current"] == "people/heroes/hero.png"
    assert hands.state("hero.png") == "" and not window.editor.is_modified
    hands.wait(lambda: "people/heroes/hero.png" in in_gallery(hands), "the gallery")
    assert window.actions_["undo"].text() == "Undo: move hero → people/heroes/"
    window.commands.do_undo()
    hands.wait(lambda: hands.state("hero.png") == "fresh", "undo")
    assert {name: data for name, (_, data) in on_disk(game).items()} == before
    assert window.output == "hero.png" and window.editor.path == game / "hero.desc.toml"
    window.commands.do_redo()
    hands.wait(lambda: hands.state("people/heroes/hero.png") == "fresh", "redo")
    assert not drawn


def test_what_comes_of_it_is_told_before(hands: ProjectHands, game: Path) -> None:
    dialog = asked(hands, "tiles/wall.png", "lady.png")
    dialog.choose("")
    hands.wait(dialog.told.text, "the look ahead")
    assert not dialog.go.isEnabled() and "already" in dialog.told.text()  # the lady is there
    dialog.folder.setText("new one")
    hands.wait(dialog.go.isEnabled, "the look ahead")
    anew = r"1 picture(\(s\))? will be drawn anew there: folder rules change its kind there"
    assert re.search(anew, dialog.told.text())
    assert "Named by: level.tscn" in dialog.told.text()
    dialog.keep.setChecked(True)
    assert not dialog.go.isEnabled()
    hands.wait(dialog.go.isEnabled, "the look ahead")
    assert "anew" not in dialog.told.text() and dialog.keep.isVisible()
    dialog.update_uses.setChecked(True)
    dialog.go.click()
    hands.wait(lambda: hands.state("new one/wall.png") == "fresh", "moving")
    assert 'kind = "texture"' in (game / "new one/wall.desc.toml").read_text()
    assert "res://new one/lady.png" in (game / "level.tscn").read_text()
    assert not any(box.isVisible() for box in hands.window.findChildren(QMessageBox))


def test_typing_finds_folders_and_says_what_cannot_be(hands: ProjectHands) -> None:
    dialog = asked(hands, "hero.png")
    dialog.folder.setText("it")
    hidden = [dialog.list.item(row).isHidden() for row in range(dialog.list.count())]
    assert hidden == [True, False, True]
    dialog.folder.setText("tiles")
    assert dialog.list.currentItem().text() == "tiles"
    dialog.folder.setText(".hidden")
    hands.wait(lambda: "hidden" in dialog.told.text(), "the reason")
    assert dialog.list.currentItem() is None
    assert dialog.told.property("role") == "bad" and not dialog.go.isEnabled()
    dialog.folder.clear()
    assert dialog.told.text() == "" and not dialog.go.isEnabled()
    dialog.reject()


def test_a_drop_moves_and_asks_only_where_there_is_a_choice(
    hands: ProjectHands, game: Path
) -> None:
    window = hands.window
    drop(hands, "", "hero.png")  # it is there
    drop(hands, "items", "hero.png")
    hands.wait(lambda: hands.state("items/hero.png") == "fresh", "the drop")
    assert (game / "items/hero.desc.toml").is_file() and not (game / "hero.png").exists()
    drop(hands, "tiles", "items/hero.png")
    dialog = hands.dialog(MoveDialog)
    hands.wait(dialog.go.isEnabled, "the look ahead")
    assert dialog.chosen() == "tiles" and "anew" in dialog.told.text()
    dialog.reject()
    assert (game / "items/hero.png").is_file()
    drop(hands, "tiles", "items/red.png")  # one of many
    hands.wait(lambda: "potions.descs.toml" in window.statusBar().currentMessage(), "the reason")
    drop(hands, "", "items/red.png", "items/blue.png")
    hands.wait(lambda: hands.state("red.png") == "fresh", "the drop of all")
    assert (game / "potions.descs.toml").is_file()
    assert MIME in window.tree.rows.model.mimeTypes()
    drop(hands, "tiles", "tiles/")  # not into itself
    drop(hands, "tiles", "items/")
    dialog = hands.dialog(MoveDialog)
    hands.wait(dialog.go.isEnabled, "the look ahead")
    assert dialog._title.text() == "Move items/"
    dialog.keep.setChecked(True)
    hands.wait(dialog.go.isEnabled, "the look ahead")
    dialog.go.click()
    hands.wait(lambda: hands.state("tiles/items/hero.png") == "fresh", "the drop of a folder")
    assert not (game / "items").exists()


HELD = {
    Qt.Key.Key_Shift: Qt.KeyboardModifier.ShiftModifier,
    Qt.Key.Key_Control: Qt.KeyboardModifier.ControlModifier,
}


@pytest.mark.parametrize("held", [*HELD, None])
def test_rows_of_the_tree_go_along_and_stay_chosen(
    hands: ProjectHands, held: Qt.Key | None
) -> None:
    panel = hands.window.tree
    if held is not None:  # as it is for a moment after Shift+F2
        QTest.keyPress(hands.window.windowHandle(), held, HELD[held])
        assert QGuiApplication.keyboardModifiers() != Qt.KeyboardModifier.NoModifier
    panel.choose_many(("tiles/wall.png", "lady.png"))
    told: list[object] = []
    panel.chosen.connect(told.append)
    panel.follow({"tiles/wall.png": "far/away/wall.png", "lady.png": "far/lady.png"})
    assert panel.rows.index_of("far/away/wall.png").isValid()
    assert not panel.rows.folder_index("tiles").isValid()
    chosen = {index.data(OUTPUT) for index in panel.tree.selectionModel().selectedIndexes()}
    if held is not None:
        QTest.keyRelease(hands.window.windowHandle(), held)
    assert chosen == {"far/away/wall.png", "far/lady.png"} and told == []
