"""Where queries are typed: words and values, completion, history, what is wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication

from llamavis_studio.app.search_box import DEBOUNCE_MS, MOST_HISTORY, SearchBox
from llamavis_studio.app.search_words import completions_of, values_of, with_value, without_value
from llamavis_studio.app.theme import LIGHT
from llamavis_studio.library.query.parser import parse

TABLE = {"kind": ("texture", "sprite", "sheet"), "tag": ("stone", "old stone"), "text": ()}

# Reading and changing queries.


@pytest.mark.parametrize(
    ("before", "start", "words"),
    [
        ("k", 0, ["kind:"]),
        ("stone -ki", 7, ["kind:"]),
        ("(T", 1, ["tag:", "text:"]),
        ("kind:s", 0, ["kind:sprite", "kind:sheet"]),
        ("kind:sprite,te", 0, ["kind:sprite,texture"]),
        ("tag:st", 0, ["tag:stone", 'tag:"old stone"']),
        ("kind:sprite", 0, []),
        ("", 0, []),
        ("nothing:x", 0, []),
    ],
)
def test_completions(before: str, start: int, words: list[str]) -> None:
    assert completions_of(before, TABLE) == (start, words)


@pytest.mark.parametrize(
    ("query", "changed"),
    [
        ("", "kind:sprite"),
        ("wall", "wall kind:sprite"),
        ("kind:sheet wall", "kind:sheet,sprite wall"),
        ("a OR b", "(a OR b) kind:sprite"),
        ("(a OR b) c", "(a OR b) c kind:sprite"),
        ("-kind:sheet", "-kind:sheet kind:sprite"),
        ("NOT kind:sprite", "NOT kind:sprite kind:sprite"),
        ('"kind:sprite"', '"kind:sprite" kind:sprite'),
        ('kind:"a b"', 'kind:"a b",sprite'),
    ],
)
def test_a_value_is_added_to_a_query(query: str, changed: str) -> None:
    assert with_value(query, "kind", "sprite") == changed
    assert "sprite" in values_of(changed, "kind")
    assert with_value(changed, "kind", "sprite") == changed


def test_a_value_is_taken_away() -> None:
    assert without_value("a kind:sprite b", "kind", "sprite") == "a b"
    assert without_value("kind:sheet,sprite b", "kind", "sprite") == "kind:sheet b"
    assert without_value("KIND:sprite", "kind", "sprite") == ""
    assert values_of("kind:sprite OR b", "kind") == ()
    assert without_value('x tag:"old stone",moss', "tag", "moss") == 'x tag:"old stone"'
    assert without_value('tag:"old stone" x', "tag", "old stone") == "x"


def test_values_with_spaces_are_quoted_and_several_can_all_be_demanded() -> None:
    one = with_value("wall", "tag", "old stone", is_either=False)
    assert one == 'wall tag:"old stone"' and values_of(one, "tag") == ("old stone",)
    two = with_value(one, "tag", "wet", is_either=False)
    assert two == 'wall tag:"old stone" tag:wet'
    assert values_of(two, "tag") == ("old stone", "wet")
    for query in (one, two):
        parse(query)  # the library's own grammar reads it


# The search box.


@pytest.fixture
def box(app: QApplication) -> Iterator[SearchBox]:
    made = SearchBox(LIGHT)
    made.resize(500, 80)
    made.set_completions(TABLE)
    made.show()
    made.line.setFocus()
    yield made
    made.line.popup.hide()
    made.close()


def test_typing_asks_after_a_rest_and_enter_at_once(box: SearchBox) -> None:
    asked, edited = QSignalSpy(box.asked), QSignalSpy(box.edited)
    QTest.keyClicks(box.line, "wall")
    assert asked.count() == 0 and edited.count() == 4
    QTest.qWait(DEBOUNCE_MS + 100)
    assert [asked.at(row)[0] for row in range(asked.count())] == ["wall"]
    QTest.keyClicks(box.line, "s")
    QTest.keyClick(box.line, Qt.Key.Key_Return)
    assert asked.at(1)[0] == "walls"
    QTest.qWait(DEBOUNCE_MS + 100)
    assert asked.count() == 2
    QTest.keyClick(box.line, Qt.Key.Key_Escape)
    assert box.text() == ""


def test_a_completion_is_taken_with_tab(box: SearchBox) -> None:
    QTest.keyClicks(box.line, "wall -kin")
    assert box.line.popup.isVisible()
    QTest.keyClick(box.line, Qt.Key.Key_Tab)
    assert box.text() == "wall -kind:" and box.line.popup.isVisible()
    QTest.keyClicks(box.line, "te")
    QTest.keyClick(box.line, Qt.Key.Key_Tab)
    assert box.text() == "wall -kind:texture "
    assert not box.line.popup.isVisible()


def test_a_completion_is_chosen_from_the_list(box: SearchBox) -> None:
    asked = QSignalSpy(box.asked)
    QTest.keyClicks(box.line, "kind:s")
    QTest.keyClick(box.line.popup, Qt.Key.Key_Down)
    QTest.keyClick(box.line.popup, Qt.Key.Key_Down)
    QTest.keyClick(box.line.popup, Qt.Key.Key_Return)
    assert box.text() == "kind:sheet " and asked.count() == 0
    QTest.keyClicks(box.line, "t")
    QTest.keyClick(box.line.popup, Qt.Key.Key_Escape)
    assert not box.line.popup.isVisible() and box.text() == "kind:sheet t"


def test_history_goes_up_and_down_and_ends_in_the_draft(box: SearchBox) -> None:
    for query in [f"q{n}" for n in range(MOST_HISTORY + 2)] + ["q5"]:
        box.set_text(query)
        box.remember()
    assert len(box.history()) == MOST_HISTORY and box.history()[:2] == ("q5", "q51")
    assert box.history().count("q5") == 1
    box.line.clear()
    QTest.keyClicks(box.line, "dr")
    for key, text in (("Up", "q5"), ("Up", "q51"), ("Down", "q5"), ("Down", "dr"), ("Down", "dr")):
        QTest.keyClick(box.line, getattr(Qt.Key, f"Key_{key}"))
        assert box.text() == text


def test_history_is_told_when_it_grows_and_not_when_it_does_not(box: SearchBox) -> None:
    told = QSignalSpy(box.history_changed)
    for query in ("moss", "moss", "  ", "stone", "moss"):
        box.set_text(query)
        box.remember()
    assert [told.at(row)[0] for row in range(told.count())] == [
        ("moss",),
        ("stone", "moss"),
        ("moss", "stone"),
    ]


def test_an_earlier_search_is_offered_while_it_is_typed_again(box: SearchBox) -> None:
    box.set_history(("mossy wall kind:texture", "moon"))
    QTest.keyClicks(box.line, "mossy")
    assert box.line.popup.isVisible()
    QTest.keyClick(box.line, Qt.Key.Key_Tab)
    assert box.text() == "mossy wall kind:texture"
    box.line.clear()
    QTest.keyClicks(box.line, "ki")  # words of the query come first
    QTest.keyClick(box.line, Qt.Key.Key_Tab)
    assert box.text() == "kind:"


def test_earlier_searches_are_listed_and_can_be_forgotten(box: SearchBox) -> None:
    box.set_history(("a & b", "c"))
    asked, told = QSignalSpy(box.asked), QSignalSpy(box.history_changed)
    box._list_earlier()
    first, *_, last = box.earlier.actions()
    assert first.text() == "a && b"
    first.trigger()
    assert box.text() == "a & b" and asked.at(0)[0] == "a & b"
    last.trigger()
    box.earlier.close()
    assert box.history() == () and told.at(0)[0] == ()


def test_a_field_is_begun_for_its_value_to_be_typed(box: SearchBox) -> None:
    asked = QSignalSpy(box.asked)
    box.set_text("wall")
    box.begin("tag")
    assert box.text() == "wall tag:" and box.line.popup.isVisible()
    QTest.qWait(DEBOUNCE_MS + 50)
    assert asked.count() == 1  # an unfinished field is not searched


def test_the_wrong_place_is_underlined_until_the_text_changes(box: SearchBox) -> None:
    box.set_text("wall siez:64")
    before = box.line.grab().toImage()
    box.show_problem(5, 4, "unknown field 'siez'")
    assert box.problem.isVisible() and box.problem.text() == "unknown field 'siez'"
    after = box.line.grab().toImage()
    changed = [
        x
        for x in range(after.width())
        for y in range(after.height())
        if before.pixel(x, y) != after.pixel(x, y)
    ]
    assert abs(min(changed) - box.line.x_of(5)) < 4
    assert abs(max(changed) - box.line.x_of(9)) < 4
    assert box.line.x_of(5) < box.problem.caret_x < box.line.x_of(9)
    QTest.keyClicks(box.line, "x")
    assert not box.problem.isVisible() and box.line.wrong is None


def test_positions_count_characters_beyond_the_first_plane(box: SearchBox) -> None:
    box.set_text("🐉🐉 kin")
    assert box.line.before_cursor() == "🐉🐉 kin"
    box._take("kind:sprite")
    assert box.text() == "🐉🐉 kind:sprite "
    assert box.line.before_cursor() == box.text()
