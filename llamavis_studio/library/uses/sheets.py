"""The tables beside sprite sheets: which picture a table cuts up, and where.

Such a table is no user of its picture but a part of it, so it is asked apart. What a table may say
is read in `imaging.sheet_table`.
"""

from __future__ import annotations

from llamavis_studio.imaging.sheet_table import Box, SheetTable, table_in
from llamavis_studio.library.uses.json_values import json_value
from llamavis_studio.library.uses.references import UnreadableFileError, project_path

_MOST_BYTES = 64 << 20  # 64 MiB


def sheet_image(relative: str, data: bytes, *, root: str = "") -> str | None:
    """The picture, as a path from the project's folder, that a table belongs to; None when the file
    is no such table. `root` is the project's folder, for tables that name an absolute path.
    """
    table = _table(data)
    if table is None or table.image is None:
        return None
    return project_path(table.image, relative.rpartition("/")[0], root)


def sheet_boxes(data: bytes) -> tuple[Box, ...]:
    """The frames of a table in its order, as they lie on the sheet: a frame that was packed turned
    has its sides exchanged. () for a file that is no such table; frames that are no boxes are left
    out.
    """
    table = _table(data)
    return () if table is None else table.boxes


def _table(data: bytes) -> SheetTable | None:
    if len(data) > _MOST_BYTES or b'"frames"' not in data or b'"meta"' not in data:
        return None
    try:
        return table_in(json_value(data))
    except UnreadableFileError:
        return None
