"""All that decides a picture, put together: each wish alone decides, and what stays stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from llamavis_studio.model.artist import (
    MOST_REFERENCES,
    Artist,
    Drawing,
    Wish,
    _is_empty,
    draw_together,
)
from llamavis_studio.model.editing import changed_by_words, varied_cells, with_rim
from llamavis_studio.model.pixels import PATCH_PX, Pixels, to_tensor
from llamavis_studio.model.sampling import Sampling
from llamavis_studio.model.text_encoder import TextEncoder
from tests.support.tiny_model import tiny_memory, tiny_model

SIZE = (32, 32)
GRID = (8, 8)
MINILM = Path(__file__).parents[2] / "resources" / "models" / "minilm"
PLAIN = Wish("a red dragon", "creature", 3)


@pytest.fixture(scope="module")
def artist() -> Artist:
    model = tiny_model()
    return Artist(model, TextEncoder.load(MINILM), tiny_memory(model), Sampling())


def picture(seed: int = 0, size: tuple[int, int] = SIZE) -> Pixels:
    """Noise with hard alpha, as the model's own pictures have it."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (size[1], size[0], 4), np.uint8)
    pixels[..., 3] = np.where(pixels[..., 3] > 90, 255, 0)
    pixels[pixels[..., 3] == 0] = 0
    return pixels


def box(top: int, bottom: int, left: int, right: int) -> np.ndarray:
    region = np.zeros(SIZE, bool)
    region[top:bottom, left:right] = True
    return region


def draw(artist: Artist, *wishes: Wish) -> list[Drawing]:
    return draw_together(artist, wishes)


def cells_that_differ(first: Pixels, second: Pixels) -> np.ndarray:
    """Which cells ``(P,)`` hold a pixel that is not the same."""
    apart = (first != second).any(-1)
    return apart.reshape(GRID[0], PATCH_PX, GRID[1], PATCH_PX).any((1, 3)).ravel()


MANY = (
    PLAIN,
    replace(PLAIN, seed=4, references=(picture(1),)),
    replace(PLAIN, seed=5, references=(picture(1), picture(2))),
    replace(PLAIN, seed=6, before=picture(3), region=box(4, 13, 6, 20)),
    replace(PLAIN, seed=7, before=picture(3), strength=0.3),
    replace(PLAIN, seed=8, before=picture(3), before_text="a grey stone wall"),
    replace(PLAIN, seed=9, before=picture(3), strength=0.0),
    replace(PLAIN, seed=10, avoid="green"),
    Wish("grey stone wall with moss and a long description of it", "texture", 11),
)


def test_a_drawing_depends_on_its_own_wish_alone(artist: Artist) -> None:
    """Whatever its neighbours bring: references, versions before, regions, words to avoid."""
    together = draw(artist, *MANY)
    for wish, drawing in zip(MANY, together, strict=True):
        (alone,) = draw(artist, wish)
        assert np.array_equal(alone.pixels, drawing.pixels), wish
        assert torch.equal(alone.codes, drawing.codes)
        assert alone.took_after == drawing.took_after


def test_only_rows_without_pictures_of_their_own_look_one_up(artist: Artist) -> None:
    together = draw(artist, *MANY)
    own = [bool(wish.references) or wish.before is not None for wish in MANY]
    assert [len(drawing.took_after) for drawing in together] == [0 if mine else 1 for mine in own]
    assert artist.memory is not None
    for wish, drawing in zip(MANY, together, strict=True):
        for name in drawing.took_after:
            kind = artist.memory.kinds[artist.memory.names.index(name)]
            assert (kind == "texture") == (wish.kind == "texture")


def test_what_is_looked_up_changes_the_picture(artist: Artist) -> None:
    (shown,), (alone,) = draw(artist, PLAIN), draw(replace(artist, memory=None), PLAIN)
    assert not np.array_equal(shown.pixels, alone.pixels) and alone.took_after == ()


def test_a_memory_of_another_grid_is_left_alone(artist: Artist) -> None:
    scene = Wish("a forest", "background", 1, size=(48, 32))
    (drawing,) = draw(artist, scene)
    assert drawing.took_after == () and drawing.pixels.shape == (32, 48, 4)
    (alone,) = draw(replace(artist, memory=None), scene)
    assert np.array_equal(drawing.pixels, alone.pixels)


def test_references_matter_and_the_last_ones_count(artist: Artist) -> None:
    first, second, third = picture(1), picture(2), picture(3)
    wish = replace(PLAIN, references=(second, third))
    (base,) = draw(artist, wish)
    (more,) = draw(artist, replace(wish, references=(first, second, third)))
    assert MOST_REFERENCES == 2 and np.array_equal(base.pixels, more.pixels)
    (turned,) = draw(artist, replace(wish, references=(third, second)))
    assert not np.array_equal(base.pixels, turned.pixels)


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize(
    "region", [box(8, 16, 4, 24), box(5, 6, 5, 6), box(0, 32, 0, 9), box(3, 30, 2, 31)]
)
def test_a_region_keeps_every_pixel_outside_it(
    artist: Artist, region: np.ndarray, wrap: bool
) -> None:
    """Also where the region cuts through cells of the code grid."""
    before = picture(3)
    (drawing,) = draw(artist, replace(PLAIN, before=before, region=region, wrap=wrap))
    assert np.array_equal(drawing.pixels[~region], before[~region])
    assert (drawing.pixels[region] != before[region]).any()


def test_a_region_of_nothing_or_of_all(artist: Artist) -> None:
    before = picture(3)
    (none,) = draw(artist, replace(PLAIN, before=before, region=box(0, 0, 0, 0)))
    assert np.array_equal(none.pixels, before)
    (whole,) = draw(artist, replace(PLAIN, before=before, region=box(0, 32, 0, 32)))
    assert cells_that_differ(whole.pixels, before).mean() > 0.9


def test_a_picture_is_extended_at_its_rim(artist: Artist) -> None:
    canvas = np.zeros((32, 32, 4), np.uint8)
    canvas[8:24, 8:24] = picture(3)[:16, :16]
    region = ~box(8, 24, 8, 24)
    (drawing,) = draw(artist, replace(PLAIN, before=canvas, region=region))
    assert np.array_equal(drawing.pixels[8:24, 8:24], canvas[8:24, 8:24])
    assert drawing.pixels[region].any()


def test_without_strength_nothing_changes(artist: Artist) -> None:
    before, steps = picture(3), []
    wish = replace(PLAIN, before=before, strength=0.0)
    (drawing,) = draw_together(artist, [wish], lambda *step: steps.append(step))
    assert np.array_equal(drawing.pixels, before)
    assert steps == [(64, 64)]
    (other,) = draw(artist, replace(wish, before_text="a grey stone wall"))
    assert np.array_equal(other.pixels, before)


def test_strength_says_how_much_may_change(artist: Artist) -> None:
    before = picture(3)
    (drawing,) = draw(artist, replace(PLAIN, before=before, strength=0.3))
    changed = cells_that_differ(drawing.pixels, before)
    allowed = varied_cells(GRID, 0.3, PLAIN.seed).numpy()
    assert changed.any() and not (changed & ~allowed).any()


def test_only_what_the_words_change_is_drawn_anew(artist: Artist) -> None:
    before, texts = picture(3), ("a grey stone wall", PLAIN.text)
    wish = replace(PLAIN, before=before, before_text=texts[0])
    (drawing,) = draw(artist, wish)
    codes = artist.model.image_tokenizer.encode(to_tensor([before]))[0]
    core = changed_by_words(artist.model, artist.encoder, codes, texts, PLAIN.kind, GRID)
    allowed = with_rim(core, GRID).numpy()
    changed = cells_that_differ(drawing.pixels, before)
    assert changed.any() and not (changed & ~allowed).any()
    assert torch.equal(drawing.codes[~torch.from_numpy(allowed)], codes[~torch.from_numpy(allowed)])
    (gentle,) = draw(artist, replace(wish, strength=0.3))
    varied = varied_cells(GRID, 0.3, PLAIN.seed)
    both = (with_rim(core & varied, GRID) & varied).numpy()
    assert not (cells_that_differ(gentle.pixels, before) & ~both).any()


def test_the_version_before_is_shown_unless_a_region_says_where(artist: Artist) -> None:
    before = picture(3)
    (plain,) = draw(replace(artist, memory=None), PLAIN)
    (shown,) = draw(artist, replace(PLAIN, before=before))
    assert shown.prompt.references is not None and shown.prompt.references.role.tolist() == [[1]]
    assert not np.array_equal(plain.pixels, shown.pixels)
    (filled,) = draw(artist, replace(PLAIN, before=before, region=box(0, 8, 0, 8)))
    assert filled.prompt.references is None


def test_words_to_avoid_change_the_picture_of_their_own_row_only(artist: Artist) -> None:
    base = draw(artist, PLAIN, replace(PLAIN, seed=4))
    other = draw(artist, replace(PLAIN, avoid="green grass"), replace(PLAIN, seed=4))
    assert not np.array_equal(base[0].pixels, other[0].pixels)
    assert np.array_equal(base[1].pixels, other[1].pixels)


def test_wishes_are_not_written_into(artist: Artist) -> None:
    before, region = picture(3), box(3, 9, 3, 9)
    for array in (before, region):
        array.setflags(write=False)
    wish = replace(PLAIN, before=before, region=region, references=(before,))
    (drawing,) = draw(artist, wish)
    assert np.array_equal(before, picture(3))
    assert drawing.pixels.flags.writeable


def test_what_shows_nothing_is_drawn_again_with_another_seed(
    artist: Artist, monkeypatch: pytest.MonkeyPatch
) -> None:
    (first,) = draw(artist, PLAIN)
    other = replace(PLAIN, seed=(PLAIN.seed + 0x9E3779B1) % 2**32)
    (second,) = draw(artist, other)
    assert not torch.equal(first.codes, second.codes)
    seen = iter([True, False, False])
    monkeypatch.setattr("llamavis_studio.model.artist._is_empty", lambda _w, _d: next(seen))
    again, beside = draw(artist, PLAIN, other)
    assert torch.equal(again.codes, second.codes)
    assert torch.equal(beside.codes, second.codes)


def test_an_artist_gives_up_on_emptiness_in_the_end(
    artist: Artist, monkeypatch: pytest.MonkeyPatch
) -> None:
    (first,) = draw(artist, PLAIN)
    monkeypatch.setattr("llamavis_studio.model.artist._is_empty", lambda _w, _d: True)
    (same,) = draw(artist, PLAIN)
    assert torch.equal(same.codes, first.codes)


def test_scenes_and_edits_are_never_empty() -> None:
    clear = Drawing(np.zeros((32, 32, 4), np.uint8), torch.zeros(1), None, ())  # type: ignore[arg-type]
    assert _is_empty(PLAIN, clear)
    assert not _is_empty(replace(PLAIN, kind="texture"), clear)
    assert not _is_empty(replace(PLAIN, before=picture()), clear)
