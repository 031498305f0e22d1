"""From a clean phrase and a picture to several natural captions.

The first caption is the canonical one: short, lower case, the way a person would name the asset.
"""

from __future__ import annotations

import re
import zlib

import numpy as np

from llamavis_studio.model.train.colours import Pixels
from llamavis_studio.model.train.words import (
    article,
    colour_list,
    colour_word,
    has_colour,
    join,
    table,
)

KIND_WORDS = {
    "creature": ("monster", "creature"),
    "item": ("item", "item icon"),
    "feature": ("dungeon feature", "object"),
    "effect": ("effect", "spell effect"),
    "texture": ("texture", "tile"),
    "object": ("icon", "sprite"),
    "character": ("character", "hero"),
    "background": ("background", "landscape"),
}
NOT_MONSTERS = re.compile(r"statue|tentacle|plant|tree|man|woman|bush|fungus|human|elf|dwarf|orb")


def stable_hash(text: str) -> int:
    """A number for a text that is the same on every machine and run."""
    return zlib.crc32(text.encode("utf-8"))


def captions_for(phrase: str, kind: str, pixels: Pixels) -> tuple[str, ...]:
    """Canonical caption and other phrasings of one picture; every word is known or measured."""
    rng = np.random.default_rng(stable_hash(phrase))
    colours = colour_list(pixels)
    coloured = phrase
    if not has_colour(phrase) and (word := colour_word(pixels, 0.42)):
        coloured = f"{word} {phrase}"
    found = [coloured, article(coloured), phrase]
    if len(colours) > 1 and not has_colour(phrase):
        found.append(f"{phrase}, {join(colours[:3])}")
        if kind != "texture":
            found.append(f"{join(colours[:2])} {phrase}")
    words = KIND_WORDS[kind]
    if kind == "texture":
        found += [f"{coloured} {words[0]}", f"seamless {coloured} {words[0]}"]
    elif kind in ("creature", "character"):
        if not NOT_MONSTERS.search(phrase):
            found.append(f"{coloured} {words[int(rng.integers(2))]}")
        found.append(f"pixel art {coloured}")
    else:
        found += [f"{coloured} {words[int(rng.integers(2))]}", f"pixel art {coloured}"]
    if more := hypernym(phrase):
        lead = coloured[: len(coloured) - len(phrase)]
        found.append(f"{lead}{more}" if lead else f"{coloured}, {more}")
    return unique(found)


def hypernym(phrase: str) -> str:
    """What else the thing may be called, by the last word of its name that has an entry."""
    entries: dict[str, str] = table("tiles")["hypernyms"]
    head = re.split(r" with | in | of | and |,", phrase)[0]
    for word in reversed(head.split()):
        if word in entries:
            return entries[word]
    return ""


def unique(captions: list[str]) -> tuple[str, ...]:
    """The captions without repeats and stray spaces, in order."""
    return tuple(dict.fromkeys(" ".join(caption.split()) for caption in captions if caption))
