"""Contact sheets of what a model draws, edits and reads, to be looked at after a training."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from llamavis_studio.model.gloss import gloss
from llamavis_studio.model.pixels import Pixels
from llamavis_studio.model.train.drawing import NATIVE_PX, Artist, Wish, draw
from llamavis_studio.model.train.edits import EditTrial

SCALE = 4
MIN_CELL_PX = 128
LINE_PX, LETTER_PX = 14, 6
"""Height of a line of words and mean width of a letter, in pixels."""
PAPER, INK = (38, 40, 46), (226, 228, 232)
CHECKER = ((86, 88, 94), (106, 108, 114))


def read_prompts(path: Path) -> list[tuple[str, str]]:
    """Lines of ``kind<TAB>text`` to pairs. Raises ``ValueError`` with the line's number."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        kind, tab, text = line.partition("\t")
        if not tab or not text.strip():
            raise ValueError(f"{path}:{number}: a kind, a tab and a prompt are expected")
        found.append((kind, text.strip()))
    return found


def contact_sheets(
    artist: Artist,
    prompts: Sequence[tuple[str, str]],
    chinese: Sequence[tuple[str, str]],
    edits: Sequence[tuple[EditTrial, Pixels]],
    captions: Sequence[tuple[Pixels, str]],
    out_dir: Path,
    seed: int = 1,
) -> list[Path]:
    """What a person looks at after a training, as PNG files in ``out_dir``.

    ``prompts.png`` and ``chinese.png`` show every prompt ``(kind, text)``; ``textures.png`` twelve
    textures of three by three tiles; ``edits.png`` before, after and the words that changed;
    ``captions.png`` held-out pictures with what the model says of them.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    pages = {}
    pictures, names = _drawn(artist, prompts, seed)
    pages["prompts"] = sheet(pictures, names, 10)
    tiles = [i for i, (kind, _) in enumerate(prompts) if kind == "texture"][:12]
    if tiles:
        large = [np.tile(pictures[i], (3, 3, 1)) for i in tiles]
        pages["textures"] = sheet(large, [names[i] for i in tiles], 4, scale=2)
    if chinese:
        pages["chinese"] = sheet(*_drawn(artist, chinese, seed), 8)
    if edits:
        pairs = [np.concatenate([trial.before, after], axis=1) for trial, after in edits]
        pages["edits"] = sheet(pairs, [said_differently(t.words) for t, _ in edits], 5)
    if captions:
        pages["captions"] = sheet([p for p, _ in captions], [text for _, text in captions], 10)
    paths = []
    for name, page in pages.items():
        paths.append(out_dir / f"{name}.png")
        page.save(paths[-1])
    return paths


def _drawn(
    artist: Artist, prompts: Sequence[tuple[str, str]], seed: int
) -> tuple[list[Pixels], list[str]]:
    """Pictures of prompts in any language, and their names for a sheet."""
    glosses = [gloss(text).english for _, text in prompts]
    wishes = [
        Wish(text, kind, seed, NATIVE_PX.get(kind, (32, 32)), kind == "texture")
        for (kind, _), text in zip(prompts, glosses, strict=True)
    ]
    # The machine's font may know no Chinese: the gloss, marked as one, says the same.
    names = [
        english if english == text else f"zh: {english}"
        for english, (_, text) in zip(glosses, prompts, strict=True)
    ]
    return draw(artist, wishes), names


def said_differently(words: tuple[str, str]) -> str:
    """What one caption says and the other does not: ``red robe -> blue robe``."""
    old, new = (text.split() for text in words)
    parts = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            before = " ".join(old[a:b]) or "nothing"
            parts.append(f"{before} -> {' '.join(new[c:d]) or 'nothing'}")
    return "; ".join(parts)


def sheet(
    pictures: Sequence[Pixels], names: Sequence[str], columns: int, scale: int = SCALE
) -> Image.Image:
    """Pictures in rows, each enlarged ``scale`` times, with their names in up to four lines."""
    tall = max(picture.shape[0] for picture in pictures) * scale
    wide = max(picture.shape[1] for picture in pictures) * scale
    width, height = max(wide, MIN_CELL_PX) + 24, tall + 14 + 4 * LINE_PX
    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    page = Image.new("RGB", (columns * width, rows * height), PAPER)
    pen = ImageDraw.Draw(page)
    font = ImageFont.load_default(size=11)
    for place, (picture, name) in enumerate(zip(pictures, names, strict=True)):
        left, top = place % columns * width, place // columns * height
        size = (picture.shape[1] * scale, picture.shape[0] * scale)
        large = Image.fromarray(picture).resize(size, Image.Resampling.NEAREST)
        ground = _checkerboard(*size)
        ground.paste(large, (0, 0), large)
        page.paste(ground, (left + (width - size[0]) // 2, top + 6 + tall - size[1]))
        lines = textwrap.wrap(name, (width - 12) // LETTER_PX)[:4]
        pen.multiline_text((left + 6, top + 10 + tall), "\n".join(lines), INK, font)
    return page


def _checkerboard(width: int, height: int) -> Image.Image:
    down, right = np.indices((height, width)) // 8
    colours = np.array(CHECKER, np.uint8)
    return Image.fromarray(colours[(down + right) % 2])
