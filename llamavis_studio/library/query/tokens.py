"""Words as the index has them: the same folding for what is stored and for what is searched.

NFKC -> runs of letters, digits, `_` and `-` -> pieces (camelCase, letter/digit borders, each
Chinese, Japanese or Korean character apart) -> lower case. After all pieces the unsplit runs
follow, so that `knightred` finds `knight_red`, and phrases still find the pieces side by side.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Han with radicals and numerals, kana, bopomofo, Hangul; the dot between names is punctuation.
CJK = (
    "\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303b\u3041-\u3096"
    "\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u3131-\u318e\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97c\uac00-\ud7ff\uf900-\ufaff\U00020000-\U000323af"
)
_RUN = re.compile(r"[^\W_]+(?:[_-]+[^\W_]+)*")
_CJK = re.compile(f"([{CJK}])")
_LOWER, _UPPER = "a-zß-öø-ÿ", "A-ZÀ-ÖØ-Þ"
_BORDER = re.compile(
    rf"(?<=[{_LOWER}])(?=[{_UPPER}])|(?<=[{_UPPER}])(?=[{_UPPER}][{_LOWER}])"
    r"|(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)|[_-]+"
)
_LONGEST_UNSPLIT = 40
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def indexed_text(text: str) -> str:
    """The pieces of a text with spaces between, then its unsplit words: what the table `words`
    holds, and what a query asks it for.

    `KnightRed_2 石墙` gives `knight red 2 石 墙 knightred2`.
    """
    pieces, unsplit = _fold(text)
    return " ".join(pieces + unsplit)


def pieces_of(text: str) -> tuple[str, ...]:
    """The pieces alone, in the order of the text."""
    return tuple(_fold(text)[0])


def unsplit_of(text: str) -> str:
    """The unsplit word when the text is one word of several pieces, else an empty text."""
    pieces, unsplit = _fold(text)
    return unsplit[0] if len(unsplit) == 1 and unsplit[0] == "".join(pieces) else ""


def is_cjk(piece: str) -> bool:
    """Whether a piece is a character that stands alone, as Chinese ones do."""
    return len(piece) == 1 and _CJK.match(piece) is not None


def part_text(text: str) -> str:
    """A text as the table `parts` holds it and is asked for it: composed as people type it, lower
    case, nothing that cannot be stored.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return storable(text.lower())


def storable(text: str) -> str:
    """The text with NUL and lone surrogates, which SQLite takes no text with, as U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def _fold(text: str) -> tuple[list[str], list[str]]:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    pieces: list[str] = []
    unsplit: list[str] = []
    for run in _RUN.findall(text):
        here, whole = _fold_run(run)
        pieces += here
        if whole:
            unsplit.append(whole)
    return pieces, unsplit


@lru_cache(maxsize=1 << 14)
def _fold_run(run: str) -> tuple[tuple[str, ...], str]:
    """A run's pieces, and its unsplit word where it has one."""
    spaced = _BORDER.sub(" ", run)
    apart = spaced if spaced.isascii() else _CJK.sub(r" \1 ", spaced)
    here = tuple(apart.lower().split())
    whole = len(here) > 1 and len(run) <= _LONGEST_UNSPLIT and apart == spaced
    return here, "".join(here) if whole else ""
