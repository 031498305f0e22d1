"""The middle of the studio: frames of a sheet, colours, seam, region, comparison."""

import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QSlider, QSpinBox

from llamavis_studio.app import theme
from llamavis_studio.app.palette_strip import PaletteStrip, main_colours
from llamavis_studio.app.pixels import from_qimage, to_qimage
from llamavis_studio.app.playback import Playback
from llamavis_studio.app.preview import Preview
from tests.app.hands import drag, noise


@pytest.fixture(autouse=True)
def plain_icons(app: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(theme, "icon", lambda name, look, use="text": QIcon())


@pytest.fixture
def preview(app: QApplication) -> Iterator[Preview]:
    made = Preview()
    made.resize(700, 600)
    made.show()
    yield made
    made.close()


# ---- frames


def test_playback_ticks_only_while_it_plays_and_is_seen(app: QApplication) -> None:
    bar = Playback()
    bar.set_frames([to_qimage(noise(4, 4)) for _ in range(3)], 50)
    shown: list[object] = []
    bar.frame.connect(shown.append)
    timer = bar._timer
    bar.play()
    assert bar.playing and not timer.isActive()  # not seen yet
    bar.show()
    assert timer.isActive() and timer.interval() == 20
    QTest.qWait(90)
    assert len(shown) >= 3
    bar.hide()
    assert bar.playing and not timer.isActive()
    bar.show()
    assert timer.isActive()
    bar.stop()
    assert not timer.isActive()
    bar.close()


def test_the_whole_sheet_comes_first_and_again(preview: Preview) -> None:
    sheet = noise(8, 32, 4)
    boxes = [(8 * at, 0, 8, 8) for at in range(4)]
    preview.show_picture(Path("walk.png"), sheet, boxes=boxes, fps=12)
    assert preview.playback.isVisible() and not preview.playback.playing
    assert preview.canvas._scene.image.width() == 32
    preview.playback._play.click()
    assert preview.playback.playing and preview.canvas._scene.image.width() == 8
    preview.playback._play.click()
    assert not preview.playback.playing
    slider = preview.playback.findChild(QSlider)
    assert slider is not None
    slider.setValue(2)
    np.testing.assert_array_equal(from_qimage(preview.canvas._scene.image), sheet[:, 16:24])
    preview.playback.show_whole()
    assert preview.canvas._scene.image.width() == 32
    preview.show_picture(Path("one.png"), noise(8, 8))
    assert not preview.playback.isVisible()


def test_boxes_beyond_the_sheet_are_said_not_raised(preview: Preview) -> None:
    preview.show_picture(Path("a.png"), noise(8, 8), boxes=[(0, 0, 4, 4), (20, 0, 4, 4)])
    assert not preview.playback.isVisible()
    assert "outside" in preview._info.text()


# ---- colours


def test_few_colours_are_counted_exactly() -> None:
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[:2, :, :] = (255, 0, 16, 255)
    pixels[2, :2, :] = (1, 2, 3, 255)  # the rest is clear
    found = main_colours(pixels)
    assert found.total == 2
    assert found.main == (("#ff0010", 0.8), ("#010203", 0.2))


def test_many_colours_are_grouped_and_all_are_counted() -> None:
    pixels = noise(64, 64)
    found = main_colours(pixels)
    assert found.total == len(np.unique(pixels.reshape(-1, 3), axis=0))
    assert len(found.main) == 32
    assert all(share > 0 for _, share in found.main)


def test_a_clear_picture_has_no_colours() -> None:
    assert main_colours(np.zeros((3, 3, 4), np.uint8)).total == 0


def test_a_swatch_copies_its_colour(app: QApplication) -> None:
    strip = PaletteStrip()
    strip.set_pixels(np.full((2, 2, 3), (18, 52, 86), np.uint8))
    copied: list[str] = []
    strip.copied.connect(copied.append)
    strip.show()
    swatch = strip.findChildren(QAbstractButton)[0]
    assert "#123456" in swatch.toolTip()
    QTest.mouseClick(swatch, Qt.MouseButton.LeftButton)
    assert copied == ["#123456"]
    assert QGuiApplication.clipboard().text() == "#123456"
    strip.close()


# ---- all together


def test_words_about_the_seam(preview: Preview) -> None:
    preview.show_picture(Path("flat.png"), np.full((8, 8, 3), 90, np.uint8), tileable=True)
    assert "repeats without a seam (0.00)" in preview._info.text()
    ramp = np.repeat(np.arange(0, 256, 8, dtype=np.uint8)[None, :, None], 3, axis=2)
    preview.show_picture(Path("ramp.png"), np.repeat(ramp, 32, axis=0))
    assert "a seam shows (31.00)" in preview._info.text()
    sprite = noise(8, 8, 4)
    preview.show_picture(Path("sprite.png"), sprite)
    assert "seam" not in preview._info.text()


def test_a_region_is_asked_for_with_words(preview: Preview) -> None:
    preview.show_picture(Path("a.png"), noise(40, 40))
    asked: list[tuple[np.ndarray, str]] = []
    preview.region_asked.connect(lambda mask, words: asked.append((mask, words)))
    preview.tools._brush.click()
    assert preview.region.isVisible() and not preview.region.apply_button.isEnabled()
    preview.region.words.setText("  a red door ")
    assert not preview.region.apply_button.isEnabled()
    middle = QPointF(preview.canvas.rect().center())
    drag(preview.canvas, (middle.x(), middle.y()), (middle.x() + 9, middle.y()))
    preview.region.apply_button.click()
    [(mask, words)] = asked
    assert words == "a red door" and mask.shape == (40, 40) and mask.any()
    QTest.keyClick(preview.canvas, Qt.Key.Key_Escape)
    assert not preview.region.isVisible() and preview.canvas.painted_mask() is None


def test_compare_is_offered_only_with_something_before(preview: Preview) -> None:
    preview.show_picture(Path("a.png"), noise(8, 8))
    assert not preview.tools._compare.isEnabled()
    preview.show_before(noise(8, 8))
    assert preview.tools._compare.isChecked() and preview.canvas._scene.compares
    preview.tools._compare.click()
    assert not preview.canvas._scene.compares
    preview.tools._compare.click()
    assert preview.canvas._scene.compares
    preview.show_before(None)
    assert not preview.tools._compare.isEnabled() and not preview.canvas._scene.compares


def test_nothing_says_why(preview: Preview) -> None:
    assert preview._empty_text.text() == "Choose an image in the list"
    preview.show_picture(Path("a.png"), noise(8, 8))
    assert not preview._empty_text.isVisible()
    preview.show_nothing("The file is gone")
    assert preview._empty_text.isVisible() and preview._empty_text.text() == "The file is gone"


def test_every_control_has_a_name(preview: Preview) -> None:
    preview.show_picture(Path("a.png"), noise(8, 8))
    controls = [
        part
        for kind in (QAbstractButton, QSlider, QSpinBox, QLineEdit)
        for part in preview.findChildren(kind)
        if not part.objectName().startswith("qt_") and part.parent().__class__ is not QLineEdit
    ]
    nameless = [part for part in controls if not (part.accessibleName() or part.text())]
    assert controls and not nameless


def test_a_look_changes_everything_that_paints_for_itself(preview: Preview) -> None:
    preview.show_picture(Path("a.png"), noise(8, 8))
    preview.set_look(theme.LIGHT)
    corner = preview.canvas.grab().toImage().pixelColor(3, 3)
    assert corner == QColor(theme.LIGHT.window)


def test_brackets_change_the_brush(preview: Preview) -> None:
    preview.show_picture(Path("a.png"), noise(8, 8))
    QTest.keyClick(preview.canvas, Qt.Key.Key_BracketRight)
    assert preview.region.brush_px == 20
    assert preview.canvas._scene.mask is None  # the brush is not out
    preview.tools._brush.click()
    assert preview.canvas._scene.brush_px == 20
    QTest.keyClick(preview.canvas, Qt.Key.Key_BracketLeft)
    assert preview.region.brush_px == 15
