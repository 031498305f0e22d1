"""Descriptions that name an image by its path, and how they follow when it or they are moved."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from llamavis_studio.core.asset_text import with_paths_replaced
from llamavis_studio.core.description import MANY_CSV, DescribedAsset, examine, examine_text
from llamavis_studio.core.editing import with_changes
from llamavis_studio.core.errors import LlamaVisError
from llamavis_studio.core.project import Project
from llamavis_studio.file_actions.draft import Draft


def follow(project: Project, draft: Draft, moved: Mapping[str, str]) -> None:
    """Write the new places of moved files (old path to new) where descriptions, styles and palettes
    name the old ones, and what moved descriptions name as seen from their new folders. What cannot
    be parsed stays as it is: the plan tells what is wrong with it.
    """
    names = {one.rpartition("/")[2] for pair in moved.items() for one in pair}
    marks = tuple(name.encode("utf-8", "surrogatepass") for name in sorted(names))
    for path in [*project.description_files(), project.config_path]:
        was = project.relative(path)
        now = moved.get(was, was)
        place = project.root / now
        if place.parent == path.parent and not _may_name(draft, now, marks):
            continue
        renamed = _Names(project, moved, path.parent, place.parent).renamed
        try:
            text = draft.text(now)
            if path.name.endswith(MANY_CSV):
                changed = _csv(text, place, renamed)
            else:
                changed = with_paths_replaced(text, renamed)
        except LlamaVisError:
            continue
        if changed != text:
            draft.write_text(now, changed)


class _Names:
    """What names in a file mean before files move, and how the same is named afterwards.

    `before` and `after` are the folders of the file that names, which may itself be moved.
    """

    def __init__(
        self, project: Project, moved: Mapping[str, str], before: Path, after: Path
    ) -> None:
        self._project, self._moved = project, moved
        self._come = set(moved.values())
        self._before, self._after = before, after

    def renamed(self, written: str) -> str | None:
        """The new name for one as it is written; None where that still means the same file."""
        place = _place(self._project, self._before, written)
        if not place or written in self._project.file.palettes:
            return None
        wanted = self._moved.get(place, place)
        if self._meant(written) == wanted:
            return None
        near = posixpath.relpath(wanted, self._folder(self._after))
        beside = _joined(self._folder(self._before), written)
        names = (near, wanted) if beside == place else (wanted, near)
        return next((name for name in names if self._meant(name) == wanted), near)

    def _meant(self, written: str) -> str:
        """As `Project.find_file`, of the disk as it will be."""
        for found in (_joined(self._folder(self._after), written), _joined(".", written)):
            if found and self._will_be(found):
                return found
        return ""

    def _will_be(self, relative: str) -> bool:
        if relative in self._come:
            return True
        return relative not in self._moved and (self._project.root / relative).is_file()

    def _folder(self, path: Path) -> str:
        return "." if path == self._project.root else self._project.relative(path)


def _joined(folder: str, written: str) -> str:
    """A written name as a path from the project's root; empty where it leaves the project."""
    found = posixpath.normpath(posixpath.join(folder, written))
    return "" if found.startswith(("../", "/")) or found in ("..", ".") else found


def named_by(project: Project, gone: Collection[str]) -> list[tuple[str, str]]:
    """Which descriptions name one of these files: (description, file), by path in the project."""
    found = []
    for path in project.description_files():
        for asset in examine(path).assets:
            for name in _names(asset):
                place = _place(project, path.parent, name)
                if place in gone:
                    found.append((project.relative(path), place))
    return found


def _may_name(draft: Draft, relative: str, marks: tuple[bytes, ...]) -> bool:
    """A quick look, so that thousands of files need no parsing."""
    data = draft.read(relative) or b""
    return any(mark in data for mark in marks)


def _place(project: Project, near: Path, written: str) -> str:
    try:
        return project.relative(project.find_file(written, near))
    except (LlamaVisError, ValueError):
        return ""


def _csv(text: str, path: Path, renamed: Callable[[str], str | None]) -> str:
    for asset in examine_text(path, text).sound():
        changes: dict[str, object] = {}
        references = asset.description.references
        new = tuple(renamed(one) or one for one in references)
        if new != references:
            changes["references"] = new
        palette = asset.description.palette
        if isinstance(palette, str) and renamed(palette) is not None:
            changes["palette"] = renamed(palette)
        if changes:
            text = with_changes(text, path, changes, asset.name)
    return text


def _names(asset: DescribedAsset) -> Iterator[str]:
    yield from asset.description.references
    if isinstance(asset.description.palette, str):
        yield asset.description.palette
