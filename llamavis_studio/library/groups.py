"""Assets that belong together: the maps of a material, the frames of a run, a sheet and its table.

Judged by names within one folder. A group is named `folder/stem`; one file alone is no group.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import apsw

from llamavis_studio.imaging.inspect import frame_number, map_set
from llamavis_studio.library.walk import unstored

_FEWEST_FRAMES = 2


def group_assets(connection: apsw.Connection, root_id: int, folders: Iterable[str]) -> None:
    """Group the assets in these folders (relative, '' the root) anew; in a caller's transaction."""
    for name in sorted(set(folders)):
        prefix = f"{name}/" if name else ""
        # '0' follows '/' in the order of characters, so this is the folder and all below it.
        bounds = (root_id, prefix, f"{name}0" if name else "\U0010ffff")
        rows = connection.execute(
            "SELECT id, path, group_name, role, EXISTS (SELECT 1 FROM sidecar s "
            "WHERE s.asset_id = a.id AND s.frames > 0) FROM asset a "
            "WHERE root_id = ? AND path >= ? AND path < ?",
            bounds,
        )
        found = [
            (asset_id, path[len(prefix) :], old, role, has_table)
            for asset_id, stored_path, old, role, has_table in rows
            if (path := unstored(stored_path)).startswith(prefix) and "/" not in path[len(prefix) :]
        ]
        here = [row[:4] for row in found]
        tables = {row[0]: row[1] for row in found if row[4]}
        wanted = {
            asset_id: (prefix + name.rpartition(".")[0], "sheet")
            for asset_id, name in tables.items()
        } | _judge(here, prefix)
        connection.executemany(
            "UPDATE asset SET group_name = ?, role = ? WHERE id = ?",
            [
                (*wanted.get(asset_id, (None, "")), asset_id)
                for asset_id, _, old, role in here
                if (old, role) != wanted.get(asset_id, (None, ""))
            ],
        )


def _judge(here: list[tuple[int, str, str | None, str]], prefix: str) -> dict[int, tuple[str, str]]:
    """Group and role by asset id."""
    maps: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    frames: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    stems = {name.rpartition(".")[0]: asset_id for asset_id, name, _, _ in here}
    for asset_id, name, _, _ in here:
        found = map_set(name)
        if found is not None:
            maps[found[0]].append((asset_id, found[1]))
            continue
        numbered = frame_number(name)
        if numbered is not None:
            frames[numbered[0]].append((asset_id, f"frame {numbered[1]}"))
    wanted: dict[int, tuple[str, str]] = {}
    for stem, members in maps.items():
        # What LlamaVis builds calls its colours by the bare name: `wall.png`, `wall_normal.png`.
        bare = stems.get(stem)
        if bare is not None and all(role != "base_color" for _, role in members):
            members = [*members, (bare, "base_color")]
        if len({role for _, role in members}) > 1:
            wanted |= {asset_id: (prefix + stem, role) for asset_id, role in members}
    for stem, members in frames.items():
        if len(members) >= _FEWEST_FRAMES:
            wanted |= {asset_id: (prefix + stem, role) for asset_id, role in members}
    return wanted


def group_of(connection: apsw.Connection, asset_id: int) -> dict[str, object]:
    """What is known of an asset's group, for people: its name, members and their roles."""
    group = connection.execute("SELECT group_name FROM asset WHERE id = ?", (asset_id,)).get
    if group is None:
        return {}
    members = list(
        connection.execute(
            "SELECT path, role FROM asset WHERE group_name = ? ORDER BY role, path", (group,)
        )
    )
    tables = connection.execute(
        "SELECT s.path, 'table' FROM sidecar s JOIN asset a ON a.id = s.asset_id "
        "WHERE a.group_name = ? AND s.frames > 0 ORDER BY s.path",
        (group,),
    )
    told = [[unstored(path), role] for path, role in (*members, *tables)]
    return {"name": group, "members": told}
