"""What the studio and the model process say to each other.

A message is a frozen dataclass, written as JSON: nothing that arrives is ever executed, and
rubbish on the pipe is a ``MessageError``, not a surprise. Arrays travel beside the text in shared
memory (:mod:`llamavis_studio.backends.shared_arrays`).

A call goes: ``Generate`` -> ``Loaded`` -> ``Step``... -> ``Images`` or ``Failed``; ``Beat`` comes
while one is under way, ``Cancel`` may be sent at any time.
"""

from __future__ import annotations

import base64
import json
import types
import typing
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llamavis_studio.backends.base import (
    CaptionRequest,
    CaptionResult,
    Glimpse,
    ImageRequest,
    ImageResult,
    Vectors,
)
from llamavis_studio.backends.shared_arrays import ArrayPlace, share, take
from llamavis_studio.core.device import Device

LARGEST_GLIMPSE_PX = 256
"""Longest side of what is shown while it is drawn; larger ones are thinned out."""


class MessageError(Exception):
    """What came through the pipe is not a message."""


@dataclass(frozen=True)
class Generate:
    """Draw these; ``batch_limit`` 0 leaves the batch size to the backend."""

    call_id: int
    backend: str
    requests: tuple[ImageRequest, ...]
    batch_limit: int = 0


@dataclass(frozen=True)
class Caption:
    """Describe these."""

    call_id: int
    backend: str
    requests: tuple[CaptionRequest, ...]
    batch_limit: int = 0


@dataclass(frozen=True)
class Embed:
    """Turn these texts into vectors."""

    call_id: int
    backend: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class AskResident:
    """Which backend is in memory?"""

    call_id: int


@dataclass(frozen=True)
class AskDevices:
    """What may draw here?"""

    call_id: int


@dataclass(frozen=True)
class Cancel:
    """Give up this call, and every older one, at the next step."""

    call_id: int


@dataclass(frozen=True)
class Stop:
    """Unload and end the process."""


@dataclass(frozen=True)
class Ready:
    """The process runs and listens."""

    pid: int


@dataclass(frozen=True)
class Beat:
    """The process is alive and at work."""


@dataclass(frozen=True)
class Asleep:
    """Nothing was asked for long: the backend left memory."""


@dataclass(frozen=True)
class Team:
    """The workers of a cluster that have loaded a backend, and the threads each draws with."""

    workers: int
    nodes: int
    threads: int


@dataclass(frozen=True)
class Loaded:
    """The call's backend is in memory, of these workers if it is a cluster's; its work begins."""

    call_id: int
    team: Team | None = None


@dataclass(frozen=True)
class PackedGlimpse:
    """A small picture within a message: it is of no use once the next one comes, and to free a
    segment of shared memory that nobody waits for would take more care than it is worth.

    Raises ``ValueError`` for data that is no ``(h, w, 4)`` picture.
    """

    name: str
    height: int
    width: int
    data: str  # base64 of the bytes

    def __post_init__(self) -> None:
        """Refuse what no picture can be made of."""
        if min(self.height, self.width) < 1:
            raise ValueError("a picture has pixels")
        self.unpacked()

    @staticmethod
    def of(glimpse: Glimpse) -> PackedGlimpse:
        """A glimpse, made small enough to be sent a few times a second."""
        step = -(-max(glimpse.pixels.shape[:2]) // LARGEST_GLIMPSE_PX)
        pixels = np.ascontiguousarray(glimpse.pixels[::step, ::step])
        data = base64.b64encode(pixels.tobytes()).decode("ascii")
        return PackedGlimpse(glimpse.name, pixels.shape[0], pixels.shape[1], data)

    def unpacked(self) -> Glimpse:
        """The glimpse itself."""
        flat = np.frombuffer(base64.b64decode(self.data, validate=True), np.uint8)
        return Glimpse(self.name, flat.reshape(self.height, self.width, 4))


@dataclass(frozen=True)
class Step:
    """One step of a call is done."""

    call_id: int
    done: int
    total: int
    glimpses: tuple[PackedGlimpse, ...] = ()


@dataclass(frozen=True)
class Images:
    """The answer to ``Generate``."""

    call_id: int
    results: tuple[ImageResult, ...]


@dataclass(frozen=True)
class Captions:
    """The answer to ``Caption``."""

    call_id: int
    results: tuple[CaptionResult, ...]


@dataclass(frozen=True)
class Embeddings:
    """The answer to ``Embed``: one row a text, (n, d) float32."""

    call_id: int
    vectors: Vectors


@dataclass(frozen=True)
class ResidentIs:
    """The answer to ``AskResident``."""

    call_id: int
    backend: str | None


@dataclass(frozen=True)
class DevicesAre:
    """The answer to ``AskDevices``."""

    call_id: int
    devices: tuple[Device, ...]


@dataclass(frozen=True)
class Failed:
    """The call failed; ``error`` is the name of a class in ``core.errors``."""

    call_id: int
    error: str
    message: str
    hint: str
    trace: str


Call = Generate | Caption | Embed | AskResident | AskDevices
Answer = Images | Captions | Embeddings | ResidentIs | DevicesAre | Failed
Message = Call | Cancel | Stop | Ready | Beat | Asleep | Loaded | Step | Answer

_TYPES: dict[str, type[Any]] = {kind.__name__: kind for kind in typing.get_args(Message)}


def encode(message: Message, segment_name: str = "") -> tuple[bytes, SharedMemory | None]:
    """The message as bytes, and the segment that carries its arrays (None when it has none).

    The caller keeps the segment open until the other side took it.
    """
    arrays: list[NDArray[Any]] = []
    body = _flatten(message, arrays)
    segment = share(segment_name, arrays) if arrays else None
    envelope = {
        "type": type(message).__name__,
        "body": body,
        "segment": segment_name if arrays else None,
        "arrays": _places(arrays),
    }
    return json.dumps(envelope, separators=(",", ":")).encode(), segment


def decode(data: bytes) -> Message:
    """The message in ``data``; its arrays are copied and their segment is removed.

    Raises ``MessageError`` for anything that is not a message, ``FileNotFoundError`` when the
    segment is gone because the sender gave the call up.
    """
    try:
        envelope = json.loads(data)
        kind = _TYPES[envelope["type"]]
        places = [
            ArrayPlace(int(offset), str(dtype), tuple(int(n) for n in shape))
            for offset, dtype, shape in envelope["arrays"]
        ]
        arrays = take(str(envelope["segment"]), places) if places else []
        built: Message = _build(kind, envelope["body"], arrays)
        return built
    except FileNotFoundError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise MessageError(f"not a message: {data[:80]!r} ({error})") from error


def call_id_of(data: bytes) -> int:
    """The number of the call a message belongs to, or -1."""
    try:
        return int(json.loads(data)["body"]["call_id"])
    except (ValueError, KeyError, TypeError):
        return -1


def _flatten(value: Any, arrays: list[NDArray[Any]]) -> Any:
    """A dataclass as JSON values; arrays are moved into ``arrays`` and become their index."""
    if isinstance(value, np.ndarray):
        arrays.append(value)
        return len(arrays) - 1
    if is_dataclass(value):
        return {f.name: _flatten(getattr(value, f.name), arrays) for f in fields(value)}
    if isinstance(value, list | tuple):
        return [_flatten(item, arrays) for item in value]
    # numpy's numbers are not JSON's; callers may well pass them.
    return value.item() if isinstance(value, np.generic) else value


def _places(arrays: list[NDArray[Any]]) -> list[tuple[int, str, list[int]]]:
    places = []
    offset = 0
    for array in arrays:
        places.append((offset, array.dtype.name, list(array.shape)))
        offset += array.nbytes
    return places


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _build(wanted: Any, value: Any, arrays: list[NDArray[Any]]) -> Any:
    """``value`` as the wanted type; TypeError where it is something else."""
    origin = typing.get_origin(wanted)
    if wanted is np.ndarray or origin is np.ndarray:
        return arrays[_build(int, value, arrays)]
    if is_dataclass(wanted) and isinstance(wanted, type):
        hints = _hints(wanted)
        if not isinstance(value, dict) or value.keys() != hints.keys():
            raise TypeError(f"{wanted.__name__} has other fields")
        return wanted(**{name: _build(hints[name], item, arrays) for name, item in value.items()})
    if origin is tuple:
        if not isinstance(value, list):
            raise TypeError("a list was expected")
        inner = typing.get_args(wanted)
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else list(inner)
        return tuple(_build(kind, item, arrays) for kind, item in zip(kinds, value, strict=True))
    if origin in (typing.Union, types.UnionType):
        if value is None:
            return None
        return _build(
            next(k for k in typing.get_args(wanted) if k is not type(None)), value, arrays
        )
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is not wanted:
        raise TypeError(f"{wanted.__name__} was expected, not {type(value).__name__}")
    return value
