"""Backgrounds of 48x32 px composed from an hour, a place and a few things, with exact captions.

Order of events: the hour paints the sky, the place paints the ground and says what it holds, the
weather falls over all of it, and the words are put together in English and Chinese.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from llamavis_studio.model.train import scene_art as art
from llamavis_studio.model.train.captions import unique
from llamavis_studio.model.train.colours import Pixels
from llamavis_studio.model.train.scene_art import Canvas, Light, Rgb
from llamavis_studio.model.train.words import article, join

WIDTH, HEIGHT = 48, 32

LIGHTS: dict[str, Light] = {
    "day": Light(
        ((58, 130, 214), (88, 160, 230), (128, 190, 240), (176, 218, 248)),
        (255, 255, 255), 0.0, (250, 252, 255), (206, 222, 240),
    ),
    "sunset": Light(
        ((72, 52, 120), (150, 70, 130), (222, 98, 96), (248, 150, 80), (255, 206, 110)),
        (255, 170, 130), 0.62, (255, 190, 150), (206, 110, 130),
    ),
    "dawn": Light(
        ((104, 140, 204), (150, 168, 220), (214, 184, 214), (250, 206, 190), (255, 230, 184)),
        (255, 220, 220), 0.4, (255, 236, 224), (226, 186, 204),
    ),
    "dusk": Light(
        ((28, 28, 74), (54, 44, 104), (96, 66, 134), (156, 92, 146), (206, 128, 140)),
        (150, 120, 190), 0.75, (140, 104, 156), (98, 74, 130),
    ),
    "night": Light(
        ((8, 10, 32), (14, 18, 50), (22, 30, 72), (36, 48, 98)),
        (90, 110, 190), 0.85, (62, 74, 118), (44, 54, 94),
    ),
    "storm": Light(
        ((40, 44, 56), (56, 62, 76), (76, 84, 98), (102, 112, 124)),
        (140, 150, 170), 0.75, (92, 98, 112), (62, 68, 82),
    ),
}  # fmt: skip

HOURS_EN = {
    "day": ("", "sunny", "at daytime"), "sunset": ("sunset", "sunset", "at sunset"),
    "dawn": ("dawn", "sunrise", "at dawn"), "dusk": ("dusk", "twilight", "at dusk"),
    "night": ("night", "night", "at night"), "storm": ("stormy", "stormy", "in a storm"),
}  # fmt: skip
HOURS_ZH = {"day": "白天", "sunset": "日落", "dawn": "黎明", "dusk": "黄昏", "night": "夜晚",
            "storm": "暴风雨"}  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """One background with its words."""

    pixels: Pixels
    captions: tuple[str, ...]
    captions_zh: tuple[str, ...]
    name: str


@dataclass
class _Plan:
    """What has been painted so far; places and weather add to it."""

    canvas: Canvas
    hour: str
    light: Light
    rng: np.random.Generator
    things: list[tuple[str, str]] = field(default_factory=list)
    sun_x: int | None = None
    horizon: int = 20

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both possible."""
        return int(self.rng.integers(low, high + 1))

    def say(self, english: str, chinese: str) -> None:
        if (english, chinese) not in self.things:
            self.things.append((english, chinese))


def paint_many(count: int, rng: np.random.Generator) -> Iterator[Scene]:
    """`count` scenes, every place equally often."""
    for number in range(count):
        yield paint(list(PLACES)[number % len(PLACES)], rng)


def paint(place: str, rng: np.random.Generator, hour: str = "") -> Scene:
    """One scene of a place, at a random hour unless one is given."""
    if not hour:
        hour = str(rng.choice(list(LIGHTS), p=[0.3, 0.22, 0.09, 0.11, 0.2, 0.08]))
    plan = _Plan(np.zeros((HEIGHT, WIDTH, 3), np.float32), hour, LIGHTS[hour], rng)
    english, chinese, paint_place = PLACES[place]
    if place not in CLOSED:
        _sky(plan)
    ahead = len(plan.things)
    paint_place(plan)
    plan.things = plan.things[ahead:] + plan.things[:ahead]
    if place not in CLOSED:
        _weather(plan)
    rgb = np.clip(np.round(plan.canvas), 0, 255).astype(np.uint8)
    pixels = np.concatenate([rgb, np.full((HEIGHT, WIDTH, 1), 255, np.uint8)], -1)
    words, words_zh = _words(plan, english, chinese, place in CLOSED)
    return Scene(pixels, words, words_zh, f"scene {words[0]}")


def _sky(plan: _Plan) -> None:
    plan.horizon = plan.whole(16, 22)
    art.ramp(plan.canvas, plan.light.sky, 0, plan.horizon + 2)
    plan.canvas[plan.horizon + 2 :] = plan.light.sky[-1]
    x = plan.whole(8, WIDTH - 9)
    if plan.hour == "night":
        art.stars(plan.canvas, plan.horizon - 2, plan.whole(10, 26), plan.rng)
        plan.say("stars", "星星")
        if plan.chance(0.7):
            y, radius = plan.whole(5, 8), plan.whole(3, 4)
            if plan.chance(0.5):
                art.disc(plan.canvas, x, y, radius, (244, 240, 214))
                art.disc(plan.canvas, x + 1, y - 1, 0.8, (214, 208, 180))
                plan.say("a full moon", "满月")
            else:
                art.crescent(plan.canvas, x, y, radius, (250, 244, 206))
                plan.say("a crescent moon", "弯月")
            plan.sun_x = x
    elif plan.hour in ("sunset", "dawn"):
        y, radius = plan.horizon - plan.whole(1, 4), plan.whole(4, 6)
        glow = art.mix(plan.light.sky[-1], (255, 255, 220), 0.4)
        art.disc(plan.canvas, x, y, radius + 1, glow)
        art.disc(plan.canvas, x, y, radius, (255, 238, 150))
        plan.sun_x = x
    elif plan.hour == "day" and plan.chance(0.55):
        y = plan.whole(5, 8)
        art.disc(plan.canvas, x, y, 4, (255, 244, 170))
        art.disc(plan.canvas, x, y, 3, (255, 230, 90))
        plan.say("a bright sun", "太阳")
    cloudy = {"day": 0.6, "storm": 1.0, "night": 0.2}.get(plan.hour, 0.4)
    if plan.chance(cloudy):
        for _ in range(plan.whole(4, 6) if plan.hour == "storm" else plan.whole(1, 3)):
            art.cloud(
                plan.canvas, plan.whole(2, WIDTH - 3), plan.whole(3, 10), plan.whole(4, 8),
                plan.light.cloud, plan.light.shade,
            )  # fmt: skip
        plan.say("clouds", "云")
    if plan.hour == "storm" and plan.chance(0.45):
        _lightning(plan)


def _weather(plan: _Plan) -> None:
    if plan.hour == "storm":
        _rain(plan)
    elif plan.hour in ("day", "dusk", "night") and plan.chance(0.05):
        _rain(plan)


def _rain(plan: _Plan) -> None:
    for _ in range(46):
        x, y = plan.whole(0, WIDTH + 6), plan.whole(-2, HEIGHT - 1)
        for i in range(3):
            if 0 <= y + i < HEIGHT and 0 <= x - i // 2 < WIDTH:
                spot = plan.canvas[y + i, x - i // 2]
                spot[:] = spot * 0.55 + np.array((176, 200, 226)) * 0.45
    plan.say("rain", "雨")


def _lightning(plan: _Plan) -> None:
    x = plan.whole(8, WIDTH - 9)
    for y in range(5, plan.horizon + 2):
        art.put(plan.canvas, x, y, (255, 255, 214))
        x += plan.whole(-1, 1)
    plan.say("lightning", "闪电")


def _sea_colours(plan: _Plan) -> tuple[Rgb, ...]:
    base: tuple[Rgb, ...] = ((70, 150, 206), (48, 122, 190), (32, 96, 168), (24, 74, 140))
    low = plan.light.sky[-1]
    return tuple(art.mix(plan.light.on(c), low, 0.28 - 0.07 * i) for i, c in enumerate(base))


def _glint(plan: _Plan) -> Rgb:
    glints: dict[str, Rgb] = {"sunset": (255, 222, 140), "night": (214, 220, 236),
                              "dawn": (255, 236, 200), "dusk": (210, 160, 190)}  # fmt: skip
    return glints.get(plan.hour, (214, 236, 250))


def _water(plan: _Plan, bottom: int = HEIGHT) -> None:
    shine = plan.sun_x if plan.hour in ("sunset", "dawn", "night") else None
    art.sea(
        plan.canvas, plan.horizon, bottom, _sea_colours(plan), _glint(plan), shine, plan.rng
    )  # fmt: skip


def _sea(plan: _Plan) -> None:
    _water(plan)
    if plan.chance(0.5):
        art.boat(plan.canvas, plan.whole(8, WIDTH - 9), plan.horizon + plan.whole(3, 6),
                 plan.light.on((244, 240, 228)))  # fmt: skip
        plan.say("a sailing boat", "帆船")
    elif plan.chance(0.5):
        line = art.heights(WIDTH, plan.horizon + 3.0, 1.0, 0.6, plan.rng)
        x = np.arange(WIDTH)
        middle = plan.whole(12, WIDTH - 13)
        line = line - 4.5 + np.abs(x - middle) * 0.55
        island = plan.canvas.copy()
        art.ground(island, line.astype(np.float32), [plan.light.on((92, 150, 70))])
        plan.canvas[: plan.horizon + 2] = island[: plan.horizon + 2]
        plan.say("a small island", "小岛")


def _beach(plan: _Plan) -> None:
    shore = plan.horizon + plan.whole(4, 6)
    _water(plan, shore + 4)
    line = art.heights(WIDTH, shore + 1.0, 1.0, 0.7, plan.rng)
    line += np.linspace(0, plan.whole(-3, 3), WIDTH)
    foam = plan.light.on((244, 248, 250))
    art.ground(plan.canvas, line - 1, [foam])
    sand = [plan.light.on(c) for c in ((206, 174, 118), (238, 210, 150), (226, 194, 134))]
    art.ground(plan.canvas, line, sand)
    if plan.chance(0.6):
        leaf, trunk = plan.light.on((58, 150, 66)), plan.light.on((128, 88, 54))
        count = plan.whole(1, 3)
        left = plan.chance(0.5)
        for i in range(count):
            x = 4 + i * plan.whole(5, 7)
            x = x if left else WIDTH - 1 - x
            art.palm(plan.canvas, x, HEIGHT - plan.whole(2, 5), plan.whole(13, 17),
                     (1 if left else -1) * plan.whole(1, 3), trunk, leaf)  # fmt: skip
        plan.say("a palm tree" if count == 1 else "palm trees", "棕榈树")
    if plan.chance(0.2):
        x, y = plan.whole(14, WIDTH - 15), HEIGHT - 4
        umbrella = plan.light.on((220, 70, 60))
        for dx in range(-4, 5):
            art.put(plan.canvas, x + dx, y - 5, umbrella if dx % 3 else plan.light.on((250, 240, 230)))
            if abs(dx) < 3:
                art.put(plan.canvas, x + dx, y - 6, umbrella)
        for i in range(6):
            art.put(plan.canvas, x, y - 4 + i, plan.light.on((240, 240, 240)))
        plan.say("a red umbrella", "红色遮阳伞")


def _hills(plan: _Plan) -> None:
    far = art.heights(WIDTH, plan.horizon - 1.0, 2.2, 0.9, plan.rng)
    green = (96, 170, 78)
    art.ground(plan.canvas, far, [art.mix(plan.light.on(green), plan.light.sky[-1], 0.45)])
    near = art.heights(WIDTH, plan.horizon + 5.0, 2.4, 0.6, plan.rng)
    shades = [plan.light.on(c) for c in ((118, 190, 84), (88, 164, 70), (64, 134, 60))]
    art.ground(plan.canvas, near, shades)
    roll = plan.rng.random()
    if roll < 0.3:
        for _ in range(plan.whole(1, 3)):
            x = plan.whole(4, WIDTH - 5)
            art.tree(plan.canvas, x, int(near[x]) + plan.whole(1, 4), plan.whole(3, 5),
                     plan.light.on((62, 140, 60)), plan.light.on((104, 70, 44)))  # fmt: skip
        plan.say("trees", "树")
    elif roll < 0.55:
        x = plan.whole(8, WIDTH - 9)
        window = (255, 220, 110) if plan.hour in ("night", "dusk", "storm") else (120, 170, 210)
        roof = ((178, 66, 54), (92, 96, 150), (150, 104, 60))[plan.whole(0, 2)]
        art.house(plan.canvas, x, int(near[x]) + 3, plan.light.on((226, 210, 180)),
                  plan.light.on(roof), window)  # fmt: skip
        plan.say("a small house", "小房子")
    elif roll < 0.8:
        for _ in range(26):
            x, y = plan.whole(0, WIDTH - 1), plan.whole(plan.horizon + 7, HEIGHT - 1)
            art.put(plan.canvas, x, y, plan.light.on(
                ((240, 90, 90), (250, 220, 90), (240, 150, 210), (250, 250, 250))[plan.whole(0, 3)]))
        plan.say("flowers", "花")


def _ridge(plan: _Plan, snow: bool) -> None:
    lit, dark = (128, 132, 150), (84, 88, 110)
    if not snow and plan.chance(0.4):
        lit, dark = (150, 116, 92), (104, 78, 70)
    base = plan.horizon + 3
    peaks = [(plan.whole(2, WIDTH - 3), plan.horizon - plan.whole(7, 13)) for _ in range(3)]
    peaks.sort(key=lambda peak: peak[1], reverse=False)
    haze = plan.light.sky[-1]
    art.mountains(
        plan.canvas, base, peaks, art.mix(plan.light.on(lit), haze, 0.12),
        art.mix(plan.light.on(dark), haze, 0.12), plan.light.on((244, 248, 252)) if snow else None,
    )  # fmt: skip


def _mountains(plan: _Plan) -> None:
    snow = plan.chance(0.6)
    _ridge(plan, snow)
    if snow:
        plan.say("snowy peaks", "雪峰")
    roll = plan.rng.random()
    if roll < 0.35:
        plan.horizon += 3
        _water(plan)
        plan.say("a lake", "湖")
        return
    line = art.heights(WIDTH, plan.horizon + 3.5, 1.2, 0.8, plan.rng)
    shades = [plan.light.on(c) for c in ((92, 150, 74), (70, 124, 62), (54, 102, 54))]
    art.ground(plan.canvas, line, shades)
    if roll < 0.7:
        for x in sorted(plan.whole(1, WIDTH - 2) for _ in range(plan.whole(5, 9))):
            art.pine(plan.canvas, x, int(line[x]) + plan.whole(2, 7), plan.whole(6, 9),
                     plan.light.on((44, 104, 62)))  # fmt: skip
        plan.say("pine trees", "松树")


def _forest(plan: _Plan) -> None:
    pines = plan.chance(0.55)
    autumn = not pines and plan.chance(0.4)
    far = art.heights(WIDTH, plan.horizon - 3.0, 1.6, 1.8, plan.rng)
    leaf: Rgb = (46, 110, 64) if pines else (206, 118, 46) if autumn else (70, 146, 62)
    haze = art.mix(plan.light.on(leaf), plan.light.sky[-1], 0.45)
    art.ground(plan.canvas, far, [haze])
    for layer in range(2):
        foot = plan.horizon + 2 + 5 * layer
        line = art.heights(WIDTH, foot - 2.0, 0.8, 0.7, plan.rng)
        art.ground(plan.canvas, line, [plan.light.on(c) for c in ((86, 128, 58), (64, 104, 52))])
        colour = art.mix(plan.light.on(leaf), plan.light.sky[-1], 0.2 - 0.2 * layer)
        for x in range(plan.whole(0, 3), WIDTH, plan.whole(4, 6)):
            if pines:
                art.pine(plan.canvas, x, foot + plan.whole(0, 2), plan.whole(9, 13), colour)
            else:
                art.tree(plan.canvas, x, foot + plan.whole(0, 2), plan.whole(4, 5), colour,
                         plan.light.on((96, 64, 42)))  # fmt: skip
    plan.say("autumn trees" if autumn else "pine trees" if pines else "green trees",
             "秋天的树" if autumn else "松树" if pines else "绿树")  # fmt: skip


def _city(plan: _Plan) -> None:
    lit = plan.hour in ("night", "dusk", "sunset", "storm")
    foot = HEIGHT if plan.chance(0.6) else plan.horizon + 5
    for layer in range(2):
        x = -plan.whole(0, 3)
        while x < WIDTH:
            wide = plan.whole(4, 8)
            top = plan.horizon - plan.whole(4, 13) + 4 * layer
            base = ((98, 108, 132), (62, 70, 96))[layer]
            shift = plan.whole(-10, 10)
            wall = plan.light.on((base[0] + shift, base[1] + shift, base[2] + shift))
            if layer == 0:
                wall = art.mix(wall, plan.light.sky[-1], 0.35)
            window = None
            if layer == 1:
                window = (255, 222, 120) if lit else art.mix(wall, (200, 225, 245), 0.6)
            art.tower(plan.canvas, x, wide, top, foot, wall, window, plan.rng)
            x += wide + plan.whole(0, 1)
    if foot < HEIGHT:
        plan.horizon = foot
        _water(plan)
        plan.say("water in front", "水面")
    if lit:
        plan.say("lit windows", "亮着的窗户")


def _desert(plan: _Plan) -> None:
    far = art.heights(WIDTH, plan.horizon, 1.6, 0.9, plan.rng)
    art.ground(plan.canvas, far, [art.mix(plan.light.on((226, 178, 106)), plan.light.sky[-1], 0.35)])
    near = art.heights(WIDTH, plan.horizon + 4.0, 2.2, 0.55, plan.rng)
    shades = [plan.light.on(c) for c in ((240, 200, 126), (222, 172, 100), (196, 144, 82))]
    art.ground(plan.canvas, near, shades)
    roll = plan.rng.random()
    if roll < 0.45:
        count = plan.whole(1, 3)
        for i in range(count):
            x = plan.whole(5, 10) + i * 14
            art.cactus(plan.canvas, x, plan.whole(plan.horizon + 7, HEIGHT - 2), plan.whole(6, 9),
                       plan.light.on((74, 140, 70)))  # fmt: skip
        plan.say("a cactus" if count == 1 else "cacti", "仙人掌")
    elif roll < 0.7:
        x, foot = plan.whole(12, WIDTH - 13), plan.horizon + 4
        art.mountains(plan.canvas, foot, [(x, foot - 11)], plan.light.on((232, 190, 116)),
                      plan.light.on((170, 122, 72)), None)  # fmt: skip
        plan.say("a pyramid", "金字塔")


def _snow(plan: _Plan) -> None:
    far = art.heights(WIDTH, plan.horizon - 1.0, 1.8, 0.9, plan.rng)
    art.ground(plan.canvas, far, [art.mix(plan.light.on((206, 220, 238)), plan.light.sky[-1], 0.4)])
    near = art.heights(WIDTH, plan.horizon + 4.0, 1.6, 0.6, plan.rng)
    shades = [plan.light.on(c) for c in ((248, 250, 254), (228, 236, 248), (204, 218, 238))]
    art.ground(plan.canvas, near, shades)
    if plan.chance(0.65):
        for x in sorted(plan.whole(2, WIDTH - 3) for _ in range(plan.whole(3, 7))):
            art.pine(plan.canvas, x, int(near[x]) + plan.whole(2, 5), plan.whole(7, 11),
                     plan.light.on((50, 104, 84)), plan.light.on((246, 250, 255)))  # fmt: skip
        plan.say("snowy pine trees", "积雪的松树")
    if plan.hour != "storm" and plan.chance(0.5):
        for _ in range(30):
            art.put(plan.canvas, plan.whole(0, WIDTH - 1), plan.whole(0, HEIGHT - 1), (250, 252, 255))
        plan.say("falling snow", "飘雪")


def _castle(plan: _Plan) -> None:
    line = art.heights(WIDTH, plan.horizon + 4.0, 1.5, 0.5, plan.rng)
    x = plan.whole(14, WIDTH - 15)
    line -= 2.5 * np.exp(-(((np.arange(WIDTH) - x) / 9.0) ** 2)).astype(np.float32)
    shades = [plan.light.on(c) for c in ((112, 176, 82), (84, 150, 70), (62, 122, 58))]
    art.ground(plan.canvas, line, shades)
    window = (255, 224, 120) if plan.hour in ("night", "dusk", "storm") else (60, 66, 90)
    names = (("red", "红"), ("blue", "蓝"), ("purple", "紫"))
    pick = plan.whole(0, 2)
    roof = ((196, 70, 58), (70, 104, 190), (132, 78, 168))[pick]
    art.castle(plan.canvas, x, int(line[x]) + 1, plan.light.on((190, 186, 184)),
               plan.light.on(roof), window)  # fmt: skip
    plan.say(f"{names[pick][0]} roofs", f"{names[pick][1]}色屋顶")


def _river(plan: _Plan) -> None:
    _ridge(plan, plan.chance(0.5)) if plan.chance(0.4) else _far_hills(plan)
    top = plan.horizon + 2
    shades = [plan.light.on(c) for c in ((122, 188, 86), (92, 162, 72), (70, 136, 62))]
    art.ground(plan.canvas, np.full(WIDTH, top, np.float32), shades)
    x, sway, phase = float(plan.whole(16, WIDTH - 17)), plan.whole(4, 8), plan.rng.random() * 6.28
    water = _sea_colours(plan)
    for y in range(top, HEIGHT):
        depth = (y - top) / (HEIGHT - top)
        middle = x + sway * depth * np.sin(phase + 3.4 * depth**0.7)
        half = 1.0 + 7.0 * depth**1.3
        left, right = max(int(middle - half), 0), min(int(middle + half) + 1, WIDTH)
        plan.canvas[y, left:right] = water[min(int(depth * 3), 2)]
        art.put(plan.canvas, left, y, plan.light.on((206, 186, 132)))
        if plan.chance(0.5) and right - left > 4:
            at = plan.whole(left + 1, right - 3)
            plan.canvas[y, at : at + 2] = _glint(plan)
    if plan.chance(0.6):
        for _ in range(plan.whole(2, 5)):
            side = plan.whole(1, 9) if plan.chance(0.5) else plan.whole(WIDTH - 10, WIDTH - 2)
            art.tree(plan.canvas, side, plan.whole(top + 3, top + 8), plan.whole(3, 4),
                     plan.light.on((58, 136, 58)), plan.light.on((100, 68, 44)))  # fmt: skip
        plan.say("trees", "树")


def _far_hills(plan: _Plan) -> None:
    far = art.heights(WIDTH, plan.horizon - 1.0, 2.2, 0.9, plan.rng)
    art.ground(plan.canvas, far,
               [art.mix(plan.light.on((96, 160, 90)), plan.light.sky[-1], 0.45)])  # fmt: skip


def _volcano(plan: _Plan) -> None:
    x, top, base = plan.whole(14, WIDTH - 15), plan.horizon - plan.whole(9, 12), plan.horizon + 4
    art.mountains(plan.canvas, base, [(x, top)], plan.light.on((112, 84, 82)),
                  plan.light.on((74, 54, 60)), None)  # fmt: skip
    plan.canvas[top : top + 2, x - 2 : x + 3] = (255, 170, 60)
    at = x
    for y in range(top + 2, base):
        plan.canvas[y, at : at + 1 + (y % 3 == 0)] = (255, 120, 40) if y % 2 else (230, 70, 36)
        at += plan.whole(-1, 1)
    for i in range(3):
        art.cloud(plan.canvas, x + 2 * i, max(top - 3 - 3 * i, 2), 4 + i, (104, 96, 104), (78, 70, 80))
    line = art.heights(WIDTH, plan.horizon + 3.5, 1.0, 0.7, plan.rng)
    art.ground(plan.canvas, line, [plan.light.on(c) for c in ((96, 78, 70), (74, 60, 58))])
    plan.say("lava and smoke", "岩浆和烟")


def _sky_only(plan: _Plan) -> None:
    art.ramp(plan.canvas, plan.light.sky, 0, HEIGHT)
    plan.things.clear()
    if plan.hour == "night":
        art.stars(plan.canvas, HEIGHT - 1, plan.whole(24, 44), plan.rng)
        plan.say("stars", "星星")
        if plan.chance(0.6):
            art.disc(plan.canvas, plan.whole(8, 39), plan.whole(8, 18), plan.whole(4, 6), (244, 240, 214))
            plan.say("a full moon", "满月")
        return
    if plan.hour in ("sunset", "dawn") or (plan.hour == "day" and plan.chance(0.5)):
        x, y = plan.whole(9, WIDTH - 10), plan.whole(8, 20)
        art.disc(plan.canvas, x, y, 6, art.mix(plan.light.sky[-1], (255, 250, 200), 0.5))
        art.disc(plan.canvas, x, y, 5, (255, 236, 130))
        plan.say("the sun", "太阳")
    for _ in range(plan.whole(2, 5)):
        art.cloud(plan.canvas, plan.whole(3, WIDTH - 4), plan.whole(5, HEIGHT - 5), plan.whole(5, 9),
                  plan.light.cloud, plan.light.shade)  # fmt: skip
    plan.say("clouds", "云")


def _cave(plan: _Plan) -> None:
    warm = plan.chance(0.4)
    rock: tuple[Rgb, ...] = ((44, 40, 52), (58, 52, 64), (74, 66, 76), (90, 80, 86))
    if warm:
        rock = ((50, 34, 34), (70, 46, 42), (92, 62, 52), (114, 80, 62))
    art.ramp(plan.canvas, rock[:2], 0, HEIGHT)
    inner = (18, 16, 26) if not warm else (22, 12, 14)
    yy, xx = np.mgrid[:HEIGHT, :WIDTH]
    wave = np.sin(np.arctan2(yy - 17, xx - 24) * 7 + plan.rng.random() * 6) * 0.08
    hollow = ((xx - 24) / 21.0) ** 2 + ((yy - 16) / 12.5) ** 2 < 1.0 + wave
    plan.canvas[hollow] = inner
    for x in range(3, WIDTH - 3, 4):
        top, length = plan.whole(1, 4), plan.whole(3, 8)
        for i in range(length):
            reach = max(0, (length - i) // 3)
            for dx in range(-reach, reach + 1):
                art.put(plan.canvas, x + dx, top + i, rock[2] if dx <= 0 else rock[1])
    line = art.heights(WIDTH, 24.0, 1.2, 0.8, plan.rng)
    art.ground(plan.canvas, line, [rock[3], rock[2], rock[1]])
    roll = plan.rng.random()
    if roll < 0.4:
        hue: Rgb = ((90, 220, 240), (200, 110, 240), (110, 240, 150))[plan.whole(0, 2)]
        name = {90: ("blue", "蓝"), 200: ("purple", "紫"), 110: ("green", "绿")}[hue[0]]
        for _ in range(plan.whole(3, 6)):
            x = plan.whole(6, WIDTH - 7)
            tall = plan.whole(3, 6)
            for i in range(tall):
                art.put(plan.canvas, x, int(line[x]) - i, hue)
                art.put(plan.canvas, x + 1, int(line[x]) - i + 1, art.mix(hue, (0, 0, 40), 0.45))
        plan.say(f"glowing {name[0]} crystals", f"发光的{name[1]}色水晶")
    elif roll < 0.7:
        x = plan.whole(14, WIDTH - 22)
        art.ground(plan.canvas, np.where(np.abs(np.arange(WIDTH) - x - 4) < 12, 27.0, 99.0).astype(
            np.float32), [(236, 96, 36), (255, 170, 60)] if warm else [(52, 110, 160), (36, 84, 134)])
        plan.say("a pool of lava" if warm else "an underground pool", "岩浆池" if warm else "地下水池")


def _space(plan: _Plan) -> None:
    art.ramp(plan.canvas, ((6, 6, 20), (12, 10, 34), (20, 14, 48)), 0, HEIGHT)
    art.stars(plan.canvas, HEIGHT - 1, plan.whole(30, 50), plan.rng)
    plan.say("stars", "星星")
    if plan.chance(0.7):
        x, y, r = plan.whole(12, 36), plan.whole(10, 20), plan.whole(5, 8)
        names = (("red", "红"), ("blue", "蓝"), ("orange", "橙"), ("green", "绿"))
        hues: tuple[Rgb, ...] = ((196, 78, 62), (70, 120, 210), (224, 152, 76), (88, 170, 100))
        pick = plan.whole(0, 3)
        art.disc(plan.canvas, x, y, r, art.mix(hues[pick], (0, 0, 20), 0.45))
        art.disc(plan.canvas, x - 1, y - 1, r - 1.2, hues[pick])
        art.disc(plan.canvas, x - 2, y - 2, r / 3, art.mix(hues[pick], (255, 255, 255), 0.3))
        plan.say(article(f"{names[pick][0]} planet"), f"{names[pick][1]}色行星")


def _underwater(plan: _Plan) -> None:
    art.ramp(plan.canvas, ((88, 190, 220), (52, 146, 200), (32, 106, 172), (20, 74, 138), (14, 52, 106)),
             0, HEIGHT)  # fmt: skip
    line = art.heights(WIDTH, 27.0, 1.2, 0.8, plan.rng)
    art.ground(plan.canvas, line, [(150, 150, 120), (118, 122, 108)])
    for _ in range(plan.whole(4, 8)):
        x, tall = plan.whole(2, WIDTH - 3), plan.whole(4, 10)
        for i in range(tall):
            art.put(plan.canvas, x + (i // 2) % 2, int(line[x]) - i, (44, 150, 92))
    plan.say("seaweed", "海草")
    if plan.chance(0.7):
        hues: tuple[Rgb, ...] = ((250, 150, 60), (250, 220, 80), (236, 90, 90))
        hue = hues[plan.whole(0, 2)]
        for _ in range(plan.whole(2, 5)):
            x, y = plan.whole(4, WIDTH - 6), plan.whole(5, 22)
            for dx, dy in ((0, 0), (1, 0), (2, 0), (1, -1), (1, 1), (-1, -1), (-1, 1), (0, 1)):
                art.put(plan.canvas, x + dx, y + dy, hue)
            art.put(plan.canvas, x + 2, y, (20, 20, 40))
        plan.say("fish", "鱼")
    for _ in range(8):
        art.put(plan.canvas, plan.whole(0, WIDTH - 1), plan.whole(2, 24), (190, 230, 244))


PLACES: dict[str, tuple[str, str, Callable[[_Plan], None]]] = {
    "beach": ("beach", "海滩", _beach),
    "sea": ("sea", "大海", _sea),
    "hills": ("green hills", "绿色丘陵", _hills),
    "mountains": ("mountains", "山脉", _mountains),
    "forest": ("forest", "森林", _forest),
    "city": ("city skyline", "城市天际线", _city),
    "desert": ("desert", "沙漠", _desert),
    "snow": ("snowy field", "雪地", _snow),
    "castle": ("castle on a hill", "山上的城堡", _castle),
    "river": ("river through a meadow", "草地上的河流", _river),
    "volcano": ("volcano", "火山", _volcano),
    "sky": ("sky", "天空", _sky_only),
    "cave": ("dark cave", "黑暗的洞穴", _cave),
    "space": ("outer space", "太空", _space),
    "underwater": ("underwater seabed", "海底", _underwater),
}
CLOSED = ("cave", "space", "underwater")  # places without an hour


def _words(
    plan: _Plan, english: str, chinese: str, closed: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    things = [e for e, _ in plan.things]
    things_zh = [c for _, c in plan.things]
    tail = f" with {join(things)}" if things else ""
    tail_zh = f"，有{'、'.join(things_zh)}" if things else ""
    if closed:
        lead, other, after = english, f"{english} background", english
        zh = chinese
    else:
        short, adjective, when = HOURS_EN[plan.hour]
        lead = f"{short} {english}"
        other, after = f"{adjective} {english}", f"{english} {when}"
        zh = ("" if plan.hour == "day" else HOURS_ZH[plan.hour]) + chinese
    first = f" with {things[0]}" if things else ""
    words = unique([
        f"{lead}{tail}", lead, f"{after}{tail}", f"{other}{first}", f"{lead}{first}",
        f"pixel art background, {lead}{tail}",
    ])  # fmt: skip
    lead_zh = f"有{things_zh[0]}的{zh}" if things_zh else zh
    when_zh = zh if closed or plan.hour != "day" else f"白天的{chinese}"
    return words, unique([f"{zh}{tail_zh}", zh, lead_zh, when_zh])
