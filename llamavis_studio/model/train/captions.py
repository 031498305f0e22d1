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
NOT_MONSTERS = re.compile(
    r"statue|tentacle|plant|tree|man|woman|bush|fungus|human|elf|dwarf|orb"
    r"|nettle|figure|flower|vine|mushroom"
)


def stable_hash(text: str) -> int:
    """A number for a text that is the same on every machine and run."""
    return zlib.crc32(text.encode("utf-8"))


def captions_for(
    phrase: str, kind: str, pixels: Pixels, *, coloured: bool = True
) -> tuple[str, ...]:
    """Canonical caption and other phrasings of one picture; every word is known or measured.

    `coloured` says whether measured colour words may be added to the phrase.
    """
    rng = np.random.default_rng(stable_hash(phrase))
    colours = colour_list(pixels)
    lead = ""
    free = coloured and not has_colour(phrase)
    if free and (word := colour_word(pixels, 0.42)):
        lead = f"{word} "
    main = lead + phrase
    found = [main, article(main), phrase]
    if len(colours) > 1 and free:
        found.append(f"{phrase}, {join(colours[:3])}")
        if kind != "texture":
            found.append(f"{join(colours[:2])} {phrase}")
    words = KIND_WORDS[kind]
    if kind == "texture":
        found += [f"{main} {words[0]}", f"seamless {main} {words[0]}"]
    elif kind in ("creature", "character"):
        if not NOT_MONSTERS.search(phrase):
            found.append(f"{main} {words[int(rng.integers(2))]}")
        found.append(f"pixel art {main}")
    else:
        found += [f"{main} {words[int(rng.integers(2))]}", f"pixel art {main}"]
    if more := hypernym(phrase):
        found.append(f"{lead}{more}" if lead else f"{main}, {more}")
    return unique(found)


def hypernym(phrase: str) -> str:
    """What else the thing may be called, by the last word of its head."""
    entries: dict[str, str] = table("tiles")["hypernyms"]
    head = re.split(r" with | in | of | and |,", phrase)[0]
    return entries.get(head.rpartition(" ")[2], "")


def unique(captions: list[str]) -> tuple[str, ...]:
    """The captions without repeats and stray spaces, in order."""
    return tuple(dict.fromkeys(" ".join(caption.split()) for caption in captions if caption))
