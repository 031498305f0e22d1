"""How one kind of asset is made: size, sampling and the filters its picture passes through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What an image is for; it decides the default size, transparency and filters."""

    TEXTURE = "texture"
    MATERIAL = "material"
    SPRITE = "sprite"
    CHARACTER = "character"
    ITEM = "item"
    BACKGROUND = "background"


@dataclass(frozen=True)
class FilterStep:
    """One image operation by name, with its parameters (JSON values: they enter the build key)."""

    name: str
    params: Mapping[str, object] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Recipe:
    """The defaults for one kind.

    `size_px` is (width, height). Sampling values of None leave the choice to the backend, whose
    revision is part of the build key, so that the key still decides the pixels.
    """

    kind: Kind
    size_px: tuple[int, int]
    tileable: bool
    transparent: bool
    guidance_scale: float | None = None
    temperature: float | None = None
    top_p: float | None = None
    filters: tuple[FilterStep, ...] = ()


# The image decoder mixes hundreds of shades where pixel art has a few: a handful makes it crisp.
_CUT_OUT = (
    FilterStep("resize"),
    FilterStep("hard_alpha", {"threshold": 0.5}),
    FilterStep("specks"),
    FilterStep("colours", {"count": 24}),
    FilterStep("palette"),
    FilterStep("bleed"),
)
_TILE = (
    FilterStep("resize"),
    FilterStep("opaque"),
    FilterStep("seamless"),
    FilterStep("colours", {"count": 32}),
    FilterStep("palette"),
)
_SCENE = (
    FilterStep("resize"),
    FilterStep("opaque"),
    FilterStep("colours", {"count": 48}),
    FilterStep("palette"),
)

_RECIPES: Mapping[Kind, Recipe] = {
    recipe.kind: recipe
    for recipe in (
        Recipe(Kind.TEXTURE, (32, 32), tileable=True, transparent=False, filters=_TILE),
        Recipe(Kind.MATERIAL, (32, 32), tileable=True, transparent=False, filters=_TILE),
        Recipe(Kind.SPRITE, (32, 32), tileable=False, transparent=True, filters=_CUT_OUT),
        Recipe(Kind.CHARACTER, (32, 32), tileable=False, transparent=True, filters=_CUT_OUT),
        Recipe(Kind.ITEM, (32, 32), tileable=False, transparent=True, filters=_CUT_OUT),
        Recipe(Kind.BACKGROUND, (96, 64), tileable=False, transparent=False, filters=_SCENE),
    )
}


def recipe_for(kind: Kind | str) -> Recipe:
    """The default recipe of a kind; raises ValueError for a kind that does not exist."""
    return _RECIPES[Kind(kind)]
