"""Which files are read, the bounds of each, and that nothing raises."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llamavis_studio.library.uses import reading
from llamavis_studio.library.uses.reading import (
    READS,
    References,
    godot_uids,
    is_user,
    references_in,
    sheet_boxes,
    sheet_image,
)

NAMES = [f"a/x{suffix}" for suffix in sorted(READS - {".godot", ".cfg"})]
NAMES += ["a/project.godot", "a/plugin.cfg", "export_presets.cfg", "a.txt"]


@pytest.mark.parametrize(
    ("name", "user"),
    [
        ("scenes/Cave.TSCN", True),
        ("project.godot", True),
        ("other.godot", False),
        ("addons/x/plugin.cfg", True),
        ("settings.cfg", False),
        ("a.blend", True),
        ("a.blend1", False),
        ("a.png", False),
        ("a.png.import", False),
        ("hero.desc.toml", False),
        ("all.descs.toml", False),
        ("map.tmj", True),
        (".json", False),
        ("blend", False),
        ("", False),
    ],
)
def test_who_is_a_user(name: str, user: bool) -> None:
    assert is_user(name) is user


def test_all_suffixes_are_lower_case_and_read() -> None:
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in READS)
    assert all(is_user(name) for name in NAMES if name != "a.txt")


def test_other_files_refer_to_nothing() -> None:
    assert references_in("a.png.import", b'path="res://a.png"', {}) == References()
    assert references_in("hero.desc.toml", b'image = "res://a.png"', {}) == References()


def test_a_pointer_of_git_lfs() -> None:
    data = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 7\n"
    assert "Git LFS" in references_in("a.blend", data, {}).problem
    assert "Git LFS" in references_in("a.tmx", data, {}).problem


def test_large_files_are_refused() -> None:
    zeros = bytes((64 << 20) + 1)
    found = references_in("a.tscn", zeros, {})
    assert found == References((), "the file is over 64 MiB")
    assert "8 MiB" in references_in("a.gd", zeros, {}).problem
    assert sheet_image("a.json", zeros) is None


def test_a_stream_that_was_read_from_before() -> None:
    stream = io.BytesIO(b'skipped load("res://a.png")')
    stream.seek(8)
    assert reading.references_from("x.gd", stream, {}).paths == ("a.png",)


@given(
    st.sampled_from(NAMES),
    st.sampled_from([b"", b"RSCC", b"RSRC", b"<map ", b"BLENDER-v405", b"BLENDER17-01v0502",
                     b"\x1f\x8b\x08\0", b"\x28\xb5\x2f\xfd", b'{"tiledversion":', b'preload("']),
    st.binary(max_size=200),
)  # fmt: skip
@settings(max_examples=1500, deadline=None)
def test_noise_never_raises(name: str, start: bytes, noise: bytes) -> None:
    found = references_in(name, start + noise, {"uid://a": "b"}, godot_root="a", root="/p")
    assert list(found.paths) == sorted(set(found.paths))
    assert godot_uids(name + ".import", noise) is None
    assert sheet_boxes(start + noise) == ()


PIECES = ['"', "'", '"""', "\\", "res://", "uid://", "a", "/", "..", "#", "//", "/*", "*/", "\n",
          "load(", "preload(", "extends ", "[ext_resource ", "path=", "uid=", "]", ";", "r", "@",
          "$", "\\u00", "\\U110000", "\\ud800", "#include ", "\0", "é"]  # fmt: skip


@given(st.sampled_from(NAMES), st.lists(st.sampled_from(PIECES), max_size=30))
@settings(max_examples=1500, deadline=None)
def test_scraps_of_code_never_raise(name: str, pieces: list[str]) -> None:
    found = references_in(name, "".join(pieces).encode(), {"uid://a": "b/c"}, godot_root="g")
    for path in found.paths:
        assert not {"", ".", ".."} & set(path.split("/"))
