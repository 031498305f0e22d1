"""One SQL condition a field, on `a`, the asset: text with `?`, and what is bound to them."""

from __future__ import annotations

import re
from collections.abc import Callable

from llamavis_studio.library.naming import folded_tag
from llamavis_studio.library.query.tree import Number

Condition = tuple[str, list[str | int | float | bytes | None]]
TILES_BELOW = 1.15
"""Seam scores under it belong to pictures that tile."""
LOST_CAPTION = "other"
"""The source of a caption that lost a conflict, and is kept beside."""
_LAST = "\U0010ffff"
_WILD = re.compile(r"[*?]")

# Of several captions one is shown: human before imported before model, which is their order.
_SHOWN = "(SELECT c.{} FROM caption c WHERE c.asset_id = a.id ORDER BY c.origin, c.source LIMIT 1)"
_USED = (
    "(a.root_id = (SELECT id FROM root WHERE path = '') "
    "AND a.path IN (SELECT target FROM reference))"
)
_EQUAL_LOOK = (
    "(a.dhash IN (SELECT dhash FROM asset WHERE dhash IS NOT NULL GROUP BY dhash "
    "HAVING count(*) > 1) AND EXISTS (SELECT 1 FROM asset d WHERE d.dhash = a.dhash "
    "AND d.hash <> a.hash AND d.missing_since IS NULL))"
)
_FLAGS: dict[str, str] = {
    "duplicate": (
        "(a.hash IN (SELECT hash FROM asset WHERE hash <> x'' GROUP BY hash HAVING count(*) > 1) "
        "AND EXISTS (SELECT 1 FROM asset d WHERE d.hash = a.hash AND d.id <> a.id "
        "AND d.missing_since IS NULL))"
    ),
    "lookalike": _EQUAL_LOOK,
    "tileable": f"a.seam < {TILES_BELOW}",
    "transparent": "a.has_alpha",
    "opaque": "(NOT a.has_alpha AND a.width > 0)",
    "pixelart": "a.pixel_art",
    "animated": "a.frames > 1",
    # As a set of ids, or SQLite goes through all assets to have them in order.
    "missing": "a.id IN (SELECT id FROM asset WHERE missing_since IS NOT NULL)",
    "broken": "a.problem <> ''",
    "captioned": "EXISTS (SELECT 1 FROM caption c WHERE c.asset_id = a.id)",
    # Words of file and folder names are no tags that anybody gave.
    "untagged": (
        "NOT EXISTS (SELECT 1 FROM asset_tag t WHERE t.asset_id = a.id AND t.source <> 'path' "
        "AND NOT t.rejected)"
    ),
    "used": _USED,
    "unused": f"NOT {_USED}",
    "guess": f"{_SHOWN.format('in_domain')} = 0",
    "conflict": (
        "a.id IN (SELECT asset_id FROM caption WHERE origin = 'imported' "
        f"AND source = '{LOST_CAPTION}')"
    ),
    "group": "a.group_name IS NOT NULL",
}
_NUMBERS = {
    "size": "max(a.width, a.height)",
    "width": "a.width",
    "height": "a.height",
    "frames": "a.frames",
    "confidence": _SHOWN.format("confidence"),
}


def condition_of(name: str, value: str) -> Condition:
    """The condition of a field with a text."""
    return _FIELDS[name](value)


def number_condition(node: Number) -> Condition:
    """The condition of a field with a number. `size` is the longer side."""
    what = _NUMBERS[node.name]
    if node.operator == "..":
        return f"{what} BETWEEN ? AND ?", [node.value, node.upper]
    return f"{what} {node.operator} ?", [node.value]


def _tag(value: str) -> Condition:
    # A human's no outweighs what models and names say; it is looked up for what is found only,
    # so that the index alone answers the rest.
    name = folded_tag(value)
    return (
        "(a.id IN (SELECT asset_id FROM asset_tag WHERE tag_id = "
        "(SELECT id FROM tag WHERE name = ?)) AND NOT EXISTS (SELECT 1 FROM asset_tag r WHERE "
        "r.asset_id = a.id AND r.tag_id = (SELECT id FROM tag WHERE name = ?) AND r.rejected))"
    ), [name, name]


def _kind(value: str) -> Condition:
    return "a.kind = ?", [value]


def _path(value: str) -> Condition:
    path = value.replace("\\", "/").removeprefix("./")
    condition, bindings = _path_like("a.path", path)
    return f"(a.root_id IN (SELECT id FROM root) AND {condition})", bindings


def _path_like(column: str, path: str) -> Condition:
    """A beginning, or with * and ? the whole; what stands before the first of them is looked up."""
    wild = _WILD.search(path)
    start = path if wild is None else path[: wild.start()]
    conditions, bindings = [], list[str | int | float | bytes | None]()
    if start:
        conditions.append(f"{column} >= ? AND {column} < ?")
        bindings += (start, start + _LAST)
    if wild is not None:
        conditions.append(f"{column} GLOB ?")
        bindings.append(path.replace("[", "[[]"))
    return " AND ".join(conditions) or "TRUE", bindings


def _state(value: str) -> Condition:
    if value == "unmanaged":
        return "a.state IN ('', 'unmanaged')", []
    # The second half is what the partial index is made for.
    return "(a.state = ? AND a.state <> '')", [value]


def _origin(value: str) -> Condition:
    return (
        "(a.id IN (SELECT asset_id FROM caption WHERE origin = ?) OR EXISTS (SELECT 1 FROM "
        "asset_tag t WHERE t.asset_id = a.id AND t.origin = ? AND NOT t.rejected))"
    ), [value, value]


def _model(value: str) -> Condition:
    return (
        "a.id IN (SELECT asset_id FROM caption WHERE origin = 'model' "
        "AND source >= ? AND source < ?)"
    ), [value, value + _LAST]


def _is(value: str) -> Condition:
    return _FLAGS[value], []


def _used(value: str) -> Condition:
    if value.lower() in ("yes", "no"):
        return _FLAGS["used" if value.lower() == "yes" else "unused"], []
    condition, bindings = _path_like("u.path", value.replace("\\", "/").removeprefix("./"))
    return (
        "(a.root_id = (SELECT id FROM root WHERE path = '') AND a.path IN (SELECT r.target FROM "
        f"user_file u JOIN reference r ON r.user_id = u.id WHERE {condition}))"
    ), bindings


def _format(value: str) -> Condition:
    return "a.format IN (?, ?)", [value.upper(), value]


def _group(value: str) -> Condition:
    if _WILD.search(value):
        condition, bindings = _path_like("a.group_name", value)
        return f"(a.group_name IS NOT NULL AND {condition})", bindings
    return "a.group_name = ?", [value]


def _root(value: str) -> Condition:
    """The project, a folder's whole path, its last parts, or a pattern."""
    path = value.replace("\\", "/")
    if path.lower() in ("", "project"):
        return "a.root_id IN (SELECT id FROM root WHERE path = '')", []
    path = path.rstrip("/") or "/"
    glob = path.replace("[", "[[]")
    return (
        "a.root_id IN (SELECT id FROM root WHERE path = ? OR replace(path, '\\', '/') GLOB ? "
        "OR replace(path, '\\', '/') GLOB ?)"
    ), [path, glob, f"*/{glob.lstrip('/')}"]


_FIELDS: dict[str, Callable[[str], Condition]] = {
    "tag": _tag,
    "kind": _kind,
    "path": _path,
    "state": _state,
    "origin": _origin,
    "model": _model,
    "is": _is,
    "used": _used,
    "format": _format,
    "group": _group,
    "root": _root,
}
