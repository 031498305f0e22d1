"""The one exception family.

    LlamaVisError(message, hint)          everything a user can be told
      DescriptionError(path, line, column)  a description file is wrong
      ProjectError(path, line, column)      llamavis.toml, or the project's files, are wrong
      SettingsError                         a setting is wrong
      LibraryError                          the asset index
      ServerError                           the local server
      BackendError                          a backend could not do its work
        BackendUnavailable                  it is not installed or not reachable
        ModelMissing                        its weights are not here
        OutOfMemory                         the request was too large for the machine
      Cancelled                             the user stopped it; never shown as an error

The message is in the user's words and says what is wrong; the hint says what to do about it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from pathlib import Path

# Control codes would steer the terminal, direction marks would reorder the line, and a surrogate
# cannot be written: what a file from elsewhere says is quoted in messages.
_UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LONGEST = 2000  # characters


class LlamaVisError(Exception):
    """An expected problem: what is wrong, and what mends it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = _showable(message)
        self.hint = _showable(hint)

    def __str__(self) -> str:
        return self.message

    def pointed(self) -> str:
        """What was typed with a mark under the wrong place, for errors that know it; else empty."""
        return ""


class LocatedError(LlamaVisError):
    """A problem at a place in a text file; line and column count from 1, 0 means unknown."""

    def __init__(
        self,
        message: str,
        hint: str = "",
        path: Path | None = None,
        line: int = 0,
        column: int = 0,
    ) -> None:
        super().__init__(message, hint)
        self.path = path
        self.line = line
        self.column = column
        # Further problems found in the same file; empty when this is the only one.
        self.others: tuple[LocatedError, ...] = ()

    @property
    def problems(self) -> tuple[LocatedError, ...]:
        """Every problem found in the file, this one first."""
        return (self, *self.others)

    def place(self, root: Path | None = None) -> str:
        """`file:line:column`, the file relative to `root` where it lies inside it."""
        if self.path is None:
            return ""
        shown = self.path
        if root is not None and shown.is_relative_to(root):
            shown = shown.relative_to(root)
        text = shown.as_posix()
        if self.line:
            text += f":{self.line}"
            if self.column:
                text += f":{self.column}"
        return text


class DescriptionError(LocatedError):
    """A description file cannot be read, or says something that cannot be built."""


class ProjectError(LocatedError):
    """The project, its llamavis.toml or a path inside it is wrong."""


class SettingsError(LocatedError):
    """A setting has an unknown name or a bad value."""


class LibraryError(LlamaVisError):
    """The asset index cannot be read or written."""


class ServerError(LlamaVisError):
    """The local server cannot start or answer."""


class BackendError(LlamaVisError):
    """A backend could not do its work."""


class BackendUnavailable(BackendError):  # noqa: N818
    """The backend is not installed, not configured or not reachable."""


class ModelMissing(BackendError):  # noqa: N818
    """The backend's weights are not on this machine."""


class OutOfMemory(BackendError):  # noqa: N818
    """The request needs more memory than the machine has."""


class Cancelled(LlamaVisError):  # noqa: N818
    """The user stopped the work."""

    def __init__(self, message: str = "cancelled", hint: str = "") -> None:
        super().__init__(message, hint)


def _showable(text: str) -> str:
    """The text as any terminal can show it: a few unseen characters as escapes, and no novel."""
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}..."
    return _UNSHOWN.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name most like `word`, or None when nothing is like it."""
    by_folded = {name.casefold(): name for name in names}
    found = difflib.get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.5)
    return by_folded[found[0]] if found else None


def did_you_mean(word: str, names: Iterable[str], what: str = "names") -> str:
    """A hint naming the nearest valid name, or all of them when none is near."""
    known = list(names)
    guess = nearest(word, known)
    if guess is not None:
        return f"did you mean '{guess}'?"
    if not known:
        return f"there are no {what} yet"
    return f"the {what} are: {', '.join(known)}"
