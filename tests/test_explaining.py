"""Why an image looks as it does: the request of a build, words as they were written, and whether
the file is what is explained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from llamavis_studio.backends.base import WordMap
from llamavis_studio.core.errors import ProjectError
from llamavis_studio.explaining import Likeness, placed, shift_of_seam, words_as_written
from llamavis_studio.imaging.calm_wrap import calm_wrap, seam_stands_out
from llamavis_studio.imaging.png import decode_image, encode_png
from llamavis_studio.imaging.scale import fit_to_size
from llamavis_studio.imaging.seamless import seam_score
from llamavis_studio.pipeline.filters import SEAM_LIMIT
from llamavis_studio.pipeline.notes import finished_png, provenance_of
from tests.support.games import described, make_game
from tests.support.studios import opened


@pytest.fixture(autouse=True)
def instant(instant_backend: None) -> None:
    pass


@pytest.fixture
def game(tmp_path: Path) -> Path:
    return make_game(
        tmp_path / "game",
        {
            "hero.desc.toml": described("brave red knight", 'kind = "sprite"\nsize = [24, 16]\n'),
            "wall.desc.toml": described(
                "grey stone", 'kind = "texture"\n[material]\nmaps = ["base_color", "normal"]\n'
            ),
            "many.desc.toml": described("green slime", "count = 2\n"),
        },
    )


def test_what_is_explained_is_the_file_to_the_pixel(game: Path) -> None:
    with opened(game) as studio:
        assert studio.explain(game / "hero.png").likeness is Likeness.MISSING
        studio.build()
        before = (game / "hero.png").read_bytes()
        found = studio.explain(game / "hero.png")
    assert found.likeness is Likeness.SAME
    np.testing.assert_array_equal(found.pixels, decode_image(game / "hero.png"))
    assert [one.word for one in found.words] == ["brave", "red", "knight"]
    assert all(one.weights.shape == (16, 24) for one in found.words)
    assert found.words[0].weights[:, :8].all() and not found.words[0].weights[:, 8:].any()
    assert found.took_after == (("a picture", 0.25),)
    assert (game / "hero.png").read_bytes() == before


def test_a_description_stands_for_its_image_and_a_map_for_what_it_is_made_from(game: Path) -> None:
    with opened(game) as studio:
        studio.build()
        assert studio.explain(game / "hero.desc.toml").output == "hero.png"
        found = studio.explain(game / "wall_normal.png")
        assert (found.output, found.likeness) == ("wall.png", Likeness.SAME)
        assert studio.explain(game / "wall.desc.toml").output == "wall.png"
        with pytest.raises(ProjectError, match="not one image") as caught:
            studio.explain(game / "many.desc.toml")
        assert "many_0.png, many_1.png" in caught.value.hint
        assert studio.explain(game / "many_1.png").output == "many_1.png"


def test_it_is_said_when_the_file_is_another_picture(game: Path) -> None:
    hero = game / "hero.png"
    with opened(game) as studio:
        studio.build()
        drawn = hero.read_bytes()
        pixels = decode_image(hero)
        pixels[8, 12] ^= 255
        hero.write_bytes(encode_png(pixels))
        assert studio.explain(hero).likeness is Likeness.BY_HAND
        hero.write_bytes(drawn)
        source = game / "hero.desc.toml"
        source.write_text(source.read_text().replace("red", "blue"))
        found = studio.explain(hero)
        assert found.likeness is Likeness.OTHER_WORDS
        assert [one.word for one in found.words] == ["brave", "blue", "knight"]
        source.write_text(source.read_text().replace("blue", "red") + "seed = 5\n")
        assert studio.explain(hero).likeness is Likeness.OTHER


def test_an_edit_of_an_older_picture_is_told_from_a_drawing(game: Path) -> None:
    with opened(game) as studio:
        studio.build()
        target = studio.plan([game / "hero.png"]).targets[0].target
        pixels = decode_image(game / "hero.png")
        pixels[4:9, 12:18, :3] = (200, 30, 30)
        provenance = provenance_of(target, "", pixels, "0" * 64, "brave knight")
        (game / "hero.png").write_bytes(finished_png(pixels, provenance))
        found = studio.explain(game / "hero.png")
    assert found.likeness is Likeness.EDIT
    assert not np.array_equal(found.pixels, pixels)


def test_words_of_the_style_are_told_apart(tmp_path: Path) -> None:
    game = make_game(
        tmp_path / "game",
        {
            "llamavis.toml": '[project]\nname = "game"\nbackend = "instant"\n'
            '[style.gloomy]\nprefix = "dark"\n',
            "a.desc.toml": described("old tower", 'style = "gloomy"\n'),
        },
    )
    with opened(game) as studio:
        found = studio.explain(game / "a.png")
    assert {one.word.strip(","): one.of_style for one in found.words} == {
        "dark": True, "old": False, "tower": False,
    }  # fmt: skip


def test_foreign_words_get_the_heat_of_their_english() -> None:
    def heat(value: float) -> np.ndarray:
        return np.full((2, 2), value, np.float32)

    maps = [WordMap("big", heat(0.1)), WordMap("stone", heat(0.4)), WordMap("Wall", heat(0.7))]
    maps.append(WordMap("door", heat(0.2)))
    found = words_as_written(maps, [("石墙", "stone wall"), ("的", ""), ("大", "big")])
    assert [one.word for one in found] == ["石墙", "大", "door"]
    assert [float(one.weights[0, 0]) for one in found] == pytest.approx([0.7, 0.1, 0.2])
    assert words_as_written(maps, []) == tuple(maps)


@pytest.mark.parametrize(
    ("size", "pad"), [((64, 64), True), ((48, 80), True), ((48, 80), False), ((20, 12), False)]
)
def test_heat_lies_where_the_picture_lies(size: tuple[int, int], pad: bool) -> None:
    """A white square on black is put where its own brightness, as heat, is put."""
    weights = np.zeros((32, 32), np.float32)
    weights[8:20, 12:28] = 1.0
    pixels = np.repeat((weights * 255).astype(np.uint8)[..., None], 3, axis=2)
    fitted = fit_to_size(pixels, size, pad=pad)[..., 0] / 255
    found = placed(weights, size, pad=pad)
    assert found.shape == fitted.shape == (size[1], size[0])
    assert np.abs(found - fitted).mean() < 0.04


def test_heat_of_a_tile_rolls_with_its_calm_cut(game: Path) -> None:
    """The filters cut a tile elsewhere; what is hot must stay on the same bricks."""
    random = np.random.default_rng(1)
    noise = random.integers(0, 256, (32, 32, 3), dtype=np.uint8)
    rolls = [np.roll(noise, (y, x), (0, 1)) for y in range(32) for x in range(32)]
    pixels = next(one for one in rolls if seam_score(one) > SEAM_LIMIT and not seam_stands_out(one))
    with opened(game) as studio:
        planned = studio.plan([game / "wall.desc.toml"]).targets
    drawn = next(one.target for one in planned if not one.target.base)
    target = replace(drawn, backend=replace(drawn.backend, can_tile=True))
    down, right = shift_of_seam(target, pixels)
    assert (down, right) != (0, 0)
    np.testing.assert_array_equal(np.roll(pixels, (down, right), (0, 1)), calm_wrap(pixels))
    calm = calm_wrap(pixels)
    assert shift_of_seam(target, calm) == (0, 0)
