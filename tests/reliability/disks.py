"""Disks that make trouble: stand-ins for the system calls of `core.write` (seen, refused, or fatal,
one by one), and a real one that is small.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest

from llamavis_studio.core.write import DISK

STEPS = tuple(field.name for field in fields(DISK))


@dataclass(frozen=True)
class Call:
    """One system call: its step, the file or folder it is about, and what makes it happen.

    `data` is what a write is given; `do(data)` may be given less, or nothing for other steps.
    """

    step: str
    path: str
    do: Callable[..., Any]
    data: bytes = b""
    to: str = ""
    handle: int = -1

    @property
    def about(self) -> str:
        """What kind of file this is about, in the words of the journal."""
        return about(self.to or self.path)


def about(path: str) -> str:
    """The kind of a file by its path, staged or in place."""
    plain = re.sub(r"/\.([^/]+)\.llamavis-tmp-\d+$", r"/\1", path)
    kinds = {
        r"/history/objects/[^/]+\.png$": "version",
        r"/history/log\.jsonl$": "versions' log",
        r"/\.llamavis/scan\.json$": "memory",
        r"/\.llamavis/failed\.json$": "failures",
        r"/\.llamavis/build\.owner\.json$": "owner",
        r"_sheet\.json$": "table",
        r"_sheet\.png$": "sheet",
        r"\.png$": "image",
    }
    return next((kind for pattern, kind in kinds.items() if re.search(pattern, plain)), "folder")


@contextlib.contextmanager
def tapped(on_call: Callable[[Call], Any]) -> Iterator[None]:
    """Hand every call of `DISK` to `on_call`, which answers for it, mostly with `call.do()`."""
    real = {step: getattr(DISK, step) for step in STEPS}
    paths: dict[int, str] = {}

    def opened(path: str, flags: int, mode: int) -> int:
        call = Call("open", path, lambda: real["open"](path, flags, mode))
        handle: int = on_call(call)
        paths[handle] = path
        return handle

    def write(handle: int, data: memoryview) -> Any:
        def do(part: bytes | memoryview = data) -> int:
            return int(real["write"](handle, part))

        return on_call(Call("write", paths[handle], do, bytes(data), handle=handle))

    def fsync(handle: int) -> Any:
        path = paths.get(handle, "")
        # A number that was given to a folder since must not pass for the file that had it before.
        if not path or os.path.isdir(f"/proc/self/fd/{handle}"):
            path = _folder_of(handle, paths)
        return on_call(Call("fsync", path, lambda: real["fsync"](handle), handle=handle))

    def replaced(source: str, to: str) -> Any:
        return on_call(Call("replace", source, lambda: real["replace"](source, to), to=to))

    stand_ins = {"open": opened, "write": write, "fsync": fsync, "replace": replaced}
    try:
        # The one object that every default argument holds, so that nothing writes past it.
        for step, stand_in in stand_ins.items():
            object.__setattr__(DISK, step, stand_in)
        yield
    finally:
        for step, call in real.items():
            object.__setattr__(DISK, step, call)


def _folder_of(handle: int, paths: dict[int, str]) -> str:
    inode = os.fstat(handle).st_ino
    for folder in {os.path.dirname(path) for path in paths.values()}:
        with contextlib.suppress(OSError):
            if os.stat(folder).st_ino == inode:
                return folder
    return str(Path("?"))


@contextlib.contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """16 MiB of memory as a disk."""
    place.mkdir()
    mounted = None
    if sys.platform == "linux" and shutil.which("mount"):
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=16m", "none", str(place)],
            capture_output=True,
            text=True,
            check=False,
        )
    if mounted is None or mounted.returncode:
        pytest.skip(f"no small disk: {mounted.stderr.strip() if mounted else 'no mount here'}")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def fill(path: Path, room: int) -> None:
    """Use up the disk but for some bytes."""
    with path.open("wb", buffering=0) as file:
        with contextlib.suppress(OSError):
            while file.write(bytes(1 << 16)):
                pass
        with contextlib.suppress(OSError):
            while file.write(bytes(512)):
                pass
        size = os.fstat(file.fileno()).st_size
        file.truncate(max(0, size - room))
