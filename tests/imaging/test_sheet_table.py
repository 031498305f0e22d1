"""Tables beside sheets: clips, durations, and rubbish that is left out."""

from __future__ import annotations

import json

from llamavis_studio.formats.aseprite import aseprite_array
from llamavis_studio.formats.table import Rect, SheetClip, SheetFrame
from llamavis_studio.formats.table import SheetTable as Written
from llamavis_studio.imaging.sheet_table import Clip, table_in


def frame(x: object, duration: object = 100, **more: object) -> dict[str, object]:
    return {"frame": {"x": x, "y": 0, "w": 8, "h": 6}, "duration": duration, **more}


def test_what_the_studio_writes_is_read_again() -> None:
    frames = tuple(
        SheetFrame(f"f{at}", Rect(8 * at, 0, 8, 8), (0, 0), (8, 8), 50 if at < 2 else 125)
        for at in range(5)
    )
    clips = (SheetClip("idle", 0, 1, 20), SheetClip("walk", 2, 4, 8, direction="pingpong"))
    text = aseprite_array(Written("walk.png", (40, 8), frames, clips))
    found = table_in(json.loads(text))
    assert found is not None and found.image == "walk.png"
    assert found.boxes == tuple((8 * at, 0, 8, 8) for at in range(5))
    assert found.durations_ms == (50, 50, 125, 125, 125)
    assert found.clips == (Clip("idle", (0, 1)), Clip("walk", (2, 3, 4, 3)))


def test_directions_are_the_order_of_the_frames() -> None:
    ways = {"reverse": (2, 1, 0), "pingpong": (0, 1, 2, 1), "pingpong_reverse": (2, 1, 0, 1)}
    tags = [{"name": way, "from": 0, "to": 2, "direction": way} for way in ways]
    tags.append({"name": "one", "from": 1, "to": 1, "direction": "pingpong"})
    found = table_in({"frames": [frame(0), frame(8), frame(16)], "meta": {"frameTags": tags}})
    assert found is not None
    assert {clip.name: clip.order for clip in found.clips} == {**ways, "one": (1,)}


def test_what_makes_no_sense_is_left_out_and_the_rest_stays_in_place() -> None:
    tags = [
        {"name": "walk", "from": 1, "to": 2},
        {"name": "lost", "from": 0, "to": 0},  # its only frame is no box
        {"name": "back", "from": 2, "to": 1},
        {"name": 7, "from": 0, "to": 1},
        {"from": 0, "to": 1},
        "rubbish",
    ]
    document = {
        "frames": [frame(-4), frame(8, "long"), frame(16, True, rotated=True)],
        "meta": {"frameTags": tags, "image": 3},
    }
    found = table_in(document)
    assert found is not None and found.image is None
    assert found.boxes == ((8, 0, 8, 6), (16, 0, 6, 8))
    assert found.durations_ms == (0, 0)
    assert found.clips == (Clip("walk", (0, 1)),)


def test_other_json_is_no_table() -> None:
    for value in ([], 3, None, {}, {"frames": []}, {"frames": 3, "meta": {}}, {"meta": {}}):
        assert table_in(value) is None
    empty = table_in({"frames": [], "meta": {"frameTags": "no"}})
    assert empty is not None and not empty.boxes and not empty.clips
