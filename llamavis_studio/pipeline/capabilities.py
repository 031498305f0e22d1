"""What a model cannot do, and what makes up for it.

    recipe_for_model    a recipe's filters, as the pictures of this model need them
    ground_words        what is added to the prompt, so that a figure can be cut out
    what_makes_up       the same in sentences for people, and what the model will not heed

The shipped model draws pixel art of the finished size, clear around its figures, and the recipes
are made for it: for it nothing changes. A large model draws a painting of 512 or 1024 pixels on
some background. What is decided here enters build keys, but only where it changes something.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from llamavis_studio.backends.base import BackendInfo
from llamavis_studio.core.recipe import FilterStep, Recipe
from llamavis_studio.imaging.pixel_grid import LEAST_PITCH_PX

PIXEL_ART_PX = 128
"""Up to this side an image is pixel art; a larger one of a model that draws anything is a painting,
with all its colours and soft edges.
"""
Size = tuple[int, int]

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_HAS_GROUND = re.compile(r"\b(?:background|backdrop)s?\b|背景", re.IGNORECASE)
# What is itself white would be cut away with a white background.
_PALE = re.compile(
    r"\b(?:white|snow\w*|ice|icy|frost\w*|ivory|pale|silver\w*|ghost\w*|bones?|skulls?|skeleton\w*|"
    r"clouds?|paper|milk\w*|marble|pearls?|eggs?)\b|[白雪冰银骨云纸珠]",
    re.IGNORECASE,
)
_WHITE, _DARK = (255, 255, 255), (64, 64, 64)
_GROUNDS = {
    (_WHITE, "en"): "on a plain white background",
    (_DARK, "en"): "on a plain dark grey background",
    (_WHITE, "zh"): "纯白色背景",
    (_DARK, "zh"): "纯深灰色背景",
}


def recipe_for_model(recipe: Recipe, info: BackendInfo, size_px: Size) -> Recipe:
    """The recipe with the filters that pictures of this model need at this size.

    - A background that it cannot leave out is removed first.
    - Pixel art of a model that draws large is reduced square by square.
    - A painting is resized smoothly and keeps its colours and soft edges, unless `[finish]` asks
      for so many colours, or for true pixels; its edges meet along a cut, which blurs nothing.
    - Tiles are cut so while they are large, before they become pixel art.
    """
    steps: list[FilterStep] = []
    if recipe.transparent and not info.can_cut_out:
        steps.append(FilterStep("cut_out"))
    if info.domain == "pixel_art":
        return replace(recipe, filters=(*steps, *recipe.filters))
    drawn = info.drawn_size(recipe.kind.value, size_px)
    painting = _is_painting(recipe, info, size_px)
    few = ["hard_alpha"] if recipe.finish.colours else ["hard_alpha", "colours"]
    for step in recipe.filters:
        if step.name == "resize" and drawn != size_px:
            if painting:
                step = FilterStep("fit", step.params)
            elif _is_reduced(drawn, size_px):
                if recipe.tileable and not info.can_tile:
                    steps.append(FilterStep("seamless", {"cut": True, "while_large": True}))
                own = {"own_grid": False} if recipe.finish.true_pixels is False else {}
                steps.append(FilterStep("pixel_art", own))
        elif painting and step.name in few:
            continue
        elif painting and step.name == "seamless" and not info.can_tile:
            step = FilterStep("seamless", {**step.params, "cut": True})
        steps.append(step)
    return replace(recipe, filters=tuple(steps))


def _is_painting(recipe: Recipe, info: BackendInfo, size_px: Size) -> bool:
    large = max(size_px) > PIXEL_ART_PX
    return info.domain != "pixel_art" and large and not recipe.finish.true_pixels


def _is_reduced(drawn: Size | None, size_px: Size) -> bool:
    """Whether a picture may come so large that its pixels are no longer the image's."""
    if drawn is None:
        return True
    return max(drawn[0] / size_px[0], drawn[1] / size_px[1]) >= LEAST_PITCH_PX


def ground_words(prompt: str, recipe: Recipe, info: BackendInfo) -> str:
    """What is added to a prompt, so that a figure stands on one plain colour; "" where nothing is.

    In the prompt's language where the model reads it. A prompt that speaks of a background keeps
    its own.
    """
    if not recipe.transparent or info.can_cut_out or _HAS_GROUND.search(prompt):
        return ""
    chinese = "zh" in info.languages and ("en" not in info.languages or is_chinese(prompt))
    return _GROUNDS[ground_colour(prompt), "zh" if chinese else "en"]


def ground_colour(prompt: str) -> tuple[int, int, int]:
    """The plain colour (sRGB) that a figure of this description stands out from."""
    return _DARK if _PALE.search(prompt) else _WHITE


def with_ground(prompt: str, words: str) -> str:
    """A prompt and the words about its background."""
    if not words:
        return prompt
    comma = "\uff0c" if is_chinese(words) else ", "
    return f"{prompt}{comma}{words}"


def is_chinese(text: str) -> bool:
    """Whether a text has Chinese characters."""
    return _HAN.search(text) is not None


def is_glossed(info: BackendInfo, *texts: str) -> bool:
    """Whether one of the texts has Chinese, and is put into English for this model."""
    return info.needs_gloss and any(map(is_chinese, texts))


def what_makes_up(
    info: BackendInfo,
    recipe: Recipe,
    size_px: Size,
    prompt: str,
    *,
    ground: str = "",
    negative: str = "",
    references: Sequence[object] = (),
    adapter: object = None,
) -> tuple[str, ...]:
    """How an image of this model comes to be what was asked for, and what the model leaves out.

    `recipe` is that of `recipe_for_model`. Plain sentences without a capital; empty where the model
    does all of it.
    """
    said: list[str] = []
    names = {step.name for step in recipe.filters}
    drawn = info.drawn_size(recipe.kind.value, size_px)
    if info.domain != "pixel_art" and drawn is not None and drawn != size_px:
        said.append(f"drawn at {_size(drawn)}, then made {_size(size_px)}")
    if "cut_out" in names:
        said.append("its background is removed by a filter")
    if ground:
        said.append(f"'{ground}' is added to the prompt")
    if recipe.tileable and not info.can_tile:
        said.append("its edges are blended by a filter")
    if negative and not info.can_avoid:
        said.append("the model does not heed 'negative'")
    if recipe.guidance_scale is not None and not info.can_guide:
        said.append("the model does not heed 'guidance'")
    if references and not info.can_take_references:
        said.append("the model does not heed 'references'")
    if adapter and not info.can_adapt:
        said.append("the model cannot draw in the style that was trained for it")
    if is_glossed(info, prompt, negative):
        said.append("the model reads no Chinese: a dictionary puts it into English first")
    elif is_chinese(prompt) and "zh" not in info.languages:
        said.append("the model reads no Chinese, and the description has some")
    if not info.is_repeatable:
        said.append("the same words and seed may give another image each time")
    return tuple(said)


def _size(size_px: Size) -> str:
    return f"{size_px[0]}x{size_px[1]}"
