"""What every backend must do. A test class inherits this and says how to make one:

class TestMine(BackendContract):
    @classmethod
    def make_backend(cls) -> Backend:
        return MineBackend()
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from llamavis_studio.backends.base import (
    Backend,
    CaptionRequest,
    ImageRequest,
    StepProgress,
    ignore_steps,
)
from llamavis_studio.core.errors import Cancelled

KINDS = ("texture", "material", "sprite", "character", "item", "background")


class BackendContract:
    @classmethod
    def make_backend(cls) -> Backend:
        raise NotImplementedError

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls) -> Iterator[Backend]:
        backend = cls.make_backend()
        backend.load()
        yield backend
        backend.unload()

    def test_is_a_backend_and_tells_what_it_is_before_loading(self) -> None:
        backend = self.make_backend()
        assert isinstance(backend, Backend)
        info = backend.info()
        assert info.name
        assert info.model
        assert info.revision
        assert info.licence
        assert info.max_batch >= 1
        assert info == backend.info()

    def test_loading_and_unloading_twice_is_harmless(self) -> None:
        backend = self.make_backend()
        backend.unload()
        backend.load()
        backend.load()
        backend.unload()
        backend.unload()

    @pytest.mark.parametrize("kind", KINDS)
    def test_draws_every_kind(self, backend: Backend, kind: str) -> None:
        _needs_generation(backend)
        request = ImageRequest("a red dragon", kind, (32, 32), seed=1, transparent=kind == "sprite")
        (result,) = backend.generate([request], ignore_steps)
        assert result.pixels.dtype == np.uint8
        assert result.pixels.shape[2:] == (4 if kind == "sprite" else 3,)
        assert result.seed == 1
        assert result.expanded_prompt

    @pytest.mark.parametrize("kind", ["item", "texture"])
    @pytest.mark.parametrize("size_px", [(32, 32), (48, 20), (7, 5), (64, 64)])
    def test_draws_any_size_and_its_own_size_where_it_names_one(
        self, backend: Backend, size_px: tuple[int, int], kind: str
    ) -> None:
        _needs_generation(backend)
        (result,) = backend.generate(
            [ImageRequest("an iron sword", kind, size_px, seed=3)], ignore_steps
        )
        height, width, channels = result.pixels.shape
        assert channels == 4
        assert (width, height) == (backend.info().native_size(kind) or (width, height))
        assert height >= 1 and width >= 1

    def test_same_request_same_bytes_and_other_seed_other_picture(self, backend: Backend) -> None:
        _needs_generation(backend)
        request = ImageRequest("a blue slime", "sprite", (32, 32), seed=7)
        first, second, other = (
            backend.generate([one], ignore_steps)[0].pixels
            for one in (request, request, replace(request, seed=8))
        )
        assert first.tobytes() == second.tobytes()
        assert first.tobytes() != other.tobytes()

    def test_neighbours_in_a_batch_do_not_matter(self, backend: Backend) -> None:
        """An image belongs to its request, not to what else was stale that day."""
        _needs_generation(backend)
        requests = [
            ImageRequest("a green goblin", "sprite", (32, 32), seed=1),
            ImageRequest("stone floor", "texture", (32, 32), seed=2, transparent=False),
            ImageRequest("gold coin", "item", (16, 16), seed=3),
        ]
        together = backend.generate(requests, ignore_steps)
        assert [result.seed for result in together] == [1, 2, 3]
        for request, result in zip(requests, together, strict=True):
            (alone,) = backend.generate([request], ignore_steps)
            assert alone.pixels.tobytes() == result.pixels.tobytes()

    def test_a_request_is_not_changed(self, backend: Backend) -> None:
        _needs_generation(backend)
        reference = np.full((16, 16, 4), 200, np.uint8)
        reference.setflags(write=False)
        request = ImageRequest("a hat", "item", (16, 16), seed=1, references=(reference,))
        backend.generate([request], ignore_steps)
        assert (reference == 200).all()

    def test_steps_count_up_to_the_total(self, backend: Backend) -> None:
        _needs_generation(backend)
        steps: list[StepProgress] = []
        backend.generate([ImageRequest("a torch", "item", (32, 32), seed=1)], steps.append)
        assert steps
        assert [step.done for step in steps] == sorted(step.done for step in steps)
        assert {step.total for step in steps} == {steps[-1].done}

    def test_a_step_can_cancel_and_the_backend_lives_on(self, backend: Backend) -> None:
        _needs_generation(backend)
        request = ImageRequest("a torch", "item", (32, 32), seed=1)
        seen = 0

        def cancel(_progress: StepProgress) -> None:
            nonlocal seen
            seen += 1
            raise Cancelled

        with pytest.raises(Cancelled):
            backend.generate([request], cancel)
        assert seen == 1
        assert len(backend.generate([request], ignore_steps)) == 1

    def test_nothing_asked_nothing_answered(self, backend: Backend) -> None:
        assert backend.generate([], ignore_steps) == []
        assert backend.caption([], ignore_steps) == []

    def test_describes_pictures_with_and_without_transparency(self, backend: Backend) -> None:
        if not backend.info().can_caption:
            pytest.skip("this backend does not caption")
        shapes = ((32, 32, 4), (20, 48, 3))
        pictures = [np.full(shape, 90, np.uint8) for shape in shapes]
        answers = backend.caption([CaptionRequest(pixels) for pixels in pictures], ignore_steps)
        assert len(answers) == len(pictures)
        for answer in answers:
            assert answer.caption.strip()
            assert answer.kind in KINDS
            assert answer.model
            assert all(0.0 <= tag.p <= 1.0 and tag.name for tag in answer.tags)

    def test_vectors_have_unit_length_and_follow_their_text(self, backend: Backend) -> None:
        texts = ["red dragon", "stone wall", "red dragon"]
        vectors = backend.embed(texts)
        assert vectors.dtype == np.float32
        assert vectors.shape[0] == 3
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-3)
        assert np.allclose(vectors[0], vectors[2], atol=1e-4)
        assert not np.allclose(vectors[0], vectors[1], atol=1e-2)


def _needs_generation(backend: Backend) -> None:
    if not backend.info().can_generate:
        pytest.skip("this backend does not draw")
