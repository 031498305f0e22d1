"""Errors, hints and reasons of the lower layers in the language of the window.

They are raised in English, with names, numbers and other errors' texts filled in, and the command
line and the log keep them so. Here a text is matched against the templates of
`resources/i18n/messages_zh.json`; what is filled in is put into the translation, itself translated
where it is a message too. What no template fits stays English.

`python packaging/translations.py` brings the catalogue to what the sources say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from PySide6.QtCore import QCoreApplication

from llamavis_studio.core.resources import resource_path

_SLOT = re.compile(r"(?<!\{)\{(\d+)\}(?!\})|(?<=\{\{)\{(\d+)\}(?=\}\})")
_DEEPEST = 5  # errors inside errors
_KEPT = 4096  # texts whose translation is remembered
_WORD = re.compile(r"(?<!\S)[a-z]{2,}(?!\S)")
_OPENING, _CLOSING = re.compile(r"(?<!\w)'(?=\S)"), re.compile(r"(?<=\S)'(?!\w)")
_ENDING = re.compile(r"\.\w{1,12}$")
_WEAK = 12  # letters; a template with fewer fits too much to be trusted with foreign sentences
_BETWEEN = ("\n", "; ", ": ")
_ONLY_WHOLE = (". ", ", ")  # where one part is unknown, they may be inside a name
_MOST_PARTS = 12
_HAN = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef\u201c\u201d]")


def said(text: str) -> str:
    """A message, hint or reason in the language of the window.

    >>> said("the description is empty")  # in a Chinese window
    '描述是空的'
    """
    language = QCoreApplication.translate("Messages", "en", "the language of error messages")
    return text if language == "en" or not text else catalogue(language).said(text)


@lru_cache(maxsize=2)
def catalogue(language: str) -> Catalogue:
    """The messages in a language, read at its first one."""
    path = resource_path("i18n", f"messages_{language}.json")
    return Catalogue(json.loads(path.read_text("utf-8")))


class Catalogue:
    """Templates of one language, the most telling first; `tables` are those of the file."""

    def __init__(self, tables: Mapping[str, Mapping[str, str]]) -> None:
        self._fixed: dict[str, str] = {}
        self._templates: list[_Template] = []
        self._remembered: dict[str, str] = {}
        for table in tables.values():
            for text, translation in table.items():
                if not translation:
                    continue
                if _SLOT.search(text):
                    self._templates.append(_Template(text, translation))
                else:
                    self._fixed[_braces(text)] = _braces(translation)
        # What begins with a name comes last: anything can stand there.
        self._templates.sort(key=lambda one: (one.starts_open, -one.letters, -one.length))

    def said(self, text: str) -> str:
        """A text in this language; as it is where no template fits."""
        found = self._remembered.get(text)
        if found is None:
            if len(self._remembered) >= _KEPT:
                self._remembered.clear()
            found = self._remembered[text] = self._find(text, 0) or text
        return found

    def _find(self, text: str, depth: int) -> str | None:
        """The translation, or None where nothing of the text is known."""
        if text in self._fixed:
            return self._fixed[text]
        if depth > _DEEPEST:
            return None
        strong = (one for one in self._templates if one.letters >= _WEAK)
        weak = (one for one in self._templates if one.letters < _WEAK)
        return (
            self._split(text, ". ", depth)
            or self._fitting(strong, text, depth)
            or next(filter(None, (self._split(text, mark, depth) for mark in _BETWEEN)), None)
            or self._split(text, ", ", depth)
            or self._fitting(weak, text, depth)
        )

    def _fitting(self, templates: Iterator[_Template], text: str, depth: int) -> str | None:
        for one in templates:
            values = one.match(text)
            if values is None:
                continue
            told = [
                value if quoted else self._find(value, depth + 1)
                for value, quoted in zip(values, one.quoted, strict=True)
            ]
            pairs = list(zip(values, told, one.free, strict=True))
            is_foreign = any(_is_foreign(value) for value, new, free in pairs if not (new or free))
            if one.letters >= _WEAK or not is_foreign:
                return one.filled([new or _requoted(value) for value, new, _free in pairs])
        return None

    def _split(self, text: str, mark: str, depth: int) -> str | None:
        """A text of several behind each other, such as a place and what is wrong there: where all
        of it is known, else where a part is.
        """
        places = [place.span() for place in re.finditer(re.escape(mark), text)][:_MOST_PARTS]
        partly = None
        for start, end in places:
            before, after = text[:start], text[end:]
            if _is_quoting(before):
                continue
            first, second = self._find(before, _DEEPEST), self._find(after, depth + 1)
            told = self._fixed.get(mark, mark).join(
                (first or _requoted(before), second or _requoted(after))
            )
            if first and second:
                return told
            if (first or second) and partly is None and mark not in _ONLY_WHOLE:
                partly = told
        return partly


def _is_quoting(text: str) -> bool:
    """Whether a quotation is open at the end of a text: what follows belongs to a name."""
    return len(_OPENING.findall(text)) > len(_CLOSING.findall(text))


def _is_foreign(value: str) -> bool:
    """Whether it reads as words, not as a name, a number, a path or a quotation."""
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return False
    return " " in value and bool(_WORD.search(value)) and not _ENDING.search(value)


def _requoted(value: str) -> str:
    """A quoted name in the quotes of Chinese."""
    is_quoted = len(value) > 2 and value[0] == value[-1] == "'" and "'" not in value[1:-1]
    return f"\u201c{value[1:-1]}\u201d" if is_quoted else value


class _Template:
    """A template and its translation; `letters` says how telling it is, `quoted` which slots stand
    between quotes: names, which stay as they are; `free` are those that any words may stand in.
    """

    def __init__(self, text: str, translation: str) -> None:
        slots = list(_SLOT.finditer(text))
        fixed = [_braces(part) for part in _parts(text)]
        self.letters = sum(character.isalpha() for part in fixed for character in part)
        self.quoted = [
            text[slot.start() - 1 : slot.start()] == "'" == text[slot.end() : slot.end() + 1]
            for slot in slots
        ]
        self.free = [part.endswith((": ", " (")) for part in fixed[:-1]]
        self._places = [int(one[1] or one[2]) for one in _SLOT.finditer(translation)]
        self._translation = [_braces(part) for part in _parts(translation)]
        self.length = sum(map(len, fixed))
        self.starts_open = not fixed[0]
        self._longest = max(fixed, key=len)
        self._fixed = fixed
        self._pattern: re.Pattern[str] | None = None

    def match(self, text: str) -> list[str] | None:
        """What stands in the slots, or None. A slot at the start is a name, never a sentence of
        its own with a colon behind it.
        """
        if self._longest not in text or not text.startswith(self._fixed[0]):
            return None
        if self._pattern is None:  # most are never needed
            pattern = re.escape(self._fixed[0])
            for quoted, part in zip(self.quoted, self._fixed[1:], strict=True):
                pattern += f"({'.*?' if quoted else '.+?'}){re.escape(part)}"
            self._pattern = re.compile(pattern, re.DOTALL)
        found = self._pattern.fullmatch(text)
        if found is None:
            return None
        first = found[1]
        if self.starts_open and (": " in first or "; " in first or "\n" in first):
            return None
        return list(found.groups())

    def filled(self, values: list[str]) -> str:
        """The translation with these in its slots."""
        told = self._translation[0]
        for place, part in zip(self._places, self._translation[1:], strict=True):
            told = _beside(_beside(told, values[place]), part)
        return told


def _beside(left: str, right: str) -> str:
    """Two texts behind each other, spaced as Chinese is: a space between its characters and Latin
    ones, none between its own.
    """
    before, after = left.rstrip(" ")[-1:], right.lstrip(" ")[:1]
    if not before or not after:
        return left + right
    if _HAN.match(before) and _HAN.match(after):
        return left.rstrip(" ") + right.lstrip(" ")
    is_tight = left[-1] != " " != right[0]
    letters = (before, after)
    if is_tight and any(map(_is_ideograph, letters)) and any(map(_is_latin, letters)):
        return f"{left} {right}"
    return left + right


def _is_ideograph(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff"


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _parts(text: str) -> list[str]:
    """What stands between the slots of a template."""
    ends = [0]
    for slot in _SLOT.finditer(text):
        ends += slot.span()
    ends.append(len(text))
    return [text[ends[i] : ends[i + 1]] for i in range(0, len(ends), 2)]


def _braces(text: str) -> str:
    return text.replace("{{", "{").replace("}}", "}")
