"""Reading the training pictures: `tiles` and `emoji`, as zip files or unpacked folders.

Every picture leaves here as uint8 (h, w, 4), sRGB, straight alpha, with the colour under fully
clear pixels set to 0 and on one of the grids the model draws on.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from PIL import Image

from llamavis_studio.model.colour_names import to_linear, to_srgb
from llamavis_studio.model.train.colours import Pixels

GRID = 32  # px, the side of a tile


@dataclass(frozen=True)
class Row:
    """One picture of an index with its fields."""

    fields: dict[str, Any]
    pixels: Pixels


def read_rows(data_dir: Path, collection: str) -> Iterator[Row]:
    """Rows of `collection` ("tiles" or "emoji") below `data_dir`, in the order of its index.

    Raises FileNotFoundError when neither COLLECTION.zip nor a COLLECTION folder is there.
    """
    folder, archive = data_dir / collection, data_dir / f"{collection}.zip"
    if (folder / "index.jsonl").is_file():
        for line in (folder / "index.jsonl").read_text(encoding="utf-8").splitlines():
            fields = json.loads(line)
            yield Row(fields, decode((folder / fields["file"]).read_bytes()))
    elif archive.is_file():
        with zipfile.ZipFile(archive) as bundle:
            index = next(n for n in bundle.namelist() if n.endswith("index.jsonl"))
            # The pictures lie beside the index or in a folder below it, depending on who packed.
            members = {PurePosixPath(name).name: name for name in bundle.namelist()}
            for line in bundle.read(index).decode("utf-8").splitlines():
                fields = json.loads(line)
                yield Row(fields, decode(bundle.read(members[fields["file"]])))
    else:
        raise FileNotFoundError(f"neither {archive} nor {folder}/index.jsonl exists")


def decode(data: bytes) -> Pixels:
    """RGBA pixels of a PNG file's bytes."""
    with Image.open(io.BytesIO(data)) as image:
        return clear(np.array(image.convert("RGBA"), dtype=np.uint8))


def clear(pixels: Pixels) -> Pixels:
    """The picture with colour 0 where it is fully clear."""
    out = pixels.copy()
    out[out[..., 3] == 0] = 0
    return out


def fit(pixels: Pixels, side: int = GRID) -> Pixels | None:
    """The picture on a (side, side) grid, or None when it is of another scale.

    Within a few pixels it is centred (the bottom kept); a tall figure (32x48) is moved to where
    its content fits, or area-scaled down when the content itself is taller than the grid.
    """
    height, width = pixels.shape[:2]
    if width > side + 4 or height > 2 * side or width < side - 8:
        return None
    if height > side + 4:
        rows = np.flatnonzero(pixels[..., 3].any(1))
        if len(rows) == 0:
            return None
        content = pixels[rows[0] : rows[-1] + 1]
        if len(content) > side:
            scale = side / len(content)
            content = shrink(content, max(1, round(width * scale)), side)
        return _place(content, side, bottom=True)
    return _place(pixels, side, bottom=False)


def _place(pixels: Pixels, side: int, *, bottom: bool) -> Pixels:
    height, width = pixels.shape[:2]
    out = np.zeros((side, side, 4), np.uint8)
    top = side - height if bottom else (side - height) // 2
    left = (side - width) // 2
    ys, xs = max(top, 0), max(left, 0)
    part = pixels[max(-top, 0) :, max(-left, 0) :][: side - ys, : side - xs]
    out[ys : ys + part.shape[0], xs : xs + part.shape[1]] = part
    return out


def shrink(pixels: Pixels, width: int, height: int) -> Pixels:
    """Area-downscaled picture, averaged in linear light with premultiplied alpha."""
    alpha = pixels[..., 3:].astype(np.float32) / 255.0
    planes = np.concatenate([to_linear(pixels[..., :3]) * alpha, alpha], -1)
    planes = _area(_area(planes, height, 0), width, 1)
    coverage = planes[..., 3:]
    colour = to_srgb(planes[..., :3] / np.maximum(coverage, 1e-6))
    solid = np.clip(np.round(coverage * 255.0), 0, 255).astype(np.uint8)
    return clear(np.concatenate([colour, solid], -1))


def _area(planes: np.ndarray[Any, Any], size: int, axis: int) -> np.ndarray[Any, Any]:
    """Exact box resampling along one axis, by differences of the running sum."""
    length = planes.shape[axis]
    total = np.cumsum(planes, axis)
    total = np.concatenate([np.zeros_like(total.take([0], axis)), total], axis)
    edges = np.linspace(0.0, length, size + 1)
    low = np.floor(edges).astype(int).clip(0, length - 1)
    rest = (edges - low).astype(np.float32)
    shape = [1] * planes.ndim
    shape[axis] = size + 1
    at = total.take(low, axis) + planes.take(low, axis) * rest.reshape(shape)
    return np.diff(at, axis=axis) * (size / length)
