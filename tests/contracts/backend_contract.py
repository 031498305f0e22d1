"""What every backend must do. A test class inherits this and says how to make one:

class TestMine(BackendContract):
    @classmethod
    def make_backend(cls) -> Backend:
        return MineBackend()
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from llamavis_studio.backends.base import (
    Backend,
    CaptionRequest,
    ImageRequest,
    Pixels,
    StepProgress,
    ignore_steps,
)
from llamavis_studio.core.errors import Cancelled

KINDS = ("texture", "material", "sprite", "character", "item", "background")


class BackendContract:
    SHOWS: ClassVar[bool] = False
    """Whether it shows watched pictures while it draws them."""

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
        assert info.domain in ("any", "pixel_art")
        assert info.languages
        assert info.can_generate or info.can_caption
        assert info.can_edit or not info.can_edit_region
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
        assert (width, height) == (backend.info().drawn_size(kind, size_px) or (width, height))
        assert height >= 1 and width >= 1

    def test_what_cannot_cut_out_draws_opaque_pictures(self, backend: Backend) -> None:
        """Its background is taken away afterwards, where alpha says nothing."""
        _needs_generation(backend)
        if backend.info().can_cut_out:
            pytest.skip("this backend draws clear backgrounds itself")
        (result,) = backend.generate(
            [ImageRequest("a hat", "item", (32, 32), seed=1)], ignore_steps
        )
        assert (result.pixels[..., 3] == 255).all()

    def test_a_prompt_that_is_too_long_is_drawn_and_its_end_is_told(self, backend: Backend) -> None:
        _needs_generation(backend)
        if not backend.info().prompt_tokens:
            pytest.skip("nobody knows how much this backend reads")
        words = [f"hat{number}" for number in range(backend.info().prompt_tokens + 2)]
        long, short = (
            backend.generate([ImageRequest(text, "item", (32, 32), seed=1)], ignore_steps)[0]
            for text in (" ".join(words), "a hat")
        )
        assert short.unread == ""
        assert long.unread and " ".join(words).endswith(long.unread)

    def test_guidance_and_unwanted_words_count_where_they_are_said_to(
        self, backend: Backend
    ) -> None:
        _needs_generation(backend)
        info = backend.info()
        plain = ImageRequest("a red hat", "item", (32, 32), seed=1, guidance_scale=2.0)
        changed = {"can_guide": replace(plain, guidance_scale=7.0),
                   "can_avoid": replace(plain, negative_prompt="red")}  # fmt: skip
        (drawn,) = backend.generate([plain], ignore_steps)
        for flag, request in changed.items():
            (other,) = backend.generate([request], ignore_steps)
            same = other.pixels.tobytes() == drawn.pixels.tobytes()
            if info.is_repeatable:
                assert same != getattr(info, flag), flag

    def test_same_request_same_bytes_and_other_seed_other_picture(self, backend: Backend) -> None:
        _needs_repeatability(backend)
        request = ImageRequest("a blue slime", "sprite", (32, 32), seed=7)
        first, second, other = (
            backend.generate([one], ignore_steps)[0].pixels
            for one in (request, request, replace(request, seed=8))
        )
        assert first.tobytes() == second.tobytes()
        assert first.tobytes() != other.tobytes()

    def test_neighbours_in_a_batch_do_not_matter(self, backend: Backend) -> None:
        """An image belongs to its request, not to what else was stale that day."""
        _needs_repeatability(backend)
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

    def test_who_watches_sees_pictures_emerge_and_gets_the_same_in_the_end(
        self, backend: Backend
    ) -> None:
        _needs_generation(backend)
        requests = [
            ImageRequest("a green goblin", "sprite", (32, 32), seed=1, name="goblin.png"),
            ImageRequest("stone floor", "texture", (32, 32), 2, transparent=False, name="floor"),
        ]
        steps: list[StepProgress] = []
        plain = backend.generate(requests, steps.append)
        assert [step.glimpses for step in steps if step.glimpses] == []
        seen: list[StepProgress] = []
        watched = backend.generate([replace(one, watched=True) for one in requests], seen.append)
        for first, second in zip(plain, watched, strict=True):
            assert first.pixels.tobytes() == second.pixels.tobytes()
        assert seen == steps
        glimpses = [glimpse for step in seen for glimpse in step.glimpses]
        assert glimpses or not self.SHOWS
        for glimpse in glimpses:
            assert glimpse.name in ("goblin.png", "floor")
            assert glimpse.pixels.dtype == np.uint8
            assert glimpse.pixels.ndim == 3 and glimpse.pixels.shape[2] == 4
            assert glimpse.pixels.size

    def test_only_the_watched_are_shown(self, backend: Backend) -> None:
        _needs_generation(backend)
        names = ("a", "b", "c")
        requests = [
            ImageRequest("gold coin", "item", (32, 32), n, name=name, watched=name == "b")
            for n, name in enumerate(names)
        ]
        seen: list[StepProgress] = []
        backend.generate(requests, seen.append)
        shown = {glimpse.name for step in seen for glimpse in step.glimpses}
        assert shown == ({"b"} if self.SHOWS else shown & {"b"})

    def test_who_watches_can_stop_at_the_first_glimpse(self, backend: Backend) -> None:
        _needs_generation(backend)
        request = ImageRequest("a hat", "item", (32, 32), seed=1, name="hat", watched=True)
        seen: list[StepProgress] = []

        def step(progress: StepProgress) -> None:
            seen.append(progress)
            if progress.glimpses or not self.SHOWS:
                raise Cancelled

        with pytest.raises(Cancelled):
            backend.generate([request], step)
        last = seen[-1]
        assert last.done < last.total
        (again,) = backend.generate([replace(request, watched=False)], ignore_steps)
        assert again.pixels.size

    def test_a_request_is_not_changed(self, backend: Backend) -> None:
        _needs_generation(backend)
        reference = np.full((16, 16, 4), 200, np.uint8)
        reference.setflags(write=False)
        request = ImageRequest("a hat", "item", (16, 16), seed=1, references=(reference,))
        backend.generate([request], ignore_steps)
        assert (reference == 200).all()

    @pytest.mark.parametrize(
        "shape", [(1, 1, 3), (1, 1, 4), (5, 300, 4), (200, 9, 3), (32, 32, 3), (97, 64, 4)]
    )
    def test_references_may_have_any_size_with_and_without_transparency(
        self, backend: Backend, shape: tuple[int, int, int]
    ) -> None:
        _needs_generation(backend)
        reference = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
        request = ImageRequest("a hat", "item", (32, 32), seed=1, references=(reference,) * 3)
        first, second = (backend.generate([request], ignore_steps)[0] for _ in range(2))
        assert first.pixels.shape[2] == 4
        assert first.pixels.tobytes() == second.pixels.tobytes()

    @pytest.mark.parametrize("transparent", [True, False])
    def test_a_region_keeps_every_pixel_outside_it(
        self, backend: Backend, transparent: bool
    ) -> None:
        _needs_edits(backend)
        before = _noise(backend, "item")
        region = _patch(before)
        request = ImageRequest(
            "a red hat", "item", _size(before), 1, transparent=transparent, before=before,
            region=region,
        )  # fmt: skip
        (result,) = backend.generate([request], ignore_steps)
        wanted = before if transparent else before[..., :3]
        assert np.array_equal(result.pixels[region == 0], wanted[region == 0])
        assert (result.pixels != wanted).any()
        (other,) = backend.generate([replace(request, seed=2)], ignore_steps)
        assert np.array_equal(other.pixels[region == 0], wanted[region == 0])
        assert (result.pixels != other.pixels).any()

    def test_a_larger_canvas_is_filled_around_its_picture(self, backend: Backend) -> None:
        _needs_edits(backend)
        width, height = _drawn(backend, "texture", (64, 64))
        inner = np.s_[height // 4 : 3 * height // 4, width // 4 : 3 * width // 4]
        canvas = np.zeros((height, width, 4), np.uint8)
        region = np.full((height, width), 255, np.uint8)
        rng = np.random.default_rng(0)
        canvas[inner] = rng.integers(0, 256, canvas[inner].shape, np.uint8)
        canvas[inner][..., 3] = 255
        region[inner] = 0
        request = ImageRequest(
            "stone floor", "texture", (width, height), seed=1, before=canvas, region=region
        )
        (result,) = backend.generate([request], ignore_steps)
        assert result.pixels.shape == (height, width, 4)
        assert np.array_equal(result.pixels[inner], canvas[inner])
        assert result.pixels[region > 0].any()

    @pytest.mark.parametrize("words", ["", "a grey stone wall"])
    def test_without_strength_the_picture_comes_back(self, backend: Backend, words: str) -> None:
        _needs_edits(backend)
        before, steps = _noise(backend, "item"), []
        request = ImageRequest(
            "a hat", "item", _size(before), 1, before=before, before_prompt=words, strength=0.0
        )
        (result,) = backend.generate([request], steps.append)
        assert np.array_equal(result.pixels, before)
        assert steps[-1].done == steps[-1].total  # whoever waits learns that it is done

    def test_a_version_before_may_be_half_clear(self, backend: Backend) -> None:
        """The model's own pictures have hard edges, a user's need not."""
        _needs_edits(backend)
        before = _noise(backend, "item")
        region, below = _patch(before), np.s_[before.shape[0] * 5 // 8 : before.shape[0] * 3 // 4]
        before[..., 3] = np.random.default_rng(1).integers(0, 256, before.shape[:2], np.uint8)
        before[below] = (9, 9, 9, 0)
        request = ImageRequest("a hat", "item", _size(before), 1, before=before, region=region)
        (result,) = backend.generate([request], ignore_steps)
        assert result.pixels.shape == before.shape
        assert (result.pixels[below][..., 3] == 0).all()
        solid = (before[..., 3] == 255) & (region == 0)
        assert np.array_equal(result.pixels[solid], before[solid])

    def test_edits_do_not_matter_to_their_neighbours_in_a_batch(self, backend: Backend) -> None:
        _needs_edits(backend)
        _needs_repeatability(backend)
        before = _noise(backend, "item")
        region = _patch(before)
        plain = ImageRequest("a hat", "item", _size(before), seed=1)
        requests = [
            plain,
            replace(plain, seed=2, references=(before,)),
            replace(plain, seed=3, before=before, region=region),
            replace(plain, seed=4, before=before, before_prompt="a stone wall", strength=0.4),
            replace(plain, seed=5, negative_prompt="red"),
        ]
        together = backend.generate(requests, ignore_steps)
        for request, result in zip(requests, together, strict=True):
            (alone,) = backend.generate([request], ignore_steps)
            assert alone.pixels.tobytes() == result.pixels.tobytes()
            assert alone.took_after == result.took_after

    def test_explaining_changes_no_pixel_and_gives_maps_of_the_same_size(
        self, backend: Backend
    ) -> None:
        """A backend may have nothing to explain; what it says has a shape and a scale."""
        _needs_generation(backend)
        request = ImageRequest("a red dragon", "sprite", (32, 32), seed=1)
        (plain,) = backend.generate([request], ignore_steps)
        (told,) = backend.generate([replace(request, explain=True)], ignore_steps)
        assert told.pixels.tobytes() == plain.pixels.tobytes()
        assert plain.word_maps == ()
        assert len(told.took_after_shares) in (0, len(told.took_after))
        for each in told.word_maps:
            assert each.word in told.expanded_prompt
            assert each.weights.dtype == np.float32
            assert each.weights.shape == told.pixels.shape[:2]
            assert 0 <= each.weights.min() <= each.weights.max() <= 1

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

    def test_answers_questions_beside_captions_where_it_says_so(self, backend: Backend) -> None:
        if not backend.info().can_answer:
            pytest.skip("this backend answers no questions")
        pixels = np.full((32, 32, 4), 90, np.uint8)
        asked = [CaptionRequest(pixels, "what colour is it?"), CaptionRequest(pixels)]
        answer, caption = backend.caption(asked, ignore_steps)
        assert answer.caption.strip()
        (alone,) = backend.caption(asked[1:], ignore_steps)
        assert (alone.caption, alone.kind) == (caption.caption, caption.kind)

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


def _needs_repeatability(backend: Backend) -> None:
    _needs_generation(backend)
    if not backend.info().is_repeatable:
        pytest.skip("this backend draws another picture each time")


def _needs_edits(backend: Backend) -> None:
    if not backend.info().can_edit_region:
        pytest.skip("this backend draws whole pictures only")


def _drawn(backend: Backend, kind: str, size_px: tuple[int, int] = (32, 32)) -> tuple[int, int]:
    """The (width, height) that the backend draws such a picture at."""
    return backend.info().drawn_size(kind, size_px) or size_px


def _noise(backend: Backend, kind: str) -> Pixels:
    """A picture of the size that the backend draws, with hard edges."""
    width, height = _drawn(backend, kind)
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 4), np.uint8)
    pixels[..., 3] = np.where(pixels[..., 3] > 90, 255, 0)
    pixels[pixels[..., 3] == 0] = 0
    return pixels


def _size(pixels: Pixels) -> tuple[int, int]:
    return pixels.shape[1], pixels.shape[0]


def _patch(pixels: Pixels) -> Pixels:
    """A region ``(h, w)`` in the upper half of a picture."""
    height, width = pixels.shape[:2]
    region = np.zeros((height, width), np.uint8)
    region[height * 3 // 32 : height * 14 // 32, width * 9 // 32 : width * 27 // 32] = 255
    return region
