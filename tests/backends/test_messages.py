from __future__ import annotations

import json

import numpy as np
import pytest

from llamavis_studio.backends.base import CaptionResult, ImageRequest, ImageResult, Tag
from llamavis_studio.backends.messages import (
    Beat,
    Cancel,
    Captions,
    Embeddings,
    Failed,
    Generate,
    Images,
    Message,
    MessageError,
    ResidentIs,
    Step,
    Stop,
    call_id_of,
    decode,
    encode,
)
from llamavis_studio.backends.shared_arrays import ArrayPlace, discard, share, take

NAME = "lvtestmessages"


@pytest.mark.parametrize(
    "message",
    [
        Beat(),
        Stop(),
        Cancel(3),
        Step(1, 2, 8),
        ResidentIs(1, None),
        ResidentIs(1, "builtin"),
        Failed(4, "OutOfMemory", "太大", "smaller", ""),
        Captions(5, (CaptionResult("a cat", (Tag("cat", 1.0),), "sprite", True, "m"),)),
        Generate(1, "b", (ImageRequest("猫 🐈", "sprite", (1, 2), 3, temperature=1.0),), 4),
        Generate(1, "b", ()),
    ],
)
def test_messages_without_arrays_round_trip(message: Message) -> None:
    data, segment = encode(message)
    assert segment is None
    assert decode(data) == message


def test_arrays_travel_in_shared_memory_which_is_gone_afterwards() -> None:
    first = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    # A view with gaps and one without any pixel are arrays too.
    second, third = first[:, ::2], np.zeros((0, 4, 3), np.uint8)
    message = Images(7, tuple(ImageResult(pixels, "x", 1) for pixels in (first, second, third)))
    data, segment = encode(message, NAME)
    assert segment is not None
    got = decode(data)
    segment.close()
    assert isinstance(got, Images)
    for wanted, result in zip((first, second, third), got.results, strict=True):
        assert np.array_equal(result.pixels, wanted)
        assert result.pixels.dtype == np.uint8
    with pytest.raises(FileNotFoundError):
        decode(data)


def test_vectors_round_trip() -> None:
    vectors = np.linspace(0, 1, 6, dtype=np.float32).reshape(2, 3)
    data, segment = encode(Embeddings(1, vectors), NAME)
    got = decode(data)
    assert segment is not None
    segment.close()
    assert isinstance(got, Embeddings)
    assert np.array_equal(got.vectors, vectors)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80\x05.",
        b"null",
        b"[]",
        b"{}",
        b'{"type":"Nothing","body":{},"segment":null,"arrays":[]}',
        b'{"type":"Step","body":{"call_id":1,"done":2},"segment":null,"arrays":[]}',
        b'{"type":"Step","body":{"call_id":1,"done":"2","total":3},"segment":null,"arrays":[]}',
        b'{"type":"Step","body":{"call_id":1,"done":true,"total":3},"segment":null,"arrays":[]}',
        b'{"type":"Embeddings","body":{"call_id":1,"vectors":0},"segment":null,"arrays":[]}',
        b"[" * 100_000,
    ],
)
def test_rubbish_is_an_error_of_its_own(data: bytes) -> None:
    with pytest.raises(MessageError):
        decode(data)


@pytest.mark.parametrize(
    "place",
    [[0, "uint8", [999_999]], [-1, "uint8", [1]], [0, "object", [1]], [999_999, "uint8", [1]]],
)
def test_places_outside_the_segment_are_refused_and_the_segment_removed(
    place: list[object],
) -> None:
    segment = share(NAME, [np.zeros(8, np.uint8)])
    envelope = {
        "type": "Embeddings",
        "body": {"call_id": 1, "vectors": 0},
        "segment": NAME,
        "arrays": [place],
    }
    with pytest.raises(MessageError):
        decode(json.dumps(envelope).encode())
    segment.close()
    with pytest.raises(FileNotFoundError):
        take(NAME, [])


def test_discard_removes_what_is_there_and_minds_nothing_else() -> None:
    share(NAME, [np.zeros(8, np.uint8)]).close()
    discard(NAME)
    discard(NAME)
    with pytest.raises(FileNotFoundError):
        take(NAME, [ArrayPlace(0, "uint8", (8,))])


def test_call_id_of_anything() -> None:
    assert call_id_of(encode(Cancel(12))[0]) == 12
    assert call_id_of(b"rubbish") == -1
    assert call_id_of(b"[]") == -1
