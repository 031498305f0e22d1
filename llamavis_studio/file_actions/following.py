"""Descriptions that name an image by its path, and how they follow when it is renamed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from llamavis_studio.core.asset_text import with_paths_replaced
from llamavis_studio.core.description import MANY_CSV, DescribedAsset, examine, examine_text
from llamavis_studio.core.editing import with_changes
from llamavis_studio.core.errors import LlamaVisError
from llamavis_studio.core.project import Project
from llamavis_studio.file_actions.draft import Draft


def follow(project: Project, draft: Draft, moved: Mapping[str, str]) -> None:
    """Write the new names of moved files (old path to new) where descriptions, styles and palettes
    name the old ones. What cannot be parsed stays as it is: the plan tells what is wrong with it.
    """
    for path in [*project.description_files(), project.config_path]:
        was = project.relative(path)
        now = moved.get(was, was)
        if not _may_name(draft, now, moved):
            continue
        renamed = _renamer(project, path.parent, moved)
        try:
            text = draft.text(now)
            place = project.root / now
            if path.name.endswith(MANY_CSV):
                changed = _csv(text, place, renamed)
            else:
                changed = with_paths_replaced(text, renamed)
        except LlamaVisError:
            continue
        if changed != text:
            draft.write_text(now, changed)


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


def _may_name(draft: Draft, relative: str, moved: Mapping[str, str]) -> bool:
    """A quick look, so that thousands of files need no parsing."""
    data = draft.read(relative) or b""
    return any(old.rpartition("/")[2].encode("utf-8") in data for old in moved)


def _renamer(project: Project, near: Path, moved: Mapping[str, str]) -> Callable[[str], str | None]:
    def renamed(written: str) -> str | None:
        place = _place(project, near, written)
        if place not in moved:
            return None
        head, slash, _ = written.rpartition("/")
        return f"{head}{slash}{moved[place].rpartition('/')[2]}"

    return renamed


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
