"""The places of small backgrounds: each paints its ground and says what stands on it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from llamavis_studio.model.train import scene_art as art
from llamavis_studio.model.train.scene_art import Rgb
from llamavis_studio.model.train.scene_built import BUILT
from llamavis_studio.model.train.scene_far import FAR
from llamavis_studio.model.train.scene_plan import HEIGHT, WIDTH, Plan


def _sea_colours(plan: Plan) -> tuple[Rgb, ...]:
    base: tuple[Rgb, ...] = ((70, 150, 206), (48, 122, 190), (32, 96, 168), (24, 74, 140))
    low = plan.light.sky[-1]
    return tuple(art.mix(plan.light.on(c), low, 0.28 - 0.07 * i) for i, c in enumerate(base))


def _glint(plan: Plan) -> Rgb:
    glints: dict[str, Rgb] = {"sunset": (255, 222, 140), "night": (214, 220, 236),
                              "dawn": (255, 236, 200), "dusk": (210, 160, 190)}  # fmt: skip
    return glints.get(plan.hour, (214, 236, 250))


def _water(plan: Plan, bottom: int = HEIGHT) -> None:
    shine = plan.sun_x if plan.hour in ("sunset", "dawn", "night") else None
    art.sea(
        plan.canvas, plan.horizon, bottom, _sea_colours(plan), _glint(plan), shine, plan.rng
    )  # fmt: skip


def _sea(plan: Plan) -> None:
    _water(plan)
    if plan.chance(0.5):
        art.boat(plan.canvas, plan.whole(8, WIDTH - 9), plan.horizon + plan.whole(3, 6),
                 plan.light.on((244, 240, 228)))  # fmt: skip
        plan.say("a sailing boat", "帆船")
    elif plan.chance(0.5):
        line = art.heights(WIDTH, plan.horizon + 3.0, 1.0, 0.6, plan.rng)
        x = np.arange(WIDTH)
        middle = plan.whole(12, WIDTH - 13)
        line += (np.abs(x - middle) * 0.55 - 4.5).astype(np.float32)
        island = plan.canvas.copy()
        art.ground(island, line.astype(np.float32), [plan.light.on((92, 150, 70))])
        plan.canvas[: plan.horizon + 2] = island[: plan.horizon + 2]
        plan.say("a small island", "小岛")


def _beach(plan: Plan) -> None:
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
            art.put(
                plan.canvas, x + dx, y - 5, umbrella if dx % 3 else plan.light.on((250, 240, 230))
            )
            if abs(dx) < 3:
                art.put(plan.canvas, x + dx, y - 6, umbrella)
        for i in range(6):
            art.put(plan.canvas, x, y - 4 + i, plan.light.on((240, 240, 240)))
        plan.say("a red umbrella", "红色遮阳伞")


def _hills(plan: Plan) -> None:
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
            art.put(
                plan.canvas,
                x,
                y,
                plan.light.on(
                    ((240, 90, 90), (250, 220, 90), (240, 150, 210), (250, 250, 250))[
                        plan.whole(0, 3)
                    ]
                ),
            )
        plan.say("flowers", "花")


def _ridge(plan: Plan, snow: bool) -> None:
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


def _mountains(plan: Plan) -> None:
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


def _forest(plan: Plan) -> None:
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


def _city(plan: Plan) -> None:
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


def _desert(plan: Plan) -> None:
    far = art.heights(WIDTH, plan.horizon, 1.6, 0.9, plan.rng)
    art.ground(
        plan.canvas, far, [art.mix(plan.light.on((226, 178, 106)), plan.light.sky[-1], 0.35)]
    )
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


def _snow(plan: Plan) -> None:
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
            art.put(
                plan.canvas, plan.whole(0, WIDTH - 1), plan.whole(0, HEIGHT - 1), (250, 252, 255)
            )
        plan.say("falling snow", "飘雪")


def _castle(plan: Plan) -> None:
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


def _river(plan: Plan) -> None:
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


def _far_hills(plan: Plan) -> None:
    far = art.heights(WIDTH, plan.horizon - 1.0, 2.2, 0.9, plan.rng)
    art.ground(plan.canvas, far,
               [art.mix(plan.light.on((96, 160, 90)), plan.light.sky[-1], 0.45)])  # fmt: skip


PLACES: dict[str, tuple[str, str, Callable[[Plan], None]]] = {
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
    **FAR,
    **BUILT,
}
CLOSED = ("cave", "space", "underwater", "dungeon")  # places without an hour
