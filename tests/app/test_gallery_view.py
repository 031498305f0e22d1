"""The grid of the gallery: places by arithmetic, choosing by mouse and keys, scrolling, size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QModelIndex, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QMouseEvent
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication

from llamavis_studio.app.gallery import Gallery
from llamavis_studio.app.gallery_drag import drag_of
from llamavis_studio.app.gallery_grid import Grid, runs_of
from llamavis_studio.app.gallery_view import GridView
from tests.app.gallery_hands import fakes, picture, settle, shown_gallery

GRID = Grid(columns=4, width=100, height=120)
KEY, HOLD, LEFT = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton.LeftButton


@pytest.fixture
def gallery(app: QApplication) -> Iterator[Gallery]:
    made = shown_gallery(740, 600)
    made.show_page(made.model.ask("", "best"), fakes(42), None)
    settle(app)
    assert made.view.grid.columns == 4
    yield made
    made.close()


@pytest.fixture
def view(gallery: Gallery) -> GridView:
    return gallery.view


def chosen(view: GridView) -> list[int]:
    return view.selected_rows()


def middle(view: GridView, row: int) -> QPoint:
    return view.visualRect(view.model().index(row, 0)).center()


def click(view: GridView, row: int, held: Qt.KeyboardModifier = HOLD.NoModifier) -> None:
    QTest.mouseClick(view.viewport(), LEFT, held, middle(view, row))


def move(view: GridView, kind: QEvent.Type, place: QPoint) -> None:
    spot, none = QPointF(place), Qt.MouseButton.NoButton
    button = none if kind == QEvent.Type.MouseMove else LEFT
    held = none if kind == QEvent.Type.MouseButtonRelease else LEFT
    globally = QPointF(view.viewport().mapToGlobal(place))
    event = QMouseEvent(kind, spot, globally, button, held, HOLD.NoModifier)
    QApplication.sendEvent(view.viewport(), event)


# Places.


def test_a_grid_fills_its_room_evenly() -> None:
    assert Grid.fitting(450, 100, 120) == Grid(4, 112, 120)
    assert Grid.fitting(50, 100, 120) == Grid(1, 100, 120)  # never narrower than a card


def test_places_and_items_are_each_others_inverse() -> None:
    for row in range(42):
        x, y = GRID.place(row)
        assert GRID.row_at(x, y, 42) == GRID.row_at(x + 99, y + 119, 42) == row
    assert GRID.row_at(400, 0, 42) is None and GRID.row_at(-1, 0, 42) is None
    assert GRID.row_at(250, 10 * 120, 42) is None  # beside the two of the last line
    assert GRID.content_height(42) == 11 * 120 and GRID.content_height(0) == 0


def test_lines_that_are_seen_in_part_are_seen() -> None:
    assert GRID.rows_between(0, 119, 42) == range(0, 4)
    assert GRID.rows_between(119, 120, 42) == range(0, 8)
    assert GRID.rows_between(1200, 5000, 42) == range(40, 42)
    assert not GRID.rows_between(0, 100, 0)
    assert GRID.rows_in(150, 50, 250, 200, 42) == [range(1, 3), range(5, 7)]
    assert GRID.rows_in(350, 1200, 390, 1300, 42) == []


@pytest.mark.parametrize(
    ("row", "lines", "to"),
    [(0, 1, 4), (5, -1, 1), (1, -1, 1), (5, -9, 1), (1, 3, 13), (1, 99, 41), (39, 1, 41),
     (39, 9, 41), (41, 1, 41), (40, 1, 40), (35, 2, 39)],
)  # fmt: skip
def test_up_and_down_stay_in_their_column(row: int, lines: int, to: int) -> None:
    assert GRID.below(row, lines, 42) == to


def test_a_hundred_thousand_cards_need_no_layout(view: GridView, gallery: Gallery) -> None:
    gallery.show_page(gallery.model.ask("x", "best"), fakes(100_000), None)
    last = gallery.model.index(99_999)
    view.scrollTo(last)
    assert view.indexAt(middle(view, 99_999)) == last
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()
    assert len(view.seen_rows()) < 40


def test_rows_that_follow_each_other_are_one_run() -> None:
    assert runs_of([5, 1, 2, 3, 9, 10]) == [(1, 3), (5, 5), (9, 10)] and runs_of([]) == []


# Choosing.


def test_clicks_choose_one_several_and_a_range(view: GridView) -> None:
    click(view, 1)
    assert chosen(view) == [1]
    click(view, 3, HOLD.ControlModifier)
    click(view, 6, HOLD.ControlModifier)
    click(view, 3, HOLD.ControlModifier)
    assert chosen(view) == [1, 6]
    click(view, 2)
    click(view, 5, HOLD.ShiftModifier)  # in the order of reading, not a rectangle
    assert chosen(view) == [2, 3, 4, 5]
    click(view, 0, HOLD.ShiftModifier)
    assert chosen(view) == [0, 1, 2]
    QTest.mouseClick(view.viewport(), LEFT, pos=QPoint(view.viewport().width() - 1, 5))
    assert chosen(view) == []


def test_a_rubber_band_takes_what_it_touches(view: GridView, gallery: Gallery) -> None:
    gallery.show_page(gallery.model.ask("few", "best"), fakes(6), None)
    start = QPoint(view.grid.width * 4 - 5, view.grid.height + 60)  # beside the last two
    assert not view.indexAt(start).isValid()
    end = QPoint(view.grid.width + 20, 40)
    plain = view.viewport().grab().toImage()
    for kind, place in (
        (QEvent.Type.MouseButtonPress, start),
        (QEvent.Type.MouseMove, (start + end) / 2),
        (QEvent.Type.MouseMove, end),
    ):
        move(view, kind, place)
    assert view.state() == QAbstractItemView.State.DragSelectingState
    assert chosen(view) == [1, 2, 3, 5]
    assert view.viewport().grab().toImage() != plain
    move(view, QEvent.Type.MouseButtonRelease, end)
    assert chosen(view) == [1, 2, 3, 5] and view._band.isNull()


def test_keys_go_by_card_line_page_and_end(view: GridView) -> None:
    click(view, 0)
    for key, row in (
        (KEY.Key_Right, 1), (KEY.Key_Down, 5), (KEY.Key_Left, 4), (KEY.Key_Left, 3),
        (KEY.Key_Up, 3), (KEY.Key_End, 41), (KEY.Key_Right, 41), (KEY.Key_Home, 0),
        (KEY.Key_Left, 0),
    ):  # fmt: skip
        QTest.keyClick(view, key)
        assert view.currentIndex().row() == row and chosen(view) == [row]
    lines = view.viewport().height() // view.grid.height
    QTest.keyClick(view, KEY.Key_PageDown)
    assert view.currentIndex().row() == 4 * lines
    assert view.viewport().rect().contains(middle(view, 4 * lines))
    QTest.keyClick(view, KEY.Key_PageUp)
    assert view.currentIndex().row() == 0


def test_shift_and_keys_choose_on_the_way(view: GridView) -> None:
    click(view, 2)
    QTest.keyClick(view, KEY.Key_Down, HOLD.ShiftModifier)
    assert chosen(view) == [2, 3, 4, 5, 6]
    QTest.keyClick(view, KEY.Key_Left, HOLD.ShiftModifier)
    assert chosen(view) == [2, 3, 4, 5]
    QTest.keyClick(view, KEY.Key_A, HOLD.ControlModifier)
    assert chosen(view) == list(range(42))


def test_typed_letters_go_to_a_name(view: GridView, gallery: Gallery) -> None:
    items = [replace(one, file=f"art/{'owl' if one.id % 10 == 7 else 'cat'}{one.id}.png")
             for one in fakes(42)]  # fmt: skip
    gallery.show_page(gallery.model.ask("names", "best"), items, None)
    view.keyboardSearch("o")
    assert view.currentIndex().row() == 7
    view.keyboardSearch("o")
    assert view.currentIndex().row() == 17
    view.keyboardSearch("owl3")
    assert view.currentIndex().row() == 37
    view.keyboardSearch("zebra")
    assert view.currentIndex().row() == 37


def test_the_current_card_can_be_told_from_others_that_are_selected(view: GridView) -> None:
    view.window().activateWindow()
    assert QTest.qWaitForWindowActive(view.window())
    view.setFocus()
    view.select_rows([0, 1])
    view.selectionModel().setCurrentIndex(
        view.model().index(1, 0), view.selectionModel().SelectionFlag.NoUpdate
    )
    cards = [view.viewport().grab(view.visualRect(view.model().index(row, 0))) for row in (0, 1)]
    edges = [one.toImage().pixelColor(3, 60) for one in cards]
    assert edges[0] != edges[1]


# Scrolling and size.


def test_a_card_is_scrolled_to_no_further_than_it_must(view: GridView) -> None:
    bar, index = view.verticalScrollBar(), view.model().index(20, 0)
    view.scrollTo(index)
    assert view.visualRect(index).bottom() + 1 == view.viewport().height()
    at = bar.value()
    view.scrollTo(view.model().index(21, 0))  # seen already
    assert bar.value() == at
    view.scrollTo(view.model().index(0, 0))
    assert bar.value() == 0
    view.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtTop)
    assert view.visualRect(index).top() == 0


def test_the_current_card_stays_where_it_is_when_cards_change_their_size(
    view: GridView, gallery: Gallery
) -> None:
    view.setCurrentIndex(view.model().index(22, 0))
    bar, compared = view.verticalScrollBar(), 0
    for size in (112, 160, 96, 144, 200, 128):
        before = middle(view, 22).y()
        gallery.slider.setValue(size)
        if 0 < bar.value() < bar.maximum():
            assert abs(middle(view, 22).y() - before) <= 1
            compared += 1
        assert view.viewport().rect().contains(middle(view, 22))
    assert compared > 2


def test_what_is_looked_at_stays_when_nothing_is_current(view: GridView, gallery: Gallery) -> None:
    gallery.show_page(gallery.model.ask("many", "best"), fakes(2000), None)
    view.verticalScrollBar().setValue(20_000)
    height = view.viewport().height()
    row = view.indexAt(QPoint(5, height // 2)).row()
    gallery.slider.setValue(200)
    assert abs(middle(view, row).y() - height // 2) <= view.grid.height


def test_the_next_page_is_asked_for_before_the_end_is_seen(
    view: GridView, gallery: Gallery
) -> None:
    ticket = gallery.model.ask("pages", "best")
    wanted = QSignalSpy(gallery.model.wanted)
    gallery.show_page(ticket, fakes(500), 500)
    bar = view.verticalScrollBar()
    bar.setValue(bar.maximum() - 4 * view.viewport().height())
    assert wanted.count() == 0
    bar.setValue(bar.maximum() - 2 * view.viewport().height())
    assert wanted.count() == 1
    place = bar.value()
    gallery.show_page(ticket, fakes(500, 500), None)
    assert bar.value() == place and gallery.model.rowCount() == 1000


def test_scrolled_and_freshly_painted_cards_look_the_same(
    app: QApplication, view: GridView
) -> None:
    for step in (7, 30, 111, 400, -60):
        view.verticalScrollBar().setValue(view.verticalScrollBar().value() + step)
        settle(app)
    shown = view.grab().toImage()
    view.viewport().update()
    settle(app)
    assert view.grab().toImage() == shown


# Out of the window, and for those who do not see it.


def test_files_are_dragged_under_the_picture_of_the_first(view: GridView, gallery: Gallery) -> None:
    model = gallery.model
    items = [replace(fakes(3)[0], missing=True), *fakes(2, 1)]
    gallery.show_page(model.ask("drag", "best"), items, None)
    model.set_thumbnail(items[1].digest, picture(32, 16))
    drag = drag_of(view, model, [model.index(1), model.index(2)])
    assert drag is not None
    names = [Path(url.toLocalFile()).name for url in drag.mimeData().urls()]
    assert names == ["1.png", "2.png"] and drag.pixmap().width() == 64
    drag.deleteLater()
    assert drag_of(view, model, [model.index(0)]) is None  # its file is gone


def test_a_card_is_dragged_where_empty_ground_begins_a_rubber_band(
    view: GridView, monkeypatch: pytest.MonkeyPatch
) -> None:
    dragged: list[list[int]] = []

    class Drag:
        def exec(self, actions: Qt.DropAction) -> None:
            assert actions == Qt.DropAction.CopyAction

    def begin(_view: GridView, _model: object, indexes: list[QModelIndex]) -> Drag:
        dragged.append([index.row() for index in indexes])
        return Drag()

    monkeypatch.setattr("llamavis_studio.app.gallery_view.drag_of", begin)
    view.select_rows([1, 2])
    start = middle(view, 2)
    for kind, place in (
        (QEvent.Type.MouseButtonPress, start),
        (QEvent.Type.MouseMove, start + QPoint(30, 0)),
    ):
        move(view, kind, place)
    assert dragged == [[1, 2]] and chosen(view) == [1, 2] and view._band.isNull()
    move(view, QEvent.Type.MouseButtonRelease, start)


def test_a_context_menu_and_a_tool_tip_belong_to_the_card_under_the_mouse(
    view: GridView, gallery: Gallery
) -> None:
    asked = QSignalSpy(view.customContextMenuRequested)
    view.select_rows([4])
    click(view, 4)
    gallery._show_menu(QPoint(view.viewport().width() - 1, 5))
    assert not gallery.menu.isVisible()
    gallery._show_menu(middle(view, 4))
    assert gallery.menu.isVisible() and asked.count() == 0
    gallery.menu.close()
    tip = view.indexAt(middle(view, 5)).data(int(Qt.ItemDataRole.ToolTipRole))
    assert "art/5.png" in tip


def test_screen_readers_find_each_card_with_its_place(view: GridView) -> None:
    face = QAccessible.queryAccessibleInterface(view)
    assert (face.role(), face.childCount()) == (QAccessible.Role.List, 42)
    card, rect = face.child(3), view.visualRect(view.model().index(3, 0))
    assert card.role() == QAccessible.Role.ListItem
    assert card.text(QAccessible.Text.Name) == "3.png"
    assert "art/3.png" in card.text(QAccessible.Text.Description)
    assert card.rect().topLeft() == view.viewport().mapToGlobal(rect.topLeft())
    assert card.rect().size() == rect.size()
