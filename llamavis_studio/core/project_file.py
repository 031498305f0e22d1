"""llamavis.toml: what it may say, and reading it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictStr

from llamavis_studio.core.errors import ProjectError, did_you_mean
from llamavis_studio.core.fields import Name, Palette, References, Words
from llamavis_studio.core.recipe import Finish, Kind
from llamavis_studio.core.settings import Settings
from llamavis_studio.core.source import Location, TomlPositions, parse_toml, read_text
from llamavis_studio.core.validation import check, complaint

PROJECT_FILE = "llamavis.toml"
LIMIT_BYTES = 256 * 1024
_DEEPEST = 32  # styles above a style
CAPTION_FIELDS = ("caption", "tags", "kind", "name")
Tag = Annotated[StrictStr, Field(min_length=1, max_length=200)]
_FROZEN = ConfigDict(frozen=True, extra="forbid")


def _pattern(value: str) -> str:
    if value.startswith("/") or re.match(r"[A-Za-z]:", value) or "\\" in value:
        raise complaint(
            f"'{value}' is not a pattern inside the project", 'such as path = "tiles/**"'
        )
    if ".." in value.split("/"):
        raise complaint(f"'{value}' leaves the project", 'such as path = "tiles/**"')
    return value


def _template(value: str) -> str:
    for field in re.findall(r"\{([^{}]*)\}", value):
        if field not in CAPTION_FIELDS:
            raise complaint(
                f"a caption has no '{{{field}}}'", did_you_mean(field, CAPTION_FIELDS, "fields")
            )
    return value


class ProjectTable(BaseModel):
    """The [project] table."""

    model_config = _FROZEN
    name: Annotated[StrictStr, Field(max_length=200, description="The game's name")] = ""
    backend: Annotated[
        StrictStr, Field(min_length=1, description="What makes the images unless said otherwise")
    ] = "builtin"


class FolderRule(BaseModel):
    """A [[folder]]: defaults for the descriptions in some folders; later rules win."""

    model_config = _FROZEN
    path: Annotated[
        StrictStr,
        Field(min_length=1, description="Folders and files, such as tiles/** (** any depth)"),
        AfterValidator(_pattern),
    ]
    kind: Annotated[Kind | None, Field(description="Kind of the images there")] = None
    style: Annotated[StrictStr | None, Field(description="A [style.NAME] table")] = None

    def matches(self, relative: str) -> bool:
        """Whether a project-relative path with forward slashes falls under the rule."""
        return _glob(self.path).fullmatch(relative) is not None


class Style(BaseModel):
    """A [style.NAME] table: what its descriptions have in common."""

    model_config = _FROZEN
    prefix: Annotated[Words, Field(description="Words before each description")] = ""
    suffix: Annotated[Words, Field(description="Words after each description")] = ""
    negative: Annotated[Words, Field(description="What the images must not show")] = ""
    palette: Annotated[
        Palette | None, Field(description="Palette file, [palettes] name or colours")
    ] = None
    references: Annotated[References, Field(description="Images whose look to keep")] = ()
    backend: Annotated[StrictStr | None, Field(description="Any configured backend")] = None
    finish: Annotated[
        Finish | None, Field(description="Colours, dithering and scaling of finished images")
    ] = None
    adapter: Annotated[
        StrictStr | None,
        Field(min_length=1, description="A file of llamavis train --style, from the root"),
    ] = None
    inherits: Annotated[
        StrictStr | None, Field(description="Another style whose values hold where none is set")
    ] = None


ExportFormat = Literal["aseprite", "texturepacker", "tiled", "godot", "atlas"]


class Export(BaseModel):
    """The [export] table."""

    model_config = _FROZEN
    formats: Annotated[
        tuple[ExportFormat, ...],
        Field(description="What to write for engines and editors"),
    ] = ()
    folder: Annotated[StrictStr, Field(description="Where to, inside the project")] = "export"


class LibraryTable(BaseModel):
    """The [library] table: what captions and tags models may give."""

    model_config = _FROZEN
    exclude_tags: Annotated[
        tuple[Tag, ...],
        Field(max_length=10_000, description="Tags that no model and no file name gives"),
    ] = ()
    rename_tags: Annotated[
        dict[Tag, Tag], Field(description="Tags that models give under another name")
    ] = {}
    caption_prefix: Annotated[
        StrictStr, Field(max_length=500, description="Words before each caption of a model")
    ] = ""
    caption_template: Annotated[
        StrictStr,
        Field(
            max_length=500,
            description="Captions of models: {caption}, {tags}, {kind} and {name} are filled in",
        ),
        AfterValidator(_template),
    ] = "{caption}"


class ProjectFile(BaseModel):
    """A llamavis.toml at a project's root."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True)
    project: Annotated[ProjectTable, Field(description="Name and default backend")] = ProjectTable()
    folder: Annotated[tuple[FolderRule, ...], Field(description="Defaults by folder")] = ()
    style: Annotated[dict[Name, Style], Field(description="Looks that assets share")] = {}
    palettes: Annotated[dict[Name, Palette], Field(description="Palettes by name")] = {}
    export: Annotated[Export | None, Field(description="Files for engines and editors")] = None
    library: Annotated[LibraryTable, Field(description="Captions and tags of the library")] = (
        LibraryTable()
    )
    settings: Annotated[Settings, Field(description="Settings of everyone here")] = Settings()


def read_project_file(path: Path) -> ProjectFile:
    """Read llamavis.toml; raises ProjectError whose `problems` are all that is wrong."""
    text = read_text(path, LIMIT_BYTES, ProjectError)
    values = parse_toml(text, path, ProjectError)
    checked = check(ProjectFile, values)
    found: list[tuple[Location, str, str, bool]]
    if isinstance(checked, ProjectFile):
        found = [(*wrong, False) for wrong in _unknown_styles(checked)]
        if not found:
            return checked
    else:
        found = [
            (problem.location, problem.message, problem.hint, problem.at_key) for problem in checked
        ]
    positions = TomlPositions(text)
    errors = []
    for location, message, hint, at_key in found:
        line, column = positions.key(location) if at_key else positions.value(location)
        errors.append(ProjectError(message, hint, path, line, column))
    first, *others = errors
    first.others = tuple(others)
    raise first


def settings_given(path: Path) -> dict[str, Any]:
    """The [settings] a valid llamavis.toml really names, without the defaults."""
    values = parse_toml(read_text(path, LIMIT_BYTES, ProjectError), path, ProjectError)
    return dict(values.get("settings", {}))


def _unknown_styles(file: ProjectFile) -> list[tuple[Location, str, str]]:
    problems: list[tuple[Location, str, str]] = []
    for index, rule in enumerate(file.folder):
        if rule.style is not None and rule.style not in file.style:
            hint = did_you_mean(rule.style, file.style, "styles")
            problems.append((("folder", index, "style"), f"no style '{rule.style}'", hint))
    for name, style in file.style.items():
        place = ("style", name, "inherits")
        seen = [name]
        while style.inherits is not None:
            if style.inherits in seen:
                circle = " -> ".join([*seen, style.inherits])
                hint = "end the circle: one style must not inherit"
                problems.append((place, f"styles inherit in a circle: {circle}", hint))
                break
            if style.inherits not in file.style:
                if len(seen) == 1:  # further up, the parent has the same problem
                    hint = did_you_mean(style.inherits, file.style, "styles")
                    problems.append((place, f"no style '{style.inherits}'", hint))
                break
            if len(seen) > _DEEPEST:
                hint = "let it inherit from one nearer to the first"
                problems.append((place, f"styles inherit more than {_DEEPEST} deep", hint))
                break
            seen.append(style.inherits)
            style = file.style[style.inherits]
    return problems


_GLOBS: dict[str, re.Pattern[str]] = {}


def _glob(pattern: str) -> re.Pattern[str]:
    """`**` spans folders, `*` and `?` stay inside one name; a plain folder means all in it."""
    if pattern not in _GLOBS:
        regex = ""
        for part in re.split(r"(\*\*/|\*\*|\*|\?)", pattern.rstrip("/")):
            regex += {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(
                part, re.escape(part)
            )
        if not re.search(r"[*?]", pattern.rstrip("/").rpartition("/")[2]):
            regex += "(?:/.*)?"
        _GLOBS[pattern] = re.compile(regex, re.DOTALL)
    return _GLOBS[pattern]
