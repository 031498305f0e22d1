"""Tiles with their names: creatures, items, features, effects and textures, and the body parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from llamavis_studio.model.colour_names import NAMES
from llamavis_studio.model.train.colours import Pixels, accent
from llamavis_studio.model.train.sources import fit, read_rows
from llamavis_studio.model.train.words import colour_word, table

ACCENTED = ("potion", "gem", "gizmo")  # their colour is what is not glass or metal
PEOPLE = re.compile(
    r"\b(man|woman|men|human|elf|dwarf|halfling|gnome|wizard|mage|knight|warrior|priest|archer|thief"
    r"|sorcerer|necromancer|witch|vampire|barbarian|king|queen|champion|arcanist|occultist|monk"
    r"|warlock|druid|berserker|goblin|orc|kobold|gnoll|merfolk|hierophant|demonologist|conjurer"
    r"|fighter|summoner|annihilator|blademaster|spriggan|myrmidon|beastmaster|servant|clown|claus)\b"
)
NOT_PEOPLE = re.compile(r"zombie|undead|ghostly|skeleton|ice |shadow|statue|body|centaur|spirit")
WHOLE_PARTS = ("transform", "felids")  # body-part folders that hold whole figures


@dataclass(frozen=True)
class Tile:
    """One named picture on the 32 px grid."""

    name: str  # the cleaned phrase, without measured colours: variants of one thing share it
    phrase: str
    kind: str
    category: str
    family: str  # numbered variants of one drawing share it
    pixels: Pixels
    tileable: bool = False


def read_tiles(data_dir: Path) -> tuple[list[Tile], dict[str, dict[str, list[Pixels]]]]:
    """All usable tiles, and the body parts as category -> file stem -> pictures."""
    tiles: list[Tile] = []
    parts: dict[str, dict[str, list[Pixels]]] = {}
    for row in read_rows(data_dir, "tiles"):
        fields = row.fields
        pixels = fit(row.pixels)
        if pixels is None or (pixels[..., 3] > 0).sum() < 20:
            if pixels is None or fields["kind"] != "part":
                continue
        stem = PurePosixPath(fields["path"]).stem
        if fields["kind"] == "part" and fields["category"] not in WHOLE_PARTS:
            parts.setdefault(fields["category"], {}).setdefault(stem, []).append(pixels)
            continue
        phrase = phrase_of(fields, stem)
        if not phrase:
            continue
        name = " ".join(phrase.replace("{c}", "").split())
        if "{c}" in phrase:
            measured = accent if fields["category"] in ACCENTED else colour_word
            phrase = " ".join(phrase.replace("{c}", measured(pixels)).split())
        kind = "creature" if fields["kind"] == "part" else fields["kind"]
        if kind == "creature" and fields["kind"] != "part":
            if PEOPLE.search(phrase) and not NOT_PEOPLE.search(phrase):
                kind = "character"
        opaque = bool((pixels[..., 3] > 200).all())
        if kind == "texture" and (pixels[..., 3] > 200).mean() < 0.6:
            continue
        seam = not re.search(r"edge|yellow line|launcher", phrase)
        tiles.append(
            Tile(
                name, phrase, kind, fields["category"], fields["name"], pixels,
                tileable=kind == "texture" and opaque and seam,
            )
        )  # fmt: skip
    return tiles, parts


def phrase_of(fields: dict[str, Any], stem: str) -> str:
    """The clean phrase of one tile, possibly with `{c}`; empty for a tile that says nothing."""
    words = table("tiles")
    category, sub = fields["category"], "/".join(fields["sub"])
    if fields["kind"] == "part":
        if category == "felids":
            return "cat"
        transforms: dict[str, str] = table("parts")["transform"]
        return transforms.get(stem, "")
    raw = clean(fields["name"])
    if category in words["drop_categories"]:
        return ""
    if any(re.search(pattern, raw) for pattern in words["drop_patterns"]):
        return ""
    name = rewrite(raw)
    for key in (raw, name):
        if (found := words["names"].get(f"{category}/{key}")) is not None:
            return str(found)
        for pattern, phrase in words["patterns"].items():
            if hit := re.fullmatch(pattern, f"{category}/{key}"):
                return hit.expand(phrase)
    if category == "unique":
        return name if "{c}" in name else ""
    name = colour_first(name)
    for key in (f"{category}/{sub}", category):
        if key in words["templates"]:
            return str(words["templates"][key]).replace("{n}", name)
    return name


def clean(name: str) -> str:
    """A file name's words: lower case, no digits and punctuation."""
    return " ".join(re.sub(r"[^a-z]+", " ", name.lower()).split())


def rewrite(name: str) -> str:
    """The name after the table's replacements, in their order."""
    for rule in table("tiles")["replace"]:
        name = " ".join(re.sub(rule["from"], rule["to"], name).split())
    return name


def colour_first(name: str) -> str:
    """`boots green` as `green boots`; `dark green` stays."""
    if re.match(r"(dark|light|pale|plain|sky|deep|brilliant|purple|red) \w+$", name):
        return name
    return re.sub(rf"^(.+?) ((?:light |dark )?(?:{'|'.join(NAMES)}))$", r"\2 \1", name)


def iter_kind(tiles: list[Tile], kind: str) -> Iterator[Tile]:
    """The tiles of one kind, in order."""
    return (tile for tile in tiles if tile.kind == kind)
