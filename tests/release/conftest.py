"""A built game of the pipeline's toy backend, and what its rooms would be asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from llamavis_studio.imaging.png import PROVENANCE_KEY, decode_image, encode_png, read_text_chunks
from llamavis_studio.release.report import Report, make_report
from tests.pipeline.conftest import Game


@pytest.fixture
def game(tmp_path: Path) -> Game:
    """Three images: a locked one that was edited, one in a folder, and a painted one."""
    game = Game(tmp_path / "game")
    game.write("llamavis.toml", '[project]\nname = "game"\nbackend = "toy"\n')
    game.describe("hero", "red dragon with bright wings", "seed = 7")
    game.describe("items/剑 🗡", "一把红色的剑", 'kind = "item"')
    game.describe("tiles/wall", "mossy stone", 'kind = "texture"')
    game.build()
    return game


def paint(path: Path, *, keep_notes: bool = True) -> None:
    """Change one pixel, as an editor does that keeps the notes, or drops them."""
    pixels = decode_image(path).copy()
    pixels[-1, -1] = 255 - pixels[-1, -1] // 2
    note = read_text_chunks(path)[PROVENANCE_KEY] if keep_notes else None
    path.write_bytes(encode_png(pixels, provenance_json=note))


def reported(game: Game) -> Report:
    return make_report(game.project, game.plan(), lambda _root: {"hero.png": "2026-01-02"})
