"""A disk that forgets: which tree may be there after the power was cut at some call.

What POSIX promises, and no more: the bytes of a file are there up to its last fsync, of the rest
any part may be; a name is there once its folder was synced, and until then maybe. On disks with a
journal names come in their order, on others in any.
"""

from __future__ import annotations

import os
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.reliability.disks import Call

SECTOR = 512


@dataclass
class _File:
    """`data` is what was written, of which `sure` bytes were synced."""

    data: bytearray = field(default_factory=bytearray)
    sure: int = 0


@dataclass(frozen=True)
class Event:
    """One call of the disk as it was recorded; paths are relative to the root."""

    step: str
    path: str
    data: bytes = b""
    to: str = ""


class Recorder:
    """An `on_call` for `disks.tapped` that lets everything pass and remembers it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.events: list[Event] = []

    def __call__(self, call: Call) -> object:
        answer = call.do()
        # A short write is one of as many bytes as it took.
        data = call.data[:answer] if call.step == "write" else b""
        to = os.path.relpath(call.to, self._root) if call.to else ""
        path = os.path.relpath(call.path, self._root)
        self.events.append(Event(call.step, path, data, to))
        return answer


def after_the_cut(
    before: Mapping[str, bytes], events: Sequence[Event], rng: random.Random, in_order: bool
) -> dict[str, bytes]:
    """A tree that may be found when the power went after these events."""
    tree = {path: _File(bytearray(data), len(data)) for path, data in before.items()}
    names: dict[str, _File] = dict(tree)  # as the running system saw them
    # What was done to names: (is it sure, folder, name, file or None where it went).
    changes: list[list[object]] = []

    def change(path: str, file: _File | None) -> None:
        changes.append([False, os.path.dirname(path) or ".", path, file])

    for event in events:
        if event.step == "open":
            if event.path not in names or "llamavis-tmp" in event.path:
                names[event.path] = _File()
                change(event.path, names[event.path])
        elif event.step == "write":
            names[event.path].data += event.data
        elif event.step == "replace":
            names[event.to] = names.pop(event.path)
            change(event.path, None)
            change(event.to, names[event.to])
        elif event.path in names:
            names[event.path].sure = len(names[event.path].data)
        else:
            for row in changes:
                row[0] = row[0] or row[1] == event.path
    unsure = [row for row in changes if not row[0]]
    if in_order:
        kept = unsure[: rng.randint(0, len(unsure))]
    else:
        kept = [row for row in unsure if rng.random() < 0.5]
    for row in changes:
        if row[0] or any(row is one for one in kept):
            path, file = str(row[2]), row[3]
            if isinstance(file, _File):
                tree[path] = file
            else:
                tree.pop(path, None)
    lengths: dict[int, int] = {}
    return {path: _cut(file, rng, lengths) for path, file in tree.items()}


def _cut(file: _File, rng: random.Random, lengths: dict[int, int]) -> bytes:
    """The file up to somewhere between what is sure and what was written."""
    full = len(file.data)
    choices = [file.sure, full, min(full, -(-(file.sure + 1) // SECTOR) * SECTOR)]
    return bytes(file.data[: lengths.setdefault(id(file), rng.choice(choices))])
