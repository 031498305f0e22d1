from __future__ import annotations

import numpy as np
import pytest

from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import decode_image, encode_png, text_chunks_in
from llamavis_studio.imaging.png_renote import with_note

PIXELS = np.random.default_rng(1).integers(0, 255, (5, 4, 4), dtype=np.uint8)


def test_one_note_says_something_else_and_the_rest_stays() -> None:
    data = encode_png(PIXELS, provenance_json='{"a": 1}', parameters="words", xmp="<x/>")
    changed = with_note(data, "llamavis", '{"b": "骑士"}')
    notes = text_chunks_in(changed)
    assert notes == {**text_chunks_in(data), "llamavis": '{"b": "骑士"}'}
    assert np.array_equal(decode_image(changed), decode_image(data))
    assert changed[changed.index(b"IDAT") :] == data[data.index(b"IDAT") :]


def test_without_such_a_note_nothing_changes() -> None:
    data = encode_png(PIXELS, parameters="words")
    assert with_note(data, "llamavis", "{}") == data


@pytest.mark.parametrize("data", [b"", b"GIF89a", encode_png(PIXELS)[:60]])
def test_what_is_no_whole_png_is_refused(data: bytes) -> None:
    with pytest.raises(ImageError):
        with_note(data, "llamavis", "{}")
