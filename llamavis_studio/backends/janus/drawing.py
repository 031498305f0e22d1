"""Prompts to codes: the loop that Janus publishes, without what it does again and again.

Prefill each prompt; then, for one cell after the other: logits from the generation head, guidance,
chance, and the code's embedding as the next token. Codes that an edit keeps are told instead of
drawn, whole runs of them at once.

B requests, N cells of an image, D width, P slots of the prompts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from llamavis_studio.backends.janus.checkpoint import Janus
from llamavis_studio.backends.janus.decoder import Cache
from llamavis_studio.backends.janus.prompts import PromptRows, padded
from llamavis_studio.backends.janus.sampling import Sampler, Sampling
from llamavis_studio.backends.pretrained import refuse_nan

LEAST_ROWS = 2
"""A single row is multiplied by another kernel, which rounds otherwise."""
_CHECK_EVERY = 64
OnCell = Callable[[Tensor, int], None]
"""Told the codes ``(B, N)`` and how many of each are settled, after each cell or run of cells."""


@dataclass(frozen=True)
class Kept:
    """The codes ``(N,)`` of a version before, and bool ``(N,)``: which of them stay."""

    codes: Tensor
    stays: Tensor


@dataclass(frozen=True)
class Job:
    """One image to draw."""

    rows: PromptRows
    sampling: Sampling
    kept: Kept | None = None


def draw_codes(janus: Janus, jobs: Sequence[Job], on_cell: OnCell, least_rows: int = 0) -> Tensor:
    """Codes ``(B, N)`` of jobs that share the slots of their prompts and whether they are guided.

    A job with kept codes is drawn by itself. ``least_rows`` fills the batch up with idle rows.
    ``on_cell`` may raise to stop. Raises BackendError where the weights give no numbers.
    """
    if len(jobs) > 1 and any(job.kept is not None for job in jobs):
        raise ValueError("kept codes are drawn around one image at a time")
    if len({(job.rows.slots, job.sampling.is_guided) for job in jobs}) != 1:
        raise ValueError("these jobs cannot share a batch")
    with torch.inference_mode():
        return _Batch(janus, jobs, max(LEAST_ROWS, least_rows)).draw(on_cell)


class _Batch:
    """The state of one batch while it is drawn."""

    def __init__(self, janus: Janus, jobs: Sequence[Job], least_rows: int) -> None:
        self._janus, self._jobs = janus, jobs
        self._cells = janus.facts.cells
        self._slots = jobs[0].rows.slots
        self._a_job = 2 if jobs[0].sampling.is_guided else 1
        self._used = self._a_job * len(jobs)
        self._sampler = Sampler([job.sampling for job in jobs], self._cells, janus.device)
        rows = max(least_rows, self._used)
        self._cache: Cache = janus.decoder.drawing_cache(rows, self._slots + self._cells)
        self._hidden = janus.code_table.new_zeros(rows, janus.decoder.width)
        self._kept = jobs[0].kept
        shape = (len(jobs), self._cells)
        self._codes = torch.zeros(shape, dtype=torch.long, device=janus.device)
        if self._kept is not None:
            self._codes[0] = self._kept.codes
        self._stays = self._runs()

    def draw(self, on_cell: OnCell) -> Tensor:
        """All codes ``(B, N)``."""
        self._prefill()
        cell = 0
        while cell < self._cells:
            run = self._stays[cell]
            if not run:
                self._draw_cell(cell)
            stop = cell + max(1, run)
            on_cell(self._codes, stop)
            if stop < self._cells:
                self._tell(cell, stop)
            cell = stop
        return self._codes

    def _runs(self) -> list[int]:
        """For each cell, how many from there on stay as they were."""
        runs = [0] * (self._cells + 1)
        if self._kept is not None:
            stays = self._kept.stays.tolist()
            for cell in reversed(range(self._cells)):
                runs[cell] = runs[cell + 1] + 1 if stays[cell] else 0
        return runs

    def _prefill(self) -> None:
        """Each prompt by itself, so that its numbers do not depend on its neighbours."""
        decoder = self._janus.decoder
        for place, job in enumerate(self._jobs):
            rows = slice(place * self._a_job, (place + 1) * self._a_job)
            told = (job.rows.wanted, job.rows.free)[: self._a_job]
            ids, real = padded(self._janus, told, self._slots)
            self._cache.real[rows, : self._slots] = real
            begin = self._slots - max(len(row) for row in told)  # before it is padding alone
            hidden = decoder.run(decoder.embeddings[ids[:, begin:]], self._cache, rows, begin)
            self._hidden[rows] = hidden[:, -1]

    def _draw_cell(self, cell: int) -> None:
        logits = self._janus.code_logits(self._hidden)[: self._used]
        if cell % _CHECK_EVERY == 0 or cell == self._cells - 1:
            refuse_nan(logits, self._janus.name)
        self._codes[:, cell] = self._sampler(logits, cell)

    def _tell(self, start: int, stop: int) -> None:
        """Have the language model read the codes of some cells, and see what follows."""
        told = self._janus.code_table[self._codes[:, start:stop]]  # (B, T, D)
        told = told.repeat_interleave(self._a_job, dim=0)
        at = self._slots + start
        if stop - start > 1:
            rows = slice(0, self._used)
            hidden = self._janus.decoder.run(told, self._cache, rows, at)
            self._hidden[rows] = hidden[:, -1]
            return
        x = torch.zeros_like(self._hidden)
        x[: self._used] = told[:, 0]
        self._hidden = self._janus.decoder.step(x, self._cache, at)
