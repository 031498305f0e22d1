"""Make the plugins' archives for the engines' stores: `python packaging/plugin_zips.py OUT`.

The AssetLib of Godot takes a zip with `addons/` in it; it unpacks that into the project. Equal
files give equal bytes: names are sorted, times and permissions are fixed. Blender takes a zip with
the manifest at its root.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
ADDON = "addons/llamavis"
SHIPPED = (".gd", ".uid", ".cfg", ".svg", ".md", ".tscn")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def godot_zip(out: Path) -> Path:
    """Write `llamavis-godot-VERSION.zip` into a folder; returns its path."""
    source = REPO / "plugins" / "godot" / ADDON
    version = addon_version(source / "plugin.cfg")
    files = {
        f"{ADDON}/{path.relative_to(source).as_posix()}": path.read_bytes()
        for path in source.rglob("*")
        if path.is_file() and path.suffix in SHIPPED
    }
    files[f"{ADDON}/LICENSE"] = (REPO / "LICENSE").read_bytes()
    return _write(out / f"llamavis-godot-{version}.zip", files)


def blender_zip(out: Path) -> Path:
    """Write `llamavis-blender-VERSION.zip`, which Blender installs, into a folder; its path."""
    from llamavis_studio.cli.plugin_blender import extension_zip

    version = addon_version(REPO / "plugins" / "blender" / "llamavis" / "blender_manifest.toml")
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"llamavis-blender-{version}.zip"
    path.write_bytes(extension_zip())
    return path


def addon_version(config: Path) -> str:
    """The version that a plugin.cfg, or a manifest, names."""
    for line in config.read_text("utf-8").splitlines():
        key, _, value = line.partition("=")
        if key.strip() == "version":
            return value.strip().strip('"')
    raise SystemExit(f"{config} names no version")


def _write(path: Path, files: dict[str, bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # also where it is made on Windows
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name], compresslevel=9)
    return path


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python packaging/plugin_zips.py OUT")
    print(godot_zip(Path(sys.argv[1])))
    print(blender_zip(Path(sys.argv[1])))
