"""Thumbnails on disk, named by the content of their image: made once, in a few threads.

Deleting the folder loses nothing. What was used longest ago goes when there are too many.
"""

from __future__ import annotations

import contextlib
import os
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from llamavis_studio.core.errors import LibraryError, LlamaVisError
from llamavis_studio.core.write import write_atomic
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.thumbnail import thumbnail_png
from llamavis_studio.library.found import MOST_BYTES, digest_of
from llamavis_studio.library.uses.sheets import sheet_boxes

SIDE_PX = 128
VERSION = 1
"""Raise it when thumbnails shall look different: older ones are then made anew."""
MOST_BYTES_KEPT = 512 << 20


class Thumbnails:
    """The thumbnails in a folder. `made` and `get` may be called from any thread."""

    def __init__(self, folder: Path, workers: int = 2) -> None:
        self._folder = folder
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="thumbnail")

    def place(self, digest: bytes, side_px: int = SIDE_PX) -> Path:
        """Where the thumbnail of an image with this content is, or will be."""
        name = digest.hex()
        return self._folder / name[:2] / f"{name}-{side_px}-v{VERSION}.png"

    def get(self, digest: bytes, image: Path, side_px: int = SIDE_PX, table: bytes = b"") -> Path:
        """The thumbnail's file, made when it is not there yet; `table` is the JSON beside a sheet,
        whose pictures it then shows one after another.

        Raises LibraryError with the reason why there is none: show an icon instead.
        """
        place = self.place(digest_of(digest + table) if table else digest, side_px)
        try:
            os.utime(place)
            return place
        except OSError:
            pass  # not there yet
        try:
            with open(image, "rb") as stream:
                data = stream.read(MOST_BYTES + 1)
            if len(data) > MOST_BYTES:
                raise LibraryError(f"the file is over {MOST_BYTES >> 20} MiB", "make it smaller")
            png = thumbnail_png(data, image.name, side_px, sheet_boxes(table))
        except ImageError as error:
            raise LibraryError(str(error), "it is shown as an icon") from error
        except OSError as error:
            raise LibraryError(
                f"cannot be read: {error.strerror or error}", "check the file"
            ) from error
        with contextlib.suppress(OSError):
            # Not the project's folder: when it went away it is not for us to bring it back.
            for folder in (self._folder.parent, self._folder, place.parent):
                folder.mkdir(exist_ok=True)
        try:
            write_atomic(place, png)
        except LlamaVisError as error:
            raise LibraryError(error.message, error.hint) from error
        return place

    def submit(
        self, digest: bytes, image: Path, side_px: int = SIDE_PX, table: bytes = b""
    ) -> Future[Path]:
        """The same in one of the threads."""
        return self._pool.submit(self.get, digest, image, side_px, table)

    def prune(self, most_bytes: int = MOST_BYTES_KEPT) -> int:
        """Remove what was used longest ago until the rest takes at most so much; bytes removed."""
        files = []
        for folder, _, names in os.walk(self._folder):
            for name in names:
                path = os.path.join(folder, name)
                with contextlib.suppress(OSError):
                    status = os.stat(path)
                    files.append((status.st_mtime_ns, status.st_size, path))
        total, removed = sum(size for _, size, _ in files), 0
        for _, size, path in sorted(files):
            if total - removed <= most_bytes:
                break
            with contextlib.suppress(OSError):
                os.unlink(path)
                removed += size
        return removed

    def close(self) -> None:
        """Finish what runs and drop what waits."""
        self._pool.shutdown(wait=True, cancel_futures=True)
