"""What models say about assets: which wait for it, and taking the answers in.

A batch is one transaction, so that a killed run goes on where it was. Only words of models are ever
replaced.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from llamavis_studio.core.project_file import LibraryTable
from llamavis_studio.library.database import Database
from llamavis_studio.library.naming import words_of_path
from llamavis_studio.library.rows import AssetRows
from llamavis_studio.library.sidecars import CaptionSaid, TagSaid
from llamavis_studio.library.walk import unstored


class Waiting(NamedTuple):
    """An asset that no model has described yet."""

    asset_id: int
    root_id: int
    path: str


@dataclass(frozen=True)
class ModelWords:
    """What a model said about an asset; `look` is the unit vector of what it saw."""

    asset_id: int
    path: str
    caption: str
    tags: tuple[tuple[str, float], ...]
    kind: str
    model: str
    confidence: float | None
    in_domain: bool
    look: bytes | None = None
    reasons: tuple[str, ...] = ()
    """What speaks against its words, where it knows no such pictures."""


@dataclass(frozen=True)
class Wanted:
    """Which assets are to be described: those of `folders` and `ids` only, where any are given.

    Left out are those that are missing or cannot be shown, those the same model has described,
    unless `again`, and those a human has described, unless `everything`.
    """

    folders: tuple[str, ...] = ()
    ids: tuple[int, ...] = ()
    again: bool = False
    everything: bool = False

    def condition(self, model: str) -> tuple[str, tuple[object, ...]]:
        """SQL over `asset a`, and its bindings; `model` is a name and revision."""
        where = ["a.missing_since IS NULL", "a.problem = ''", "a.width > 0"]
        bindings: list[object] = []
        if not self.again:
            where.append(
                "NOT EXISTS (SELECT 1 FROM caption c WHERE c.asset_id = a.id "
                "AND c.origin = 'model' AND c.source = ?)"
            )
            bindings.append(model)
        if not self.everything:
            where.append(
                "NOT EXISTS (SELECT 1 FROM caption c WHERE c.asset_id = a.id "
                "AND c.origin = 'human')"
            )
        if self.folders:
            ranges = ["(a.path = ? OR (a.path >= ? AND a.path < ?))" for _ in self.folders]
            where.append(f"({' OR '.join(ranges)})")
            for folder in self.folders:
                bindings += [folder, f"{folder}/", f"{folder}0"]
        if self.ids:
            where.append(f"a.id IN ({','.join('?' * len(self.ids))})")
            bindings += self.ids
        return " AND ".join(where), tuple(bindings)


def waiting_assets(
    database: Database, model: str, wanted: Wanted, *, most: int = 64, after: int = 0
) -> list[Waiting]:
    """The next `most` assets to describe behind the id `after`, in order of their ids."""
    condition, bindings = wanted.condition(model)
    rows = database.execute(
        "SELECT a.id, a.root_id, a.path FROM asset a "
        f"WHERE {condition} AND a.id > ? ORDER BY a.id LIMIT ?",
        (*bindings, after, most),
    )
    return [Waiting(asset_id, root_id, unstored(path)) for asset_id, root_id, path in rows]


def count_waiting(database: Database, model: str, wanted: Wanted, after: int = 0) -> int:
    """How many there are of them behind the id `after`."""
    condition, bindings = wanted.condition(model)
    query = f"SELECT count(*) FROM asset a WHERE {condition} AND a.id > ?"
    return int(database.execute(query, (*bindings, after)).get)


def take_model_words(
    database: Database, rows: AssetRows, answers: Iterable[ModelWords], table: LibraryTable
) -> None:
    """Write a batch of answers; all of it or nothing."""
    rows.use_rules(table.exclude_tags, table.rename_tags)
    with database.writing() as connection:
        done = []
        for answer in answers:
            # It may have been described, moved or deleted while the model looked.
            if (
                connection.execute("SELECT 1 FROM asset WHERE id = ?", (answer.asset_id,)).get
                is None
            ):
                continue
            caption = CaptionSaid(
                said_sentence(answer, table), "model", answer.model, answer.confidence
            )
            tags = (TagSaid(name, "model", answer.model, p) for name, p in answer.tags)
            rows.put_model_words(answer.asset_id, caption, tags, answer.in_domain)
            connection.execute(
                "INSERT OR REPLACE INTO reading VALUES (?,?,?,?)",
                (answer.asset_id, answer.model, int(time.time()), "\n".join(answer.reasons)),
            )
            if answer.look is not None:
                connection.execute(
                    "INSERT OR REPLACE INTO look VALUES (?,?,?)",
                    (answer.asset_id, answer.model, answer.look),
                )
                connection.execute(
                    "INSERT OR REPLACE INTO look_sign VALUES (?, vec_quantize_binary(vec_int8(?)))",
                    (answer.asset_id, answer.look),
                )
            done.append(answer.asset_id)
        rows.index(done)


def said_sentence(answer: ModelWords, table: LibraryTable) -> str:
    """The caption as the project wants it: prefix and template filled in."""
    values = {
        "caption": answer.caption,
        "tags": ", ".join(name for name, _ in answer.tags),
        "kind": answer.kind,
        "name": " ".join(words_of_path(answer.path.rpartition("/")[2])),
    }
    text = table.caption_template
    for field, value in values.items():
        text = text.replace(f"{{{field}}}", value)
    return f"{table.caption_prefix}{text}".strip()
