"""The gallery's model, cards, search box and chips; all offscreen, without a library."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPixmap
from PySide6.QtTest import QAbstractItemModelTester, QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QWidget

from llamavis_studio.app import theme
from llamavis_studio.app.gallery import Gallery
from llamavis_studio.app.gallery_delegate import GalleryDelegate, place_of
from llamavis_studio.app.gallery_model import ITEM_ROLE, GalleryModel, ThumbnailCache
from llamavis_studio.app.search_box import DEBOUNCE_MS, SearchBox
from llamavis_studio.app.search_words import (
    completions_of,
    values_of,
    with_value,
    without_value,
)
from llamavis_studio.app.theme import DARK, LIGHT

TABLE = {"kind": ("texture", "sprite", "sheet"), "tag": ("stone", "old stone"), "text": ()}


@dataclass(frozen=True)
class FakeItem:
    id: int
    path: Path = Path("art/knight.png")
    file: str = "art/knight.png"
    kind: str = "sprite"
    width: int = 16
    height: int = 16
    frames: int = 1
    caption: str = "a knight"
    caption_origin: str = "human"
    confidence: float | None = None
    in_domain: bool = True
    tags: tuple[str, ...] = ("knight",)
    state: str = "fresh"
    problem: str = ""
    missing: bool = False
    digest: bytes = b""
    score: float = 0.0


def fakes(count: int, start: int = 0) -> list[FakeItem]:
    return [
        FakeItem(one, Path("/art") / f"{one}.png", f"art/{one}.png", digest=one.to_bytes(4, "big"))
        for one in range(start, start + count)
    ]


def picture(width: int = 16, height: int = 16, colour: str = "#ff0000") -> QImage:
    image = QImage(width, height, QImage.Format.Format_ARGB32)
    image.fill(QColor(colour))
    return image


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[QApplication]:
    """The application; every top widget of a test is gone after it."""
    found = QApplication.instance() or QApplication([])
    assert isinstance(found, QApplication)
    if not theme.icon_folder().is_dir():
        monkeypatch.setattr(theme, "icon", lambda _name, _look, _use="text": QIcon(QPixmap(16, 16)))
    yield found
    for widget in found.topLevelWidgets():
        if isinstance(widget, Gallery | SearchBox):  # lists and menus go with their owners
            widget.close()
            widget.deleteLater()
    found.sendPostedEvents(None, int(QEvent.Type.DeferredDelete))


@pytest.fixture
def gallery(app: QApplication) -> Gallery:
    made = Gallery(DARK)
    made.resize(700, 500)
    made.show()
    return made


def settle(app: QApplication) -> None:
    for _ in range(3):
        app.processEvents()


# The model.


def test_an_answer_to_an_older_question_is_passed_over(app: QApplication) -> None:
    model = GalleryModel()
    old = model.ask("knigh", "best")
    new = model.ask("knight", "best")
    model.show_page(old, fakes(3), None)
    assert model.rowCount() == 0
    model.show_page(new, fakes(2), None)
    model.show_page(new, fakes(2), None)  # twice the same page is no second page
    assert model.rowCount() == 2


def test_old_items_stay_until_the_first_new_page(app: QApplication) -> None:
    model = GalleryModel()
    model.show_page(model.ask("a", "best"), fakes(3), None)
    ticket = model.ask("b", "best")
    assert model.rowCount() == 3
    model.show_page(ticket, [], None)
    assert model.rowCount() == 0


def test_pages_are_asked_one_at_a_time_and_appended_without_a_reset(app: QApplication) -> None:
    model = GalleryModel()
    wanted, resets = QSignalSpy(model.wanted), QSignalSpy(model.modelReset)
    root = QModelIndex()
    ticket = model.ask("stone", "new")
    assert not model.canFetchMore(root)
    model.show_page(ticket, fakes(50), "cursor 1")
    assert model.canFetchMore(root)
    model.fetchMore(root)
    model.fetchMore(root)
    assert [wanted.at(row) for row in range(wanted.count())] == [
        [ticket, "stone", "new", None],
        [ticket, "stone", "new", "cursor 1"],
    ]
    assert not model.canFetchMore(root)
    model.show_page(ticket, fakes(20, 50), None)
    assert model.rowCount() == 70 and not model.canFetchMore(root) and resets.count() == 0


def test_a_page_that_does_not_come_can_be_asked_again(app: QApplication) -> None:
    model = GalleryModel()
    ticket = model.ask("", "best")
    model.show_page(ticket, fakes(5), 5)
    model.fetchMore(QModelIndex())
    model.give_up(ticket)
    assert model.canFetchMore(QModelIndex())


def test_a_thumbnail_is_asked_for_once(app: QApplication) -> None:
    model = GalleryModel()
    items = [*fakes(2), replace(fakes(1)[0], id=9)]  # the last has the content of the first
    model.show_page(model.ask("", "best"), items, None)
    wanted, changed = QSignalSpy(model.thumbnail_wanted), QSignalSpy(model.dataChanged)
    role = int(Qt.ItemDataRole.DecorationRole)
    for _ in range(3):
        assert model.index(0).data(role) is None
        assert model.index(2).data(role) is None
    assert [wanted.at(row)[0] for row in range(wanted.count())] == [items[0]]
    model.set_thumbnail(items[0].digest, picture())
    assert model.index(0).data(role).size() == QSize(16, 16)
    assert [changed.at(row)[0].row() for row in range(changed.count())] == [0, 2]
    assert wanted.count() == 1


def test_what_has_no_thumbnail_is_not_asked_again_and_dropped_requests_are(
    app: QApplication,
) -> None:
    model = GalleryModel()
    model.show_page(model.ask("", "best"), fakes(2), None)
    wanted = QSignalSpy(model.thumbnail_wanted)
    role = int(Qt.ItemDataRole.DecorationRole)
    model.index(0).data(role)
    model.set_thumbnail(fakes(1)[0].digest, QImage())
    model.index(0).data(role)
    assert wanted.count() == 1
    model.index(1).data(role)
    model.forget_asked()
    model.index(1).data(role)
    assert wanted.count() == 3


def test_the_cache_forgets_what_was_seen_longest_ago() -> None:
    image = picture(16, 16)  # 1 KiB
    cache = ThumbnailCache(most_bytes=3 * image.sizeInBytes())
    for name in (b"a", b"b", b"c"):
        cache.put(name, image)
    cache.get(b"a")
    cache.put(b"d", image)
    assert cache.get(b"b") is None and cache.get(b"a") is not None
    assert len(cache) == 3 and cache.size == 3 * image.sizeInBytes()
    cache.put(b"d", QImage())
    assert cache.size == 2 * image.sizeInBytes()


def test_the_model_keeps_qts_contract(app: QApplication) -> None:
    model = GalleryModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    ticket = model.ask("", "best")
    model.show_page(ticket, fakes(4), 4)
    model.fetchMore(QModelIndex())
    model.show_page(ticket, fakes(4, 4), None)
    model.set_thumbnail(fakes(1)[0].digest, picture())
    model.update_items([replace(fakes(1)[0], state="stale", digest=b"new"), FakeItem(99)])
    assert model.index(0).data(ITEM_ROLE).state == "stale"
    model.show_page(model.ask("x", "best"), fakes(1, 3), None)
    model.show_page(model.ask("y", "best"), [], None)
    tester.deleteLater()


def test_files_are_dragged_out_but_missing_ones_are_not(app: QApplication) -> None:
    model = GalleryModel()
    items = [fakes(1)[0], replace(fakes(2)[1], missing=True)]
    model.show_page(model.ask("", "best"), items, None)
    data = model.mimeData([model.index(0), model.index(1)])
    assert [Path(url.toLocalFile()) for url in data.urls()] == [items[0].path]
    assert not model.flags(model.index(1)) & Qt.ItemFlag.ItemIsDragEnabled


def test_captions_are_no_markup_in_tool_tips(app: QApplication) -> None:
    model = GalleryModel()
    model.show_page(model.ask("", "best"), [FakeItem(1, caption="<img src=x> a < b")], None)
    assert "&lt;img src=x&gt;" in model.index(0).data(int(Qt.ItemDataRole.ToolTipRole))


# Cards.


def test_pixel_art_gets_whole_factors_and_photographs_fit() -> None:
    box = QRect(0, 0, 100, 100)
    place, is_crisp = place_of(QSize(128, 128), (16, 16), box)
    assert is_crisp and place.width() == 96 and place.left() == 2
    place, is_crisp = place_of(QSize(128, 64), (32, 16), box, ratio=1.5)
    assert is_crisp and place.width() * 1.5 == 128  # 4 screen pixels for each
    place, is_crisp = place_of(QSize(128, 80), (1024, 640), box)
    assert not is_crisp and (place.width(), place.height()) == (100, 62.5)
    place, is_crisp = place_of(QSize(128, 128), (128, 128), QRect(0, 0, 240, 240))
    assert not is_crisp and place.width() == 240  # once is too small, twice too large
    place, is_crisp = place_of(QSize(100, 100), (100, 100), QRect(0, 0, 128, 128))
    assert is_crisp and place.width() == 100
    for side in range(1, 257):  # rounding never costs a factor
        place, is_crisp = place_of(QSize(side, side), (side, side), QRect(0, 0, side, side))
        assert is_crisp and place.width() == side


def test_crisp_cards_mix_no_colours(app: QApplication, gallery: Gallery) -> None:
    image = picture(2, 2, "#ff0000")
    image.setPixelColor(1, 0, QColor("#00ff00"))
    item = replace(fakes(1)[0], width=2, height=2)
    gallery.show_page(gallery.model.ask("", "best"), [item], None)
    gallery.model.set_thumbnail(item.digest, image)
    settle(app)
    shot = gallery.view.viewport().grab(gallery.view.visualRect(gallery.model.index(0))).toImage()
    middle = shot.height() // 3
    colours = {shot.pixelColor(x, middle).name() for x in range(shot.width())}
    assert {"#ff0000", "#00ff00"} <= colours
    assert not {one for one in colours if one.startswith(("#80", "#7f"))}


@pytest.mark.parametrize("look", [LIGHT, DARK])
def test_every_state_looks_different(app: QApplication, look: theme.Look) -> None:
    model = GalleryModel()
    states = ["fresh", "stale", "edited", "locked", "failed"]
    items = [FakeItem(n, state=state, digest=b"x") for n, state in enumerate(states)]
    items += [FakeItem(8, missing=True), FakeItem(9, problem="broken"), FakeItem(10, frames=4)]
    model.show_page(model.ask("", "best"), items, None)
    model.set_thumbnail(b"x", picture())
    assert len({_painted(model, row, look) for row in range(len(items))}) == len(items)


def _painted(model: GalleryModel, row: int, look: theme.Look) -> bytes:
    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QStyleOptionViewItem

    image = picture(160, 200, look.panel)
    option = QStyleOptionViewItem()
    option.rect = QRect(0, 0, 160, 200)
    painter = QPainter(image)
    GalleryDelegate(look).paint(painter, option, model.index(row))
    painter.end()
    return bytes(image.constBits())


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


# The search box.


@pytest.fixture
def box(app: QApplication) -> SearchBox:
    made = SearchBox(LIGHT)
    made.resize(500, 80)
    made.set_completions(TABLE)
    made.show()
    made.line.setFocus()
    return made


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
    for query in [f"q{n}" for n in range(32)] + ["q5"]:
        box.set_text(query)
        box.remember()
    assert len(box.history()) == 30 and box.history()[-1] == "q5"
    assert box.history().count("q5") == 1
    box.line.clear()
    QTest.keyClicks(box.line, "dr")
    for key, text in (("Up", "q5"), ("Up", "q31"), ("Down", "q5"), ("Down", "dr"), ("Down", "dr")):
        QTest.keyClick(box.line, getattr(Qt.Key, f"Key_{key}"))
        assert box.text() == text


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


# The whole gallery.


def test_chips_edit_the_query_and_follow_it(gallery: Gallery) -> None:
    wanted = QSignalSpy(gallery.model.wanted)
    chips = {facet.value: chip for facet, chip in gallery.chips.chips.items()}
    gallery.search_for("wall")
    chips["sprite"].click()
    chips["no"].click()
    assert gallery.box.text() == "wall kind:sprite used:no"
    chips["sheet"].click()
    chips["sprite"].click()
    assert gallery.box.text() == "wall kind:sheet used:no"
    assert wanted.at(wanted.count() - 1)[1] == gallery.box.text()
    gallery.box.line.setText("state:stale")
    assert [name for name, chip in chips.items() if chip.isChecked()] == ["stale"]


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
    names = ("chosen", "opened", "similar_asked", "tags_asked", "caption_asked", "reveal_asked")
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
    assert spies["tags_asked"].at(1) == spies["caption_asked"].at(1) == [items]
    gallery.menu.fit(3)
    assert [row.name for row, action in gallery.menu.rows.items() if action.isEnabled()] == [
        "tags_asked",
        "caption_asked",
    ]


def test_what_was_chosen_stays_current_when_found_again(gallery: Gallery) -> None:
    gallery.show_page(gallery.model.ask("", "best"), fakes(5), None)
    chosen = QSignalSpy(gallery.chosen)
    gallery.view.setCurrentIndex(gallery.model.index(3))
    gallery.refresh()
    gallery.show_page(gallery.model.ticket, fakes(3, 2), None)
    assert gallery.view.currentIndex().row() == 1 and chosen.count() == 1


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
    wide = gallery.view.gridSize().width()
    assert gallery.delegate.side + 16 <= wide <= gallery.view.width()
    gallery.slider.setValue(256)
    assert gallery.delegate.side == 256 and gallery.view.gridSize().width() >= 272
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
