"""What models say about assets: which wait for it, and taking the answers in.

A batch is one transaction, so that a killed run goes on where it was. Only words of models are ever
replaced.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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


def waiting_assets(
    database: Database,
    model: str,
    *,
    folders: Sequence[str] = (),
    ids: Sequence[int] = (),
    again: bool = False,
    everything: bool = False,
    most: int = 64,
    after: int = 0,
) -> list[Waiting]:
    """The next assets to describe, in order of their ids, those of `folders` and `ids` only where
    any are given.

    Left out are those that are missing or cannot be shown, those `model` (name and revision) has
    described, unless `again`, and those a human has described, unless `everything`.
    """
    where = ["a.id > ?", "a.missing_since IS NULL", "a.problem = ''", "a.width > 0"]
    bindings: list[object] = [after]
    if not again:
        where.append(
            "NOT EXISTS (SELECT 1 FROM caption c WHERE c.asset_id = a.id AND c.origin = 'model' "
            "AND c.source = ?)"
        )
        bindings.append(model)
    if not everything:
        where.append(
            "NOT EXISTS (SELECT 1 FROM caption c WHERE c.asset_id = a.id AND c.origin = 'human')"
        )
    if folders:
        ranges = []
        for folder in folders:
            ranges.append("(a.path = ? OR (a.path >= ? AND a.path < ?))")
            bindings += [folder, f"{folder}/", f"{folder}0"]
        where.append(f"({' OR '.join(ranges)})")
    if ids:
        where.append(f"a.id IN ({','.join('?' * len(ids))})")
        bindings += ids
    rows = database.execute(
        f"SELECT a.id, a.root_id, a.path FROM asset a WHERE {' AND '.join(where)} "
        "ORDER BY a.id LIMIT ?",
        (*bindings, most),
    )
    return [Waiting(asset_id, root_id, unstored(path)) for asset_id, root_id, path in rows]


def count_waiting(database: Database, model: str, **chosen: object) -> int:
    """How many there are of them."""
    return len(waiting_assets(database, model, most=1 << 60, **chosen))  # type: ignore[arg-type]


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
            if answer.look is not None:
                connection.execute(
                    "INSERT OR REPLACE INTO look VALUES (?,?,?)",
                    (answer.asset_id, answer.model, answer.look),
                )
                connection.execute("DELETE FROM look_signs WHERE rowid = ?", (answer.asset_id,))
                connection.execute(
                    "INSERT INTO look_signs(rowid, bits) VALUES (?, "
                    "vec_quantize_binary(vec_int8(?)))",
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
