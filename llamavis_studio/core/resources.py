"""Where the data that ships with the studio lies."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def _root(name: str) -> Path:
    package = Path(__file__).resolve().parent.parent
    # A wheel carries the data inside the package; a checkout keeps it at the repository's root.
    inside = package / f"_{name}"
    return inside if inside.is_dir() else package.parent / name


def resource_path(*parts: str) -> Path:
    """The path of a shipped file or folder, such as `resource_path("schema", "x.json")`."""
    return _root("resources").joinpath(*parts)


def plugin_path(*parts: str) -> Path:
    """The path of an engine plugin's file or folder, such as `plugin_path("godot", "addons")`."""
    return _root("plugins").joinpath(*parts)
