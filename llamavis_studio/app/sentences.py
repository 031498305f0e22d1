"""An error as one line: where it is, what is wrong, and what to do about it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication

from llamavis_studio.app.messages import said
from llamavis_studio.core.errors import LlamaVisError

translate = QCoreApplication.translate


def sentence(error: LlamaVisError) -> str:
    """`~/.config/llamavis/settings.toml, 3: unknown key 'thme'. did you mean 'theme'?`

    In the language of the window. The file is left out where the words name it already.
    """
    path, line = getattr(error, "path", None), getattr(error, "line", 0)
    words = told(error.message, error.hint)
    if not isinstance(path, Path) or path.name in words:
        return words
    if line:
        return translate("Messages", "{0}, {1}: {2}").format(_short(path), line, words)
    return translate("Messages", "{0}: {1}").format(_short(path), words)


def told(message: str, hint: str = "") -> str:
    """What is wrong and what mends it in the language of the window, on one line."""
    parts = [part for one in (message, hint) if (part := _unended(said(one)))]
    if len(parts) < 2:
        return "".join(parts)
    return translate("Messages", "{0}. {1}").format(*parts)


def capital(text: str) -> str:
    """A text as a sentence begins."""
    return text[:1].upper() + text[1:]


def _unended(text: str) -> str:
    """A text without the full stop that another one would follow; three dots are meant."""
    text = text.strip()
    return text if text.endswith("...") else text.removesuffix(".")


def _short(path: Path) -> str:
    """A path as people read it: what is at home begins with ~."""
    home = Path.home()
    return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else str(path)
