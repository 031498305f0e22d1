"""Pictures to another folder of the library, with all that lies beside them.

With an image go its words (`hero.json`, `hero.txt`, `hero.caption`), the table of a sprite sheet
and what Godot keeps about it (`hero.png.import`, whose uid then still finds it). What a description
draws stays: its description decides where it is.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from llamavis_studio.core.errors import LibraryError
from llamavis_studio.core.file_change import ChangeKind, FileEdit, FilesChange
from llamavis_studio.core.paths import name_problem
from llamavis_studio.core.project_file import PROJECT_FILE
from llamavis_studio.library.carrying import carry, copy_durably
from llamavis_studio.library.found import read_side
from llamavis_studio.library.library import Item, Library
from llamavis_studio.library.naming import shown
from llamavis_studio.library.roots import library_folders
from llamavis_studio.library.sidecars import kind_of_json, sidecar_names
from llamavis_studio.library.walk import IMAGE_SUFFIXES

ENGINE = ".import"
_MOST_USERS = 3
_MOST_TOLD = 2
MOST_BYTES = 64 << 20  # 64 MiB that an undo of one move may hold


@dataclass(frozen=True)
class Described:
    """What descriptions say about files, by project-relative path.

    `outputs` are images with the description that draws each, `named` images that are named
    elsewhere (as a reference, a palette) with the files that do.
    """

    outputs: Mapping[str, str] = field(default_factory=dict)
    named: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass
class Moved:
    """Pairs of old and new place of images, what was left with the reason, what to look at."""

    moved: list[tuple[Path, Path]] = field(default_factory=list)
    files: list[tuple[Path | None, Path | None]] = field(default_factory=list)
    """Every file that went: where it was (None: it is a copy), where it is (None: it was there)."""
    left: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    change: FilesChange | None = None
    """The move as something that can be taken back."""


def move_assets(
    library: Library, items: Iterable[Item], folder: Path, described: Described
) -> Moved:
    """Move images into a folder of the library, which is made when it is not there.

    The index follows with the next import. Raises LibraryError when the folder is not one that the
    library looks into; what cannot be moved is `left`.
    """
    target = Path(os.path.realpath(folder))
    _check_folder(library, target)
    done = Moved()
    for item in items:
        reason = _why_not(library, item, target, described)
        if reason:
            done.left.append((item.file, reason))
            continue
        users = _users(library, item, described)
        try:
            target.mkdir(parents=True, exist_ok=True)
            doubles = _take(item.path, target, done.files)
        except FileExistsError as error:
            done.left.append((item.file, f"there is a {_name_in(error)} already"))
            continue
        except OSError as error:
            done.left.append((item.file, error.strerror or str(error)))
            continue
        done.moved.append((item.path, target / item.path.name))
        done.notes += [f"{shown(one.name)} could not be removed there" for one in doubles]
        if users:
            more = f" and {len(users) - _MOST_USERS} more" if len(users) > _MOST_USERS else ""
            names = ", ".join(users[:_MOST_USERS])
            done.notes.append(f"{item.file} is named in {names}{more}: look whether it is found")
    return done


def _name_in(error: FileExistsError) -> str:
    """The file that is in the way."""
    return shown(Path(str(error.args[0] if len(error.args) == 1 else error.filename)).name)


def company_of(image: Path) -> tuple[list[Path], list[Path]]:
    """What lies beside an image and belongs to it: what it has alone, and what it shares with an
    image of the same name but another ending.
    """
    alone: list[Path] = []
    shared: list[Path] = []
    engine = image.with_name(f"{image.name}{ENGINE}")
    if engine.is_file() and not engine.is_symlink():
        alone.append(engine)
    has_twin = _has_twin(image)
    for name in sidecar_names(image.name):
        path = image.with_name(name)
        if path.is_symlink() or not path.is_file() or not _is_about(path):
            continue
        is_shared = has_twin and not name.startswith(image.name)
        (shared if is_shared else alone).append(path)
    return alone, shared


def _take(image: Path, folder: Path, files: list[tuple[Path | None, Path | None]]) -> list[Path]:
    """Move an image with what belongs to it; what could not be removed from its old place.

    Words that another image shares are copied, so that both keep them. Raises OSError.
    """
    alone, shared = company_of(image)
    pairs, same = [(image, folder / image.name)], []
    for one in alone:
        if _is_same(one, folder / one.name):
            same.append(one)  # a copy that came along with the image that shared it
        else:
            pairs.append((one, folder / one.name))
    copies = [folder / one.name for one in shared if not _is_same(one, folder / one.name)]
    made: list[Path] = []
    try:
        for copy in copies:
            copy_durably(image.with_name(copy.name), copy)
            made.append(copy)
        left = carry(pairs)
    except OSError:
        for copy in made:
            copy.unlink(missing_ok=True)
        raise
    for one in same:
        one.unlink(missing_ok=True)
    files += [*pairs, *((None, one) for one in copies), *((one, None) for one in same)]
    return left


def change_of(root: Path, moved: Moved, folder: Path) -> FilesChange | None:
    """A move as a change that can be taken back; None where it went beyond the project, or is of
    more bytes than are kept in memory. Raises OSError.
    """
    size, edits, moves = 0, list[FileEdit](), list[tuple[str, str]]()
    for old, new in moved.files:
        there = new if new is not None else folder / (old.name if old is not None else "")
        size += there.stat().st_size
        inside = all(one.is_relative_to(root) for one in (old, there) if one is not None)
        if size > MOST_BYTES or not inside:
            return None
        data = there.read_bytes()
        was, now = (_relative_to(root, one) for one in (old, new))
        edits += [FileEdit(now, None, data)] if now else []
        edits += [FileEdit(was, data, None)] if was else []
        moves += [(was, now)] if was and now else []
    if not edits:
        return None
    names = ", ".join(shown(old.name) for old, _ in moved.moved[:_MOST_TOLD])
    more = ", …" if len(moved.moved) > _MOST_TOLD else ""
    subject = f"{names}{more} → {shown(folder.relative_to(root).as_posix())}"
    outputs = tuple(new.relative_to(root).as_posix() for _, new in moved.moved)
    return FilesChange(ChangeKind.RENAME, subject, tuple(edits), tuple(moves), outputs)


def _relative_to(root: Path, path: Path | None) -> str:
    return "" if path is None else path.relative_to(root).as_posix()


def _is_same(first: Path, second: Path) -> bool:
    try:
        return first.read_bytes() == second.read_bytes()
    except OSError:
        return False


def _is_about(side: Path) -> bool:
    """Whether a file says something about the image: words or a table, not a game's own data."""
    if side.suffix != ".json":
        return True
    try:
        data = side.read_bytes()
    except OSError:
        return False
    if kind_of_json(data):
        return True
    found = read_side(side.name, str(side))
    return found is not None and found.frames > 0


def _has_twin(image: Path) -> bool:
    stem = os.path.splitext(image.name)[0]
    for name in os.listdir(image.parent):
        base, suffix = os.path.splitext(name)
        if name != image.name and base == stem and suffix.lower() in IMAGE_SUFFIXES:
            return True
    return False


def _check_folder(library: Library, folder: Path) -> None:
    roots = [library.project.root, *library_folders(library.project)]
    root = next((one for one in roots if folder == one or folder.is_relative_to(one)), None)
    name = shown(str(folder))
    if root is None:
        raise LibraryError(
            f"'{name}' is not in the project",
            "choose a folder of the project; to take pictures elsewhere, copy them out",
        )
    for part in folder.relative_to(root).parts:
        root = root / part
        if part.startswith("."):
            raise LibraryError(f"'{name}' is a hidden folder", "the library looks into no such")
        if root.is_dir() and (root / PROJECT_FILE).exists():
            raise LibraryError(f"'{name}' belongs to another project", "choose another folder")
        if root.exists() and not root.is_dir():
            raise LibraryError(f"'{shown(str(root))}' is a file", "choose a folder")
        problem = None if root.exists() else name_problem(part)
        if problem is not None:
            raise LibraryError(problem, "choose another name")


def _why_not(library: Library, item: Item, folder: Path, described: Described) -> str:
    relative = _relative(library, item)
    source = described.outputs.get(relative)
    if source is not None:
        return f"{source} draws it and decides where it is: move that file instead"
    if item.missing or not os.path.lexists(item.path):
        return "it is missing"
    if item.path.is_symlink():
        return "it is a link to another file"
    if item.path.parent == folder:
        return "it is there already"
    return ""


def _users(library: Library, item: Item, described: Described) -> list[str]:
    named = described.named.get(_relative(library, item), ())
    return [*named, *library.users_of(item.id)]


def _relative(library: Library, item: Item) -> str:
    root = library.project.root
    return item.path.relative_to(root).as_posix() if item.path.is_relative_to(root) else ""
