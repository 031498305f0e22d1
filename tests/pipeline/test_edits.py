"""An edit starts from the image that is there; what the words keep, keeps its pixels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from llamavis_studio.backends.base import ImageRequest, ImageResult
from llamavis_studio.core.asset import Provenance
from llamavis_studio.imaging.png import (
    PROVENANCE_KEY,
    decode_image,
    encode_png,
    pixel_hash,
    read_text_chunks,
)
from llamavis_studio.pipeline.build import Result
from llamavis_studio.pipeline.edits import Edit, edit_of, keep_unchanged, still_meant
from llamavis_studio.pipeline.target import Target
from tests.pipeline.conftest import INFO, Game, draw

SIZE = "size = [16, 16]"


class Editor:
    """Changes the right half of `before`, and remembers what it was asked."""

    def __init__(self) -> None:
        self.requests: list[ImageRequest] = []

    def __call__(self, requests: list[ImageRequest]) -> list[ImageResult]:
        self.requests += requests
        results = []
        for request, drawn in zip(requests, draw(requests), strict=True):
            pixels = drawn.pixels.copy()
            if request.before is not None:
                pixels[:, :8] = request.before[:, :8]
            results.append(replace(drawn, pixels=pixels))
        return results


@pytest.fixture
def editing(empty_game: Game) -> Game:
    empty_game.info = replace(INFO, can_edit=True)
    return empty_game


def edits(game: Game):
    return lambda target: edit_of(game.root / target.output, target)


def build(game: Game, editor: Editor, **more: object):
    return game.build(editor, edit_for=edits(game), **more)


def note(game: Game, name: str) -> Provenance:
    return Provenance.from_json(read_text_chunks(game.root / name)[PROVENANCE_KEY])


def test_a_changed_word_starts_from_the_image_and_its_words(editing: Game) -> None:
    editing.describe("hero", "hero in a green robe", SIZE)
    build(editing, Editor())
    before = decode_image(editing.root / "hero.png")
    editing.describe("hero", "hero in a red robe", SIZE)
    editor = Editor()
    build(editing, editor)
    (request,) = editor.requests
    assert np.array_equal(request.before, before)
    assert request.before_prompt == "hero in a green robe"
    after = decode_image(editing.root / "hero.png")
    seen = before[:, :8, 3] > 0
    assert np.array_equal(after[:, :8][seen], before[:, :8][seen])
    assert not np.array_equal(after, before)
    assert note(editing, "hero.png").parent == pixel_hash(before)
    assert note(editing, "hero.png").parent_prompt == "hero in a green robe"
    assert editing.states() == {"hero.png": "fresh"}


def test_an_image_drawn_afresh_names_no_parent(editing: Game) -> None:
    editing.describe("hero", "hero", SIZE)
    build(editing, Editor())
    assert '"parent"' not in read_text_chunks(editing.root / "hero.png")[PROVENANCE_KEY]


@pytest.mark.parametrize(
    "second",
    [
        ("hero in a red robe", f"{SIZE}\nseed = 5"),
        ("hero in a red robe", f'{SIZE}\nkind = "item"'),
        ("hero in a red robe", "size = [32, 32]"),
        ("hero in a red robe", f'{SIZE}\nnegative = "hat"'),
        ("castle on some hill", SIZE),
    ],
)
def test_what_makes_another_picture_starts_it_afresh(editing: Game, second) -> None:
    editing.describe("hero", "hero in a green robe", SIZE)
    build(editing, Editor())
    editing.describe("hero", *second)
    editor = Editor()
    build(editing, editor)
    assert editor.requests[0].before is None


def test_another_model_revision_starts_afresh(editing: Game) -> None:
    editing.describe("hero", "hero in a green robe", SIZE)
    build(editing, Editor())
    editing.describe("hero", "hero in a red robe", SIZE)
    editing.info = replace(editing.info, revision="other")
    editor = Editor()
    build(editing, editor)
    assert editor.requests[0].before is None


def test_pixels_that_a_hand_changed_are_no_start(editing: Game) -> None:
    editing.describe("hero", "hero in a green robe", SIZE)
    build(editing, Editor())
    path = editing.root / "hero.png"
    notes = read_text_chunks(path)
    pixels = decode_image(path)
    pixels[8, 8] = 255
    path.write_bytes(encode_png(pixels, provenance_json=notes[PROVENANCE_KEY]))
    editing.describe("hero", "hero in a red robe", SIZE)
    editor = Editor()
    (outcome,) = build(editing, editor, force=True)
    assert outcome.result is Result.BUILT
    assert editor.requests[0].before is None


def test_a_new_palette_recolours_an_edited_image_without_the_model(editing: Game) -> None:
    editing.describe("hero", "hero in a green robe", SIZE)
    build(editing, Editor())
    editing.describe("hero", "hero in a red robe", SIZE)
    build(editing, Editor())
    edited = decode_image(editing.root / "hero.png")
    editing.describe("hero", "hero in a red robe", f'{SIZE}\npalette = ["#000000", "#ffffff"]')
    editor = Editor()
    build(editing, editor)
    assert not editor.requests
    after = decode_image(editing.root / "hero.png")
    assert {tuple(c) for c in after[after[..., 3] > 0][:, :3]} <= {(0, 0, 0), (255,) * 3}
    assert np.array_equal(after[..., 3], edited[..., 3])
    assert editing.states() == {"hero.png": "fresh"}


def test_a_new_palette_draws_an_unedited_image_from_its_seed(editing: Game) -> None:
    editing.describe("hero", "hero in a green robe", SIZE)
    build(editing, Editor())
    editing.describe("hero", "hero in a green robe", f'{SIZE}\npalette = ["#000000", "#ffffff"]')
    editor = Editor()
    build(editing, editor)
    assert editor.requests[0].before is None


def test_words_and_palette_together_keep_only_colours_of_the_palette(editing: Game) -> None:
    editing.describe("hero", "hero in a green robe", SIZE)
    build(editing, Editor())
    editing.describe("hero", "hero in a red robe", f'{SIZE}\npalette = ["#000000", "#ffffff"]')
    editor = Editor()
    build(editing, editor)
    assert editor.requests[0].before is not None
    after = decode_image(editing.root / "hero.png")
    assert {tuple(c) for c in after[after[..., 3] > 0][:, :3]} <= {(0, 0, 0), (255,) * 3}


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("green slime", "red slime", True),
        ("绿色史莱姆", "红色史莱姆", True),
        ("female elf in a green robe", "female elf in a long green robe", True),
        ("green slime", "stone wall", False),
        ("日落海滩", "石头城堡", False),
        ("Knight", "knight", True),
    ],
)
def test_descriptions_that_share_words_mean_one_picture(old: str, new: str, same: bool) -> None:
    assert still_meant(old, new) is same


def test_a_missing_or_foreign_image_is_no_start(editing: Game) -> None:
    editing.describe("hero", "hero", SIZE)
    target: Target = editing.plan().targets[0].target
    path = editing.root / target.output
    assert edit_of(path, target) is None
    path.write_bytes(b"not a picture")
    assert edit_of(path, target) is None
    path.write_bytes(encode_png(np.zeros((4, 4, 4), np.uint8)))
    assert edit_of(path, target) is None
    path.write_bytes(encode_png(np.zeros((4, 4, 4), np.uint8), provenance_json='{"a": 1}'))
    assert edit_of(path, target) is None


def test_a_large_redrawing_goes_over_softly_and_keeps_the_rest_to_the_bit() -> None:
    random = np.random.default_rng(1)
    before = np.full((256, 256, 3), 120, np.uint8)
    region = np.zeros((256, 256), np.uint8)
    region[64:192, 64:192] = 255
    # The model answers with noise everywhere and a lighter square.
    answer = np.clip(before + random.normal(0, 2, before.shape), 0, 255)
    answer[80:176, 80:176] += 60
    answer = np.rint(answer).astype(np.uint8)
    edit = Edit(before, region=region)
    kept = keep_unchanged(answer, answer, edit, False, answer)
    assert np.array_equal(kept[region == 0], before[region == 0])
    assert np.array_equal(kept[:70], before[:70])  # unchanged, though it might have changed
    assert np.array_equal(kept[100:156, 100:156], answer[100:156, 100:156])
    edge = kept[128, 60:100].astype(int).mean(axis=1)
    assert np.abs(np.diff(edge)).max() <= np.abs(np.diff(answer[128, 60:100].mean(axis=1))).max()


def test_a_small_redrawing_takes_the_old_pixels_where_it_is_hardly_another() -> None:
    random = np.random.default_rng(1)
    before = random.integers(0, 256, (32, 32, 4), dtype=np.uint8)
    before[..., 3] = 255
    answer = np.clip(before[..., :3].astype(int) + random.integers(-3, 4, (32, 32, 3)), 0, 255)
    answer = np.dstack([answer, before[..., 3]]).astype(np.uint8)
    answer[:, 20:, :3] = (255, 0, 255)
    kept = keep_unchanged(answer, answer, Edit(before), False, answer)
    assert np.array_equal(kept[:, :18], before[:, :18])
    changed = kept[:, 22:] == answer[:, 22:]
    assert changed.all(axis=2).mean() > 0.9
    # A model that keeps what it keeps to the bit is compared to the bit.
    exact = keep_unchanged(answer, answer, Edit(before), False)
    assert not np.array_equal(exact[:, :18], before[:, :18])
