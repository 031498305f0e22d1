"""One undo for descriptions, files and the words of images, in the order they were changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from llamavis_studio.app import changes
from llamavis_studio.app.language import Language
from tests.app.project_hands import ProjectHands, project_window
from tests.library.conftest import picture
from tests.support.games import described, make_game

HERO = "# keep\r\n" + described("brave red knight").replace("\n", "\r\n")


@pytest.fixture
def game(tmp_path: Path) -> Path:
    root = make_game(tmp_path / "game", {"lady.desc.toml": described("a lady")})
    (root / "hero.desc.toml").write_bytes(HERO.encode())
    (root / "tree.png").write_bytes(picture(3))
    return root


@pytest.fixture
def hands(
    app: QApplication, tmp_path: Path, game: Path, instant_backend: None
) -> Iterator[ProjectHands]:
    with project_window(app, tmp_path) as made:
        made.open(game)
        made.wait(lambda: made.window.gallery.model.rowCount() >= 3, "the library")
        yield made


def typed(hands: ProjectHands, text: str) -> None:
    editor = hands.window.editor
    editor.text.selectAll()
    editor.text.insertPlainText(text)
    assert editor.save()


def undo(hands: ProjectHands) -> str:
    return hands.window.actions_["undo"].text()


def redo(hands: ProjectHands) -> str:
    return hands.window.actions_["redo"].text()


def test_saved_edits_are_taken_back_one_by_one(hands: ProjectHands, game: Path) -> None:
    window = hands.window
    assert undo(hands) == "Undo" and not window.actions_["undo"].isEnabled()
    window.tree.choose("hero.png")
    typed(hands, described("brave blue knight"))
    typed(hands, described("brave green knight"))
    assert undo(hands) == "Undo: edit of hero.desc.toml"
    window.tree.choose("lady.png")  # what is undone need not be what is shown
    window.commands.do_undo()
    hands.wait(lambda: "blue" in (game / "hero.desc.toml").read_text(), "the first undo")
    window.commands.do_undo()
    hands.wait(lambda: (game / "hero.desc.toml").read_bytes() == HERO.encode(), "the second undo")
    hands.wait(lambda: hands.state("hero.png") == "fresh", "drawing")
    hands.wait(lambda: not window.actions_["undo"].isEnabled(), "the end of the list")
    assert redo(hands) == "Redo: edit of hero.desc.toml"
    window.commands.do_redo()
    hands.wait(lambda: "blue" in (game / "hero.desc.toml").read_text(), "redo")
    window.tree.choose("hero.png")
    hands.wait(lambda: "blue" in window.editor.text.toPlainText(), "the editor")
    # Something new makes the rest of the way forward another one.
    typed(hands, described("brave white knight"))
    assert not window.actions_["redo"].isEnabled()


def test_the_open_editor_follows(hands: ProjectHands, game: Path) -> None:
    window = hands.window
    window.tree.choose("hero.png")
    typed(hands, described("brave blue knight"))
    window.commands.do_undo()
    hands.wait(lambda: "red" in window.editor.text.toPlainText(), "the editor")
    assert not window.editor.is_modified and window.editor.notice.isHidden()


def test_newer_work_is_never_written_over(hands: ProjectHands, game: Path) -> None:
    window = hands.window
    window.tree.choose("hero.png")
    typed(hands, described("brave blue knight"))
    window.tree.choose("lady.png")
    (game / "hero.desc.toml").write_text(described("somebody else's knight"))
    window.commands.do_undo()
    hands.wait(lambda: "changed since" in window.statusBar().currentMessage(), "the refusal")
    assert "somebody" in (game / "hero.desc.toml").read_text()
    assert not window.actions_["undo"].isEnabled()


def test_unsaved_text_is_not_pulled_away(hands: ProjectHands, game: Path) -> None:
    window = hands.window
    window.tree.choose("hero.png")
    typed(hands, described("brave blue knight"))
    window.editor.text.appendPlainText("# more")
    window.commands.do_undo()
    hands.wait(lambda: "unsaved text" in window.statusBar().currentMessage(), "the refusal")
    assert "blue" in (game / "hero.desc.toml").read_text()
    assert "# more" in window.editor.text.toPlainText()
    assert undo(hands) == "Undo: edit of hero.desc.toml"
    window.editor.saving.revert()


def test_words_and_files_share_one_order(hands: ProjectHands, game: Path) -> None:
    window, bridge = hands.window, hands.window.bridge
    assert bridge is not None
    item = next(one for one in window.gallery.model.items() if one.file == "tree.png")

    def tagged() -> str:
        return (game / "tree.json").read_text() if (game / "tree.json").exists() else ""

    bridge.add_tags([item], ["oak"])
    hands.wait(lambda: "oak" in tagged(), "the tag")
    window.files.rename("hero.png", "paladin")
    hands.wait(lambda: hands.state("paladin.png") == "fresh", "renaming")
    bridge.add_tags([item], ["moss"])
    hands.wait(lambda: "moss" in tagged(), "the second tag")
    window.changes.look()  # as the menu does when it opens
    hands.wait(lambda: "moss" in undo(hands), "the menu")
    window.commands.do_undo()
    hands.wait(lambda: undo(hands).startswith("Undo: rename"), "undo of the newest")
    assert "moss" not in tagged() and "oak" in tagged()
    assert (game / "paladin.png").exists()
    window.commands.do_undo()
    hands.wait(lambda: hands.state("hero.png") == "fresh", "undo of the rename")
    assert "oak" in undo(hands)
    window.commands.do_undo()
    hands.wait(lambda: not tagged(), "undo of the first")
    for until in (
        lambda: "oak" in tagged(),
        lambda: hands.state("paladin.png") == "fresh",
        lambda: "moss" in tagged(),
    ):
        window.commands.do_redo()
        hands.wait(until, "redo")
        hands.wait(lambda: not window.changes._is_busy)
    assert not window.actions_["redo"].isEnabled()
    window.commands.do_undo()
    hands.wait(lambda: "moss" not in tagged(), "undo once more")


def test_what_was_done_before_the_project_was_opened_is_not_offered(
    hands: ProjectHands, game: Path
) -> None:
    window = hands.window
    assert window.bridge is not None
    item = next(one for one in window.gallery.model.items() if one.file == "tree.png")
    window.bridge.add_tags([item], ["oak"])
    hands.wait(lambda: (game / "tree.json").exists(), "the tag")
    window.close_project()
    assert not window.actions_["undo"].isEnabled()
    hands.open(game)
    window.commands.do_undo()
    hands.wait(lambda: window.statusBar().currentMessage() == "Nothing to undo", "the answer")
    assert (game / "tree.json").exists()


def test_the_list_is_bounded(hands: ProjectHands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "MOST", 3)
    hands.window.tree.choose("hero.png")
    for word in ("blue", "green", "white", "black", "brown"):
        typed(hands, described(f"brave {word} knight"))
    assert len(hands.window.changes._done) == 3
    monkeypatch.setattr(changes, "MOST_BYTES", 10)
    typed(hands, described("brave pink knight"))
    assert len(hands.window.changes._done) == 1  # the newest is always there


def test_the_menu_speaks_the_language_of_now(hands: ProjectHands) -> None:
    hands.window.tree.choose("hero.png")
    typed(hands, described("brave blue knight"))
    language = Language()
    try:
        language.use("zh")
        hands.app.processEvents()
        assert undo(hands) == "撤销：编辑 hero.desc.toml"
    finally:
        language.use("en")
        hands.app.processEvents()
    assert undo(hands) == "Undo: edit of hero.desc.toml"
