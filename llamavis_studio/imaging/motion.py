"""One finished sprite to the frames of a clip by plain transforms: moved, squashed, mirrored, lit.

    frames = move(sprite, 8, default_motion("walk"))

No model draws these frames: they are the same picture transformed, and should be called that
wherever they are shown. All is safe for pixel art: offsets are whole pixels, scaling drops or
repeats whole lines, and no colour appears that the sprite lacks, save the light of `flash`. Frames
keep the sprite's size; what would leave the picture is not moved that far, so pad a sprite that
fills it. The first frame is at or next to the rest pose, and the last leads back to it unless a
motion says that it does not loop.

Sprites are (h, w, 3 or 4) sRGB bytes with straight alpha; frames are (h, w, 4).
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from llamavis_studio.imaging.arrays import Pixels, with_alpha
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.palette import snap_to_palette
from llamavis_studio.imaging.transforms import (
    leaning,
    lifted,
    mirrored,
    room,
    scaled,
    shifted,
    sunk,
)

MotionFunction = Callable[..., list[Pixels]]
MOST_FRAMES = 256


@dataclass(frozen=True)
class Motion:
    """A transform by name; raise the version whenever its pixels change, as it is part of the
    build key.
    """

    apply: MotionFunction
    version: int
    loops: bool = True


@dataclass(frozen=True)
class MotionStep:
    """A motion and its parameters, those of the function of that name."""

    name: str
    params: Mapping[str, Any] = field(default_factory=dict)


def move(sprite: Pixels, count: int, steps: Sequence[MotionStep]) -> list[Pixels]:
    """`count` frames (h, w, 4) of a sprite under one or more motions at once.

    Raises:
        ImageError: an unknown motion or parameter, a value that makes no sense, or a count outside
            1..256.
    """
    if not 1 <= count <= MOST_FRAMES:
        raise ImageError(f"a clip has 1 to {MOST_FRAMES} frames, not {count}")
    frames = hold(sprite, count)
    for number, step in enumerate(steps):
        apply = _checked(step)
        if number == 0:
            frames = apply(sprite, count, **step.params)
        else:
            frames = [apply(frame, count, **step.params)[i] for i, frame in enumerate(frames)]
    return frames


def motion_named(name: str) -> Motion:
    """A motion by name; raises ImageError naming all of them."""
    if name not in MOTIONS:
        raise ImageError(f"there is no motion '{name}'; the motions are {', '.join(MOTIONS)}")
    return MOTIONS[name]


def motion_key(steps: Sequence[MotionStep]) -> list[list[Any]]:
    """Names, versions and parameters, as they enter the build key; raises ImageError."""
    return [[step.name, motion_named(step.name).version, dict(step.params)] for step in steps]


def motion_loops(steps: Sequence[MotionStep]) -> bool:
    """Whether the last frame leads back to the first; raises ImageError for an unknown motion."""
    return all(motion_named(step.name).loops for step in steps)


def default_motion(clip_name: str) -> tuple[MotionStep, ...]:
    """The transform that suits a clip of this name: walk, hero_hurt, Idle2, jump-left ...

    The first word that is known decides; a name without one bobs, so that the sprite looks alive.
    """
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", clip_name).lower())
    for word in words:
        for names, steps in _BY_CLIP.items():
            if word in names.split():
                return steps
    return (MotionStep("bob"),)


def hold(sprite: Pixels, count: int) -> list[Pixels]:
    """The sprite as it is, `count` times."""
    return [with_alpha(sprite).copy() for _ in range(count)]


def bob(sprite: Pixels, count: int, *, height_px: int = 1, hinge: float = 0.5) -> list[Pixels]:
    """The upper part sinks and rises, as in breathing; the lowest share, `hinge`, stands still.

    Rows vanish at the hinge, so the sprite needs no room around it.
    """
    _check(height_px >= 0 and 0 <= hinge < 1, "bob needs height_px >= 0 and hinge in 0..1")
    return [sunk(frame, _wave(i, count, height_px), hinge) for i, frame in _each(sprite, count)]


def hover(sprite: Pixels, count: int, *, height_px: int = 2) -> list[Pixels]:
    """The whole sprite floats up and back, as far as it has room; at the top edge it sinks."""
    _check(height_px >= 0, "hover needs height_px >= 0")
    _, top, _, bottom = room(with_alpha(sprite))
    height = min(height_px, top + bottom)
    low = max(0, height - top)
    return [shifted(f, 0, low - _wave(i, count, height)) for i, f in _each(sprite, count)]


def step(
    sprite: Pixels,
    count: int,
    *,
    height_px: int = 1,
    lift_px: int = 1,
    lean_px: int = 1,
    feet: float = 0.25,
) -> list[Pixels]:
    """Two steps a loop: the left and the right half of the lowest part (the share `feet`) are
    lifted in turn, the body bobs at each step and leans from side to side where it has room.
    """
    sensible = min(height_px, lift_px, lean_px) >= 0 and 0 < feet < 1
    _check(sensible, "step needs lengths >= 0 and feet in 0..1")
    left, _, right, _ = room(with_alpha(sprite))
    lean = min(lean_px, left, right)
    frames = []
    for i, frame in _each(sprite, count):
        swing = math.sin(2 * math.pi * (i + 0.5) / count) if count > 1 else 0.0
        stepping = lifted(frame, round(abs(swing) * lift_px), swing > 0, feet)
        low = sunk(stepping, _wave(2 * i % count, count, height_px), max(feet, 0.5))
        frames.append(leaning(low, round(swing * lean)))
    return frames


def squash(sprite: Pixels, count: int, *, amount: float = 0.15) -> list[Pixels]:
    """Flatter and wider, then back, standing on its lowest row; `amount` is the share of height."""
    _check(0 <= amount < 1, "squash needs amount in 0..1")
    waves = [(1 - math.cos(2 * math.pi * i / count)) / 2 for i in range(count)]
    return [
        scaled(f, 1 + amount * waves[i], 1 - amount * waves[i]) for i, f in _each(sprite, count)
    ]


def jump(sprite: Pixels, count: int, *, height_px: int = 8, amount: float = 0.2) -> list[Pixels]:
    """Crouch, leap, fall and land: squashed on the ground, stretched when fast, as high as there
    is room.
    """
    _check(height_px >= 0 and 0 <= amount < 1, "jump needs height_px >= 0 and amount in 0..1")
    _, top, _, _ = room(with_alpha(sprite))
    height = min(height_px, top)
    frames = []
    for i, frame in _each(sprite, count):
        t = i / count
        ground, fly = 0.25, (t - 0.25) / 0.6  # crouch until 0.25, land from 0.85 on
        if t < ground or fly > 1:
            depth = math.sin(math.pi * (t / ground if t < ground else (t - 0.85) / 0.15))
            frames.append(scaled(frame, 1 + amount * depth, 1 - amount * depth))
            continue
        speed = abs(1 - 2 * fly) if height else 0.0
        risen = shifted(frame, 0, -round(height * 4 * fly * (1 - fly)))
        frames.append(scaled(risen, 1 - amount * speed / 2, 1 + amount * speed / 2))
    return frames


def flip(sprite: Pixels, count: int) -> list[Pixels]:
    """One turn about the upright axis: narrow, mirrored, narrow again. Two frames just mirror."""
    frames = []
    for i, frame in _each(sprite, count):
        width = math.cos(2 * math.pi * i / count)
        facing = mirrored(frame) if width < -1e-9 else frame
        frames.append(scaled(facing, abs(width), 1.0))
    return frames


def spin(sprite: Pixels, count: int) -> list[Pixels]:
    """Quarter turns clockwise, without loss; the sprite must be square."""
    height, width = sprite.shape[:2]
    square = f"spin turns square sprites, this one is {width}x{height}; pad it"
    _check(height == width, square)
    return [np.rot90(f, -(4 * i // count)).copy() for i, f in _each(sprite, count)]


def shake(sprite: Pixels, count: int, *, width_px: int = 1) -> list[Pixels]:
    """Right and left in turn, as far as there is room."""
    _check(width_px >= 0, "shake needs width_px >= 0")
    left, _, right, _ = room(with_alpha(sprite))
    sides = (-min(left, width_px), min(right, width_px))
    return [shifted(f, sides[i % 2] if i else 0, 0) for i, f in _each(sprite, count)]


def flash(
    sprite: Pixels,
    count: int,
    *,
    colour: Sequence[int] = (255, 255, 255),
    strength: float = 1.0,
    palette: Pixels | None = None,
) -> list[Pixels]:
    """Lit and unlit in turn, lit first: visible pixels blend towards `colour` (sRGB bytes).

    With a palette (n, 3) the lit pixels take its nearest colours.
    """
    bytes_given = len(colour) == 3 and all(value in range(256) for value in colour)
    _check(bytes_given, "flash needs a colour of three bytes")
    _check(0 <= strength <= 1, "flash needs strength in 0..1")
    lit = with_alpha(sprite).copy()
    seen = lit[..., 3] > 0
    blend = lit[..., :3][seen] * (1 - strength) + np.asarray(colour, np.float32) * strength
    lit[..., :3][seen] = np.rint(blend).astype(np.uint8)
    if palette is not None:
        lit[seen] = snap_to_palette(lit, palette)[seen]
    # An odd clip ends unlit twice, or it would be lit twice where it loops.
    on = [i % 2 == 0 and (i == 0 or i < count - 1) for i in range(count)]
    return [lit.copy() if on[i] else f for i, f in _each(sprite, count)]


def blink(sprite: Pixels, count: int) -> list[Pixels]:
    """Seen and unseen in turn, as what cannot be hurt for a moment."""
    return [f if i % 2 == 0 else np.zeros_like(f) for i, f in _each(sprite, count)]


def fade(sprite: Pixels, count: int, *, dithered: bool = True) -> list[Pixels]:
    """Whole in the first frame, gone in the last; does not loop.

    Dithered, pixels go one after another in the order of a Bayer matrix and alpha stays hard;
    otherwise all grow transparent together.
    """
    frames = []
    for i, frame in _each(sprite, count):
        left = 1 - i / (count - 1) if count > 1 else 1.0
        if dithered:
            height, width = frame.shape[:2]
            order = np.tile(_BAYER, (-(-height // 8), -(-width // 8)))[:height, :width]
            frame[order >= left] = 0
        else:
            frame[..., 3] = np.rint(frame[..., 3] * left).astype(np.uint8)
        frames.append(frame)
    return frames


def _bayer(size: int) -> Any:
    if size == 1:
        return np.zeros((1, 1))
    half = _bayer(size // 2)
    quarter = 1.0 / (size * size)
    rows = [[half, half + 2 * quarter], [half + 3 * quarter, half + quarter]]
    return np.block(rows)


_BAYER = _bayer(8)  # (8, 8) thresholds in 0..1, each once

MOTIONS: Mapping[str, Motion] = {
    "hold": Motion(hold, 1),
    "bob": Motion(bob, 1),
    "hover": Motion(hover, 1),
    "step": Motion(step, 1),
    "squash": Motion(squash, 1),
    "jump": Motion(jump, 1),
    "flip": Motion(flip, 1),
    "spin": Motion(spin, 1),
    "shake": Motion(shake, 1),
    "flash": Motion(flash, 1),
    "blink": Motion(blink, 1),
    "fade": Motion(fade, 1, loops=False),
}

# The words of clip names, and what suits them; the first line with the word wins.
_BY_CLIP: Mapping[str, tuple[MotionStep, ...]] = {
    "idle stand breathe wait rest talk": (MotionStep("bob"),),
    "walk move": (MotionStep("step"),),
    "run dash": (MotionStep("step", {"height_px": 2, "lift_px": 2, "lean_px": 2}),),
    "hurt hit damage damaged": (MotionStep("flash"), MotionStep("shake")),
    "jump hop leap": (MotionStep("jump"),),
    "land squash bounce attack": (MotionStep("squash"),),
    "turn flip coin pickup": (MotionStep("flip"),),
    "fly float hover swim": (MotionStep("hover"),),
    "spin roll rotate": (MotionStep("spin"),),
    "shake tremble": (MotionStep("shake"),),
    "blink invulnerable invincible": (MotionStep("blink"),),
    "die death dead fade vanish": (MotionStep("fade"),),
    "hold still static": (MotionStep("hold"),),
}


def _checked(step: MotionStep) -> MotionFunction:
    function = motion_named(step.name).apply
    known = dict(list(inspect.signature(function).parameters.items())[2:])
    for name, value in step.params.items():
        if name not in known:
            has = ", ".join(known) or "none"
            raise ImageError(f"the motion {step.name} has no parameter '{name}'; it has: {has}")
        kind = type(known[name].default)
        fits = type(value) is kind or (kind is float and type(value) is int)
        if kind in (bool, int, float) and not fits:
            wanted = _KINDS[kind]
            raise ImageError(f"{name} of the motion {step.name} is {wanted}, not {value!r}")
    return function


_KINDS: Mapping[type, str] = {bool: "true or false", int: "a whole number", float: "a number"}


def _check(fine: bool, says: str) -> None:
    if not fine:
        raise ImageError(says)


def _each(sprite: Pixels, count: int) -> list[tuple[int, Pixels]]:
    return list(enumerate(hold(sprite, count)))


def _wave(i: int, count: int, amount_px: int) -> int:
    """0 up to `amount_px` and back over the clip, in whole pixels; as long high as low."""
    t = (i + 0.5) / count % 1.0
    exact = amount_px * (1 - math.cos(2 * math.pi * t)) / 2
    rounding = 0.5 - 1e-9 if t < 0.5 else 0.5 + 1e-9
    return math.floor(exact + rounding) if count > 1 else 0
