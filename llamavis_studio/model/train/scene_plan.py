"""The first layers of a small background: its hour, its sky and its weather.

`Plan` carries the canvas from layer to layer and collects, in both languages, what was painted.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from llamavis_studio.model.train import scene_art as art
from llamavis_studio.model.train.scene_art import Canvas, Light

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


@dataclass
class Plan:
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


def paint_sky(plan: Plan) -> None:
    """Sky, sun or moon, stars and clouds of the hour, and the row of the horizon."""
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


def paint_weather(plan: Plan) -> None:
    """Rain over everything in a storm, and now and then at other hours."""
    if plan.hour == "storm" or (plan.hour in ("day", "dusk", "night") and plan.chance(0.05)):
        _rain(plan)


def _rain(plan: Plan) -> None:
    for _ in range(46):
        x, y = plan.whole(0, WIDTH + 6), plan.whole(-2, HEIGHT - 1)
        for i in range(3):
            if 0 <= y + i < HEIGHT and 0 <= x - i // 2 < WIDTH:
                spot = plan.canvas[y + i, x - i // 2]
                spot[:] = spot * 0.55 + np.array((176, 200, 226)) * 0.45
    plan.say("rain", "雨")


def _lightning(plan: Plan) -> None:
    x = plan.whole(8, WIDTH - 9)
    for y in range(5, plan.horizon + 2):
        art.put(plan.canvas, x, y, (255, 255, 214))
        x += plan.whole(-1, 1)
    plan.say("lightning", "闪电")
