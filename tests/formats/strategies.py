"""Sheet tables for property tests: a few frames of any size, trimmed or not, in a row or a grid."""

from __future__ import annotations

from hypothesis import strategies as st

from llamavis_studio.formats.table import (
    DIRECTIONS,
    Rect,
    SheetClip,
    SheetFrame,
    SheetTable,
    TileGrid,
)

names = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12
)
sides = st.integers(1, 40)


@st.composite
def clips(draw: st.DrawFn, count: int) -> tuple[SheetClip, ...]:
    found = []
    for name in draw(st.lists(names, unique=True, max_size=3)):
        first = draw(st.integers(0, count - 1))
        last = draw(st.integers(first, count - 1))
        direction = draw(st.sampled_from(DIRECTIONS))
        fps = draw(st.sampled_from([0.5, 6.0, 8.0, 10.0, 12.5, 60.0]))
        found.append(SheetClip(name, first, last, fps, direction, draw(st.booleans())))
    return tuple(found)


@st.composite
def tables(draw: st.DrawFn) -> SheetTable:
    """Frames side by side, each with its own trimming, time and pivot."""
    frames: list[SheetFrame] = []
    x = height = 0
    for name in draw(st.lists(names, min_size=1, max_size=6, unique=True)):
        rect = Rect(x, 0, draw(sides), draw(sides))
        offset = draw(st.tuples(st.integers(0, 5), st.integers(0, 5)))
        more = draw(st.tuples(st.integers(0, 5), st.integers(0, 5)))
        source = (offset[0] + rect.width + more[0], offset[1] + rect.height + more[1])
        # Aseprite keeps whole pixels, so only shares that are whole pixels come back.
        pivot_px = (draw(st.integers(0, source[0])), draw(st.integers(0, source[1])))
        pivot = (pivot_px[0] / source[0], pivot_px[1] / source[1])
        frames.append(SheetFrame(name, rect, offset, source, draw(st.integers(1, 3000)), pivot))
        x, height = x + rect.width, max(height, rect.height)
    return SheetTable("sheet.png", (x, height), tuple(frames), draw(clips(len(frames))))


@st.composite
def tile_tables(draw: st.DrawFn) -> SheetTable:
    """Equal tiles in a grid whose columns fill the width, forward clips of their own tiles."""
    width, height = draw(sides), draw(sides)
    columns, count = draw(st.integers(1, 5)), draw(st.integers(1, 12))
    spacing, margin = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    grid = TileGrid(width, height, columns, min(margin, width + spacing - 1), spacing)
    rows = -(-count // columns)
    size = (
        2 * grid.margin_px + columns * (width + spacing) - spacing,
        2 * grid.margin_px + rows * (height + spacing) - spacing,
    )
    frames = []
    for i in range(count):
        row, column = divmod(i, columns)
        x = grid.margin_px + column * (width + spacing)
        y = grid.margin_px + row * (height + spacing)
        rect = Rect(x, y, width, height)
        frames.append(SheetFrame(f"tile {i}", rect, (0, 0), (width, height), 40 + i))
    clip = SheetClip("all", 0, count - 1, 8.0, draw(st.sampled_from(DIRECTIONS)))
    return SheetTable("tiles.png", size, tuple(frames), (clip,), grid)
