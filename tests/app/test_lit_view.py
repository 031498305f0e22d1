"""The material under the lamp: it goes where one drags it, and is shaded for the room there is."""

from __future__ import annotations

import os
from collections.abc import Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QIcon
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from llamavis_studio.app import theme
from llamavis_studio.app.lit_view import SPHERE, WALL, LitView, wall_scale
from llamavis_studio.app.pixels import from_qimage
from llamavis_studio.imaging.lit import Surface, Texels, prepared
from tests.app.hands import drag, wheel


@pytest.fixture
def view(app: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[LitView]:
    monkeypatch.setattr(theme, "icon", lambda name, look, use="text": QIcon())
    made = LitView()
    made.resize(320, 240)
    made.set_levels(levels(32))
    made.show()
    yield made
    made.close()


def levels(side: int, tileable: bool = True) -> tuple[Texels, ...]:
    return prepared(Surface(np.full((side, side, 3), 170, np.uint8), tileable=tileable))


def light(view: LitView) -> np.ndarray:
    return from_qimage(view._picture())[..., :3].astype(float).mean(axis=2)


def test_the_lamp_follows_the_mouse_and_the_light_the_lamp(view: LitView) -> None:
    drag(view, (100, 120), (250, 120))
    x, y, _ = view.lamp
    radius = view._place().height() / 2
    assert x == pytest.approx((250 - 160) / radius, abs=0.02) and y == pytest.approx(0, abs=0.02)
    shaded = light(view)
    side = shaded.shape[1]
    assert shaded[:, side // 2 :].mean() > shaded[:, : side // 2].mean() + 20
    drag(view, (100, 120), (60, 120))
    shaded = light(view)
    assert shaded[:, side // 2 :].mean() < shaded[:, : side // 2].mean() - 20


def test_a_frame_is_shaded_once_until_the_lamp_moves(
    view: LitView, monkeypatch: pytest.MonkeyPatch
) -> None:
    view.grab()
    kept = view._image.cacheKey()
    view.grab()
    assert view._image.cacheKey() == kept
    shape = view._shape
    QTest.keyClick(view, Qt.Key.Key_Right)
    view.grab()
    assert view._image.cacheKey() != kept and view._shape is shape


def test_the_keyboard_moves_the_lamp_and_home_puts_it_back(view: LitView) -> None:
    start = view.lamp
    QTest.keyClick(view, Qt.Key.Key_Right)
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert view.lamp[0] > start[0] and view.lamp[1] > start[1]
    QTest.keyClick(view, Qt.Key.Key_Plus)
    assert view.lamp[2] < start[2]
    wheel(view, QPointF(50, 50), -2)
    assert view.lamp[2] > start[2]
    for _ in range(60):
        QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.lamp[0] < 1.8  # it stays where it lights something
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert view.lamp == start


def test_sphere_and_wall_each_have_their_lamp(view: LitView) -> None:
    QTest.keyClick(view, Qt.Key.Key_Left)
    there = view.lamp
    view.set_kind(WALL)
    assert view.lamp != there
    view.set_kind(SPHERE)
    assert view.lamp == there


def test_nothing_is_shaded_without_a_material(view: LitView) -> None:
    view.set_levels(())
    view.grab()
    drag(view, (10, 10), (60, 60))
    assert view._image.isNull()


@pytest.mark.parametrize("room", [(640, 300), (1280, 600), (300, 900), (60, 40)])
@pytest.mark.parametrize("side", [16, 32, 64, 128, 512])
def test_a_wall_fills_its_room_with_whole_texels(side: int, room: tuple[int, int]) -> None:
    level, times = wall_scale(levels(side), *room)
    assert times >= 1
    shaded = (room[0] // times) * (room[1] // times)
    assert shaded <= 110_000
    if side <= 64 and room[1] >= 300:
        assert level.size == (side, side)  # small tiles keep every texel
        assert room[1] / (times * side) >= 1.5  # and are seen to repeat


def test_a_large_picture_that_does_not_tile_stands_alone(view: LitView) -> None:
    view.set_levels(levels(512, tileable=False))
    view.set_kind(WALL)
    view.grab()
    place = view._place()
    assert place.width() <= view.width() and place.height() <= view.height()
