"""Contact sheets: the fixed prompts as the model draws them, to be looked at after a training."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from llamavis_studio.model.gloss import gloss
from llamavis_studio.model.sampling import Sampling
from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.train.drawing import NATIVE_PX, Pixels, Wish, draw
from llamavis_studio.model.unified import LlamaVis

SCALE = 4
CELL_PX = (152, 186)
"""Width and height of a cell: a picture of 32 px four times as large, and words under it."""
PAPER, INK = (38, 40, 46), (226, 228, 232)
CHECKER = ((86, 88, 94), (106, 108, 114))
LETTERS_A_LINE = 24


def read_prompts(path: Path) -> list[tuple[str, str]]:
    """Lines of ``kind<TAB>text`` to pairs. Raises ``ValueError`` with the line's number."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        kind, tab, text = line.partition("\t")
        if not tab or not text.strip():
            raise ValueError(f"{path}:{number}: a kind, a tab and a prompt are expected")
        found.append((kind, text.strip()))
    return found


def contact_sheet_of_prompts(
    model: LlamaVis,
    encoder: TextEncoder,
    prompts: Sequence[tuple[str, str]],
    out_dir: Path,
    *,
    sampling: Sampling | None = None,
    seed: int = 1,
    columns: int = 10,
) -> list[Path]:
    """Draw the prompts, ``(kind, text)``, and write ``prompts.png`` and ``textures.png``.

    The first holds every picture; the second every texture four times, as it tiles.
    """
    glosses = [gloss(text).english for _, text in prompts]
    wishes = [
        Wish(text, kind, seed, NATIVE_PX.get(kind, (32, 32)), kind == "texture")
        for (kind, _), text in zip(prompts, glosses, strict=True)
    ]
    pictures = draw(model, encoder, wishes, sampling or Sampling())
    # The machine's font may know no Chinese: the gloss, marked as one, says the same.
    names = [
        english if english == text else f"zh: {english}"
        for english, (_, text) in zip(glosses, prompts, strict=True)
    ]
    out_dir.mkdir(parents=True, exist_ok=True)
    paths = [out_dir / "prompts.png"]
    sheet(pictures, names, columns).save(paths[0])
    tiles = [i for i, wish in enumerate(wishes) if wish.wrap]
    if tiles:
        paths.append(out_dir / "textures.png")
        fourfold = [np.tile(pictures[i], (2, 2, 1)) for i in tiles]
        sheet(fourfold, [names[i] for i in tiles], min(columns, 8)).save(paths[1])
    return paths


def sheet(pictures: Sequence[Pixels], names: Sequence[str], columns: int) -> Image.Image:
    """Pictures in rows, each enlarged by a whole factor, with their names in up to three lines."""
    width, height = CELL_PX
    rows = -(-len(pictures) // columns)
    page = Image.new("RGB", (columns * width, rows * height), PAPER)
    pen = ImageDraw.Draw(page)
    font = ImageFont.load_default(size=11)
    for place, (picture, name) in enumerate(zip(pictures, names, strict=True)):
        left, top = place % columns * width, place // columns * height
        tall, wide = picture.shape[:2]
        scale = min(SCALE, (width - 4) // wide)
        if scale * tall > 32 * SCALE:
            scale = 32 * SCALE // tall
        large = Image.fromarray(picture).resize(
            (wide * scale, tall * scale), Image.Resampling.NEAREST
        )
        ground = _checkerboard(wide * scale, tall * scale)
        ground.paste(large, (0, 0), large)
        page.paste(ground, (left + (width - wide * scale) // 2, top + 6))
        lines = textwrap.wrap(name, LETTERS_A_LINE)[:3]
        pen.multiline_text((left + 6, top + 12 + 32 * SCALE), "\n".join(lines), INK, font)
    return page


def _checkerboard(width: int, height: int) -> Image.Image:
    down, right = np.indices((height, width)) // 8
    colours = np.array(CHECKER, np.uint8)
    return Image.fromarray(colours[(down + right) % 2])
