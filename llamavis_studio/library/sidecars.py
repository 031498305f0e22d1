"""Words that lie beside an image: `hero.txt`, `hero.caption`, `hero.json`.

Reading goes: bytes -> text (its encoding is found out) -> captions and tags. Writing reads the old
file first: one that says the same already is given back untouched; else its encoding, newlines,
separators, indentation and foreign keys stay. A file that cannot be read is never written over.

`hero.txt` is what trainers such as kohya's read: a line of tags, a sentence, or sentences and then
a line of tags. The rule, first match first:

1. A last line that begins with a comma is a list of tags, divided by `,`, and all before it is
   caption. Only the studio writes this, where the rules below would mistake the words.
2. A line is a list of tags when it has no end of a sentence and its phrases, divided by `,`, are
   short: four words on average and ten at most; a phrase alone, three. Two Chinese characters count
   as a word. Without any `,` a line is divided by `，` or `、` when its phrases have two words on
   average. The end of a sentence is `。`; a word with `.` at the line's end; a word with `!` or `?`
   there in a phrase of over three words (`k-on!` is a tag); or any of them before a capital letter.
3. When all lines are lists of tags, all are tags. When only the last is, or only the first, the
   rest is the caption. Otherwise all is caption.

A comma inside a tag is written as `﹐` (U+FE50, small comma) and read as a comma again: there is no
standard escape, and trainers would cut the tag in two. Brackets and weights, `(red hair:1.2)`, are
letters of the tag like others. `hero.caption` is one caption and holds no tags.

`hero.json` of ours tells who said what: `{"llamavis": 1, "captions": [{"text", "origin",
"source"}], "tags": [{"name", ..., "rejected"}]}`. Other programs' JSON is read, and written in its
own keys and shapes, which hold one caption and no origins; ours stands beside it.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import PurePosixPath
from typing import Any

from llamavis_studio.core.errors import LibraryError
from llamavis_studio.library.merging import (
    ORIGINS,
    SMALL_COMMA,
    CaptionSaid,
    TagSaid,
    Words,
    WordsWithOrigin,
    clean_tag,
    clean_text,
    clean_words,
)

__all__ = [
    "CaptionSaid", "SidecarError", "TagSaid", "Words", "WordsWithOrigin", "kind_of_json",
    "read_sidecar", "sidecar_names", "write_sidecar",
]  # fmt: skip

MAX_BYTES = 1 << 20  # 1 MiB
_CAPTION_KEYS = ("caption", "description", "prompt")
_TAG_KEYS = ("tags", "keywords")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CODECS = "utf-8 gb18030 latin-1"  # in the order they are tried
_KNOWN_KEYS = (*_CAPTION_KEYS, *_TAG_KEYS, "title")
_END = re.compile(r"。|\w\.[\"'”’)]*$|\w{2}[.!?…！？][\"'”’)]*\s+[A-Z]|[！？]$")
_SHOUT = re.compile(r"\w[!?][\"'”’)]*$")
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class SidecarError(LibraryError):
    """A file of words cannot be read, or not be written as asked."""


def sidecar_names(image_name: str) -> tuple[str, ...]:
    """Names that words beside `hero.png` may have, the one that says most first."""
    whole = PurePosixPath(image_name)
    stems = dict.fromkeys((str(whole.with_suffix("")), image_name))
    return tuple(stem + kind for kind in (".json", ".txt", ".caption") for stem in stems)


def read_sidecar(name: str, data: bytes) -> WordsWithOrigin:
    """The words in a sidecar's bytes; its name says of which kind it is.

    UTF-8, UTF-16 with its mark and GB18030 are told apart; the last resort is Latin-1, with a note.

    Raises:
        SidecarError: over 1 MiB, no text, broken JSON, or JSON that is no words.
    """
    kind = _kind(name)
    text, codec = _decode(name, data)
    note = "" if codec != "latin-1" else f"{name} is not UTF-8; it was read as Latin-1"
    if kind == ".json":
        return WordsWithOrigin(*_json_words(_json_object(name, text)), note)
    words = _text_words(text) if kind == ".txt" else Words(clean_text(text))
    captions = (CaptionSaid(words.caption, "imported", kind[1:]),) if words.caption else ()
    tags = tuple(TagSaid(tag, "imported", kind[1:]) for tag in words.tags)
    return WordsWithOrigin(captions, tags, note)


def write_sidecar(name: str, old: bytes | None, words: WordsWithOrigin) -> bytes:
    """The bytes of a sidecar that says `words`, as like the old bytes as can be.

    `.txt`, `.caption` and other programs' JSON hold the plain words only, `.caption` no tags.

    Raises:
        SidecarError: the old file cannot be read or is no words, or the new one is over 1 MiB.
    """
    kind, (text, codec) = _kind(name), _decode(name, old or b"")
    said = clean_words(words.plain())
    new = _new_json(name, text, words) if kind == ".json" else _new_text(kind, text, said)
    if new is None:  # nothing to change
        return old or b""
    if "\r\n" in text:
        new = new.replace("\n", "\r\n")
    data = new.encode("utf-8")
    if len(data) > MAX_BYTES:
        raise SidecarError(f"{name} would be over 1 MiB", "say less")
    try:
        styled = new.encode(codec)
        return styled if _decode(name, styled)[0] == new else data
    except UnicodeEncodeError:
        return data


def kind_of_json(data: bytes) -> str:
    """ "ours", which says who wrote what; "words" of another program; "" for a game's own data."""
    try:
        values = _json_object("", _decode("", data)[0])
    except SidecarError:
        return ""
    return "ours" if _is_ours(values) else "words" if values else ""


def _kind(name: str) -> str:
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in (".txt", ".caption", ".json"):
        raise SidecarError(f"{name} is no file of words", "they end in .txt, .caption or .json")
    return suffix


def _decode(name: str, data: bytes) -> tuple[str, str]:
    """The text, without a mark of byte order, and the codec that writes it the same way again."""
    if len(data) > MAX_BYTES:
        raise SidecarError(f"{name} is over 1 MiB", "words beside an image are short text")
    for codec in next((c for mark, c in _MARKS if data.startswith(mark)), _CODECS).split():
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        if codec != "gb18030" or _looks_chinese(text):
            return text, codec
    raise SidecarError(f"{name} is no text", "save it as UTF-8 text")


def _looks_chinese(text: str) -> bool:
    # Nearly any bytes are GB18030. In text that was meant so the characters are common ones.
    foreign = [char for char in text if char > "\x7f"]
    common = len("".join(foreign).encode("gb2312", "ignore")) // 2
    return 2 * common >= len(foreign)


def _text_words(text: str) -> Words:
    """Caption and tags of a `.txt`, by the rule in this module's docstring."""
    lines = clean_text(text).split("\n")
    body = "\n".join(lines[:-1])
    if lines[-1].startswith(","):
        return clean_words(Words(body, _split(lines[-1], ",")))
    lists = [_tags_of(line) if line.strip() else () for line in lines]
    if all(tags is not None for tags in lists):
        return clean_words(Words("", tuple(tag for tags in lists for tag in tags or ())))
    if lists[-1] is not None:
        return clean_words(Words(body, lists[-1]))
    if lists[0] is not None and all(tags is None for tags in lists[1:] if tags != ()):
        return clean_words(Words("\n".join(lines[1:]), lists[0]))
    return clean_words(Words("\n".join(lines)))


def _tags_of(line: str) -> tuple[str, ...] | None:
    divider = _divider(line)
    phrases = [phrase.strip() for phrase in line.split(divider)]
    sizes = [_size(phrase) for phrase in phrases if phrase]
    if not sizes or _END.search(line.rstrip()):
        return None
    if sizes[-1] > 3 and _SHOUT.search(line.rstrip()):
        return None
    most = 3 if len(sizes) == 1 else 4 if divider == "," else 2
    if max(sizes) > 10 or sum(sizes) > most * len(sizes):
        return None
    return _split(line, divider)


def _divider(line: str) -> str:
    if "," in line:
        return ","
    return next((mark for mark in "，、" if mark in line), ",")


def _size(phrase: str) -> float:
    """Words in a phrase; two Chinese characters count as one."""
    wide = len(_WIDE.findall(phrase))
    return wide / 2 + len(_WIDE.sub(" ", phrase).split())


def _split(line: str, divider: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in line.split(divider))


def _new_text(kind: str, text: str, words: Words) -> str | None:
    end = text[len(text.rstrip("\r\n")) :].replace("\r\n", "\n") if text.strip() else "\n"
    if kind == ".caption":
        return None if clean_text(text) == words.caption else words.caption + end
    if (before := _text_words(text)) == words:
        return None
    first = clean_text(text).split("\n")
    old_list = next((line for line in reversed(first) if _tags_of(line)), "")
    divider = _divider(old_list)
    glued = divider != "," or (divider in old_list and f"{divider} " not in old_list)
    tags = [tag.replace(",", SMALL_COMMA) for tag in words.tags]
    styled = (divider if glued else f"{divider} ").join(tags)
    forms = [f"{words.caption}\n{styled}", f"{words.caption}\n{', '.join(tags)}"]
    if len(first) > 1 and first[0] == old_list and words.caption:
        forms.insert(0, f"{styled}\n{words.caption}")
    if "\n" in clean_text(text) and not before.caption:
        forms.insert(0, "\n".join(tags))  # a tag on each line
    forms.append(f"{words.caption}\n, {', '.join(tags)}")  # the form that cannot be mistaken
    return next(form.strip() + end for form in forms if _text_words(form) == words)


def _json_object(name: str, text: str) -> dict[str, Any]:
    """The object in a JSON file; an empty file is an empty object."""
    try:
        values = json.loads(text) if text.strip() else {}
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise SidecarError(f"{name} is broken JSON at {place}: {error.msg}", "mend it") from error
    except (ValueError, RecursionError) as error:  # a number or a nesting without end
        raise SidecarError(f"{name} cannot be read as JSON", "mend it") from error
    if isinstance(values, dict):
        if "frames" in values and "meta" in values:
            raise SidecarError(f"{name} is the table of a sprite sheet", "words need another file")
        if not values or _is_ours(values) or any(key in values for key in _KNOWN_KEYS):
            return values
    raise SidecarError(f"{name} is JSON without words", "words need another file")


def _is_ours(values: dict[str, Any]) -> bool:
    return "llamavis" in values and ("captions" in values or "tags" in values)


def _json_words(values: dict[str, Any]) -> tuple[tuple[CaptionSaid, ...], tuple[TagSaid, ...]]:
    if not _is_ours(values):
        texts = [text for key in _caption_keys(values) for text in _texts(values[key])]
        tags = {tag: said for key in _TAG_KEYS for tag, said in _foreign_tags(values.get(key))}
        return (
            tuple(CaptionSaid(text, "imported", "json") for text in dict.fromkeys(texts)),
            tuple(TagSaid(tag, "imported", "json", said) for tag, said in tags.items()),
        )
    captions = ((clean_text(row["text"]), row) for row in _rows(values.get("captions"), "text"))
    names = ((clean_tag(row["name"]), row) for row in _rows(values.get("tags"), "name"))
    return (
        tuple(CaptionSaid(text, *_who(row)) for text, row in captions if text),
        tuple(TagSaid(tag, *_who(row), row.get("rejected") is True) for tag, row in names if tag),
    )


def _rows(values: object, key: str) -> list[dict[str, Any]]:
    """A list's objects that have a text under `key`; a bare text stands for such an object."""
    if not isinstance(values, list):
        return []
    rows = ({key: row} if isinstance(row, str) else row for row in values)
    return [row for row in rows if isinstance(row, dict) and isinstance(row.get(key), str)]


def _who(row: dict[str, Any]) -> tuple[str, str, float | None]:
    origin, source = row.get("origin"), row.get("source")
    return (
        origin if isinstance(origin, str) and origin in ORIGINS else "imported",
        clean_text(source) if isinstance(source, str) else "json",
        _confidence(row.get("confidence")),
    )


def _confidence(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= 1 and math.isfinite(value) else None


def _caption_keys(values: dict[str, Any]) -> list[str]:
    found = [key for key in _CAPTION_KEYS if isinstance(values.get(key), str | list)]
    return found or (["title"] if isinstance(values.get("title"), str) else [])


def _texts(value: object) -> list[str]:
    texts = value if isinstance(value, list) else [value]
    return [clean for text in texts if isinstance(text, str) and (clean := clean_text(text))]


def _foreign_tags(value: object) -> list[tuple[str, float | None]]:
    if isinstance(value, str):
        found: list[tuple[str, float | None]] = [
            (tag, None) for tag in _split(value, _divider(value))
        ]
    elif isinstance(value, dict):  # taggers write how sure they are of each
        found = [(tag, _confidence(said)) for tag, said in value.items()]
    else:
        found = [(row["name"], _confidence(row.get("confidence"))) for row in _rows(value, "name")]
    return [(clean, said) for tag, said in found if (clean := clean_tag(tag))]


def _new_json(name: str, text: str, words: WordsWithOrigin) -> str | None:
    values = _json_object(name, text)
    before = WordsWithOrigin(*_json_words(values))
    if values and not _is_ours(values):
        old, new = before.plain(), clean_words(words.plain())
        if old == new:
            return None
        if old.caption != new.caption:
            _put_caption(values, new.caption)
        if old.tags != new.tags:
            _put_tags(values, new.tags)
        return _dumped(values, text)
    if before == words:
        return None
    rows = {row["text"]: row for row in _rows(values.get("captions"), "text")}
    tag_rows = {row["name"]: row for row in _rows(values.get("tags"), "name")}
    values.setdefault("llamavis", 1)
    values["captions"] = [
        _row(rows.get(said.text, {}), "text", clean, said)
        for said in words.captions
        if (clean := clean_text(said.text))
    ]
    values["tags"] = [
        _row(tag_rows.get(said.name, {}), "name", clean, said, said.rejected)
        for said in words.tags
        if (clean := clean_tag(said.name))
    ]
    return _dumped(values, text)


def _row(
    old: dict[str, Any], key: str, text: str, said: CaptionSaid | TagSaid, rejected: bool = False
) -> dict[str, Any]:
    row = {**old, key: text, "origin": said.origin, "source": clean_text(said.source)}
    for extra, value in (("confidence", said.confidence), ("rejected", rejected or None)):
        row.pop(extra, None)
        if value is not None:
            row[extra] = value
    return row


def _put_caption(values: dict[str, Any], caption: str) -> None:
    keys = _caption_keys(values)
    told = [key for key in keys if _texts(values[key])] or keys
    if not caption:
        values.update(dict.fromkeys(told, ""))
        return
    key = told[0] if told and told[0] != "title" else "caption"
    value = values.get(key)
    values[key] = [caption, *value[1:]] if isinstance(value, list) else caption


def _put_tags(values: dict[str, Any], tags: tuple[str, ...]) -> None:
    keys = [key for key in _TAG_KEYS if isinstance(values.get(key), str | list | dict)] or ["tags"]
    kept: set[str] = set()
    for key in keys[1:]:
        mine = [tag for tag, _ in _foreign_tags(values[key]) if tag in tags]
        values[key] = _shaped(values[key], mine)
        kept.update(mine)
    values[keys[0]] = _shaped(values.get(keys[0]), [tag for tag in tags if tag not in kept])


def _shaped(value: object, tags: list[str]) -> object:
    """Tags as the file had them: one text, a table of how sure, objects, or a list of texts."""
    if isinstance(value, str):
        tags = [tag.replace(",", SMALL_COMMA) for tag in tags]
        line = (f"{mark} " if (mark := _divider(value)) == "," else mark).join(tags)
        read_back = [tag for tag, _ in _foreign_tags(line)]
        return line if read_back == [clean_tag(tag) for tag in tags] else ", ".join(tags) + ","
    if isinstance(value, dict):
        sure = {clean_tag(tag): said for tag, said in value.items()}
        return {tag: sure.get(tag, 1.0) for tag in tags}
    rows = value if isinstance(value, list) else []
    known = {clean_tag(row["name"]): raw for raw in rows for row in _rows([raw], "name")}
    objects = any(isinstance(row, dict) for row in rows)
    return [known.get(tag, {"name": tag} if objects else tag) for tag in tags]


def _dumped(values: dict[str, Any], old: str) -> str:
    """JSON text, indented and spaced as the old text was."""
    indent: int | str | None = 2
    between = ": "
    if match := re.match(r"\s*\{(\r?\n)?([ \t]*)\"(?:[^\"\\]|\\.)*\"\s*:( ?)", old):
        indent, between = (match[2] if match[1] else None), ":" + match[3]
    comma = "," if indent is not None or between == ":" else ", "
    ascii_only = old.isascii() and "\\u" in old
    end = old[len(old.rstrip()) :].replace("\r\n", "\n") if old.strip() else "\n"
    # Half a surrogate pair, which JSON may hold, can only be written as an escape.
    text = json.dumps(values, ensure_ascii=False, indent=indent, separators=(comma, between))
    if ascii_only or re.search("[\ud800-\udfff]", text):
        text = json.dumps(values, indent=indent, separators=(comma, between))
    return text + end
