"""Contact sheets: the same each time, pictures where they belong, names that can be read."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import ImageFont

from llamavis_studio.imaging.contact_sheet import (
    Entry,
    caption_font,
    caption_lines,
    contact_sheet,
    drawable,
)
from llamavis_studio.imaging.errors import ImageError


def solid(width: int, height: int, *colour: int) -> np.ndarray:
    return np.tile(np.array(colour, np.uint8), (height, width, 1))


def test_pictures_stand_in_their_cells_enlarged_by_whole_factors() -> None:
    sheet = contact_sheet(
        [Entry("red", solid(20, 20, 255, 0, 0)), Entry("wide", solid(60, 10, 0, 255, 0, 255))],
        columns=2,
        cell_px=64,
    )
    red = np.argwhere((sheet == [255, 0, 0]).all(axis=2))
    assert (red.max(axis=0) - red.min(axis=0) + 1).tolist() == [60, 60]
    assert len(red) == 3600
    green = np.argwhere((sheet == [0, 255, 0]).all(axis=2))
    assert (green.max(axis=0) - green.min(axis=0) + 1).tolist() == [10, 60]


def test_large_pictures_shrink_and_clear_ones_show_the_checkerboard() -> None:
    big = contact_sheet([Entry("big", solid(300, 150, 9, 9, 200))], cell_px=64)
    assert (big == [9, 9, 200]).all(axis=2).sum() == 64 * 32
    clear = contact_sheet([Entry("clear", solid(32, 32, 255, 255, 255, 0))], cell_px=64)
    colours = np.unique(clear[12:76, 12:76].reshape(-1, 3), axis=0)
    assert colours.tolist() == [[88, 90, 94], [112, 114, 118]]


def test_equal_entries_give_equal_sheets_and_names_are_drawn() -> None:
    entries = [Entry(f"mossy_stone_with_a_long_name_{i}", solid(8, 8, 1, 2, 3)) for i in range(7)]
    first = contact_sheet(entries, columns=3, cell_px=48)
    assert np.array_equal(first, contact_sheet(entries, columns=3, cell_px=48))
    renamed = [Entry("", entry.pixels) for entry in entries]
    assert not np.array_equal(first, contact_sheet(renamed, columns=3, cell_px=48))


def test_what_a_font_cannot_draw_is_escaped() -> None:
    font = ImageFont.load_default(13)
    assert drawable("dragon 龙 🐉\n", font) == "dragon \\u9f99 \\U0001f409\\n"
    assert contact_sheet([Entry("龙🐉", solid(8, 8, 1, 2, 3))]).shape[2] == 3


def test_nothing_to_show_is_an_error() -> None:
    with pytest.raises(ImageError):
        contact_sheet([])
    with pytest.raises(ImageError):
        contact_sheet([Entry("a", solid(1, 1, 0, 0, 0))], columns=0)


def test_captions_break_between_words_where_they_can() -> None:
    font = caption_font()

    def lines(text: str, fits: str) -> list[str]:
        return caption_lines(text, font, int(font.getlength(fits)) + 1)

    assert lines("short", "short") == ["short"]
    assert lines("a golden sword", "a golden s") == ["a golden", "sword"]
    assert lines("a golden sword", "a golden") == ["a golden", "sword"]
    assert lines("goldensword", "golden") == ["golden", "sword"]
    long = lines("a golden sword and a shield", "a golden s")
    assert (len(long), long[0], long[1][-3:]) == (2, "a golden", "...")
