"""Tag names in one form, and the words that file and folder names are made of."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

MOST_TAG = 200  # characters
_SPACES = re.compile(r"\s+")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")
# Words that say where a file belongs, not what it shows.
_EMPTY = frozenset(
    "a an and art asset assets copy file final for frame frames game gfx graphics image images img "
    "in new of old on out pack png res resources sprite sprites src test texture textures the to "
    "untitled with".split()
)


@lru_cache(maxsize=1 << 14)
def folded_tag(name: str) -> str:
    """A tag as the library keeps it: NFC, lower case, single spaces, `_` as a space.

    Empty for a name that says nothing.
    """
    text = unicodedata.normalize("NFC", name.replace("_", " ")).lower()
    return _SPACES.sub(" ", text).strip(" ,;")[:MOST_TAG]


@lru_cache(maxsize=4096)
def words_of_name(name: str) -> tuple[str, ...]:
    """The words of one file or folder name that may say what is shown: `OldKnight_02` -> knight."""
    words = (word.lower() for word in _WORDS.findall(name))
    return tuple(
        dict.fromkeys(w for w in words if w not in _EMPTY and (len(w) > 1 or w > "\u2e80"))
    )


def words_of_path(relative: str) -> tuple[str, ...]:
    """The words of a file's name, then those of its folders, without repeats."""
    folders, _, file = relative.rpartition("/")
    stem = file.rpartition(".")[0] or file
    return tuple(dict.fromkeys(words_of_name(stem) + _words_of_folders(folders)))


@lru_cache(maxsize=4096)
def _words_of_folders(folders: str) -> tuple[str, ...]:
    return tuple(word for folder in folders.split("/") for word in words_of_name(folder))


def shown(path: str) -> str:
    """A path that any terminal and any JSON reader can take: bytes that are no text as `\\xff`."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
