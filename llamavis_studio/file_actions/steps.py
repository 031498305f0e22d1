"""What is meant by the names of things to move: steps, each of one file that goes.

an image, or a path without ending   its description; of a file of many, the one asset
a description                        it, with all of its assets
a folder                             all of these in it, each to the same place in the new one
another picture, a palette           the file
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from llamavis_studio.core.description import ONE, SUFFIXES, examine, is_description_file
from llamavis_studio.core.errors import ProjectError
from llamavis_studio.core.paths import name_problem
from llamavis_studio.core.project import Project
from llamavis_studio.core.project_file import PROJECT_FILE
from llamavis_studio.file_actions.assets import Asset, find
from llamavis_studio.file_actions.places import Destination
from llamavis_studio.library.moving import company_of
from llamavis_studio.library.walk import IMAGE_SUFFIXES

PALETTES = (".hex", ".gpl", ".pal", ".ase", ".aseprite", ".act")


@dataclass(frozen=True)
class Step:
    """A file that goes from `old` to `new`; `assets` are those that it describes. With `name` the
    one asset gets another.
    """

    old: str
    new: str
    assets: tuple[Asset, ...] = ()
    name: str = ""

    def name_of(self, asset: Asset) -> str:
        """What an asset is called afterwards."""
        return self.name or asset.name

    def place(self, asset: Asset, relative: str) -> str:
        """Where a file of an asset goes."""
        head, slash, _ = self.new.rpartition("/")
        stem = f"{asset.folder}{asset.name}"
        return f"{head}{slash}{self.name_of(asset)}{relative[len(stem) :]}"


class StepFinder:
    """Finds the steps of one move; `files_of` gives all files of a step with assets."""

    def __init__(
        self,
        project: Project,
        assets: Mapping[tuple[str, str], Asset],
        files_of: Callable[[Step], Iterable[str]],
    ) -> None:
        self._project, self._assets, self._files_of = project, assets, files_of
        self._by_path: dict[str, Asset] = {}
        for asset in assets.values():
            stem = f"{asset.folder}{asset.name}"
            for path in (stem, f"{stem}.png", *(one.output for one in asset.targets)):
                self._by_path.setdefault(path, asset)

    def steps(self, sources: Sequence[str], to: Destination) -> list[Step]:
        """The steps, those of assets first. Raises ProjectError."""
        wanted = [pair for named in sources for pair in self._expanded(named, to)]
        names = {named for named, _place in wanted}
        steps: dict[tuple[str, tuple[str, ...]], Step] = {}
        rest: dict[str, Destination] = {}
        for named, place in wanted:
            asset = self._by_path.get(named)
            if asset is not None and asset.source in names:
                continue  # it goes with its file
            step = self._asset_step(named, asset, place)
            if step is None:
                rest[named] = place
            else:
                steps.setdefault((step.old, tuple(one.name for one in step.assets)), step)
        along = {file for step in steps.values() for file in self._files_of(step)}
        along |= set(self._company(rest.keys() - along))
        plain = [self._file_step(one, rest[one]) for one in rest if one not in along]
        is_one = len(steps) + len(plain) == 1
        if not is_one and any(place.name is not None for _named, place in wanted):
            raise ProjectError("several files cannot have one name", "name a folder, with / behind")
        return [*steps.values(), *plain]

    def stays(self, sources: Sequence[str], steps: Iterable[Step]) -> tuple[str, ...]:
        """Files in the folders among the sources that go with no step."""
        gone = {file for step in steps if step.assets for file in self._files_of(step)}
        gone |= {step.old for step in steps}
        gone |= set(self._company(step.old for step in steps if not step.assets))
        return tuple(
            file
            for named in sources
            if (self._project.root / named).is_dir()
            for file in self._files_in(named)
            if file not in gone
        )

    def _company(self, pictures: Iterable[str]) -> Iterator[str]:
        """What lies beside pictures and belongs to them."""
        for named in pictures:
            if named.lower().endswith(tuple(IMAGE_SUFFIXES)):
                for group in company_of(self._project.root / named):
                    yield from (self._project.relative(one) for one in group)

    # --- folders ---------------------------------------------------------------------------------

    def _expanded(self, named: str, to: Destination) -> Iterator[tuple[str, Destination]]:
        """A source with its destination; for a folder, everything in it that can be moved."""
        folder = self._project.root / named
        if is_description_file(named) or not folder.is_dir():
            yield named, to
            return
        base = f"{to.folder}{to.name or folder.name}/"
        if folder == self._project.root or f"{named}/" == base or base.startswith(f"{named}/"):
            raise ProjectError(
                f"the folder '{named}' cannot go into itself", "choose another place", folder
            )
        if to.name is not None:
            _check_name(to.name, "")
        movable = (*SUFFIXES, *IMAGE_SUFFIXES, *PALETTES)
        found = [file for file in self._files_in(named) if file.lower().endswith(movable)]
        if not found:
            raise ProjectError(
                f"there is no description, image or palette in '{named}'",
                "move the folder by other means",
                folder,
            )
        for file in found:
            inner = file[len(named) + 1 :].rpartition("/")[0]
            yield file, Destination(f"{base}{inner}/" if inner else base)

    def _files_in(self, named: str) -> list[str]:
        """All files of a folder and those below it, but for hidden ones, links, other projects."""
        found = []
        for folder, folders, files in os.walk(self._project.root / named):
            folders[:] = [
                name
                for name in folders
                if not name.startswith(".") and not os.path.exists(Path(folder, name, PROJECT_FILE))
            ]
            found += [
                self._project.relative(Path(folder, name))
                for name in files
                if not name.startswith(".") and not os.path.islink(Path(folder, name))
            ]
        return sorted(found)

    # --- one source ------------------------------------------------------------------------------

    def _asset_step(self, named: str, asset: Asset | None, to: Destination) -> Step | None:
        """A step for an image that is described, or a description; None for other files."""
        if is_description_file(named):
            return self._description_step(named, to)
        if asset is None:
            if not os.path.lexists(self._project.root / named):
                find(self._project, self._project.root / named, self._assets)  # says what is wrong
            return None
        if asset.is_alone:
            return self._description_step(asset.source, to)
        if to.folder != asset.folder:
            raise ProjectError(
                f"'{named}' is described in '{asset.source}' beside others",
                f"move {asset.source}, and all of them go with it",
                asset.path,
            )
        name = _plain(to.name or asset.name)
        _check_name(name, asset.name)
        return Step(asset.source, asset.source, (asset,), name)

    def _description_step(self, source: str, to: Destination) -> Step:
        path = self._project.root / source
        found = examine(path)
        for problem in found.problems:
            raise ProjectError(
                f"'{source}' has a mistake: {problem.message}", "mend it first: llamavis plan", path
            )
        assets = [self._assets.get((source, one.name)) for one in found.assets]
        if not assets or None in assets:
            raise ProjectError(
                f"'{source}' asks for something that cannot be drawn",
                "mend it first: llamavis plan",
                path,
            )
        base = source.rpartition("/")[2]
        suffix = next(one for one in SUFFIXES if base.endswith(one))
        name = base if to.name is None else f"{_plain(to.name, suffix)}{suffix}"
        _check_name(name.removesuffix(suffix), "")
        if f"{to.folder}{name}" == source:
            raise ProjectError(f"'{source}' is there already", "choose another place", path)
        own = name.removesuffix(suffix) if suffix == ONE else ""
        those = tuple(asset for asset in assets if asset is not None)
        return Step(source, f"{to.folder}{name}", those, own)

    def _file_step(self, named: str, to: Destination) -> Step:
        path, suffix = self._project.root / named, os.path.splitext(named)[1]
        if suffix.lower() not in (*IMAGE_SUFFIXES, *PALETTES):
            raise ProjectError(
                f"'{named}' is no description, image or palette", "move it by other means", path
            )
        base = named.rpartition("/")[2]
        name = base if to.name is None else to.name
        if not name.lower().endswith(suffix.lower()):
            if os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES:
                raise ProjectError(
                    f"'{base}' cannot become '{name}'", f"keep its ending, {suffix}", path
                )
            name = f"{name}{suffix}"
        _check_name(name, "")
        if f"{to.folder}{name}" == named:
            raise ProjectError(f"'{named}' is there already", "choose another place", path)
        return Step(named, f"{to.folder}{name}")


def subject_of(steps: Sequence[Step], sources: Sequence[str], to: Destination) -> str:
    """What goes where, as people say it."""
    names = [step.assets[0].name if step.name else _last(step.old) for step in steps]
    is_folder = len(sources) == 1 and all(step.old.startswith(f"{sources[0]}/") for step in steps)
    if is_folder:
        return f"{_last(sources[0])}/ → {to.folder}{f'{to.name}/' if to.name else ''}"
    if to.name is not None and steps:
        is_elsewhere = steps[0].old.rpartition("/")[0] != steps[0].new.rpartition("/")[0]
        name = steps[0].name or _last(steps[0].new)
        return f"{names[0]} → {to.folder if is_elsewhere else ''}{name}"
    more = " …" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{more} → {to.folder or './'}"


def _last(relative: str) -> str:
    return relative.rpartition("/")[2]


def _check_name(name: str, before: str) -> None:
    complaint = name_problem(name)
    if complaint is not None:
        raise ProjectError(complaint, "choose another name")
    if name == before:
        raise ProjectError(f"it is called '{name}' already", "choose another name")


def _plain(name: str, suffix: str = ONE) -> str:
    """A name as it is typed, without the ends that files have."""
    for end in (suffix, ".png"):
        name = name.removesuffix(end)
    return name.strip()
