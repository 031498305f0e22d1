"""An error as one line: where it is, what is wrong, and what to do about it."""

from __future__ import annotations

from pathlib import Path

from llamavis_studio.core.errors import LlamaVisError


def sentence(error: LlamaVisError) -> str:
    """`~/.config/llamavis/settings.toml, 3: unknown key 'thme'. did you mean 'theme'?`

    The file is left out where the words name it already.
    """
    path, line = getattr(error, "path", None), getattr(error, "line", 0)
    told = f"{error.message}. {error.hint}".strip(". ")
    if not isinstance(path, Path) or path.name in told:
        return told
    return f"{_short(path)}{f', {line}' if line else ''}: {told}"


def _short(path: Path) -> str:
    """A path as people read it: what is at home begins with ~."""
    home = Path.home()
    return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else str(path)
