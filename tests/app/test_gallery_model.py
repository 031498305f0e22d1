"""What the gallery shows: pages, thumbnails, what is dragged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QModelIndex, QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QAbstractItemModelTester, QSignalSpy
from PySide6.QtWidgets import QApplication

from llamavis_studio.app.gallery_model import GalleryModel, ThumbnailCache
from tests.app.gallery_hands import FakeItem, fakes, picture


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
    wanted = QSignalSpy(model.wanted)
    root = QModelIndex()
    ticket = model.ask("stone", "new")
    assert not model.canFetchMore(root)
    model.show_page(ticket, fakes(50), "cursor 1")
    resets = QSignalSpy(model.modelReset)
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
    model.forget_asked([fakes(2)[1].digest])
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
