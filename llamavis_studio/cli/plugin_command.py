"""`llamavis plugin install`: an engine's plugin into a project, up to date, and out again.

What was put there is noted beside it, with the files' hashes, so that an update removes what is
gone from the plugin, and taking it out leaves what somebody added or changed.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from llamavis_studio import __version__
from llamavis_studio.cli import godot_project
from llamavis_studio.cli.guard import guarded
from llamavis_studio.cli.noted_files import put_files, remove_empty_folders, take_files
from llamavis_studio.cli.output import Output
from llamavis_studio.core.errors import ProjectError
from llamavis_studio.core.resources import plugin_path
from llamavis_studio.core.write import write_atomic

ADDON = "addons/llamavis"
PLUGIN = f"res://{ADDON}/plugin.cfg"
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
    source = plugin_path("godot", *ADDON.split("/"))
    now = {name: (source / name).read_bytes() for name in addon_files(source)}
    if not now:
        raise ProjectError("this installation has no Godot addon", "install LlamaVis Studio again")
    written, removed = put_files(place, now)
    changes.written += [f"{ADDON}/{name}" for name in written]
    _tell_removed(place, removed, changes)
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
    _tell_removed(place, take_files(place), changes)
    changes.left += [
        path.relative_to(root).as_posix() for path in sorted(place.rglob("*")) if path.is_file()
    ]
    remove_empty_folders(place)
    if place.parent != root and place.parent.is_dir() and not any(place.parent.iterdir()):
        place.parent.rmdir()
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


def _tell_removed(place: Path, names: list[str], changes: Changes) -> None:
    """What Godot made for a file that is ours goes with it."""
    for name in names:
        for made_by_godot in (f"{name}.import", f"{name}.uid"):
            (place / made_by_godot).unlink(missing_ok=True)
        changes.removed.append(f"{ADDON}/{name}")


def _keep_tables(root: Path, changes: Changes) -> None:
    """Godot takes every CSV file for a translation, and writes more files beside it: not ours."""
    for folder, inner, names in os.walk(root):
        inner[:] = [name for name in inner if not name.startswith(".")]
        for name in names:
            settings = Path(folder, f"{name}.import")
            if name.endswith(".descs.csv") and not settings.exists():
                write_atomic(settings, _CSV_IMPORT)
                changes.written.append(settings.relative_to(root).as_posix())


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
