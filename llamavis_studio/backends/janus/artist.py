"""Requests to pictures: groups that can share a batch, their glimpses, their edits.

An image belongs to its request alone. On a processor the products of a row do not depend on how
many rows there are, which is asked of each loaded model (`is_row_alone`); where it is not so,
images are drawn one by one. On other devices, and where steps are compiled, the number of rows
decides which kernel multiplies them, so there a batch always has the same number of rows, the rest
of them idle: reading the weights, not multiplying, is what takes a card's time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch

from llamavis_studio.backends.base import (
    Glimpse,
    ImageRequest,
    ImageResult,
    OnStep,
    Pixels,
    StepProgress,
)
from llamavis_studio.backends.janus import editing
from llamavis_studio.backends.janus.checkpoint import Janus
from llamavis_studio.backends.janus.drawing import Job, Kept, draw_codes
from llamavis_studio.backends.janus.options import JanusOptions
from llamavis_studio.backends.janus.prompts import PromptRows, prompt_rows
from llamavis_studio.backends.janus.sampling import Sampling
from llamavis_studio.backends.janus.showing import Onlooker, pixels_of, to_rgba
from llamavis_studio.backends.out_of_memory import is_out_of_memory
from llamavis_studio.model.glimpse import Pace

_PROBE_SLOTS = 8


class Artist:
    """Draws with a loaded model; ``options`` say what a request leaves open."""

    def __init__(self, janus: Janus, options: JanusOptions) -> None:
        self._janus, self._options = janus, options
        self._fixed = janus.device.type != "cpu" or janus.decoder.is_compiled
        alone = self._fixed or is_row_alone(janus, 2 * options.max_batch)
        self._seats = options.max_batch if alone else 1

    def draw(self, requests: Sequence[ImageRequest], on_step: OnStep) -> list[ImageResult]:
        """One picture a request, RGBA where transparent, else RGB; see ``Backend.generate``."""
        while True:
            try:
                return self._draw(requests, on_step)
            except Exception as error:
                if not (is_out_of_memory(error) and self._fixed and self._seats > 1):
                    raise
                # Idle rows take memory too: fewer of them from now on.
                self._seats = max(1, min(self._seats, len(requests)) // 2)
                if len(requests) > 1:
                    raise  # it comes back with fewer

    def _draw(self, requests: Sequence[ImageRequest], on_step: OnStep) -> list[ImageResult]:
        cells = self._janus.facts.cells
        plans = [self._plan(request) for request in requests]
        found: list[Pixels | None] = [None] * len(requests)
        pace, done, total = Pace(), 0, cells * len(requests)
        for places in self._groups(plans):
            glimpses: list[Glimpse] = []
            look = self._onlooker([plans[i] for i in places], glimpses, pace)

            def told(codes: torch.Tensor, settled: int, before: int = done,
                     share: int = len(places), seen: list[Glimpse] = glimpses,
                     look: Onlooker = look) -> None:  # fmt: skip
                if settled < cells:
                    look(codes, settled)
                shown = tuple(seen)
                seen.clear()
                on_step(StepProgress(before + share * settled, total, shown))

            jobs = [plans[i].job for i in places]
            rows = 2 * self._seats if self._fixed else 0
            if all(_stays(job.kept) for job in jobs):
                told(torch.zeros(0), cells)
                codes = [job.kept.codes for job in jobs if job.kept is not None]
            else:
                codes = list(draw_codes(self._janus, jobs, told, rows))
            for place, own in zip(places, codes, strict=True):
                found[place] = self._picture(plans[place], own)
            done += cells * len(places)
        return [
            ImageResult(
                pixels=pixels if plan.request.transparent else pixels[..., :3].copy(),
                expanded_prompt=plan.job.rows.told or plan.request.prompt,
                seed=plan.request.seed,
                unread=plan.job.rows.unread,
                unread_negative=plan.unread_negative,
            )
            for plan, pixels in zip(plans, found, strict=True)
            if pixels is not None
        ]

    def _plan(self, request: ImageRequest) -> _Plan:
        rows = self._rows(request.prompt, request.negative_prompt)
        options = self._options
        scale, temperature, top_p = request.guidance_scale, request.temperature, request.top_p
        sampling = Sampling(
            options.guidance_scale if scale is None else scale,
            options.temperature if temperature is None else temperature,
            options.top_p if top_p is None else top_p,
            request.seed,
        )
        if request.before is None or (request.region is None and request.strength == 1):
            return _Plan(request, Job(rows, sampling))
        placed = editing.place(self._janus, request.before)
        if request.region is not None:
            kept = editing.kept_outside(self._janus, placed, request.region)
        else:
            old = self._rows(request.before_prompt, "") if request.before_prompt else None
            kept = editing.kept_by_words(self._janus, placed, rows, old, request.strength)
        return _Plan(request, Job(rows, sampling, kept), placed)

    def _rows(self, prompt: str, negative: str) -> PromptRows:
        return prompt_rows(self._janus, self._options.prompt, prompt, negative)

    def _groups(self, plans: Sequence[_Plan]) -> Iterable[list[int]]:
        """Places of requests that can share a batch. Versions stand by themselves: their kept codes
        are told in runs.
        """
        groups: dict[tuple[int, ...], list[int]] = {}
        for place, plan in enumerate(plans):
            job = plan.job
            key: tuple[int, ...] = (job.rows.slots, job.sampling.is_guided)
            if job.kept is not None:
                key = (*key, place)
            groups.setdefault(key, []).append(place)
        for places in groups.values():
            for start in range(0, len(places), self._seats):
                yield places[start : start + self._seats]

    def _onlooker(self, plans: Sequence[_Plan], glimpses: list[Glimpse], pace: Pace) -> Onlooker:
        names = [plan.request.name if plan.request.watched else None for plan in plans]
        edits = [plan.job.kept is not None for plan in plans]
        return Onlooker(self._janus, names, edits, glimpses.append, pace)

    def _picture(self, plan: _Plan, codes: torch.Tensor) -> Pixels:
        kept, before = plan.job.kept, plan.request.before
        if plan.placed is None or kept is None or before is None:
            return to_rgba(pixels_of(self._janus, codes))
        drawn = pixels_of(self._janus, codes)
        return editing.finished(plan.request, plan.placed, kept, self._janus.facts.grid, drawn)


class _Plan:
    """What is to be done for one request."""

    def __init__(
        self, request: ImageRequest, job: Job, placed: editing.Placed | None = None
    ) -> None:
        self.request, self.job, self.placed = request, job, placed

    @property
    def unread_negative(self) -> str:
        """What was left out of the words to avoid; "" where guidance does not look at them."""
        return self.job.rows.unread_negative if self.job.sampling.is_guided else ""


def _stays(kept: Kept | None) -> bool:
    """Whether nothing is drawn anew."""
    return kept is not None and bool(kept.stays.all())


@torch.inference_mode()
def is_row_alone(janus: Janus, most_rows: int) -> bool:
    """Whether the numbers of a row stay the same to the last bit with others beside it."""
    decoder = janus.decoder
    counts = sorted({2, 4, max(2, most_rows)})
    draw = torch.Generator().manual_seed(0)
    x = torch.randn(counts[-1], _PROBE_SLOTS, decoder.width, generator=draw)
    x = x.to(janus.device, decoder.dtype)
    pair, last = slice(0, 2), _PROBE_SLOTS - 1
    found = []
    for count in counts:
        cache = decoder.cache(count, _PROBE_SLOTS)
        decoder.run(x[pair, :last], cache, pair, 0)
        hidden = decoder.step(x[:count, last], cache, last)
        found.append(janus.code_logits(hidden)[pair])
    return all(torch.equal(found[0], other) for other in found[1:])
