"""Backgrounds of 48x32 px composed from an hour, a place and a few things, with exact captions.

Order of events: the hour paints the sky, the place paints the ground and says what it holds, the
weather falls over all of it, and the words are put together in English and Chinese.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from llamavis_studio.model.train.captions import unique
from llamavis_studio.model.train.colours import Pixels
from llamavis_studio.model.train.scene_places import CLOSED, PLACES
from llamavis_studio.model.train.scene_plan import (
    HEIGHT,
    LIGHTS,
    WIDTH,
    Plan,
    paint_sky,
    paint_weather,
)
from llamavis_studio.model.train.words import join

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


def paint_many(count: int, rng: np.random.Generator) -> Iterator[Scene]:
    """`count` scenes, every place equally often."""
    for number in range(count):
        yield paint(list(PLACES)[number % len(PLACES)], rng)


def paint(place: str, rng: np.random.Generator, hour: str = "") -> Scene:
    """One scene of a place, at a random hour unless one is given."""
    if not hour:
        hour = str(rng.choice(list(LIGHTS), p=[0.3, 0.22, 0.09, 0.11, 0.2, 0.08]))
    plan = Plan(np.zeros((HEIGHT, WIDTH, 3), np.float32), hour, LIGHTS[hour], rng)
    english, chinese, paint_place = PLACES[place]
    if place not in CLOSED:
        paint_sky(plan)
    ahead = len(plan.things)
    paint_place(plan)
    plan.things = plan.things[ahead:] + plan.things[:ahead]
    if place not in CLOSED:
        paint_weather(plan)
    rgb = np.clip(np.round(plan.canvas), 0, 255).astype(np.uint8)
    pixels = np.concatenate([rgb, np.full((HEIGHT, WIDTH, 1), 255, np.uint8)], -1)
    words, words_zh = _words(plan, english, chinese, place in CLOSED)
    return Scene(pixels, words, words_zh, f"scene {words[0]}")


def _words(
    plan: Plan, english: str, chinese: str, closed: bool
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
