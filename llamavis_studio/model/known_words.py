"""English words that mean nothing to the model, so that a user hears of a typing mistake.

A word is unknown when the text encoder has to spell it from three pieces or more, no training
picture's name has it, and no gloss of the Chinese dictionary does: MiniLM makes something even of
``blorpity``, but nothing that anybody meant.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from llamavis_studio.model.gloss import default_folder
from llamavis_studio.model.text_encoder import TextEncoder

LEAST_PIECES = 3
_WORD = re.compile(r"[a-z]+")


def unknown_english(text: str, encoder: TextEncoder, taught: Iterable[str] = ()) -> tuple[str, ...]:
    """The words of an English prompt that nothing is known of, in order, without repeats.

    ``taught`` are texts whose words are known, such as the names of training pictures; they and the
    dictionary are looked at only for words that are suspicious by their spelling.
    """
    suspects = [
        word
        for word in dict.fromkeys(_WORD.findall(text.lower()))
        if len(encoder.tokenizer.encode(word, add_special_tokens=False).tokens) >= LEAST_PIECES
    ]
    if not suspects:
        return ()
    known = {word for line in taught for word in _WORD.findall(line.lower())}
    known |= _dictionary_words(str(default_folder()))
    return tuple(word for word in suspects if not {word, *_singulars(word)} & known)


def _singulars(word: str) -> set[str]:
    """What a plural may be of."""
    found = {word[: -len(end)] for end in ("s", "es", "ed", "ing", "y") if word.endswith(end)}
    if word.endswith("ies"):
        found.add(f"{word[:-3]}y")
    return found - {""}


@cache
def _dictionary_words(folder: str) -> frozenset[str]:
    """Every English word of the glosses of CC-CEDICT."""
    with gzip.open(Path(folder) / "cedict.tsv.gz", "rt", encoding="utf-8") as file:
        return frozenset(_WORD.findall(file.read().lower()))
