"""Where the data that ships with the studio lies."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def _resource_root() -> Path:
    package = Path(__file__).resolve().parent.parent
    # A wheel carries the data inside the package; a checkout keeps it at the repository's root.
    inside = package / "_resources"
    return inside if inside.is_dir() else package.parent / "resources"


def resource_path(*parts: str) -> Path:
    """The path of a shipped file or folder, such as `resource_path("schema", "x.json")`."""
    return _resource_root().joinpath(*parts)
