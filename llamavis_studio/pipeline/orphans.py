"""Images the studio made that no description asks for any more.

    generated_images   every PNG of a project that carries the studio's notes
    find_orphans       those of them that are left over: listed, never touched

Only the notes are read; pixels are decoded for the orphans alone, to tell whether somebody painted
on them since. In doubt an image is no orphan: while its description cannot be read, or when it is
a copy that somebody put elsewhere.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from llamavis_studio.core.asset import AssetState, Provenance
from llamavis_studio.core.description import MANY_CSV, MANY_TOML, ONE, Examined, examine
from llamavis_studio.core.errors import ProjectError
from llamavis_studio.core.paths import folded
from llamavis_studio.core.project import Project
from llamavis_studio.core.project_file import PROJECT_FILE
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import (
    decode_image,
    pixel_hash,
)
from llamavis_studio.pipeline.notes import provenance_in
from llamavis_studio.pipeline.plan import Plan

_TO_BUILD = (AssetState.STALE, AssetState.MISSING, AssetState.FAILED)
_KINDS = (MANY_CSV, MANY_TOML, ONE)


@dataclass(frozen=True)
class GeneratedImage:
    """A PNG with the studio's notes; `output` is its path inside the project."""

    path: Path
    output: str
    provenance: Provenance


@dataclass(frozen=True)
class Orphan:
    """A leftover image, the description it was built from, and why nothing asks for it.

    `edited`: its pixels are not those the studio wrote, so it holds somebody's work.
    """

    path: Path
    output: str
    source: str
    reason: str
    edited: bool


def generated_images(project: Project) -> Iterator[GeneratedImage]:
    """Every image of the project that the studio made, in the order of their paths.

    Hidden folders, projects inside this one and links are left out; so is what cannot be read.
    """
    for path in _png_files(project):
        provenance = provenance_in(path)
        if provenance is not None:
            yield GeneratedImage(path, project.relative(path), provenance)


def find_orphans(project: Project, plan: Plan) -> tuple[Orphan, ...]:
    """The leftovers of a project, given the plan of all of it (not of some paths)."""
    wanted = {folded(one.target.output) for one in plan.targets}
    # A picked variant is taken over from the file it had before; until then that one is needed.
    wanted |= {folded(one.target.twin) for one in plan.targets if one.state in _TO_BUILD}
    live_keys = {one.target.build_key for one in plan.targets}
    unclear = {problem.path for problem in plan.errors}
    # A fault outside the descriptions, such as a style's missing file, may concern any of them.
    all_unclear = any(path == PROJECT_FILE or not path.endswith(_KINDS) for path in unclear)
    read = cache(examine)
    found = []
    for image in generated_images(project):
        source = image.provenance.source
        if folded(image.output) in wanted or _folder(image.output) != _folder(source):
            continue
        description = _description(project, source)
        if description is None:
            reason = f"its description {source} is gone"
        elif (
            all_unclear
            or source in unclear
            or _asks_for(read(description), image, image.provenance.build_key in live_keys)
        ):
            continue
        else:
            reason = f"{source} no longer asks for it"
        edited = _is_edited(image)
        found.append(Orphan(image.path, image.output, source, reason, edited))
    return tuple(found)


def _png_files(project: Project) -> Iterator[Path]:
    found = [
        Path(entry.path)
        for entry in project.entries()
        if entry.name.lower().endswith(".png") and entry.is_file(follow_symlinks=False)
    ]
    yield from sorted(found, key=project.relative)


def _folder(relative: str) -> str:
    # The studio writes beside the description: an image elsewhere was copied there by somebody.
    return folded(relative.rpartition("/")[0])


def _description(project: Project, source: str) -> Path | None:
    """The description file an image names, None when there is none any more."""
    if not source.endswith(_KINDS):
        return None
    try:
        path = project.safe_join(source)
    except ProjectError:  # an image from elsewhere may name anything
        return None
    return path if os.path.lexists(path) else None


def _asks_for(examined: Examined, image: GeneratedImage, is_copy: bool) -> bool:
    """Whether a description, or some unreadable part of it, may ask for an image.

    The plan leaves out assets it cannot resolve and outputs two assets fight for. `is_copy`: what
    is asked for has the same build key; under a name of its own the image was copied by somebody.
    """
    if examined.problems:
        return True
    stem = folded(image.path.stem)
    fits = False
    for asset in examined.assets:
        name, count = folded(asset.name), asset.description.count
        count = 1 if asset.description.pick is not None else count
        variant = re.fullmatch(re.escape(name) + r"_(0|[1-9][0-9]{0,8})", stem)
        fits = fits or stem == name or variant is not None
        if (count == 1 and stem == name) or (variant and count > max(1, int(variant[1]))):
            return True
    return is_copy and not fits


def _is_edited(image: GeneratedImage) -> bool:
    try:
        return pixel_hash(decode_image(image.path)) != image.provenance.pixel_hash
    except (ImageError, OSError):
        return True  # what cannot be compared is treated as somebody's work
