"""Assets as people mean them: one description, and every image that is made from it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from llamavis_studio.core.description import ONE, Description, examine
from llamavis_studio.core.errors import ProjectError
from llamavis_studio.core.project import Project
from llamavis_studio.pipeline.plan import Plan
from llamavis_studio.pipeline.target import Target

_SEEDS = 1 << 32


@dataclass(frozen=True)
class Asset:
    """One description and the images it asks for, what is made from them included."""

    name: str
    source: str
    path: Path
    """The description file."""
    targets: tuple[Target, ...]

    @cached_property
    def description(self) -> Description:
        """What its file says of it; read when it is asked for. Raises ProjectError."""
        with contextlib.suppress(OSError):
            status = self.path.stat()
            stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
            if self.name in (found := _described(self.path, stamp)):
                return found[self.name]
        raise ProjectError(f"'{self.source}' was changed just now", "try again", self.path)

    @property
    def folder(self) -> str:
        """Where it lies, with a slash at the end; empty at the project's root."""
        head, slash, _ = self.source.rpartition("/")
        return head + slash

    @property
    def is_alone(self) -> bool:
        """Whether its file describes nothing else by its form."""
        return self.source.endswith(ONE)

    @property
    def seed(self) -> int:
        """The seed of variant 0."""
        first = self.targets[0]
        return (first.seed - first.variant) % _SEEDS


def assets_of(project: Project, plan: Plan) -> dict[tuple[str, str], Asset]:
    """Every sound asset of the project, by file and name."""
    groups: dict[tuple[str, str], list[Target]] = {}
    for one in plan.targets:
        groups.setdefault((one.target.source, one.target.name), []).append(one.target)
    return {
        (source, name): Asset(name, source, project.root / source, tuple(targets))
        for (source, name), targets in groups.items()
    }


def find_all(
    project: Project, paths: Iterable[Path], assets: Mapping[tuple[str, str], Asset]
) -> list[Asset]:
    """The assets that paths belong to, each once. Raises ProjectError."""
    found = [find(project, path, assets) for path in paths]
    return list({(one.source, one.name): one for one in found}.values())


def inside(project: Project, path: Path) -> str:
    """A path as one from the project's root. Raises ProjectError when it leads elsewhere."""
    root = project.root
    place = Path(os.path.abspath(path))
    if not place.is_relative_to(root):  # reached by another name of the folder
        place = Path(os.path.realpath(path.parent)) / path.name
    if not place.is_relative_to(root):
        raise ProjectError(f"'{path}' is not in this project", "name a file inside it", path)
    return project.relative(place)


def find(project: Project, path: Path, assets: Mapping[tuple[str, str], Asset]) -> Asset:
    """The asset that an image or a description file belongs to. Raises ProjectError."""
    named = inside(project, path)
    found = [
        asset
        for asset in assets.values()
        if named == asset.source or any(named == one.output for one in asset.targets)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(f"{one.folder}{one.name}.png" for one in found[:6])
        raise ProjectError(f"'{named}' describes {len(found)} images", f"name one of: {names}")
    raise ProjectError(
        f"no sound description asks for '{named}'",
        "name an image that a description asks for, or mend the description: llamavis plan",
    )


@lru_cache(maxsize=1)  # the assets of one file are asked for one after the other
def _described(path: Path, _stamp: tuple[int, ...]) -> dict[str, Description]:
    return {asset.name: asset.description for asset in examine(path).assets}
