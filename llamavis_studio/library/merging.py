"""The words of an image as values, and the three-way merge of words that changed in two places.

`base` is what both sides last agreed on, `ours` what the library says, `theirs` what the file says
now. A side that did not change yields to the one that did. When both did:

- tags, compared letter by letter: what either side added is there, what either side removed is
  gone. Their order first, then what only we added, in our order. A tag that one side removed and
  the other merely kept is gone; nobody can "keep harder".
- captions: equal ones agree. One that was emptied yields to one that was rewritten, for a removal
  is easily said again and a sentence is not. Two that were rewritten differently are a conflict:
  ours stays the caption, theirs is handed back beside it, and nothing is lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field

ORIGINS = ("human", "imported", "model")
"""Who said it, the most trusted first."""


SMALL_COMMA = "\ufe50"
"""Stands for a comma inside a tag where commas divide tags."""


@dataclass(frozen=True)
class Words:
    """A caption and tags, whoever said them."""

    caption: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class CaptionSaid:
    """A caption, and who said it: origin "human", "model" or "imported"; confidence 0 to 1."""

    text: str
    origin: str
    source: str
    confidence: float | None = None


@dataclass(frozen=True)
class TagSaid:
    """A tag, and who said it; a rejected one is kept so that no model suggests it again."""

    name: str
    origin: str
    source: str
    confidence: float | None = None
    rejected: bool = False


@dataclass(frozen=True)
class WordsWithOrigin:
    """All that is said about an image. `note` says what was doubtful in reading it."""

    captions: tuple[CaptionSaid, ...] = ()
    tags: tuple[TagSaid, ...] = ()
    note: str = field(default="", compare=False)

    def plain(self) -> Words:
        """The most trusted caption, the first of equals, and the tags that nobody rejected."""
        best = sorted(self.captions, key=lambda said: ORIGINS.index(said.origin))
        tags = (said.name for said in self.tags if not said.rejected)
        return Words(best[0].text if best else "", tuple(dict.fromkeys(tags)))


def clean_text(text: str) -> str:
    """As a file can hold it: newlines as `\\n`, nothing unwritable, no white space around."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").replace("\ufeff", "")
    return text.encode("utf-8", "replace").decode("utf-8").strip()


def clean_tag(tag: str) -> str:
    """A tag on one line, with plain commas."""
    lines = (line.strip() for line in clean_text(tag.replace(SMALL_COMMA, ",")).split("\n"))
    return " ".join(line for line in lines if line)


def clean_words(words: Words) -> Words:
    """Both cleaned, each tag once, none empty."""
    tags = dict.fromkeys(clean_tag(tag) for tag in words.tags)
    return Words(clean_text(words.caption), tuple(tag for tag in tags if tag))


@dataclass(frozen=True)
class Merged:
    """The words after a merge; `conflict` is empty, or says both captions in a sentence."""

    words: Words
    conflict: str = ""
    other_caption: str = ""


def merge(base: Words, ours: Words, theirs: Words) -> Merged:
    """One value from two that went different ways since `base`."""
    tags = _merged_tags(base.tags, ours.tags, theirs.tags)
    caption = _one_caption(base.caption, ours.caption, theirs.caption)
    if caption is not None:
        return Merged(Words(caption, tags))
    conflict = (
        f"the caption was changed in both places: here '{ours.caption}', "
        f"in the file '{theirs.caption}'"
    )
    return Merged(Words(ours.caption, tags), conflict, theirs.caption)


def _one_caption(base: str, ours: str, theirs: str) -> str | None:
    if ours == theirs or theirs == base:
        return ours
    if ours == base:
        return theirs
    if not ours or not theirs:
        return ours or theirs
    return None


def _merged_tags(
    base: tuple[str, ...], ours: tuple[str, ...], theirs: tuple[str, ...]
) -> tuple[str, ...]:
    if ours == theirs or theirs == base:
        return ours
    if ours == base:
        return theirs
    before, here, there = set(base), set(ours), set(theirs)
    kept = [tag for tag in theirs if tag in here or tag not in before]
    kept += [tag for tag in ours if tag not in there and tag not in before]
    return tuple(dict.fromkeys(kept))
