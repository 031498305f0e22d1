"""The description editor and its file: nothing that was typed gets lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtTest import QTest

from llamavis_studio.app.drafts import MOST_ASIDE, Drafts
from llamavis_studio.app.editor import DescriptionEditor
from llamavis_studio.app.theme import DARK
from llamavis_studio.core.errors import ProjectError
from tests.app.editor_hands import SLIME, Open, editors, type_words


@pytest.fixture
def open_editor(tmp_path: Path) -> Iterator[Open]:
    yield from editors(tmp_path)


def test_a_draft_survives_a_kill_and_comes_back(open_editor: Open, tmp_path: Path) -> None:
    editor = open_editor()
    type_words(editor, " with eyes")
    QTest.qWait(700)
    drafts = Drafts(tmp_path / "drafts")  # as another process would find them
    path = tmp_path / "slime.desc.toml"
    assert drafts.find(path) == editor.text.text() and "with eyes" in editor.text.text()
    again = DescriptionEditor(drafts, DARK)
    again.open_file(path)
    assert again.is_modified and again.text.text() == editor.text.text()
    assert "back" in again.notice.message()
    assert again.save() and drafts.find(path) is None
    again.deleteLater()


def test_opening_another_file_keeps_the_draft_of_the_first(
    open_editor: Open, tmp_path: Path
) -> None:
    editor = open_editor()
    type_words(editor, "!")
    (tmp_path / "bat.desc.toml").write_text('description = "bat"\n')
    editor.open_file(tmp_path / "bat.desc.toml")
    assert not editor.is_modified
    editor.open_file(tmp_path / "slime.desc.toml")
    assert editor.is_modified and "slime!" in editor.text.text()


def test_broken_drafts_are_passed_over_and_old_ones_go(tmp_path: Path) -> None:
    drafts, path = Drafts(tmp_path / "drafts"), tmp_path / "a.desc.toml"
    drafts.keep(path, "half \ud83d of it")
    assert drafts.find(path) == "half \ud83d of it"
    [file] = (tmp_path / "drafts").iterdir()
    file.write_bytes(b"{")
    assert drafts.find(path) is None
    for number in range(MOST_ASIDE + 3):
        drafts.set_aside(path, str(number))
    assert len(drafts.aside(path)) == MOST_ASIDE


def test_an_unmodified_text_follows_the_file(open_editor: Open) -> None:
    editor = open_editor()
    assert editor.path is not None
    editor.header.text.click()
    editor.text.go_to(7, 1)
    editor.path.write_text("# new\n" + SLIME)
    editor.file_changed_outside()
    assert editor.text.text() == "# new\n" + SLIME and not editor.is_modified
    assert editor.text.textCursor().block().text() == "colours = 8"
    assert editor.notice.message() == ""


@pytest.mark.parametrize("choice", [0, 1])
def test_a_modified_text_asks_and_neither_is_lost(
    open_editor: Open, tmp_path: Path, choice: int
) -> None:
    editor = open_editor()
    assert editor.path is not None
    type_words(editor, " of mine")
    mine, theirs = editor.text.text(), 'description = "of theirs"\n'
    editor.path.write_text(theirs)
    assert not editor.save() and editor.path.read_text() == theirs
    assert "another program" in editor.notice.message()
    editor.notice.buttons[choice].click()
    kept = mine if choice else theirs
    assert editor.text.text() == kept and editor.is_modified == bool(choice)
    assert Drafts(tmp_path / "drafts").aside(editor.path) == (theirs if choice else mine,)
    assert editor.save() and editor.path.read_text() == kept


def test_a_conflict_found_at_opening_asks_again_after_a_second_kill(
    open_editor: Open, tmp_path: Path
) -> None:
    drafts, path = Drafts(tmp_path / "drafts"), tmp_path / "slime.desc.toml"
    path.write_text("# older\n")
    drafts.keep(path, 'description = "mine"\n')
    for _ in range(2):
        editor = open_editor()
        assert "another program" in editor.notice.message() and not editor.save()
        editor.keep_draft()
    editor.notice.buttons[0].click()
    assert editor.text.text() == SLIME and drafts.aside(path) == ('description = "mine"\n',)


def test_a_file_that_became_unreadable_is_not_written_over(open_editor: Open) -> None:
    editor = open_editor()
    assert editor.path is not None
    type_words(editor, " mine")
    editor.path.write_bytes(b"\xff\xfe\x00")
    assert not editor.save() and editor.path.read_bytes() == b"\xff\xfe\x00"
    assert editor.is_modified and "UTF-16" in editor.notice.message()


def test_a_removed_file_can_be_written_again(open_editor: Open) -> None:
    editor = open_editor()
    assert editor.path is not None
    editor.path.unlink()
    editor.file_changed_outside()
    assert editor.is_modified and editor.text.text() == SLIME
    editor.notice.buttons[0].click()
    assert editor.path.read_text() == SLIME and not editor.is_modified


def test_a_failed_save_is_said_in_place_and_keeps_the_text(
    open_editor: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = open_editor()
    assert editor.path is not None
    type_words(editor, " here")
    text = editor.text.text()

    def full(_path: Path, _data: bytes) -> None:
        raise ProjectError("the disk is full: slime.desc.toml was not written", "free some space")

    monkeypatch.setattr("llamavis_studio.app.editor_file.write_atomic", full)
    saved: list[object] = []
    editor.saved.connect(saved.append)
    assert not editor.save() and saved == []
    assert "disk is full" in editor.notice.message() and "Free some" in editor.notice.message()
    assert editor.text.text() == text and editor.is_modified and editor.path.read_text() == SLIME
    monkeypatch.undo()
    editor.notice.buttons[0].click()
    assert saved == [editor.path] and editor.path.read_text() == text


def test_line_ends_and_byte_order_mark_stay(open_editor: Open) -> None:
    editor = open_editor('\ufeffdescription = "bat"\r\n# end\r\n')
    type_words(editor, "s")
    assert editor.save() and editor.path is not None
    assert editor.path.read_bytes() == '\ufeffdescription = "bats"\r\n# end\r\n'.encode()


def test_what_is_no_text_is_never_written(open_editor: Open, tmp_path: Path) -> None:
    editor = open_editor()
    path = tmp_path / "bad.desc.toml"
    path.write_bytes(b"\xff\xfe\x00")
    editor.open_file(path)
    assert "UTF-16" in editor.notice.message() and not editor.save()
    assert path.read_bytes() == b"\xff\xfe\x00"


def test_revert_lays_the_text_aside(open_editor: Open, tmp_path: Path) -> None:
    editor = open_editor()
    type_words(editor, " gone")
    mine = editor.text.text()
    changes: list[bool] = []
    editor.modified_changed.connect(changes.append)
    editor.header.revert.click()
    assert editor.text.text() == SLIME and changes == [False]
    editor.notice.buttons[0].click()
    assert editor.text.text() == mine and editor.is_modified
