"""The files of taught styles travel with the requests: a worker's machine may not have them."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from llamavis_studio.backends.base import ImageRequest
from llamavis_studio.core.write import write_atomic


def style_files(requests: Sequence[ImageRequest]) -> tuple[tuple[str, bytes], ...]:
    """Path and content of every style that is named. One that cannot be read is left out: the
    worker then says what is wrong with it.
    """
    found = []
    for path in sorted({request.adapter for request in requests if request.adapter}):
        with contextlib.suppress(OSError):
            found.append((path, Path(path).read_bytes()))
    return tuple(found)


@contextlib.contextmanager
def with_own_styles(
    requests: Sequence[ImageRequest], styles: Sequence[tuple[str, bytes]]
) -> Iterator[list[ImageRequest]]:
    """The requests with their styles where this machine has them: at their own path where the
    same file lies there, else in a folder that goes in the end.
    """
    if not styles:
        yield list(requests)
        return
    with tempfile.TemporaryDirectory(prefix="lv-styles-") as folder:
        places = {path: _placed(Path(path), data, Path(folder)) for path, data in styles}
        yield [
            replace(one, adapter=places.get(one.adapter, one.adapter)) if one.adapter else one
            for one in requests
        ]


def _placed(path: Path, data: bytes, folder: Path) -> str:
    with contextlib.suppress(OSError):
        if path.read_bytes() == data:
            return str(path)
    copy = folder / hashlib.sha256(data).hexdigest()[:16] / path.name
    copy.parent.mkdir(exist_ok=True)
    write_atomic(copy, data)
    return str(copy)
