"""The provenance report: every image of a project that a model made, and what made it.

    make_report    looks at the project, gives frozen values
    report_json    those values as one JSON document; report_text and report_html show them

Equal projects give equal reports: the only dates are those of git's commits.
"""

from __future__ import annotations

import functools
import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from llamavis_studio import __version__
from llamavis_studio.core.asset import AssetState, Provenance
from llamavis_studio.core.paths import folded
from llamavis_studio.core.project import Project
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import read_size
from llamavis_studio.pipeline.orphans import find_orphans, generated_images
from llamavis_studio.pipeline.plan import Plan, PlannedTarget
from llamavis_studio.pipeline.scan_cache import ImageFacts, ScanCache
from llamavis_studio.release.git_dates import commit_dates
from llamavis_studio.release.manifest import is_export_folder

ORPHAN, COPY = "orphan", "copy"
_FORMAT_VERSION = 1


@dataclass(frozen=True)
class ReportedAsset:
    """One image a model made. Texts are as they stand in its notes, and may hold anything.

    `state` is the plan's word, or "orphan" (nothing asks for it any more) or "copy" (it lies where
    the studio did not put it). `date` is the day of its last commit, "" when unknown. `model` and
    what belongs to it are empty where another program removed the notes. `parent_prompt` has the
    words of the version this one was edited from, `drawn_px` the size it was drawn at where that is
    another, `notes` what did not go as asked.
    """

    output: str
    source: str
    description: str
    prompt: str
    expanded_prompt: str
    negative: str
    parent_prompt: str
    kind: str
    size_px: tuple[int, int]
    seed: int | None
    backend: str
    model: str
    revision: str
    licence: str
    studio_version: str
    date: str
    state: str
    edited: bool
    locked: bool
    drawn_px: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ModelUse:
    """How many images one revision of one model made."""

    backend: str
    model: str
    revision: str
    licence: str
    count: int


@dataclass(frozen=True)
class Report:
    """All of it, sorted by path.

    `others` are described images that stand in the project but were not made by the studio;
    `missing` are described images that do not exist.
    """

    project: str
    assets: tuple[ReportedAsset, ...]
    others: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def models(self) -> tuple[ModelUse, ...]:
        """The models, the busiest first."""
        uses = Counter((a.backend, a.model, a.revision, a.licence) for a in self.assets)
        ordered = sorted(uses.items(), key=lambda use: (-use[1], use[0]))
        return tuple(ModelUse(*names, count) for names, count in ordered)

    @property
    def licences(self) -> dict[str, int]:
        """Images by their model's licence; "" where it is unknown."""
        return _counted(asset.licence for asset in self.assets)

    @property
    def kinds(self) -> dict[str, int]:
        """Images by kind."""
        return _counted(asset.kind for asset in self.assets)

    @property
    def edited(self) -> int:
        """How many were changed after the studio wrote them."""
        return sum(asset.edited for asset in self.assets)

    @property
    def locked(self) -> int:
        """How many are locked in their description."""
        return sum(asset.locked for asset in self.assets)


def make_report(
    project: Project, plan: Plan, dates: Callable[[Path], Mapping[str, str]] = commit_dates
) -> Report:
    """Report on a project, given the plan of all of it; reads files, writes none.

    `dates` gives the day of each file's last commit for the project's root.
    """
    cache = ScanCache.open(project)
    planned = {folded(one.target.output): one for one in plan.targets}
    orphans = {orphan.output for orphan in find_orphans(project, plan)}
    days = dates(project.root)
    exported = functools.cache(is_export_folder)  # for this report alone: folders change
    assets, seen = [], set()
    for image in generated_images(project):
        if any(map(exported, _folders(project.root, image.path))):
            continue
        one = planned.get(folded(image.output))
        seen.add(folded(image.output))
        facts = _facts(cache, image.output, image.path)
        edited = facts is None or facts.pixel_hash != image.provenance.pixel_hash
        rest = ORPHAN if image.output in orphans else COPY
        made = image.provenance
        words = one.target.description if one else made.prompt
        state = one.state.value if one else rest
        locked = one is not None and one.target.locked
        day = days.get(image.output, "")
        assets.append(
            ReportedAsset(
                image.output, made.source, words, **_made(made), size_px=_size(image.path),
                date=day, state=state, edited=edited, locked=locked,
            )
        )  # fmt: skip
    others, missing = [], []
    for key, one in planned.items():
        if key in seen:
            continue
        path = project.root / one.target.output
        if one.state in (AssetState.MISSING, AssetState.FAILED) or not os.path.lexists(path):
            missing.append(one.target.output)
            continue
        facts = _facts(cache, one.target.output, path)
        if facts is not None and facts.remembered_hash:
            assets.append(_without_notes(one, path, facts, days))
        else:
            others.append(one.target.output)
    assets.sort(key=lambda asset: asset.output)
    return Report(project.name, tuple(assets), tuple(sorted(others)), tuple(sorted(missing)))


def report_json(report: Report, disclosure: Mapping[str, str]) -> dict[str, Any]:
    """The report as JSON values; `disclosure` is the store's paragraph by language."""
    return {
        "report": "llamavis",
        "version": _FORMAT_VERSION,
        "project": report.project,
        "studio_version": __version__,
        "generated": len(report.assets),
        "edited": report.edited,
        "locked": report.locked,
        "kinds": report.kinds,
        "models": [asdict(use) for use in report.models],
        "licences": report.licences,
        "disclosure": dict(disclosure),
        "not_made_here": list(report.others),
        "missing": list(report.missing),
        "assets": [{**asdict(asset), "size_px": list(asset.size_px)} for asset in report.assets],
    }


def _made(provenance: Provenance) -> dict[str, Any]:
    """The fields of a reported asset that its notes decide."""
    return {
        "prompt": provenance.prompt,
        "expanded_prompt": provenance.expanded_prompt,
        "negative": provenance.negative,
        "parent_prompt": provenance.parent_prompt,
        "kind": str(provenance.parts.get("kind", "")),
        "seed": provenance.seed,
        "backend": provenance.backend,
        "model": provenance.model,
        "revision": provenance.revision,
        "licence": provenance.licence,
        "studio_version": provenance.studio_version,
        "drawn_px": provenance.drawn_px,
        "notes": provenance.notes,
    }


def _without_notes(
    one: PlannedTarget, path: Path, facts: ImageFacts, days: Mapping[str, str]
) -> ReportedAsset:
    """An image the studio remembers making, though another program removed its notes."""
    target = one.target
    return ReportedAsset(
        output=target.output,
        source=target.source,
        description=target.description,
        prompt=target.prompt,
        expanded_prompt="",
        negative=target.negative,
        parent_prompt="",
        kind=target.kind,
        size_px=_size(path),
        seed=None,
        backend="",
        model="",
        revision="",
        licence="",
        studio_version="",
        date=days.get(target.output, ""),
        state=one.state.value,
        edited=facts.pixel_hash != facts.remembered_hash,
        locked=target.locked,
    )


def _folders(root: Path, path: Path) -> list[Path]:
    """The folders between a project's root and a file in it."""
    return [folder for folder in path.parents if root in folder.parents]


def _facts(cache: ScanCache, relative: str, path: Path) -> ImageFacts | None:
    try:
        return cache.image_facts(relative, path, path.stat())
    except OSError:
        return None


def _size(path: Path) -> tuple[int, int]:
    try:
        return read_size(path)
    except (ImageError, OSError):
        return (0, 0)


def _counted(words: Any) -> dict[str, int]:
    """How often each word occurs, the most frequent first."""
    return dict(sorted(Counter(words).items(), key=lambda pair: (-pair[1], pair[0])))
