"""The gallery while a build goes on: pictures come one by one, and nobody is carried off."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, QPersistentModelIndex, QSettings, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication

from llamavis_studio.app import gallery_live
from llamavis_studio.app.gallery import Gallery
from llamavis_studio.app.gallery_live import EVERY_MS, MOST_ROWS, REST, LiveGallery, Look
from llamavis_studio.app.gallery_merge import merged
from llamavis_studio.app.gallery_model import GalleryModel
from llamavis_studio.app.main_window import MainWindow
from llamavis_studio.core.errors import LibraryError
from llamavis_studio.core.events import AssetBuilt, BuildFinished
from llamavis_studio.studio import Studio
from tests.app.gallery_hands import FakeItem, fakes, picture, settle, shown_gallery
from tests.app.hands import life, turn, wait
from tests.app.hands import settle as settle_projects
from tests.support.games import described, make_game
from tests.support.studios import GateHost


def ids(items: Sequence[Any]) -> list[int]:
    return [item.id for item in items]


# --- what is to be shown -------------------------------------------------------------------------


def test_a_whole_answer_is_what_is_shown() -> None:
    a, b, c = fakes(3)
    assert merged([a, b], [b, c], None, "old", {}) == ([b, c], None)
    assert merged([], [a], "next", None, {}) == ([a], "next")


def test_behind_the_page_what_was_shown_stays() -> None:
    old, new = fakes(6), FakeItem(99)
    page = [old[0], new, old[2], old[3]]  # 1 is gone
    rows, place = merged(old, page, "next", "old", {})
    assert ids(rows) == [0, 99, 2, 3, 4, 5] and place == "old"
    rows, place = merged(old[:4], page, "next", "old", {})
    assert ids(rows) == [0, 99, 2, 3] and place == "next"
    # One that moved from behind to the front stands there only.
    rows, _place = merged(old, [old[5], old[0]], "next", None, {})
    assert ids(rows) == [5, 0, 1, 2, 3, 4]


def test_without_an_answer_only_what_was_drawn_anew_changes() -> None:
    old = fakes(3)
    newer = replace(old[1], digest=b"new")
    rows, place = merged(old, None, None, "old", {1: newer, 77: FakeItem(77)})
    assert rows == [old[0], newer, old[2]] and place == "old"


def model_with(items: Sequence[FakeItem], app: QApplication) -> GalleryModel:
    made = GalleryModel(app)
    made.show_page(made.ask("", "path"), items, None)
    return made


@pytest.mark.parametrize("seed", range(12))
def test_rows_come_go_and_move_as_qt_wants_it(app: QApplication, seed: int) -> None:
    chance = random.Random(seed)
    model = model_with(fakes(30), app)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for _ in range(6):
        before = list(model.items())
        held = {item.id: QPersistentModelIndex(model.index(row)) for row, item in enumerate(before)}
        kept = [one for one in before if chance.random() < 0.8]
        if chance.random() < 0.5:
            chance.shuffle(kept)
        page = kept[:]
        for one in fakes(chance.randrange(6), start=chance.randrange(1000, 9000)):
            page.insert(chance.randrange(len(page) + 1), one)
        page = [replace(one, caption="new") if chance.random() < 0.3 else one for one in page]
        model.merge(page, None, {})
        assert list(model.items()) == page
        for row, item in enumerate(page):
            assert model.row_of(item.id) == row
            if item.id in held:
                assert held[item.id].row() == row
        gone = set(held) - set(ids(page))
        assert not any(held[one].isValid() for one in gone)
    del tester
    model.deleteLater()


def test_only_what_changed_is_painted_again(app: QApplication) -> None:
    items = fakes(50)
    model = model_with(items, app)
    painted: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda top, bottom: painted.append((top.row(), bottom.row())))
    model.merge(items, None, {})
    assert painted == []
    model.merge([*items[:7], *(replace(one, state="stale") for one in items[7:9]), *items[9:]],
                None, {})  # fmt: skip
    assert painted == [(7, 8)]
    model.deleteLater()


def test_the_picture_before_stands_in_until_the_new_one_is_there(app: QApplication) -> None:
    items = fakes(2)
    model = model_with(items, app)
    wanted: list[Any] = []
    model.thumbnail_wanted.connect(wanted.append)
    old, new = picture(), picture(colour="#00ff00")
    model.set_thumbnail(items[0].digest, old)
    again = replace(items[0], digest=b"drawn anew")
    model.merge(None, None, {0: again})
    assert model.thumbnail(again) == old and wanted == [again]
    model.set_thumbnail(b"drawn anew", new)
    assert model.thumbnail(again) == new
    model.deleteLater()


# --- the gallery ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    items: Sequence[Any]
    next: object = None
    changed: str = ""


@pytest.fixture
def gallery(app: QApplication) -> Iterator[Gallery]:
    made = shown_gallery()
    made.refresh()
    made.show_page(made.model.ticket, fakes(200), None)
    settle(app)
    yield made
    made.close()
    made.deleteLater()


def top_of(gallery: Gallery, item_id: int) -> int:
    view, row = gallery.view, gallery.model.row_of(item_id)
    assert row is not None
    return view.visualRect(gallery.model.index(row)).top()


def test_what_is_looked_at_and_chosen_stays(gallery: Gallery, app: QApplication) -> None:
    view, model = gallery.view, gallery.model
    chosen: list[Any] = []
    view.setCurrentIndex(model.index(10))
    for row in (20, 21, 22):
        flag = QItemSelectionModel.SelectionFlag.Select
        view.selectionModel().select(model.index(row), flag)
    bar = view.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)  # the current card is out of sight
    seen = model.items()[view.seen_rows()[0]]
    y, selected = top_of(gallery, seen.id), ids(gallery.selected_items())
    gallery.chosen.connect(chosen.append)
    items = list(model.items())
    page = [*fakes(7, 1000), *items[:5], *items[6:21], FakeItem(2000), *items[21:]]
    assert gallery.take_changes(Found(page), ())
    settle(app)
    assert top_of(gallery, seen.id) == y
    assert ids(gallery.selected_items()) == selected == [10, 20, 21, 22]
    assert gallery.current_item() is not None and gallery.current_item().id == 10  # type: ignore[union-attr]
    assert chosen == []
    assert gallery.count.text().startswith("207 shown")


def test_at_the_beginning_what_is_new_is_seen(gallery: Gallery, app: QApplication) -> None:
    page = [*fakes(9, 1000), *gallery.model.items()]
    assert gallery.take_changes(Found(page), ())
    settle(app)
    assert gallery.view.verticalScrollBar().value() == 0 and top_of(gallery, 1000) == 0


def test_a_current_card_that_goes_chooses_no_other(gallery: Gallery, app: QApplication) -> None:
    gallery.view.setCurrentIndex(gallery.model.index(3))
    chosen: list[Any] = []
    gallery.chosen.connect(chosen.append)
    items = list(gallery.model.items())
    assert gallery.take_changes(Found([*items[:3], *items[4:]]), ())
    settle(app)
    assert chosen == [] and gallery.selected_items() == []


def test_the_first_pictures_of_a_project_take_the_empty_pages_place(
    gallery: Gallery, app: QApplication
) -> None:
    gallery.refresh()
    gallery.show_page(gallery.model.ticket, [], None)
    assert gallery.pages.currentWidget() is gallery.empty
    assert gallery.take_changes(Found(fakes(1)), ())
    assert gallery.pages.currentWidget() is gallery.view


def test_it_waits_while_somebody_types_searches_or_drags(
    gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Found(fakes(3))
    gallery.refresh()  # a page is on its way
    assert not gallery.take_changes(page, ())
    gallery.show_page(gallery.model.ticket, fakes(200), None)
    gallery.box.line.setText("kni")
    assert not gallery.is_settled and not gallery.take_changes(page, ())
    gallery.search_for("")
    gallery.show_page(gallery.model.ticket, fakes(200), None)
    state = QAbstractItemView.State.DragSelectingState
    monkeypatch.setattr(gallery.view, "state", lambda: state)
    assert not gallery.take_changes(page, ())
    assert gallery.model.rowCount() == 200


def test_many_rows_are_brought_up_to_date_in_less_than_a_stall(gallery: Gallery) -> None:
    """Time of this thread alone, whatever else the machine is at; a stall is 50 ms."""
    items = fakes(MOST_ROWS)
    gallery.refresh()
    gallery.show_page(gallery.model.ticket, items, None)
    times = []
    for round_ in range(5):
        page = list(gallery.model.items())
        for at in range(16):
            page[at * 200] = replace(page[at * 200], digest=b"%d %d" % (round_, at))
            page.insert(at * 250, FakeItem(10_000 + round_ * 100 + at))
        began = time.thread_time()
        assert gallery.take_changes(Found(page[:MOST_ROWS], "more"), ())
        times.append(time.thread_time() - began)
    assert sorted(times)[2] < 0.05, times


# --- when it looks -------------------------------------------------------------------------------


class FakeThread:
    """Answers when the test says so."""

    def __init__(self) -> None:
        self.asked: list[tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]] = []
        self.listeners: list[Callable[[Any], None]] = []
        self.news = SimpleNamespace(connect=self.listeners.append, disconnect=self.listeners.remove)
        self.broke = SimpleNamespace(emit=lambda error: self.broken.append(error))
        self.broken: list[Exception] = []

    def ask(self, work: Any, on_answer: Any, on_error: Any) -> None:
        self.asked.append((work, on_answer, on_error))

    def tell(self, event: Any) -> None:
        for one in tuple(self.listeners):
            one(event)


@pytest.fixture
def live(
    gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[LiveGallery, FakeThread]]:
    monkeypatch.setattr(gallery_live, "SOON_MS", 1)
    thread = FakeThread()
    made = LiveGallery(thread, gallery, gallery)  # type: ignore[arg-type]
    yield made, thread
    made.close()
    assert thread.listeners == []


def built(*outputs: str) -> AssetBuilt:
    return AssetBuilt("a.desc.toml", outputs)


def test_pictures_that_come_fast_are_looked_at_together(
    live: tuple[LiveGallery, FakeThread], gallery: Gallery
) -> None:
    made, thread = live
    for name in "abc":
        thread.tell(built(f"{name}.png"))
    thread.tell(built())  # its pixels are as they were
    wait(lambda: thread.asked, "the look")
    for name in "def":
        thread.tell(built(f"{name}.png"))
    life(0.1)
    assert len(thread.asked) == 1  # one look at a time
    items = [*fakes(3, 500), *gallery.model.items()]
    thread.asked[0][1](Look(3, Found(items), (), 0.0))
    assert gallery.model.rowCount() == 203
    assert made._timer.interval() == EVERY_MS
    wait(lambda: len(thread.asked) == 2, "the next look")
    thread.asked[1][1](Look(2, Found(items), (), 1.0))
    thread.tell(built("g.png"))
    assert made._timer.interval() == 1000 * REST  # a slow look leaves time to the build
    assert made.forget() == 5 and made.forget() == 0


def test_a_search_that_was_on_its_way_is_followed_by_another_look(
    live: tuple[LiveGallery, FakeThread], gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It went to the library before the first picture did."""
    _, thread = live
    settled = iter([False])
    monkeypatch.setattr(Gallery, "is_settled", property(lambda _: next(settled, True)))
    thread.tell(built("a.png"))
    wait(lambda: thread.asked, "the look")
    thread.asked[0][1](Look(1, None, (), 0.0))
    wait(lambda: len(thread.asked) == 2, "the look that searches")
    thread.asked[1][1](Look(0, Found([*fakes(1, 500), *gallery.model.items()]), (), 0.0))
    assert gallery.model.rowCount() == 201
    life(0.5)
    assert len(thread.asked) == 2  # nothing more to look for


def test_a_look_that_fails_or_comes_too_late_is_passed_over(
    live: tuple[LiveGallery, FakeThread], gallery: Gallery
) -> None:
    _made, thread = live
    thread.tell(built("a.png"))
    wait(lambda: thread.asked, "the look")
    thread.asked[0][2](LibraryError("it is locked"))
    thread.tell(built("b.png"))
    wait(lambda: len(thread.asked) == 2, "the next look")
    gallery.refresh()
    gallery.show_page(gallery.model.ticket, fakes(4), None)
    thread.asked[1][1](Look(1, Found(fakes(9)), (), 0.0))
    assert gallery.model.rowCount() == 4
    thread.tell(built("c.png"))
    wait(lambda: len(thread.asked) == 3, "the one after that")
    thread.asked[2][1](None)  # another studio imports
    assert gallery.model.rowCount() == 4 and thread.broken == []
    thread.tell(built("d.png"))
    wait(lambda: len(thread.asked) == 4, "the last")
    bug = ValueError("?")
    thread.asked[3][2](bug)
    assert thread.broken == [bug]


# --- in the window -------------------------------------------------------------------------------

NAMES = "abcdefgh"


@pytest.fixture
def host() -> Iterator[GateHost]:
    made = GateHost()
    yield made
    made.gate.set()
    made.close()


@pytest.fixture
def window(
    app: QApplication, instant_backend: None, host: GateHost, tmp_path: Path
) -> Iterator[MainWindow]:
    files = {f"{name}.desc.toml": described(f"thing {name}") for name in NAMES}
    root = make_game(tmp_path / "game", files)
    store = QSettings(str(tmp_path / "session.ini"), QSettings.Format.IniFormat)
    open_studio = lambda at: Studio.open(at, host=host, settings={"batch_size": 1})  # noqa: E731
    made = MainWindow(store, open_studio)
    made.resize(1200, 800)
    made.show()
    made.open_project(root)
    yield made
    host.gate.set()
    made.close()
    settle_projects()
    made.deleteLater()
    turn()


def new_images(told: str) -> int:
    found = re.match(r"(\d+) new image", told)
    return int(found[1]) if found else 0


def files_of(window: MainWindow) -> list[str]:
    return [item.file for item in window.gallery.model.items()]


def test_each_picture_is_there_before_the_build_has_ended(
    window: MainWindow, host: GateHost
) -> None:
    wait(lambda: host.entered.is_set() and window.thread_ is not None, "the first drawing")
    ends: list[BuildFinished] = []
    window.thread_.news.connect(  # type: ignore[union-attr]
        lambda event: ends.append(event) if isinstance(event, BuildFinished) else None
    )
    told: list[str] = []
    window.statusBar().messageChanged.connect(told.append)
    assert files_of(window) == []
    counts: list[int] = []
    for _ in range(3):
        before = len(files_of(window))
        host.let_one_through()
        wait(lambda: len(files_of(window)) > before, "a picture")  # noqa: B023
        counts.append(len(files_of(window)))
        assert ends == []
    first = window.gallery.model.items()[0]
    wait(lambda: window.gallery.model.thumbnail(first), "its thumbnail")
    assert counts[-1] < len(NAMES)
    window.gallery.view.setCurrentIndex(window.gallery.model.index(1))
    chosen = window.gallery.current_item()
    host.gate.set()
    wait(lambda: ends and len(files_of(window)) == len(NAMES), "the rest")
    # The look at the opening of the project may find the first picture, and says so by itself.
    wait(lambda: sum(map(new_images, told)) == len(NAMES), "the news")
    assert window.gallery.current_item() == chosen
    assert files_of(window) == [f"{name}.png" for name in NAMES]
    assert {item.caption for item in window.gallery.model.items()} == {
        f"thing {name}" for name in NAMES
    }


def test_a_picture_drawn_anew_changes_in_its_place(window: MainWindow, host: GateHost) -> None:
    host.gate.set()
    wait(lambda: len(files_of(window)) == len(NAMES), "the library")
    wait(lambda: not window.queue.stop.isEnabled(), "the end of the drawing")
    life(0.1)
    tickets = window.gallery.model.ticket
    before = {item.file: item for item in window.gallery.model.items()}
    root = window.project.root  # type: ignore[union-attr]
    (root / "c.desc.toml").write_text(described("another thing"))

    def now() -> Any:
        return next(one for one in window.gallery.model.items() if one.file == "c.png")

    wait(lambda: now().digest != before["c.png"].digest, "the new picture")
    wait(lambda: not window.queue.stop.isEnabled(), "the end of it")
    life(0.6)
    assert now().id == before["c.png"].id and now().caption == "another thing"
    others = [one for one in window.gallery.model.items() if one.file != "c.png"]
    assert others == [one for name, one in before.items() if name != "c.png"]
    assert window.gallery.model.ticket == tickets  # nothing was searched from the start


def test_keys_go_on_in_the_grid_while_pictures_come(window: MainWindow, host: GateHost) -> None:
    wait(host.entered.is_set, "the first drawing")
    host.entered.clear()
    host.gate.set()
    wait(lambda: len(files_of(window)) >= 3, "some pictures")
    view = window.gallery.view
    view.setFocus()
    view.setCurrentIndex(window.gallery.model.index(0))
    QTest.keyClick(view, Qt.Key.Key_Right)
    wait(lambda: len(files_of(window)) == len(NAMES), "the rest")
    wait(lambda: not window.queue.stop.isEnabled(), "the end of it")
    life(0.6)
    item = window.gallery.current_item()
    assert item is not None and item.file == "b.png"
    QTest.keyClick(view, Qt.Key.Key_Right)
    item = window.gallery.current_item()
    assert item is not None and item.file == "c.png"
