"""Pictures changed together with their words: another colour, mirrored, darker or paler."""

from __future__ import annotations

import re

import numpy as np

from llamavis_studio.model.colour_names import NAMES, shares
from llamavis_studio.model.train.captions import captions_for, stable_hash, unique
from llamavis_studio.model.train.colours import Pixels, brighten, recolour
from llamavis_studio.model.train.words import has_colour

RECOLOURS = (
    "red", "orange", "brown", "yellow", "green", "teal", "blue", "purple", "pink", "white",
    "black", "grey",
)  # fmt: skip
HANDED = re.compile(
    r"text|letter|shop|book|keyboard|calendar|weapon|rune|sign|label|clock|guitar|question"
)
# What is known by its colour keeps it: a blue banana teaches the wrong thing.
FIXED = re.compile(
    r"fire|flame|lava|water|ice|frost|snow|blood|grass|gold|bone|skeleton|skull|rainbow|lightning"
    r"|sun|moon|star|zombie|human|man|woman|elf|fruit|apple|banana|statue|cow|panda|zebra|storm"
    r"|and |,|autumn|edge|sand|leaf|tree "
    r"|spectral|ghostly|copper|brass|iron|wooden|santa|silver|steam|shadow|quicksilver"
)
RECOLOUR_KINDS = ("creature", "character", "item", "texture", "feature", "effect")


def mirrored(pixels: Pixels, phrase: str) -> Pixels | None:
    """The picture mirrored left to right, or None where that would be wrong."""
    if HANDED.search(phrase):
        return None
    return np.ascontiguousarray(pixels[:, ::-1])


def recoloured(
    pixels: Pixels, phrase: str, kind: str, rng: np.random.Generator
) -> tuple[Pixels, tuple[str, ...], str] | None:
    """The picture with its main colour changed, its captions, and the phrase without colour.

    Only things of one clear colour that may have another; the colour word in the name, if any,
    is exchanged for the new one.
    """
    if kind not in RECOLOUR_KINDS or FIXED.search(phrase):
        return None
    if kind in ("texture", "feature") and " with " in phrase:
        return None
    found = shares(pixels)
    if not found:
        return None
    main, share = next(iter(found.items()))
    if share < 0.45 or main == "black":
        return None
    bare = re.sub(rf"\b(dark |pale |light |deep |bright )?({'|'.join(NAMES)})\b ?", "", phrase)
    bare = re.sub(r"^(dark|pale|light|deep|bright) ", "", " ".join(bare.split()))
    named = re.match(rf"(dark |pale |light |deep |bright )?({'|'.join(NAMES)})\b", phrase)
    if not bare or re.search(r"\b(golden|cyan|magenta|turquoise)\b", bare):
        return None
    if named and named[2] != main:
        return None
    if has_colour(phrase[named.end() :] if named else phrase.removeprefix("dark ")):
        return None  # a second colour word would no longer be true
    choices = [word for word in RECOLOURS if word != main]
    word = choices[int(rng.integers(len(choices)))]
    picture = recolour(pixels, word, only=main)
    if next(iter(shares(picture)), "") != word:
        return None
    return picture, captions_for(f"{word} {bare}", kind, picture), bare


def toned(
    pixels: Pixels, phrase: str, kind: str, rng: np.random.Generator
) -> tuple[Pixels, tuple[str, ...]] | None:
    """The picture made clearly darker or paler, with `dark` or `pale` in its captions."""
    if re.match(r"(dark|pale|light|black|white|deep|bright|icy|glowing)\b", phrase):
        return None
    word = "dark" if stable_hash(phrase) % 3 else "pale"
    picture = brighten(pixels, 0.62 if word == "dark" else 1.9)
    captions = captions_for(phrase, kind, picture)
    lead = re.sub(r"^(dark|pale) ", "", captions[0])
    return picture, unique([f"{word} {lead}", f"a {word} {lead}", f"{word} {phrase}"])
