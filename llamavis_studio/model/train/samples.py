"""All training samples of the built-in model: pictures, words, split and weight.

Order of events: read tiles and emoji, name them, add textures, changed colours, characters, scenes
and drawn things, put the pictures into one array for each size, save once.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from llamavis_studio.model.train import augment, textures
from llamavis_studio.model.train.captions import captions_for, stable_hash, unique
from llamavis_studio.model.train.colours import Pixels
from llamavis_studio.model.train.composites import compose
from llamavis_studio.model.train.emoji import read_emoji
from llamavis_studio.model.train.parts import make_parts
from llamavis_studio.model.train.props import draw_all
from llamavis_studio.model.train.scenes import paint_many
from llamavis_studio.model.train.sources import clear
from llamavis_studio.model.train.surfaces import draw_many
from llamavis_studio.model.train.tiles import Tile, read_tiles
from llamavis_studio.model.train.words import article, colour_list

VAL_SHARE = 0.04
COMMON = 8  # a name with more pictures than this is never held out
KIND_WEIGHT = {
    "creature": 1.6,
    "character": 1.6,
    "item": 1.5,
    "feature": 1.0,
    "effect": 0.7,
    "texture": 1.0,
}


@dataclass(frozen=True)
class Sample:
    """One picture with its words. `size` is (width, height); `row` its place in that bucket."""

    kind: str
    name: str
    captions: tuple[str, ...]
    captions_zh: tuple[str, ...]
    colours: tuple[str, ...]
    tileable: bool
    weight: float
    split: str
    source: str
    size: tuple[int, int]
    row: int


@dataclass(frozen=True)
class SampleSet:
    """`pixels[(width, height)]` is uint8 (n, h, w, 4), sRGB straight alpha, 0 where clear.

    `pairs` (m, 2) are sample numbers of which the second is an edit of the first.
    """

    pixels: dict[tuple[int, int], NDArray[np.uint8]]
    samples: tuple[Sample, ...]
    pairs: NDArray[np.int64]

    def picture(self, number: int) -> Pixels:
        """The pixels (h, w, 4) of one sample."""
        sample = self.samples[number]
        picture: Pixels = self.pixels[sample.size][sample.row]
        return picture

    def save(self, path: Path) -> None:
        """Write PATH.npz (pictures, pairs) and PATH.jsonl (words)."""
        arrays = {f"px_{w}x{h}": array for (w, h), array in self.pixels.items()}
        np.savez_compressed(path.with_suffix(".npz"), pairs=self.pairs, **arrays)  # type: ignore[arg-type]
        with path.with_suffix(".jsonl").open("w", encoding="utf-8") as out:
            for sample in self.samples:
                out.write(json.dumps(asdict(sample), ensure_ascii=False) + "\n")

    @staticmethod
    def load(path: Path) -> SampleSet:
        """Read what `save` wrote."""
        pixels: dict[tuple[int, int], NDArray[np.uint8]] = {}
        with np.load(path.with_suffix(".npz")) as arrays:
            pairs = arrays["pairs"]
            for key in arrays.files:
                if key.startswith("px_"):
                    width, height = (int(v) for v in key[3:].split("x"))
                    pixels[width, height] = arrays[key]
        samples = []
        for line in path.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines():
            fields = json.loads(line)
            for key in ("captions", "captions_zh", "colours", "size"):
                fields[key] = tuple(fields[key])
            samples.append(Sample(**fields))
        return SampleSet(pixels, tuple(samples), pairs)


class _Builder:
    """Collects samples; `add` returns the sample's number."""

    def __init__(self) -> None:
        self.common: set[str] = set()  # names with so many pictures that validation cannot spare
        self.samples: list[Sample] = []
        self.pictures: dict[tuple[int, int], list[Pixels]] = defaultdict(list)
        self.pairs: list[tuple[int, int]] = []

    def add(
        self, pixels: Pixels, kind: str, name: str, captions: tuple[str, ...], source: str, *,
        captions_zh: tuple[str, ...] = (), tileable: bool = False, weight: float = 1.0,
        split: str = "",
    ) -> int:  # fmt: skip
        height, width = pixels.shape[:2]
        bucket = self.pictures[width, height]
        side = "train" if name in self.common else split_of(name)
        self.samples.append(
            Sample(
                kind, name, captions, captions_zh, colour_list(pixels), tileable, weight,
                split or side, source, (width, height), len(bucket),
            )
        )  # fmt: skip
        bucket.append(clear(pixels))
        return len(self.samples) - 1

    def finish(self) -> SampleSet:
        pixels = {size: np.stack(group) for size, group in self.pictures.items()}
        pairs = np.array(self.pairs, np.int64).reshape(-1, 2)
        return SampleSet(pixels, tuple(self.samples), pairs)


def split_of(name: str) -> str:
    """`val` for about 4 % of the names, the same on every machine."""
    return "val" if stable_hash(f"split {name}") % 10_000 < 10_000 * VAL_SHARE else "train"


def make_samples(
    data_dir: Path,
    seed: int,
    composites: int = 30_000,
    scenes: int = 6_000,
    surfaces: int = 2_400,
    props: int = 1,
) -> SampleSet:
    """All samples from the pictures below `data_dir` (tiles and emoji, zipped or unpacked).

    The counts say how many are drawn by rule; of ``props``, of each in each of its paints.
    """
    rng = np.random.default_rng(seed)
    builder = _Builder()
    tiles, raw_parts = read_tiles(data_dir)
    builder.common = {n for n, k in Counter(t.name for t in tiles).items() if k > COMMON}
    _add_tiles(builder, tiles, rng)
    _add_mosaics(builder, tiles, rng)
    _add_surfaces(builder, surfaces, rng)
    _add_emoji(builder, data_dir)
    _add_characters(builder, raw_parts, composites, rng)
    _add_scenes(builder, scenes, rng)
    _add_props(builder, props, np.random.default_rng([seed, 1]))  # all else stays as it was without
    return builder.finish()


def _add_tiles(builder: _Builder, tiles: list[Tile], rng: np.random.Generator) -> None:
    counts = Counter(tile.name for tile in tiles)
    for tile in tiles:
        # A name's variants share its weight, so that a name with 40 pictures is not 40 names.
        weight = KIND_WEIGHT[tile.kind] * counts[tile.name] ** -0.5
        weight *= 0.3 if "segment" in tile.name else 1.0
        captions = captions_for(tile.phrase, tile.kind, tile.pixels)

        def add(pixels: Pixels, words: tuple[str, ...], share: float, *, tile: Tile = tile,
                weight: float = weight) -> int:  # fmt: skip
            return builder.add(
                pixels, tile.kind, tile.name, words, f"tiles/{tile.category}",
                tileable=tile.tileable, weight=weight * share,
            )  # fmt: skip

        first = add(tile.pixels, captions, 1.0)
        if tile.kind in ("creature", "character", "item", "feature"):
            flipped = augment.mirrored(tile.pixels, tile.phrase)
            if flipped is not None and rng.random() < 0.5:
                add(flipped, captions, 0.4)
        if tile.tileable and not textures.framed(tile.pixels):
            add(textures.shifted(tile, rng), captions, 0.5)
        for _ in range(2 if tile.kind in ("creature", "character", "item") else 1):
            changed = augment.recoloured(tile.pixels, tile.phrase, tile.kind, rng)
            if changed:
                second = add(changed[0], changed[1], 0.35)
                builder.pairs.append((first, second))
        if rng.random() < 0.12:
            toned = augment.toned(tile.pixels, tile.phrase, tile.kind, rng)
            if toned:
                second = add(toned[0], toned[1], 0.3)
                builder.pairs.append((first, second))


def _add_mosaics(builder: _Builder, tiles: list[Tile], rng: np.random.Generator) -> None:
    for tile, pixels in textures.mosaics(tiles, 12, rng):
        captions = captions_for(tile.phrase, "texture", pixels)
        builder.add(
            pixels, "texture", tile.name, captions, f"mosaic/{tile.category}",
            tileable=True, weight=0.35,
        )  # fmt: skip


def _add_surfaces(builder: _Builder, count: int, rng: np.random.Generator) -> None:
    for surface in draw_many(count, rng):
        builder.add(
            surface.pixels, "texture", f"surface {surface.name}", surface.captions, "surface",
            captions_zh=surface.captions_zh, tileable=True, weight=0.4,
        )  # fmt: skip


def _add_emoji(builder: _Builder, data_dir: Path) -> None:
    for emoji in read_emoji(data_dir):
        captions = captions_for(emoji.name, emoji.kind, emoji.pixels, coloured=emoji.plain)
        plain = unique([emoji.name, article(emoji.name), *captions])
        chinese = unique([emoji.name_zh])
        number = builder.add(
            emoji.pixels, emoji.kind, emoji.name, plain, "emoji",
            captions_zh=chinese, weight=emoji.weight,
        )  # fmt: skip
        flipped = augment.mirrored(emoji.pixels, emoji.name)
        if flipped is not None and emoji.kind == "creature":
            sample = builder.samples[number]
            builder.add(
                flipped, emoji.kind, emoji.name, sample.captions, "emoji",
                captions_zh=chinese, weight=0.4 * emoji.weight,
            )  # fmt: skip


def _add_characters(
    builder: _Builder, raw: dict[str, dict[str, list[Pixels]]], count: int, rng: np.random.Generator
) -> None:
    parts = make_parts(raw)
    for base in parts["base"]:
        words = unique([base.template, article(base.template), *base.other])
        builder.add(
            base.pixels, "character", f"character {base.template}", words, "base",
            split="val" if base.held_out else "train", weight=0.5,
        )  # fmt: skip
    previous = -1
    for number, item in enumerate(compose(parts, count, rng)):
        current = builder.add(
            item.pixels, "character", item.name, item.captions, "composite",
            captions_zh=item.captions_zh, split=item.split, weight=0.14,
        )  # fmt: skip
        if number % 2:
            builder.pairs.append((previous, current))
        previous = current


def _add_scenes(builder: _Builder, count: int, rng: np.random.Generator) -> None:
    for scene in paint_many(count, rng):
        builder.add(
            scene.pixels, "background", scene.name, scene.captions, "scene",
            captions_zh=scene.captions_zh, tileable=False, weight=0.3,
        )  # fmt: skip


def _add_props(builder: _Builder, each: int, rng: np.random.Generator) -> None:
    for prop in draw_all(each, rng):
        builder.add(
            prop.pixels, prop.kind, f"prop {prop.name}", prop.captions, "prop",
            captions_zh=prop.captions_zh, weight=0.5,
        )  # fmt: skip


def subset(samples: SampleSet, split: str) -> SampleSet:
    """The samples of one split, with the same pictures; pairs across splits fall away."""
    keep = [i for i, s in enumerate(samples.samples) if s.split == split]
    place = {old: new for new, old in enumerate(keep)}
    pairs = [(place[a], place[b]) for a, b in samples.pairs if a in place and b in place]
    chosen = tuple(replace(samples.samples[i]) for i in keep)
    return SampleSet(samples.pixels, chosen, np.array(pairs, np.int64).reshape(-1, 2))
