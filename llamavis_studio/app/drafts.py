"""Unsaved text that survives the studio's death: one small file for each file being edited.

`keep` while somebody types, `drop` once it is saved, `find` when the file is opened again. What
somebody chose against (their own text, or that of another program) is laid aside with `set_aside`
and stays until there are newer ones.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from llamavis_studio.core.errors import LlamaVisError
from llamavis_studio.core.write import explained, write_atomic

MOST_ASIDE = 20  # texts of one file
_LARGEST_BYTES = 64 * 1024 * 1024  # a file beyond it is none of ours


@dataclass(frozen=True)
class Draft:
    """An unsaved text, and the file it started from: its digest and when it was written."""

    path: Path
    text: str
    base: str
    mtime_ns: int


class Drafts:
    """The drafts of a studio, in one folder that is made when the first is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, path: Path, text: str, base: str | None = None) -> None:
        """Keep the unsaved text of a file; `base` is the `digest` of the file it started from.

        Raises:
            LlamaVisError: it could not be written.
        """
        self._write(self._place(path), path, text, base)

    def find(self, path: Path) -> str | None:
        """The unsaved text of a file, or None."""
        draft = self.read(path)
        return None if draft is None else draft.text

    def read(self, path: Path) -> Draft | None:
        """The draft of a file with what it started from, or None."""
        return _read(self._place(path), path)

    def drop(self, path: Path) -> None:
        """Forget the draft of a file, if there is one."""
        with contextlib.suppress(OSError):
            self._place(path).unlink(missing_ok=True)

    def set_aside(self, path: Path, text: str) -> None:
        """Lay a text aside that was not chosen; raises LlamaVisError when that fails."""
        digest = digest_of(text.encode("utf-8", "surrogatepass"))[:16]
        place = self._place(path)
        self._write(place.with_name(f"{place.stem}-{digest}.json"), path, text, None)
        for old in self._aside(path)[MOST_ASIDE:]:
            with contextlib.suppress(OSError):
                old.unlink()

    def aside(self, path: Path) -> tuple[str, ...]:
        """The texts of a file that were laid aside, the newest first."""
        drafts = (_read(place, path) for place in self._aside(path))
        return tuple(draft.text for draft in drafts if draft is not None)

    def _aside(self, path: Path) -> list[Path]:
        dated = []
        for place in self.folder.glob(f"{self._place(path).stem}-*.json"):
            with contextlib.suppress(OSError):
                dated.append((place.stat().st_mtime_ns, place))
        return [place for _, place in sorted(dated, reverse=True)]

    def _place(self, path: Path) -> Path:
        name = hashlib.blake2b(str(path.absolute()).encode("utf-8", "surrogateescape"))
        return self.folder / f"{name.hexdigest()[:32]}.json"

    def _write(self, place: Path, path: Path, text: str, base: str | None) -> None:
        mtime_ns = 0
        with contextlib.suppress(OSError):
            mtime_ns = path.stat().st_mtime_ns
        if base is None:
            base = ""
            with contextlib.suppress(OSError):
                base = digest_of(path.read_bytes())
        values = {
            "path": str(path.absolute()),
            "base": base,
            "mtime_ns": mtime_ns,
            "text": text,
        }
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as cause:
            raise explained(cause, place) from cause
        # ASCII escapes carry every text, half a surrogate pair too.
        write_atomic(place, json.dumps(values).encode("ascii"), mode=0o600)


def digest_of(data: bytes) -> str:
    """What tells two contents of a file apart."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def kept_safely(drafts: Drafts, path: Path, text: str, base: str | None) -> LlamaVisError | None:
    """`keep`, answering what went wrong: typing goes on when a draft cannot be written."""
    try:
        drafts.keep(path, text, base)
    except LlamaVisError as error:
        return error
    return None


def _read(place: Path, path: Path) -> Draft | None:
    """A draft file, or None when it is gone, broken, or of another path."""
    try:
        if place.stat().st_size > _LARGEST_BYTES:
            return None
        values = json.loads(place.read_bytes())
        draft = Draft(Path(values["path"]), values["text"], values["base"], values["mtime_ns"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return draft if isinstance(draft.text, str) and draft.path == path.absolute() else None
