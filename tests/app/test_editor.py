"""The description editor: one text in two views, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtTest import QTest

from llamavis_studio.app import theme
from llamavis_studio.app.editor import FORM, TEXT
from llamavis_studio.app.editor_bars import word_count
from llamavis_studio.app.editor_document import cursor_at, place_of, replace_text, text_of
from llamavis_studio.app.editor_fields import Choice, Words
from llamavis_studio.app.editor_numbers import Number, Size
from llamavis_studio.app.editor_toml import with_value
from llamavis_studio.app.editor_words import suggestions
from llamavis_studio.app.theme import DARK, LIGHT
from tests.app.editor_hands import SLIME, Open, editors, the_app, type_words


@pytest.fixture
def open_editor(tmp_path: Path) -> Iterator[Open]:
    yield from editors(tmp_path)


def test_a_form_edit_keeps_comments_and_order(open_editor: Open) -> None:
    editor = open_editor()
    type_words(editor, " in a jar")
    kind, seed, size = (editor.form.fields[key] for key in ("kind", "seed", "size"))
    assert isinstance(kind, Choice) and isinstance(seed, Number) and isinstance(size, Size)
    kind.box.setCurrentIndex(kind.box.findData("item"))
    kind.box.activated.emit(kind.box.currentIndex())
    QTest.keyClicks(seed.edit, "42")
    QTest.keyClicks(size.width_edit, "64")
    assert editor.text.text() == SLIME.replace('"sprite"', '"item"').replace(
        '"green slime"\n', '"green slime in a jar"\nseed = 42\nsize = [64, 64]\n'
    )
    assert editor.is_modified and editor.save() and not editor.is_modified
    assert editor.path is not None and editor.path.read_text("utf-8") == editor.text.text()


def test_the_size_is_a_square_until_the_second_side_is_typed(open_editor: Open) -> None:
    editor = open_editor()
    size = editor.form.fields["size"]
    assert isinstance(size, Size)
    QTest.keyClicks(size.width_edit, "32")
    editor.examine()
    assert "size = [32, 32]" in editor.text.text()
    QTest.keyClicks(size.height_edit, "0")
    QTest.keyClick(size.width_edit, Qt.Key.Key_Backspace)
    assert "size = [3, 320]" in editor.text.text()
    size.clear.click()
    assert editor.text.text() == SLIME


def test_undo_takes_back_form_edits_and_keeps_the_rest(open_editor: Open) -> None:
    editor = open_editor()
    editor.header.text.click()
    editor.text.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClicks(editor.text, "# typed")
    editor.choose_view(FORM)
    seed, described = editor.form.fields["seed"], editor.form.fields["description"]
    assert isinstance(seed, Number) and isinstance(described, Words)
    QTest.keyClicks(seed.edit, "7")
    assert "seed = 7" in editor.text.text()
    QTest.keyClick(described.edit, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert editor.text.text() == SLIME + "# typed" and seed.edit.text() == ""
    editor.undo()
    assert editor.text.text() == SLIME and not editor.is_modified
    editor.redo()
    editor.redo()
    assert "seed = 7" in editor.text.text()


def test_broken_text_disables_the_form_and_is_underlined(open_editor: Open) -> None:
    editor = open_editor('# \U0001f40d first\ndescription = "slime"\nkind = sprite\n')
    assert not editor.form.is_usable() and "line 3" in editor.form.notice.message().lower()
    [mark] = editor.text.marks()
    assert mark.line == 3 and "Line 3" in editor.footer.problem.text()
    extras = editor.text.extraSelections()
    waved = QTextCharFormat.UnderlineStyle.WaveUnderline
    [wave] = [extra for extra in extras if extra.format.underlineStyle() == waved]
    assert (wave.cursor.blockNumber(), wave.cursor.selectedText()) == (2, "sprite")
    editor.header.text.click()
    editor.text.go_to(3, 8)
    QTest.keyClicks(editor.text, '"')
    editor.text.moveCursor(QTextCursor.MoveOperation.EndOfLine)
    QTest.keyClicks(editor.text, '"')
    editor.text.completion.list.hide()
    QTest.qWait(400)
    editor.choose_view(FORM)
    assert editor.text.marks() == [] and editor.form.is_usable()


def test_a_wrong_value_is_said_at_its_field_and_in_the_footer(open_editor: Open) -> None:
    editor = open_editor('description = "slime"\nkind = "sprit"\n')
    assert editor.form.is_usable()
    assert "sprite" in editor.form.fields["kind"].problem.text()
    assert editor.header.problems.text() == "1"
    chosen: list[int] = []
    editor.problem_chosen.connect(chosen.append)
    editor.header.problems.click()
    assert chosen == [2] and editor.views.currentIndex() == TEXT


def test_problems_of_the_plan_keep_to_their_words(open_editor: Open) -> None:
    editor = open_editor('description = "slime"\nstyle = "glomy"\n')
    editor.set_problems([(2, 9, "there is no style 'glomy'", "did you mean 'gloomy'?", "error")])
    editor.header.text.click()
    editor.text.moveCursor(QTextCursor.MoveOperation.Start)
    QTest.keyClick(editor.text, Qt.Key.Key_Return)
    editor.examine()
    assert [(mark.line, mark.column) for mark in editor.text.marks()] == [(3, 9)]


def test_places_count_rare_characters_as_qt_does(open_editor: Open) -> None:
    editor = open_editor('description = "\U0001f432\U0001f432 dragon" # \u00a0x\n')
    cursor = cursor_at(editor.text.document(), 1, 20)
    assert cursor.selectedText().startswith("ragon") and place_of(cursor) == (1, 20)
    type_words(editor, "!")
    assert editor.text.text() == 'description = "\U0001f432\U0001f432 dragon!" # \u00a0x\n'


def test_completion_offers_keys_with_help_and_values(open_editor: Open) -> None:
    editor = open_editor('description = "slime"\n')
    editor.set_words({"style": ("gloomy", "bright")})
    editor.header.text.click()
    editor.text.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClicks(editor.text, "k")
    assert editor.text.completion.offered() == ["kind"]
    QTest.keyClick(editor.text, Qt.Key.Key_Tab)
    assert "sprite" in editor.text.completion.offered()
    QTest.keyClicks(editor.text, "it")
    assert editor.text.completion.offered() == ["item"]
    QTest.keyClick(editor.text, Qt.Key.Key_Return)
    QTest.keyClick(editor.text, Qt.Key.Key_Return)
    QTest.keyClicks(editor.text, "style = ")
    QTest.keyClick(editor.text, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    assert editor.text.completion.offered() == ["gloomy", "bright"]
    QTest.keyClick(editor.text, Qt.Key.Key_Escape)
    assert editor.text.completion.offered() == []
    assert editor.text.text() == 'description = "slime"\nkind = "item"\nstyle = '


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "description"),
        ("[finish]\ndi", "dither"),
        ('[finish]\ndither = "', "bayer"),
        ("[animation.walk]\nfr", "frames"),
        ('[material]\nmaps = ["base_color", "', "normal"),
        ("locked = ", "true"),
    ],
)
def test_suggestions_know_the_table_and_the_key(text: str, wanted: str) -> None:
    _, found = suggestions(text, len(text), False, {})
    assert wanted in [one.word for one in found]
    assert suggestions('kind = "item"\nki', 16, False, {})[1] == []


def test_tab_is_two_spaces(open_editor: Open) -> None:
    editor = open_editor("\n")
    editor.header.text.click()
    QTest.keyClick(editor.text, Qt.Key.Key_Tab)
    assert editor.text.text() == "  \n"
    QTest.keyClick(editor.text, Qt.Key.Key_Backtab)
    assert editor.text.text() == "\n"


def test_a_long_string_offers_no_keys(open_editor: Open) -> None:
    editor = open_editor('description = """\n\n"""\n')
    editor.header.text.click()
    editor.text.go_to(2)
    QTest.keyClicks(editor.text, "kind")
    QTest.keyClick(editor.text, Qt.Key.Key_Return)
    assert editor.text.text() == 'description = """\nkind\n\n"""\n'


@given(old=st.text(max_size=30), new=st.text(max_size=30))
@example(old="a\U0001f432b", new="a\U0001f433b")
def test_any_change_makes_the_new_text_and_undo_the_old(old: str, new: str) -> None:
    the_app()
    document = QTextDocument()
    document.setPlainText(old)
    was = text_of(document)
    replace_text(document, new)
    expected = QTextDocument()
    expected.setPlainText(new)
    assert text_of(document) == text_of(expected)
    while document.isUndoAvailable():
        document.undo()
    assert text_of(document) == was


def test_a_file_of_many_shows_the_asset_at_the_cursor(open_editor: Open) -> None:
    text = '[[asset]]\nname = "a"\ndescription = "red"\n\n[[asset]]\nname = "b"\n'
    editor = open_editor(text + 'description = "blue"\n', "potions.descs.toml")
    editor.header.text.click()
    editor.text.go_to(6)
    editor.choose_view(FORM)
    assert editor.form.asset.currentText() == "b"
    type_words(editor, " potion")
    assert editor.text.text() == text + 'description = "blue potion"\n'


def test_a_csv_is_edited_as_text(open_editor: Open) -> None:
    editor = open_editor("name,description\na,red\n", "gems.descs.csv")
    assert editor.views.currentIndex() == TEXT and not editor.header.form.isEnabled()


def test_a_new_key_follows_the_last_value_even_over_many_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.desc.toml"
    text = 'palette = [\n  "#000000", # black\n]\n# of the table\n[finish]\ncolours = 2\n'
    assert with_value(text, path, 0, "seed", 5) == text.replace("]\n#", "]\nseed = 5\n#")
    assert with_value("# none\n", path, 0, "description", "x") == '# none\ndescription = "x"\n'
    assert with_value('description = "x"', path, 0, "seed", None) == 'description = "x"'


def test_one_of_many_is_changed_and_the_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.descs.toml"
    first = '# of all\n[[asset]]\nname = "a"\ndescription = """\nred\n"""\n\n# second\n'
    second = '[[asset]]\nname = "b"\ndescription = "blue" # \u84dd\n[asset.finish]\ncolours = 3\n'
    text = first + second
    changed = with_value(text, path, 1, "seed", 5)
    assert changed == text.replace("\u84dd\n", "\u84dd\nseed = 5\n")
    assert with_value(changed, path, 1, "seed", None) == text
    told = with_value(text, path, 0, "description", "red")
    assert told == text.replace('"""\nred\n"""', '"red"')
    tricky = first.replace("red", "[[asset]]") + second
    assert with_value(tricky, path, 1, "description", "x") == tricky.replace('"blue"', '"x"')


def test_words_are_counted_in_english_and_chinese() -> None:
    assert word_count("a mossy, old wall - \u7d2b\u8272\u8759\u8760") == 8


def test_both_looks_and_every_name(open_editor: Open) -> None:
    editor = open_editor()
    for look in (DARK, LIGHT):
        editor.set_look(look)
    editor.retranslate()
    for widget in (editor, editor.text, editor.form, *editor.header.views.buttons()):
        assert widget.accessibleName()
    for field in editor.form.fields.values():
        assert field.focus_widget().accessibleName()
    assert theme.icon("save", LIGHT) is not None
