"""The word tables of the training data (`resources/training/*.toml`) and small English helpers."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from llamavis_studio.model.colour_names import NAMES, shares
from llamavis_studio.model.train.colours import Pixels, dominant, shade

# Words that already tell a colour, so that measured ones are not added beside them.
COLOUR_WORDS = frozenset({
    *NAMES, "golden", "gold", "silver", "bronze", "cyan", "magenta", "turquoise", "dark", "pale",
    "light", "rainbow", "blond", "blonde", "emerald", "ruby", "beige", "lightning", "scarlet",
    "colourful", "coloured", "icy", "mossy", "bloody", "fiery", "sky", "crimson", "violet",
})  # fmt: skip


def table_dir() -> Path:
    """Where the word tables lie: in the package of a wheel, else at the root of the checkout."""
    package = Path(__file__).resolve().parents[2]
    for root in (package / "_resources", package.parent / "resources"):
        if (root / "training").is_dir():
            return root / "training"
    raise FileNotFoundError("resources/training with the word tables is missing")


@cache
def table(name: str) -> dict[str, Any]:
    """One word table, for example `table("parts")` for resources/training/parts.toml."""
    return tomllib.loads((table_dir() / f"{name}.toml").read_text(encoding="utf-8"))


def article(phrase: str) -> str:
    """The phrase with `a` or `an` before it, or as it is when it is plural or a mass."""
    head = phrase.split(" with ")[0].split(" of ")[0]
    last = head.rsplit(" ", 1)[-1]
    if last.endswith("s") and not last.endswith(("ss", "us", "octopus", "chess", "ous")):
        return phrase
    if last in MASS:
        return phrase
    return ("an " if re.match(r"[aeio]|u(?!ni|se)", phrase) else "a ") + phrase


MASS = frozenset({
    "armour", "hair", "mail", "grass", "water", "lava", "sand", "mud", "moss", "dirt", "ground",
    "ice", "fire", "smoke", "magma", "fungus", "bread", "meat", "beef", "gold", "debris", "salt",
    "clothing", "food", "cheese", "bacon", "rice", "mist", "wind", "trash", "rain", "darkness",
    "contamination", "light", "garlic", "ginger", "popcorn", "snow", "straw", "gravel", "earth",
})  # fmt: skip


def join(parts: Sequence[str]) -> str:
    """Words joined in English: `a`, `a and b`, `a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return ", ".join(parts[:-1]) + " and " + parts[-1]


def has_colour(phrase: str) -> bool:
    """Whether the phrase already names a colour."""
    return any(word in COLOUR_WORDS for word in re.split(r"[^a-z]+", phrase))


def colour_word(pixels: Pixels, least: float = 0.0) -> str:
    """The main colour with `dark` or `pale` where it is true, empty below the share `least`."""
    found = shares(pixels)
    if not found:
        return ""
    word, share = next(iter(found.items()))
    if share < least:
        return ""
    tone = shade(pixels, word)
    return f"{tone} {word}".strip() if share >= 0.4 else word


def colour_list(pixels: Pixels) -> tuple[str, ...]:
    """The measured colour words of a picture, largest share first."""
    return dominant(pixels)
