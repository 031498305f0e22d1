"""A plan: every image the descriptions ask for, how it stands on disk, and why.

Reads, never writes (what it learns about files stays in the `ScanCache` it is given). An image that
is not exactly what the studio wrote is edited or unmanaged, and nobody's to overwrite.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from llamavis_studio.core.asset import AssetState
from llamavis_studio.core.description import examine
from llamavis_studio.core.errors import DescriptionError, LocatedError, ProjectError
from llamavis_studio.core.events import ProblemFound
from llamavis_studio.core.paths import folded
from llamavis_studio.core.project import Project
from llamavis_studio.core.project_file import PROJECT_FILE
from llamavis_studio.pipeline.derive import NOT_YET, derived_targets, makings_of
from llamavis_studio.pipeline.failures import Failures
from llamavis_studio.pipeline.reasons import why_stale
from llamavis_studio.pipeline.scan_cache import ScanCache
from llamavis_studio.pipeline.target import BackendInfoOf, Target, TargetMaker

_TO_BUILD = (AssetState.STALE, AssetState.MISSING, AssetState.FAILED)
_GUARDED = (AssetState.EDITED, AssetState.UNMANAGED)


@dataclass(frozen=True)
class PlannedTarget:
    """A target, its state, and the reason in words."""

    target: Target
    state: AssetState
    reason: str


@dataclass(frozen=True)
class MadeUp:
    """One thing that a backend cannot do: what makes up for it, for which kinds and how many."""

    backend: str
    says: str
    kinds: tuple[str, ...]
    images: int


@dataclass(frozen=True)
class Plan:
    """All targets in the order of their descriptions, and everything wrong with the descriptions.

    `estimate_s` is how long the build will take, None before the backend's speed is known.
    """

    targets: tuple[PlannedTarget, ...]
    problems: tuple[ProblemFound, ...]
    estimate_s: float | None

    @property
    def errors(self) -> tuple[ProblemFound, ...]:
        """The problems that keep an asset from being built."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    def counts(self) -> dict[str, int]:
        """How many images stand in which state; every state is named."""
        found = Counter(planned.state for planned in self.targets)
        return {state.value: found[state] for state in AssetState}

    def makes_up(self) -> tuple[MadeUp, ...]:
        """What makes up for what the backends cannot do, each said once, as first met."""
        found: dict[tuple[str, str], list[str]] = {}
        for planned in self.targets:
            target = planned.target
            for sentence in target.makes_up:
                found.setdefault((target.backend.name, sentence), []).append(target.kind)
        return tuple(
            MadeUp(backend, says, tuple(dict.fromkeys(kinds)), len(kinds))
            for (backend, says), kinds in found.items()
        )

    def to_build(self, force: bool = False) -> tuple[Target, ...]:
        """What a build would make: what is stale, missing or failed; forced, all but the locked."""
        return tuple(
            planned.target
            for planned in self.targets
            if planned.state in _TO_BUILD or (force and planned.state is not AssetState.LOCKED)
        )

    def fresh_keys(self) -> dict[str, str]:
        """The build keys of the images that are there as they shall be, by output."""
        return {
            planned.target.output: planned.target.build_key
            for planned in self.targets
            if planned.state is AssetState.FRESH
        }

    @property
    def is_fresh(self) -> bool:
        """Whether a check passes: nothing to build and nothing wrong."""
        return not self.to_build() and not self.errors


def make_plan(
    project: Project,
    backend_info: BackendInfoOf,
    cache: ScanCache,
    paths: Iterable[Path] | None = None,
) -> Plan:
    """Judge every image the project describes; with `paths`, keep what lies at or below them.

    A path may be a description, an output or a folder. Never raises for what files contain: that
    becomes a problem with its file, line and column.
    """
    chosen = None if paths is None else _chosen(project, paths)
    maker = TargetMaker(project, backend_info, cache, makings_of)
    problems: list[ProblemFound] = []
    targets: list[Target] = []
    for path in project.description_files():
        examined = examine(path)
        if examined.problems and not os.path.lexists(path):
            continue  # it was moved away since the folders were listed
        problems += [_problem(project, error) for error in examined.problems]
        for asset in examined.assets:
            try:
                targets += maker.targets(project.resolve(asset))
            except DescriptionError as error:
                found = _problem(project, error)
                # What is wrong in llamavis.toml is told once, and only to those it concerns.
                concerned = chosen is None or _under(chosen, project.relative(asset.source))
                if found.path != PROJECT_FILE or (concerned and found not in problems):
                    problems.append(found)
                continue
    everything = [one for target in targets for one in (target, *derived_targets(target, NOT_YET))]
    kept, doubles = _without_doubles(everything)
    problems += doubles
    alone = {target.output for target in kept}
    failures = Failures.open(project)
    planned = []
    for target in targets:
        if target.output not in alone:
            continue
        judged = _judge(project, target, cache, failures)
        planned.append(judged)
        planned += [
            _judge(project, one, cache, failures)
            for one in derived_targets(target, _pixels_there(project, judged, cache))
            if one.output in alone
        ]
    cache.keep_only({one.target.output for one in planned} | maker.images_read)
    if chosen is not None:
        planned = [p for p in planned if _under(chosen, p.target.source, p.target.output)]
        problems = [p for p in problems if p.path == PROJECT_FILE or _under(chosen, p.path)]
    problems.sort(key=lambda problem: (problem.path, problem.line, problem.column))
    return Plan(tuple(planned), tuple(problems), _estimate(planned, cache))


def _pixels_there(project: Project, base: PlannedTarget, cache: ScanCache) -> str:
    """The hash of the pixels that derived outputs are to follow; `NOT_YET` before they stand."""
    if not base.target.makings or base.state in (AssetState.STALE, AssetState.MISSING):
        return NOT_YET
    path = project.root / base.target.output
    try:
        return cache.image_facts(base.target.output, path, os.lstat(path)).pixel_hash
    except OSError:
        return NOT_YET


def judge(project: Project, target: Target, cache: ScanCache) -> PlannedTarget:
    """How one target stands at this moment, whatever became of it in earlier builds."""
    return _judge(project, target, cache, Failures(project, {}))


def is_guarded(state: AssetState) -> bool:
    """Whether an image in this state is somebody's work that only a forced build replaces."""
    return state in _GUARDED


def _judge(project: Project, target: Target, cache: ScanCache, failures: Failures) -> PlannedTarget:
    state, reason = _stand(project, target, cache)
    if state in (AssetState.STALE, AssetState.MISSING):
        failure = failures.of(target.output, target.build_key)
        if failure is not None:
            return PlannedTarget(target, AssetState.FAILED, failure.message)
    return PlannedTarget(target, state, reason)


def _stand(project: Project, target: Target, cache: ScanCache) -> tuple[AssetState, str]:
    if target.locked:
        return AssetState.LOCKED, "locked in its description"
    path = project.root / target.output
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        known = cache.knows(target.output)
        return AssetState.MISSING, "output is missing" if known else "never built"
    except OSError as error:
        return AssetState.FAILED, f"the output cannot be looked at: {error.strerror or error}"
    if stat.S_ISDIR(status.st_mode):
        return AssetState.FAILED, "a folder stands where the image should be"
    if not stat.S_ISREG(status.st_mode):
        return AssetState.UNMANAGED, "a link or device stands where the image should be"
    try:
        facts = cache.image_facts(target.output, path, status)
    except OSError as error:
        return AssetState.FAILED, f"the output cannot be read: {error.strerror or error}"
    provenance = facts.provenance
    if facts.problem:
        if status.st_size == 0:  # nobody's work is lost
            return AssetState.STALE, "the output is empty"
        return AssetState.UNMANAGED, f"the file at the output's place is no image: {facts.problem}"
    if provenance is None:
        if not facts.remembered_hash:
            return AssetState.UNMANAGED, "the studio did not make this image"
        if facts.remembered_hash == facts.pixel_hash:
            return AssetState.UNMANAGED, "another program removed the image's provenance"
        return AssetState.EDITED, "pixels were edited by hand"
    changed = ""
    if provenance.build_key != target.build_key:
        changed = why_stale(provenance.parts, target.parts, target.description)
    if provenance.pixel_hash != facts.pixel_hash:
        also = f"; its description changed too: {changed}" if changed else ""
        return AssetState.EDITED, f"pixels were edited by hand{also}"
    if changed:
        return AssetState.STALE, changed
    if target.beside and not (project.root / target.beside).is_file():
        return AssetState.STALE, f"{target.beside} is missing"
    return AssetState.FRESH, "up to date"


def _without_doubles(targets: list[Target]) -> tuple[list[Target], list[ProblemFound]]:
    """Targets whose output is theirs alone, and a problem at each of the others."""
    by_output: dict[str, list[Target]] = {}
    for target in targets:
        by_output.setdefault(folded(target.output), []).append(target)
    kept, problems = [], []
    for target in targets:
        rivals = [other for other in by_output[folded(target.output)] if other is not target]
        if not rivals:
            kept.append(target)
            continue
        other = rivals[0]
        problems.append(
            ProblemFound(
                target.source,
                target.line,
                1,
                f"{target.output} is also the output of {other.source}:{other.line}",
                "rename one of the two assets",
            )
        )
    return kept, problems


def _problem(project: Project, error: LocatedError) -> ProblemFound:
    path = "" if error.path is None else project.relative(error.path)
    return ProblemFound(path, error.line, error.column, error.message, error.hint)


def _chosen(project: Project, paths: Iterable[Path]) -> list[str]:
    chosen = []
    for path in paths:
        absolute = Path(os.path.abspath(path))
        if not absolute.is_relative_to(project.root):
            absolute = Path(os.path.realpath(path))
        if not absolute.is_relative_to(project.root):
            raise ProjectError(f"'{path}' is not in this project", "name a file inside it", path)
        chosen.append(project.relative(absolute))
    return chosen


def _under(chosen: list[str], *relatives: str) -> bool:
    return any(
        relative == place or place == "." or relative.startswith(f"{place}/")
        for relative in relatives
        for place in chosen
    )


def _estimate(planned: list[PlannedTarget], cache: ScanCache) -> float | None:
    total = 0.0
    for one in planned:
        if one.state not in _TO_BUILD:
            continue
        seconds = cache.seconds_per_image(one.target.backend.name)
        if seconds is None:
            return None
        total += seconds
    return round(total, 1)
