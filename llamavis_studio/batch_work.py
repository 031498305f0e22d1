"""What the worker thread does for one batch: draw in the model process, finish, write, report."""

from __future__ import annotations

import time
from collections.abc import Callable

from llamavis_studio.backends.base import ImageRequest, ImageResult, StepProgress
from llamavis_studio.backends.host import ModelHost
from llamavis_studio.core.project import Project
from llamavis_studio.jobs.job import JobContext
from llamavis_studio.pipeline.build import Outcome, build_batch
from llamavis_studio.pipeline.target import Target


def batch_work(
    batch: tuple[Target, ...],
    project: Project,
    host: ModelHost,
    force: bool,
    post_outcome: Callable[[Outcome], None],
) -> Callable[[JobContext], float]:
    """A job's work; it returns the seconds that drawing took, 0 when there is no telling.

    `post_outcome` is called in the worker thread, once for each target.
    """
    backend = batch[0].backend.name

    def work(context: JobContext) -> float:
        context.on_cancel(host.cancel)
        clock = _StepClock()

        def draw(requests: list[ImageRequest]) -> list[ImageResult]:
            def step(progress: StepProgress) -> None:
                clock.step()
                context.progress(progress.done, progress.total)

            return host.generate(backend, requests, step)

        build_batch(
            batch,
            draw,
            project,
            force=force,
            check_cancel=context.check,
            on_outcome=post_outcome,
        )
        return clock.seconds()

    return work


class _StepClock:
    """Times the drawing without the loading before it: from the first step to the last."""

    def __init__(self) -> None:
        self._steps = 0
        self._first = 0.0
        self._last = 0.0

    def step(self) -> None:
        """A step was done just now."""
        self._last = time.monotonic()
        self._first = self._last if self._steps == 0 else self._first
        self._steps += 1

    def seconds(self) -> float:
        """How long all steps took; the first one is taken to be as long as the others."""
        if self._steps < 2:
            return 0.0
        return (self._last - self._first) * self._steps / (self._steps - 1)
