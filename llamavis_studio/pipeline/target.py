"""Targets: one finished image each, with everything that decides its pixels and the hash of it."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from llamavis_studio.backends.base import GLOSS_VERSION, BackendInfo
from llamavis_studio.core.description import DescribedAsset, Description, locate
from llamavis_studio.core.errors import BackendError, DescriptionError, LlamaVisError, ProjectError
from llamavis_studio.core.hashing import build_key
from llamavis_studio.core.project import Project, ResolvedAsset
from llamavis_studio.core.recipe import Recipe
from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.palette_files import palette_of_hex, read_palette
from llamavis_studio.pipeline.capabilities import (
    ground_words,
    is_glossed,
    recipe_for_model,
    what_makes_up,
    with_ground,
)
from llamavis_studio.pipeline.filters import active_steps, key_of_steps
from llamavis_studio.pipeline.scan_cache import ScanCache

BackendInfoOf = Callable[[str], BackendInfo]
"""The description of a backend by name; raises BackendError for one that does not exist."""

_SEEDS = 1 << 32


@dataclass(frozen=True)
class Making:
    """How an output is made from another: a maker's name, its version, JSON parameters.

    `beside` is the suffix of a text file that is written with it, or empty.
    """

    name: str
    version: int
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)
    beside: str = ""


@dataclass(frozen=True)
class Target:
    """One output image. Paths are project-relative with forward slashes.

    `description` is the asset's own words, `prompt` those with its style's around them; `parts` is
    the mapping whose hash is `build_key`. `recipe` has the filters that pictures of `backend` need.
    `palette` is (n, 3) sRGB bytes or None. `adapter` is the file of the style's adapter, or "".
    """

    name: str
    source: str
    line: int
    output: str
    variant: int
    kind: str
    size_px: tuple[int, int]
    seed: int
    description: str
    prompt: str
    negative: str
    backend: BackendInfo
    recipe: Recipe
    references: tuple[str, ...]
    adapter: str
    palette: Pixels | None = field(compare=False)
    locked: bool
    parts: Mapping[str, Any]
    build_key: str
    base: str = ""
    """The output that this one is made from by a filter; empty where a backend draws it."""
    making: Making | None = None
    """How it is made from its base."""
    makings: tuple[Making, ...] = ()
    """What is made from this image in turn."""
    beside: str = ""
    """A text file that is written with it (the table of a sheet), or empty."""
    twin: str = ""
    """Another output with the same build key, whose pixels serve: the variant that was picked."""
    drawn_px: tuple[int, int] | None = None
    """The (width, height) that the backend draws it at; None where it may choose."""
    ground: str = ""
    """Words about the background that the backend is asked with, so that it can be removed."""
    makes_up: tuple[str, ...] = ()
    """What makes up for what the backend cannot do, and what it does not heed, in sentences."""

    @property
    def asked_prompt(self) -> str:
        """The words that the backend is asked with."""
        return with_ground(self.prompt, self.ground)


MakingsOf = Callable[[Description, str], tuple[Making, ...]]
"""What a description of a kind asks for beside its image; see `derive.makings_of`."""


class TargetMaker:
    """Turns resolved descriptions into targets, reading each palette and reference once."""

    def __init__(
        self,
        project: Project,
        backend_info: BackendInfoOf,
        cache: ScanCache,
        makings_of: MakingsOf = lambda _description, _kind: (),
    ) -> None:
        self._makings_of = makings_of
        self._project = project
        self._backend_info = backend_info
        self._cache = cache
        self._backends: dict[str, BackendInfo | BackendError] = {}
        self._palettes: dict[Path | tuple[str, ...], tuple[Pixels, str]] = {}
        self._references: dict[Path, str] = {}
        self._adapters: dict[Path, str] = {}
        self.images_read: set[str] = set()

    def targets(self, resolved: ResolvedAsset) -> list[Target]:
        """One target for each variant; raises DescriptionError at the key to blame."""
        asset, recipe = resolved.asset, resolved.recipe
        for key, inputs in (("references", resolved.references), ("palette", (resolved.palette,))):
            if set(inputs) & set(resolved.outputs):
                circle = ProjectError("the image is its own input", "name another file")
                raise _blamed(resolved, key, circle)
        info = self._backend(resolved)
        recipe = recipe_for_model(recipe, info, resolved.size_px)
        drawn_px = info.drawn_size(resolved.kind.value, resolved.size_px)
        palette, palette_key = self._palette(resolved)
        steps = active_steps(recipe.filters, palette is not None)
        prompt = unicodedata.normalize("NFC", resolved.prompt)
        negative = unicodedata.normalize("NFC", resolved.negative)
        ground = ground_words(prompt, recipe, info)
        shared: dict[str, Any] = {
            "prompt": prompt,
            "negative": negative,
            "kind": resolved.kind.value,
            "size": list(resolved.size_px),
            "tileable": recipe.tileable,
            "transparent": recipe.transparent,
            "sampling": [recipe.guidance_scale, recipe.temperature, recipe.top_p],
            "palette": palette_key,
            "references": [self._reference(resolved, path) for path in resolved.references],
            "backend": {"name": info.name, "revision": info.revision},
            "filters": key_of_steps(steps),
        }
        if resolved.adapter is not None:  # absent otherwise: older keys stay what they were
            shared["adapter"] = self._adapter(resolved.adapter)
        if ground:
            shared["ground"] = ground
        if is_glossed(info, prompt, negative):
            shared["gloss"] = GLOSS_VERSION
        large = info.domain != "pixel_art" and drawn_px != resolved.size_px
        if large and drawn_px is not None:
            shared["drawn"] = list(drawn_px)
        told = what_makes_up(
            info, recipe, resolved.size_px, prompt, ground=ground, negative=negative,
            references=resolved.references, adapter=resolved.adapter,
        )  # fmt: skip
        picked = asset.description.pick
        makings = self._makings(resolved)
        found = []
        for variant, output in enumerate(resolved.outputs, resolved.first_variant):
            parts = {**shared, "seed": (resolved.seed + variant) % _SEEDS}
            found.append(
                Target(
                    name=asset.name,
                    source=self._project.relative(asset.source),
                    line=asset.line,
                    output=self._project.relative(output),
                    variant=variant,
                    kind=resolved.kind.value,
                    size_px=resolved.size_px,
                    seed=parts["seed"],
                    description=asset.description.description,
                    prompt=prompt,
                    negative=negative,
                    backend=info,
                    recipe=recipe,
                    references=tuple(map(self._project.relative, resolved.references)),
                    adapter=self._project.relative(resolved.adapter) if resolved.adapter else "",
                    palette=palette,
                    locked=asset.description.locked,
                    parts=parts,
                    build_key=build_key(parts),
                    makings=makings,
                    twin=self._twin(asset, picked) if asset.description.count > 1 else "",
                    drawn_px=drawn_px,
                    ground=ground,
                    makes_up=told,
                )
            )
        return found

    def _makings(self, resolved: ResolvedAsset) -> tuple[Making, ...]:
        description = resolved.asset.description
        try:
            return self._makings_of(description, resolved.kind.value)
        except ProjectError as error:
            key = "animation" if description.animation else "material"
            raise _blamed(resolved, key, error) from error

    def _twin(self, asset: DescribedAsset, picked: int | None) -> str:
        """The file that a picked variant has as long as none is picked."""
        if picked is None:
            return ""
        return f"{self._project.relative(asset.stem)}_{picked}.png"

    def _backend(self, resolved: ResolvedAsset) -> BackendInfo:
        name = resolved.backend
        if name not in self._backends:
            try:
                self._backends[name] = self._backend_info(name)
            except BackendError as error:
                self._backends[name] = error
        info = self._backends[name]
        if isinstance(info, BackendError):
            raise _blamed(resolved, "backend", info) from info
        if not info.can_generate:
            unable = BackendError(f"the backend '{name}' makes no images", "choose another one")
            raise _blamed(resolved, "backend", unable)
        return info

    def _palette(self, resolved: ResolvedAsset) -> tuple[Pixels | None, str | None]:
        wanted = resolved.palette
        if wanted is None:
            return None, None
        if wanted not in self._palettes:
            try:
                colours = (
                    read_palette(wanted) if isinstance(wanted, Path) else palette_of_hex(wanted)
                )
            except (ImageError, OSError) as error:
                place = f"{self._project.relative(wanted)}: " if isinstance(wanted, Path) else ""
                problem = ProjectError(f"{place}{_words(error)}", "mend or replace the palette")
                raise _blamed(resolved, "palette", problem) from error
            self._palettes[wanted] = (colours, hashlib.sha256(colours.tobytes()).hexdigest())
        return self._palettes[wanted]

    def _adapter(self, path: Path) -> str:
        """The hash of a style's adapter; raises DescriptionError when it cannot be read."""
        if path not in self._adapters:
            try:
                data = path.read_bytes()
            except OSError as error:
                raise DescriptionError(
                    _words(error), "replace the style's adapter", path
                ) from error
            self._adapters[path] = hashlib.sha256(data).hexdigest()
        return self._adapters[path]

    def _reference(self, resolved: ResolvedAsset, path: Path) -> str:
        """The hash of a reference's pixels: its notes and its packing decide nothing."""
        if path not in self._references:
            relative = self._project.relative(path)
            self.images_read.add(relative)
            try:
                facts = self._cache.image_facts(relative, path, path.stat())
                if facts.problem:
                    raise ImageError(facts.problem)
            except (ImageError, OSError) as error:
                problem = ProjectError(f"{relative}: {_words(error)}", "replace the reference")
                raise _blamed(resolved, "references", problem) from error
            self._references[path] = facts.pixel_hash
        return self._references[path]


def _words(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"cannot be read: {error.strerror or error}"
    return str(error)


def _blamed(resolved: ResolvedAsset, key: str, cause: LlamaVisError) -> DescriptionError:
    asset = resolved.asset
    line, column = locate(asset.source, asset.name, key)
    return DescriptionError(cause.message, cause.hint, asset.source, line, column)
