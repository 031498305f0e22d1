"""Replaced images, kept by content until the room for them is full.

`.llamavis/history/objects/HASH.png` holds each version once, `.llamavis/history/log.jsonl` says in
the order of events which output it was replaced at. Both may be deleted at any time: what is lost
is the way back, never an image of the project. Only the thread that builds adds to it.
"""

from __future__ import annotations

import contextlib
import datetime
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from llamavis_studio.core.errors import ProjectError
from llamavis_studio.core.hashing import sha256_hex
from llamavis_studio.core.project import Project
from llamavis_studio.core.write import append_line, sync_folders, write_atomic
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import decode_image, pixel_hash
from llamavis_studio.pipeline.notes import finished_png, provenance_in
from llamavis_studio.pipeline.target import Target

SHORT = 12
"""Digits of a version's hash that people see."""


@dataclass(frozen=True)
class Version:
    """One replaced image. `number` counts back from the newest, which is 1."""

    output: str
    version: str
    """SHA-256 of the file."""
    bytes: int
    prompt: str
    """The words it was made from; empty for an image the studio did not make."""
    by_hand: bool
    """Whether its pixels were changed after the studio made them."""
    replaced: str
    """When, in UTC; for people only, nothing is decided by it."""
    number: int = 0

    @property
    def short(self) -> str:
        """The digits of the hash that people see."""
        return self.version[:SHORT]


class History:
    """The replaced images of one project; `room_bytes` of 0 keeps none."""

    def __init__(
        self,
        project: Project,
        room_bytes: int,
        now: Callable[[], datetime.datetime] = lambda: datetime.datetime.now(datetime.UTC),
    ) -> None:
        self._project = project
        self._room = room_bytes
        self._now = now

    @property
    def folder(self) -> Path:
        """Where everything lies; may not exist yet."""
        return self._project.state_dir / "history"

    def keep(self, output: str) -> Version | None:
        """Take in the image that is about to be replaced; None when there is none.

        Raises ProjectError when it cannot be kept: then it must not be replaced either.
        """
        path = self._project.root / output
        if self._room == 0 or path.is_symlink():  # what a link leads to stays where it is
            return None
        try:
            data = path.read_bytes()
        except OSError:
            return None
        if not data:
            return None
        stamp = self._now().isoformat(timespec="seconds").replace("+00:00", "Z")
        prompt, by_hand = _told(path)
        found = Version(output, sha256_hex(data), len(data), prompt, by_hand, stamp)
        try:
            self._project.make_state_dir()
            self._put(found, data)
        except (OSError, ProjectError) as cause:
            reason = cause.__cause__ if isinstance(cause, ProjectError) else cause
            words = getattr(reason, "strerror", None) or cause
            raise ProjectError(
                f"{path.name} was not replaced: its old version cannot be kept ({words})",
                "free some space, or set history_mb = 0 in [settings]",
                path,
            ) from cause
        return found

    def versions(self, output: str | None = None, most: int | None = None) -> list[Version]:
        """What can be put back, the newest first; of one output, or of all; at most so many."""
        counts: dict[str, int] = {}
        found: list[Version] = []
        # After years there are thousands: only lines that may be wanted are read.
        name = "" if output is None else json.dumps(output, ensure_ascii=False)[1:-1]
        for line in reversed(self._lines()):
            if most is not None and len(found) >= most:
                break
            row = _version_of(line) if name in line else None
            if row is None or (output is not None and row.output != output):
                continue
            place = self._object(row.version)
            if place.is_symlink() or not place.is_file():
                continue
            counts[row.output] = counts.get(row.output, 0) + 1
            found.append(replace(row, number=counts[row.output]))
        return found

    def data(self, version: Version) -> bytes:
        """The file as it was; raises ProjectError when it is gone or damaged."""
        path = self._object(version.version)
        try:
            data = path.read_bytes()
        except OSError as cause:
            raise ProjectError(
                f"the version cannot be read: {cause.strerror or cause}", "choose another one", path
            ) from cause
        if sha256_hex(data) != version.version:
            raise ProjectError("the version is damaged", "choose another one", path)
        return data

    def find(self, output: str, name: str) -> Version:
        """A version by its number or the beginning of its hash; raises ProjectError."""
        versions = self.versions(output)
        if not versions:
            raise ProjectError(
                f"no older version of {output} is kept",
                "versions are kept from the first replacement on",
            )
        for one in versions:
            if name == str(one.number) or (len(name) >= 4 and one.version.startswith(name)):
                return one
        raise ProjectError(
            f"there is no version '{name}' of {output}",
            f"choose 1 to {len(versions)}: llamavis history {output}",
        )

    def prune(self) -> int:
        """Let go of the oldest versions until the rest fits; how many went."""
        rows = self._rows()
        if not rows:
            return 0
        last = {row.version: place for place, row in enumerate(rows)}
        sizes = {row.version: row.bytes for row in rows}
        total, kept = 0, set()
        for version in sorted(last, key=lambda v: last[v], reverse=True):
            total += sizes[version]
            if total > self._room:
                break
            kept.add(version)
        gone = [version for version in last if version not in kept]
        for version in gone:
            with contextlib.suppress(OSError):
                self._object(version).unlink(missing_ok=True)
        if gone:
            lines = b"".join(_line(row) + b"\n" for row in rows if row.version in kept)
            with contextlib.suppress(ProjectError):
                write_atomic(self._log, lines)
        return len(gone)

    def follow(self, moves: Mapping[str, str]) -> None:
        """Images were renamed (old output to new): their older versions are theirs still.

        Where that cannot be written, they are found under the old name.
        """
        rows = self._rows()
        if any(row.output in moves for row in rows):
            followed = [replace(row, output=moves.get(row.output, row.output)) for row in rows]
            with contextlib.suppress(ProjectError):
                write_atomic(self._log, b"".join(_line(row) + b"\n" for row in followed))

    def restore(self, target: Target, version: Version) -> None:
        """Put a version back at its output; what stands there now is kept first.

        What the studio made is then fresh: the user chose it for today's words. What a hand made
        stays known as edited by hand. Raises ProjectError.
        """
        data = self.data(version)
        path = self._project.root / target.output
        if not version.by_hand:
            data = _accepted(self._object(version.version), data, target)
        self.keep(target.output)
        write_atomic(path, data)
        sync_folders([path.parent])

    def _put(self, found: Version, data: bytes) -> None:
        """Make a version and its row durable: only then may the image be replaced."""
        if self._is_linked():
            raise ProjectError(f"'{self.folder}' is a link", "remove the link", self.folder)
        for folder in (self._project.state_dir, self.folder, self._objects):
            folder.mkdir(exist_ok=True)  # the project's own was there, or is not ours to make
        place = self._object(found.version)
        is_first = not self._log.exists()
        if place.is_symlink() or not place.exists():
            write_atomic(place, data)
            sync_folders([self._objects])
        append_line(self._log, _line(found))
        if is_first:
            sync_folders([self.folder, self._project.state_dir])

    def _is_linked(self) -> bool:
        """Whether what lies here may be outside the project."""
        return any(one.is_symlink() for one in (self.folder, self._objects, self._log))

    @property
    def _log(self) -> Path:
        return self.folder / "log.jsonl"

    @property
    def _objects(self) -> Path:
        return self.folder / "objects"

    def _object(self, version: str) -> Path:
        return self._objects / f"{version}.png"

    def _rows(self) -> list[Version]:
        """The log; lines that a crash or a hand damaged are passed over."""
        return [row for line in self._lines() if (row := _version_of(line)) is not None]

    def _lines(self) -> list[str]:
        if self._is_linked():
            return []
        try:
            text = self._log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        return text.split("\n")  # a prompt may hold other signs that end lines


def _version_of(line: str) -> Version | None:
    with contextlib.suppress(ValueError, KeyError, TypeError, RecursionError):
        row = json.loads(line)
        version = str(row["version"])
        if len(version) == 64 and set(version) <= set("0123456789abcdef"):  # it is a file's name
            return Version(
                str(row["output"]),
                version,
                int(row["bytes"]),
                str(row["prompt"]),
                bool(row["by_hand"]),
                str(row["replaced"]),
            )
    return None


def _line(version: Version) -> bytes:
    """A row of the log, without the end of its line."""
    row = {key: value for key, value in asdict(version).items() if key != "number"}
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def _told(path: Path) -> tuple[str, bool]:
    """The words an image was made from, and whether a hand changed it since."""
    provenance = provenance_in(path)
    if provenance is None:
        return "", True
    try:
        return provenance.prompt, pixel_hash(decode_image(path)) != provenance.pixel_hash
    except (ImageError, OSError):
        return "", True


def _accepted(path: Path, data: bytes, target: Target) -> bytes:
    """The same pixels and words, under today's build key."""
    provenance = provenance_in(path)
    if provenance is None:
        raise ProjectError("the version says no longer where it is from", "choose another one")
    try:
        pixels = decode_image(data)
    except ImageError as cause:
        raise ProjectError(f"the version cannot be read: {cause}", "choose another one") from cause
    chosen = provenance.model_copy(
        update={"build_key": target.build_key, "parts": dict(target.parts), "source": target.source}
    )
    return finished_png(pixels, chosen)
