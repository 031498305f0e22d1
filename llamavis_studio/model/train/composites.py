"""Characters composed from parts, with exact descriptions of what stays visible.

Composites come in pairs that differ in one part, so the second is an edit of the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from llamavis_studio.model.train import chinese
from llamavis_studio.model.train.captions import unique
from llamavis_studio.model.train.colours import Pixels
from llamavis_studio.model.train.parts import Part, stack
from llamavis_studio.model.train.words import article, join

RECOLOURS = (
    "red", "orange", "brown", "yellow", "green", "teal", "blue", "purple", "pink",
    "black", "grey", "white",
)  # fmt: skip
HAIR_COLOURS = ("red", "brown", "black", "white", "blue", "green", "pink", "purple")
NO_HAIR = ("octo", "djinn", "gargoyle", "draconian", "mummy", "tengu", "frog", "gnoll", "formicid",
           "revenant", "vine", "ghoul", "kobold", "minotaur", "lorc", "coglin", "polter", "oni",
           "troll", "demonspawn", "orc")  # fmt: skip
NO_BEARD = (*NO_HAIR, "vampire", "merfolk", "spriggan")
CHANCE = {
    "cloak": 0.22, "boots": 0.5, "legs": 0.5, "body": 0.85, "gloves": 0.2, "hand1": 0.72,
    "hand2": 0.34, "beard": 0.3, "hair": 0.72, "head": 0.34, "wings": 0.03,
}  # fmt: skip
VISIBLE = 0.35
VAL_EVERY = 25  # one pair in so many is a validation pair


@dataclass(frozen=True)
class Composite:
    """One composed character."""

    pixels: Pixels
    captions: tuple[str, ...]
    captions_zh: tuple[str, ...]
    name: str
    split: str


def compose(
    parts: dict[str, list[Part]], count: int, rng: np.random.Generator
) -> Iterator[Composite]:
    """`count` composites, every two of them a pair that differs in one part."""
    train = {k: [p for p in v if not p.held_out] for k, v in parts.items()}
    val = [p for group in parts.values() for p in group if p.held_out]
    while count > 0:
        forced = None
        if int(rng.integers(VAL_EVERY)) == 0 and val:
            forced = val[int(rng.integers(len(val)))]
        split = "val" if forced else "train"
        chosen = pick(train, rng, forced)
        first = render(chosen, split, rng)
        keep = forced.category if forced else ""
        second = render(change(train, chosen, rng, keep), split, rng)
        yield first
        if count > 1:
            yield second
        count -= 2


def _allowed(base: Part, category: str) -> bool:
    stem = base.stem
    if base.shape == "bare":
        return False
    if base.shape == "tailed" and category in ("legs", "boots"):
        return False
    if category == "hair":
        return not stem.startswith(NO_HAIR)
    if category == "beard":
        return not stem.startswith(NO_BEARD) and not stem.endswith("_f")
    if category == "wings":
        return stem.startswith(("draconian", "human", "elf", "demigod"))
    return True


def _sample(group: Sequence[Part], rng: np.random.Generator) -> Part:
    part = group[int(rng.integers(len(group)))]
    if part.stem == "tengu_comb":  # a bird's comb, not hair
        part = group[0]
    if "{c}" in part.template and rng.random() < 0.35:
        colours = HAIR_COLOURS if part.category in ("hair", "beard") else RECOLOURS
        part = part.painted(colours[int(rng.integers(len(colours)))])
    return part


def pick(parts: dict[str, list[Part]], rng: np.random.Generator, forced: Part | None) -> list[Part]:
    """A plausible set of parts; `forced` is one that must be among them."""
    bases = parts["base"]
    base = forced if forced and forced.category == "base" else None
    while base is None:
        # Plain people wear most things, so they get half of the draws.
        candidate = bases[int(rng.integers(len(bases)))]
        plain = candidate.stem.startswith(("human", "elf", "dwarf", "halfling", "gnome", "deep_"))
        if candidate.shape == "bare" or (not plain and rng.random() < 0.45):
            continue
        if forced is None or _allowed(candidate, forced.category):
            base = candidate
    chosen = [base] + ([forced] if forced and forced is not base else [])
    for category, chance in CHANCE.items():
        taken = forced is not None and forced.category == category
        if not taken and _allowed(base, category) and parts[category] and rng.random() < chance:
            chosen.append(_sample(parts[category], rng))
    return _settle(chosen)


def _settle(chosen: list[Part]) -> list[Part]:
    """Without what cannot be worn together: long robes over legs are simply not seen."""
    have = {p.category for p in chosen}
    if "cloak" in have and "wings" in have:
        chosen = [p for p in chosen if p.category != "wings"]
    head = next((p.template for p in chosen if p.category == "head"), "")
    if any(word in head for word in ("full helmet", "hood", "mask", "pumpkin", "coif")):
        chosen = [p for p in chosen if p.category not in ("hair", "beard")]
    body = next((p.template for p in chosen if p.category == "body"), "")
    if "hooded robe" in body:
        chosen = [p for p in chosen if p.category not in ("hair", "head")]
    return chosen


def change(
    parts: dict[str, list[Part]], chosen: list[Part], rng: np.random.Generator, keep: str
) -> list[Part]:
    """The same character with one part exchanged, recoloured, added or removed."""
    base = next(p for p in chosen if p.category == "base")
    options = [
        c for c in ("body", "hand1", "hand2", "hair", "head", "cloak", "legs", "boots", "beard")
        if c != keep and _allowed(base, c) and parts[c]
    ]  # fmt: skip
    if not options:
        return chosen
    weights = np.array([3.0 if c in ("body", "hand1") else 1.0 for c in options])
    category = options[int(rng.choice(len(options), p=weights / weights.sum()))]
    old = next((p for p in chosen if p.category == category), None)
    rest = [p for p in chosen if p.category != category]
    if old is not None and "{c}" in old.template and rng.random() < 0.5:
        colours = HAIR_COLOURS if category in ("hair", "beard") else RECOLOURS
        return rest + [old.painted(colours[int(rng.integers(len(colours)))])]
    if old is not None and rng.random() < 0.2:
        return rest
    return _settle([*rest, _sample(parts[category], rng)])


def render(chosen: list[Part], split: str, rng: np.random.Generator) -> Composite:
    """Draw the parts and say what is seen."""
    pixels, shares = stack(chosen)
    seen = {p.category: p for p, share in zip(chosen, shares, strict=True) if share >= VISIBLE}
    base = next(p for p in chosen if p.category == "base")
    return Composite(
        pixels, describe(base, seen, rng), _in_chinese(base, seen), f"character {base.template}",
        split,
    )  # fmt: skip


def _in_chinese(base: Part, seen: dict[str, Part]) -> tuple[str, ...]:
    sex = {"f": "女", "m": "男"}.get(base.stem.rpartition("_")[2], "")
    being = base.chinese if base.chinese in ("男人", "女人") else sex + base.chinese
    grown = [seen[c].phrase for c in ("hair", "beard") if c in seen]
    wear = [seen[c].phrase for c in ("body", "cloak", "head") if c in seen]
    held = [seen[c].phrase for c in ("hand1", "hand2") if c in seen]
    return unique([
        chinese.character(being, grown, wear, held),
        chinese.character(base.chinese, (), wear[:1], held[:1]),
    ])  # fmt: skip


def subject(base: Part, rng: np.random.Generator) -> str:
    """The being in words, now and then with its sex or under its other name."""
    name = base.template
    if base.other and rng.random() < 0.3:
        name = base.other[int(rng.integers(len(base.other)))]
    sex = {"f": "female ", "m": "male "}.get(base.stem.rpartition("_")[2][:1], "")
    gendered = any(w in name.split() for w in ("man", "woman", "male", "female", "human"))
    if sex and base.stem.rpartition("_")[2] in ("f", "m") and not gendered and rng.random() < 0.4:
        name = sex + name
    return name


def describe(base: Part, seen: dict[str, Part], rng: np.random.Generator) -> tuple[str, ...]:
    """Canonical, full, reordered and short descriptions of the visible parts."""
    who = subject(base, rng)
    hair = [seen[c].phrase for c in ("hair", "beard") if c in seen]
    wear = [article(seen[c].phrase) for c in ("body", "cloak", "head", "legs", "boots", "gloves")
            if c in seen]  # fmt: skip
    held = [article(seen[c].phrase) for c in ("hand1", "hand2") if c in seen]
    grown = hair + [seen[c].phrase for c in ("wings",) if c in seen]
    main = wear[:2] if "body" in seen else wear[:1]
    canonical = _sentence(who, [article(h) for h in grown[:1]], main, held)
    full = _sentence(who, [article(h) for h in grown], wear, held)
    turned = who + (f" holding {join(held)}" if held else "")
    shuffled = [wear[i] for i in rng.permutation(len(wear))]
    turned += f", wearing {join(shuffled)}" if wear else ""
    turned += f", with {join([article(g) for g in grown])}" if grown else ""
    listed = ", ".join([who, *(p.removeprefix("a ").removeprefix("an ") for p in (*wear, *held)),
                        *grown])  # fmt: skip
    short = _sentence(who, [], wear[:1], held[:1])
    return unique([canonical, full, turned, listed, short, f"pixel art {canonical}"])


def _sentence(who: str, grown: Sequence[str], wear: Sequence[str], held: Sequence[str]) -> str:
    """`elf with long hair in a green robe holding a bow`; a being that already has a `with`
    takes what grows on it with `and`."""
    out = who
    if grown:
        out += (" and " if " with " in who else " with ") + join(grown)
    if wear:
        out += f" in {join(wear)}"
    if held:
        out += f" holding {join(held)}"
    return out
