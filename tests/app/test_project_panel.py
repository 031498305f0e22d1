"""The project's tree: what it shows, what is done from it, and that it keeps its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QInputDialog, QLineEdit, QMainWindow, QMessageBox

from llamavis_studio.app.actions import Actions
from llamavis_studio.app.delete_dialog import DeleteDialog
from llamavis_studio.app.project_panel import MENU, ProjectPanel
from llamavis_studio.app.project_tree import MANY, filter_pattern, with_state
from llamavis_studio.core.asset import AssetState
from llamavis_studio.release import trash
from tests.app.project_hands import ProjectHands, project_window
from tests.support.games import described, make_game


@dataclass
class FakePlan:
    targets: list[Any]

    def counts(self) -> dict[str, int]:
        found = Counter(one.state.value for one in self.targets)
        return {state.value: found[state.value] for state in AssetState}


def target(output: str, state: AssetState = AssetState.FRESH, words: str = "a knight") -> Any:
    stem = output.removesuffix(".png")
    one = SimpleNamespace(
        output=output,
        source=f"{stem}.desc.toml",
        name=stem.rpartition("/")[2],
        description=words,
        base="",
    )
    return SimpleNamespace(target=one, state=state, reason="so")


@pytest.fixture
def panel(app: QApplication) -> Iterator[ProjectPanel]:
    window = QMainWindow()
    made = ProjectPanel(Actions(window, lambda _name: lambda *_: None))
    window.setCentralWidget(made)
    fatal = QAbstractItemModelTester.FailureReportingMode.Fatal
    testers = [
        QAbstractItemModelTester(one, fatal, window) for one in (made.rows.model, made._shown)
    ]
    yield made
    assert testers
    window.deleteLater()


def shown(panel: ProjectPanel) -> list[str]:
    """What can be seen, row by row, with folders open."""
    found, index = [], panel.tree.model().index(0, 0)
    while index.isValid():
        found.append(index.data())
        index = panel.tree.indexBelow(index)
    return found


def test_rows_come_go_and_keep_their_order(panel: ProjectPanel) -> None:
    names = ["b.png", "art/k2.png", "art/k10.png", "art/deep/x.png"]
    panel.show_plan(FakePlan([target(name) for name in names]))
    assert shown(panel) == ["art", "deep", "x", "k2", "k10", "b"]
    names += ["art/k3.png", "art/a.png", "a.png"]
    panel.show_plan(FakePlan([target(name) for name in names]))
    assert shown(panel) == ["art", "deep", "x", "a", "k2", "k3", "k10", "a", "b"]
    panel.show_plan(FakePlan([target("b.png")]))
    assert shown(panel) == ["b"]
    assert "1 up to date" in panel.summary.text()


def test_a_plan_of_thousands_touches_only_what_changed(
    panel: ProjectPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    targets = [target(f"f{at % 9}/i{at}.png") for at in range(3 * MANY)]
    panel.show_plan(FakePlan(targets))
    dressed: list[str] = []
    dress = panel.rows._dress
    monkeypatch.setattr(
        panel.rows, "_dress", lambda output, told: (dressed.append(output), dress(output, told))
    )
    panel.show_plan(FakePlan(list(targets)))
    assert dressed == []
    targets[5] = target("f5/i5.png", AssetState.STALE)
    panel.show_plan(FakePlan(targets))
    assert dressed == ["f5/i5.png"]
    # Many at once are told to the view by folder: what it shows is right all the same.
    told: list[tuple[int, int]] = []
    panel.rows.model.dataChanged.connect(lambda a, b, _roles: told.append((a.row(), b.row())))
    changed = [target(one.target.output, AssetState.MISSING) for one in targets]
    panel.show_plan(FakePlan(changed))
    assert 9 <= len(told) <= 10
    index = panel.rows.index_of("f5/i5.png")
    assert "not drawn yet" in index.data(Qt.ItemDataRole.ToolTipRole)


def test_what_is_open_and_chosen_stays(panel: ProjectPanel) -> None:
    plan = FakePlan([target("art/a.png"), target("art/b.png"), target("tiles/c.png")])
    panel.show_plan(plan)
    panel.choose("tiles/c.png")
    art = panel._shown.mapFromSource(panel.rows.folder_index("art"))
    panel.tree.collapse(art)
    panel.show_plan(FakePlan([*plan.targets, target("art/new.png")]))
    assert shown(panel) == ["art", "tiles", "c"]
    state = panel.state()
    assert state == {"collapsed": ["art"], "current": "tiles/c.png"}
    panel.filter.setText("new")  # a search looks into folders that are closed
    assert shown(panel) == ["art", "new"]
    panel.filter.clear()
    assert shown(panel) == ["art", "tiles", "c"]
    panel.clear()
    assert shown(panel) == []
    panel.restore(state)
    panel.show_plan(plan)
    assert shown(panel) == ["art", "tiles", "c"]
    assert panel.first() == "tiles/c.png"


def test_the_filter_takes_words_and_states(panel: ProjectPanel) -> None:
    panel.show_plan(
        FakePlan(
            [
                target("a.png", AssetState.STALE, "a red (knight)"),
                target("b.png", AssetState.FAILED, "a red frog"),
                target("c.png", AssetState.FRESH, "a blue frog"),
            ]
        )
    )
    for text, wanted in (
        ("RED", ["a", "b"]),
        ("red (kn", ["a"]),
        ("state:stale", ["a"]),
        ("state:stale state:failed", ["a", "b"]),
        ("frog state:failed", ["b"]),
        ("state:nothing", []),
        ("state:", ["a", "b", "c"]),
        ("", ["a", "b", "c"]),
    ):
        panel.filter.setText(text)
        assert shown(panel) == wanted, text
    stale = panel._state_actions["stale"]
    stale.trigger()
    assert panel.filter.text() == "state:stale" and shown(panel) == ["a"]
    panel.filter.setText("frog state:fresh")
    assert panel._state_actions["fresh"].isChecked() and not stale.isChecked()
    assert with_state("frog state:fresh", "fresh", False) == "frog"
    assert filter_pattern("  ") == ""
    panel.choose("a.png")  # what is asked for is shown, whatever was filtered
    assert panel.filter.text() == ""


def test_a_renamed_row_stays_chosen_and_in_its_place(panel: ProjectPanel) -> None:
    panel.show_plan(FakePlan([target("art/a.png"), target("art/b.png")]))
    panel.choose("art/a.png")
    told: list[object] = []
    panel.chosen.connect(told.append)
    panel.follow({"art/a.png": "art/z.png", "art/a.txt": "art/z.txt"})
    panel.show_plan(FakePlan([target("art/z.png"), target("art/b.png")]))
    assert shown(panel) == ["art", "z", "b"]
    assert panel.state()["current"] == "art/z.png"
    assert told == []


def test_every_state_has_a_shape_of_its_own(panel: ProjectPanel) -> None:
    states = list(AssetState)
    panel.show_plan(FakePlan([target(f"{state.value}.png", state) for state in states]))
    looks = set()
    for state in states:
        icon = panel.rows.index_of(f"{state.value}.png").data(Qt.ItemDataRole.DecorationRole)
        alpha = (
            icon.pixmap(24, 24)
            .toImage()
            .convertToFormat(icon.pixmap(24, 24).toImage().Format.Format_Alpha8)
        )
        looks.add(bytes(alpha.constBits()))
    assert len(looks) == len(states)


# --- in the window -------------------------------------------------------------------------


@pytest.fixture
def hands(
    app: QApplication, tmp_path: Path, instant_backend: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ProjectHands]:
    def refuse(_path: str) -> None:
        raise OSError("no trash here")

    monkeypatch.setattr(trash, "_system_trash", refuse)
    with project_window(app, tmp_path) as made:
        yield made


@pytest.fixture
def game(tmp_path: Path) -> Path:
    return make_game(
        tmp_path / "game",
        {
            "hero.desc.toml": "# keep\n" + described("brave red knight"),
            "tiles/floor.desc.toml": described("grey stone", 'kind = "texture"\ncount = 2\n'),
            "tiles/wall.desc.toml": described("brown brick", 'kind = "texture"\n'),
        },
    )


def test_f2_renames_in_the_row(hands: ProjectHands, game: Path) -> None:
    hands.open(game)
    window = hands.window
    before = (game / "tiles/floor_1.png").read_bytes()
    window.tree.choose("tiles/floor_1.png")
    window.commands.do_rename()
    line = window.tree.tree.findChild(QLineEdit)
    assert line is not None and line.text() == "floor"  # the description's name, not the file's
    line.setText("a/b")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert "'/'" in line.toolTip()
    line.setText("ground")
    QTest.keyClick(line, Qt.Key.Key_Return)
    hands.wait(lambda: hands.state("tiles/ground_1.png") == "fresh", "renaming")
    assert hands.state("tiles/floor_1.png") == ""
    assert window.output == "tiles/ground_1.png"
    assert window.editor.path == game / "tiles/ground.desc.toml"
    assert window.editor.notice.isHidden() and not window.editor.is_modified
    assert len((game / "tiles/ground_1.png").read_bytes()) == len(before) + 1  # a longer name


def test_unsaved_text_is_saved_before_a_rename(hands: ProjectHands, game: Path) -> None:
    hands.open(game)
    window = hands.window
    window.tree.choose("hero.png")
    window.editor.text.selectAll()
    window.editor.text.insertPlainText(described("brave green knight"))
    window.files.rename("hero.png", "paladin")
    hands.wait(lambda: hands.state("paladin.png") == "fresh", "renaming and drawing")
    assert "green" in (game / "paladin.desc.toml").read_text()
    assert not (game / "hero.desc.toml").exists()


def test_delete_asks_and_undo_brings_it_back(hands: ProjectHands, game: Path) -> None:
    hands.open(game)
    window = hands.window
    window.tree.choose("tiles/floor_0.png")
    before = (game / "tiles/floor_0.png").read_bytes()
    window.commands.do_delete()
    dialog = hands.dialog(DeleteDialog)
    assert [dialog.list.item(row).text() for row in range(dialog.list.count())] == [
        "tiles/floor.desc.toml", "tiles/floor_0.png", "tiles/floor_1.png",
    ]  # fmt: skip
    dialog.with_pictures.setChecked(False)
    assert dialog.list.count() == 1
    dialog.with_pictures.setChecked(True)
    dialog.delete.click()
    hands.wait(lambda: not hands.state("tiles/floor_0.png"), "deleting")
    assert not (game / "tiles/floor_0.png").exists()
    assert (game / ".llamavis/trash/tiles/floor_0.png").read_bytes() == before
    assert window.output not in ("tiles/floor_0.png", "")
    assert window.editor.notice.isHidden()
    window.commands.do_undo()
    hands.wait(lambda: hands.state("tiles/floor_0.png") == "fresh", "undo")
    assert (game / "tiles/floor_0.png").read_bytes() == before


def test_delete_can_be_refused(hands: ProjectHands, game: Path) -> None:
    hands.open(game)
    window = hands.window
    window.tree.choose("hero.png")
    window.commands.do_delete()
    hands.dialog(DeleteDialog).cancel.click()
    hands.app.processEvents()
    assert (game / "hero.desc.toml").exists()
    assert not window.actions_["undo"].isEnabled()


def test_several_are_locked_duplicated_and_copied(hands: ProjectHands, game: Path) -> None:
    hands.open(game)
    window = hands.window
    window.tree.choose_many(("hero.png", "tiles/wall.png"))
    window.commands.do_lock()
    hands.wait(lambda: hands.state("tiles/wall.png") == "locked" == hands.state("hero.png"))
    names = [action.objectName() for action in window.tree.menu().actions()]
    assert "unlock" in names and "lock" not in names
    window.commands.do_copy_path()
    clipboard = QGuiApplication.clipboard()
    wanted = f"{game / 'hero.png'}\n{game / 'tiles/wall.png'}"
    hands.wait(lambda: clipboard.text() == wanted, "copying")
    (game / "tiles" / "project.godot").touch()
    window.commands.do_copy_res()
    hands.wait(lambda: clipboard.text() == "res://hero.png\nres://wall.png", "copying for Godot")
    window.commands.do_duplicate()
    hands.wait(lambda: hands.state("tiles/wall_copy.png") == "fresh", "duplicating")
    copies = ["hero_copy.png", "tiles/wall_copy.png"]
    hands.wait(
        lambda: [one.target.output for one in window.tree.selected()] == copies, "the copies"
    )
    window.tree.choose("hero.png")
    window.commands.do_unlock()
    hands.wait(lambda: hands.state("hero.png") == "fresh", "unlocking")
    assert (game / "hero.desc.toml").read_text() == "# keep\n" + described("brave red knight")


def test_variants_are_asked_for_and_drawn(hands: ProjectHands, game: Path) -> None:
    hands.open(game)
    window = hands.window
    window.tree.choose("hero.png")
    window.commands.do_variants()
    dialog = hands.dialog(QInputDialog)
    assert dialog.intValue() == 4
    dialog.setIntValue(3)
    dialog.accept()
    hands.wait(lambda: hands.state("hero_2.png") == "fresh", "drawing variants")
    hands.wait(lambda: window.past.variants.isVisible(), "the strip of variants")
    assert window.output == "hero_0.png"


def test_scenes_that_use_a_renamed_image_are_told(hands: ProjectHands, game: Path) -> None:
    (game / "project.godot").touch()
    (game / "level.tscn").write_text(
        '[gd_scene format=3]\n\n[ext_resource type="Texture2D" path="res://hero.png" id="1"]\n'
    )
    hands.open(game)
    hands.wait(lambda: hands.window.gallery.model.rowCount() >= 4, "the library")
    hands.window.files.rename("hero.png", "paladin")
    box = hands.dialog(QMessageBox)
    assert "level.tscn: hero.png" in box.informativeText()
    box.close()


def test_the_tree_is_as_it_was_left(hands: ProjectHands, game: Path) -> None:
    hands.open(game)
    window = hands.window
    tree = window.tree
    tree.choose("hero.png")
    tree.tree.collapse(tree._shown.mapFromSource(tree.rows.folder_index("tiles")))
    window.close_project()
    assert shown(tree) == []
    hands.open(game)
    hands.wait(lambda: window.output == "hero.png", "the image of last time")
    assert shown(tree) == ["tiles", "hero"]


def test_keys_that_mean_something_else_elsewhere_are_the_trees_own(
    hands: ProjectHands, game: Path
) -> None:
    hands.open(game)
    for name in ("delete", "rename", "duplicate"):
        context = hands.window.actions_[name].shortcutContext()
        assert context == Qt.ShortcutContext.WidgetWithChildrenShortcut
    assert {name for names in MENU for name in names} >= {"delete", "rename", "duplicate", "redraw"}
    hands.window.tree.tree.selectionModel().clearSelection()
    assert not hands.window.actions_["delete"].isEnabled()
