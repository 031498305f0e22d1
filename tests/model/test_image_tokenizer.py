"""Pixels to codes and back: sizes, tori, alpha, codebooks."""

from __future__ import annotations

import pytest
import torch

from llamavis_studio.model.image_tokenizer import (
    ImageTokenizer,
    ResidualCodebooks,
    nearest,
)
from tests.support.tiny_model import tiny_model

LATENT = 40


@pytest.fixture(scope="module")
def tokenizer() -> ImageTokenizer:
    return tiny_model().image_tokenizer


def some_pixels(rows: int, height: int = 16, width: int = 16, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    pixels = torch.rand(rows, 4, height, width, generator=generator)
    pixels[:, 3] = (pixels[:, 3] > 0.3).float()
    return pixels


@pytest.mark.parametrize("size", [(4, 4), (16, 16), (12, 20), (64, 32)])
def test_any_multiple_of_four_makes_the_round(
    tokenizer: ImageTokenizer, size: tuple[int, int]
) -> None:
    height, width = size
    grid = (height // 4, width // 4)
    codes = tokenizer.encode(some_pixels(2, height, width))
    assert codes.shape == (2, grid[0] * grid[1], 3) and codes.dtype == torch.int64
    assert codes.min() >= 0 and codes.max() < 64
    again = tokenizer.decode(codes, grid)
    assert again.shape == (2, 4, height, width)
    assert again.min() >= 0 and again.max() <= 1


def test_other_sizes_are_refused(tokenizer: ImageTokenizer) -> None:
    with pytest.raises(ValueError, match="multiples of 4"):
        tokenizer.encode(some_pixels(1, 16, 18))


def test_a_rolled_texture_has_rolled_codes_and_pixels(tokenizer: ImageTokenizer) -> None:
    pixels, grid = some_pixels(1, 16, 24), (4, 6)
    rolled = pixels.roll((4, -8), (2, 3))
    codes = tokenizer.encode(pixels, wrap=True)
    expected = codes.view(1, 4, 6, 3).roll((1, -2), (1, 2)).flatten(1, 2)
    assert torch.equal(tokenizer.encode(rolled, wrap=True), expected)
    torch.testing.assert_close(
        tokenizer.decode(expected, grid, wrap=True),
        tokenizer.decode(codes, grid, wrap=True).roll((4, -8), (2, 3)),
        atol=1e-4,
        rtol=1e-4,
    )


def test_without_wrap_the_edges_do_not_touch(tokenizer: ImageTokenizer) -> None:
    pixels = some_pixels(1)
    codes = tokenizer.encode(pixels)
    expected = codes.view(1, 4, 4, 3).roll(1, 1).flatten(1, 2)
    assert not torch.equal(tokenizer.encode(pixels.roll(4, 2)), expected)


def test_colour_under_clear_pixels_is_never_seen(tokenizer: ImageTokenizer) -> None:
    pixels = some_pixels(1)
    other = pixels.clone()
    other[:, :3] = torch.where(pixels[:, 3:] == 0, 1 - pixels[:, :3], pixels[:, :3])
    assert torch.equal(tokenizer.encode(pixels), tokenizer.encode(other))


def test_decoded_alpha_is_hard_and_clear_pixels_are_black(tokenizer: ImageTokenizer) -> None:
    codes = torch.arange(64).view(1, 16, 4)[..., :3]
    pixels = tokenizer.decode(codes, (4, 4))
    alpha = pixels[:, 3]
    assert set(alpha.unique().tolist()) == {0.0, 1.0}
    assert (pixels[:, :3] * (1 - alpha.unsqueeze(1)) == 0).all()


def test_a_latent_made_of_codes_finds_these_codes(tokenizer: ImageTokenizer) -> None:
    books: ResidualCodebooks = tokenizer.codebooks
    with torch.no_grad():
        small = books.book(1) * 0.01  # refines without reaching another coarse code
    codes = torch.stack([torch.arange(16) * 3, torch.arange(16) * 2 + 1], dim=-1).unsqueeze(0)
    latent = (books.book(0)[codes[..., 0]] + small[codes[..., 1]]).view(1, 4, 4, -1)
    assert torch.equal(books.encode(latent.permute(0, 3, 1, 2))[..., 0], codes[..., 0])
    exact = books.decode(codes[..., :1], (4, 4))
    assert torch.equal(books.encode(exact)[..., 0], codes[..., 0])


def test_nearest_is_the_nearest() -> None:
    flat, book = torch.randn(50, 6), torch.randn(20, 6)
    assert torch.equal(nearest(flat, book), torch.cdist(flat, book).argmin(1))


def test_each_further_code_refines(tokenizer: ImageTokenizer) -> None:
    books = tokenizer.codebooks
    latent = torch.randn(4, LATENT, 4, 4)
    codes = books.encode(latent)
    left = [
        float((books.decode(codes[..., :told], (4, 4)) - latent).square().mean())
        for told in range(1, books.depth + 1)
    ]
    assert left == sorted(left, reverse=True) and left[-1] < left[0]


def test_each_code_is_the_nearest_to_what_those_before_it_left(tokenizer: ImageTokenizer) -> None:
    books = tokenizer.codebooks
    rest = torch.randn(4, LATENT, 4, 4).permute(0, 2, 3, 1).flatten(0, 2)
    codes = books.encode(rest.view(4, 4, 4, LATENT).permute(0, 3, 1, 2)).flatten(0, 1)
    for depth in range(books.depth):
        assert torch.equal(codes[:, depth], torch.cdist(rest, books.book(depth)).argmin(1))
        rest = rest - books.book(depth)[codes[:, depth]]


def test_quantising_passes_the_gradient_straight_through() -> None:
    """Rows whose decoder is told one code, two and all of them."""
    books = tiny_model().image_tokenizer.codebooks
    latent = torch.randn(4, LATENT, 3, 3, requires_grad=True)
    quantized = books(latent, torch.tensor([1, 2, 3, 3]))
    for row, told in enumerate([1, 2, 3, 3]):
        torch.testing.assert_close(
            quantized.latent[row], books.decode(quantized.codes[..., :told], (3, 3))[row]
        )
    torch.testing.assert_close(books(latent).latent.detach(), books.decode(quantized.codes, (3, 3)))
    quantized.latent.sum().backward()
    assert latent.grad is not None and torch.equal(latent.grad, torch.ones_like(latent))


def test_codebooks_learn_the_latents_they_are_shown() -> None:
    """Moving averages end near the data, and codes that nothing chooses are given a new place."""
    books = ResidualCodebooks(tiny_model().image_tokenizer.config)
    generator = torch.Generator().manual_seed(0)
    centres = torch.randn(40, LATENT, generator=generator) * 3

    def latents() -> torch.Tensor:
        pick = torch.randint(40, (8 * 64,), generator=generator)
        noise = 0.05 * torch.randn(8 * 64, LATENT, generator=generator)
        return (centres[pick] + noise).view(8, 8, 8, LATENT).permute(0, 3, 1, 2)

    def error() -> float:
        latent = latents()
        return float((books.decode(books.encode(latent), (8, 8)) - latent).square().mean())

    before = error()
    books.begin(latents(), generator)
    begun = error()
    for _ in range(60):
        books.update(latents(), generator)
    assert begun < before
    assert error() < 0.02 < before
    used = books.encode(torch.cat([latents() for _ in range(8)]))[..., 0].unique()
    assert len(used) >= 35


def test_codebooks_that_are_resumed_go_on_from_where_they_are() -> None:
    """A latent that a code stands for exactly moves nothing, and no code is thrown away at once."""
    books = tiny_model().image_tokenizer.codebooks
    assert not books.started
    for depth in range(books.depth):
        books.resume(depth)
    assert books.started
    before = [books.book(depth).clone() for depth in range(books.depth)]
    books.begin(torch.randn(2, LATENT, 4, 4), torch.Generator().manual_seed(0))
    books.update(books.decode(torch.zeros(1, 4, 1, dtype=torch.long), (2, 2)), torch.Generator())
    torch.testing.assert_close(books.book(0), before[0])
