"""Frames on one sheet: a packed atlas, a grid of cells or a single strip, and where each frame is.

    sheet = pack_sheet(frames, SheetOptions(layout="grid", extrusion_px=1))
    sheet.pixels, sheet.placements, sheet.grid

Equal arguments give equal sheets, and placements stand in the order of the frames. Positions are
whole pixels from the top left corner; arrays are sRGB bytes with straight alpha.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from llamavis_studio.imaging.alpha import trim
from llamavis_studio.imaging.arrays import Pixels, with_alpha
from llamavis_studio.imaging.errors import ImageError

Layout = Literal["packed", "grid", "strip"]
Size = tuple[int, int]  # (width, height)


@dataclass(frozen=True)
class Frame:
    """A picture (h, w, 3 or 4) and the name it is found by."""

    name: str
    pixels: Pixels


@dataclass(frozen=True)
class SheetOptions:
    """How frames share a sheet; lengths are pixels.

    `padding_px` stays clear between frames and `border_px` along the sheet's edge. `extrusion_px`
    repeats each frame's edge pixels outwards, inside neither, so that a filtering engine finds no
    neighbour's colour there.
    """

    layout: Layout = "packed"
    padding_px: int = 2
    border_px: int = 0
    extrusion_px: int = 0
    trim: bool = False
    power_of_two: bool = False
    merge_equal: bool = False
    columns: int | None = None  # of a grid; None: the squarest sheet
    rows: tuple[int, ...] = ()  # of a grid: how many frames each has, as one row a clip
    max_side_px: int = 4096

    def __post_init__(self) -> None:
        """Raises ImageError for lengths that cannot be."""
        lengths = (self.padding_px, self.border_px, self.extrusion_px)
        if min(lengths) < 0 or self.max_side_px < 1:
            raise ImageError("padding, border and extrusion are at least 0, a side at least 1")
        if self.columns is not None and (self.columns < 1 or self.layout != "grid"):
            raise ImageError("columns are for the grid layout, and at least 1")
        wrong = self.layout != "grid" or self.columns is not None or self.merge_equal
        if self.rows and (wrong or min(self.rows) < 1):
            raise ImageError("rows are for a grid without columns or merging, and at least 1 long")

    @property
    def edge_px(self) -> int:
        """From the sheet's edge to the first frame."""
        return self.border_px + self.extrusion_px

    @property
    def gap_px(self) -> int:
        """From one frame to the next."""
        return self.padding_px + 2 * self.extrusion_px


@dataclass(frozen=True)
class Placement:
    """Where a frame is: its rectangle on the sheet without the extrusion, and that rectangle's
    corner in the untrimmed picture.
    """

    name: str
    x: int
    y: int
    width: int
    height: int
    offset_x: int
    offset_y: int
    source_width: int
    source_height: int


@dataclass(frozen=True)
class Grid:
    """Equal cells: cell i is in column i % columns of row i // columns. Some may be empty."""

    cell_width: int
    cell_height: int
    columns: int
    margin_px: int  # from the sheet's edge to the first cell
    spacing_px: int  # from one cell to the next


@dataclass(frozen=True)
class Sheet:
    """The picture (h, w, 4), a placement for each frame, and the cells unless it is packed."""

    pixels: Pixels
    placements: tuple[Placement, ...]
    grid: Grid | None


@dataclass(frozen=True)
class _Cut:
    """What of a frame is drawn, (h, w, 4), and its corner (x, y) in the frame."""

    pixels: Pixels
    corner: tuple[int, int]

    @property
    def size(self) -> Size:
        return self.pixels.shape[1], self.pixels.shape[0]


def pack_sheet(frames: Sequence[Frame], options: SheetOptions | None = None) -> Sheet:
    """All frames on one sheet.

    A packed sheet uses the skyline, bottom-left rule, trying several widths and keeping the
    smallest area that is at most twice as long as wide. The cells of a grid or strip need frames of
    one size. `trim` cuts each packed frame to what it shows, and those of a grid or strip to the
    box that holds what any of them shows.

    Raises:
        ImageError: no frames, a name used twice, cells of unlike size, or no room.

    Source: Jylänki, A Thousand Ways to Pack the Bin (2010), SKYLINE-BL.
    """
    options = options or SheetOptions()
    _check_names(frames)
    packed = options.layout == "packed"
    cuts = _cut_each(frames, options.trim) if packed else _cut_alike(frames, options.trim)
    shown, index_of = _merge(cuts, options.merge_equal)
    grid: Grid | None = None
    if packed:
        corners, size = _pack([cut.size for cut in shown], options)
    else:
        grid, size = _lay_grid(len(shown), shown[0].size, options)
        corners = [_cell_corner(grid, cell) for cell in _cells(len(shown), grid, options)]
    placements = []
    for frame, cut, index in zip(frames, cuts, index_of, strict=True):
        height, width = frame.pixels.shape[:2]
        rectangle = (*corners[index], *cut.size)
        placements.append(Placement(frame.name, *rectangle, *cut.corner, width, height))
    return Sheet(_draw(shown, corners, size, options.extrusion_px), tuple(placements), grid)


def cut_from_sheet(sheet: Pixels, placement: Placement) -> Pixels:
    """The untrimmed frame (h, w, 4) that a placement describes; what was trimmed off is clear."""
    out = np.zeros((placement.source_height, placement.source_width, 4), np.uint8)
    left, top = placement.offset_x, placement.offset_y
    rows, columns = slice(top, top + placement.height), slice(left, left + placement.width)
    x, y = placement.x, placement.y
    out[rows, columns] = with_alpha(sheet)[y : y + placement.height, x : x + placement.width]
    return out


def _check_names(frames: Sequence[Frame]) -> None:
    if not frames:
        raise ImageError("a sheet needs at least one frame")
    seen: set[str] = set()
    for frame in frames:
        if frame.name in seen:
            raise ImageError(f"two frames are named '{frame.name}'; give each its own name")
        seen.add(frame.name)


def _cut_each(frames: Sequence[Frame], trimmed: bool) -> list[_Cut]:
    if not trimmed:
        return [_Cut(with_alpha(frame.pixels), (0, 0)) for frame in frames]
    cuts = []
    for frame in frames:
        pixels, corner = trim(frame.pixels)
        if not pixels[..., 3].any():  # nothing to show: one clear pixel holds its place
            pixels = np.zeros((1, 1, 4), np.uint8)
        cuts.append(_Cut(pixels, corner))
    return cuts


def _cut_alike(frames: Sequence[Frame], trimmed: bool) -> list[_Cut]:
    """Cells must match, so all frames lose the same borders."""
    first = frames[0]
    for frame in frames:
        if frame.pixels.shape[:2] != first.pixels.shape[:2]:
            one, other = _size_text(first), _size_text(frame)
            raise ImageError(
                f"the cells of a grid or strip have one size, but '{first.name}' is {one} and "
                f"'{frame.name}' is {other}; pad the frames, or use the packed layout"
            )
    pictures = [with_alpha(frame.pixels) for frame in frames]
    if not trimmed:
        return [_Cut(picture, (0, 0)) for picture in pictures]
    together = np.maximum.reduce(pictures)  # shows where any frame does
    box, (x, y) = trim(together)
    height, width = box.shape[:2]
    return [_Cut(picture[y : y + height, x : x + width], (x, y)) for picture in pictures]


def _size_text(frame: Frame) -> str:
    return f"{frame.pixels.shape[1]}x{frame.pixels.shape[0]}"


def _merge(cuts: Sequence[_Cut], equal: bool) -> tuple[list[_Cut], list[int]]:
    """What is drawn, and for each cut which of it."""
    if not equal:
        return list(cuts), list(range(len(cuts)))
    shown: list[_Cut] = []
    known: dict[tuple[Size, bytes], int] = {}
    index_of = []
    for cut in cuts:
        key = (cut.size, cut.pixels.tobytes())
        if key not in known:
            known[key] = len(shown)
            shown.append(cut)
        index_of.append(known[key])
    return shown, index_of


def _lay_grid(count: int, cell: Size, options: SheetOptions) -> tuple[Grid, Size]:
    width, height = cell
    edge, gap = options.edge_px, options.gap_px

    def sheet_size(columns: int, rows: int) -> Size:
        wide = columns * (width + gap) - gap + 2 * edge
        return _round_up((wide, rows * (height + gap) - gap + 2 * edge), options.power_of_two)

    def laid(columns: int) -> tuple[int, Size]:
        """Columns and size; a power of two may leave room for more columns, which then count.

        Readers such as Tiled work out the columns from the width of the image.
        """
        size = sheet_size(columns, -(-count // columns))
        fitting = (size[0] - 2 * edge + gap) // (width + gap)
        rows = len(options.rows) or -(-count // fitting)
        return fitting, (size[0], sheet_size(fitting, rows)[1])

    if options.layout == "strip":
        asked: Iterable[int] = (count,)
    elif options.rows:
        asked, count = (max(options.rows),), max(options.rows) * len(options.rows)
    elif options.columns is not None:
        asked = (options.columns,)
    else:
        asked = range(1, count + 1)
    tries = [laid(columns) for columns in asked]
    columns, size = min(tries, key=lambda laid: (max(laid[1]), laid[1][0] * laid[1][1], laid[0]))
    _check_room(size, count, options)
    return Grid(width, height, columns, edge, gap), size


def _cells(count: int, grid: Grid, options: SheetOptions) -> list[int]:
    """The cell of each frame: one after another, or as the rows say."""
    if not options.rows:
        return list(range(count))
    if sum(options.rows) != count:
        raise ImageError(f"the rows hold {sum(options.rows)} frames, but there are {count}")
    return [i * grid.columns + k for i, length in enumerate(options.rows) for k in range(length)]


def _cell_corner(grid: Grid, index: int) -> tuple[int, int]:
    row, column = divmod(index, grid.columns)
    x = grid.margin_px + column * (grid.cell_width + grid.spacing_px)
    return x, grid.margin_px + row * (grid.cell_height + grid.spacing_px)


def _pack(sizes: Sequence[Size], options: SheetOptions) -> tuple[list[tuple[int, int]], Size]:
    """Corners (x, y) in the order of `sizes`, and the sheet's size."""
    edge, gap = options.edge_px, options.gap_px
    # Each box carries the gap to its right and below, so the sheet may be one gap narrower.
    boxes = [(width + gap, height + gap) for width, height in sizes]
    order = sorted(range(len(boxes)), key=lambda i: (-boxes[i][1], -boxes[i][0], i))
    outside = 2 * edge - gap
    best: tuple[tuple[int, bool, int, int], list[tuple[int, int]], Size] | None = None
    for width in _widths([boxes[i] for i in order], outside, options):
        corners, height = _skyline([boxes[i] for i in order], width - outside)
        used = max(x + boxes[i][0] for i, (x, _) in zip(order, corners, strict=True))
        size = _round_up((used + outside, height + outside), options.power_of_two)
        fits = max(size) <= options.max_side_px
        long = max(size) > 2 * min(size)
        rank = (0 if fits else max(size), long, size[0] * size[1], max(size))
        if best is None or rank < best[0]:
            best = rank, corners, size
    assert best is not None
    _, corners, size = best
    _check_room(size, len(sizes), options)
    found = [(0, 0)] * len(sizes)
    for i, (x, y) in zip(order, corners, strict=True):
        found[i] = (x + edge, y + edge)
    return found, size


def _widths(boxes: Sequence[Size], outside: int, options: SheetOptions) -> list[int]:
    """Sheet widths worth trying: at least the widest box, at most the longest side.

    Whole rows of boxes that make the sheet about square; the longest side is the last resort.
    """
    widest = max(width for width, _ in boxes) + outside
    if options.power_of_two:
        powers = [1 << n for n in range(options.max_side_px.bit_length())]
        return [side for side in powers if side >= widest] or [widest]
    side = sum(width * height for width, height in boxes) ** 0.5
    row, tries = outside, {max(widest, min(int(side) + 1, options.max_side_px))}
    for width, _ in boxes:
        row += width
        if widest <= row <= options.max_side_px and 0.7 * side <= row <= 1.5 * side:
            tries.add(row)
    tries.add(max(widest, options.max_side_px))
    spread = sorted(tries)
    step = -(-len(spread) // _MOST_TRIES)
    return spread[::step] + ([] if (len(spread) - 1) % step == 0 else spread[-1:])


_MOST_TRIES = 24  # each costs one pass over the frames


def _skyline(boxes: Sequence[Size], width: int) -> tuple[list[tuple[int, int]], int]:
    """Each box goes where its far edge is lowest, and of such places leftmost; the height used.

    The skyline is a list of steps (x, y): from x to the next step's x, y is free and all below.
    """
    starts, levels = [0], [0]
    corners, height = [], 0
    for box_width, box_height in boxes:
        best: tuple[int, int, int] | None = None  # (y, x, step)
        for step, x in enumerate(starts):
            if x + box_width > width:
                break
            end = bisect_right(starts, x + box_width - 1, lo=step)
            y = max(levels[step:end])
            if best is None or y < best[0]:
                best = y, x, step
        assert best is not None  # no box is wider than the sheet
        y, x, step = best
        corners.append((x, y))
        height = max(height, y + box_height)
        end = bisect_right(starts, x + box_width - 1, lo=step)
        behind = x + box_width
        tail = levels[end - 1]
        new_starts, new_levels = [x], [y + box_height]
        if behind < width and (end == len(starts) or starts[end] > behind):
            new_starts.append(behind)
            new_levels.append(tail)
        starts[step:end], levels[step:end] = new_starts, new_levels
    return corners, height


def _round_up(size: Size, power_of_two: bool) -> Size:
    if not power_of_two:
        return size
    return 1 << (size[0] - 1).bit_length(), 1 << (size[1] - 1).bit_length()


def _check_room(size: Size, count: int, options: SheetOptions) -> None:
    if max(size) > options.max_side_px:
        instead = "the grid layout, " if options.layout == "strip" else ""
        raise ImageError(
            f"{count} frames need a sheet of {size[0]}x{size[1]} pixels, the most is "
            f"{options.max_side_px} on a side; use {instead}smaller or fewer frames, or two sheets"
        )


def _draw(
    cuts: Sequence[_Cut], corners: Sequence[tuple[int, int]], size: Size, extrusion_px: int
) -> Pixels:
    out = np.zeros((size[1], size[0], 4), np.uint8)
    around = ((extrusion_px, extrusion_px), (extrusion_px, extrusion_px), (0, 0))
    for cut, (x, y) in zip(cuts, corners, strict=True):
        drawn = np.pad(cut.pixels, around, mode="edge")
        top, left = y - extrusion_px, x - extrusion_px
        out[top : top + drawn.shape[0], left : left + drawn.shape[1]] = drawn
    return out
