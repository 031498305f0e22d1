"""Versions of a given picture, glimpses, and what else a picture is made of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from llamavis_studio.backends.base import ImageRequest, ImageResult, StepProgress, ignore_steps
from llamavis_studio.backends.janus import JanusBackend, editing
from llamavis_studio.backends.janus.checkpoint import Janus
from llamavis_studio.backends.janus.showing import pixels_of, smeared
from tests.support.tiny_janus import GRID, SIDE_PX, tiny_record

pytestmark = pytest.mark.backends
PLAIN = ImageRequest("a red hat", "item", (SIDE_PX, SIDE_PX), seed=1, transparent=False)


@pytest.fixture(scope="module")
def backend(janus_folder: Path) -> JanusBackend:
    found = JanusBackend(tiny_record(janus_folder))
    found.load()
    return found


@pytest.fixture
def janus(backend: JanusBackend) -> Janus:
    return backend.loaded()


def draw(backend: JanusBackend, request: ImageRequest) -> ImageResult:
    (found,) = backend.generate([request], ignore_steps)
    return found


def test_pixels_are_those_of_the_published_decoder(janus: Janus) -> None:
    codes = torch.arange(GRID * GRID) * 3
    with torch.inference_mode():
        decoded = janus.vq.decode(codes[None])[0].permute(1, 2, 0)
    (wanted,) = janus.processor.postprocess([decoded], return_tensors="pt").pixel_values
    gap = pixels_of(janus, codes).astype(int) - wanted.permute(1, 2, 0).numpy().astype(int)
    assert np.abs(gap).max() <= 1  # it cuts, we round


def test_codes_are_found_by_direction_as_the_model_was_trained(janus: Janus) -> None:
    """Features of any length and a codebook of any length: what counts is the angle."""
    placed = editing.place(janus, np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8))
    weight = janus.vq.quantize.embedding.weight
    before = weight.data.clone()
    found = editing.encode(janus, placed)
    assert len(found.unique()) > 8
    weight.data[::2] *= 7.0
    longer = editing.encode(janus, placed)
    weight.data.copy_(before)
    assert torch.equal(found, longer)


@pytest.mark.parametrize("size", [(64, 32), (20, 50), (200, 200), (1, 1)])
def test_pictures_of_any_shape_lie_whole_in_the_square(janus: Janus, size: tuple[int, int]) -> None:
    width, height = size
    picture = np.zeros((height, width, 3), np.uint8)
    placed = editing.place(janus, picture)
    assert max(placed.width, placed.height) == SIDE_PX
    assert placed.width / placed.height == pytest.approx(width / height, rel=0.06)
    dark = placed.pixels[0, 0] < 0
    assert int(dark.sum()) == placed.width * placed.height
    marked = np.zeros((height, width), bool)
    marked[-1, -1] = True
    cells = placed.to_cells(GRID, marked)
    corner = (placed.top + placed.height - 1) // 4, (placed.left + placed.width - 1) // 4
    assert cells[corner] and cells.sum() <= max(4, 64 // (width * height))


def test_a_region_of_a_wide_picture_is_drawn_anew_in_its_size(backend: JanusBackend) -> None:
    before = np.random.default_rng(0).integers(0, 256, (50, 90, 4), np.uint8)
    region = np.zeros((50, 90), np.uint8)
    region[30:, 60:] = 1
    found = draw(backend, replace(PLAIN, before=before, region=region, transparent=True)).pixels
    assert found.shape == before.shape
    assert np.array_equal(found[region == 0], before[region == 0])
    assert (found[region > 0][:, 3] == 255).all()
    assert (found[region > 0] != before[region > 0]).any(axis=1).mean() > 0.9


def test_more_strength_changes_more_and_nothing_far_from_it(backend: JanusBackend) -> None:
    before = draw(backend, PLAIN).pixels
    request = replace(PLAIN, prompt="a stone wall", before=before, before_prompt=PLAIN.prompt)
    shares = []
    for strength in (0.1, 0.4, 0.9):
        found = draw(backend, replace(request, strength=strength)).pixels
        assert found.shape == before.shape
        shares.append(float((found != before).any(axis=2).mean()))
    assert 0 < shares[0] < shares[1] < shares[2]
    assert shares[0] < 0.7


def test_what_the_words_change_most_goes_first(
    backend: JanusBackend, janus: Janus, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = editing.place(janus, draw(backend, PLAIN).pixels)

    def likelihoods(_janus: Janus, codes: torch.Tensor, ids: tuple[int, ...]) -> torch.Tensor:
        gain = torch.zeros(GRID, GRID)
        gain[5:, 5:] = -9.0 if ids == ("new",) else 0.0
        return gain.view(-1)

    monkeypatch.setattr(editing, "_likelihoods", likelihoods)
    rows = type("Rows", (), {"wanted": ("new",), "free": ("none",)})()
    kept = editing.kept_by_words(janus, placed, rows, None, 9 / GRID**2)
    gone = ~kept.stays.view(GRID, GRID)
    assert gone.sum() == 9 and gone[5:, 5:].all()


def test_likelihoods_are_those_of_the_loop(janus: Janus) -> None:
    """One pass over all codes says what the loop says step by step."""
    from llamavis_studio.backends.janus.drawing import Job, draw_codes
    from llamavis_studio.backends.janus.prompts import prompt_rows
    from llamavis_studio.backends.janus.sampling import Sampling

    rows = prompt_rows(janus, "{prompt}", "a red hat", "")
    seen: list[torch.Tensor] = []

    def note(hidden: torch.Tensor) -> torch.Tensor:
        seen.append(janus.code_logits(hidden))
        return seen[-1]

    job = Job(rows, Sampling(5.0, 1.0, 1.0, 3))
    (codes,) = draw_codes(replace(janus, code_logits=note), [job], lambda c, n: None)
    stepwise = torch.stack([torch.log_softmax(one[0], 0)[code] for one, code in
                            zip(seen, codes, strict=True)])  # fmt: skip
    at_once = editing._likelihoods(janus, codes, rows.wanted)
    assert (stepwise - at_once).abs().max() < 1e-3


def test_a_region_of_nothing_gives_the_picture_back(backend: JanusBackend) -> None:
    before = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    request = replace(PLAIN, before=before, region=np.zeros((32, 32), np.uint8))
    assert np.array_equal(draw(backend, request).pixels, before)


def test_what_is_not_written_yet_is_a_smear_of_what_is() -> None:
    codes = torch.arange(1, 10)
    assert smeared(codes, 9, 3).tolist() == list(range(1, 10))
    assert smeared(codes, 4, 3).tolist() == [1, 2, 3, 4, 2, 3, 4, 2, 3]
    assert smeared(codes, 3, 3).tolist() == [1, 2, 3, 1, 2, 3, 1, 2, 3]
    assert smeared(codes, 2, 3).tolist() == [1, 2, 2, 1, 2, 2, 1, 2, 2]
    assert codes.tolist() == list(range(1, 10))


def test_glimpses_are_sure_above_and_pale_below(backend: JanusBackend) -> None:
    seen: list[StepProgress] = []
    backend.generate([replace(PLAIN, name="hat", watched=True)], seen.append)
    first = next(step for step in seen if step.glimpses)
    alpha = first.glimpses[0].pixels[..., 3]
    assert first.glimpses[0].pixels.shape == (SIDE_PX, SIDE_PX, 4)
    assert (alpha == 255).sum() == first.done * 16
    assert alpha[-1, -1] < 128


def test_a_glimpse_of_a_version_begins_as_the_old_one(backend: JanusBackend) -> None:
    before = draw(backend, PLAIN).pixels
    region = np.zeros((SIDE_PX, SIDE_PX), np.uint8)
    region[:, 16:] = 1
    seen: list[StepProgress] = []
    backend.generate(
        [replace(PLAIN, before=before, region=region, name="hat", watched=True)], seen.append
    )
    first = next(step for step in seen if step.glimpses)
    assert (first.glimpses[0].pixels[..., 3] == 255).all()
