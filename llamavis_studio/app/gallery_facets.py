"""What the library can be narrowed by, as rows: the menus of the gallery are drawn from them.

Each choice is a word of the query (`kind:sprite`). Kinds, tags and colours are those that the
library has, with how many pictures there are; states come from the plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP


@dataclass(frozen=True)
class Choice:
    """One entry of a menu: the word it stands for, and how it looks.

    `label` is English and translated when shown, unless it is the library's own (`is_own`), such as
    a tag. `count` is None where it is not known. `rgb` is 0xRRGGBB of a swatch.
    """

    field: str
    value: str
    label: str
    icon: str = ""
    count: int | None = None
    rgb: int | None = None
    is_own: bool = False


@dataclass(frozen=True)
class Facet:
    """One menu. `is_either`: two choices mean one or the other, as an image has one kind; else an
    image must have both, as it may have many tags.
    """

    name: str
    label: str
    icon: str
    fixed: tuple[Choice, ...] = ()
    is_either: bool = False


def _choices(field: str, *rows: tuple[str, str, str]) -> tuple[Choice, ...]:
    return tuple(Choice(field, value, label, icon) for value, label, icon in rows)


KINDS = _choices(
    "kind",
    ("sprite", str(QT_TRANSLATE_NOOP("FacetChips", "Sprites")), "sprite"),
    ("texture", str(QT_TRANSLATE_NOOP("FacetChips", "Textures")), "texture"),
    ("sheet", str(QT_TRANSLATE_NOOP("FacetChips", "Sheets")), "sheet"),
    ("material", str(QT_TRANSLATE_NOOP("FacetChips", "Materials")), "texture"),
    ("character", str(QT_TRANSLATE_NOOP("FacetChips", "Characters")), "sprite"),
    ("item", str(QT_TRANSLATE_NOOP("FacetChips", "Items")), "sprite"),
    ("background", str(QT_TRANSLATE_NOOP("FacetChips", "Backgrounds")), "image"),
    ("creature", str(QT_TRANSLATE_NOOP("FacetChips", "Creatures")), "sprite"),
    ("feature", str(QT_TRANSLATE_NOOP("FacetChips", "Map features")), "image"),
    ("effect", str(QT_TRANSLATE_NOOP("FacetChips", "Effects")), "image"),
    ("object", str(QT_TRANSLATE_NOOP("FacetChips", "Objects")), "image"),
    ("icon", str(QT_TRANSLATE_NOOP("FacetChips", "Icons")), "image"),
    ("animation", str(QT_TRANSLATE_NOOP("FacetChips", "Animations")), "play"),
    ("photo", str(QT_TRANSLATE_NOOP("FacetChips", "Photographs")), "image"),
    ("base_color", str(QT_TRANSLATE_NOOP("FacetChips", "Base colour maps")), "texture"),
    ("normal", str(QT_TRANSLATE_NOOP("FacetChips", "Normal maps")), "texture"),
    ("roughness", str(QT_TRANSLATE_NOOP("FacetChips", "Roughness maps")), "texture"),
    ("metallic", str(QT_TRANSLATE_NOOP("FacetChips", "Metallic maps")), "texture"),
    ("height", str(QT_TRANSLATE_NOOP("FacetChips", "Height maps")), "texture"),
    ("occlusion", str(QT_TRANSLATE_NOOP("FacetChips", "Occlusion maps")), "texture"),
    ("orm", str(QT_TRANSLATE_NOOP("FacetChips", "ORM maps")), "texture"),
    ("emissive", str(QT_TRANSLATE_NOOP("FacetChips", "Emissive maps")), "texture"),
)
_USUAL_KINDS = 7
"""Of `KINDS`: offered before the library has been counted."""
STATES = _choices(
    "state",
    ("fresh", str(QT_TRANSLATE_NOOP("FacetChips", "Up to date")), "check"),
    ("stale", str(QT_TRANSLATE_NOOP("FacetChips", "Stale")), "stale"),
    ("missing", str(QT_TRANSLATE_NOOP("FacetChips", "Missing")), "missing"),
    ("edited", str(QT_TRANSLATE_NOOP("FacetChips", "Painted by hand")), "brush"),
    ("locked", str(QT_TRANSLATE_NOOP("FacetChips", "Locked")), "lock"),
    ("failed", str(QT_TRANSLATE_NOOP("FacetChips", "Failed")), "fail"),
    ("unmanaged", str(QT_TRANSLATE_NOOP("FacetChips", "In the way of a description")), "info"),
)
MORE = (
    Choice("used", "no", str(QT_TRANSLATE_NOOP("FacetChips", "Not used in the game")), "eye"),
    *_choices(
        "is",
        ("untagged", str(QT_TRANSLATE_NOOP("FacetChips", "Without tags")), "tag"),
        ("guess", str(QT_TRANSLATE_NOOP("FacetChips", "Words are a guess")), "info"),
        ("duplicate", str(QT_TRANSLATE_NOOP("FacetChips", "There twice")), "copy"),
        ("lookalike", str(QT_TRANSLATE_NOOP("FacetChips", "Looks like another")), "compare"),
        ("tileable", str(QT_TRANSLATE_NOOP("FacetChips", "Tiles without a seam")), "tile"),
        ("transparent", str(QT_TRANSLATE_NOOP("FacetChips", "With clear pixels")), "grid"),
        ("pixelart", str(QT_TRANSLATE_NOOP("FacetChips", "Pixel art")), "sprite"),
        ("animated", str(QT_TRANSLATE_NOOP("FacetChips", "Animated")), "play"),
        ("missing", str(QT_TRANSLATE_NOOP("FacetChips", "File is gone")), "missing"),
        ("broken", str(QT_TRANSLATE_NOOP("FacetChips", "Cannot be read")), "fail"),
    ),
)
COLOURS = {
    "red": str(QT_TRANSLATE_NOOP("FacetChips", "Red")),
    "orange": str(QT_TRANSLATE_NOOP("FacetChips", "Orange")),
    "yellow": str(QT_TRANSLATE_NOOP("FacetChips", "Yellow")),
    "green": str(QT_TRANSLATE_NOOP("FacetChips", "Green")),
    "teal": str(QT_TRANSLATE_NOOP("FacetChips", "Teal")),
    "blue": str(QT_TRANSLATE_NOOP("FacetChips", "Blue")),
    "purple": str(QT_TRANSLATE_NOOP("FacetChips", "Purple")),
    "pink": str(QT_TRANSLATE_NOOP("FacetChips", "Pink")),
    "brown": str(QT_TRANSLATE_NOOP("FacetChips", "Brown")),
    "beige": str(QT_TRANSLATE_NOOP("FacetChips", "Beige")),
    "black": str(QT_TRANSLATE_NOOP("FacetChips", "Black")),
    "gray": str(QT_TRANSLATE_NOOP("FacetChips", "Grey")),
    "white": str(QT_TRANSLATE_NOOP("FacetChips", "White")),
}
"""Names of colours for those that the library counts."""

FACETS = (
    Facet("kind", str(QT_TRANSLATE_NOOP("FacetChips", "Kind")), "image", is_either=True),
    Facet("tag", str(QT_TRANSLATE_NOOP("FacetChips", "Tags")), "tag"),
    Facet("state", str(QT_TRANSLATE_NOOP("FacetChips", "State")), "stale", STATES, is_either=True),
    Facet("color", str(QT_TRANSLATE_NOOP("FacetChips", "Colour")), "brush"),
    Facet("more", str(QT_TRANSLATE_NOOP("FacetChips", "More")), "plus", MORE),
)


def kind_choices(counts: Mapping[str, int]) -> tuple[Choice, ...]:
    """The kinds there are, the commonest first; the usual ones while nothing was counted."""
    known = {one.value: one for one in KINDS}
    if not counts:
        return KINDS[:_USUAL_KINDS]
    found = []
    for kind, count in counts.items():
        row = known.get(kind)
        label, icon, is_own = (row.label, row.icon, False) if row else (kind, "image", True)
        found.append(Choice("kind", kind, label, icon, count, is_own=is_own))
    return tuple(found)


def tag_choices(counts: Mapping[str, int]) -> tuple[Choice, ...]:
    """Tags, the commonest first."""
    return tuple(Choice("tag", tag, tag, "", n, is_own=True) for tag, n in counts.items())


def colour_choices(counts: Sequence[tuple[str, int, int]]) -> tuple[Choice, ...]:
    """Colours as (name, 0xRRGGBB, count)."""
    return tuple(
        Choice("color", name, COLOURS.get(name, name), "", count, rgb, name not in COLOURS)
        for name, rgb, count in counts
    )


def state_choices(counts: Mapping[str, int]) -> tuple[Choice, ...]:
    """The states, with how many images the plan has in each."""
    return tuple(
        Choice(one.field, one.value, one.label, one.icon, counts.get(one.value)) for one in STATES
    )
