"""A project: a folder with a llamavis.toml, its rules, and safe paths inside it."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llamavis_studio.core.description import (
    DescribedAsset,
    is_description_file,
    locate,
)
from llamavis_studio.core.errors import DescriptionError, ProjectError, did_you_mean
from llamavis_studio.core.hashing import derived_seed
from llamavis_studio.core.paths import join_inside
from llamavis_studio.core.project_file import (
    LIMIT_BYTES,
    PROJECT_FILE,
    ProjectFile,
    Style,
    read_project_file,
    settings_given,
)
from llamavis_studio.core.recipe import Finish, Kind, Recipe, recipe_for
from llamavis_studio.core.resources import resource_path
from llamavis_studio.core.source import TomlPositions, read_text
from llamavis_studio.core.write import staged_beside

STATE_FOLDER = ".llamavis"


@dataclass(frozen=True)
class ResolvedAsset:
    """A description with every rule of the project applied: all that a request needs.

    `palette` is a file inside the project, a tuple of "#rrggbb", or None for free colours.
    `prompt` has the style's prefix and suffix around the description's own words.
    """

    asset: DescribedAsset
    kind: Kind
    recipe: Recipe
    size_px: tuple[int, int]
    seed: int
    prompt: str
    negative: str
    palette: Path | tuple[str, ...] | None
    references: tuple[Path, ...]
    backend: str
    adapter: Path | None
    outputs: tuple[Path, ...]
    first_variant: int = 0
    """The number of the first output's variant; above 0 where one was picked."""


class Project:
    """An open project; it holds what llamavis.toml said when it was opened."""

    def __init__(self, root: Path, file: ProjectFile, settings: dict[str, Any]) -> None:
        self.root = root
        self._prefix = os.path.join(root, "")
        self.file = file
        self.settings = settings
        """The [settings] the project really names."""

    @classmethod
    def open(cls, path: Path | str) -> Project:
        """Open the project that `path` (a folder or file) lies in; raises ProjectError."""
        start = Path(os.path.realpath(path))
        if not start.exists():
            raise ProjectError("there is no such folder", "check its name", Path(path))
        for folder in (start, *start.parents):
            candidate = folder / PROJECT_FILE
            if candidate.exists():
                file = read_project_file(candidate)
                return cls(folder, file, settings_given(candidate))
        # Where files are already, only the project file is added.
        is_filled = False
        with contextlib.suppress(OSError):
            is_filled = bool(os.listdir(start))
        raise ProjectError(
            f"there is no {PROJECT_FILE} here or in a folder above",
            f"make a project with: llamavis new {'--minimal ' if is_filled else ''}{Path(path)}",
            Path(path),
        )

    @property
    def name(self) -> str:
        """The game's name; the folder's name when none is set."""
        return self.file.project.name or self.root.name

    @property
    def config_path(self) -> Path:
        """The project's llamavis.toml."""
        return self.root / PROJECT_FILE

    @property
    def backend(self) -> str:
        """The backend of descriptions that name none."""
        return self.file.project.backend

    @property
    def styles(self) -> dict[str, Style]:
        """The [style.NAME] tables as written, without what they inherit."""
        return dict(self.file.style)

    @property
    def state_dir(self) -> Path:
        """Where the studio keeps what it can make again; may not exist yet."""
        return self.root / STATE_FOLDER

    def has_own(self, path: Path) -> bool:
        """Whether a file of the state folder is there and reached without a link."""
        return path.is_file() and not path.is_symlink() and not self.state_dir.is_symlink()

    def make_state_dir(self) -> Path:
        """The state folder, made when missing and kept out of git; raises ProjectError.

        It holds the JSON Schemas that `#:schema` lines name, those of this version of the studio.
        """
        schemas = self.state_dir / "schema"
        for folder in (self.state_dir, schemas):
            if folder.is_symlink():  # it came with somebody's repository, and may lead anywhere
                raise ProjectError(
                    "a link stands where the studio keeps its own files", "remove it", folder
                )
        try:
            self.state_dir.mkdir(exist_ok=True)
            _write_own(self.state_dir / ".gitignore", b"*\n")
            schemas.mkdir(exist_ok=True)
            for shipped in resource_path("schema").glob("*.json"):
                _write_own(schemas / shipped.name, shipped.read_bytes())
        except OSError as cause:
            raise ProjectError(
                f"the folder cannot be made: {cause.strerror or cause}",
                "give yourself permission to write in the project",
                self.state_dir,
            ) from cause
        return self.state_dir

    def relative(self, path: Path) -> str:
        """A path inside the project as events and provenance name it: forward slashes.

        Raises ValueError for a path outside.
        """
        text = str(path)
        # A plan asks this several times for each asset, and pathlib takes 20 us for an answer.
        if text.startswith(self._prefix):
            return text[len(self._prefix) :].replace(os.sep, "/")
        return path.relative_to(self.root).as_posix()

    def safe_join(self, relative: str, near: Path | None = None) -> Path:
        """A path inside the project; raises ProjectError for any that could lead outside."""
        return join_inside(self.root, relative, near)

    def find_file(self, relative: str, near: Path) -> Path:
        """A file that a description in the folder `near` names: beside it, else from the root.

        Raises ProjectError when it leads outside or does not exist.
        """
        beside: Path | None = None
        try:
            beside = self.safe_join(relative, near)
            if beside.is_file():
                return beside
        except ProjectError:
            if near == self.root:
                raise
        from_root = self.safe_join(relative)
        if from_root.is_file():
            return from_root
        raise ProjectError(
            f"the file '{relative}' does not exist",
            "name it from the description's folder or from the project's root",
        )

    def folder_kind(self, path: Path) -> Kind | None:
        """The kind that the folder rules give a description file; later rules win."""
        relative = self.relative(path)
        kinds = [rule.kind for rule in self.file.folder if rule.kind and rule.matches(relative)]
        return kinds[-1] if kinds else None

    def folder_style(self, path: Path) -> str | None:
        """The style that the folder rules give a description file; later rules win."""
        relative = self.relative(path)
        found = [rule.style for rule in self.file.folder if rule.style and rule.matches(relative)]
        return found[-1] if found else None

    def style(self, name: str) -> Style:
        """A style with what it inherits filled in; raises ProjectError for an unknown one."""
        if name not in self.file.style:
            raise ProjectError(
                f"there is no style '{name}' in {PROJECT_FILE}",
                did_you_mean(name, self.file.style, "styles"),
            )
        own = self.file.style[name]
        if own.inherits is None:
            return own
        # read_project_file has refused circles.
        values = self.style(own.inherits).model_dump(exclude_unset=True)
        values.update(own.model_dump(exclude_unset=True))
        return Style.model_validate(values)

    def description_files(self) -> list[Path]:
        """Every description file of the project, sorted; see `entries` for what is left out.

        Links to files are followed only when they stay inside.
        """
        # A folder named like a description is found too, so that reading it says so.
        found = [
            Path(entry.path)
            for entry in self.entries()
            if is_description_file(entry.name)
            and (not entry.is_symlink() or self._stays_inside(entry.path))
        ]
        return sorted(found, key=lambda path: path.relative_to(self.root).as_posix())

    def entries(self) -> Iterator[os.DirEntry[str]]:
        """Everything in the project's folders that is no folder to look into.

        Hidden names are left out, links to folders not followed, unreadable folders skipped. A
        folder with a llamavis.toml of its own is another project; one that is named like a
        description is answered, and not looked into.
        """
        pending = [self.root]
        while pending:
            folder = pending.pop()
            try:
                with os.scandir(folder) as entries:
                    listed = list(entries)
            except OSError:
                continue
            if folder != self.root and any(entry.name == PROJECT_FILE for entry in listed):
                continue
            for entry in listed:
                if entry.name.startswith("."):
                    continue
                if not is_description_file(entry.name) and entry.is_dir(follow_symlinks=False):
                    pending.append(Path(entry.path))
                else:
                    yield entry

    def _stays_inside(self, path: str) -> bool:
        return Path(os.path.realpath(path)).is_relative_to(self.root)

    def resolve(self, asset: DescribedAsset) -> ResolvedAsset:
        """Apply folder rules, style and defaults; raises DescriptionError at the key to blame."""
        description = asset.description
        folder = asset.source.parent
        kind = description.kind or self.folder_kind(asset.source) or Kind.SPRITE
        recipe = recipe_for(kind)
        style_name = description.style or self.folder_style(asset.source)
        style = Style()
        if style_name is not None:
            try:
                style = self.style(style_name)
            except ProjectError as cause:
                raise _blame(asset, "style", cause) from cause
        if description.finish is not None or style.finish is not None:
            finish = (description.finish or Finish()).over(style.finish or Finish())
            recipe = finish.applied_to(recipe)
        palette = description.palette if description.palette is not None else style.palette
        negatives = [words for words in (style.negative, description.negative) if words.strip()]
        words = [style.prefix, description.description, style.suffix]
        count, pick = description.count, description.pick
        names = [f"{asset.name}.png"]
        if pick is not None and pick >= count:
            problem = ProjectError(
                f"'pick' is {pick}, but the variants are numbered 0 to {count - 1}",
                "pick one of them, or raise 'count'",
            )
            raise _blame(asset, "pick", problem)
        if count > 1 and pick is None:
            names = [f"{asset.name}_{index}.png" for index in range(count)]
        seed = description.seed
        if seed is None:
            seed = derived_seed(self.relative(asset.stem))
        return ResolvedAsset(
            asset=asset,
            kind=kind,
            recipe=recipe,
            size_px=description.size or recipe.size_px,
            seed=seed,
            prompt=" ".join(" ".join(words).split()),
            negative=", ".join(" ".join(part.split()) for part in negatives),
            palette=self._palette(asset, palette),
            references=self._references(asset, style),
            backend=description.backend or style.backend or self.backend,
            adapter=None if style_name is None else self._adapter(style_name),
            outputs=tuple(folder / name for name in names),
            first_variant=pick or 0,
        )

    def _palette(
        self, asset: DescribedAsset, palette: str | tuple[str, ...] | None
    ) -> Path | tuple[str, ...] | None:
        if isinstance(palette, str) and palette in self.file.palettes:
            palette = self.file.palettes[palette]
        if not isinstance(palette, str):
            return palette
        try:
            return self.find_file(palette, asset.source.parent)
        except ProjectError as cause:
            raise _blame(asset, "palette", cause) from cause

    def _references(self, asset: DescribedAsset, style: Style) -> tuple[Path, ...]:
        own = [
            self._reference(asset, name, asset.source.parent)
            for name in asset.description.references
        ]
        shared = [self._reference(asset, name, self.root) for name in style.references]
        return tuple(dict.fromkeys((*own, *shared)))

    def _adapter(self, style_name: str) -> Path | None:
        """The file of a style's or its ancestors' adapter; raises DescriptionError at that key."""
        name: str | None = style_name
        while name is not None:
            style = self.file.style[name]
            if style.adapter is not None:
                try:
                    return self.find_file(style.adapter, self.root)
                except ProjectError as cause:
                    raise self._blame_style(name, "adapter", cause) from cause
            name = style.inherits
        return None

    def _blame_style(self, name: str, key: str, cause: ProjectError) -> DescriptionError:
        text = read_text(self.config_path, LIMIT_BYTES, ProjectError)
        line, column = TomlPositions(text).value(("style", name, key))
        return DescriptionError(cause.message, cause.hint, self.config_path, line, column)

    def _reference(self, asset: DescribedAsset, name: str, near: Path) -> Path:
        try:
            return self.find_file(name, near)
        except ProjectError as cause:
            raise _blame(asset, "references", cause) from cause


_writing_own = threading.Lock()


def _write_own(path: Path, data: bytes) -> None:
    """Put data at a path of the state folder, over a link and never through one."""
    with _writing_own:  # two threads that open a project stage under one name
        if not path.is_symlink() and path.is_file() and path.read_bytes() == data:
            return
        with staged_beside(path) as staged:
            staged.unlink(missing_ok=True)
            with staged.open("xb") as file:  # fails where a link was planted meanwhile
                file.write(data)
            staged.replace(path)


def _blame(asset: DescribedAsset, key: str, cause: ProjectError) -> DescriptionError:
    line, column = locate(asset.source, asset.name, key)
    return DescriptionError(cause.message, cause.hint, asset.source, line, column)
