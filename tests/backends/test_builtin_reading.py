"""What the built-in backend says about pictures that the test knows all about."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from llamavis_studio.backends.base import CaptionRequest, CaptionResult, ignore_steps
from llamavis_studio.backends.builtin import BuiltinBackend
from llamavis_studio.core.errors import BackendError
from llamavis_studio.imaging.scale import scale_whole

KINDS = {"texture", "material", "sprite", "character", "item", "background"}
COLOURS = {"red": (215, 25, 25), "blue": (40, 70, 230), "green": (40, 160, 50)}


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuiltinBackend]:
    import torch

    from llamavis_studio.model.checkpoint import save_checkpoint
    from llamavis_studio.model.memory import Memory
    from tests.support.tiny_model import tiny_codes, tiny_model

    model = tiny_model()
    names = ("red dragon", "green dragon", "stone wall", "red wall")
    vectors = torch.nn.functional.normalize(torch.ones(4, 384), dim=1)
    kinds = ("creature", "creature", "texture", "texture")
    codes = tiny_codes(model, 4, 64).to(torch.int16)
    folder = tmp_path_factory.mktemp("tiny")
    memory = Memory((8, 8), codes, vectors, kinds, names)
    save_checkpoint(model, folder, {"name": "tiny", "licence": "MIT"}, memory)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    made = BuiltinBackend(folder)
    made.load()
    yield made
    made.unload()
    torch.set_num_threads(threads)


def read(backend: BuiltinBackend, *pictures: np.ndarray) -> list[CaptionResult]:
    return backend.caption([CaptionRequest(picture) for picture in pictures], ignore_steps)


def square(colour: tuple[int, int, int], side: int = 32) -> np.ndarray:
    picture = np.zeros((side, side, 4), np.uint8)
    edge = side // 5
    picture[edge:-edge, edge:-edge] = (*colour, 255)
    return picture


def sprite(seed: int) -> np.ndarray:
    """Rings of a few colours around a dark middle."""
    rng = np.random.default_rng(seed)
    down, right = np.mgrid[:32, :32] - 15.5
    reach = np.hypot(down, right * rng.uniform(0.8, 1.3)) + rng.integers(0, 2, (32, 32))
    picture = np.zeros((32, 32, 4), np.uint8)
    for edge in (14, 11, 8, 4):
        picture[reach < edge] = (*rng.integers(0, 256, 3), 255)
    return picture


def photograph(width: int, height: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    down, right = np.mgrid[:height, :width] / 64
    light = 120 + 80 * np.sin(3 * down + rng.uniform(0, 6)) * np.cos(2 * right)
    tint = np.stack([light, 0.8 * light + 9 * right, 0.7 * light + 20 * down], -1)
    return np.clip(tint + rng.normal(0, 2, tint.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("name", COLOURS)
@pytest.mark.parametrize("side", [32, 160])
def test_colours_are_measured_from_the_pixels(backend: BuiltinBackend, name: str, side: int):
    (result,) = read(backend, square(COLOURS[name], side))
    assert result.colours[0].name == name
    assert result.colours[0].share > 0.95


def test_colours_come_largest_first_and_add_up(backend: BuiltinBackend) -> None:
    picture = np.full((32, 48, 3), COLOURS["blue"], np.uint8)
    picture[:12] = COLOURS["red"]
    (result,) = read(backend, picture)
    assert [colour.name for colour in result.colours] == ["blue", "red"]
    assert result.colours[1].share == pytest.approx(12 / 32, abs=0.01)
    (empty,) = read(backend, np.zeros((32, 32, 4), np.uint8))
    assert empty.colours == () and empty.caption


def test_tags_are_sorted_probabilities(backend: BuiltinBackend) -> None:
    for result in read(backend, *[sprite(seed) for seed in range(6)], photograph(80, 60)):
        shares = [tag.p for tag in result.tags]
        assert shares == sorted(shares, reverse=True)
        assert all(0 < share <= 1 for share in shares)
        assert len({tag.name for tag in result.tags}) == len(result.tags)
        assert result.confidence is not None and 0 <= result.confidence <= 1
        assert result.kind in KINDS
        assert result.model.startswith("tiny ")


@pytest.mark.parametrize("factor", [2, 3, 4, 6, 8])
def test_an_enlarged_sprite_reads_like_the_sprite(backend: BuiltinBackend, factor: int) -> None:
    small = [sprite(seed) for seed in range(3)]
    wanted = read(backend, *small)
    blocks = [picture.repeat(factor, 0).repeat(factor, 1) for picture in small]
    assert read(backend, *blocks) == wanted
    assert read(backend, *[scale_whole(picture, factor) for picture in small]) == wanted


@pytest.mark.parametrize("size", [(32, 32), (64, 48), (128, 96), (640, 480)])
def test_photographs_are_called_a_guess_with_reasons(
    backend: BuiltinBackend, size: tuple[int, int]
) -> None:
    for result in read(backend, photograph(*size), photograph(*size, seed=1)):
        assert not result.in_domain
        assert result.reasons
        assert result.confidence is not None and result.confidence < 0.5


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        ((32, 32), (32, 32)),
        ((48, 32), (48, 32)),
        ((64, 64), (64, 64)),
        ((70, 64), (32, 32)),
        ((200, 100), (48, 32)),
    ],
)
def test_opaque_pictures_are_read_in_their_shape(
    size: tuple[int, int], wanted: tuple[int, int]
) -> None:
    from llamavis_studio.backends.builtin_reading import reading_size

    opaque = np.full((size[1], size[0], 4), 255, np.uint8)
    assert reading_size(opaque) == reading_size(opaque[..., :3]) == wanted
    opaque[0, 0, 3] = 0
    assert reading_size(opaque) == (32, 32)


def test_answers_keep_their_order_and_do_not_depend_on_neighbours(
    backend: BuiltinBackend,
) -> None:
    pictures = [sprite(0), photograph(96, 64), sprite(1), square((9, 9, 9)), photograph(64, 64)]
    together = read(backend, *pictures)
    for picture, result in zip(pictures, together, strict=True):
        (alone,) = read(backend, picture)
        assert alone.caption == result.caption and alone.kind == result.kind
        assert alone.colours == result.colours and alone.in_domain == result.in_domain


def test_the_memory_is_heard(backend: BuiltinBackend) -> None:
    """Half of what is said comes from the four pictures that the checkpoint carries."""
    known = {"red", "green", "dragon", "stone", "wall"}
    (result,) = read(backend, sprite(0))
    heard = {tag.name: tag.p for tag in result.tags}
    assert set(heard) & known


def test_nothing_is_read_before_load_or_after_unload(backend: BuiltinBackend) -> None:
    fresh = BuiltinBackend(backend._folder)
    for _ in range(2):
        with pytest.raises(BackendError, match="not loaded"):
            read(fresh, sprite(0))
        fresh.load()
        assert read(fresh, sprite(0)) == read(backend, sprite(0))
        fresh.unload()
