"""Queries use indexes: what SQLite says it does with 5,000 assets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from llamavis_studio.imaging.colour_cells import cells_near
from llamavis_studio.library.query.parser import parse
from llamavis_studio.library.query.search import plan
from llamavis_studio.library.query.sql import SearchContext
from tests.library.query.small_library import LOOK_WIDTH, SmallLibrary, opened, unit

ASSETS = 5000
KINDS = "icon", "sprite"
CONTEXT = SearchContext(cells_near, {"wall": unit(1)}, {"hero": unit(1, LOOK_WIDTH)})


@pytest.fixture(scope="module")
def library() -> Iterator[SmallLibrary]:
    for library in opened():
        connection = library.connection
        connection.execute("BEGIN")
        library.text(unit(1))
        for name in ("stone", "wood"):
            library.run("INSERT INTO tag(name) VALUES (?)", name)
        numbers = range(1, ASSETS + 1)
        connection.executemany(
            "INSERT INTO asset(id, root_id, path, size_bytes, mtime_ns, ctime_ns, inode, hash, "
            "kind, width, added, text_id) VALUES (?,1,?,1,1,1,1,?,?,?,?,1)",
            [(n, f"{n % 9}/{n}.png", b"%d" % n, KINDS[n % 2], n % 99, n) for n in numbers],
        )
        connection.executemany(
            "INSERT INTO asset_tag VALUES (?,?,'human','user',NULL,0)",
            [(n, 1 + n % 2) for n in numbers],
        )
        connection.executemany(
            "INSERT INTO words(rowid, name, caption, tags) VALUES (?,?,?,?)",
            [(n, f"{n} png", "stone wall", "stone") for n in numbers],
        )
        connection.execute("COMMIT")
        yield library


def lines_of(library: SmallLibrary, query: str, order: str) -> list[str]:
    lines = plan(library.connection, parse(query), order, CONTEXT)
    assert lines
    return lines


@pytest.mark.parametrize(
    ("query", "order", "uses"),
    [
        ("stone", "best", "SCAN words VIRTUAL TABLE"),
        ("stone wall -wood", "path", "SCAN words VIRTUAL TABLE"),
        ("*ston*", "best", "SCAN parts VIRTUAL TABLE"),
        ("tag:stone", "best", "COVERING INDEX asset_tag_tag (tag_id=?)"),
        ("tag:stone,wood", "best", "COVERING INDEX asset_tag_tag (tag_id=?)"),
        ("tag:stone kind:icon width:>3", "best", "asset_tag_tag (tag_id=?)"),
        ("kind:icon", "best", "INDEX asset_kind (kind=?)"),
        ("kind:icon OR tag:stone", "best", "INDEX asset_kind (kind=?)"),
        ("stone OR tag:wood", "best", "SCAN words VIRTUAL TABLE"),
        ("path:7/", "best", "sqlite_autoindex_asset_1 (root_id=? AND path>? AND path<?)"),
        ("path:7/*.png", "path", "sqlite_autoindex_asset_1 (root_id=? AND path>? AND path<?)"),
        ("color:brown", "best", "COVERING INDEX colour_cell (cell=? AND share>?)"),
        ("state:stale", "best", "INDEX asset_state (state=?)"),
        ("model:builtin", "best", "caption_origin (origin=? AND source>? AND source<?)"),
        ("group:brick", "best", "INDEX asset_group (group_name=?)"),
        ("used:menu.tscn", "best", "sqlite_autoindex_asset_1 (root_id=? AND path=?)"),
        ("is:missing", "best", "asset_missing"),
        ("is:duplicate", "best", "INDEX asset_hash (hash=?)"),
        ("is:lookalike", "best", "INDEX asset_dhash (dhash=?)"),
        ("is:broken", "best", "asset_problem"),
        ("like:wall", "best", "INDEX asset_text (text_id=?)"),
        ("like:wall stone", "best", "INDEX asset_text (text_id=?)"),
        ("similar:hero kind:icon", "best", "INTEGER PRIMARY KEY (rowid=?)"),
    ],
)
def test_an_index_answers(library: SmallLibrary, query: str, order: str, uses: str) -> None:
    lines = lines_of(library, query, order)
    assert any(uses in line for line in lines), lines
    # A scan of the partial index of what is broken, or of a covering index, is a short one.
    scans = [line for line in lines if line.startswith(("SCAN a", "SCAN asset"))]
    assert all("USING" in line and "INDEX" in line for line in scans), lines


def test_the_first_page_by_path_needs_no_sorting(library: SmallLibrary) -> None:
    for query, order in (("", "path"), ("", "best"), ("width:>3", "path"), ("-stone", "path")):
        lines = lines_of(library, query, order)
        assert not any("TEMP B-TREE" in line for line in lines), lines


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "everything is asked for"),
        ("-stone", "nearly everything is asked for"),
        ("width:16..64", "numbers have no index: half of the library has any of them"),
        ("confidence:<0.5", "of the caption shown, which depends on the other captions"),
        ("is:tileable", "seam scores have no index"),
        ("is:untagged", "what has no row is in no index"),
        ("origin:human", "tags have no index by origin"),
        ("format:png", "nearly all files are of one format"),
    ],
)
def test_some_fields_need_a_scan(library: SmallLibrary, query: str, reason: str) -> None:
    scans = [line for line in lines_of(library, query, "best") if line == "SCAN a"]
    assert len(scans) == 1, reason
