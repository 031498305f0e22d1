"""Chinese descriptions of composed characters, word for word from the same parts."""

from __future__ import annotations

from collections.abc import Sequence

from llamavis_studio.model.train.words import table


def translate(phrase: str) -> str:
    """A part's English phrase in Chinese, details after `with` left out; empty if unknown."""
    words = table("chinese")
    tokens = phrase.split(" with ")[0].split()
    for start in range(len(tokens)):
        noun = words["nouns"].get(" ".join(tokens[start:]))
        if noun is None:
            continue
        before = [words["adjectives"].get(token, "") for token in tokens[:start] if token != "and"]
        colours = "".join(w for w in before if w.endswith("色") or w in ("深", "浅"))
        others = "".join(w for w in before if w and not (w.endswith("色") or w in ("深", "浅")))
        if colours.endswith("色") and len(others) + len(noun) > 1:
            return f"{colours}{others}{noun}"
        return f"{colours}的{others}{noun}" if colours else f"{others}{noun}"
    return ""


def character(being: str, grown: Sequence[str], wear: Sequence[str], held: Sequence[str]) -> str:
    """One sentence: what grows on the being, who it is, what it wears and holds."""
    hair = "、".join(filter(None, map(translate, grown[:1])))
    clothes = "和".join(filter(None, map(translate, wear)))
    things = "和".join(filter(None, map(translate, held)))
    sentence = f"{hair}的{being}" if hair else being
    if clothes:
        sentence += f"，穿着{clothes}"
    if things:
        sentence += f"，手持{things}"
    return sentence
