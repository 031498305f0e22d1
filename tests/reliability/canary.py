"""A tree outside the project that nothing may touch, and a way to see whether anything did."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from llamavis_studio.imaging.png import encode_png

_LONG_AGO_NS = 1_000_000_000_000_000_000
_BEFORE_THAT_NS = 900_000_000_000_000_000


class Canary:
    """Real files of every sort that a project may name; a read would succeed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        picture = encode_png(np.full((16, 16, 4), 200, np.uint8))
        (folder / "inner").mkdir()
        for name in ("secret.png", "inner/hero.png", "noend"):
            (folder / name).write_bytes(picture)
        (folder / "secret.hex").write_text("112233\nffeedd\n")
        (folder / "secret.safetensors").write_bytes(bytes(64))
        (folder / "secret.desc.toml").write_text('description = "from outside"\n')
        (folder / "scan.json").write_text('{"version": 1, "files": {}, "seconds": {}}')
        (folder / "log.jsonl").write_text("{}\n")
        (folder / "text").write_text("precious\n")
        for path in self._paths():
            os.utime(path, ns=(_BEFORE_THAT_NS, _LONG_AGO_NS))
        self._before = self._look()

    def sees_reads(self) -> bool:
        """Whether this file system notes when a file is read (not with `noatime`)."""
        probe = self.folder.with_name("probe")
        probe.write_text("x")
        os.utime(probe, ns=(_BEFORE_THAT_NS, _LONG_AGO_NS))
        probe.read_text()
        return probe.stat().st_atime_ns != _BEFORE_THAT_NS

    def touched(self, reads: bool = True) -> list[str]:
        """What was made, changed, removed or (with `reads`) read since the beginning."""
        now = self._look()
        return sorted(
            path
            for path in self._before.keys() | now.keys()
            if (a := self._before.get(path)) is None
            or (b := now.get(path)) is None
            or a[0] != b[0]
            or (reads and a[1] != b[1])
        )

    def _paths(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*") if path.is_file())

    def _look(self) -> dict[str, tuple[object, int]]:
        """Times first: reading the content is a read too, and is undone."""
        found: dict[str, tuple[object, int]] = {}
        for path in self._paths():
            status = path.stat()
            data = path.read_bytes()
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
            seal = (status.st_mtime_ns, status.st_ino, status.st_mode, data)
            found[path.relative_to(self.folder).as_posix()] = (seal, status.st_atime_ns)
        return found
