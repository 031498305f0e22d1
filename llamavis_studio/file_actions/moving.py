"""Moving assets and files that descriptions use, to another folder or to another name.

    sources -> steps (`steps`): a description file with its assets, one asset of many, a file
    -> nothing in the way? -> each step is drafted: text with its pins, images, what lies beside
    -> descriptions that name what moved follow

The draft is all there is afterwards: nothing was written.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from llamavis_studio.core.asset_text import with_asset_changed, with_assets_changed
from llamavis_studio.core.errors import ProjectError
from llamavis_studio.core.file_change import FilesChange
from llamavis_studio.core.paths import folded
from llamavis_studio.core.project import STATE_FOLDER, Project
from llamavis_studio.file_actions.assets import Asset, inside
from llamavis_studio.file_actions.beside import renamed_contents
from llamavis_studio.file_actions.draft import Draft, is_same_file
from llamavis_studio.file_actions.following import follow
from llamavis_studio.file_actions.pins import pins_for, why_redrawn
from llamavis_studio.file_actions.places import Destination
from llamavis_studio.file_actions.steps import Step, StepFinder, subject_of
from llamavis_studio.library.moving import company_of
from llamavis_studio.library.walk import IMAGE_SUFFIXES

_SCHEMA = re.compile(r"(?P<head>#:schema[ \t]+)(?P<path>[^\s:]+)")
MOST_BYTES = 512 << 20  # 512 MiB: all of it is held in memory, so that it can be taken back
ImagesOf = Callable[[Asset], Mapping[str, Sequence[str]]]
"""Each image of an asset with the files that belong to it, itself first."""


@dataclass(frozen=True)
class Redrawn:
    """An image, at its new place, that the next build draws anew, and why."""

    image: str
    reason: str


@dataclass(frozen=True)
class Moving:
    """A move: the files' change, and what it means.

    `seeds` are seeds that were written into descriptions, by image. `follows` are descriptions that
    named what moved. `updated` are files of the game that name the new place now; `change.uses`
    those that do not.
    """

    change: FilesChange
    seeds: tuple[tuple[str, int], ...] = ()
    redrawn: tuple[Redrawn, ...] = ()
    follows: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()


class Mover:
    """Drafts one move."""

    def __init__(
        self, project: Project, assets: Mapping[tuple[str, str], Asset], images_of: ImagesOf
    ) -> None:
        self._project, self._assets, self._images_of = project, assets, images_of
        self.draft = Draft(project.root)
        self.images: dict[str, list[str]] = {}
        """Every image that goes, as it is called now, with its files."""
        self.outputs: list[str] = []
        self.files: set[str] = set()
        """Every file that goes or is described anew, as it is called now."""
        self.seeds: list[tuple[str, int]] = []
        self.redrawn: list[Redrawn] = []
        self.subject = ""
        self.stays: tuple[str, ...] = ()
        self.folders: tuple[str, ...] = ()
        """Those that were named as a whole."""

    def move(self, sources: Iterable[Path], to: Destination, *, keep_rules: bool) -> None:
        """Draft the move of images, descriptions, palettes. Raises ProjectError,
        DescriptionError.
        """
        named = [inside(self._project, path) for path in sources]
        finder = StepFinder(self._project, self._assets, self._files_of)
        steps = finder.steps(named, to)
        self._check_free(steps)
        for step in steps:
            self.files |= set(self._files_of(step))
            if step.assets:
                self._move_assets(step, keep_rules)
            else:
                self._move_file(step)
        follow(self._project, self.draft, dict(self.draft.moves))
        self.folders = tuple(one for one in named if (self._project.root / one).is_dir())
        self.subject, self.stays = subject_of(steps, named, to), finder.stays(named, steps)

    # --- nothing in the way ----------------------------------------------------------------------

    def _files_of(self, step: Step) -> Iterator[str]:
        """All files that a step with assets moves or rewrites."""
        yield step.old
        for asset in step.assets:
            for files in self._images_of(asset).values():
                yield from files

    def _check_free(self, steps: Sequence[Step]) -> None:
        root, size = self._project.root, 0
        going = {(asset.source, asset.name) for step in steps for asset in step.assets}
        taken = {
            folded(place)
            for key, asset in self._assets.items()
            if key not in going
            for place in _places(asset)
        }
        for step in steps:
            for asset in step.assets:
                for place in _places(asset):
                    if folded(step.place(asset, place)) in taken:
                        raise _in_the_way(root, step.place(asset, place))
                for output in (one.output for one in asset.targets):
                    new = step.place(asset, output)
                    same = new == output or is_same_file(root, output, new)
                    if not same and os.path.lexists(root / new):
                        raise _in_the_way(root, new)
                taken |= {folded(step.place(asset, place)) for place in _places(asset)}
            for file in self._files_of(step):
                if (root / file).is_symlink():
                    raise ProjectError(
                        f"'{file}' is a link to another file", "move that file", root / file
                    )
                size += (root / file).stat().st_size if (root / file).is_file() else 0
        if size > MOST_BYTES:
            raise ProjectError(f"these are {size >> 20} MiB", "move fewer at once")

    # --- drafting --------------------------------------------------------------------------------

    def _move_assets(self, step: Step, keep_rules: bool) -> None:
        changes = {}
        keep_rules = keep_rules or _folder(step.old) == _folder(step.new)
        for asset in step.assets:
            name, first = step.name_of(asset), asset.targets[0].output
            pins = pins_for(self._project, asset, step.new, name, keep_rules=keep_rules)
            self.seeds += [(step.place(asset, first), pins["seed"])] if "seed" in pins else []
            changes[asset.name] = pins
        if step.old != step.new:
            path = step.assets[0].path
            text = with_assets_changed(self.draft.text(step.old), path, changes)
            text = _with_schema(text, step.old, step.new)
            self.draft.move_text(step.old, step.new, text)
        else:  # one of many gets another name
            asset = step.assets[0]
            wanted = {"name": step.name, **changes[asset.name]}
            text = with_asset_changed(self.draft.text(step.old), asset.path, asset.name, wanted)
            self.draft.write_text(step.old, text)
        for asset in step.assets:
            reason = why_redrawn(self._project, asset, step.new, changes[asset.name])
            self._move_images(step, asset, reason)

    def _move_images(self, step: Step, asset: Asset, reason: str) -> None:
        derived = {one.output for one in asset.targets if one.base}
        self.outputs += [step.place(asset, one.output) for one in asset.targets]
        for output, files in self._images_of(asset).items():
            new = step.place(asset, output)
            self.images[output] = list(files)
            if reason and files and output not in derived:
                self.redrawn.append(Redrawn(new, reason))
            for old in files:
                data = self.draft.read(old) or b""
                changed = renamed_contents(data, _last(output), _last(new), step.new)
                self.draft.move(old, step.place(asset, old), changed)
                if old == step.place(asset, old):  # another file describes it from now on
                    self.draft.write(old, changed)

    def _move_file(self, step: Step) -> None:
        """A picture or palette that no description draws, with what is said about it."""
        root = self._project.root
        path = root / step.old
        alone: list[Path] = []
        shared: list[Path] = []
        if path.suffix.lower() in IMAGE_SUFFIXES:
            alone, shared = company_of(path)
            self.outputs.append(step.new)
        self.images[step.old] = [step.old]
        self.draft.move(step.old, step.new)
        for one in (*alone, *shared):
            old = self._project.relative(one)
            new = _beside(step.old, step.new, old)
            data = renamed_contents(self.draft.read(old) or b"", path.name, _last(new), "")
            if old == new or self.draft.read(new) == data:
                continue
            if one in alone:
                self.draft.move(old, new, data)
            else:  # another picture of the same name is described by it too
                self.draft.add(new, data)


def _places(asset: Asset) -> set[str]:
    """Where images of an asset are, or may come to be."""
    return {f"{asset.folder}{asset.name}.png", *(one.output for one in asset.targets)}


def _in_the_way(root: Path, relative: str) -> ProjectError:
    return ProjectError(
        f"there is an image '{relative}' already", "choose another name", root / relative
    )


def _beside(image: str, new_image: str, side: str) -> str:
    """Where the file `side` goes that lies beside an image."""
    if side.startswith(image):
        return f"{new_image}{side[len(image) :]}"
    stem, new_stem = os.path.splitext(image)[0], os.path.splitext(new_image)[0]
    return f"{new_stem}{side[len(stem) :]}"


def _with_schema(text: str, old: str, new: str) -> str:
    """A text whose first line leads editors to the schema from its new place too."""
    found = _SCHEMA.match(text)
    if found is None:
        return text
    target = posixpath.normpath(posixpath.join(_folder(old), found["path"]))
    if not target.startswith(f"{STATE_FOLDER}/"):
        return text
    path = posixpath.relpath(target, _folder(new) or ".")
    return f"{found['head']}{path}{text[found.end() :]}"


def _last(relative: str) -> str:
    return relative.rpartition("/")[2]


def _folder(relative: str) -> str:
    return relative.rpartition("/")[0]
