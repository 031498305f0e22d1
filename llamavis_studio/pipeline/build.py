"""One batch of targets: request, generate, filter, write; each target succeeds or fails by itself.

    make_batches   targets -> groups that one call of a backend can draw together
    build_batch    look at each output's place, generate what may be written, filter, write, report

Runs on any one thread; touches nothing but the outputs. What it returns is for the main thread to
remember (`Failures`, `ScanCache.note_speed`) and to publish.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from llamavis_studio.backends.base import ImageRequest, ImageResult
from llamavis_studio.core.asset import AssetState, Provenance
from llamavis_studio.core.errors import (
    BackendError,
    BackendUnavailable,
    LlamaVisError,
    ModelMissing,
    ProjectError,
)
from llamavis_studio.core.project import Project
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import (
    PROVENANCE_KEY,
    decode_image,
    pixel_hash,
    read_text_chunks,
)
from llamavis_studio.pipeline.filters import FilterContext, active_steps, apply_steps
from llamavis_studio.pipeline.notes import finished_png, provenance_of
from llamavis_studio.pipeline.plan import is_guarded, judge
from llamavis_studio.pipeline.scan_cache import ScanCache
from llamavis_studio.pipeline.target import Target
from llamavis_studio.pipeline.write import DISK, Disk, explained, sync_folders, write_atomic

Generate = Callable[[list[ImageRequest]], list[ImageResult]]


class Result(StrEnum):
    """What became of one target."""

    BUILT = "built"  # the file's pixels changed
    RENOTED = "renoted"  # same pixels, new provenance
    UNCHANGED = "unchanged"  # the file already was exactly this
    GUARDED = "guarded"  # somebody's own work stands there
    FAILED = "failed"


@dataclass(frozen=True)
class Outcome:
    """What became of one target; `message` and `hint` say why where nothing was written."""

    target: Target
    result: Result
    message: str = ""
    hint: str = ""


def never_cancelled() -> None:
    """A `check_cancel` for callers who do not cancel."""


def ignore_outcome(_outcome: Outcome) -> None:
    """An `on_outcome` for callers who wait for the end."""


def make_batches(targets: Sequence[Target], most: int = 0) -> list[tuple[Target, ...]]:
    """Targets grouped by backend, drawn size, kind and sampling, each group as large as it likes.

    Keeps the order of first appearance; `most` above 0 makes the groups smaller still.
    """
    groups: dict[object, list[Target]] = {}
    for target in targets:
        recipe = target.recipe
        native = target.backend.native_size(target.kind) or target.size_px
        sampling = (recipe.guidance_scale, recipe.temperature, recipe.top_p)
        key = (
            target.backend,
            target.kind,
            native,
            sampling,
            bool(target.references),
            target.adapter,
        )
        groups.setdefault(key, []).append(target)
    batches = []
    for group in groups.values():
        size = max(1, group[0].backend.max_batch)
        size = min(size, most) if most > 0 else size
        batches += [tuple(group[i : i + size]) for i in range(0, len(group), size)]
    return batches


def build_batch(
    targets: Sequence[Target],
    generate: Generate,
    project: Project,
    *,
    force: bool = False,
    check_cancel: Callable[[], None] = never_cancelled,
    on_outcome: Callable[[Outcome], None] = ignore_outcome,
    disk: Disk = DISK,
) -> list[Outcome]:
    """Build the targets of one batch; the outcomes come in their order.

    `generate` draws pictures for requests of one backend. `check_cancel` raises Cancelled to stop
    between two targets; what was written stays, whole. `force` replaces edited and unmanaged
    images, never locked ones.
    """
    outcomes: dict[str, Outcome] = {}

    def report(outcome: Outcome) -> None:
        outcomes[outcome.target.output] = outcome
        on_outcome(outcome)

    ready: list[tuple[Target, ImageRequest]] = []
    for target in targets:
        try:
            _check_place(project, target, force)
            ready.append((target, _request(project, target)))
        except _GuardedError as guard:
            report(Outcome(target, Result.GUARDED, guard.message, guard.hint))
        except LlamaVisError as error:
            report(Outcome(target, Result.FAILED, error.message, error.hint))
    written: list[Path] = []
    try:
        for target, drawn in _drawn(ready, generate):
            check_cancel()
            if isinstance(drawn, BackendError):
                report(Outcome(target, Result.FAILED, drawn.message, drawn.hint))
                continue
            outcome = _finish(project, target, drawn, force, disk)
            if outcome.result in (Result.BUILT, Result.RENOTED):
                written.append((project.root / target.output).parent)
            report(outcome)
    finally:
        sync_folders(written, disk)
    return [outcomes[target.output] for target in targets]


class _GuardedError(ProjectError):
    """Somebody's own work stands at the output's place."""


def _check_place(project: Project, target: Target, force: bool) -> None:
    """Before the expensive part: may this output be written, and would the disk let us?

    The plan has looked already, but minutes may have passed since.
    """
    path = project.root / target.output
    planned = judge(project, target, ScanCache(project.state_dir / "scan.json"))
    if planned.state is AssetState.LOCKED:
        raise _GuardedError(planned.reason, "set locked = false in its description", path)
    if is_guarded(planned.state) and not force:
        raise _GuardedError(
            planned.reason, "keep it with locked = true, or replace it with --force", path
        )
    if planned.state is AssetState.FAILED:
        raise ProjectError(planned.reason, f"rename or remove '{target.output}'", path)
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise ProjectError(
            f"{path.name} may not be written",
            f"give yourself permission to write in '{path.parent}'",
            path,
        )


def _request(project: Project, target: Target) -> ImageRequest:
    recipe = target.recipe
    references = []
    for relative in target.references:
        try:
            references.append(decode_image(project.safe_join(relative)))
        except (ImageError, OSError) as error:
            raise ProjectError(f"{relative}: {error}", "replace the reference image") from error
    return ImageRequest(
        prompt=target.prompt,
        kind=target.kind,
        size_px=target.size_px,
        seed=target.seed,
        negative_prompt=target.negative,
        guidance_scale=recipe.guidance_scale,
        temperature=recipe.temperature,
        top_p=recipe.top_p,
        tileable=recipe.tileable,
        transparent=recipe.transparent,
        references=tuple(references),
        adapter=str(project.safe_join(target.adapter)) if target.adapter else "",
    )


def _drawn(
    ready: list[tuple[Target, ImageRequest]], generate: Generate
) -> list[tuple[Target, ImageResult | BackendError]]:
    """A picture, or the reason why there is none, for each request.

    A batch that fails is halved until the request to blame stands alone: the others still get
    their pictures, and what was too much at once fits in parts.
    """
    if not ready:
        return []
    try:
        results = generate([request for _, request in ready])
        if len(results) != len(ready):
            raise BackendError(
                f"the backend gave {len(results)} images for {len(ready)} requests",
                "report this to the backend's authors",
            )
        return [(target, result) for (target, _), result in zip(ready, results, strict=True)]
    except (BackendUnavailable, ModelMissing) as error:
        return [(target, error) for target, _ in ready]  # smaller batches mend neither
    except BackendError as error:
        if len(ready) == 1:
            return [(ready[0][0], error)]
        half = len(ready) // 2
        return _drawn(ready[:half], generate) + _drawn(ready[half:], generate)


def _finish(
    project: Project, target: Target, drawn: ImageResult, force: bool, disk: Disk
) -> Outcome:
    """Filter, look at the place once more, write unless the file already is exactly this."""
    path = project.root / target.output
    recipe = target.recipe
    steps = active_steps(recipe.filters, target.palette is not None)
    context = FilterContext(target.size_px, recipe.tileable, recipe.transparent, target.palette)
    try:
        pixels = apply_steps(drawn.pixels, steps, context)
        provenance = provenance_of(target, drawn.expanded_prompt, pixels)
        data = finished_png(pixels, provenance)
        _check_place(project, target, force)  # an artist may have saved while the model drew
        result = _compared(path, provenance)
        if result is not Result.UNCHANGED:
            write_atomic(path, data, disk)
        return Outcome(target, result)
    except _GuardedError as guard:
        return Outcome(target, Result.GUARDED, guard.message, guard.hint)
    except ImageError as error:
        message = f"the picture for {path.name} cannot be finished: {error}"
        return Outcome(target, Result.FAILED, message, "try another seed or backend")
    except OSError as error:
        problem = explained(error, path)
        return Outcome(target, Result.FAILED, problem.message, problem.hint)
    except LlamaVisError as error:
        return Outcome(target, Result.FAILED, error.message, error.hint)


def _compared(path: Path, provenance: Provenance) -> Result:
    """How the file at `path` differs from what is to be written."""
    try:
        if pixel_hash(decode_image(path)) != provenance.pixel_hash:
            return Result.BUILT
        same = read_text_chunks(path).get(PROVENANCE_KEY) == provenance.to_json()
        return Result.UNCHANGED if same else Result.RENOTED
    except (ImageError, OSError):
        return Result.BUILT
