"""The whole gallery, offscreen and without a library: search, chips, cards, what it asks for."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QWidget

from llamavis_studio.app.gallery import Gallery
from llamavis_studio.app.theme import LIGHT
from llamavis_studio.library.query.parser import parse
from tests.app.gallery_hands import fakes, settle, shown_gallery


@pytest.fixture
def gallery(app: QApplication) -> Iterator[Gallery]:
    made = shown_gallery()
    yield made
    made.close()


COUNTS = SimpleNamespace(
    kinds={"sprite": 12, "sheet": 3, "shader": 1},
    tags={"stone": 9, "old stone": 4},
    colours=(("red", 0xE02020, 5), ("blue", 0x2040E0, 0)),
)


def test_menus_edit_the_query_and_follow_it(gallery: Gallery) -> None:
    wanted = QSignalSpy(gallery.model.wanted)
    gallery.chips.show_counts(COUNTS)
    chips = gallery.chips.chips

    def pick(facet: str, field: str, value: str) -> None:
        chips[facet].fill()
        chips[facet].ticks[field, value].trigger()

    gallery.search_for("wall")
    pick("kind", "kind", "sprite")
    pick("more", "used", "no")
    assert gallery.box.text() == "wall kind:sprite used:no"
    pick("kind", "kind", "sheet")
    assert gallery.box.text() == "wall kind:sprite,sheet used:no"
    pick("tag", "tag", "old stone")
    pick("tag", "tag", "stone")
    pick("color", "color", "red")
    assert gallery.box.text() == (
        'wall kind:sprite,sheet used:no tag:"old stone" tag:stone color:red'
    )
    parse(gallery.box.text())
    assert wanted.at(wanted.count() - 1)[1] == gallery.box.text()
    pick("kind", "kind", "sprite")
    chips["tag"].fill()
    chips["tag"].menu_.actions()[0].trigger()  # any
    assert gallery.box.text() == "wall kind:sheet used:no color:red"
    gallery.box.line.setText("state:stale")
    assert [name for name, chip in chips.items() if chip.isChecked()] == ["state"]


def test_a_chip_says_what_is_chosen_in_words(gallery: Gallery) -> None:
    gallery.chips.show_counts(COUNTS)
    gallery.box.line.setText("kind:sprite,shader")
    chip = gallery.chips.chips["kind"]
    assert chip.text().strip() == "Kind: Sprites +1"
    assert chip.accessibleName() == "Kind: Sprites, shader"
    chip.fill()
    texts = [action.text() for action in chip.ticks.values()]
    assert texts == ["✓ Sprites\t12", "Sheets\t3", "✓ shader\t1"]
    gallery.box.line.setText("")
    assert not chip.isChecked() and chip.ticks["kind", "sprite"].text() == "Sprites\t12"


def test_what_there_is_none_of_cannot_be_chosen_but_taken_back(gallery: Gallery) -> None:
    gallery.chips.show_counts(COUNTS)
    gallery.chips.show_states({"fresh": 4, "stale": 0})
    for chip in gallery.chips.chips.values():
        chip.fill()
    colours, states = gallery.chips.chips["color"].ticks, gallery.chips.chips["state"].ticks
    assert not colours["color", "blue"].isEnabled() and colours["color", "red"].isEnabled()
    assert states["state", "fresh"].text() == "Up to date\t4"
    assert not states["state", "stale"].isEnabled()
    gallery.box.line.setText("color:blue tag:unheard")
    for name in ("color", "tag"):
        gallery.chips.chips[name].fill()
    assert gallery.chips.chips["color"].ticks["color", "blue"].isEnabled()
    gallery.chips.chips["tag"].ticks["tag", "unheard"].trigger()
    assert gallery.box.text() == "color:blue"


def test_another_tag_is_typed(gallery: Gallery) -> None:
    gallery.box.set_completions({"tag": ("moss", "stone")})
    chip = gallery.chips.chips["tag"]
    chip.fill()
    chip.menu_.actions()[-1].trigger()
    assert gallery.box.text() == "tag:" and gallery.box.line.popup.isVisible()
    gallery.box.line.popup.hide()


def test_a_menu_stays_open_while_it_is_ticked(gallery: Gallery) -> None:
    gallery.chips.show_counts(COUNTS)
    chip = gallery.chips.chips["kind"]
    chip.fill()
    menu = chip.menu_
    menu.popup(gallery.mapToGlobal(gallery.rect().center()))
    menu.setActiveAction(chip.ticks["kind", "sprite"])
    QTest.keyClick(menu, Qt.Key.Key_Space)
    assert menu.isVisible() and gallery.box.text() == "kind:sprite"
    place = menu.actionGeometry(chip.ticks["kind", "sheet"]).center()
    menu.setActiveAction(chip.ticks["kind", "sheet"])
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=place)
    assert menu.isVisible() and gallery.box.text() == "kind:sprite,sheet"
    menu.hide()


def test_nothing_found_and_notes_and_failures_are_told(app: QApplication, gallery: Gallery) -> None:
    gallery.search_for("kinght")
    gallery.show_page(gallery.model.ticket, fakes(2), None, "no 'kinght': searched knight")
    assert gallery.note.label.text() == "no 'kinght': searched knight"
    assert gallery.count.text() == "2 shown" and gallery.pages.currentWidget() is gallery.view
    gallery.search_for("zzz")
    gallery.show_page(gallery.model.ticket, [], None)
    assert gallery.pages.currentWidget() is gallery.empty
    assert gallery.empty.title.text() == "Nothing found" and gallery.note.isHidden()
    gallery.search_for("")
    gallery.show_page(gallery.model.ticket, [], None)
    assert gallery.empty.title.text() == "No pictures yet"
    gallery.show_failure(gallery.model.ticket, "the index is locked")
    assert gallery.note.isVisible()


def test_a_problem_keeps_the_cards_and_old_problems_are_passed_over(gallery: Gallery) -> None:
    gallery.search_for("a")
    old = gallery.model.ticket
    gallery.show_page(old, fakes(2), None)
    gallery.search_for("siez:3")
    gallery.show_problem(old, 0, 1, "old")
    assert not gallery.box.problem.isVisible()
    gallery.show_problem(gallery.model.ticket, 0, 4, "unknown field")
    assert gallery.box.problem.isVisible() and gallery.model.rowCount() == 2


def test_orders_are_asked_by_their_value(gallery: Gallery) -> None:
    wanted = QSignalSpy(gallery.model.wanted)
    values = [gallery.orders.itemData(at) for at in range(gallery.orders.count())]
    assert values == ["best", "new", "path", "size"]
    gallery.orders.setCurrentIndex(2)
    gallery.orders.activated.emit(2)
    assert wanted.at(0)[2] == "path"


def test_cards_are_chosen_opened_and_acted_on(gallery: Gallery) -> None:
    gallery.show_page(gallery.model.ask("", "best"), items := fakes(3), None)
    many = ["tags_asked", "untag_asked", "words_asked", "caption_asked", "question_asked",
            "move_asked", "copy_asked"]  # fmt: skip
    names = ("chosen", "opened", "similar_asked", "reveal_asked", *many)
    spies = {name: QSignalSpy(getattr(gallery, name)) for name in names}
    gallery.view.setCurrentIndex(gallery.model.index(1))
    QTest.keyClick(gallery.view, Qt.Key.Key_Return)
    for action in gallery.menu.rows.values():
        action.trigger()
    assert spies["chosen"].at(0) == [items[1]]
    assert spies["opened"].count() == 2  # Enter, and the menu
    assert spies["reveal_asked"].at(0) == spies["similar_asked"].at(0) == [items[1]]
    gallery.view.selectAll()
    for row, action in gallery.menu.rows.items():
        if row.for_many:
            action.trigger()
    assert all(spies[name].at(1) == [items] for name in many)
    gallery.menu.fit(3)
    assert [row.name for row, action in gallery.menu.rows.items() if action.isEnabled()] == many


def test_what_was_chosen_stays_current_when_found_again(gallery: Gallery) -> None:
    gallery.show_page(gallery.model.ask("", "best"), fakes(5), None)
    chosen = QSignalSpy(gallery.chosen)
    gallery.view.setCurrentIndex(gallery.model.index(3))
    gallery.refresh()
    gallery.show_page(gallery.model.ticket, fakes(3, 2), None)
    assert gallery.view.currentIndex().row() == 1 and chosen.count() == 1


def test_what_was_selected_stays_so_when_found_again(gallery: Gallery) -> None:
    gallery.show_page(gallery.model.ask("", "best"), fakes(8), None)
    gallery.view.select_rows([1, 3, 5])
    assert gallery.count.text() == "8 shown  ·  3 selected"
    gallery.refresh()
    gallery.show_page(gallery.model.ticket, fakes(7, 1), None)
    assert [item.id for item in gallery.selected_items()] == [1, 3, 5]
    gallery.view.clearSelection()
    assert gallery.count.text() == "7 shown"


def test_the_same_search_stays_where_it_is_and_another_begins_above(
    app: QApplication, gallery: Gallery
) -> None:
    bar = gallery.view.verticalScrollBar()
    gallery.search_for("a")
    gallery.show_page(gallery.model.ticket, fakes(300), None)
    bar.setValue(1000)
    gallery.refresh()
    gallery.show_page(gallery.model.ticket, fakes(300), None)
    assert bar.value() == 1000
    gallery.search_for("b")
    gallery.show_page(gallery.model.ticket, fakes(300), None)
    assert bar.value() == 0


def test_100_000_cards_scroll_and_ask_only_for_what_is_seen(
    app: QApplication, gallery: Gallery
) -> None:
    asked = QSignalSpy(gallery.model.thumbnail_wanted)
    wanted = QSignalSpy(gallery.model.wanted)
    gallery.show_page(gallery.model.ask("", "best"), fakes(100_000), 100_000)
    settle(app)
    bar = gallery.view.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    settle(app)
    assert 0 < asked.count() < 80
    assert wanted.count() == 1  # no page before the end is near
    bar.setValue(bar.maximum())
    settle(app)
    assert wanted.count() == 2 and wanted.at(1)[3] == 100_000
    assert gallery.count.text().endswith("scroll for more")


def test_cards_share_the_width_and_the_slider_makes_them_larger(gallery: Gallery) -> None:
    wide = gallery.view.grid.width
    assert gallery.delegate.side + 16 <= wide <= gallery.view.width()
    gallery.slider.setValue(256)
    assert gallery.delegate.side == 256 and gallery.view.grid.width >= 272
    gallery.view.zoomed.emit(-2)
    assert gallery.slider.value() == 224


def test_a_wide_gallery_has_chips_beside_the_search(app: QApplication, gallery: Gallery) -> None:
    gallery.resize(1200, 270)
    settle(app)
    assert abs(gallery.chips.geometry().center().y() - gallery.box.geometry().center().y()) < 6
    assert len({chip.y() for chip in gallery.chips.chips.values()}) == 1
    gallery.resize(360, 500)
    settle(app)
    assert gallery.chips.y() > gallery.box.geometry().bottom()
    assert len({chip.y() for chip in gallery.chips.chips.values()}) > 1


def test_a_closed_project_leaves_nothing_behind(gallery: Gallery) -> None:
    gallery.show_page(ticket := gallery.model.ask("a", "best"), fakes(3), 3, "note")
    gallery.model.fetchMore(QModelIndex())
    gallery.clear()
    gallery.show_page(ticket, fakes(3, 3), None)
    assert gallery.model.rowCount() == 0 and gallery.note.isHidden()
    assert not gallery.model.has_more and gallery.count.text() == ""


def test_everything_has_a_name_for_screen_readers(gallery: Gallery) -> None:
    parts: list[QWidget] = [gallery, gallery.view, gallery.orders, gallery.slider]
    parts += [gallery.box.line, gallery.box.line.popup, gallery.chips, gallery.menu]
    parts += list(gallery.chips.chips.values())
    parts += [chip.menu_ for chip in gallery.chips.chips.values()]
    assert all(part.accessibleName() for part in parts)


def test_look_and_language_change_in_place(app: QApplication, gallery: Gallery) -> None:
    gallery.show_page(gallery.model.ask("", "best"), fakes(3), None, "note")
    settle(app)
    dark = gallery.view.viewport().grab().toImage()
    gallery.set_look(LIGHT)
    gallery.retranslate()
    settle(app)
    assert gallery.view.viewport().grab().toImage() != dark
    assert gallery.delegate.look is LIGHT and gallery.note.label.text() == "note"
