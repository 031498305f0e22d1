"""Tags as a whole: which there are, and renaming, merging and deleting one everywhere.

What people and files said is changed in the sidecars. What models and file names say has no file of
its own, so a rule in llamavis.toml ([library] exclude_tags, rename_tags) says it from then on.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import tomlkit
from tomlkit.exceptions import TOMLKitError

from llamavis_studio.core.errors import LibraryError, did_you_mean
from llamavis_studio.library.database import Database
from llamavis_studio.library.naming import folded_tag
from llamavis_studio.library.words import Beside, Said, SideFile, WordChange, WordEdits

# Tags without a file of their own, by what gave them.
_GIVEN = "(a.origin = 'model' OR a.source = 'path')"


class TagCount(NamedTuple):
    """A tag, on how many assets it is, and on how many of them a human or a file said so."""

    name: str
    assets: int
    said: int


def tag_counts(database: Database, prefix: str = "", most: int = 1000) -> list[TagCount]:
    """Tags that are in use, the commonest first."""
    rows = database.execute(
        "SELECT t.name, count(DISTINCT a.asset_id), "
        f"count(DISTINCT CASE WHEN NOT {_GIVEN} THEN a.asset_id END) "
        "FROM tag t JOIN asset_tag a ON a.tag_id = t.id "
        "WHERE t.name >= ? AND t.name < ? AND NOT EXISTS (SELECT 1 FROM asset_tag r WHERE "
        "r.asset_id = a.asset_id AND r.tag_id = a.tag_id AND r.rejected) "
        "GROUP BY t.id ORDER BY 2 DESC, 1 LIMIT ?",
        (folded_tag(prefix), f"{folded_tag(prefix)}\U0010ffff", most),
    )
    return [TagCount(*row) for row in rows]


def rename_tag(database: Database, edits: WordEdits, config: Path, old: str, new: str) -> Said:
    """Call a tag otherwise everywhere; where the new one exists already, the two become one.

    Raises LibraryError when there is no such tag.
    """
    old_name, new_name = _known(database, old), folded_tag(new)
    if not new_name or new_name == old_name:
        raise LibraryError(f"'{new}' is no other name for '{old}'", "give another one")
    given = _given(database, old_name)
    beside = Beside(given=given, took=[(row[0], new_name, row[2], row[3], row[4]) for row in given])
    if given:
        beside.files.append(_with_rule(config, rename=(old_name, new_name)))
    changes = {
        asset_id: WordChange(add=(new,), remove=(old,)) for asset_id in _said_on(database, old_name)
    }
    return edits.change(changes, f"tag '{old_name}' renamed to '{new_name}'", beside)


def delete_tag(database: Database, edits: WordEdits, config: Path, name: str) -> Said:
    """Take a tag away everywhere. Raises LibraryError when there is no such tag."""
    known = _known(database, name)
    given = _given(database, known)
    beside = Beside(given=given)
    if given:
        beside.files.append(_with_rule(config, exclude=known))
    changes = {asset_id: WordChange(remove=(name,)) for asset_id in _said_on(database, known)}
    return edits.change(changes, f"tag '{known}' deleted", beside)


def _known(database: Database, name: str) -> str:
    folded = folded_tag(name)
    if database.execute("SELECT 1 FROM tag WHERE name = ?", (folded,)).get is None:
        names = [tag.name for tag in tag_counts(database)]
        raise LibraryError(f"there is no tag '{name}'", did_you_mean(folded, names, "tags"))
    return folded


def _given(database: Database, name: str) -> list[tuple[int, str, str, str, float | None]]:
    rows = database.execute(
        "SELECT a.asset_id, t.name, a.origin, a.source, a.confidence FROM asset_tag a "
        f"JOIN tag t ON t.id = a.tag_id WHERE t.name = ? AND {_GIVEN}",
        (name,),
    )
    return [tuple(row) for row in rows]


def _said_on(database: Database, name: str) -> Iterable[int]:
    rows = database.execute(
        "SELECT DISTINCT a.asset_id FROM asset_tag a JOIN tag t ON t.id = a.tag_id "
        f"WHERE t.name = ? AND NOT {_GIVEN} AND NOT a.rejected",
        (name,),
    )
    return [asset_id for (asset_id,) in rows]


def _with_rule(
    config: Path, *, exclude: str | None = None, rename: tuple[str, str] | None = None
) -> SideFile:
    """llamavis.toml with one more rule; comments and order stay."""
    try:
        old = config.read_bytes()
        document = tomlkit.parse(old.decode("utf-8"))
    except (OSError, ValueError, TOMLKitError) as error:
        raise LibraryError(f"{config.name} cannot be read: {error}", "mend it first") from error
    table = document.setdefault("library", tomlkit.table())
    if exclude is not None:
        names = table.setdefault("exclude_tags", tomlkit.array())
        if exclude not in names:
            names.append(exclude)
    if rename is not None:
        before, after = rename
        names = table.setdefault("rename_tags", tomlkit.inline_table())
        for key in [key for key, value in names.items() if value == before]:
            names[key] = after  # what led to the old name leads on
        names[before] = after
        if after in names:
            del names[after]  # else the two names would chase each other
    return SideFile(config, config.name, old, tomlkit.dumps(document).encode("utf-8"))
