"""What images say, remembered by size, times and inode, so that a plan reads no image twice.

The memory lives in `.llamavis/scan.json`, may be deleted at any time, and is never believed about a
file that changed after it was read or within the clock's grain before.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from llamavis_studio.core.asset import Provenance
from llamavis_studio.core.errors import ProjectError
from llamavis_studio.core.project import Project
from llamavis_studio.core.write import write_atomic
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import (
    PROVENANCE_KEY,
    decode_image,
    pixel_hash,
    read_text_chunks,
)

_VERSION = 1
# FAT disks keep times to two seconds: a file younger than this when it was read could change again
# and look the same.
_CLOCK_GRAIN_NS = 2_000_000_000


@dataclass(frozen=True)
class ImageFacts:
    """What one image file says: our provenance if it carries any, and the hash of its pixels.

    `problem` is set, and the hash empty, where the file cannot be decoded.
    """

    provenance: Provenance | None
    pixel_hash: str
    problem: str = ""
    remembered_hash: str = ""
    """The pixels we last saw here under our own provenance; set when the provenance is gone."""


class ScanCache:
    """Facts about files; one is held by the studio, on one thread."""

    def __init__(self, path: Path, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._path = path
        self._now_ns = now_ns
        self._rows: dict[str, dict[str, Any]] = {}
        self._speeds: dict[str, float] = {}
        self._changed = False

    @classmethod
    def open(cls, project: Project) -> ScanCache:
        """The project's memory; empty when there is none or it cannot be understood."""
        cache = cls(project.state_dir / "scan.json")
        if not project.has_own(cache._path):  # a link may lead out; the next save replaces it
            return cache
        try:
            stored = json.loads(cache._path.read_bytes())
            if stored["version"] == _VERSION:
                cache._rows = {str(k): dict(v) for k, v in stored["files"].items()}
                cache._speeds = {str(k): float(v) for k, v in stored["seconds"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            pass  # nothing is lost: files are read again
        return cache

    def save(self, project: Project) -> None:
        """Keep what was learned; where that cannot be written, files are read again next time."""
        if not self._changed:
            return
        stored = {"version": _VERSION, "seconds": self._speeds, "files": self._rows}
        data = json.dumps(stored, separators=(",", ":")).encode("ascii")
        try:
            project.make_state_dir()
            write_atomic(self._path, data)
        except ProjectError:
            return
        self._changed = False

    def image_facts(self, relative: str, path: Path, status: os.stat_result) -> ImageFacts:
        """What the image at `path` says; pixels are decoded only when the file is not known yet.

        `relative` names it in the memory. Raises OSError when it cannot be read.
        """
        # No program can set the last of them back, as those do that copy a file's times.
        seal = [status.st_size, status.st_mtime_ns, status.st_ino, status.st_ctime_ns]
        row = self._rows.get(relative, {})
        if row.get("seal") == seal:
            facts = _facts_of(row)
            if facts is not None:
                return facts
        started_ns = self._now_ns()
        facts = _read_facts(path)
        if facts.provenance is None:
            facts = replace(facts, remembered_hash=_remembered_hash(row))
        young = abs(started_ns - status.st_mtime_ns) <= _CLOCK_GRAIN_NS
        self._rows[relative] = {
            "seal": None if young else seal,
            "provenance": facts.provenance and facts.provenance.model_dump(),
            "hash": facts.pixel_hash,
            "problem": facts.problem,
            "remembered": facts.remembered_hash,
        }
        self._changed = True
        return facts

    def knows(self, relative: str) -> bool:
        """Whether an image was seen here before, even if it is gone now."""
        return relative in self._rows

    def rename(self, old: str, new: str) -> None:
        """An image went to another place: what was last seen of it is known there."""
        row = self._rows.pop(old, None)
        if row is not None:
            self._rows[new] = {**row, "seal": None}
            self._changed = True

    def keep_only(self, relatives: set[str]) -> None:
        """Forget every image outside this set."""
        gone = self._rows.keys() - relatives
        for relative in gone:
            del self._rows[relative]
        self._changed = self._changed or bool(gone)

    def seconds_per_image(self, backend: str) -> float | None:
        """How long one image of this backend took lately; None before the first."""
        return self._speeds.get(backend)

    def note_speed(self, backend: str, images: int, seconds: float) -> None:
        """Learn from a finished batch; the newest counts for half."""
        if images < 1:
            return
        took = seconds / images
        before = self._speeds.get(backend, took)
        self._speeds[backend] = round((before + took) / 2, 4)
        self._changed = True


def _read_facts(path: Path) -> ImageFacts:
    is_png = _is_png(path)
    try:
        # What the studio makes is PNG; a reference may be any picture, whatever its name says.
        note = read_text_chunks(path).get(PROVENANCE_KEY) if is_png else None
        seen = pixel_hash(decode_image(path))
    except ImageError as error:
        misnamed = path.suffix.lower() == ".png" and not is_png
        return ImageFacts(None, "", "not a PNG file" if misnamed else str(error))
    if note is None:
        return ImageFacts(None, seen)
    try:
        return ImageFacts(Provenance.from_json(note), seen)
    except ValueError:  # a note of this name that is not ours
        return ImageFacts(None, seen)


def _is_png(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(8) == b"\x89PNG\r\n\x1a\n"


def _facts_of(row: dict[str, Any]) -> ImageFacts | None:
    """A remembered row as facts; None when it is not what we write."""
    try:
        stored = row["provenance"]
        provenance = None if stored is None else Provenance.model_validate(stored)
        texts = (row["hash"], row["problem"], row["remembered"])
    except (KeyError, ValueError):
        return None
    if not all(isinstance(text, str) for text in texts):
        return None
    return ImageFacts(provenance, *texts)


def _remembered_hash(row: dict[str, Any]) -> str:
    stored = row.get("provenance")
    if isinstance(stored, dict):
        return str(stored.get("pixel_hash", ""))
    return str(row.get("remembered", ""))
