"""Motions: the frame keeps its size, colours are the sprite's own, and clips loop."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llamavis_studio.imaging.arrays import Pixels, with_alpha
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.motion import (
    MOTIONS,
    MotionStep,
    default_motion,
    motion_key,
    motion_loops,
    move,
)
from llamavis_studio.imaging.palette import colours_of
from llamavis_studio.imaging.transforms import box, mirrored, padded, room, scaled, shifted
from tests.imaging.strategies import pictures

LOOPING = [name for name, motion in MOTIONS.items() if motion.loops]
counts = st.integers(1, 12)
sprites = pictures(channels=(4,), min_side=2, max_side=12)


def hard(pixels: Pixels) -> Pixels:
    """Opaque or clear black, as pixel art is."""
    out = with_alpha(pixels).copy()
    out[..., 3] = np.where(out[..., 3] >= 128, 255, 0)
    out[out[..., 3] == 0] = 0
    return out


def figure(width: int = 8, height: int = 10, margin: int = 6) -> Pixels:
    """Every pixel its own colour, with room on all sides."""
    out = np.zeros((height + 2 * margin, width + 2 * margin, 4), np.uint8)
    inside = out[margin:-margin, margin:-margin]
    inside[..., 0] = np.arange(height)[:, None] * 20
    inside[..., 1] = np.arange(width)[None, :] * 30
    inside[..., 3] = 255
    return out


def single(name: str, sprite: Pixels, count: int, **params: object) -> list[Pixels]:
    return move(sprite, count, [MotionStep(name, params)])


def squared(pixels: Pixels) -> Pixels:
    side = min(pixels.shape[:2])
    return pixels[:side, :side]


@given(sprites, counts, st.sampled_from(sorted(MOTIONS)))
def test_frames_keep_size_and_colours(sprite: Pixels, count: int, name: str) -> None:
    sprite = hard(squared(sprite))
    before = sprite.copy()
    frames = single(name, sprite, count)
    assert np.array_equal(sprite, before)
    own = {tuple(colour) for colour in colours_of(sprite).tolist()} | {(255, 255, 255)}
    for frame in frames:
        assert frame.shape == sprite.shape and frame.dtype == np.uint8
        assert {tuple(colour) for colour in colours_of(frame).tolist()} <= own
        assert set(np.unique(frame[..., 3]).tolist()) <= {0, 255}
    assert len(frames) == count
    again = single(name, sprite, count)
    assert all(np.array_equal(one, other) for one, other in zip(frames, again, strict=True))


def difference(one: Pixels, other: Pixels) -> int:
    return int((one != other).any(axis=2).sum())


@pytest.mark.parametrize("count", [4, 6, 8, 12])
@pytest.mark.parametrize("name", LOOPING)
def test_the_step_back_to_the_first_frame_is_no_larger_than_the_others(
    name: str, count: int
) -> None:
    frames = single(name, figure(8, 8), count)
    steps = [difference(a, b) for a, b in zip(frames, [*frames[1:], frames[0]], strict=True)]
    assert steps[-1] <= max(steps[:-1])


@pytest.mark.parametrize("name", sorted(set(MOTIONS) - {"hold", "fade"}))
def test_every_motion_moves(name: str) -> None:
    frames = single(name, figure(8, 8), 4)
    assert len({frame.tobytes() for frame in frames}) > 1


@pytest.mark.parametrize("name", ["bob", "squash", "step"])
def test_a_standing_sprite_stays_on_its_feet(name: str) -> None:
    sprite = figure()
    ground = box(sprite)[3]
    assert all(box(frame)[3] == ground for frame in single(name, sprite, 8))


def test_bob_needs_no_room_and_keeps_the_lower_half() -> None:
    sprite = figure(margin=1)[1:-1, 1:-1]
    frames = single("bob", sprite, 4, height_px=2)
    assert [box(frame)[1] for frame in frames] == [0, 2, 2, 0]
    assert all(np.array_equal(frame[5:], sprite[5:]) for frame in frames)
    assert np.array_equal(frames[1][2:5], sprite[:3])


@pytest.mark.parametrize(("count", "heights"), [(1, [0]), (2, [0, 1]), (4, [0, 1, 1, 0])])
def test_a_wave_is_as_long_high_as_low(count: int, heights: list[int]) -> None:
    frames = single("bob", figure(), count)
    assert [box(frame)[1] - 6 for frame in frames] == heights


@given(sprites, counts, st.integers(0, 5))
def test_hover_and_shake_lose_nothing(sprite: Pixels, count: int, far: int) -> None:
    sprite = hard(sprite)
    seen = np.sort(sprite[sprite[..., 3] > 0], axis=0)
    for frame in [
        *single("hover", sprite, count, height_px=far),
        *single("shake", sprite, count, width_px=far),
    ]:
        assert np.array_equal(np.sort(frame[frame[..., 3] > 0], axis=0), seen)


def test_jump_rises_as_far_as_there_is_room_and_lands() -> None:
    frames = single("jump", figure(), 16, height_px=99)
    bottoms = [box(frame)[3] for frame in frames]
    assert bottoms[0] == bottoms[-1] == 16 and min(bottoms) == 10
    assert all(box(frame)[1] >= 0 for frame in frames)
    assert box(frames[2])[1] > 6  # crouched


def test_flip_mirrors_in_place() -> None:
    sprite = shifted(figure(), 3, 0)
    first, second = single("flip", sprite, 2)
    assert np.array_equal(first, sprite) and np.array_equal(second, mirrored(sprite))
    assert box(second) == box(sprite)
    widths = [box(f)[2] - box(f)[0] for f in single("flip", sprite, 8)]
    assert widths == [8, 6, 1, 6, 8, 6, 1, 6]


@given(sprites)
def test_four_quarters_are_a_whole_turn(sprite: Pixels) -> None:
    frames = single("spin", squared(sprite), 4)
    for i, frame in enumerate(frames):
        assert np.array_equal(np.rot90(frame, i), with_alpha(squared(sprite)))


def test_flash_keeps_to_a_palette() -> None:
    palette = np.array([[0, 0, 0], [250, 200, 0]], np.uint8)
    frames = single("flash", figure(), 5, colour=(255, 255, 0), strength=0.7, palette=palette)
    lit = [not np.array_equal(frame, figure()) for frame in frames]
    assert lit == [True, False, True, False, False]
    assert {tuple(colour) for colour in colours_of(frames[0]).tolist()} <= {
        (0, 0, 0),
        (250, 200, 0),
    }


@pytest.mark.parametrize("dithered", [True, False])
def test_fade_goes_from_whole_to_nothing(dithered: bool) -> None:
    frames = single("fade", figure(8, 8), 8, dithered=dithered)
    left = [int(frame[..., 3].astype(int).sum()) for frame in frames]
    assert left == sorted(left, reverse=True)
    assert left[0] == 64 * 255 and left[-1] == 0
    assert not motion_loops([MotionStep("fade")])


@pytest.mark.parametrize("eyes", range(2, 14))
def test_squashing_keeps_lines_that_stand_alone(eyes: int) -> None:
    sprite = np.full((16, 16, 4), 255, np.uint8)
    sprite[eyes, 5:8, :3] = 0
    frames = single("squash", sprite, 6, amount=0.2)
    assert [int((frame[:, 5:8, 0] == 0).any()) for frame in frames] == [1] * 6


@given(sprites, st.floats(0.1, 2), st.floats(0.1, 2))
def test_scaling_stays_inside_and_on_the_ground(sprite: Pixels, wide: float, high: float) -> None:
    sprite = hard(sprite)
    out = scaled(sprite, wide, high)
    left, _, right, bottom = box(sprite)
    if sprite[..., 3].all(axis=None) or not sprite.any():
        return
    assert out.shape == sprite.shape
    if wide >= 1 and high >= 1:  # nothing is dropped, so the middle and the ground are kept
        new_left, _, new_right, new_bottom = box(out)
        assert new_bottom == bottom
        free = min(new_left, sprite.shape[1] - new_right)
        assert free == 0 or abs(new_left + new_right - left - right) <= 1


def test_a_padded_sprite_has_room_to_jump() -> None:
    sprite = figure(margin=1)[1:-1, 1:-1]
    assert min(box(frame)[3] for frame in single("jump", sprite, 16)) == 10
    larger = padded(sprite, top=6, left=1, right=2)
    assert room(larger) == (1, 6, 2, 0)
    assert min(box(frame)[3] for frame in single("jump", larger, 16)) == 10


def test_motions_combine() -> None:
    both = move(figure(), 4, [MotionStep("flash"), MotionStep("shake")])
    flash, shake = single("flash", figure(), 4), single("shake", figure(), 4)
    assert np.array_equal(both[2][..., 3], shake[2][..., 3])
    assert colours_of(both[2]).tolist() == colours_of(flash[2]).tolist() == [[255, 255, 255]]


@pytest.mark.parametrize(
    ("clip", "motions"),
    [
        ("idle", ["bob"]),
        ("Walk2", ["step"]),
        ("hero_walk-left", ["step"]),
        ("runFast", ["step"]),
        ("hurt", ["flash", "shake"]),
        ("hit", ["flash", "shake"]),
        ("jump", ["jump"]),
        ("turn", ["flip"]),
        ("death", ["fade"]),
        ("施法", ["bob"]),
    ],
)
def test_clip_names_choose_their_motion(clip: str, motions: list[str]) -> None:
    assert [step.name for step in default_motion(clip)] == motions


def test_the_build_key_names_version_and_parameters() -> None:
    steps = [MotionStep("bob", {"height_px": 2}), MotionStep("shake")]
    assert motion_key(steps) == [["bob", 1, {"height_px": 2}], ["shake", 1, {}]]


@pytest.mark.parametrize(
    ("name", "count", "params", "says"),
    [
        ("bop", 2, {}, "no motion 'bop'; the motions are hold, bob"),
        ("bob", 2, {"heigth_px": 1}, "no parameter 'heigth_px'; it has: height_px, hinge"),
        ("hold", 2, {"x": 1}, "it has: none"),
        ("bob", 2, {"height_px": 1.5}, "height_px of the motion bob is a whole number, not 1.5"),
        ("bob", 2, {"hinge": "low"}, "is a number, not 'low'"),
        ("fade", 2, {"dithered": 1}, "is true or false, not 1"),
        ("bob", 0, {}, "1 to 256 frames, not 0"),
        ("bob", 2, {"hinge": 1}, "hinge in 0..1"),
        ("hover", 2, {"height_px": -1}, "height_px >= 0"),
        ("step", 2, {"feet": 0}, "feet in 0..1"),
        ("squash", 2, {"amount": math.nan}, "amount in 0..1"),
        ("shake", 2, {"width_px": -1}, "width_px >= 0"),
        ("flash", 2, {"colour": (300, 0, 0)}, "three bytes"),
        ("flash", 2, {"colour": "red"}, "three bytes"),
        ("spin", 2, {}, "square sprites, this one is 20x22"),
    ],
)
def test_what_cannot_be_moved(name: str, count: int, params: dict[str, object], says: str) -> None:
    with pytest.raises(ImageError, match=says):
        single(name, figure(), count, **params)
