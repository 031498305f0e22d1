"""The table: what it refuses, in which order a clip shows, and how placements become frames."""

from __future__ import annotations

from dataclasses import replace

import pytest

from llamavis_studio.formats.table import (
    FEET,
    FormatError,
    Rect,
    SheetClip,
    SheetFrame,
    SheetTable,
    TileGrid,
    frame_ms,
    sheet_table,
)
from llamavis_studio.imaging.sheet import Placement

FRAME = SheetFrame("a", Rect(0, 0, 8, 8), (0, 0), (8, 8))
OTHER = replace(FRAME, name="b", rect=Rect(8, 0, 8, 8))
TABLE = SheetTable("a.png", (16, 8), (FRAME, OTHER))


@pytest.mark.parametrize(
    ("direction", "order"),
    [
        ("forward", [2, 3, 4]),
        ("reverse", [4, 3, 2]),
        ("pingpong", [2, 3, 4, 3]),
        ("pingpong_reverse", [4, 3, 2, 3]),
    ],
)
def test_the_order_of_a_clip(direction: str, order: list[int]) -> None:
    assert SheetClip("c", 2, 4, 8.0, direction).order() == order
    assert SheetClip("c", 2, 2, 8.0, direction).order() == [2]


def test_placements_become_frames_with_the_times_of_their_clips() -> None:
    placements = [Placement(n, i * 8, 0, 8, 6, 1, 2, 10, 10) for i, n in enumerate("abcd")]
    clips = [SheetClip("idle", 0, 1, 6.0), SheetClip("walk", 1, 2, 10.0)]
    table = sheet_table("s.png", (32, 8), placements, clips, durations_ms={"a": 500})
    assert [frame.duration_ms for frame in table.frames] == [500, 167, 100, 100]
    first = table.frames[0]
    assert first.rect == Rect(0, 0, 8, 6) and first.offset == (1, 2) and first.trimmed
    assert first.source_size == (10, 10) and first.pivot == FEET


def test_cells_are_recognised() -> None:
    grid = TileGrid(8, 8, columns=3, margin_px=1, spacing_px=2)
    assert grid.cell_of(Rect(1, 1, 8, 8)) == 0
    assert grid.cell_of(Rect(21, 11, 8, 8)) == 5
    for rect in (Rect(2, 1, 8, 8), Rect(31, 1, 8, 8), Rect(1, 1, 8, 7), Rect(0, 0, 8, 8)):
        assert grid.cell_of(rect) is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"frames": ()}, "at least one frame"),
        ({"frames": (FRAME, FRAME)}, "two frames are named 'a'"),
        ({"frames": (replace(FRAME, rect=Rect(9, 0, 8, 8)),)}, "'a' is not inside the sheet"),
        ({"frames": (replace(FRAME, rect=Rect(-1, 0, 8, 8)),)}, "not inside"),
        ({"frames": (replace(FRAME, duration_ms=0),)}, "shows for no time"),
        ({"clips": (SheetClip("c", 1, 2, 8.0),)}, "names frames 1 to 2"),
        ({"clips": (SheetClip("c", 1, 0, 8.0),)}, "names frames 1 to 0"),
        ({"clips": (SheetClip("c", 0, 1, 0.0),)}, "more than 0 frames a second"),
        ({"clips": (SheetClip("c", 0, 1, 8.0),) * 2}, "two clips are named 'c'"),
    ],
)
def test_what_no_table_can_be(change: dict[str, object], says: str) -> None:
    with pytest.raises(FormatError, match=says):
        replace(TABLE, **change)


def test_a_frame_shows_for_whole_milliseconds() -> None:
    assert [frame_ms(fps) for fps in (6, 10, 60, 5000)] == [167, 100, 17, 1]
    with pytest.raises(FormatError):
        frame_ms(0)
