"""The tables of sprite sheets, as Aseprite and TexturePacker write them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llamavis_studio.library.uses.reading import references_in, sheet_boxes, sheet_image


def _frame(x: int, y: int, w: int, h: int, **more: Any) -> dict[str, Any]:
    return {"frame": {"x": x, "y": y, "w": w, "h": h}, "trimmed": False, **more}


ASEPRITE = {
    "frames": {"walk 0.ase": _frame(0, 0, 16, 24), "walk 1.ase": _frame(16, 0, 16, 24)},
    "meta": {"app": "https://www.aseprite.org/", "image": "walk.png", "size": {"w": 32, "h": 24}},
}


def test_aseprite() -> None:
    data = json.dumps(ASEPRITE).encode()
    assert sheet_image("art/walk.json", data) == "art/walk.png"
    assert sheet_boxes(data) == ((0, 0, 16, 24), (16, 0, 16, 24))
    assert references_in("art/walk.json", data, {}).paths == ()


def test_texturepacker_turns_frames() -> None:
    table = {
        "frames": [_frame(2, 3, 10, 20, rotated=True), _frame(0, 0, 4, 5, rotated=False)],
        "meta": {"image": "C:\\Games\\demo\\art\\atlas.png"},
    }
    data = json.dumps(table).encode()
    assert sheet_boxes(data) == ((2, 3, 20, 10), (0, 0, 4, 5))
    assert sheet_image("x.json", data) is None
    assert sheet_image("x.json", data, root="C:/Games/demo") == "art/atlas.png"


@pytest.mark.parametrize(
    "frame",
    [{}, None, [], {"frame": 7}, _frame(-1, 0, 1, 1), _frame(0, 0, 0, 1), _frame(True, 0, 1, 1),
     _frame(0, 0, 10**9, 1), {"frame": {"x": 0.5, "y": 0, "w": 1, "h": 1}}],
)  # fmt: skip
def test_what_is_no_box_is_left_out(frame: Any) -> None:
    data = json.dumps({"frames": [frame, _frame(1, 2, 3, 4)], "meta": {"image": 7}}).encode()
    assert sheet_boxes(data) == ((1, 2, 3, 4),)
    assert sheet_image("x.json", data) is None


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b'{"frames": 1, "meta": {}}', b'{"frames": [], "meta": []}', b"\xff",
     b'["frames", "meta"]', b'{"frames": {}, "meta": {"image": "../../a.png"}}',
     b'{"frames" "meta" ' + b"[" * 100_000],
)  # fmt: skip
def test_what_is_no_table(data: bytes) -> None:
    assert sheet_image("art/x.json", data) is None
    assert sheet_boxes(data) == ()
