"""A folder of damaged pictures of every format goes through a whole import, and each is told of."""

from __future__ import annotations

import io
import warnings
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image, UnidentifiedImageError

from llamavis_studio.library.readers import Readers
from tests.library.conftest import Shelf
from tests.reliability.column import column, told
from tests.support.damaged_images import damaged

COUNT = column(600, 10_000)
FOREIGN = {".svg", ".psd", ".kra", ".ora", ".aseprite", ".ase", ".xcf"}


def opens(data: bytes) -> bool:
    """Whether Pillow can show all of it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as image:
                image.load()
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, KeyError):
        return False
    except (UnidentifiedImageError, Image.DecompressionBombError, OverflowError):
        return False
    return True


@pytest.mark.timeout(3600)
def test_every_damaged_picture_is_imported_and_told_of(shelf: Shelf) -> None:
    contents = dict(damaged(4, COUNT))
    for number, (name, data) in enumerate(contents.items()):
        shelf.write(f"pack{number % 7}/{name}", data)
    shelf.library._readers.close()
    shelf.library._readers = Readers(2)
    report = shelf.library.update()
    assert report.added == COUNT
    assert not report.problems
    reasons = {Path(path).name: reason for path, reason in report.broken}
    # No process of the readers died of one.
    assert not [name for name, reason in reasons.items() if "crashed" in reason]

    rows = shelf.library.database.execute("SELECT path, problem, note, width FROM asset")
    untold, kept = [], Counter[str]()
    for path, problem, note, width in rows:
        name = Path(path).name
        assert reasons.get(name, "") == problem
        kept["refused" if problem else "noted" if note else "whole"] += 1
        if problem:
            assert problem.strip() and "\n" not in problem, (name, problem)
            continue
        assert width > 0 or note, name
        # What is said to be whole can be shown: Pillow does, or is no judge of the format. Notes
        # that unpack to a bomb are nothing that anybody looks at here.
        judged = Path(name).suffix not in FOREIGN and not name.startswith("note-bomb")
        if not note and judged and not opens(contents[name]):
            untold.append(name)
    assert not untold
    assert kept["refused"] >= COUNT // 3
    assert kept["whole"] >= COUNT // 20
    told("R10", imported=COUNT, crashes=0, **kept)
    # Said once, and none is read again.
    again = shelf.library.update()
    assert (again.unchanged, again.broken) == (COUNT, [])
