"""Rename, move, duplicate, remove, lock descriptions with everything that belongs to them.

    asset = one description in its file, with all images made from it
    an action drafts every file it touches -> `applying` carries that out -> the change is handed
    back, so that it can be taken back

An image is named by its own path or by that of its description file.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from llamavis_studio.core.asset import Provenance
from llamavis_studio.core.asset_text import (
    with_asset_changed,
    with_asset_copied,
    with_asset_removed,
)
from llamavis_studio.core.description import ONE, SUFFIXES
from llamavis_studio.core.errors import LibraryError, ProjectError
from llamavis_studio.core.file_change import ChangeKind, FileEdit, FilesChange
from llamavis_studio.core.paths import folded, name_problem
from llamavis_studio.core.project import Project
from llamavis_studio.file_actions.applying import apply
from llamavis_studio.file_actions.assets import Asset, assets_of, find, find_all
from llamavis_studio.file_actions.beside import ENGINE, files_of, renamed_contents
from llamavis_studio.file_actions.draft import Draft
from llamavis_studio.file_actions.following import named_by
from llamavis_studio.file_actions.game_files import update_names
from llamavis_studio.file_actions.moving import Mover, Moving
from llamavis_studio.file_actions.pins import pins_for
from llamavis_studio.file_actions.places import Destination, destination, folders_of, remove_empty
from llamavis_studio.file_actions.recovering import finish_interrupted
from llamavis_studio.library.following import follow as follow_rows
from llamavis_studio.library.library import Library
from llamavis_studio.pipeline.history import History
from llamavis_studio.pipeline.notes import provenance_in
from llamavis_studio.pipeline.plan import Plan
from llamavis_studio.pipeline.scan_cache import ScanCache


class FileActions:
    """The actions on one project; use it from one thread, where nothing else plans."""

    def __init__(
        self,
        project: Project,
        plan: Callable[[], Plan],
        cache: ScanCache,
        history: History,
        library: Callable[[], Library],
    ) -> None:
        self._project, self._plan = project, plan
        self._cache, self._history = cache, history
        self._library = library

    def rename(self, path: Path, name: str) -> FilesChange:
        """Give an asset another name. Its images go with it and nothing is drawn again: a seed
        that came from the name is written into the description. References of other descriptions
        follow.

        Raises ProjectError or DescriptionError; then nothing was changed.
        """
        asset = find(self._project, path, self._assets())
        image = self._project.root / asset.targets[0].output
        return self._move([image], Destination(asset.folder, _plain(name))).change

    def move(
        self,
        paths: Sequence[Path],
        to: str,
        near: Path | None = None,
        *,
        keep_rules: bool = False,
        update_uses: bool = False,
        dry_run: bool = False,
    ) -> Moving:
        """Move images, descriptions and palettes to another folder, or give one another name: `to`
        is read as `mv` reads it, in the folder `near` or in the project's own.

        With a description go its images and what lies beside them; a seed that came from its path
        is written into it. Where folder rules give the new place another kind or style, the next
        build draws it anew, unless `keep_rules` writes down those of the old place; under another
        name in the same folder that is always done. References of other descriptions follow.
        `update_uses` also changes the text files of the game that name an image. With `dry_run`
        nothing is written.

        Raises ProjectError or DescriptionError; then nothing was changed.
        """
        place = destination(self._project, to, len(paths) > 1, near or self._project.root)
        return self._move(paths, place, keep_rules, update_uses, dry_run)

    def folders(self) -> list[str]:
        """The project's folders that things may be moved to, by their paths; its own is ""."""
        return folders_of(self._project)

    def _move(
        self,
        paths: Iterable[Path],
        to: Destination,
        keep_rules: bool = False,
        update_uses: bool = False,
        dry_run: bool = False,
    ) -> Moving:
        mover = Mover(self._project, self._assets(), self._images)
        mover.move(paths, to, keep_rules=keep_rules)
        draft, moved = mover.draft, dict(mover.draft.moves)
        follows = tuple(one.path for one in draft.edits() if _is_followed(one, mover.files))
        uses = self._uses(mover.images)
        updated: tuple[str, ...] = ()
        if update_uses:
            updated, uses = update_names(self._project, draft, moved, uses)
        is_elsewhere = any(_folder(old) != _folder(new) for old, new in draft.moves)
        change = FilesChange(
            ChangeKind.MOVE if is_elsewhere else ChangeKind.RENAME,
            mover.subject,
            draft.edits(),
            tuple(draft.moves),
            tuple(mover.outputs),
            uses,
        )
        if not dry_run:
            self._do(change)
            remove_empty(self._project, mover.folders)
        return Moving(
            change, tuple(mover.seeds), tuple(mover.redrawn), follows, updated, mover.stays
        )

    def duplicate(self, paths: Iterable[Path], name: str = "") -> FilesChange:
        """Describe each asset a second time, under a name that is free or under `name`.

        The copy has the same seed and pictures, so that it can be changed from there; it is never
        locked. Raises ProjectError or DescriptionError.
        """
        assets = self._assets()
        chosen = find_all(self._project, paths, assets)
        draft, outputs = Draft(self._project.root), []
        taken = {folded(target.output) for asset in assets.values() for target in asset.targets}
        taken |= {folded(f"{asset.folder}{asset.name}.png") for asset in assets.values()}
        for asset in chosen:
            if name:
                new = _plain(name)
                self._check_name(asset, new, assets)
            else:
                new = self._free_name(asset, taken)
            taken.add(folded(f"{asset.folder}{new}.png"))
            outputs += self._copy(asset, new, draft)
        subject = _subject(chosen)
        change = FilesChange(ChangeKind.DUPLICATE, subject, draft.edits(), outputs=tuple(outputs))
        return self._do(change)

    def remove(self, paths: Iterable[Path], with_images: bool = False) -> FilesChange:
        """Take descriptions away, into the trash where a whole file goes; `with_images` their
        images too. Raises ProjectError or DescriptionError.
        """
        assets = self._assets()
        chosen = find_all(self._project, paths, assets)
        draft = Draft(self._project.root)
        uses: list[tuple[str, str]] = []
        for asset in chosen:
            text, rest = draft.text(asset.source), None
            if not asset.is_alone:
                rest = with_asset_removed(text, asset.path, asset.name)
            if rest is None:
                draft.remove(asset.source)
            else:
                draft.write_text(asset.source, rest)
            if with_images:
                images = self._images(asset)
                uses += self._uses(images)
                for files in images.values():
                    for file in files:
                        draft.remove(file)
        gone = {edit.path for edit in draft.edits() if edit.after is None}
        uses += named_by(self._project, gone)
        kept = tuple(dict.fromkeys(one for one in uses if one[0] not in gone))
        change = FilesChange(ChangeKind.REMOVE, _subject(chosen), draft.edits(), uses=kept)
        return self._do(change)

    def lock(self, paths: Iterable[Path], locked: bool = True) -> FilesChange:
        """Say in the descriptions that no build may touch their images, or no longer.

        Raises ProjectError or DescriptionError.
        """
        kind = ChangeKind.LOCK if locked else ChangeKind.UNLOCK
        return self._set(paths, kind, {"locked": True if locked else None})

    def variants(self, path: Path, count: int) -> FilesChange:
        """Ask for `count` variants of an asset, to choose from; what is drawn already stays.

        Raises ProjectError or DescriptionError.
        """
        asset = find(self._project, path, self._assets())
        draft = Draft(self._project.root)
        changes = {"count": count if count > 1 else None, "pick": None}
        changed = with_asset_changed(draft.text(asset.source), asset.path, asset.name, changes)
        draft.write_text(asset.source, changed)
        stem = f"{asset.folder}{asset.name}"
        wanted = (
            {at: f"{stem}_{at}.png" for at in range(count)} if count > 1 else {0: f"{stem}.png"}
        )
        for target in asset.targets:
            new = wanted.get(target.variant, target.output)
            free = not os.path.lexists(self._project.root / new)
            if not target.base and new != target.output and free:
                draft.move(target.output, new)
        change = FilesChange(
            ChangeKind.VARIANTS,
            asset.name,
            draft.edits(),
            tuple(draft.moves),
            tuple(wanted.values()),
        )
        return self._do(change)

    def apply(self, change: FilesChange) -> FilesChange:
        """Carry out a change that was made before, or the reverse of one. Raises ProjectError."""
        finish_interrupted(self._project)
        apply(self._project, change, self._cache, self._history, follow=self._follow_rows)
        self._cache.save(self._project)
        return change

    def _follow_rows(self, moves: Mapping[str, str]) -> None:
        """The library keeps what it knows of images that moved; it can be made anew from files."""
        with contextlib.suppress(LibraryError):
            follow_rows(self._library().database, moves, self._project.root)

    def belongings(self, paths: Iterable[Path]) -> tuple[list[str], list[str]]:
        """The description files of assets, and the files that would go with their images."""
        chosen = find_all(self._project, paths, self._assets())
        files = [file for one in chosen for group in self._images(one).values() for file in group]
        return list(dict.fromkeys(one.source for one in chosen)), files

    # --- parts of the actions --------------------------------------------------------------------

    def _assets(self) -> dict[tuple[str, str], Asset]:
        finish_interrupted(self._project)
        return assets_of(self._project, self._plan())

    def _do(self, change: FilesChange) -> FilesChange:
        return self.apply(change) if change.edits else change

    def _set(
        self, paths: Iterable[Path], kind: ChangeKind, changes: Mapping[str, Any]
    ) -> FilesChange:
        chosen = find_all(self._project, paths, self._assets())
        draft = Draft(self._project.root)
        for asset in chosen:
            text = draft.text(asset.source)
            changed = with_asset_changed(text, asset.path, asset.name, changes)
            draft.write_text(asset.source, changed)
        outputs = tuple(target.output for asset in chosen for target in asset.targets)
        return self._do(FilesChange(kind, _subject(chosen), draft.edits(), outputs=outputs))

    def _copy(self, asset: Asset, name: str, draft: Draft) -> list[str]:
        """Draft a second description and its images; the images' places."""
        source = f"{asset.folder}{name}{ONE}" if asset.is_alone else asset.source
        pins = {**pins_for(self._project, asset, source, name, keep_rules=True), "locked": None}
        text = draft.text(asset.source)
        if asset.is_alone:
            changed = with_asset_changed(text, asset.path, asset.name, pins)
            draft.add(source, b"")
            draft.write_text(source, changed, like=asset.source)
        else:
            changed = with_asset_copied(text, asset.path, asset.name, name, pins)
            draft.write_text(source, changed)
        places = []
        for target in asset.targets:
            new = self._renamed(asset, target.output, name)
            places.append(new)
            beside = [target.beside] if target.beside else []
            for file in (target.output, *beside):
                data = draft.read(file)
                if data is not None:
                    data = renamed_contents(data, _last(target.output), _last(new), source)
                    draft.add(self._renamed(asset, file, name), data)
        return places

    def _images(self, asset: Asset) -> dict[str, list[str]]:
        """Each image of an asset with the files that belong to it, itself first; variants that a
        pick has left over among them.
        """
        root = self._project.root
        found = {target.output: list(files_of(root, target)) for target in asset.targets}
        if asset.description.pick is not None:
            for at in range(asset.description.count):
                output = f"{asset.folder}{asset.name}_{at}.png"
                told: Provenance | None = provenance_in(root / output)
                if output not in found and told is not None and told.source == asset.source:
                    engine = f"{output}{ENGINE}"
                    beside = [engine] if (root / engine).is_file() else []
                    found[output] = [output, *beside]
        return found

    def _uses(self, images: Mapping[str, Sequence[str]]) -> tuple[tuple[str, str], ...]:
        """The game's files that name these images, as far as the library knows them."""
        found = []
        for output in (one for one, files in images.items() if one in files):
            try:
                library = self._library()
                users = library.users_of(library.find(self._project.root / output))
            except LibraryError:
                continue
            found += [(user, output) for user in users]
        return tuple(found)

    def _renamed(self, asset: Asset, relative: str, name: str) -> str:
        stem = f"{asset.folder}{asset.name}"
        return f"{asset.folder}{name}{relative[len(stem) :]}"

    def _free_name(self, asset: Asset, taken: set[str]) -> str:
        for number in range(1, 10_000):
            name = f"{asset.name}_copy{'' if number == 1 else number}"
            stem = f"{asset.folder}{name}"
            files = [f"{stem}.png", *(f"{stem}{suffix}" for suffix in SUFFIXES)]
            there = any(os.path.lexists(self._project.root / file) for file in files)
            if not there and folded(f"{stem}.png") not in taken:
                return name
        raise ProjectError("there are too many copies", "choose a name")

    def _check_name(self, asset: Asset, name: str, assets: Mapping[tuple[str, str], Asset]) -> None:
        complaint = name_problem(name)
        if complaint is not None:
            raise ProjectError(complaint, "choose another name")
        if name == asset.name:
            raise ProjectError(f"it is called '{name}' already", "choose another name")
        wanted = {folded(self._renamed(asset, one.output, name)) for one in asset.targets}
        wanted.add(folded(f"{asset.folder}{name}.png"))
        for other in assets.values():
            theirs = {folded(one.output) for one in other.targets}
            theirs.add(folded(f"{other.folder}{other.name}.png"))
            if other is not asset and wanted & theirs:
                raise ProjectError(
                    f"there is an image '{asset.folder}{name}' already", "choose another name"
                )


def _plain(name: str) -> str:
    """A name as it is typed, without the ends that files have."""
    for suffix in (ONE, ".png"):
        name = name.removesuffix(suffix)
    return name.strip()


def _last(relative: str) -> str:
    return relative.rpartition("/")[2]


def _folder(relative: str) -> str:
    return relative.rpartition("/")[0]


def _is_followed(edit: FileEdit, own: Collection[str]) -> bool:
    """Whether a file was changed only because it names another that moved."""
    return None not in (edit.before, edit.after) and edit.path not in own


def _subject(assets: Sequence[Asset]) -> str:
    return ", ".join(one.name for one in assets[:3]) + (" …" if len(assets) > 3 else "")
