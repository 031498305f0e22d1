"""What the worker thread does for one batch: draw in the model process, finish, write, report."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from llamavis_studio.backends.base import ImageRequest, ImageResult, StepProgress
from llamavis_studio.backends.host import ModelHost
from llamavis_studio.core.project import Project
from llamavis_studio.jobs.job import JobContext
from llamavis_studio.pipeline.build import Outcome, RunEach, build_batch, drawn_afresh
from llamavis_studio.pipeline.edits import Edit, edit_of
from llamavis_studio.pipeline.history import History
from llamavis_studio.pipeline.lock import held
from llamavis_studio.pipeline.target import Target


@dataclass(frozen=True)
class HowToBuild:
    """What a build was asked for beside its targets.

    `force` replaces edited images too, and like `fresh` starts every picture over. `history_mb` is
    the room for what is replaced, `jobs` how many pictures are finished at once. `shows` has them
    shown while they are drawn.
    """

    force: bool = False
    fresh: bool = False
    history_mb: int = 0
    jobs: int = 1
    shows: bool = False

    @property
    def history_bytes(self) -> int:
        """The room in bytes."""
        return self.history_mb * 1024 * 1024


def batch_work(
    batch: tuple[Target, ...],
    project: Project,
    host: ModelHost,
    how: HowToBuild,
    post_outcome: Callable[[Outcome], None],
    post_wait: Callable[[str], None] = lambda _owner: None,
) -> Callable[[JobContext], float]:
    """A job's work; it returns the seconds that one worker needs to draw this, 0 when there is no
    telling.

    `post_outcome` is called in the worker thread, once for each target; `post_wait` there too, with
    the name of another build that must end its batch first. What progress shows are the `Glimpse`
    of some pictures.
    """
    backend = batch[0].backend.name
    history = History(project, how.history_bytes)

    def follow(target: Target) -> Edit | None:
        return edit_of(project.root / target.output, target)

    def work(context: JobContext) -> float:
        context.on_cancel(host.cancel)
        clock = _StepClock()

        def draw(requests: list[ImageRequest]) -> list[ImageResult]:
            def step(progress: StepProgress) -> None:
                clock.step()
                context.progress(progress.done, progress.total, shown=progress.glimpses)

            asked = [replace(one, watched=True) for one in requests] if how.shows else requests
            return host.generate(backend, asked, step)

        with held(project, context.check, post_wait), _pool(how.jobs) as run_each:
            build_batch(
                batch,
                draw,
                project,
                force=how.force,
                check_cancel=context.check,
                on_outcome=post_outcome,
                edit_for=drawn_afresh if how.force or how.fresh else follow,
                keep_old=history.keep,
                run_each=run_each,
            )
        return clock.seconds() * host.workers_for(backend, len(batch))

    return work


@contextlib.contextmanager
def _pool(jobs: int) -> Iterator[RunEach]:
    """Threads that finish pictures; they give way while NumPy, zlib and the disk work."""
    if jobs < 2:
        yield map
        return
    with ThreadPoolExecutor(jobs, thread_name_prefix="finish") as pool:
        yield pool.map


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
