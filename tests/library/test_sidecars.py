"""Sidecars: what is said comes back, what is foreign stays, what is broken is told."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from llamavis_studio.library.merging import clean_words
from llamavis_studio.library.sidecars import (
    CaptionSaid,
    SidecarError,
    TagSaid,
    Words,
    WordsWithOrigin,
    kind_of_json,
    read_sidecar,
    sidecar_names,
    write_sidecar,
)

PIECES = [
    "a red dragon", "1girl", "She smiles.", "一条龙站在山上", "红色", "，", ",", "\n", "\r\n", '"',
    "、", "🐉", "(red hair:1.2)", " ", "。", "k-on!", "﹐",
    "the legend of zelda: breath of the wild", "\\",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=6).map("".join) | st.text(max_size=30)
PLAIN = st.builds(Words, TEXTS, st.lists(TEXTS, max_size=5).map(tuple)).map(clean_words)


def said(caption: str = "", *tags: str, origin: str = "human") -> WordsWithOrigin:
    captions = (CaptionSaid(caption, origin, "user"),) if caption else ()
    return WordsWithOrigin(captions, tuple(TagSaid(tag, origin, "user") for tag in tags))


def spoken(words: Words) -> WordsWithOrigin:
    return said(words.caption, *words.tags)


def plain(name: str, data: bytes) -> Words:
    return read_sidecar(name, data).plain()


def test_names_beside_an_image() -> None:
    assert sidecar_names("a/hero.png") == (
        "a/hero.json", "a/hero.png.json", "a/hero.txt", "a/hero.png.txt",
        "a/hero.caption", "a/hero.png.caption",
    )  # fmt: skip
    assert sidecar_names("hero") == ("hero.json", "hero.txt", "hero.caption")


@given(words=PLAIN)
@example(words=Words("a dragon"))
@example(words=Words("", ("This is one long tag, with a comma in it.",)))
@example(words=Words("red, blue", ("green",)))
def test_any_words_come_back_from_any_kind(words: Words) -> None:
    for name in ("hero.txt", "hero.json"):
        data = write_sidecar(name, None, spoken(words))
        assert plain(name, data) == words
        assert write_sidecar(name, data, read_sidecar(name, data)) == data
    data = write_sidecar("hero.caption", None, spoken(words))
    assert plain("hero.caption", data) == Words(words.caption)


FILES = [
    b"1girl, long hair, (red hair:1.2), looking at viewer, k-on!",
    b"1girl,long_hair,solo\r\n",
    b"A red dragon sits on a rock, breathing fire.\n",
    b"A girl walks home. She is tired.\n1girl, walking, night\n",
    b"1girl, walking, night\nA girl walks home. She is tired.\n",
    b"1girl\nlong hair\nsolo\n\n",
    b"\xef\xbb\xbfpixel art, sword\r\n",
    "一条红色的龙，站在高高的山顶上。\n龙, 红色\n".encode("gb18030"),
    "龙、红色、像素画".encode("utf-16"),
    "un caf\xe9 tr\xe8s noir".encode("latin-1"),
]


@given(old=st.sampled_from(FILES), words=PLAIN)
def test_old_files_take_any_words_and_stay_when_nothing_changed(old: bytes, words: Words) -> None:
    assert write_sidecar("a.txt", old, read_sidecar("a.txt", old)) == old
    new = write_sidecar("a.txt", old, spoken(words))
    assert plain("a.txt", new) == words
    assert write_sidecar("a.txt", new, spoken(words)) == new


@pytest.mark.parametrize(
    ("data", "caption", "tags"),
    [
        (FILES[0], "", ("1girl", "long hair", "(red hair:1.2)", "looking at viewer", "k-on!")),
        (FILES[2], "A red dragon sits on a rock, breathing fire.", ()),
        (FILES[3], "A girl walks home. She is tired.", ("1girl", "walking", "night")),
        (FILES[4], "A girl walks home. She is tired.", ("1girl", "walking", "night")),
        (FILES[5], "", ("1girl", "long hair", "solo")),
        (FILES[6], "", ("pixel art", "sword")),
        (FILES[7], "一条红色的龙，站在高高的山顶上。", ("龙", "红色")),
        (FILES[8], "", ("龙", "红色", "像素画")),
        (b"a photo of a woman standing in a field, wearing a hat", None, ()),
        ("一条红色的龙站在山顶上".encode(), None, ()),
        (b"dragon", "", ("dragon",)),
        (b"", "", ()),
    ],
)
def test_sentences_and_tags_are_told_apart(
    data: bytes, caption: str | None, tags: tuple[str, ...]
) -> None:
    assert plain("a.txt", data) == Words(data.decode() if caption is None else caption, tags)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"1girl,long_hair,solo\r\n", b"1girl,long_hair,solo,sword\r\n"),
        (b"\xef\xbb\xbfpixel art, 1girl", b"\xef\xbb\xbfpixel art, 1girl, sword"),
        (b"1girl\nsolo\n", b"1girl\nsolo\nsword\n"),
        ("龙、红色\n".encode("gb18030"), "龙、红色、sword\n".encode("gb18030")),
        (b"red, blue\nA girl walks home.\n", b"red, blue, sword\nA girl walks home.\n"),
        (b"", b"sword\n"),
    ],
)
def test_a_new_tag_is_written_in_the_style_of_the_file(old: bytes, new: bytes) -> None:
    before = read_sidecar("a.txt", old)
    more = (*before.tags, TagSaid("sword", "human", "user"))
    assert write_sidecar("a.txt", old, WordsWithOrigin(before.captions, more)) == new


def test_a_comma_in_a_tag_is_small_in_the_file() -> None:
    data = write_sidecar("a.txt", None, said("", "paris, france", "night"))
    assert data.decode() == "paris﹐ france, night\n"
    assert plain("a.txt", data).tags == ("paris, france", "night")


def test_latin_1_is_read_with_a_note() -> None:
    words = read_sidecar("a.txt", FILES[9])
    assert words.plain().caption == "un café très noir"
    assert "Latin-1" in words.note
    assert not read_sidecar("a.txt", FILES[7]).note


def test_our_json_tells_who_said_what_and_keeps_foreign_keys() -> None:
    old = b'{\r\n\t"mine": [1, {"x": null}],\r\n\t"llamavis": 1,\r\n\t"captions": [],\r\n\t"tags": [{"name": "red", "origin": "model", "source": "nano", "seen": 3}]\r\n}'  # noqa: E501
    before = read_sidecar("a.json", old)
    assert write_sidecar("a.json", old, before) == old
    words = WordsWithOrigin(
        (CaptionSaid("a dog", "model", "nano", 0.5), CaptionSaid("一只狗", "human", "user")),
        (TagSaid("red", "human", "user"), TagSaid("cat", "model", "nano", 0.25, rejected=True)),
    )
    new = write_sidecar("a.json", old, words)
    assert read_sidecar("a.json", new) == words
    assert words.plain() == Words("一只狗", ("red",))
    values = json.loads(new)
    assert values["mine"] == [1, {"x": None}] and values["tags"][0]["seen"] == 3
    assert new.startswith(b'{\r\n\t"mine"') and b"\n" not in new.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"caption": "a dog", "tags": ["red", "dog"]}, Words("a dog", ("red", "dog"))),
        ({"prompt": "a dog", "tags": "red, dog", "seed": 5}, Words("a dog", ("red", "dog"))),
        ({"title": "Dog", "keywords": ["红色"], "x": 1e3}, Words("Dog", ("红色",))),
        ({"description": ["one", "two"], "tags": {"red": 0.9}}, Words("one", ("red",))),
        ({"tags": [{"name": "red", "id": 4}], "keywords": ["dog"]}, Words("", ("red", "dog"))),
    ],
)
def test_other_programs_json_is_read_and_written_in_its_own_keys(
    values: dict[str, object], words: Words
) -> None:
    for indent in (None, 4):
        old = json.dumps(values, indent=indent).encode()
        assert plain("a.json", old) == words
        assert write_sidecar("a.json", old, spoken(words)) == old
        more = Words("a new, longer caption", (*words.tags[:1], "new, one"))
        new = write_sidecar("a.json", old, spoken(more))
        assert plain("a.json", new) == more
        after = json.loads(new)
        for key in set(values) - {"caption", "prompt", "description", "tags", "keywords"}:
            assert after[key] == values[key]
        assert type(after.get("tags")) is type(values.get("tags"))
        emptied = write_sidecar("a.json", new, WordsWithOrigin())
        assert not plain("a.json", emptied).tags


def test_a_table_of_a_sheet_is_not_words() -> None:
    table = json.dumps({"frames": {}, "meta": {"app": "aseprite"}, "tags": []}).encode()
    assert not kind_of_json(table)
    assert not kind_of_json(b'{"hp": 3}') and not kind_of_json(b"[]") and not kind_of_json(b"{")
    assert kind_of_json(b'{"tags": []}') and kind_of_json(b'{"llamavis": 1, "captions": []}')
    for data in (table, b'{"hp": 3}', b"[1]"):
        with pytest.raises(SidecarError):
            write_sidecar("a.json", data, said("a dog"))


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.json", b'{"caption": "a",\n "tags": [}', "line 2, column 11"),
        ("a.json", b"[" * 100_000, "cannot be read"),
        ("a.json", b"9" * 10_000, "cannot be read"),
        ("a.txt", b"a" * ((1 << 20) + 1), "over 1 MiB"),
        ("a.txt", b"\x89PNG\0\0", "no text"),
        ("a.txt", b"\xff\xfea", "no text"),
        ("a.png", b"", "no file of words"),
    ],
)
def test_what_cannot_be_read_says_why_and_is_not_written_over(
    name: str, data: bytes, reason: str
) -> None:
    with pytest.raises(SidecarError, match=reason) as told:
        read_sidecar(name, data)
    assert told.value.hint
    with pytest.raises(SidecarError):
        write_sidecar(name, data, said("a dog"))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "tags",
                    "caption",
                    "captions",
                    "llamavis",
                    "text",
                    "name",
                    "origin",
                    "confidence",
                    "title",
                    "keywords",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(values=VALUES, noise=st.binary(max_size=60), words=PLAIN)
def test_noise_gives_words_or_a_reason(values: object, noise: bytes, words: Words) -> None:
    surrogate = b'{"caption": "\\ud800", "tags": ["\\udc00"], "\\ud800": 1}'
    for data in (json.dumps(values).encode(), noise, b"\xff\xfe" + noise, surrogate):
        for name in ("a.json", "a.txt", "a.caption"):
            try:
                before = read_sidecar(name, data)
            except SidecarError:
                continue
            assert write_sidecar(name, data, before) == data
            after = plain(name, write_sidecar(name, data, spoken(words)))
            assert after.caption == words.caption
            if name != "a.caption":
                assert set(after.tags) == set(words.tags)


def test_words_that_would_not_be_read_again_are_refused() -> None:
    with pytest.raises(SidecarError, match="would be over"):
        write_sidecar("a.txt", None, said("x" * (1 << 20)))


@pytest.mark.parametrize("middle", [b" ", b" \\n", b"\\n", b", ", b". A", b"!"])
@pytest.mark.timeout(20)
def test_a_long_file_takes_no_long_time(middle: bytes) -> None:
    text = b"a" + middle * (400_000 // len(middle)) + b"b"
    for name, data in (
        ("a.txt", text.replace(b"\\n", b"\n")),
        ("a.json", b'{"tags": ["%s"]}' % text),
    ):
        before = read_sidecar(name, data)
        assert write_sidecar(name, data, before) == data
