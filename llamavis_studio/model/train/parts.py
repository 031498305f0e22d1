"""Body parts of characters: which picture is what, in which colour, and what stays in sight.

A part's phrase comes from resources/training/parts.toml; `{c}` in it is the measured colour.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from llamavis_studio.model.train.captions import stable_hash
from llamavis_studio.model.train.colours import Pixels, recolour
from llamavis_studio.model.train.words import colour_word, table

ORDER = (
    "wings", "cloak", "base", "boots", "legs", "body", "gloves", "hand1", "hand2",
    "beard", "hair", "head",
)  # fmt: skip
STEM_COLOURS = frozenset(
    "black grey white red orange brown yellow green blue purple pink gold silver teal blond".split()
)
VAL_SHARE = 0.02  # of part names, kept out of training


@dataclass(frozen=True)
class Part:
    """One drawable body part."""

    category: str
    stem: str
    template: str  # with `{c}` when the part has one colour that may change
    colour: str
    pixels: Pixels
    shape: str = ""  # bases only: legged, tailed or bare
    other: tuple[str, ...] = ()  # bases only: other names of the being
    chinese: str = ""

    @property
    def phrase(self) -> str:
        """What the part is, in words with its colour."""
        return " ".join(self.template.replace("{c}", self.colour).split())

    @property
    def held_out(self) -> bool:
        """Whether the part belongs to validation; beings never do, they are too few."""
        if self.category == "base":
            return False
        key = f"{self.category}/{self.stem}"
        return stable_hash(key) % 1000 < 1000 * VAL_SHARE

    def painted(self, word: str) -> Part:
        """The same part in another colour."""
        return replace(self, colour=word, pixels=recolour(self.pixels, word))


def make_parts(raw: Mapping[str, Mapping[str, Sequence[Pixels]]]) -> dict[str, list[Part]]:
    """All parts that have a phrase, by category of `ORDER`."""
    words = table("parts")
    out: dict[str, list[Part]] = {category: [] for category in ORDER}
    for category, stems in raw.items():
        for stem, pictures in sorted(stems.items()):
            for pixels in pictures:
                if category == "base":
                    base = _base(stem, pixels)
                    if base:
                        out["base"].append(base)
                elif category == "drcwing" and stem.startswith("drcwing"):
                    colour = stem.split("_")[1].replace("mottled", "purple").replace("pale", "teal")
                    out["wings"].append(Part("wings", stem, "{c} dragon wings", colour, pixels))
                elif category in out and category in words:
                    template = _lookup(words[category], stem)
                    if template:
                        colour = _stem_colour(stem) or colour_word(pixels)
                        if category in ("hair", "beard"):
                            colour = colour.replace("yellow", "blond").replace("tan", "light brown")
                        out[category].append(Part(category, stem, template, colour, pixels))
    return out


def _lookup(phrases: Mapping[str, str], stem: str) -> str:
    """The phrase of a stem, of the stem without its number, or of the longest start of it."""
    if stem in phrases:
        return phrases[stem]
    short = re.sub(r"[0-9]+$", "", stem)
    while short:
        if short in phrases:
            return phrases[short]
        short = short.rpartition("_")[0]
    return ""


def _stem_colour(stem: str) -> str:
    """The colour word a file stem names, if it names exactly one."""
    known: dict[str, str] = table("parts")["colour_words"]
    found = []
    for token in re.sub(r"[0-9]+", "", stem).split("_"):
        token = known.get(token, token)
        if token.rpartition(" ")[2] in STEM_COLOURS:
            found.append(token)
    return found[0].replace("gold", "golden") if len(found) == 1 else ""


def _base(stem: str, pixels: Pixels) -> Part | None:
    species = re.sub(r"_(f|m)[0-9]?$", "", stem)
    entry: list[str] | None = table("parts")["base"].get(species)
    if entry is None or not entry[0]:
        return None
    phrase, chinese, shape, other = entry
    sex = stem[len(species) + 1 : len(species) + 2]
    others = [name for name in other.split("|") if name]
    if len(others) == 2 and sex:
        others = [others[0] if sex == "m" else others[1]]
    if species == "human" and sex:
        phrase = "man" if sex == "m" else "woman"
        chinese = "男人" if sex == "m" else "女人"
        others = [("male" if sex == "m" else "female") + " human"]
    return Part("base", stem, phrase, "", pixels, shape, tuple(others), chinese)


def stack(parts: Sequence[Part]) -> tuple[Pixels, list[float]]:
    """Parts drawn over each other in `ORDER`, and the share of each that stays visible.

    The second list runs beside `parts`; a part of fewer than 6 visible pixels counts as hidden.
    """
    order = sorted(range(len(parts)), key=lambda i: ORDER.index(parts[i].category))
    out = np.zeros((32, 32, 4), np.float32)
    owner = np.full((32, 32), -1)
    for i in order:
        pixels = parts[i].pixels.astype(np.float32)
        alpha = pixels[..., 3:] / 255.0
        under = out[..., 3:] / 255.0 * (1.0 - alpha)
        total = alpha + under
        colour = (pixels[..., :3] * alpha + out[..., :3] * under) / np.maximum(total, 1e-6)
        out = np.concatenate([colour, total * 255.0], -1)
        owner[parts[i].pixels[..., 3] > 127] = i
    visible = []
    for i, part in enumerate(parts):
        seen, size = int((owner == i).sum()), int((part.pixels[..., 3] > 127).sum())
        visible.append(seen / max(size, 1) if seen >= 6 else 0.0)
    picture = np.round(out).astype(np.uint8)
    picture[picture[..., 3] == 0] = 0
    return picture, visible
