"""The middle of the studio: frames of a sheet, colours, seam, region, comparison."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor, QEnterEvent, QGuiApplication, QIcon
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLineEdit,
    QSlider,
    QSpinBox,
    QWidget,
)

from llamavis_studio.app import theme
from llamavis_studio.app.material import Material
from llamavis_studio.app.palette_strip import PaletteStrip, main_colours
from llamavis_studio.app.pixels import from_qimage, to_qimage
from llamavis_studio.app.playback import Playback, PlayedClip
from llamavis_studio.app.preview import Preview
from llamavis_studio.app.shown import Shown, read_shown
from llamavis_studio.app.why import Why, WhyWord, heat_picture
from llamavis_studio.imaging.lit import Surface, prepared
from llamavis_studio.imaging.png import encode_png
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


def test_the_clips_of_a_sheet_are_played_one_by_one(app: QApplication) -> None:
    bar = Playback()
    frames = [to_qimage(np.full((4, 4, 3), 10 * at, np.uint8)) for at in range(5)]
    shown: list[int] = []
    bar.frame.connect(lambda image: shown.append(image.pixelColor(0, 0).red() // 10))
    bar.set_frames(frames, 8, [PlayedClip("idle", (0, 1), 4), PlayedClip("walk", (2, 3, 4, 3), 10)])
    assert bar._clip.currentText() == "idle" and bar._speed.value() == 4
    assert bar._slider.maximum() == 1
    bar._clip.setCurrentIndex(2)
    bar._clip.activated.emit(2)
    assert bar._speed.value() == 10 and bar._slider.maximum() == 3 and not bar.playing
    shown.clear()
    for _ in range(4):
        bar._advance()
    assert shown == [3, 4, 3, 2]  # there and back, from its first frame on
    bar._clip.setCurrentIndex(0)
    bar._clip.activated.emit(0)
    assert bar._slider.maximum() == 4 and bar._speed.value() == 8
    bar.set_frames(frames, 8, [PlayedClip("beyond", (9,), 8)])
    assert bar._clip.isHidden() and bar._slider.maximum() == 4
    bar.close()


def test_a_table_beside_a_sheet_tells_its_clips(tmp_path: Path) -> None:
    sheet = tmp_path / "walk.png"
    sheet.write_bytes(encode_png(noise(8, 16)))
    plain = read_shown(sheet, None)
    assert isinstance(plain, Shown) and plain.boxes == () and plain.tileable is None
    frames = [{"frame": {"x": x, "y": 0, "w": 8, "h": 8}, "duration": 250} for x in (0, 8)]
    meta = {"frameTags": [{"name": "walk", "from": 0, "to": 1}]}
    table = tmp_path / "walk.json"
    table.write_text(json.dumps({"frames": frames, "meta": meta}))
    shown = read_shown(sheet, None)
    assert isinstance(shown, Shown) and shown.boxes == ((0, 0, 8, 8), (8, 0, 8, 8))
    assert shown.fps == 4 and shown.clips == (PlayedClip("walk", (0, 1), 4.0),)
    table.write_text('{"frames": [')
    broken = read_shown(sheet, None)
    assert isinstance(broken, Shown) and broken.boxes == ()


def test_boxes_beyond_the_sheet_are_said_not_raised(preview: Preview) -> None:
    preview.show_picture(Path("a.png"), noise(8, 8), boxes=[(0, 0, 4, 4), (20, 0, 4, 4)])
    assert not preview.playback.isVisible()
    assert "outside" in preview.info.text()


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


def test_small_and_large_pictures_are_counted_alike() -> None:
    for small in (noise(16, 16), noise(16, 16, 4) // 64 * 64):
        large = np.tile(small, (12, 12, 1))
        assert large.shape[0] * large.shape[1] > 1 << 14
        assert main_colours(small).main == main_colours(large).main
        assert main_colours(small).total == main_colours(large).total


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
    assert "repeats without a seam (0.00)" in preview.info.text()
    ramp = np.repeat(np.arange(0, 256, 8, dtype=np.uint8)[None, :, None], 3, axis=2)
    preview.show_picture(Path("ramp.png"), np.repeat(ramp, 32, axis=0))
    assert "a seam shows (31.00)" in preview.info.text()
    sprite = noise(8, 8, 4)
    preview.show_picture(Path("sprite.png"), sprite)
    assert "seam" not in preview.info.text()


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


# ---- what is being drawn


def test_a_picture_emerges_over_the_one_that_is_shown(preview: Preview) -> None:
    old, new = noise(8, 8), noise(16, 16, 4)
    preview.show_picture(Path("a.png"), old)
    zoom = preview.canvas.zoom
    preview.show_emerging(new)
    assert preview.canvas.covered and preview.canvas.zoom == zoom
    assert preview.canvas._scene.image.size() == to_qimage(old).size()  # still what is edited
    preview.end_emerging()
    assert not preview.canvas.covered
    preview.show_emerging(new)
    preview.show_picture(Path("a.png"), new)
    assert not preview.canvas.covered


def test_a_picture_emerges_where_there_was_none(preview: Preview) -> None:
    preview.show_nothing("Not drawn yet")
    preview.show_emerging(noise(8, 8))
    assert preview.canvas.isVisible() and preview.canvas.covered
    assert not preview.tools.isEnabled() and not preview.has_picture
    preview.end_emerging()
    assert preview._empty_text.isVisible() and preview._empty_text.text() == "Not drawn yet"
    preview.show_emerging(noise(8, 8))
    preview.show_picture(Path("a.png"), noise(8, 8))
    assert preview.tools.isEnabled() and not preview.canvas.covered


def test_emerging_ends_the_playing_of_a_sheet(preview: Preview) -> None:
    boxes = [(8 * at, 0, 8, 8) for at in range(4)]
    preview.show_picture(Path("walk.png"), noise(8, 32, 4), boxes=boxes, fps=12)
    preview.playback.play()
    preview.show_emerging(noise(8, 32, 4))
    assert not preview.playback.playing and preview.canvas._scene.image.width() == 32


# ---- the maps of a material


def a_material(own: str = "base_color") -> Material:
    channels = {"base_color": noise(8, 8), "normal": np.full((8, 8, 3), (128, 128, 255), np.uint8)}
    return Material(own, channels, prepared(Surface(channels["base_color"], channels["normal"])))


def test_maps_are_offered_and_shown(preview: Preview) -> None:
    preview.show_picture(Path("wall.png"), a_material().channels["base_color"])
    assert not preview.material_bar.isVisible()
    preview.show_material(a_material())
    bar = preview.material_bar
    assert bar.isVisible() and bar.chosen == "base_color"
    names = {name for name, one in bar._buttons.items() if one.isVisible()}
    assert names == {"base_color", "normal", "sphere", "wall"}
    zoom = preview.canvas.zoom
    bar._buttons["normal"].click()
    assert preview.canvas._scene.image.pixelColor(1, 1) == QColor(128, 128, 255)
    assert preview.canvas.zoom == zoom
    bar._buttons["sphere"].click()
    assert preview.lit.isVisible() and not preview.canvas.isVisible()
    assert not preview.tools._fit.isEnabled()
    bar._buttons["base_color"].click()
    assert preview.canvas.isVisible() and preview.tools._fit.isEnabled()


def test_the_brush_and_the_comparison_are_of_the_file_itself(preview: Preview) -> None:
    pixels = a_material().channels["base_color"]
    preview.show_picture(Path("wall.png"), pixels)
    preview.show_material(a_material())
    preview.material_bar._buttons["normal"].click()
    preview.tools._brush.click()
    assert preview.material_bar.chosen == "base_color" and preview.canvas._scene.mask is not None
    np.testing.assert_array_equal(from_qimage(preview.canvas._scene.image), pixels)
    preview.material_bar._buttons["sphere"].click()
    assert preview.canvas._scene.mask is None
    preview.show_emerging(pixels)
    assert preview.lit.isVisible()
    preview.end_emerging()
    preview.show_before(noise(8, 8))  # drawn anew while one looks at the light: it stays
    assert preview.lit.isVisible() and preview.tools._compare.isEnabled()
    preview.tools._compare.click()
    assert preview.canvas.isVisible() and preview.canvas._scene.compares


def test_light_stays_from_material_to_material_a_map_does_not(preview: Preview) -> None:
    preview.show_picture(Path("wall.png"), noise(8, 8))
    preview.show_material(a_material())
    preview.material_bar._buttons["wall"].click()
    preview.show_picture(Path("hero.png"), noise(8, 8, 4))
    assert preview.canvas.isVisible() and not preview.material_bar.isVisible()
    preview.show_picture(Path("floor.png"), noise(8, 8))
    preview.show_material(a_material())
    assert preview.lit.isVisible() and preview.material_bar.chosen == "wall"
    preview.material_bar._buttons["normal"].click()
    preview.show_picture(Path("floor.png"), noise(8, 8))  # drawn anew
    preview.show_material(a_material())
    assert preview.material_bar.chosen == "normal"
    preview.show_picture(Path("wall.png"), noise(8, 8))
    preview.show_material(a_material())
    assert preview.material_bar.chosen == "base_color"
    preview.show_picture(Path("wall_normal.png"), noise(8, 8))
    preview.show_material(a_material("normal"))
    assert preview.material_bar.chosen == "normal"


# ---- why this picture


def a_why(**more: object) -> Why:
    words = tuple(
        WhyWord(word, to_qimage(np.full((8, 8, 3), value, np.uint8)), 0.5, english)
        for word, value, english in (("日落", 40, "sunset"), ("海滩", 90, "beach"))
    )
    return Why("a.png", words, **more)  # type: ignore[arg-type]


def over(preview: Preview) -> int:
    return from_qimage(preview.canvas._scene._over)[0, 0, 0] if preview.canvas.covered else -1


def test_pointing_at_a_word_shows_its_heat(preview: Preview) -> None:
    preview.show_picture(Path("a.png"), noise(8, 8))
    asked: list[bool] = []
    preview.why_asked.connect(asked.append)
    preview.tools._why.click()
    assert asked == [True] and preview.why.isVisible()
    assert "Asking" in preview.why._notes.text()
    preview.why.show_why(a_why())
    first, second = preview.why.chips
    assert (first.text(), second.text()) == ("日落", "海滩")
    assert "sunset" in first.accessibleName() and "50 %" in first.accessibleName()
    assert over(preview) == -1
    hover(first, True)
    assert over(preview) == 40
    hover(first, False)
    assert over(preview) == -1
    first.click()
    hover(first, False)
    assert over(preview) == 40  # pressed, it stays
    hover(second, True)
    assert over(preview) == 90
    hover(second, False)
    assert over(preview) == 40
    preview.tools._why.click()
    assert asked == [True, False] and over(preview) == -1 and not preview.why.isVisible()


def test_the_words_are_walked_with_the_keyboard(preview: Preview, app: QApplication) -> None:
    preview.show_picture(Path("a.png"), noise(8, 8))
    preview.activateWindow()
    preview.tools._why.click()
    preview.why.show_why(a_why())
    first, second = preview.why.chips
    first.setFocus(Qt.FocusReason.TabFocusReason)
    assert over(preview) == 40
    QTest.keyClick(first, Qt.Key.Key_Right)
    assert second.hasFocus() and over(preview) == 90
    QTest.keyClick(second, Qt.Key.Key_Right)
    assert first.hasFocus() and over(preview) == 40
    QTest.keyClick(first, Qt.Key.Key_Return)
    assert first.isChecked()
    QTest.keyClick(first, Qt.Key.Key_Escape)
    assert not preview.tools.asks_why and over(preview) == -1


def test_what_else_is_known_is_said(preview: Preview) -> None:
    preview.show_picture(Path("a.png"), noise(8, 8))
    preview.tools._why.click()
    preview.why.show_why(
        a_why(
            took_after=(("a red dragon", 0.02), ("an old beach", 0.31), ("third", 0.01)),
            unknown_words=("blorp",),
            glosses=(("日落", "sunset"),),
            likeness="edit",
        )
    )
    said = preview.why._notes.text()
    assert "The model does not know: blorp" in said
    assert "日落 = sunset" in said and "edit of an older picture" in said
    assert "“an old beach” (31 %), “a red dragon” (2 %)" in said and "third" not in said
    preview.why.show_problem("No model. Install one")
    assert preview.why._notes.text() == "No model. Install one" and not preview.why.chips


def test_heat_is_readable_and_leaves_the_picture_visible() -> None:
    pixels = noise(16, 16, 4)
    pixels[..., 3] = 255
    pixels[:4, :, 3] = 0
    weights = np.tile(np.linspace(0, 1, 16, dtype=np.float32), (16, 1))
    found = heat_picture(pixels, weights).astype(int)
    light = found[..., :3] @ np.array([0.2126, 0.7152, 0.0722])
    assert light[8:, -1].mean() > light[8:, 4].mean() + 80  # without colours, too
    assert light[4:, 0].std() > 5  # the picture under no heat
    assert (found[:4, 0, 3] == 0).all() and (found[:4, -1, 3] > 150).all()
    weak = heat_picture(pixels, weights * 0.1).astype(int)[..., :3]
    assert np.abs(weak[8:, -1] - found[8:, -1, :3]).mean() > 40  # not blown up to full heat


def test_a_background_is_no_tile(preview: Preview) -> None:
    preview.show_picture(Path("sky.png"), noise(16, 24), tileable=False)
    assert "seam" not in preview.info.text()


def hover(widget: QWidget, on: bool) -> None:
    spot = QPointF(4, 4)
    event = QEnterEvent(spot, spot, spot) if on else QEvent(QEvent.Type.Leave)
    QApplication.sendEvent(widget, event)
