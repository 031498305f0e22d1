"""What a description must say so that its pictures stay as they are when it is moved.

The seed comes from the path unless it is written down; kind and style may come from the folder.
"""

from __future__ import annotations

from typing import Any

from llamavis_studio.core.hashing import derived_seed
from llamavis_studio.core.project import Project
from llamavis_studio.core.recipe import Kind
from llamavis_studio.file_actions.assets import Asset
from llamavis_studio.pipeline.notes import provenance_in


def pins_for(
    project: Project, asset: Asset, source: str, name: str, *, keep_rules: bool
) -> dict[str, Any]:
    """Keys to write into the description of an asset that is to be called `name` and described in
    the file `source`; with `keep_rules` also what folder rules give it where it is now.

    Raises ProjectError when its file was changed meanwhile.
    """
    pins: dict[str, Any] = {}
    folder = source.rpartition("/")[0]
    stem = f"{folder}/{name}" if folder else name
    if asset.description.seed is None and derived_seed(stem) != asset.seed:
        pins["seed"] = asset.seed
    if not keep_rules:
        return pins
    old, new = project.root / asset.source, project.root / source
    if asset.description.kind is None:
        if project.folder_kind(old) != project.folder_kind(new):
            pins["kind"] = asset.targets[0].kind
    style = project.folder_style(old)
    if asset.description.style is None and style is not None:
        if style != project.folder_style(new):
            pins["style"] = style
    return pins


def why_redrawn(project: Project, asset: Asset, source: str, pins: dict[str, Any]) -> str:
    """Why the pictures of an asset will be drawn anew once `source` describes it; empty where they
    stay. Folder rules of llamavis.toml are what differs between two places.

    Raises ProjectError when its file was changed meanwhile.
    """
    told, description = [], asset.description
    if description.locked:
        return ""
    old, new = project.root / asset.source, project.root / source
    drawn = provenance_in(project.root / asset.targets[0].output)
    was = asset.targets[0].kind if drawn is None else str(drawn.parts.get("kind", ""))
    kind = str(pins.get("kind") or description.kind or project.folder_kind(new) or Kind.SPRITE)
    if kind != was:
        told.append(f"folder rules change its kind there: {was} -> {kind}")
    own = pins.get("style") or description.style
    before, after = own or project.folder_style(old), own or project.folder_style(new)
    if before != after:
        told.append(f"folder rules change its style there: {before or 'none'} -> {after or 'none'}")
    return "; ".join(told)
