"""One batch of targets: request, generate, filter, write; each target succeeds or fails by itself.

    make_batches   targets -> groups that one call of a backend can draw together
    build_batch    look at each output's place, generate what may be written, filter, write, report

Runs on any one thread; touches nothing but the outputs. What it returns is for the main thread to
remember (`Failures`, `ScanCache.note_speed`) and to publish.
"""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from llamavis_studio.backends.base import ImageRequest, ImageResult
from llamavis_studio.core.asset import AssetState, Provenance
from llamavis_studio.core.errors import (
    BackendError,
    LlamaVisError,
    ProjectError,
)
from llamavis_studio.core.project import Project
from llamavis_studio.core.recipe import FilterStep
from llamavis_studio.core.write import (
    DISK,
    Disk,
    explained,
    sync_folders,
    write_atomic,
    write_if_changed,
)
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import (
    PROVENANCE_KEY,
    decode_image,
    pixel_hash,
    read_text_chunks,
)
from llamavis_studio.pipeline.derive import NOT_YET, make
from llamavis_studio.pipeline.drawing import Generate, pictures, request_of
from llamavis_studio.pipeline.edits import Edit, keep_unchanged
from llamavis_studio.pipeline.filters import FilterContext, active_steps, apply_steps
from llamavis_studio.pipeline.notes import finished_png, provenance_of
from llamavis_studio.pipeline.plan import is_guarded, judge
from llamavis_studio.pipeline.scan_cache import ScanCache
from llamavis_studio.pipeline.target import Target

_LONGEST_QUOTE = 80
EditFor = Callable[[Target], Edit | None]
KeepOld = Callable[[str], object]
RunEach = Callable[[Callable[[Callable[[], Any]], Any], Sequence[Callable[[], Any]]], Iterable[Any]]
"""Calls a function on each of some values, as `map` does; in order, maybe many at once."""


class Result(StrEnum):
    """What became of one target."""

    BUILT = "built"  # the file's pixels changed
    RENOTED = "renoted"  # same pixels, new provenance
    UNCHANGED = "unchanged"  # the file already was exactly this
    GUARDED = "guarded"  # somebody's own work stands there
    FAILED = "failed"


@dataclass(frozen=True)
class Outcome:
    """What became of one target; `message` and `hint` say why where nothing was written, `notes`
    what did not go as asked where something was.
    """

    target: Target
    result: Result
    message: str = ""
    hint: str = ""
    notes: tuple[str, ...] = ()


def never_cancelled() -> None:
    """A `check_cancel` for callers who do not cancel."""


def drawn_afresh(_target: Target) -> Edit | None:
    """An `edit_for` for builds that start over."""
    return None


def keep_nothing(_output: str) -> None:
    """A `keep_old` for callers without a history."""


def ignore_outcome(_outcome: Outcome) -> None:
    """An `on_outcome` for callers who wait for the end."""


def make_batches(targets: Sequence[Target], most: int = 0) -> list[tuple[Target, ...]]:
    """Targets grouped by backend, drawn size, kind and sampling, each group as large as it likes.

    Keeps the order of first appearance; `most` above 0 makes the groups smaller still.
    """
    groups: dict[object, list[Target]] = {}
    for target in targets:
        groups.setdefault(batch_key(target), []).append(target)
    batches = []
    for group in groups.values():
        size = batch_limit(group[0], most)
        batches += [tuple(group[i : i + size]) for i in range(0, len(group), size)]
    return batches


def batch_key(target: Target) -> object:
    """Equal for targets that one call of a backend can draw together."""
    recipe = target.recipe
    drawn = target.drawn_px or target.size_px
    sampling = (recipe.guidance_scale, recipe.temperature, recipe.top_p)
    together = (bool(target.references), bool(target.base), target.adapter)
    return (target.backend, target.kind, drawn, sampling, *together)


def batch_limit(target: Target, most: int = 0) -> int:
    """How many like this one are drawn at once; `most` above 0 is the user's own limit."""
    size = max(1, target.backend.max_batch)
    return min(size, most) if most > 0 else size


def build_batch(
    targets: Sequence[Target],
    generate: Generate,
    project: Project,
    *,
    force: bool = False,
    check_cancel: Callable[[], None] = never_cancelled,
    on_outcome: Callable[[Outcome], None] = ignore_outcome,
    edit_for: EditFor = drawn_afresh,
    keep_old: KeepOld = keep_nothing,
    run_each: RunEach = map,
    disk: Disk = DISK,
) -> list[Outcome]:
    """Build the targets of one batch; the outcomes come in their order.

    `generate` draws pictures for requests of one backend. `check_cancel` raises Cancelled to stop
    between two targets; what was written stays, whole. `force` replaces edited and unmanaged
    images, never locked ones. `edit_for` says which picture a target starts from, `keep_old` takes
    in the image at an output before it is replaced. `run_each` finishes the pictures: `map`, or
    that of a pool.
    """
    outcomes: dict[str, Outcome] = {}

    def report(outcome: Outcome) -> None:
        outcomes[outcome.target.output] = outcome
        on_outcome(outcome)

    ready: list[tuple[Target, ImageRequest]] = []
    derived: list[Callable[[], Finished | Outcome]] = []
    edits: dict[str, Edit] = {}
    for target in targets:
        try:
            if _check_place(project, target, force) is AssetState.FRESH and not force:
                report(Outcome(target, Result.UNCHANGED))  # another build was quicker
                continue
            if target.base:
                derived.append(partial(_derived, project, target))
                continue
            request = request_of(project, target)
            edit = edit_for(target)
            if edit is not None:
                edits[target.output] = edit
                request = edit.applied_to(request, target)
            ready.append((target, request))
        except _GuardedError as guard:
            report(Outcome(target, Result.GUARDED, guard.message, guard.hint))
        except LlamaVisError as error:
            report(Outcome(target, Result.FAILED, error.message, error.hint))
    work = list(derived)
    for target, drawn in pictures(ready, edits, generate):
        work.append(partial(finish, target, drawn, edits.get(target.output)))
    written: list[Path] = []
    try:
        for finished in run_each(operator.call, work):
            check_cancel()
            if isinstance(finished, Outcome):
                report(finished)
                continue
            outcome = _write(project, finished, force, keep_old, disk)
            if outcome.result in (Result.BUILT, Result.RENOTED):
                written.append((project.root / outcome.target.output).parent)
            report(outcome)
    finally:
        sync_folders(written, disk)
    return [outcomes[target.output] for target in targets]


class _GuardedError(ProjectError):
    """Somebody's own work stands at the output's place."""


def _check_place(project: Project, target: Target, force: bool) -> AssetState:
    """Before the expensive part: may this output be written, and would the disk let us?

    The plan has looked already, but minutes may have passed since. The state of today is answered.
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
    if not Path(os.path.realpath(path.parent)).is_relative_to(project.root):
        raise ProjectError(
            f"{path.name} was not written: its folder is a link out of the project",
            "replace the link by a folder",
            path.parent,
        )
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise ProjectError(
            f"{path.name} may not be written",
            f"give yourself permission to write in '{path.parent}'",
            path,
        )
    return planned.state


@dataclass(frozen=True)
class Finished:
    """A picture that is ready to be written: the file's bytes, and those of the text beside it."""

    target: Target
    provenance: Provenance
    data: bytes
    beside: bytes = b""


def finish(
    target: Target, drawn: ImageResult | BackendError, edit: Edit | None
) -> Finished | Outcome:
    """Filter what was drawn and pack it; touches no disk, so many may run at once."""
    if isinstance(drawn, BackendError):
        return Outcome(target, Result.FAILED, drawn.message, drawn.hint)
    recipe = target.recipe
    steps = active_steps(recipe.filters, target.palette is not None)
    if edit is not None:  # it is cut where the version before was cut
        steps = tuple(step for step in steps if step.name != "seamless")
    context = FilterContext(
        target.size_px,
        recipe.tileable,
        recipe.transparent,
        target.palette,
        target.backend.can_tile,
    )
    parents = () if edit is None else (edit.parent, edit.before_prompt)
    height, width = drawn.pixels.shape[:2]
    try:
        # What is in place, before its colours are chosen, is what an edit is compared by.
        placed = apply_steps(drawn.pixels, steps[: _colouring(steps)], context)
        pixels = apply_steps(placed, steps[_colouring(steps) :], context)
        if edit is not None:
            exact = target.backend.domain == "pixel_art"
            pixels = keep_unchanged(
                pixels, drawn.pixels, edit, recipe.tileable, None if exact else placed
            )
        if drawn.unread:
            context.notes.append(f"the model did not read the end: '{_shortened(drawn.unread)}'")
        if drawn.unread_negative:
            rest = _shortened(drawn.unread_negative)
            context.notes.append(f"the model did not read the end of what to avoid: '{rest}'")
        provenance = provenance_of(
            target, drawn.expanded_prompt, pixels, *parents,
            drawn_px=(width, height), unread=drawn.unread, notes=context.notes,
        )  # fmt: skip
        return Finished(target, provenance, finished_png(pixels, provenance))
    except ImageError as error:
        name = Path(target.output).name
        message = f"the picture for {name} cannot be finished: {error}"
        return Outcome(target, Result.FAILED, message, "try another seed or backend")
    except LlamaVisError as error:
        return Outcome(target, Result.FAILED, error.message, error.hint)


def _colouring(steps: Sequence[FilterStep]) -> int:
    """The place of the first step that chooses colours, behind all those that move pixels."""
    names = [step.name for step in steps]
    return min(
        (names.index(name) for name in ("colours", "palette") if name in names), default=len(steps)
    )


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 3]}..."


def _derived(project: Project, target: Target) -> Finished | Outcome:
    """A derived target, made from the image it follows."""
    base = project.root / target.base
    try:
        pixels = decode_image(base)
    except (ImageError, OSError):
        pixels = None
    if pixels is None or target.parts["made_from"] == NOT_YET:
        message = f"the image it is made from was not built: {target.base}"
        return Outcome(target, Result.FAILED, message, "mend that first")
    if pixel_hash(pixels) != target.parts["made_from"]:
        message = f"{target.base} changed meanwhile"
        return Outcome(target, Result.FAILED, message, "build again")
    try:
        made = make(target, pixels)
    except ImageError as error:
        message = f"{Path(target.output).name} cannot be made: {error}"
        return Outcome(target, Result.FAILED, message, "change its settings")
    provenance = provenance_of(target, "", made.pixels)
    return Finished(target, provenance, finished_png(made.pixels, provenance), made.beside)


def _write(
    project: Project, finished: Finished, force: bool, keep_old: KeepOld, disk: Disk
) -> Outcome:
    """Look at the place once more, write unless the file already is exactly this."""
    target = finished.target
    path = project.root / target.output
    try:
        # An artist may have saved while the model drew.
        _check_place(project, target, force)
        result = _compared(path, finished.provenance)
        if target.beside:  # first, as the image says that all of it is done
            if write_if_changed(project.root / target.beside, finished.beside, disk):
                sync_folders([path.parent], disk)
        if result is not Result.UNCHANGED:
            if result is Result.BUILT and not target.base:
                keep_old(target.output)
            write_atomic(path, finished.data, disk)
        return Outcome(target, result, notes=finished.provenance.notes)
    except _GuardedError as guard:
        return Outcome(target, Result.GUARDED, guard.message, guard.hint)
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
