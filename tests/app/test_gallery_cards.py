"""The cards of the gallery, as they are painted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QApplication, QStyleOptionViewItem

from llamavis_studio.app import theme
from llamavis_studio.app.gallery import Gallery
from llamavis_studio.app.gallery_delegate import GalleryDelegate, place_of
from llamavis_studio.app.gallery_model import GalleryModel
from llamavis_studio.app.theme import DARK, LIGHT
from tests.app.gallery_hands import FakeItem, fakes, picture, settle, shown_gallery


@pytest.fixture
def gallery(app: QApplication) -> Iterator[Gallery]:
    made = shown_gallery()
    yield made
    made.close()


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
    image = picture(160, 200, look.panel)
    option = QStyleOptionViewItem()
    option.rect = QRect(0, 0, 160, 200)
    painter = QPainter(image)
    GalleryDelegate(look).paint(painter, option, model.index(row))
    painter.end()
    return bytes(image.constBits())


def test_a_picture_that_comes_leaves_the_words_of_its_card(
    app: QApplication, gallery: Gallery
) -> None:
    items = fakes(3)
    gallery.show_page(gallery.model.ask("", "best"), items, None)
    settle(app)
    card = gallery.view.visualRect(gallery.model.index(1))
    words = gallery.delegate.words_in(card)
    before = gallery.view.viewport().grab(card).toImage()
    gallery.model.set_thumbnail(items[1].digest, picture(16, 16, "#00ff00"))
    settle(app)
    after = gallery.view.viewport().grab(card).toImage()
    below = QRect(0, words.top() - card.top(), card.width(), words.height())
    assert before.copy(below) == after.copy(below)
    colours = {after.pixelColor(x, 60).name() for x in range(after.width())}
    assert "#00ff00" in colours


def test_a_look_a_size_and_a_font_are_painted_anew(app: QApplication, gallery: Gallery) -> None:
    gallery.show_page(gallery.model.ask("", "best"), [FakeItem(1, state="stale")], None)
    settle(app)

    def shot() -> bytes:
        return bytes(gallery.view.viewport().grab(QRect(0, 0, 200, 200)).toImage().constBits())

    seen = [shot()]
    gallery.set_look(LIGHT)
    seen.append(shot())
    gallery.slider.setValue(64)
    seen.append(shot())
    font = gallery.view.font()
    font.setPointSizeF(font.pointSizeF() + 6)
    gallery.view.setFont(font)
    seen.append(shot())
    assert len(set(seen)) == len(seen)
