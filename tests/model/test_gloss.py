"""Chinese prompts become the English words that the model was taught with."""

from __future__ import annotations

import gzip
import subprocess
import sys
import tomllib

import pytest

from llamavis_studio.model.gloss import _dictionary, default_folder, gloss, plural
from llamavis_studio.model.train.build_gloss import (
    best_gloss,
    build_table,
    clean_sense,
    gerund,
)

PHRASES = {
    # one word, one compound
    "日落海滩": "sunset beach",
    "火龙": "fire dragon",
    "巫师": "wizard",
    "石墙": "stone wall",
    "苔藓": "moss",
    "宝箱": "treasure chest",
    "骷髅战士": "skeleton warrior",
    "吸血鬼": "vampire",
    "史莱姆": "slime",
    "九头蛇": "hydra",
    "红砖墙": "red brick wall",
    "龙蛋": "dragon egg",
    "星空": "starry sky",
    "卧室": "bedroom",
    "深蓝色药水": "dark blue potion",
    "三头犬": "three-headed dog",
    "毒蘑菇": "poison mushroom",
    "夜晚的城市": "night city",
    # adjectives stay before their noun, particles go
    "长满苔藓的石墙": "mossy stone wall",
    "破旧的木地板": "worn wooden floor",
    "生锈的铁剑": "rusty iron sword",
    "冒泡的熔岩": "bubbling lava",
    "会飞的眼球": "flying eyeball",
    "带刺的棍子": "spiked stick",
    "燃烧的骷髅头": "burning skull",
    "潮湿的灰色鹅卵石": "damp grey cobblestone",
    "暗绿色的狗头人": "dark green kobold",
    "发绿光的骷髅": "skeleton with green glow",
    "巨大的绿色的龙": "huge green dragon",
    "很老的树": "old tree",
    "喷火的红龙": "fire-breathing red dragon",
    # numbers, measure words, amounts
    "一个宝箱": "treasure chest",
    "一把闪闪发光的剑": "sparkling sword",
    "一只黑猫": "black cat",
    "三个金币": "three gold coins",
    "三个红色的药水": "three red potions",
    "一堆金币": "pile of gold coins",
    "一群蝙蝠": "group of bats",
    "两瓶红药水": "two bottles of red potion",
    "两个狼人和五个精灵": "two werewolves and five elves",
    "一座城堡和一条河": "castle and river",
    "三块石头": "three stones",
    # clauses and places go behind their noun
    "穿着红袍的法师": "mage wearing red robe",
    "穿着红色的盔甲的骑士": "knight wearing red armour",
    "戴着帽子的绿色的哥布林": "green goblin wearing hat",
    "骑士穿着蓝色盔甲": "knight wearing blue armour",
    "手持长矛的蜥蜴人": "lizardman holding spear",
    "有翅膀的蛇": "snake with wings",
    "没有头的骑士": "knight without head",
    "骑着狼的哥布林": "goblin riding wolf",
    "墙上的苔藓": "moss on wall",
    "夜空下的雪山": "snowy mountain under night sky",
    "在森林里的小屋": "hut in forest",
    "小屋在森林里": "hut in forest",
    "城堡在山上": "castle on mountain",
    # traditional characters
    "綠色史萊姆": "green slime",
    "戴著王冠的骷髏": "skeleton wearing crown",
    "長滿青苔的灰色鵝卵石": "mossy grey cobblestone",
    "龍與騎士": "dragon and knight",
    # punctuation, and English inside
    "木门，铁铰链": "wooden door, iron hinge",
    "海滩上的棕榈树，日落，像素画": "palm tree on beach, sunset, pixel art",
    "巨大的 fire dragon，pixel art": "huge fire dragon, pixel art",
    "a red 龙 with wings": "a red dragon with wings",
    "pixel art, 冰剑, 32x32": "pixel art, ice sword, 32x32",
    "沙漠、仙人掌。": "desert, cactus",
    # a sentence as people type it
    "请给我画一只戴着王冠的青蛙": "frog wearing crown",
}


@pytest.mark.parametrize(("chinese", "english"), PHRASES.items())
def test_phrases(chinese: str, english: str) -> None:
    result = gloss(chinese)
    assert result.english == english
    assert result.original == chinese
    assert result.unknown == ()


@pytest.mark.parametrize("text", ["mossy stone wall, wet", "", "  two  spaces ", "naïve café 🐉"])
def test_text_without_chinese_passes_through(text: str) -> None:
    result = gloss(text)
    assert (result.english, result.original, result.pairs) == (text, text, ())


def test_pairs_cover_the_chinese_as_it_was_written() -> None:
    result = gloss("戴著王冠的骷髏")
    assert result.pairs == (
        ("戴著", "wearing"),
        ("王冠", "crown"),
        ("的", ""),
        ("骷髏", "skeleton"),
    )
    for chinese in PHRASES:
        written = "".join(word for word, _ in gloss(chinese).pairs)
        assert written == "".join(c for c in chinese if "\u3400" <= c <= "\u9fff")


def test_unknown_words_are_reported_and_a_prompt_is_never_empty() -> None:
    result = gloss("红色的龘")
    assert result.english == "red" and result.unknown == ("龘",)
    assert gloss("龘龘").english == "龘龘"
    assert gloss("的").english == "的"


@pytest.mark.parametrize("text", ["龙" * 2000, "的" * 500, "在" * 300, "一把" * 300, "，。" * 300])
def test_odd_texts_do_not_break_it(text: str) -> None:
    assert gloss(text).english.strip()


def test_english_loads_neither_jieba_nor_the_tables() -> None:
    code = (
        "import sys; from llamavis_studio.model.gloss import gloss; gloss('stone wall');"
        "print('jieba' in sys.modules); gloss('石墙'); print('jieba' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["False", "True"]
    assert ran.stderr == ""  # jieba announces itself when it builds a dictionary of its own


@pytest.mark.parametrize(
    ("one", "more"),
    [
        ("wolf", "wolves"),
        ("witch", "witches"),
        ("fairy", "fairies"),
        ("key", "keys"),
        ("human", "humans"),
        ("swordsman", "swordsmen"),
        ("boots", "boots"),
        ("fish", "fish"),
        ("cross", "crosses"),
    ],
)
def test_plural(one: str, more: str) -> None:
    assert plural(one) == more


def test_the_table_is_small_and_names_its_licence() -> None:
    table = default_folder() / "cedict.tsv.gz"
    assert table.stat().st_size < 2 * 2**20
    assert gzip.decompress(table.read_bytes()).count(b"\n") > 90_000
    assert "CC BY-SA 4.0" in (default_folder() / "NOTICE").read_text(encoding="utf-8")
    assert "Attribution-ShareAlike" in (default_folder() / "LICENSE").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("verb", "form"),
    [
        ("burn", "burning"),
        ("run", "running"),
        ("tie", "tying"),
        ("shine", "shining"),
        ("see", "seeing"),
        ("glow", "glowing"),
        ("be", ""),
    ],
)
def test_verbs_become_what_a_picture_shows(verb: str, form: str) -> None:
    assert gerund(verb) == form


@pytest.mark.parametrize(
    ("sense", "wordings"),
    [
        ("big; large; great", ["big", "large", "great"]),
        ("surname Long", []),
        ("CL:片[pian4]", []),
        ("to put on or wear (glasses, hat, gloves etc)", ["putting on or wear"]),
        ("variant of 牆|墙[qiang2]", []),
        ("wall (CL:面[mian4],堵[du3])", ["wall"]),
        ("the sea", ["sea"]),
    ],
)
def test_senses_are_cleaned(sense: str, wordings: list[str]) -> None:
    assert clean_sense(sense) == wordings


def test_a_sense_that_can_be_drawn_is_preferred() -> None:
    senses = [("length", False), ("long", False)]
    assert best_gloss(senses, set()) == "length"
    assert best_gloss(senses, {"long"}) == "long"
    assert best_gloss([("Longtown", True), ("dragon", False)], set()) == "dragon"


def test_crude_senses_are_passed_over() -> None:
    assert best_gloss([("breasts", False), ("grandmother", False)], {"breasts"}) == "grandmother"


def test_table_format() -> None:
    entries = [
        {"traditional": "龍", "simplified": "龙", "pinyin": "Long2", "english": ["surname Long"]},
        {"traditional": "龍", "simplified": "龙", "pinyin": "long2", "english": ["dragon"]},
        {"traditional": "3C", "simplified": "3C", "pinyin": "san1 C", "english": ["electronics"]},
    ]
    assert build_table(entries, {"dragon"}, {"龙": 1234}) == "著龍\t着龙\n龙\t1200\tdragon\n"


def test_every_art_word_is_simplified_chinese_with_an_english_gloss() -> None:
    art = tomllib.loads((default_folder() / "art.toml").read_text(encoding="utf-8"))
    dictionary = _dictionary(str(default_folder()))
    del art["grammar"]
    words = {word: english for table in art.values() for word, english in table.items()}
    assert len(words) > 1000
    for word, english in words.items():
        assert dictionary.simplify(word) == word
        assert english.isascii() and english == english.strip() != ""
