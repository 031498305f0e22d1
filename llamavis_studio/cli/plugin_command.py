"""`llamavis plugin install`: an engine's plugin into a project, up to date, and out again.

What was put there is noted beside it, with the files' hashes, so that an update removes what is
gone from the plugin, and taking it out leaves what somebody added or changed.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from llamavis_studio import __version__
from llamavis_studio.cli import godot_project
from llamavis_studio.cli.guard import guarded
from llamavis_studio.cli.output import Output
from llamavis_studio.core.errors import ProjectError
from llamavis_studio.core.resources import plugin_path
from llamavis_studio.core.write import write_atomic

ADDON = "addons/llamavis"
PLUGIN = f"res://{ADDON}/plugin.cfg"
NOTE = "installed.json"
_CSV_IMPORT = b'[remap]\n\nimporter="keep"\n'
_KEPT = (".gd", ".uid", ".cfg", ".svg", ".md", ".tscn")


@dataclass
class Changes:
    """What was done, in paths relative to the game's project."""

    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    """Files of the addon's folder that are not the addon's, or were changed by somebody."""
    project_changed: bool = False


def install(engine: str, folder: Path, uninstall: bool, as_json: bool) -> int:
    """Install an engine's plugin in a game's project, or take it out again."""
    output = Output(as_json)

    def work() -> int:
        if engine != "godot":
            raise ProjectError(
                f"there is no plugin for '{engine}'", "there are plugins for godot and blender"
            )
        root = _godot_root(folder)
        changes = take_out(root) if uninstall else put_in(root)
        _say(output, root, changes, uninstall)
        output.document(
            {
                "engine": engine,
                "version": __version__,
                "installed": not uninstall,
                "written": changes.written,
                "removed": changes.removed,
                "left": changes.left,
                "project_changed": changes.project_changed,
            }
        )
        return 0

    return guarded(output, work)


def put_in(root: Path) -> Changes:
    """Copy the addon into a Godot project and switch it on. Raises ProjectError."""
    place, changes = _place(root), Changes()
    project = root / "project.godot"
    text = _read_project(project)
    enabled = godot_project.enable(text, PLUGIN)  # before anything is written: it may refuse
    source, before = plugin_path("godot", *ADDON.split("/")), _noted(place)
    now = {name: (source / name).read_bytes() for name in addon_files(source)}
    if not now:
        raise ProjectError("this installation has no Godot addon", "install LlamaVis Studio again")
    for name in sorted(before.keys() - now.keys()):
        _remove(place, name, before[name], changes)
    for name, data in now.items():
        if not (place / name).is_file() or (place / name).read_bytes() != data:
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            write_atomic(place / name, data)
            changes.written.append(f"{ADDON}/{name}")
    hashes = {name: _hash(data) for name, data in now.items()}
    if hashes != before:
        write_atomic(place / NOTE, json.dumps(hashes, indent=1).encode() + b"\n")
    _write_project(project, text, enabled, changes)
    _keep_tables(root, changes)
    return changes


def take_out(root: Path) -> Changes:
    """Take the addon out of a Godot project; all else stays. Raises ProjectError."""
    place, changes = _place(root), Changes()
    project = root / "project.godot"
    text = _read_project(project)
    disabled = godot_project.disable(text, PLUGIN, f"res://{ADDON}/")
    _write_project(project, text, disabled, changes)
    for name, digest in _noted(place).items():
        _remove(place, name, digest, changes)
    (place / NOTE).unlink(missing_ok=True)
    changes.left += [
        path.relative_to(root).as_posix() for path in sorted(place.rglob("*")) if path.is_file()
    ]
    _remove_empty(place, root)
    # Godot remembers there which loader opens a file; without the addon, descriptions are text.
    for cache in (root / ".godot" / "editor").glob("filesystem_cache*"):
        cache.unlink(missing_ok=True)
    return changes


def addon_files(source: Path) -> list[str]:
    """The addon's files, relative to its folder: what is shipped, sorted."""
    return sorted(
        path.relative_to(source).as_posix()
        for path in source.rglob("*")
        if path.is_file() and path.suffix in _KEPT and not path.name.startswith(".")
    )


def _godot_root(folder: Path) -> Path:
    root = folder.resolve()
    if not (root / "project.godot").is_file():
        raise ProjectError(
            f"there is no project.godot in '{folder}'",
            "name the folder of a Godot project: the one with project.godot in it",
        )
    return root


def _place(root: Path) -> Path:
    place = root / ADDON
    if place.is_symlink() or place.parent.is_symlink():
        raise ProjectError(
            f"'{ADDON}' is a link to another folder", "remove the link first, then install again"
        )
    return place


def _read_project(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        raise ProjectError(f"project.godot cannot be read: {cause}", "open it in Godot") from cause


def _write_project(path: Path, before: str, after: str, changes: Changes) -> None:
    if after != before:
        write_atomic(path, after.encode("utf-8"))
        changes.project_changed = True


def _noted(place: Path) -> dict[str, str]:
    """The files that an earlier installation wrote, with their hashes; never a path outside."""
    try:
        found = json.loads((place / NOTE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        name: str(digest)
        for name, digest in found.items()
        if isinstance(name, str) and ".." not in Path(name).parts and not Path(name).is_absolute()
    }


def _remove(place: Path, name: str, digest: str, changes: Changes) -> None:
    path = place / name
    if path.is_file() and not path.is_symlink() and _hash(path.read_bytes()) == digest:
        path.unlink()
        for made_by_godot in (f"{path.name}.import", f"{path.name}.uid"):
            path.with_name(made_by_godot).unlink(missing_ok=True)
        changes.removed.append(f"{ADDON}/{name}")


def _remove_empty(place: Path, root: Path) -> None:
    folders = [path for path in place.rglob("*") if path.is_dir()] if place.is_dir() else []
    for folder in [*sorted(folders, reverse=True), place, place.parent]:
        if folder != root and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _keep_tables(root: Path, changes: Changes) -> None:
    """Godot takes every CSV file for a translation, and writes more files beside it: not ours."""
    for folder, inner, names in os.walk(root):
        inner[:] = [name for name in inner if not name.startswith(".")]
        for name in names:
            settings = Path(folder, f"{name}.import")
            if name.endswith(".descs.csv") and not settings.exists():
                write_atomic(settings, _CSV_IMPORT)
                changes.written.append(settings.relative_to(root).as_posix())


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _say(output: Output, root: Path, changes: Changes, uninstall: bool) -> None:
    if uninstall:
        output.say(f"took the addon out of {root.name}: {len(changes.removed)} files")
        for name in changes.left:
            output.say(f"  left {name}, which is not the addon's or was changed")
        if changes.project_changed:
            output.say("  switched off in project.godot")
        return
    if not changes.written and not changes.project_changed and not changes.removed:
        output.say(f"the addon in {root.name} is up to date")
        return
    output.say(f"installed the addon in {root.name}: {len(changes.written)} files in {ADDON}")
    if changes.project_changed:
        output.say("  switched on in project.godot")
    output.say("  if Godot is open, use Project > Reload Current Project")
