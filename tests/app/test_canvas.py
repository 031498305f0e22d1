"""The canvas: pixels to the screen and back, zoom, mask, divider."""

import os
import subprocess
import sys
from collections.abc import Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from llamavis_studio.app.canvas import Canvas
from llamavis_studio.app.canvas_view import View
from llamavis_studio.app.pixels import PaintedMask, from_qimage, to_qimage
from llamavis_studio.imaging.errors import ImageError
from tests.app.hands import drag, mouse, noise, wheel


@pytest.fixture
def canvas(app: QApplication) -> Iterator[Canvas]:
    made = Canvas()
    made.resize(300, 200)
    made.show()
    yield made
    made.close()


def grabbed(widget: QWidget) -> np.ndarray:
    return from_qimage(widget.grab().toImage())[..., :3]


# ---- arrays and images


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("width", [1, 5, 8])
def test_pixels_come_back_as_they_went(channels: int, width: int) -> None:
    pixels = noise(7, width, channels)
    image = to_qimage(pixels)
    kept = pixels.copy()
    pixels[:] = 0  # the image owns its memory
    np.testing.assert_array_equal(from_qimage(image), kept)


def test_a_cut_out_array_becomes_an_image() -> None:
    pixels = noise(9, 9, 4)[1:7:2, 2:8]
    np.testing.assert_array_equal(from_qimage(to_qimage(pixels)), pixels)


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(ImageError):
        to_qimage(np.zeros((4, 4), np.uint8))


def test_a_stroke_has_no_gaps_and_its_width() -> None:
    mask = PaintedMask(30, 20)
    mask.stroke(QPoint(3, 10), QPoint(26, 10), 4, True)
    painted = mask.array()
    assert painted[10, 3:27].all()
    assert painted[:, 15].sum() == 4
    mask.stroke(QPoint(15, 10), QPoint(15, 10), 6, False)
    assert not mask.array()[10, 15]
    mask.clear()
    assert mask.is_empty()


@pytest.mark.parametrize("brush_px", [1, 2, 3, 4, 5])
def test_a_stamp_is_as_wide_as_the_brush(brush_px: int) -> None:
    mask = PaintedMask(12, 12)
    mask.stroke(QPoint(6, 6), QPoint(6, 6), brush_px, True)
    painted = mask.array()
    assert painted.any(axis=0).sum() == painted.any(axis=1).sum() == brush_px


# ---- where the picture lies


def test_fit_takes_whole_steps_above_100_percent() -> None:
    view = View()
    view.area, view.picture = QSize(500, 300), QSize(32, 64)
    view.fit()
    assert view.scale == 4.0
    view.picture = view.area * 4
    view.fit()
    assert 0.2 < view.scale < 0.25


@pytest.mark.parametrize("notches", [1, 3, -1])
def test_zoom_keeps_the_pixel_under_the_cursor(canvas: Canvas, notches: int) -> None:
    canvas.set_image(to_qimage(noise(40, 60)))
    spot = QPointF(190.5, 77.5)
    pixel, zoom = canvas.pixel_at(spot), canvas.zoom
    wheel(canvas, spot, notches)
    assert (canvas.zoom > zoom) == (notches > 0)
    assert canvas.pixel_at(spot) == pixel


def test_the_small_steps_of_a_touchpad_add_up(canvas: Canvas) -> None:
    canvas.set_image(to_qimage(noise(16, 16)))
    canvas.set_zoom(1.0)
    event = QWheelEvent(
        QPointF(9, 9),
        QPointF(9, 9),
        QPoint(),
        QPoint(0, 40),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.ScrollUpdate,
        False,
    )
    for expected in (1.0, 1.0, 2.0):
        QApplication.sendEvent(canvas, event)
        assert canvas.zoom == expected


def test_keys_zoom_and_move(canvas: Canvas) -> None:
    canvas.set_image(to_qimage(noise(64, 64)))
    QTest.keyClick(canvas, Qt.Key.Key_1)
    assert canvas.zoom == 1.0
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.zoom == 2.0
    QTest.keyClick(canvas, Qt.Key.Key_Minus)
    QTest.keyClick(canvas, Qt.Key.Key_Minus)
    assert canvas.zoom == pytest.approx(2 / 3)
    QTest.keyClick(canvas, Qt.Key.Key_0)
    fitted = canvas.pixel_at(QPointF(150, 100))
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.pixel_at(QPointF(150, 100)).x() > fitted.x()


def test_zoom_ends_at_64(canvas: Canvas) -> None:
    canvas.set_image(to_qimage(noise(64, 64)))
    canvas.step_zoom(99)
    assert canvas.zoom == 64.0
    canvas.step_zoom(-99)
    assert canvas.zoom == 1 / 8


def test_at_100_percent_every_pixel_is_exact(canvas: Canvas) -> None:
    pixels = noise(90, 120)
    canvas.set_image(to_qimage(pixels))
    canvas.set_zoom(1.0)
    corner = canvas.pixel_at(QPointF(0.5, 0.5)) * -1
    seen = grabbed(canvas)[corner.y() : corner.y() + 90, corner.x() : corner.x() + 120]
    np.testing.assert_array_equal(seen, pixels)


def test_enlarged_pixels_stay_squares(canvas: Canvas) -> None:
    pixels = noise(20, 20)
    canvas.set_grid(False)
    canvas.set_image(to_qimage(pixels))
    canvas.set_zoom(16.0)  # larger than the widget
    seen = grabbed(canvas)
    for x, y in ((20, 20), (151, 33), (270, 180)):
        at = canvas.pixel_at(QPointF(x + 0.5, y + 0.5))
        np.testing.assert_array_equal(seen[y, x], pixels[at.y(), at.x()])


def test_tiles_repeat_the_picture(canvas: Canvas) -> None:
    pixels = noise(30, 30)
    canvas.set_image(to_qimage(pixels))
    canvas.set_tiled(True)
    assert canvas.zoom == 1.0
    seen = grabbed(canvas)
    np.testing.assert_array_equal(seen[56:84, 106:134], seen[86:114, 136:164])


def test_hover_tells_pixel_and_colour(canvas: Canvas) -> None:
    pixels = noise(10, 10, 4)
    canvas.set_image(to_qimage(pixels))
    told: list[tuple[int, int, QColor]] = []
    left: list[bool] = []
    canvas.hovered.connect(lambda x, y, colour: told.append((x, y, colour)))
    canvas.hover_left.connect(lambda: left.append(True))
    mouse(canvas, QEvent.Type.MouseMove, 150, 100, Qt.MouseButton.NoButton)
    x, y, colour = told[-1]
    assert (x, y) == (5, 5)
    assert colour.getRgb() == tuple(int(value) for value in pixels[5, 5])
    mouse(canvas, QEvent.Type.MouseMove, 1, 1, Qt.MouseButton.NoButton)
    assert left


def test_dragging_moves_the_picture(canvas: Canvas) -> None:
    canvas.set_image(to_qimage(noise(40, 40)))
    canvas.set_zoom(8.0)
    before = canvas.pixel_at(QPointF(150, 100))
    drag(canvas, (150, 100), (190, 116), Qt.MouseButton.MiddleButton)
    assert canvas.pixel_at(QPointF(190, 116)) == before


# ---- region and divider


def test_left_paints_and_right_erases(canvas: Canvas) -> None:
    canvas.set_image(to_qimage(noise(40, 60)))
    canvas.start_mask(3)
    assert canvas.painted_mask() is None
    drag(canvas, (120, 100), (180, 100))
    mask = canvas.painted_mask()
    assert mask is not None and mask.shape == (40, 60) and mask.dtype == np.bool_
    start, end = canvas.pixel_at(QPointF(120, 100)), canvas.pixel_at(QPointF(180, 100))
    assert mask[start.y(), start.x() : end.x() + 1].all()
    drag(canvas, (150, 100), (150, 100), Qt.MouseButton.RightButton)
    erased = canvas.painted_mask()
    assert erased is not None and not erased[20, canvas.pixel_at(QPointF(150, 100)).x()]
    canvas.clear_mask()
    assert canvas.painted_mask() is None


def test_the_region_is_seen_by_more_than_colour(canvas: Canvas) -> None:
    canvas.set_image(to_qimage(np.full((40, 60, 3), 128, np.uint8)))
    canvas.start_mask(20)
    drag(canvas, (120, 100), (180, 100))
    canvas.set_grid(False)
    patch = grabbed(canvas)[90:110, 140:160].astype(int).sum(axis=2)
    assert np.ptp(patch) > 100  # a hatch is lighter here and darker there


def test_a_region_can_be_painted_with_keys(canvas: Canvas) -> None:
    canvas.set_image(to_qimage(noise(20, 20)))
    canvas.start_mask(1)
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    mask = canvas.painted_mask()
    assert mask is not None and mask.sum() == 2 and mask[10, 10] and mask[10, 11]
    QTest.keyClick(canvas, Qt.Key.Key_Backspace)
    mask = canvas.painted_mask()
    assert mask is not None and mask.sum() == 1


def test_a_picture_of_another_size_ends_the_region(canvas: Canvas) -> None:
    canvas.set_image(to_qimage(noise(20, 20)))
    canvas.start_mask(1)
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    canvas.set_image(to_qimage(noise(10, 20)))
    assert canvas.painted_mask() is None


def test_the_divider_shows_before_on_its_left_and_is_dragged(canvas: Canvas) -> None:
    red, blue = np.zeros((20, 60, 3), np.uint8), np.zeros((20, 60, 3), np.uint8)
    red[..., 0], blue[..., 2] = 200, 210
    canvas.set_image(to_qimage(blue))
    canvas.set_before(to_qimage(red[::2, ::2]))  # smaller: stretched
    middle = grabbed(canvas)[80]
    assert tuple(middle[60]) == (200, 0, 0)
    assert tuple(middle[240]) == (0, 0, 210)
    drag(canvas, (150, 20), (60, 20))
    assert canvas.divider == pytest.approx(0.2)
    assert tuple(grabbed(canvas)[80][100]) == (0, 0, 210)
    QTest.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert canvas.divider == pytest.approx(0.22)
    canvas.set_before(None)
    assert tuple(grabbed(canvas)[80][60]) == (0, 0, 210)


def test_a_scaled_desktop_keeps_pixels_exact(
    canvas: Canvas, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = noise(90, 120)
    canvas.set_image(to_qimage(pixels))
    monkeypatch.setattr(canvas, "devicePixelRatioF", lambda: 2.0)
    canvas.fit()
    canvas.set_zoom(1.0)
    surface = QImage(600, 400, QImage.Format.Format_RGB32)
    surface.setDevicePixelRatio(2.0)
    canvas.render(surface)
    corner = canvas.pixel_at(QPointF(0.25, 0.25)) * -1
    seen = from_qimage(surface)[corner.y() : corner.y() + 90, corner.x() : corner.x() + 120]
    np.testing.assert_array_equal(seen, pixels)


# ---- what lies over, and what was of another size


def test_an_older_picture_of_another_size_keeps_its_proportions(app: QApplication) -> None:
    canvas = Canvas()
    canvas.resize(240, 240)
    canvas.show()
    white = np.full((16, 16, 3), 255, np.uint8)
    canvas.set_image(to_qimage(white))
    red = np.zeros((8, 32, 3), np.uint8)
    red[..., 0] = 255
    canvas.set_before(to_qimage(red))
    canvas._scene.divider = 1.0  # only what was
    cell = canvas._scene.view.cell()
    shown = canvas.grab().toImage()
    middle = cell.center()
    ground = QColor(canvas._scene.look.window)
    assert shown.pixelColor(middle).red() == 255
    left, top = cell.left() + 2, cell.center().y() - cell.height() // 8 + 3
    assert shown.pixelColor(left, top) == QColor(255, 0, 0)
    assert shown.pixelColor(left, cell.center().y() - cell.height() // 8 - 3) == ground
    canvas._scene.divider = 0.5
    canvas.set_before(to_qimage(noise(64, 64)))  # larger than what is: no pixel is dropped
    canvas.grab()
    canvas.close()


def test_what_lies_over_hides_the_picture_and_goes(app: QApplication) -> None:
    canvas = Canvas()
    canvas.resize(200, 200)
    canvas.set_image(to_qimage(np.zeros((8, 8, 3), np.uint8)))
    spot = canvas._scene.view.cell().center()
    zoom = canvas.zoom
    canvas.set_over(to_qimage(np.full((8, 8, 3), 200, np.uint8)), "being drawn")
    assert canvas.covered and canvas.zoom == zoom
    covered = canvas.grab().toImage()
    assert covered.pixelColor(spot) == QColor(200, 200, 200)
    canvas.set_over(None)
    plain = canvas.grab().toImage()
    assert not canvas.covered and plain.pixelColor(spot) == QColor(0, 0, 0)
    assert covered.pixelColor(16, 20) != plain.pixelColor(16, 20)  # the note is gone, too


_SCALED = """
import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QWidget
from llamavis_studio.app.canvas import Canvas
from llamavis_studio.app.pixels import from_qimage, to_qimage

app = QApplication([])
room = QWidget()
room.resize(333, 251)
canvas = Canvas(room)
canvas.setGeometry(11, 7, 301, 233)
room.show()
pixels = np.random.default_rng(7).integers(0, 256, (16, 16, 3), dtype=np.uint8)
canvas.set_image(to_qimage(pixels))
canvas.set_grid(False)
ratio = room.devicePixelRatioF()
corner = canvas.mapTo(room, QPoint(0, 0))
for zoom in (1, 2, 3, 7):
    canvas.set_zoom(float(zoom))
    app.processEvents()
    shown = from_qimage(room.grab().toImage())[..., :3]
    cell = canvas._scene.view.cell()
    wanted = pixels.repeat(zoom, 0).repeat(zoom, 1)
    left, top = int(corner.x() * ratio) + cell.left(), int(corner.y() * ratio) + cell.top()
    found = [
        np.array_equal(shown[y : y + 16 * zoom, x : x + 16 * zoom], wanted)
        for y in (top, top + 1)
        for x in (left, left + 1)
    ]
    assert any(found), (ratio, zoom)
print(ratio)
"""


@pytest.mark.parametrize("factor", ["1.5", "2"])
def test_every_pixel_is_whole_on_a_scaled_desktop(factor: str) -> None:
    """At whole zooms each pixel is a square of device pixels, none wider than another."""
    done = subprocess.run(
        [sys.executable, "-c", _SCALED],
        env={**os.environ, "QT_SCALE_FACTOR": factor, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == float(factor)
