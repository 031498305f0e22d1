"""`llamavis plugin install blender`: the extension into Blender's own folder, or into a zip.

Blender lists what lies in `extensions/user_default` of its user folder; switching it on stays the
user's to do, in Edit > Preferences > Add-ons. What was put there is noted beside it, with hashes,
so that taking it out leaves what somebody added or changed.
"""

from __future__ import annotations

import io
import os
import re
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from llamavis_studio import __version__
from llamavis_studio.cli.guard import guarded
from llamavis_studio.cli.noted_files import put_files, remove_empty_folders, take_files
from llamavis_studio.cli.output import Output
from llamavis_studio.core.errors import ProjectError
from llamavis_studio.core.resources import plugin_path
from llamavis_studio.core.write import write_atomic

NAME = "llamavis"
REPOSITORY = Path("extensions") / "user_default"
OLDEST = (4, 2)
_KEPT = (".py", ".toml", ".md", ".txt")
_VERSION = re.compile(r"(\d+)\.(\d+)")
_DAY_ONE = (1980, 1, 1, 0, 0, 0)  # of zip files: equal files, equal bytes


@dataclass
class Changes:
    """What was done in one folder; names are relative to it."""

    folder: Path
    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def install(path: Path | None, uninstall: bool, as_json: bool) -> int:
    """Install the extension into every Blender of this user, or at `path`; or take it out."""
    output = Output(as_json)

    def work() -> int:
        if path is not None and path.suffix == ".zip":
            if uninstall:
                raise ProjectError("a zip is not taken out", "delete the file")
            write_atomic(path, extension_zip())
            done = [Changes(path.parent, written=[path.name])]
            output.say(f"wrote {path}: drop it on Blender's window to install it")
        else:
            done = [(take_out if uninstall else put_in)(folder / NAME) for folder in places(path)]
            for changes in done:
                _say(output, changes, uninstall)
        output.document(
            {
                "engine": "blender",
                "version": __version__,
                "installed": not uninstall,
                "folders": [
                    {
                        "folder": str(one.folder),
                        "written": one.written,
                        "removed": one.removed,
                        "left": one.left,
                    }
                    for one in done
                ],
            }
        )
        return 0

    return guarded(output, work)


def extension_files() -> dict[str, bytes]:
    """The extension's files by their names in it, sorted. Raises ProjectError."""
    source = plugin_path("blender", NAME)
    found = {
        path.relative_to(source).as_posix(): path.read_bytes()
        for path in sorted(source.rglob("*"))
        if path.is_file() and path.suffix in _KEPT and "__pycache__" not in path.parts
    }
    if "blender_manifest.toml" not in found:
        raise ProjectError(
            "this installation has no Blender extension", "install LlamaVis Studio again"
        )
    return found


def extension_zip() -> bytes:
    """The zip that Blender installs; equal files give equal bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in extension_files().items():
            entry = zipfile.ZipInfo(name, _DAY_ONE)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            entry.create_system = 3  # also where it is made on Windows
            archive.writestr(entry, data)
    return packed.getvalue()


def places(path: Path | None, environment: Mapping[str, str] = os.environ) -> list[Path]:
    """The repositories of extensions to install to. Raises ProjectError where there is none."""
    if path is not None:
        if not path.is_dir():
            raise ProjectError(
                f"there is no folder '{path}'",
                "name Blender's user folder, such as ~/.config/blender/4.5, or a .zip to write",
            )
        return [path if path.name == REPOSITORY.name else path / REPOSITORY]
    if "BLENDER_USER_EXTENSIONS" in environment:
        return [Path(environment["BLENDER_USER_EXTENSIONS"]) / REPOSITORY.name]
    if "BLENDER_USER_RESOURCES" in environment:
        return [Path(environment["BLENDER_USER_RESOURCES"]) / REPOSITORY]
    found = [
        folder / REPOSITORY
        for folder in sorted(_user_folder(environment).glob("*"))
        if (match := _VERSION.fullmatch(folder.name))
        and (int(match[1]), int(match[2])) >= OLDEST
        and folder.is_dir()
    ]
    if not found:
        raise ProjectError(
            "no Blender 4.2 or newer was found in your home folder",
            "start Blender once, or write a zip: llamavis plugin install blender llamavis.zip",
        )
    return found


def put_in(place: Path) -> Changes:
    """Copy the extension into its folder, or bring it up to date. Raises ProjectError."""
    _refuse_link(place)
    written, removed = put_files(place, extension_files())
    return Changes(place, written, removed)


def take_out(place: Path) -> Changes:
    """Take the extension out; what is not ours, or was changed, stays. Raises ProjectError."""
    _refuse_link(place)
    changes = Changes(place, removed=take_files(place))
    if place.is_dir():
        for made in place.rglob("__pycache__/*.pyc"):
            made.unlink()
        remove_empty_folders(place)
        changes.left += [
            one.relative_to(place).as_posix() for one in sorted(place.rglob("*")) if one.is_file()
        ]
    return changes


def _user_folder(environment: Mapping[str, str]) -> Path:
    if sys.platform == "win32":
        return Path(environment.get("APPDATA", "")) / "Blender Foundation" / "Blender"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Blender"
    return Path(environment.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "blender"


def _refuse_link(place: Path) -> None:
    if place.is_symlink():
        raise ProjectError(f"'{place}' is a link to another folder", "remove the link first")


def _say(output: Output, changes: Changes, uninstall: bool) -> None:
    if uninstall:
        output.say(f"took the extension out of {changes.folder}: {len(changes.removed)} files")
        for name in changes.left:
            output.say(f"  left {name}, which is not the extension's or was changed")
        return
    if not changes.written and not changes.removed:
        output.say(f"the extension in {changes.folder} is up to date")
        return
    output.say(f"installed the extension in {changes.folder}: {len(changes.written)} files")
    output.say("  switch it on in Blender: Edit > Preferences > Add-ons > LlamaVis")
