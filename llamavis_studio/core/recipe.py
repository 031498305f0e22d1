"""How one kind of asset is made: size, sampling and the filters its picture passes through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt


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


class Finish(BaseModel):
    """How a drawn picture is finished; unset values leave a recipe's own way."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    colours: Annotated[
        StrictInt | None, Field(ge=2, le=256, description="At most this many colours")
    ] = None
    dither: Annotated[
        Literal["none", "bayer", "blue_noise", "floyd_steinberg"] | None,
        Field(description="How colours of a palette are mixed; floyd_steinberg does not tile"),
    ] = None
    dither_strength: Annotated[
        float | None, Field(strict=True, gt=0, le=1, description="How far they are mixed, 0 to 1")
    ] = None
    upscaling: Annotated[
        Literal["nearest", "scale2x", "scale3x", "lanczos"] | None,
        Field(description="How a picture grows to a multiple of its drawn size"),
    ] = None
    true_pixels: Annotated[
        StrictBool | None,
        Field(description="Large pixel art of big models becomes one pixel a square"),
    ] = None

    def over(self, below: Finish) -> Finish:
        """These values, and those of another where they are unset."""
        return below.model_copy(update=self.model_dump(exclude_none=True))

    def applied_to(self, recipe: Recipe) -> Recipe:
        """The recipe with its filters set this way."""
        told: dict[str, dict[str, object]] = {"palette": {}, "colours": {}, "resize": {}}
        if self.colours is not None:
            told["colours"]["count"] = self.colours
        if self.dither is not None and self.dither != "none":
            told["palette"] |= {"method": self.dither, "dither": self.dither_strength or 0.6}
        if self.upscaling is not None:
            told["resize"]["upscaling"] = self.upscaling
        steps = [
            FilterStep(step.name, {**step.params, **told.get(step.name, {})})
            for step in recipe.filters
        ]
        if self.true_pixels:
            steps.insert(0, FilterStep("true_pixels"))
        return replace(recipe, filters=tuple(steps), finish=self)


@dataclass(frozen=True)
class Recipe:
    """The defaults for one kind.

    `size_px` is (width, height). Sampling values of None leave the choice to the backend, whose
    revision is part of the build key, so that the key still decides the pixels. `finish` is
    what was asked for by name; `filters` have it already.
    """

    kind: Kind
    size_px: tuple[int, int]
    tileable: bool
    transparent: bool
    guidance_scale: float | None = None
    temperature: float | None = None
    top_p: float | None = None
    filters: tuple[FilterStep, ...] = ()
    finish: Finish = field(default_factory=Finish)


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
