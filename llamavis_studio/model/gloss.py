"""Chinese prompts to English words, offline: ``日落海滩`` -> ``sunset beach``.

The order of events: characters are turned from traditional to simplified, runs of Chinese are cut
into words by jieba, each word gets one gloss (``art.toml`` first, then the table made from
CC-CEDICT), and a few rules of ``art.toml`` put the words into English order: what is worn or held,
and where something is, goes behind its noun. Whatever is not Chinese stays as it was written.

The tables are read when the first Chinese text comes.
"""

from __future__ import annotations

import gzip
import re
import tomllib
import warnings
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

HAN = re.compile(r"[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]+")
MARKS = {
    **dict.fromkeys("，、；：", ","),
    **dict.fromkeys("。！？", "."),
    **dict.fromkeys("“”‘’「」《》【】（）·…　", " "),
}
PHRASE_END = re.compile(r"[,.;:!?()\n]")
LONGEST_WORD = 8  # characters; the table holds no longer ones
ART_FREQUENCY = 30_000  # so that jieba keeps a word of art.toml whole

NUMBERS = {"一": "", "两": "two", "二": "two", "三": "three", "四": "four", "五": "five"}
NUMBERS |= {"六": "six", "七": "seven", "八": "eight", "九": "nine", "十": "ten", "几": "several"}


@dataclass(frozen=True)
class Gloss:
    """A prompt in English, and how it came about.

    pairs: each Chinese word as it was written, with its English; "" for a word left out.
    unknown: the Chinese words no gloss was found for, in order.
    """

    english: str
    original: str
    pairs: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Word:
    """One word in its phrase: simplified Chinese ("" when it was English) and its gloss.

    many: it says that the noun after it is more than one.
    """

    han: str
    english: str
    known: bool = True
    many: bool = False


def gloss(text: str) -> Gloss:
    """English words for a prompt that may hold Chinese.

    >>> gloss("穿着红袍的法师").english
    'mage wearing red robe'
    >>> gloss("mossy stone wall").english
    'mossy stone wall'

    Text without Chinese characters passes through untouched and loads nothing. When not one word
    is known the text itself is the answer, so that a prompt is never empty.
    """
    if not HAN.search(text):
        return Gloss(text, text)
    dictionary = _dictionary(str(default_folder()))
    pairs: list[tuple[str, str]] = []
    unknown: list[str] = []
    pieces: list[str] = []
    phrase: list[_Word] = []

    def end_phrase(mark: str = "") -> None:
        words = dictionary.counted_nouns(dictionary.in_order(phrase))
        pieces.extend(word.english for word in words if word.english)
        if mark.strip():
            pieces.append(mark)
        phrase.clear()

    for run in _runs(text):
        if HAN.match(run):
            start = 0
            for word in dictionary.words(dictionary.simplify(run)):
                written = run[start : start + len(word.han)]
                start += len(word.han)
                pairs.append((written, word.english))
                if not word.known:
                    unknown.append(written)
                phrase.append(word)
        elif run in MARKS:
            end_phrase(MARKS[run])
        elif run.strip():
            phrase.append(_Word("", run.strip()))
            if PHRASE_END.search(run):
                end_phrase()
    end_phrase()
    english = re.sub(r"\s+([,.;:!?])", r"\1", " ".join(pieces)).strip(" ,.")
    return Gloss(english or text, text, tuple(pairs), tuple(unknown))


def default_folder() -> Path:
    """Where the tables lie: inside the installed package, or in the source tree's ``resources``."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "_resources" / "gloss"
    return inside if inside.is_dir() else package.parent / "resources" / "gloss"


def _runs(text: str) -> list[str]:
    """Runs of Chinese characters, single Chinese punctuation marks, and the text between them."""
    marks = re.escape("".join(MARKS))
    han = HAN.pattern
    return re.findall(rf"{han}|[{marks}]|[^{marks}{han[1:-2]}]+", text)


def plural(noun: str) -> str:
    """More than one of an English noun; words that already end in s stay."""
    irregular = {"man": "men", "wolf": "wolves", "leaf": "leaves", "knife": "knives"}
    irregular |= {"tooth": "teeth", "foot": "feet", "mouse": "mice", "elf": "elves"}
    for one, more in irregular.items():
        if noun.endswith(one) and not noun.endswith("human"):
            return noun.removesuffix(one) + more
    if noun.endswith(("fish", "sheep", "deer")) or (noun[-1:] == "s" and noun[-2:] != "ss"):
        return noun
    if noun.endswith(("ch", "sh", "x", "ss")):
        return noun + "es"
    return noun[:-1] + "ies" if re.search("[^aeiou]y$", noun) else noun + "s"


@cache
def _dictionary(folder: str) -> _Dictionary:
    return _Dictionary(Path(folder))


class _Dictionary:
    """The two tables, the segmenter that knows their words, and the grammar of ``art.toml``."""

    def __init__(self, folder: Path) -> None:
        art = tomllib.loads((folder / "art.toml").read_text(encoding="utf-8"))
        grammar: dict[str, Any] = art.pop("grammar")
        self.amount: dict[str, str] = grammar["amount"]
        self.clause: dict[str, str] = grammar["clause"]
        self.place: dict[str, str] = grammar["place"]
        art["colours"] = _shades(art["colours"], grammar["tone"]) | art["colours"]
        self.gathers = set(grammar["gathers"])
        self.breaks = {*self.clause, *self.place, "和", "与", "跟", "及", "以及", "或", "或者"}
        self.substances = set(art["materials"])
        self.describing = set(art["colours"]) | set(art["adjectives"])
        count = rf"([{''.join(NUMBERS)}])([{''.join(grammar['measure'])}{''.join(self.amount)}])"
        self.counted = re.compile(count + r"(?=.)")

        table = gzip.decompress((folder / "cedict.tsv.gz").read_bytes()).decode("utf-8")
        header, *lines = table.rstrip("\n").split("\n")
        self.to_simplified = str.maketrans(*header.split("\t"))
        self.glosses: dict[str, str] = {}
        frequencies: dict[str, int] = {}
        for line in lines:
            word, frequency, english = line.split("\t")
            self.glosses[word] = english
            frequencies[word] = int(frequency)
        self.silent = set(grammar["drop"])
        for words in (*art.values(), self.clause, self.place, dict.fromkeys(self.silent, "")):
            self.glosses |= words
            for word in words:
                known = frequencies.get(word, 0)
                frequencies[word] = max(known, ART_FREQUENCY) if len(word) > 1 else known or 100
        self._segmenter = _segmenter(frequencies)

    def simplify(self, run: str) -> str:
        """Traditional characters turned into simplified ones, one for one."""
        return run.translate(self.to_simplified)

    def words(self, run: str) -> list[_Word]:
        """A run of simplified characters cut into words; "" is the gloss of an unknown one."""
        words: list[_Word] = []
        start = 0
        for match in self.counted.finditer(run):
            words += self._cut(run[start : match.start()])
            if words and words[-1].han == "画":  # 画一只猫 asks for a cat, not for a painting
                words[-1] = _Word("画", "")
            number, measure = match.groups()
            count, amount = NUMBERS[number], self.amount.get(measure, "")
            several = bool(count)
            if amount and several:
                noun, of = amount.split(" ")
                amount = f"{plural(noun)} {of}"
            many = measure in self.gathers if amount else several
            words.append(_Word(match.group(), f"{count} {amount}".strip(), many=many))
            start = match.end()
        return words + self._cut(run[start:])

    def _cut(self, run: str) -> list[_Word]:
        cut = self._segmenter.cut(run, HMM=False) if run else ()
        return [_Word(word, self.glosses.get(word, ""), word in self.glosses) for word in cut]

    def in_order(self, phrase: list[_Word]) -> list[_Word]:
        """The words of one phrase in English order.

        The last 的 splits a phrase into what describes and what is described. A clause in front
        (穿着 X 的 Y, X 上的 Y) goes behind its noun; plain adjectives stay where they are.
        """
        phrase = self._with_places(phrase)
        last = next((i for i in reversed(range(len(phrase))) if phrase[i].han == "的"), None)
        if last is None or last + 1 == len(phrase):
            return phrase
        before, noun = phrase[:last], phrase[last + 1 :]
        verb = next((i for i, word in enumerate(before) if word.han in self.clause), None)
        if verb is not None:
            end = self._clause_end(before, verb)
            return before[:verb] + before[end:] + noun + before[verb:end]
        if before and before[-1].han in self.place:
            return [*noun, before[-1], *before[:-1]]
        return before + noun

    def counted_nouns(self, words: list[_Word]) -> list[_Word]:
        """Nouns after a number in the plural: the last word before a clause, a place or "and"."""
        words = [word for word in words if word.english]
        for start in [i for i, word in enumerate(words) if word.many]:
            end = start + 1
            while end < len(words) and words[end].han not in self.breaks:
                end += 1
            noun = words[end - 1]
            # 三块石头 is "three stones", but 一堆石头 "pile of stone".
            mass = self.substances if words[start].english.endswith("of") else set()
            if noun.han and noun.han not in self.describing | mass and end - 1 > start:
                words[end - 1] = replace(noun, english=plural(noun.english))
        return words

    def _clause_end(self, before: list[_Word], verb: int) -> int:
        """Where a clause ends: before plain adjectives of its own 的 (戴帽子的|绿色的 哥布林)."""
        end = len(before)
        while True:
            cut = next((i for i in reversed(range(verb, end)) if before[i].han == "的"), None)
            if cut is None or cut + 1 == end:
                return end
            if not all(word.han in self.describing for word in before[cut + 1 : end]):
                return end
            end = cut

    def _with_places(self, phrase: list[_Word]) -> list[_Word]:
        """在 X 里 -> "in X": the place word comes first in English."""
        start = next((i for i, word in enumerate(phrase) if word.han == "在"), None)
        if start is None:
            return phrase
        for i in range(start + 2, len(phrase)):
            if phrase[i].han in self.place:
                at = _Word("在", phrase[i].english)
                return [*phrase[:start], at, *phrase[start + 1 : i], *phrase[i + 1 :]]
        return phrase


def _shades(colours: dict[str, str], tones: dict[str, str]) -> dict[str, str]:
    """Every plain colour with every tone: 暗绿 and 暗绿色 are "dark green"."""
    return {
        f"{tone}{colour}{ending}": f"{prefix} {english}"
        for colour, english in colours.items()
        if len(colour) == 1
        for tone, prefix in tones.items()
        for ending in ("", "色")
    }


def _segmenter(frequencies: dict[str, int]) -> Any:
    """A jieba tokenizer over our own words: no dictionary of its own, no cache file, no output."""
    with warnings.catch_warnings():
        # jieba 0.42 has invalid escapes and asks for pkg_resources; nothing a user can act on.
        warnings.simplefilter("ignore")
        import jieba

    class Segmenter(jieba.Tokenizer):
        def get_DAG(self, sentence: str) -> dict[int, list[int]]:  # noqa: N802
            # jieba looks up every prefix, which needs a table four times as long to be built.
            size = len(sentence)
            return {
                i: [
                    j
                    for j in range(i, min(i + LONGEST_WORD, size))
                    if sentence[i : j + 1] in frequencies
                ]
                or [i]
                for i in range(size)
            }

    segmenter = Segmenter()
    segmenter.FREQ = frequencies
    segmenter.total = sum(frequencies.values())
    segmenter.initialized = True
    return segmenter
