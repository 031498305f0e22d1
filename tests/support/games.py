"""Small games for tests that build: descriptions in, and what lies on disk afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

PROJECT = '[project]\nname = "game"\nbackend = "instant"\n'


def make_game(root: Path, files: Mapping[str, str]) -> Path:
    """Write files by relative path; `llamavis.toml` chooses the instant backend unless given."""
    for relative, text in {"llamavis.toml": PROJECT, **files}.items():
        path = root / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def described(words: str, more: str = "") -> str:
    """A description file saying these words."""
    return f'description = "{words}"\n{more}'


def on_disk(root: Path) -> dict[str, tuple[int, bytes]]:
    """Every file outside .llamavis: its modification time and its bytes."""
    return {
        path.relative_to(root).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for path in root.rglob("*")
        if path.is_file() and ".llamavis" not in path.parts
    }


def changed(before: dict[str, tuple[int, bytes]], after: dict[str, tuple[int, bytes]]) -> set[str]:
    """The files that were written, made or removed between two looks."""
    return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
