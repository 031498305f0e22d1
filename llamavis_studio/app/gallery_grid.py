"""Where the cards of a grid lie: arithmetic on the index, so that no layout is ever computed.

Rows are counted from the first item; `x` and `y` are px from the top left of the whole content.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Grid:
    """Even cells, `columns` on each line; `width` and `height` are px of a cell."""

    columns: int = 1
    width: int = 1
    height: int = 1

    @classmethod
    def fitting(cls, room: int, width: int, height: int) -> Grid:
        """As many columns as `room` px have place for, sharing it evenly."""
        columns = max(1, room // max(1, width))
        return cls(columns, max(width, room // columns), height)

    def place(self, row: int) -> tuple[int, int]:
        """(x, y) of an item's cell."""
        line, column = divmod(row, self.columns)
        return column * self.width, line * self.height

    def lines(self, count: int) -> int:
        """Lines that so many items take."""
        return -(-count // self.columns)

    def content_height(self, count: int) -> int:
        """Px from the top of the first line to the end of the last."""
        return self.lines(count) * self.height

    def row_at(self, x: int, y: int, count: int) -> int | None:
        """The item at a place; None beside all of them."""
        column, line = x // self.width, y // self.height
        row = line * self.columns + column
        return row if 0 <= column < self.columns and line >= 0 and row < count else None

    def below(self, row: int, lines: int, count: int) -> int:
        """The item so many lines below, or above, in the same column; at the ends the last there.

        A last line that is shorter has its last item below all that have none in their column.
        """
        to = row + lines * self.columns
        if to < 0:
            return row % self.columns
        if to < count:
            return to
        to = row + (count - 1 - row) // self.columns * self.columns
        has_line_below = to // self.columns < (count - 1) // self.columns
        return count - 1 if to == row and has_line_below else to

    def rows_between(self, top: int, bottom: int, count: int) -> range:
        """Items of the lines that reach into `top` to `bottom`, both included."""
        first = max(0, top // self.height) * self.columns
        last = (max(-1, bottom // self.height) + 1) * self.columns
        return range(min(first, count), min(last, count))

    def rows_in(self, left: int, top: int, right: int, bottom: int, count: int) -> list[range]:
        """Items whose cells a rectangle touches, a range for each line."""
        first, last = max(0, left // self.width), min(self.columns - 1, right // self.width)
        found = []
        for line in range(max(0, top // self.height), bottom // self.height + 1):
            start = line * self.columns
            part = range(min(start + first, count), min(start + last + 1, count))
            if part:
                found.append(part)
        return found


def runs_of(rows: Iterable[int]) -> list[tuple[int, int]]:
    """Rows that follow each other as (first, last)."""
    found: list[tuple[int, int]] = []
    for row in sorted(rows):
        if found and row == found[-1][1] + 1:
            found[-1] = found[-1][0], row
        else:
            found.append((row, row))
    return found
