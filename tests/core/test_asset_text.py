"""One asset of a text is changed, copied or taken out; the rest keeps its bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from llamavis_studio.core.asset_text import (
    with_asset_changed,
    with_asset_copied,
    with_asset_removed,
    with_column,
    with_paths_replaced,
)
from llamavis_studio.core.description import examine_text
from llamavis_studio.core.errors import DescriptionError

ONE, MANY, CSV = Path("a.desc.toml"), Path("a.descs.toml"), Path("a.descs.csv")
TEXT = (
    "# the file\n\n"
    '[[asset]]\nname = "a"\ndescription = "red" # words\n'
    "[asset.animation]\nwalk = { frames = 2 }\n\n"
    '# about b\n[[asset]]\nname = "b"\ndescription = "blue"\n'
)
TABLE = 'name,description,seed\na,"red, warm",\nb,blue\n'


def names(text: str, path: Path) -> list[str]:
    return [one.name for one in examine_text(path, text).sound()]


def test_a_new_key_stands_with_the_others_and_above_tables() -> None:
    changed = with_asset_changed(TEXT, MANY, "a", {"seed": 7})
    assert changed == TEXT.replace("# words\n", "# words\nseed = 7\n")
    assert with_asset_changed(changed, MANY, "a", {"seed": None}) == TEXT
    lone = 'description = "x"\n\n# moves\n[animation]\nwalk = { frames = 2 }\n'
    changed = with_asset_changed(lone, ONE, "a", {"locked": True})
    assert changed == lone.replace('"x"\n', '"x"\nlocked = true\n')


def test_windows_line_ends_stay() -> None:
    text = TEXT.replace("\n", "\r\n")
    changed = with_asset_copied(text, MANY, "b", "c", {"seed": 1})
    assert changed.replace("\r\n", "").count("\n") == 0
    assert names(changed, MANY) == ["a", "b", "c"]
    table = TABLE.replace("\n", "\r\n")
    changed = with_asset_changed(table, CSV, "a", {"locked": True})
    assert changed == ('name,description,seed,locked\r\na,"red, warm",,true\r\nb,blue,,\r\n')


def test_a_copy_stands_behind_what_it_is_of() -> None:
    changed = with_asset_copied(TEXT, MANY, "a", "c", {"seed": 3})
    assert names(changed, MANY) == ["a", "c", "b"]
    assert changed.startswith(TEXT[: TEXT.index("\n# about b")])
    assert changed.endswith('\n# about b\n[[asset]]\nname = "b"\ndescription = "blue"\n')
    assert 'name = "c"\ndescription = "red" # words\nseed = 3\n[asset.animation]' in changed
    table = with_asset_copied(TABLE, CSV, "a", "c", {"seed": 3})
    assert table == 'name,description,seed\na,"red, warm",\nc,"red, warm",3\nb,blue\n'


def test_what_is_taken_out_takes_its_comment_along() -> None:
    first = with_asset_removed(TEXT, MANY, "b")
    assert first == TEXT[: TEXT.index("\n# about b")]
    second = with_asset_removed(TEXT, MANY, "a")
    assert second == "# the file\n\n" + TEXT[TEXT.index("# about b") :]
    assert with_asset_removed(first, MANY, "a") is None
    assert with_asset_removed(TABLE, CSV, "a") == "name,description,seed\nb,blue\n"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_column_is_added_to_rows_of_any_length(separator: str) -> None:
    text = "name,description,seed\na,red\n\nb,blue,4".replace(",", separator)
    wanted = "name,description,seed,locked\na,red,,\n\nb,blue,4,".replace(",", separator)
    assert with_column(text, CSV, "locked") == wanted
    assert with_column(wanted, CSV, "locked") == wanted


def test_paths_follow_in_lists_and_palettes() -> None:
    text = 'references = ["../a.png", "b.png"] # two\npalette = "a.png"\n[palettes]\nx = "a.png"\n'
    told = with_paths_replaced(text, lambda p: p.replace("a.png", "c.png") if "a" in p else None)
    assert told == text.replace("a.png", "c.png")
    assert with_paths_replaced(text, lambda _path: None) == text
    description = 'style = "dark" # a name\nreferences = ["a.png"]\n'
    told = with_paths_replaced(description, lambda _path: "b.png")
    assert told == 'style = "dark" # a name\nreferences = ["b.png"]\n'
    assert with_paths_replaced("asset = 3\npalettes = 4\n", lambda _path: "b.png")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('[[asset]]\nname = "a"\n', MANY),
        (TEXT, ONE),
        (TEXT.replace('"a"', '"z"'), MANY),
        ('text = """\n[[asset]]\n"""\n', MANY),
    ],
)
def test_what_is_unsound_is_refused(text: str, path: Path) -> None:
    with pytest.raises(DescriptionError):
        with_asset_removed(text, path, "a")
