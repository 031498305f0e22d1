"""What queries find in a small library, in which order, page by page."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llamavis_studio.imaging.colour_cells import cells_near
from llamavis_studio.library.query.errors import QueryError
from llamavis_studio.library.query.near import sign_bits
from llamavis_studio.library.query.parser import parse
from llamavis_studio.library.query.search import Cursor, Page, count, search
from llamavis_studio.library.query.sql import SearchContext, to_sql
from llamavis_studio.library.query.tree import And, Field, Like, Node, Not, Or, Text
from tests.library.query.small_library import LOOK_WIDTH, SmallLibrary, opened, unit
from tests.library.query.test_parser import TREES

CONTEXT = SearchContext(
    cells_near,
    {"wall": unit(1), "unknown": None, "short": np.ones(3, np.float32)},
    {"hero": unit(1, LOOK_WIDTH)},
)
ROWS: dict[str, dict[str, object]] = {
    "art/knight_red_2.png": {
        "caption": "a red knight", "tags": ["knight", "hero"], "kind": "sprite", "width": 16,
        "has_alpha": 1, "format": "PNG", "group_name": "art/knight_red", "hash": b"twin",
    },
    "art/KnightBlue.png": {
        "captions": [("model", "builtin@1", "blue knight on stone", 0.4)], "kind": "sprite",
        "tag_rows": [("knight", "model", "builtin@1", 0), ("hero", "model", "builtin@1", 0),
                     ("hero", "human", "user", 1)], "width": 64, "state": "stale",
        "hash": b"twin", "dhash": 5,
    },
    "tiles/石墙.png": {
        "caption": "石墙，长满青苔 mossy", "kind": "texture", "seam": 1.1, "pixel_art": 1,
        "colours": [(cells_near(0x88, 0x44, 0x22, 0.001)[0], 0x884422, 0.5)], "dhash": 5,
    },
    "tiles/wall [1].webp": {
        "captions": [("imported", "txt", "stone wall", 0.9), ("model", "other@2", "x", 0.1)],
        "kind": "texture", "width": 128, "height": 64, "frames": 4, "format": "WEBP",
        "colours": [(cells_near(0x88, 0x44, 0x22, 0.001)[0], 0x884422, 0.05)], "added": 3000,
        "state": "fresh", "meaning": unit(1), "look": unit(1, LOOK_WIDTH), "seam": 1.4,
    },
    "ui/icon.png": {
        "problem": "cut short", "width": 0, "height": 0, "added": 2000, "seam": None,
        "captions": [("imported", "other", "wood wall stone", None)],
        "tag_rows": [("ui", "imported", "path", 0)], "meaning": unit(2),
        "look": -unit(1, LOOK_WIDTH),
    },
    "gone/knight.png": {"caption": "a stone knight", "missing_since": 5, "hash": b"alone"},
}  # fmt: skip
RED, BLUE, MOSS, WALL, ICON, GONE = range(1, 7)
NAMES = dict(zip(range(1, 7), ["RED", "BLUE", "MOSS", "WALL", "ICON", "GONE"], strict=True))


@pytest.fixture(scope="module")
def library() -> Iterator[SmallLibrary]:
    for library in opened():
        for path, row in ROWS.items():
            library.add(path, **row)  # type: ignore[arg-type]
        library.use("scenes/level 1.tscn", "art/knight_red_2.png")
        library.use("menu.tscn", "ui/icon.png")
        bought = library.root("/bought/castle")
        library.add("ui/icon.png", root_id=bought, kind="icon", tags=["mine"], hash=b"other")
        yield library


def found(library: SmallLibrary, query: str | Node, order: str = "path") -> list[str]:
    tree = parse(query) if isinstance(query, str) else query
    page = search(library.connection, tree, order=order, limit=100, context=CONTEXT)
    assert count(library.connection, tree, CONTEXT) == len(page.rows)
    return [NAMES.get(row.id, "BOUGHT") for row in page.rows]


THERE = {"RED", "BLUE", "MOSS", "WALL", "ICON", "BOUGHT"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", THERE),
        ("kni", {"RED", "BLUE"}),
        ("KNIGHT red", {"RED"}),
        ("knight_red_2", {"RED"}),
        ("knightred", {"RED"}),
        ("KnightRed", {"RED"}),
        ("knightb", {"BLUE"}),
        ("night", set()),
        ("石墙", {"MOSS"}),
        ("墙石", set()),
        ("石", {"MOSS"}),
        ("苔mos", {"MOSS"}),
        ('"stone wall"', {"WALL"}),
        ('"wall stone"', {"ICON"}),
        ('"ston"', set()),
        ("kinght~", {"RED", "BLUE"}),
        ("*igh*", {"RED", "BLUE"}),
        ("*长满青*", {"MOSS"}),
        ("name:*igh* -blue", {"RED"}),
        ("text:knight -name:blue", {"RED"}),
        ("name:stone", set()),
        ("text:stne~", {"BLUE", "WALL", "ICON"}),
        ("red OR moss", {"RED", "MOSS"}),
        ("-stone", {"RED", "MOSS", "BOUGHT"}),
        ("-stone -knight", {"MOSS", "BOUGHT"}),
        ("stone -(blue OR wood)", {"WALL"}),
        ("knight OR tag:ui", {"RED", "BLUE", "ICON"}),
        ("(knight -red) OR (kind:texture frames:>1)", {"BLUE", "WALL"}),
        ("tag:Knight", {"RED", "BLUE"}),
        ("tag:hero", {"RED"}),
        ("NOT tag:hero", THERE - {"RED"}),
        ("tag:hero,ui", {"RED", "ICON"}),
        ("tag:nothing", set()),
        ("kind:sprite,texture", {"RED", "BLUE", "MOSS", "WALL"}),
        ("path:art", {"RED", "BLUE"}),
        ("path:./art/K", {"BLUE"}),
        ("path:*.webp", {"WALL"}),
        ("path:tiles/??.png", {"MOSS"}),
        ('path:"tiles\\wall [1]*"', {"WALL"}),
        ("path:art,ui/*", {"RED", "BLUE", "ICON", "BOUGHT"}),
        ("size:32", {"RED", "MOSS", "BOUGHT"}),
        ("size:>=64", {"BLUE", "WALL"}),
        ("size:128x64", {"WALL"}),
        ("width:16..64 height:<=32", {"RED", "BLUE", "MOSS", "BOUGHT"}),
        ("frames:>1", {"WALL"}),
        ("color:#884422", {"MOSS"}),
        ("color:#8a4624~0.03", {"MOSS"}),
        ("color:blue", set()),
        ("state:stale", {"BLUE"}),
        ("state:unmanaged", THERE - {"BLUE", "WALL"}),
        ("origin:human", {"RED", "MOSS", "BOUGHT"}),
        ("origin:imported", {"WALL", "ICON"}),
        ("model:builtin", {"BLUE"}),
        ("model:b,other", {"BLUE", "WALL"}),
        ("confidence:<0.5", {"BLUE"}),
        ("confidence:>=0.9", {"WALL"}),
        ("is:duplicate", {"RED", "BLUE"}),
        ("is:lookalike", {"BLUE", "MOSS"}),
        ("is:tileable", {"MOSS"}),
        ("NOT is:tileable", THERE - {"MOSS"}),
        ("is:transparent", {"RED"}),
        ("is:opaque", THERE - {"RED", "ICON"}),
        ("is:pixelart", {"MOSS"}),
        ("is:animated", {"WALL"}),
        ("is:missing", {"GONE"}),
        ("knight OR is:missing", {"RED", "BLUE", "GONE"}),
        ("NOT is:missing", THERE),
        ("is:broken", {"ICON"}),
        ("is:captioned", THERE - {"BOUGHT"}),
        ("is:untagged", {"MOSS", "WALL", "ICON"}),
        ("is:used", {"RED", "ICON"}),
        ("used:no", {"BLUE", "MOSS", "WALL", "BOUGHT"}),
        ('used:"scenes/"', {"RED"}),
        ("used:*.tscn", {"RED", "ICON"}),
        ("is:conflict", {"ICON"}),
        ("is:group", {"RED"}),
        ("is:guess", set()),
        ("format:png", {"RED"}),
        ("group:art/knight_red", {"RED"}),
        ("group:art/*", {"RED"}),
        ("root:project", THERE - {"BOUGHT"}),
        ("root:castle", {"BOUGHT"}),
        ("root:/bought/*", {"BOUGHT"}),
        ("like:wall kind:texture", {"WALL"}),
        ("like:wall wood", {"ICON"}),
        ("like:wall -stone", set()),
        ("similar:hero", {"WALL", "ICON"}),
    ],
)
def test_queries_find(library: SmallLibrary, query: str, expected: set[str]) -> None:
    assert set(found(library, query)) == expected


def test_a_guess_is_a_shown_caption_from_outside_the_domain(library: SmallLibrary) -> None:
    change = "UPDATE caption SET in_domain = ? WHERE origin = 'model'"
    library.run(change, 0)
    assert set(found(library, "is:guess")) == {"BLUE"}  # of WALL another caption is shown
    library.run(change, 1)


def test_names_weigh_more_than_captions() -> None:
    for library in opened():
        library.add("a.png", caption="an oak")
        library.add("oak.png", caption="a tree")
        rows = search(library.connection, parse("oak")).rows
        assert [row.id for row in rows] == [2, 1]
        assert rows[0].score > rows[1].score > 0


def test_the_nearest_come_first(library: SmallLibrary) -> None:
    rows = search(library.connection, parse("like:wall"), context=CONTEXT).rows
    assert [row.id for row in rows] == [WALL, ICON]
    assert rows[0].score == pytest.approx(1, abs=0.01)
    assert rows[1].score == pytest.approx(float(unit(1) @ unit(2)), abs=0.01)
    rows = search(library.connection, parse("similar:hero"), context=CONTEXT).rows
    assert [round(row.score) for row in rows] == [1, -1]


@pytest.mark.parametrize("query", ["like:unknown", "like:other", "like:short", "similar:none"])
def test_what_cannot_be_compared_is_said(library: SmallLibrary, query: str) -> None:
    with pytest.raises(QueryError, match=r"compared yet|another model"):
        search(library.connection, parse(query), context=CONTEXT)


def test_meaning_is_a_condition_of_the_whole_query() -> None:
    for tree in (Not(Like("a")), Or((Like("a"), Text("b"))), And((Like("a"), Like("b")))):
        with pytest.raises(QueryError, match=r"NOT or OR|already"):
            to_sql(tree, CONTEXT)


def test_sign_bits_are_those_of_sqlite_vec(library: SmallLibrary) -> None:
    vector = unit(9)
    vector[5] = 0
    packed = library.run("SELECT vec_quantize_binary(?)", vector.tobytes())
    assert packed == sign_bits(vector)


def test_lookalikes_can_come_from_elsewhere(library: SmallLibrary) -> None:
    context = SearchContext(alike=lambda: [RED, WALL])
    rows = search(library.connection, parse("is:lookalike"), context=context).rows
    assert [row.id for row in rows] == [RED, WALL]


def test_orders(library: SmallLibrary) -> None:
    assert found(library, "root:project", "path") == ["BLUE", "RED", "WALL", "MOSS", "ICON"]
    assert found(library, "root:project", "new") == ["WALL", "ICON", "MOSS", "BLUE", "RED"]
    assert found(library, "root:project", "size") == ["WALL", "BLUE", "MOSS", "RED", "ICON"]
    with pytest.raises(QueryError, match="no order"):
        found(library, "", "oldest")


@pytest.mark.parametrize("order", ["best", "path", "new", "size"])
@pytest.mark.parametrize(
    "query", ["", "oak", "-oak", "kind:icon -moss oak", "kind:sprite OR oak", "like:wall"]
)
def test_pages_together_are_the_whole(query: str, order: str) -> None:
    for library in opened():
        texts = [library.text(unit(n)) for n in range(5)]
        for n in range(60):
            path: str | bytes = f"{n * 7 % 60:02}/{'oak' if n % 3 else 'elm'}.png"
            library.add(
                path if n % 10 else b"\xff" + bytes([65 + n]), width=n % 7, added=n % 5,
                kind="icon" if n % 2 else "sprite", caption="an oak" if n % 4 else "",
                text_id=texts[n % 5],
            )  # fmt: skip
        tree = parse(query)
        whole = search(library.connection, tree, order=order, limit=100, context=CONTEXT)
        assert whole.next is None and len(whole.rows) >= 7
        rows, after = [], None
        while True:
            page = search(
                library.connection, tree, order=order, limit=3, after=after, context=CONTEXT
            )
            rows += page.rows
            if page.next is None:
                break
            assert len(page.rows) == 3
            after = Cursor.from_text(page.next.to_text())
            assert after == page.next
        assert tuple(rows) == whole.rows


def test_many_hits_are_not_ranked(library: SmallLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llamavis_studio.library.query.search.MOST_RANKED", 2)
    page = search(library.connection, parse("stone"))
    assert page.rows == ((BLUE, 0), (WALL, 0), (ICON, 0))
    assert search(library.connection, parse("mossy")).rows[0].score > 0


def test_a_cursor_belongs_to_its_search(library: SmallLibrary) -> None:
    page: Page = search(library.connection, parse("kind:sprite"), order="path", limit=1)
    assert page.next is not None
    for query, order in (("kind:texture", "path"), ("kind:sprite", "new")):
        with pytest.raises(QueryError, match="another search"):
            search(library.connection, parse(query), order=order, after=page.next)
    for way in ("near", "rank"):
        forged = Cursor(way, (1, 1), page.next.mark)
        with pytest.raises(QueryError, match="another search"):
            search(library.connection, parse("kind:sprite"), order="path", after=forged)


@given(st.text(max_size=40) | st.binary(max_size=40).map(bytes.hex))
def test_bad_cursors_are_errors(text: str) -> None:
    with pytest.raises(QueryError, match="no place"):
        Cursor.from_text(text)


@pytest.mark.parametrize("key", ["[true]", "[null]", "[1,2]", "[1e999]", "[[1]]", '[{"b":"?"}]'])
def test_forged_cursors_are_errors(key: str) -> None:
    text = base64.urlsafe_b64encode(f'["id",{key},"x"]'.encode()).decode().rstrip("=")
    with pytest.raises(QueryError, match="no place"):
        Cursor.from_text(text)


HOSTILE = (
    "'; DROP TABLE asset; --", '" OR 1=1 --', 'a"" NEAR(b, 2)', "name : {x} ^a + b", "a\0b",
    "\ud800", "%_%", "x' UNION SELECT 1", "\\", "*:*", "-1", "[a-z]*", "{name}:x", "\uffff",
)  # fmt: skip
VALUED = [
    lambda text, name=name: Field(name, text)
    for name in ("tag", "path", "model", "used", "group", "root", "kind", "state", "format")
]
WORDED = [
    lambda text, how=how, column=column: Text(text, how, column)
    for how in ("word", "phrase", "near", "part")
    for column in ("", "name", "caption")
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_only_texts(library: SmallLibrary, text: str) -> None:
    for make in VALUED + WORDED:
        tree = make(text)
        found(library, And((tree, Field("kind", "sprite"))))
        found(library, Or((Not(tree), Text("stone"))))
    for query in (text, f'tag:"{text}"', f'"{text}" a', f"*{text}*", f"name:{text}"):
        with contextlib.suppress(QueryError):  # a clear error is an answer too
            found(library, query)
    assert library.run("SELECT count(*) FROM asset") == 7


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=TREES)
def test_every_tree_is_answered_and_not_is_the_rest(library: SmallLibrary, tree: Node) -> None:
    if tree.uses("is"):
        found(library, tree)
        return
    here, rest = found(library, tree), found(library, Not(tree))
    assert set(here) | set(rest) == THERE and not set(here) & set(rest)
