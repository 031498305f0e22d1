"""Places of small backgrounds beyond fields and shores: volcano, bare sky, cave, space, seabed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from llamavis_studio.model.train import scene_art as art
from llamavis_studio.model.train.scene_art import Rgb
from llamavis_studio.model.train.scene_plan import HEIGHT, WIDTH, Plan
from llamavis_studio.model.train.words import article


def _volcano(plan: Plan) -> None:
    x, top, base = plan.whole(14, WIDTH - 15), plan.horizon - plan.whole(9, 12), plan.horizon + 4
    art.mountains(plan.canvas, base, [(x, top)], plan.light.on((112, 84, 82)),
                  plan.light.on((74, 54, 60)), None)  # fmt: skip
    plan.canvas[top : top + 2, x - 2 : x + 3] = (255, 170, 60)
    at = x
    for y in range(top + 2, base):
        plan.canvas[y, at : at + 1 + (y % 3 == 0)] = (255, 120, 40) if y % 2 else (230, 70, 36)
        at += plan.whole(-1, 1)
    for i in range(3):
        art.cloud(
            plan.canvas, x + 2 * i, max(top - 3 - 3 * i, 2), 4 + i, (104, 96, 104), (78, 70, 80)
        )
    line = art.heights(WIDTH, plan.horizon + 3.5, 1.0, 0.7, plan.rng)
    art.ground(plan.canvas, line, [plan.light.on(c) for c in ((96, 78, 70), (74, 60, 58))])
    plan.say("lava and smoke", "岩浆和烟")


def _sky_only(plan: Plan) -> None:
    art.ramp(plan.canvas, plan.light.sky, 0, HEIGHT)
    plan.things.clear()
    if plan.hour == "night":
        art.stars(plan.canvas, HEIGHT - 1, plan.whole(24, 44), plan.rng)
        plan.say("stars", "星星")
        if plan.chance(0.6):
            art.disc(
                plan.canvas, plan.whole(8, 39), plan.whole(8, 18), plan.whole(4, 6), (244, 240, 214)
            )
            plan.say("a full moon", "满月")
        return
    if plan.hour in ("sunset", "dawn") or (plan.hour == "day" and plan.chance(0.5)):
        x, y = plan.whole(9, WIDTH - 10), plan.whole(8, 20)
        art.disc(plan.canvas, x, y, 6, art.mix(plan.light.sky[-1], (255, 250, 200), 0.5))
        art.disc(plan.canvas, x, y, 5, (255, 236, 130))
        plan.say("the sun", "太阳")
    for _ in range(plan.whole(2, 5)):
        x, y, size = plan.whole(3, WIDTH - 4), plan.whole(5, HEIGHT - 5), plan.whole(5, 9)
        art.cloud(plan.canvas, x, y, size, plan.light.cloud, plan.light.shade)
    plan.say("clouds", "云")


def _cave(plan: Plan) -> None:
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
        art.ground(
            plan.canvas,
            np.where(np.abs(np.arange(WIDTH) - x - 4) < 12, 27.0, 99.0).astype(np.float32),
            [(236, 96, 36), (255, 170, 60)] if warm else [(52, 110, 160), (36, 84, 134)],
        )
        plan.say(
            "a pool of lava" if warm else "an underground pool", "岩浆池" if warm else "地下水池"
        )


def _space(plan: Plan) -> None:
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


def _underwater(plan: Plan) -> None:
    bright, deep = (88, 190, 220), (14, 52, 106)
    art.ramp(plan.canvas, [art.mix(bright, deep, share / 4) for share in range(5)], 0, HEIGHT)
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


FAR: dict[str, tuple[str, str, Callable[[Plan], None]]] = {
    "volcano": ("volcano", "火山", _volcano),
    "sky": ("sky", "天空", _sky_only),
    "cave": ("dark cave", "黑暗的洞穴", _cave),
    "space": ("outer space", "太空", _space),
    "underwater": ("underwater seabed", "海底", _underwater),
}
