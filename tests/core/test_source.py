from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llamavis_studio.core.errors import DescriptionError
from llamavis_studio.core.source import TomlPositions, parse_toml, read_text

TRICKY = '''# seed = 1
description = """
kind = "not here" \\" ""\\
"""
"quo.ted" = 'a # b'
size = [ # comment ]
  64,
  [1, {x = 2, "y" = 3}],
]
[style."a.b"]
prefix.deep = 5
[[asset]]
name = "one"
[[asset]]
name = "two"
  [asset.material]
  maps = ["normal"]
'''


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        (("description",), (2, 1)),
        (("quo.ted",), (5, 1)),
        (("size",), (6, 1)),
        (("size", 1, 1, "x"), (8, 8)),
        (("style", "a.b", "prefix", "deep"), (11, 8)),
        (("asset", 1), (14, 1)),
        (("asset", 1, "name"), (15, 1)),
        (("asset", 1, "material", "maps"), (17, 3)),
        (("asset", 0, "material"), (12, 1)),  # absent: its table instead
    ],
)
def test_keys_are_found_where_they_stand(location, expected):
    assert TomlPositions(TRICKY).key(location) == expected


def test_values_are_found_where_they_begin():
    positions = TomlPositions(TRICKY)
    assert positions.value(("size", 0)) == (7, 3)
    assert positions.value(("size", 1, 1, "y")) == (8, 21)
    assert positions.value(("asset", 1, "material", "maps", 0)) == (17, 11)


keys = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
scalars = st.one_of(
    st.integers(-(2**60), 2**60),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=8,
)


@given(st.dictionaries(keys, values, max_size=5))
def test_every_value_of_any_document_has_a_place_that_parses_back(document):
    import tomlkit

    text = tomlkit.dumps(document)
    data = tomllib.loads(text)
    positions = TomlPositions(text)
    lines = text.split("\n")
    for key, value in data.items():
        if isinstance(value, dict) or (value and isinstance(value, list)):
            continue
        line, column = positions.value((key,))
        rest = "\n".join([lines[line - 1][column - 1 :], *lines[line:]])
        # Longer than any key that was drawn, so that the rest of the text cannot repeat it.
        assert tomllib.loads(f"longer_than_any = {rest}")["longer_than_any"] == value


@pytest.mark.parametrize(
    ("data", "line", "column", "words"),
    [
        (b"caf\xe9", 1, 4, "0xe9"),
        (b"ok\n\xe9\x82", 2, 1, "0xe9"),
        ("雪a".encode() + b"\xff", 1, 3, "0xff"),
        (b"\xef\xbb\xbfab\xff", 1, 3, "0xff"),
        ("hi".encode("utf-16"), 1, 1, "UTF-16"),
    ],
)
def test_bytes_that_are_not_utf8_are_named_with_their_place(tmp_path, data, line, column, words):
    path = tmp_path / "a.desc.toml"
    path.write_bytes(data)
    with pytest.raises(DescriptionError, match=words) as caught:
        read_text(path, 1000, DescriptionError)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_a_byte_order_mark_is_not_part_of_the_text(tmp_path):
    path = tmp_path / "a.desc.toml"
    path.write_bytes(b"\xef\xbb\xbfx = 1")
    assert read_text(path, 1000, DescriptionError) == "x = 1"


def test_what_is_no_ordinary_file_is_refused_without_waiting(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(DescriptionError, match="folder"):
        read_text(folder, 10, DescriptionError)
    with pytest.raises(DescriptionError, match="does not exist"):
        read_text(tmp_path / "none", 10, DescriptionError)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(DescriptionError, match="ordinary"):
            read_text(tmp_path / "pipe", 10, DescriptionError)


def test_large_files_are_refused(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"x" * 2048)
    assert len(read_text(path, 2048, DescriptionError)) == 2048
    path.write_bytes(b"x" * 2049)
    with pytest.raises(DescriptionError, match="2 KiB"):
        read_text(path, 2048, DescriptionError)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('a = "x', 1),
        ("a = 1\nb = \n", 2),
        ("a = 1\na = 2", 2),
        ("a = [1,\n2", 2),
        ("a" * 10, 1),
        ("x = " + "[" * 30_000, 1),
        ("x = " + "9" * 5000, 1),
    ],
)
def test_malformed_toml_is_an_error_with_a_line(text, line):
    with pytest.raises(DescriptionError) as caught:
        parse_toml(text, Path("a.desc.toml"), DescriptionError)
    assert caught.value.line == line
    assert caught.value.column >= 1
