"""Description files: what one asset, or many, should look like.

`read_descriptions` reads NAME.desc.toml (one asset), NAME.descs.toml (`[[asset]]` tables) and
NAME.descs.csv (a header row). Everything wrong in a file is found at once, each problem with its
line, column and repair; `examine` hands out the sound assets of a file beside its problems.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr

from llamavis_studio.core import csv_table
from llamavis_studio.core.errors import DescriptionError
from llamavis_studio.core.fields import (
    Count,
    DescriptionText,
    Name,
    Palette,
    References,
    Seed,
    SizePx,
    Words,
)
from llamavis_studio.core.paths import name_problem
from llamavis_studio.core.recipe import Finish, Kind
from llamavis_studio.core.source import TomlPositions, parse_toml, read_text
from llamavis_studio.core.validation import Problem, check

ONE, MANY_TOML, MANY_CSV = ".desc.toml", ".descs.toml", ".descs.csv"
SUFFIXES = (ONE, MANY_TOML, MANY_CSV)
ONE_LIMIT_BYTES = 64 * 1024
MANY_LIMIT_BYTES = 4 * 1024 * 1024  # several thousand assets in one table
_MOST_PROBLEMS = 1000  # of one file: who has more has one cause, and mends that first

MapName = Literal["base_color", "normal", "roughness", "metallic", "height", "occlusion", "orm"]
_MORE = ("too much is wrong here; the rest was not read", "mend what stands above first")
_FROZEN = ConfigDict(frozen=True, extra="forbid")


class MaterialMaps(BaseModel):
    """Which maps of a material are wanted."""

    model_config = _FROZEN
    maps: Annotated[tuple[MapName, ...], Field(min_length=1, description="Maps to make")] = (
        "base_color",
    )
    normal_strength: Annotated[
        float, Field(strict=True, ge=0, le=16, description="Steepness of the normal map")
    ] = 2.0
    dark_is_high: Annotated[
        StrictBool, Field(description="What is dark stands out, such as mortar that bulges")
    ] = False
    smoothing_px: Annotated[
        float, Field(strict=True, ge=0, le=16, description="Blur of the height, in pixels")
    ] = 0.5
    roughness: Annotated[
        float, Field(strict=True, ge=0, le=1, description="Mean roughness: 0 mirror, 1 chalk")
    ] = 0.8
    roughness_contrast: Annotated[
        float, Field(strict=True, ge=0, le=1, description="How far roughness differs")
    ] = 0.3
    metallic: Annotated[
        float, Field(strict=True, ge=0, le=1, description="0 stone and cloth, 1 bare metal")
    ] = 0.0
    occlusion_strength: Annotated[
        float, Field(strict=True, ge=0, le=4, description="How dark hollows are")
    ] = 1.0


class Clip(BaseModel):
    """One animation of a sprite."""

    model_config = _FROZEN
    frames: Annotated[StrictInt, Field(ge=1, le=64, description="Number of frames")]
    fps: Annotated[float, Field(strict=True, gt=0, le=120, description="Frames a second")] = 8.0
    motion: Annotated[
        StrictStr | None,
        Field(description="A transform of the sprite: bob, step, jump ...; default: by the name"),
    ] = None


class Description(BaseModel):
    """What one asset looks like; unset keys are None and come from the project's rules."""

    model_config = _FROZEN

    description: Annotated[
        DescriptionText, Field(description="What the image shows, in English or Chinese")
    ]
    kind: Annotated[Kind | None, Field(description="What the image is for")] = None
    size: Annotated[
        SizePx | None, Field(description="Width and height of the finished image, in pixels")
    ] = None
    seed: Annotated[
        Seed | None, Field(description="Same seed, same image; default: from the file's path")
    ] = None
    count: Annotated[Count, Field(description="Number of variants: NAME_0.png ...")] = 1
    pick: Annotated[
        StrictInt | None,
        Field(ge=0, description="The variant that was chosen: it alone is built, as NAME.png"),
    ] = None
    style: Annotated[
        StrictStr | None, Field(description="A [style.NAME] table of llamavis.toml")
    ] = None
    negative: Annotated[Words, Field(description="What the image must not show")] = ""
    palette: Annotated[
        Palette | None,
        Field(description='A .hex, .gpl, .pal, .ase or .png file, or a list of "#rrggbb"'),
    ] = None
    references: Annotated[
        References, Field(description="Images whose look the result should keep")
    ] = ()
    backend: Annotated[StrictStr | None, Field(description="Any configured backend")] = None
    finish: Annotated[
        Finish | None, Field(description="Colours, dithering and scaling of the finished image")
    ] = None
    locked: Annotated[
        StrictBool, Field(description="true: never regenerate; hand-painted work stays")
    ] = False
    material: Annotated[MaterialMaps | None, Field(description="Maps of a material")] = None
    animation: Annotated[
        dict[Name, Clip] | None, Field(description="Animations of a sprite, by name")
    ] = None


class NamedDescription(Description):
    """One `[[asset]]` of a file that describes many."""

    name: Annotated[Name, Field(description="The output's name, without .png")]


class DescriptionTable(BaseModel):
    """A NAME.descs.toml file."""

    model_config = _FROZEN
    asset: Annotated[tuple[NamedDescription, ...], Field(description="The described assets")]


@dataclass(frozen=True)
class DescribedAsset:
    """A description, the asset's name, and where it is written."""

    name: str
    description: Description
    source: Path
    line: int

    @property
    def stem(self) -> Path:
        """The output path without variant and extension: beside the description."""
        return self.source.parent / self.name


@dataclass(frozen=True)
class Examined:
    """Everything one description file says: its sound assets and its problems."""

    assets: tuple[DescribedAsset, ...]
    problems: tuple[DescriptionError, ...]

    def sound(self) -> list[DescribedAsset]:
        """The assets, when nothing is wrong; raises the problems as one DescriptionError."""
        if self.problems:
            first, *others = self.problems
            first.others = tuple(others)
            raise first
        return list(self.assets)


def is_description_file(name: str) -> bool:
    """Whether a file name is that of a description file."""
    return name.endswith(SUFFIXES)


def read_descriptions(path: Path, root: Path | None = None) -> list[DescribedAsset]:
    """All assets a file describes; raises DescriptionError whose `problems` are all of them.

    `root` is accepted for callers that hold one; positions and errors name `path` as given.
    """
    return examine(path).sound()


def examine(path: Path) -> Examined:
    """Read a description file, keeping what is sound of it; never raises for its contents."""
    limit = ONE_LIMIT_BYTES if path.name.endswith(ONE) else MANY_LIMIT_BYTES
    try:
        return examine_text(path, read_text(path, limit, DescriptionError))
    except DescriptionError as error:
        return Examined((), (error,))


def examine_text(path: Path, text: str) -> Examined:
    """`examine` for a text that is, or is to become, the file at `path`."""
    readers = {ONE: _examine_one, MANY_TOML: _examine_many, MANY_CSV: _examine_csv}
    for suffix, reader in readers.items():
        if path.name.endswith(suffix):
            try:
                found = reader(path, text)
            except DescriptionError as error:
                return Examined((), (error,))
            in_order = sorted(found.problems, key=lambda error: (error.line, error.column))
            return Examined(found.assets, tuple(in_order))
    hint = f"description files end in {', '.join(SUFFIXES)}"
    return Examined((), (DescriptionError("this is not a description file", hint, path),))


def description_from(values: Mapping[str, Any]) -> Description:
    """A description from plain values, as a form gives them; raises DescriptionError."""
    checked = check(Description, values)
    if isinstance(checked, Description):
        return checked
    first, *others = [DescriptionError(problem.message, problem.hint) for problem in checked]
    first.others = tuple(others)
    raise first


def locate(path: Path, name: str, key: str) -> tuple[int, int]:
    """Line and column of a key's value in the asset `name`; its own place when it is absent.

    For problems that only show when the project is known, such as a style that does not exist.
    """
    if path.name.endswith(MANY_CSV):
        return csv_table.locate(read_text(path, MANY_LIMIT_BYTES, DescriptionError), name, key)
    text = read_text(path, MANY_LIMIT_BYTES, DescriptionError)
    positions, indexes = _positions(text)
    if path.name.endswith(ONE):
        return positions.value((key,))
    return positions.value(("asset", indexes[name], key)) if name in indexes else (1, 1)


@lru_cache(maxsize=1)  # thousands of assets may have a problem, one file after the other
def _positions(text: str) -> tuple[TomlPositions, dict[str, int]]:
    """Where the keys of a TOML text stand, and the index of each named asset in it."""
    tables = parse_toml(text, Path(), DescriptionError).get("asset", [])
    indexes: dict[str, int] = {}
    for index, table in enumerate(tables if isinstance(tables, list) else ()):
        if isinstance(table, dict) and isinstance(table.get("name"), str):
            indexes.setdefault(table["name"], index)
    return TomlPositions(text), indexes


def _examine_one(path: Path, text: str) -> Examined:
    name = path.name.removesuffix(ONE)
    complaint = name_problem(name)
    if complaint is not None:
        raise DescriptionError(complaint, "rename the file", path)
    values = parse_toml(text, path, DescriptionError)
    checked = check(Description, values)
    if isinstance(checked, Description):
        match = re.search(r"^[ \t]*description[ \t]*=", text, re.MULTILINE)
        line = text.count("\n", 0, match.start()) + 1 if match else 1
        return Examined((DescribedAsset(name, checked, path, line),), ())
    positions = TomlPositions(text)
    return Examined((), tuple(_located(problem, path, positions) for problem in checked))


def _examine_many(path: Path, text: str) -> Examined:
    values = parse_toml(text, path, DescriptionError)
    tables = values.get("asset")
    positions = TomlPositions(text)
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        line, column = positions.key(("asset",))
        hint = 'begin each asset with [[asset]] and name = "..."'
        raise DescriptionError("there is no [[asset]] in this file", hint, path, line, column)
    problems = []
    for key in values:
        if key != "asset":
            line, column = positions.key((key,))
            hint = "each asset's keys stand below its [[asset]]"
            problems.append(DescriptionError(f"unknown key '{key}'", hint, path, line, column))
    assets = []
    lines: dict[str, int] = {}
    for index, table in enumerate(tables):
        place: tuple[str | int, ...] = ("asset", index)
        if len(problems) >= _MOST_PROBLEMS:
            problems.append(DescriptionError(*_MORE, path, *positions.key(place)))
            break
        checked = check(NamedDescription, table)
        if not isinstance(checked, NamedDescription):
            problems += [_located(problem, path, positions, place) for problem in checked]
            continue
        line, _ = positions.key(place)
        wrong = _name_trouble(checked.name, line, lines)
        if wrong is not None:
            line, column = positions.value((*place, "name"))
            problems.append(DescriptionError(*wrong, path, line, column))
            continue
        assets.append(DescribedAsset(checked.name, _unnamed(checked), path, line))
    return Examined(tuple(assets), tuple(problems))


def _examine_csv(path: Path, text: str) -> Examined:
    rows, problems = csv_table.read_rows(text, path, tuple(NamedDescription.model_fields))
    assets = []
    lines: dict[str, int] = {}
    for row in rows:
        if len(problems) >= _MOST_PROBLEMS:
            problems.append(DescriptionError(*_MORE, path, row.line, 1))
            break
        values, wrong = row.values()
        checked = check(NamedDescription, values)
        found = list(checked) if not isinstance(checked, NamedDescription) else []
        # A field that could not be converted has its own, clearer complaint.
        unclear = {problem.location[0] for problem in wrong}
        found = wrong + [problem for problem in found if problem.location[0] not in unclear]
        if isinstance(checked, NamedDescription) and not wrong:
            trouble = _name_trouble(checked.name, row.line, lines)
            if trouble is None:
                assets.append(DescribedAsset(checked.name, _unnamed(checked), path, row.line))
                continue
            found = [Problem(("name",), *trouble)]
        for problem in found:
            line, column = row.position(str(problem.location[0]))
            problems.append(DescriptionError(problem.message, problem.hint, path, line, column))
    return Examined(tuple(assets), tuple(problems))


def _name_trouble(name: str, line: int, lines: dict[str, int]) -> tuple[str, str] | None:
    """Message and hint when `name` cannot be used; else it is noted in `lines`."""
    complaint = name_problem(name)
    if complaint is not None:
        return complaint, "choose another name"
    folded = name.casefold()
    if folded in lines:
        message = f"the name '{name}' is used twice, first in line {lines[folded]}"
        return message, "give each asset its own name"
    lines[folded] = line
    return None


def _unnamed(named: NamedDescription) -> Description:
    # model_construct skips a second validation of values that were just checked.
    values = {key: getattr(named, key) for key in Description.model_fields}
    return Description.model_construct(_fields_set=named.model_fields_set - {"name"}, **values)


def _located(
    problem: Problem,
    path: Path,
    positions: TomlPositions,
    prefix: tuple[str | int, ...] = (),
) -> DescriptionError:
    location = (*prefix, *problem.location)
    find = positions.key if problem.at_key else positions.value
    line, column = find(location)
    return DescriptionError(problem.message, problem.hint, path, line, column)
