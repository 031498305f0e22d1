"""Tags and the kind from what a model said: lists of words and a few rules, no further model."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from llamavis_studio.backends.base import Tag
from llamavis_studio.backends.captioner.spoken import Spoken

MOST_TAGS = 12
FEW_TAGS = 3
"""With fewer asked-for tags than this, the caption's words join them."""
LONGEST_TAG_WORDS = 3
LONGEST_TAG = 40  # characters

# No nouns and no adjectives, or nouns that say nothing of a picture.
STOP_WORDS = frozenset(
    """
    a about above across after again against all along also although always am among an and another
    any anything appear appearing appears are area around as at away back based be because become
    been before behind being below beside between both bottom but by can cannot center centre clear
    clearly close closeup concrete contain containing contains could depict depicted depicting
    depicts describe described describes description design designed detail detailed details did
    different display displayed displaying displays do does doing done down drawing drawn due during
    each either else etc even ever every example facing feature featuring features few filled for
    from front full further game games get gets give given gives go going got graphic graphics had
    has have having he held her here hers herself him himself his hold holding holds how however i
    if illustration image images in inside instead into is it its itself just keep kind large
    least left less like lies little located look looking looks lot lots lying made main mainly make
    makes making many may me might more most mostly much must my near next no nor not nothing now
    object objects of off often on once one ones only onto or other others our out over overall
    own part parts perhaps photo photograph picture pictured pictures piece pixel pixelart pixelated
    pixels placed plays pointing possibly previous probably rather really render rendered rendering
    resembling right same scene see seem seems seen set several shape shaped shape she should show
    showing shown shows side similar simple single sit sits sitting slightly small so some someone
    something sort stand standing stands still style stylized such surrounded tags than that the
    their them then there these they thing things this those three through to together too top
    toward towards two type typical under until up upon us use used using various very video view
    visible was way we wear wearing wears well were what when where whether which while who whose
    why will with within without would yet you your art arts
    """.split()
)
KIND_WORDS: Mapping[str, str] = MappingProxyType(
    {
        word: kind
        for kind, words in {
            "texture": "texture textures tile tiles tileset tileable seamless pattern floor "
            "flooring wall brick bricks pavement cobblestone cobblestones planks shingles carpet "
            "wallpaper 纹理 贴图 图案 地板 墙 砖",
            "material": "material materials pbr 材质 材料",
            "background": "background backdrop landscape scenery skyline panorama horizon sky "
            "mountains forest sunset sunrise cityscape beach ocean desert valley 背景 风景 天空 "
            "森林 山脉",
            "character": "character characters man woman men women boy girl person people knight "
            "wizard witch mage warrior elf dwarf hero heroine princess prince king queen soldier "
            "archer ninja pirate villager child human portrait face samurai priest rogue thief "
            "角色 人物 骑士 巫师 战士 精灵 男人 女人 男孩 女孩",
            "item": "item items weapon weapons sword swords shield potion potions bottle key keys "
            "coin coins gem gems ring crown axe bow arrow dagger hammer staff wand book scroll "
            "helmet armor armour boots gloves chest food apple bread fruit flower lamp torch "
            "lantern bag map amulet necklace cup hat 物品 武器 剑 盾 药水 钥匙 硬币 宝石 戒指 王冠 "
            "斧 弓 卷轴 书 头盔 宝箱",
            "sprite": "sprite sprites monster creature dragon slime goblin skeleton zombie ghost "
            "demon orc troll bat spider snake wolf dog cat horse bird fish animal robot ship car "
            "tree bush house door 怪物 龙 史莱姆 哥布林 骷髅 僵尸 动物 猫 狗 鸟 鱼 树",
        }.items()
        for word in words.split()
    }
)
"""Words that tell which of the six kinds of description files a picture is."""
# A setting, not the subject: "a sword on a white background".
_SETTING = re.compile(
    r"\b(?:on|with|against|over|in front of)\s+(?:an?\s+|the\s+|its\s+)?(?:[\w-]+\s+){0,2}"
    r"(?:background|backdrop)\b"
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
MARKS = re.compile(r"</?[a-z]+(?:_\d+)?>", re.IGNORECASE)
"""What some models say beside words, such as <loc_12> or <unk>."""
_BETWEEN_TAGS = re.compile(r"[,;\n|、，；。]+|\.\s|\.$")
_AROUND = " \t\"'“”‘’*-•·#()[]<>:!?/\\.`_"
_LEAD = re.compile(r"^(?:\d{1,2}\s*[.):]|(?:tags?|keywords?|标签)\s*[:：])\s*", re.IGNORECASE)
"""What stands before an entry of a list: its number, or what the list is."""
_HAN = re.compile(r"[\u3400-\u9fff]")
WIDE = 1.25
"""Opaque pictures that are so many times wider than high are backgrounds, if no word says more."""


def content_words(
    said: Spoken, begin: int = 0, end: int | None = None
) -> Iterator[tuple[str, float]]:
    """Each noun and adjective of ``said.text[begin:end]`` with how sure the model was, in their
    order.
    """
    # Lowering a letter may make two of it (İ): places would move.
    lowered = "".join(low if len(low := letter.lower()) == 1 else letter for letter in said.text)
    for left_out in (MARKS, _SETTING):
        lowered = left_out.sub(lambda match: " " * len(match[0]), lowered)
    for match in _WORD.finditer(lowered, begin, len(lowered) if end is None else end):
        word = match[0].removesuffix("'s").removesuffix("’s")
        if _HAN.search(word) or (2 < len(word) <= LONGEST_TAG and word not in STOP_WORDS):
            yield word[:LONGEST_TAG], said.sureness(match.start(), match.end())


def listed_words(said: Spoken) -> Iterator[tuple[str, float]]:
    """Each entry of a list such as "red dragon, cave" with how sure the model was; entries that
    are whole sentences give their content words.
    """
    begin = 0
    ends = [(match.start(), match.end()) for match in _BETWEEN_TAGS.finditer(said.text)]
    for end, following in [*ends, (len(said.text), len(said.text))]:
        entry = MARKS.sub(" ", said.text[begin:end]).strip(_AROUND)
        name = " ".join(_LEAD.sub("", entry).strip(_AROUND).lower().split())
        if len(name.split()) > LONGEST_TAG_WORDS or len(name) > LONGEST_TAG:
            yield from content_words(said, begin, end)
        elif _WORD.search(name) and name not in STOP_WORDS:
            yield name, said.sureness(begin, end)
        begin = following


def labels_in(said: Spoken, labels: Sequence[str]) -> Iterator[tuple[str, float]]:
    """Each label that a processor took out of what was said, with how sure the model was."""
    begin = 0
    for label in labels:
        place = said.text.find(label, begin)
        name = label.strip(_AROUND).lower()
        if place < 0 or not name or len(name) > LONGEST_TAG or not _WORD.search(name):
            continue
        begin = place + len(label)
        yield name, said.sureness(place, begin)


def tags_of(asked: Sequence[tuple[str, float]], caption: Spoken) -> tuple[Tag, ...]:
    """The tags of one picture, each once with its highest sureness, as they were said.

    The caption's words join where few were asked for, unless a tag has them already.
    """
    found: dict[str, float] = {}
    for name, p in asked:
        found[name] = max(p, found.get(name, 0.0))
    if len(found) < FEW_TAGS:
        told = {word for name in found for word in name.split()}
        for name, p in content_words(caption):
            if name not in told:
                found[name] = max(p, found.get(name, 0.0))
    return tuple(Tag(name, min(1.0, round(p, 4))) for name, p in list(found.items())[:MOST_TAGS])


def kind_of(texts: Sequence[str], is_clear: bool, size_px: tuple[int, int]) -> str:
    """Which of the six kinds a picture is, by the first word that tells; else by its look.

    Args:
        texts: what was said, the most telling first.
        is_clear: whether parts of the picture are transparent.
        size_px: its width and height.
    """
    for text in texts:
        lowered = _SETTING.sub(" ", text.lower())
        for match in _WORD.finditer(lowered):
            kind = KIND_WORDS.get(match[0]) or _chinese_kind(match[0])
            # Everything in a game is a "sprite" to some models: better words may follow.
            if kind is not None and not match[0].startswith("sprite"):
                return kind
    if is_clear:
        return "sprite"
    return "background" if size_px[0] >= WIDE * size_px[1] else "texture"


def _chinese_kind(run: str) -> str | None:
    """Chinese has no spaces: the first known word within a run of characters, the longest one."""
    if not _HAN.search(run):
        return None
    places = [
        (run.find(word), -len(word), kind)
        for word, kind in KIND_WORDS.items()
        if _HAN.search(word) and word in run
    ]
    return min(places)[2] if places else None
