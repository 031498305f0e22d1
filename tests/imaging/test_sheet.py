"""Sheets: nothing overlaps, every pixel is found again, and equal frames give equal sheets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llamavis_studio.imaging.arrays import Pixels, with_alpha
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.sheet import (
    Frame,
    Placement,
    Sheet,
    SheetOptions,
    cut_from_sheet,
    pack_sheet,
)
from tests.imaging.strategies import pictures

LAYOUTS = ("packed", "grid", "strip")
lengths = st.integers(0, 3)


def named(pixels: list[Pixels]) -> list[Frame]:
    return [Frame(f"frame {i}", picture) for i, picture in enumerate(pixels)]


def plain(*sizes: tuple[int, int]) -> list[Frame]:
    """Opaque frames (width, height), each of its own grey."""
    grey = [np.full((h, w, 4), 255, np.uint8) for w, h in sizes]
    for i, picture in enumerate(grey):
        picture[..., :3] = 10 + i % 200
    return named(grey)


@st.composite
def sheets(draw: st.DrawFn) -> tuple[list[Frame], SheetOptions, Sheet]:
    layout = draw(st.sampled_from(LAYOUTS))
    if layout == "packed":
        frames = draw(st.lists(pictures(max_side=9), min_size=1, max_size=9))
    else:
        first = draw(pictures(max_side=9))
        turns = draw(st.lists(st.integers(0, 3), min_size=0, max_size=8))
        frames = [first, *(np.roll(first, turn, axis=1) for turn in turns)]
    if draw(st.booleans()):
        frames.append(frames[0])
    options = SheetOptions(
        layout=layout,
        padding_px=draw(lengths),
        border_px=draw(lengths),
        extrusion_px=draw(lengths),
        trim=draw(st.booleans()),
        power_of_two=draw(st.booleans()),
        merge_equal=draw(st.booleans()),
    )
    return named(frames), options, pack_sheet(named(frames), options)


def rectangles(sheet: Sheet) -> set[tuple[int, int, int, int]]:
    return {(p.x, p.y, p.width, p.height) for p in sheet.placements}


def gap_between(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    """Clear pixels between two rectangles along the axis where they are farthest apart."""
    across = max(other[0] - one[0] - one[2], one[0] - other[0] - other[2])
    along = max(other[1] - one[1] - one[3], one[1] - other[1] - other[3])
    return max(across, along)


@given(sheets())
def test_every_frame_is_found_again_exactly(made: tuple[list[Frame], SheetOptions, Sheet]) -> None:
    frames, options, sheet = made
    assert [placement.name for placement in sheet.placements] == [frame.name for frame in frames]
    for frame, placement in zip(frames, sheet.placements, strict=True):
        back, pixels = cut_from_sheet(sheet.pixels, placement), with_alpha(frame.pixels)
        assert back.shape == pixels.shape
        if options.trim:  # what was cut away was clear
            pixels = np.where(pixels[..., 3:] > 0, pixels, 0)
            back = np.where(back[..., 3:] > 0, back, 0)
        assert np.array_equal(back, pixels)


@given(sheets())
def test_frames_keep_their_distance(made: tuple[list[Frame], SheetOptions, Sheet]) -> None:
    _, options, sheet = made
    height, width = sheet.pixels.shape[:2]
    places = sorted(rectangles(sheet))
    for i, (x, y, w, h) in enumerate(places):
        assert min(x, y, width - x - w, height - y - h) >= options.edge_px
        for other in places[i + 1 :]:
            assert gap_between((x, y, w, h), other) >= options.gap_px
    if not options.merge_equal:
        assert len(places) == len(sheet.placements)


@given(sheets())
def test_extrusion_repeats_the_edge_and_all_else_is_clear(
    made: tuple[list[Frame], SheetOptions, Sheet],
) -> None:
    _, options, sheet = made
    rest = sheet.pixels.copy()
    around = options.extrusion_px
    for x, y, w, h in rectangles(sheet):
        inside = sheet.pixels[y : y + h, x : x + w]
        wide = sheet.pixels[y - around : y + h + around, x - around : x + w + around]
        edges = ((around, around), (around, around), (0, 0))
        assert np.array_equal(wide, np.pad(inside, edges, mode="edge"))
        rest[y - around : y + h + around, x - around : x + w + around] = 0
    assert not rest.any()


@given(sheets())
def test_sides_and_repetition(made: tuple[list[Frame], SheetOptions, Sheet]) -> None:
    frames, options, sheet = made
    again = pack_sheet(frames, options)
    assert np.array_equal(again.pixels, sheet.pixels) and again.placements == sheet.placements
    if options.power_of_two:
        assert all(side & (side - 1) == 0 for side in sheet.pixels.shape[:2])
    elif options.layout == "packed":  # no empty row or column beyond the border
        right = max(p.x + p.width for p in sheet.placements) + options.edge_px
        bottom = max(p.y + p.height for p in sheet.placements) + options.edge_px
        assert sheet.pixels.shape[:2] == (bottom, right)


@given(sheets())
def test_the_cells_of_a_grid_are_where_it_says(
    made: tuple[list[Frame], SheetOptions, Sheet],
) -> None:
    _, options, sheet = made
    grid = sheet.grid
    assert (grid is None) == (options.layout == "packed")
    if grid is None or options.merge_equal:
        return
    step_x, step_y = grid.cell_width + grid.spacing_px, grid.cell_height + grid.spacing_px
    for i, placement in enumerate(sheet.placements):
        row, column = divmod(i, grid.columns)
        assert placement.x == grid.margin_px + column * step_x
        assert placement.y == grid.margin_px + row * step_y
        assert (placement.width, placement.height) == (grid.cell_width, grid.cell_height)
    if options.layout == "strip":
        assert len({placement.y for placement in sheet.placements}) == 1


def test_equal_frames_are_drawn_once_when_asked() -> None:
    one, other = plain((4, 4), (4, 4))
    frames = [one, other, Frame("again", one.pixels), Frame("and again", one.pixels)]
    kept = pack_sheet(frames, SheetOptions(padding_px=0))
    merged = pack_sheet(frames, SheetOptions(padding_px=0, merge_equal=True))
    assert kept.pixels.shape == (8, 8, 4) and merged.pixels.shape[0] * merged.pixels.shape[1] == 32
    assert len(rectangles(kept)) == 4 and len(rectangles(merged)) == 2


def test_trimming_keeps_size_and_offset() -> None:
    picture = np.zeros((10, 8, 4), np.uint8)
    picture[3:7, 2:5] = 200
    frames = [Frame("dot", picture), Frame("nothing", np.zeros_like(picture))]
    dot, nothing = pack_sheet(frames, SheetOptions(trim=True)).placements
    assert dot == Placement("dot", dot.x, dot.y, 3, 4, 2, 3, 8, 10)
    assert (nothing.width, nothing.height) == (1, 1)
    assert (nothing.source_width, nothing.source_height) == (8, 10)


def test_cells_are_trimmed_together() -> None:
    high, low = np.zeros((8, 8, 4), np.uint8), np.zeros((8, 8, 4), np.uint8)
    high[1:3, 2:4], low[5:6, 4:7] = 255, 255
    frames = [Frame("high", high), Frame("low", low)]
    placements = pack_sheet(frames, SheetOptions(layout="strip", trim=True)).placements
    boxes = {(p.offset_x, p.offset_y, p.width, p.height) for p in placements}
    assert boxes == {(2, 1, 5, 5)}


def test_a_grid_is_square_unless_columns_are_named() -> None:
    frames = plain(*[(16, 16)] * 12)
    free = pack_sheet(frames, SheetOptions(layout="grid", padding_px=0))
    assert free.grid is not None and free.pixels.shape[:2] == (64, 48)
    wide = pack_sheet(frames, SheetOptions(layout="grid", padding_px=0, columns=6))
    assert wide.grid is not None and wide.grid.columns == 6
    assert wide.pixels.shape[:2] == (32, 96)


def test_a_power_of_two_grid_counts_the_columns_that_fit() -> None:
    options = SheetOptions(layout="grid", padding_px=0, columns=5, power_of_two=True)
    sheet = pack_sheet(plain(*[(16, 16)] * 10), options)
    assert sheet.grid is not None and sheet.grid.columns == 8
    assert sheet.pixels.shape[:2] == (32, 128)


@pytest.mark.parametrize("power_of_two", [False, True])
def test_a_row_for_each_clip(power_of_two: bool) -> None:
    options = SheetOptions(layout="grid", padding_px=0, rows=(2, 5, 1), power_of_two=power_of_two)
    sheet = pack_sheet(plain(*[(16, 16)] * 8), options)
    assert sheet.pixels.shape[:2] == ((64, 128) if power_of_two else (48, 80))
    places = [(placement.x // 16, placement.y // 16) for placement in sheet.placements]
    assert places == [(0, 0), (1, 0), *((i, 1) for i in range(5)), (0, 2)]
    assert sheet.grid is not None and sheet.grid.columns == (8 if power_of_two else 5)


@pytest.mark.parametrize(("count", "least"), [(64, 0.99), (256, 0.99)])
def test_equal_frames_pack_without_waste(count: int, least: float) -> None:
    sheet = pack_sheet(plain(*[(32, 32)] * count), SheetOptions(padding_px=0))
    height, width = sheet.pixels.shape[:2]
    assert count * 32 * 32 / (height * width) >= least


def test_unlike_frames_pack_well() -> None:
    rng = np.random.default_rng(7)
    sizes = [(int(w), int(h)) for w, h in rng.integers(8, 65, (200, 2))]
    sheet = pack_sheet(plain(*sizes), SheetOptions(padding_px=0))
    height, width = sheet.pixels.shape[:2]
    assert sum(w * h for w, h in sizes) / (height * width) > 0.88
    assert 0.5 <= width / height <= 2


@pytest.mark.parametrize("layout", LAYOUTS)
def test_too_much_for_the_longest_side_says_what_to_do(layout: str) -> None:
    frames = plain(*[(32, 32)] * 20)
    options = replace(SheetOptions(), max_side_px=100)
    with pytest.raises(ImageError, match=r"20 frames need a sheet of \d+x\d+ pixels, the most is"):
        pack_sheet(frames, replace(options, layout=layout))


def test_the_longest_side_is_used_when_it_must_be() -> None:
    long_ones = plain(*[(100, 10)] * 10)
    sheet = pack_sheet(long_ones, SheetOptions(padding_px=0, max_side_px=100))
    assert sheet.pixels.shape[:2] == (100, 100)


@pytest.mark.parametrize(
    ("frames", "options", "says"),
    [
        ([], {}, "at least one frame"),
        (plain((2, 2)) * 2, {}, "two frames are named 'frame 0'"),
        (plain((2, 2), (3, 2)), {"layout": "grid"}, "'frame 0' is 2x2 and 'frame 1' is 3x2"),
        (plain((2, 2)), {"padding_px": -1}, "at least 0"),
        (plain((2, 2)), {"columns": 2}, "columns are for the grid layout"),
        (plain((2, 2)), {"rows": (1,)}, "rows are for a grid"),
        (plain((2, 2)), {"layout": "grid", "rows": (2,)}, "hold 2 frames, but there are 1"),
    ],
)
def test_what_cannot_be_packed(frames: list[Frame], options: dict[str, object], says: str) -> None:
    with pytest.raises(ImageError, match=says):
        pack_sheet(frames, SheetOptions(**options))
