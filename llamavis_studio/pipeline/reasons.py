"""Why an image is stale, in words: which word changed, or which of the other things that decide it.

Works on the mappings that were hashed into build keys: the one in the image's provenance and the
one of today.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any

# A word, one Chinese character (there are no spaces to count by), or one mark of punctuation.
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"[{_HAN}]|[^\W{_HAN}]+(?:['\u2019-][^\W{_HAN}]+)*|[^\w\s]")
_MOST_CHANGES = 3
_LONGEST_QUOTE = 60

_PLAIN = (
    ("negative", "the negative prompt changed"),
    ("palette", "palette changed"),
    ("references", "reference images changed"),
    ("adapter", "the style's adapter changed"),
    ("ground", "the words about the background changed"),
    ("gloss", "the dictionary for Chinese words changed"),
    ("drawn", "the size it is drawn at changed"),
    ("kind", "kind changed"),
    ("size", "size changed"),
    ("seed", "seed changed"),
    ("tileable", "tiling changed"),
    ("transparent", "transparency changed"),
    ("filters", "filters changed"),
    ("made_from", "the image it is made from changed"),
    ("making", "the way it is made from its image changed"),
)
_SHOWN = ("kind", "size", "seed")


def why_stale(old: Mapping[str, Any], new: Mapping[str, Any], description: str) -> str:
    """What differs between two sets of key parts, most telling first, joined by semicolons.

    `description` is the asset's own words today; what else the prompt holds comes from its style.
    """
    reasons = word_changes(str(old.get("prompt", "")), str(new.get("prompt", "")), description)
    for key, words in _PLAIN:
        if old.get(key) == new.get(key):
            continue
        if key in _SHOWN:
            reasons.append(f"{words}: {_value(old.get(key))} -> {_value(new.get(key))}")
        else:
            reasons.append(words)
    reasons += _backend_changes(old.get("backend"), new.get("backend"))
    if old.get("sampling") != new.get("sampling"):
        reasons.append("sampling settings changed")
    if not reasons:
        reasons.append("the way images are built changed")
    return "; ".join(reasons)


def word_changes(old: str, new: str, description: str = "") -> list[str]:
    """The differences of two prompts as phrases such as: word 3 of the description changed ...

    Words are counted inside `description` where the new prompt contains it; a Chinese character
    counts as a word, punctuation as none.
    """
    if old == new:
        return []
    old_tokens, new_tokens = _TOKEN.findall(old), _TOKEN.findall(new)
    own = _TOKEN.findall(description) or new_tokens
    start = _find(own, new_tokens)
    stop = start + len(own)
    phrases: list[str] = []
    style = False
    matcher = difflib.SequenceMatcher(None, old_tokens, new_tokens, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            continue
        inside = j1 < stop and j2 > start if j2 > j1 else start <= j1 <= stop
        if not inside:
            style = True
            continue
        gone, come = old_tokens[i1:i2], new_tokens[j1:j2]
        if not any(map(_is_word, gone + come)):
            phrases.append("punctuation of the description changed")
            continue
        first = 1 + sum(map(_is_word, new_tokens[start:j1]))
        phrases.append(_phrase(first, gone, come))
    phrases = list(dict.fromkeys(phrases))
    if len(phrases) > _MOST_CHANGES:
        phrases = [*phrases[:_MOST_CHANGES], f"{len(phrases) - _MOST_CHANGES} more word changes"]
    if style:
        phrases.append("the style's words changed")
    return phrases or ["spacing of the description changed"]


def words_of(text: str) -> list[str]:
    """The words of a text; a Chinese character counts as one, punctuation as none."""
    return [token for token in _TOKEN.findall(text) if _is_word(token)]


def _phrase(first: int, gone: list[str], come: list[str]) -> str:
    count = sum(map(_is_word, come or gone))
    place = f"word {first}" if count < 2 else f"words {first}-{first + count - 1}"
    verb = "was" if count < 2 else "were"
    if not come:
        return f"{place} of the description {verb} removed: {_quote(gone)}"
    if not gone:
        return f"{place} of the description {verb} added: {_quote(come)}"
    return f"{place} of the description changed: {_quote(gone)} -> {_quote(come)}"


def _quote(tokens: list[str]) -> str:
    text = ""
    for token in tokens:
        tight = not text or not _is_word(token) or (_is_han(token) and _is_han(text[-1]))
        text += token if tight else f" {token}"
    if len(text) > _LONGEST_QUOTE:
        text = text[: _LONGEST_QUOTE - 3] + "..."
    return f"'{text}'"


def _find(part: list[str], whole: list[str]) -> int:
    for start in range(len(whole) - len(part) + 1):
        if whole[start : start + len(part)] == part:
            return start
    return 0


def _is_word(token: str) -> bool:
    return token[0].isalnum() or token[0] == "_"


def _is_han(character: str) -> bool:
    return re.match(f"[{_HAN}]", character) is not None


def _backend_changes(old: Any, new: Any) -> list[str]:
    if old == new:
        return []
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return ["backend changed"]
    if old.get("name") != new.get("name"):
        return [f"backend changed: {old.get('name')} -> {new.get('name')}"]
    return ["model revision changed"]


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "x".join(str(part) for part in value)
    return str(value)
