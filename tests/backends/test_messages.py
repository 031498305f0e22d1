from __future__ import annotations

import json

import numpy as np
import pytest

from llamavis_studio.backends.base import (
    CaptionResult,
    Glimpse,
    ImageRequest,
    ImageResult,
    Tag,
    WordMap,
)
from llamavis_studio.backends.messages import (
    Beat,
    Cancel,
    Captions,
    DevicesAre,
    Embeddings,
    Failed,
    Generate,
    Images,
    Message,
    MessageError,
    PackedGlimpse,
    ResidentIs,
    Step,
    Stop,
    call_id_of,
    decode,
    encode,
)
from llamavis_studio.backends.shared_arrays import ArrayPlace, discard, share, take
from llamavis_studio.core.device import Device

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


def test_glimpses_travel_within_the_message_and_large_ones_are_thinned_out() -> None:
    small = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    large = np.random.default_rng(0).integers(0, 256, (40, 600, 4), np.uint8)
    packed = tuple(
        PackedGlimpse.of(Glimpse(name, one)) for name, one in (("猫", small), ("", large))
    )
    data, segment = encode(Step(1, 2, 8, packed))
    assert segment is None
    got = decode(data)
    assert isinstance(got, Step)
    first, second = (glimpse.unpacked() for glimpse in got.glimpses)
    assert (first.name, second.name) == ("猫", "")
    assert np.array_equal(first.pixels, small)
    assert np.array_equal(second.pixels, large[::3, ::3])


@pytest.mark.parametrize(
    "change",
    [{"data": "AAAA"}, {"data": "?"}, {"data": 7}, {"height": 0}, {"height": -2}, {"width": 4}],
)
def test_a_glimpse_that_is_no_picture_is_no_message(change: dict[str, object]) -> None:
    packed = PackedGlimpse.of(Glimpse("x", np.zeros((2, 3, 4), np.uint8)))
    envelope = json.loads(encode(Step(1, 2, 8, (packed,)))[0])
    envelope["body"]["glimpses"][0].update(change)
    with pytest.raises(MessageError):
        decode(json.dumps(envelope).encode())


def test_devices_round_trip() -> None:
    told = DevicesAre(
        3, (Device("cpu", "处理器", "cpu", 8, None), Device("mps", "M", "mps", best=True))
    )
    assert decode(encode(told)[0]) == told


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


def test_what_is_known_of_a_picture_travels_along() -> None:
    pixels = np.zeros((2, 3, 4), np.uint8)
    maps = tuple(
        WordMap(word, np.linspace(0, top, 6, dtype=np.float32).reshape(2, 3))
        for word, top in (("red", 1.0), ("龙", 0.3))
    )
    told = ImageResult(
        pixels, "red dragon", 1, ("a dragon",), ("龘",), (("龙", "dragon"),), maps, (0.25,)
    )
    data, segment = encode(Images(7, (told, ImageResult(pixels, "x", 2))), NAME)
    got = decode(data)
    assert segment is not None
    segment.close()
    assert isinstance(got, Images)
    first, second = got.results
    for sent, received in zip(maps, first.word_maps, strict=True):
        assert received.word == sent.word
        assert received.weights.dtype == np.float32
        assert np.array_equal(received.weights, sent.weights)
    assert (first.took_after, first.unknown_words) == (("a dragon",), ("龘",))
    assert (first.glosses, first.took_after_shares) == ((("龙", "dragon"),), (0.25,))
    assert second.word_maps == ()


def test_an_edit_makes_the_round_with_its_picture_and_region() -> None:
    before = np.arange(48, dtype=np.uint8).reshape(3, 4, 4)
    region = np.eye(3, 4, dtype=np.uint8)
    request = ImageRequest(
        "猫", "item", (4, 3), 1, before=before, before_prompt="狗", region=region, strength=0.5
    )
    data, segment = encode(Generate(1, "b", (request,)), NAME)
    got = decode(data)
    assert segment is not None
    segment.close()
    assert isinstance(got, Generate)
    (again,) = got.requests
    assert again.before is not None and np.array_equal(again.before, before)
    assert again.region is not None and np.array_equal(again.region, region)
    assert (again.before_prompt, again.strength) == ("狗", 0.5)


@pytest.mark.parametrize("change", [{"strength": 7}, {"region": 0, "before": None}])
def test_an_edit_that_makes_no_sense_is_no_message(change: dict[str, object]) -> None:
    request = ImageRequest("a", "item", (4, 3), 1, references=(np.zeros((2, 2, 4), np.uint8),))
    data, segment = encode(Generate(1, "b", (request,)), NAME)
    assert segment is not None
    envelope = json.loads(data)
    envelope["body"]["requests"][0].update(change)
    with pytest.raises(MessageError):
        decode(json.dumps(envelope).encode())
    segment.close()


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
