"""More places of small backgrounds: what people built, and wet and haunted ground."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from llamavis_studio.model.train import scene_art as art
from llamavis_studio.model.train.scene_art import Rgb
from llamavis_studio.model.train.scene_plan import HEIGHT, WIDTH, Plan

LAMP: Rgb = (255, 222, 120)


def _village(plan: Plan) -> None:
    line = art.heights(WIDTH, plan.horizon + 3.0, 1.4, 0.6, plan.rng)
    shades = [plan.light.on(c) for c in ((122, 188, 86), (92, 162, 72), (70, 136, 62))]
    art.ground(plan.canvas, line, shades)
    window = LAMP if plan.hour in ("night", "dusk", "storm") else (120, 170, 210)
    roofs = ((178, 66, 54), (92, 96, 150), (150, 104, 60), (96, 130, 90))
    for x in (6, 18, 30, 42):
        at = x + plan.whole(-2, 2)
        foot = int(line[min(max(at, 0), WIDTH - 1)]) + plan.whole(1, 5)
        art.house(plan.canvas, at, foot, plan.light.on((228, 212, 182)),
                  plan.light.on(roofs[plan.whole(0, 3)]), window)  # fmt: skip
    plan.say("houses", "房屋")
    if plan.chance(0.4):
        for x in (12, 36):
            art.tree(plan.canvas, x, int(line[x]) + 7, 3, plan.light.on((58, 136, 58)),
                     plan.light.on((100, 68, 44)))  # fmt: skip
        plan.say("trees", "树")


def _waterfall(plan: Plan) -> None:
    left, right = plan.whole(17, 21), plan.whole(27, 31)
    top, pool = plan.horizon - plan.whole(6, 9), HEIGHT - 7
    rock = [plan.light.on(c) for c in ((120, 116, 112), (92, 90, 94), (70, 68, 78))]
    line = art.heights(WIDTH, float(top), 1.2, 1.5, plan.rng)
    art.ground(plan.canvas, line, rock)
    green = plan.light.on((92, 160, 74))
    for column in range(WIDTH):
        for i in range(3 + (column * 7 % 3)):
            art.put(plan.canvas, column, int(line[column]) + i, green)
    fall: tuple[Rgb, ...] = ((238, 248, 252), (190, 222, 242), (140, 190, 228))
    for y in range(int(line[left : right + 1].min()) + 1, pool + 1):
        for column in range(left, right + 1):
            streak = (column * 7 + (y + column * 5) // 6) % 5
            tone = fall[0 if streak < 2 else 1 if streak < 4 else 2]
            art.put(plan.canvas, column, y, plan.light.on(tone))
    water = [plan.light.on(c) for c in ((96, 170, 214), (62, 136, 192), (44, 106, 164))]
    art.ramp(plan.canvas, water, pool, HEIGHT)
    for _ in range(14):
        art.put(plan.canvas, plan.whole(left - 3, right + 3), pool + plan.whole(-1, 1),
                plan.light.on((246, 252, 255)))  # fmt: skip
    plan.say("a rocky cliff and a pool", "岩壁和水潭")


def _graveyard(plan: Plan) -> None:
    line = art.heights(WIDTH, plan.horizon + 3.0, 1.2, 0.6, plan.rng)
    shades = [plan.light.on(c) for c in ((96, 120, 84), (74, 96, 72), (54, 74, 62))]
    art.ground(plan.canvas, line, shades)
    if plan.chance(0.6):
        x, foot = plan.whole(5, 12) if plan.chance(0.5) else plan.whole(35, 42), plan.horizon + 8
        wood = plan.light.on((84, 66, 60))
        for i in range(13):
            art.put(plan.canvas, x, foot - i, wood)
            art.put(plan.canvas, x + 1, foot - i, art.mix(wood, (0, 0, 0), 0.3))
        for start, step, length in ((6, -1, 5), (8, 1, 5), (11, -1, 3), (12, 1, 3)):
            for i in range(length):
                art.put(plan.canvas, x + step * (i + 1), foot - start - i, wood)
        plan.say("a dead tree", "枯树")
    stone = plan.light.on((150, 152, 160))
    for x in range(plan.whole(4, 8), WIDTH - 4, plan.whole(8, 10)):
        foot = min(int(line[x]) + plan.whole(3, 8), HEIGHT - 1)
        if plan.chance(0.6):
            for y in range(6):
                for dx in range(-2, 3):
                    if y < 5 or abs(dx) < 2:
                        art.put(plan.canvas, x + dx, foot - y,
                                stone if dx < 1 else art.mix(stone, (0, 0, 0), 0.3))  # fmt: skip
            art.put(plan.canvas, x, foot - 3, art.mix(stone, (0, 0, 0), 0.5))
        else:
            for y in range(7):
                art.put(plan.canvas, x, foot - y, stone)
            for dx in (-2, -1, 1, 2):
                art.put(plan.canvas, x + dx, foot - 5, stone)
    plan.say("tombstones", "墓碑")


def _swamp(plan: Plan) -> None:
    plan.canvas[:] = plan.canvas * 0.7 + np.array(plan.light.on((120, 140, 100))) * 0.3
    water = [plan.light.on(c) for c in ((92, 116, 74), (74, 98, 66), (56, 80, 58))]
    art.ramp(plan.canvas, water, plan.horizon, HEIGHT)
    wood = plan.light.on((72, 62, 50))
    for x in range(plan.whole(2, 6), WIDTH, plan.whole(9, 12)):
        foot = plan.whole(plan.horizon + 2, plan.horizon + 7)
        art.tree(plan.canvas, x, foot, 5, plan.light.on((76, 104, 60)), wood)
        for dx in (-2, -1, 1, 2):
            art.put(plan.canvas, x + dx, foot + abs(dx) // 2, wood)
    for _ in range(plan.whole(4, 9)):
        x, y = plan.whole(1, WIDTH - 4), plan.whole(plan.horizon + 5, HEIGHT - 2)
        for dx in range(3):
            art.put(plan.canvas, x + dx, y, plan.light.on((110, 170, 80)))
    plan.say("murky water and lily pads", "浑水和睡莲叶")


def _farm(plan: Plan) -> None:
    wheat = plan.chance(0.6)
    far = art.heights(WIDTH, plan.horizon, 1.4, 0.7, plan.rng)
    art.ground(plan.canvas, far, [plan.light.on((118, 170, 84))])
    top = plan.horizon + 4
    rows: tuple[Rgb, ...] = (
        ((232, 196, 92), (206, 164, 70)) if wheat else ((112, 176, 72), (118, 84, 54))
    )
    x = np.arange(WIDTH)
    for y in range(top, HEIGHT):
        spread = (x - WIDTH / 2) / (0.25 + (y - top) / (HEIGHT - top)) / 3.2
        band = np.floor(spread).astype(int) % 2
        plan.canvas[y] = np.array([plan.light.on(rows[0]), plan.light.on(rows[1])], np.float32)[
            band
        ]
    at = plan.whole(8, WIDTH - 9)
    art.house(plan.canvas, at, top + 1, plan.light.on((182, 62, 52)), plan.light.on((96, 60, 50)),
              LAMP if plan.hour in ("night", "dusk") else (240, 240, 230))  # fmt: skip
    plan.say("a wheat field" if wheat else "rows of crops", "麦田" if wheat else "一排排庄稼")
    plan.say("a red barn", "红色谷仓")


def _dungeon(plan: Plan) -> None:
    tones: tuple[tuple[str, str, Rgb], ...] = (
        ("grey", "灰色", (88, 90, 100)), ("brown", "棕色", (104, 82, 66)),
        ("blue", "蓝色", (66, 80, 120)),
    )  # fmt: skip
    english, chinese, wall = tones[plan.whole(0, 2)]
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    row = y // 4
    mortar = (y % 4 == 3) | ((x + (row % 2) * 4) % 8 == 7)
    tone = plan.rng.integers(0, 3, (HEIGHT, WIDTH // 8 + 2))[row, (x + (row % 2) * 4) // 8]
    colours = np.array([art.mix(wall, (0, 0, 0), s) for s in (0.1, 0.22, 0.34, 0.62)], np.float32)
    plan.canvas[:] = colours[np.where(mortar, 3, tone)]
    floor = HEIGHT - 8
    depth = (y - floor) // 2
    slab = ((x + depth * 3) // 6 + depth) % 2
    stone = np.array([art.mix(wall, (30, 24, 20), s) for s in (0.35, 0.5)], np.float32)
    plan.canvas[y >= floor] = stone[slab][y >= floor]
    plan.canvas[floor] = art.mix(wall, (0, 0, 0), 0.75)
    plan.say(f"{english} brick walls", f"{chinese}砖墙")
    if plan.chance(0.55):
        middle = plan.whole(18, 30)
        door = np.abs(x - middle) ** 2 / 25.0 + ((y - 17) / 7.0) ** 2 * (y < 17) <= 1
        inside = door & (y < floor) & (y > 8)
        plan.canvas[inside] = (116, 74, 44)
        plan.canvas[inside & (x % 3 == 0)] = (84, 52, 32)
        art.put(plan.canvas, middle + 3, 18, (240, 200, 90))
        plan.say("a wooden door", "木门")
    lit = plan.canvas.copy()
    glow = np.full((HEIGHT, WIDTH), 0.5)
    spots = (8, 40) if plan.chance(0.7) else (plan.whole(5, 42),)
    for spot in spots:
        distance = np.hypot((x - spot), (y - 11) * 1.1)
        glow = np.maximum(glow, np.clip(1.35 - np.floor(distance / 3) * 0.14, 0.5, 1.3))
    plan.canvas[:] = lit * glow[..., None] * np.array((1.05, 0.98, 0.88))
    for spot in spots:
        for i in range(4):
            art.put(plan.canvas, spot, 13 + i, (96, 62, 38))
        for dx, dy, colour in (
            (0, 0, (255, 236, 150)),
            (0, -1, (255, 190, 70)),
            (-1, 0, (255, 160, 50)),
            (1, 0, (255, 160, 50)),
            (0, -2, (240, 110, 40)),
            (0, 1, (255, 200, 90)),
        ):
            art.put(plan.canvas, spot + dx, 11 + dy, colour)
    plan.say("torches" if len(spots) > 1 else "a torch", "火把")


BUILT: dict[str, tuple[str, str, Callable[[Plan], None]]] = {
    "village": ("village", "村庄", _village),
    "waterfall": ("waterfall", "瀑布", _waterfall),
    "graveyard": ("graveyard", "墓地", _graveyard),
    "swamp": ("swamp", "沼泽", _swamp),
    "farm": ("farm", "农场", _farm),
    "dungeon": ("dungeon room", "地牢房间", _dungeon),
}
