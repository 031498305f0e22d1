"""What the name of an asset's file says: its role in a material, its kind, its place in a sequence.

Names are taken apart into words at separators, at capitals inside (`BrickNormal`) and between
letters and digits, and words are compared in lower case. Words that people append to a role (`gl`,
`dx`, `1k`, a file format) are passed over.
"""

from __future__ import annotations

import re

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_RESOLUTION = re.compile(r"(?i)(?:^|[^a-z0-9])(?:[0-9]{1,2}k|[0-9]{3,4})(?=$|[^a-z0-9])")
_NUMBERED = re.compile(r"^(.*?)[ _.\-]*(?:\(([0-9]{1,6})\)|([0-9]{1,6}))$")
_SIZE_AT_END = re.compile(r"[0-9]+x[0-9]+$")

_ROLES = {
    "n": "normal", "nrm": "normal", "nor": "normal", "norm": "normal", "normal": "normal",
    "normals": "normal", "normalmap": "normal",
    "albedo": "base_color", "basecolor": "base_color", "basecolour": "base_color",
    "diffuse": "base_color", "diff": "base_color", "col": "base_color",
    "rough": "roughness", "roughness": "roughness", "rgh": "roughness",
    "metal": "metallic", "metallic": "metallic", "metalness": "metallic", "mtl": "metallic",
    "ao": "occlusion", "occlusion": "occlusion", "ambientocclusion": "occlusion",
    "height": "height", "heightmap": "height", "disp": "height", "displacement": "height",
    "bump": "height",
    "orm": "orm", "arm": "orm",
    "emissive": "emissive", "emission": "emissive", "emit": "emissive",
}  # fmt: skip
_PAIRS = {
    ("base", "color"): "base_color", ("base", "colour"): "base_color",
    ("ambient", "occlusion"): "occlusion", ("normal", "map"): "normal", ("height", "map"): "height",
}  # fmt: skip
_APPENDED = {"gl", "dx", "opengl", "directx", "png", "jpg", "map", "k"}
_ICON = {"icon", "icons", "ui", "hud", "gui", "button", "btn", "cursor"}
_SHEET = {"sheet", "spritesheet", "spritesheets", "atlas", "tileset", "tilesheet", "tilemap"}
_BACKGROUND = {"background", "backgrounds", "bg", "backdrop", "parallax"}
_KINDS = dict.fromkeys(_BACKGROUND, "background")
_KINDS |= dict.fromkeys(_ICON, "icon")
_KINDS |= dict.fromkeys(_SHEET, "sheet")

EVERYDAY_ROLES = frozenset({"n", "arm", "metal", "col", "bump", "height", "normal", "diff"})
"""Last words that mean something else as often: `robot_arm`, `sword_metal`."""


def kind_by_name(name: str, *, opaque: bool = True) -> str:
    """The kind that a file's name tells (`icon`, `sheet`, `background` or a role of a material), or
    an empty text.

    Roles that are everyday words too count only where the picture is `opaque`, as maps are.
    """
    words = _words(_stem_of(name))
    told = ""
    for word in words:
        kind = _KINDS.get(word)
        if kind and (not told or kind != "background"):
            told = kind
            if kind == "sheet":
                break
    if told and told != "background":
        return told
    if len(words) > 1:
        role, start = _role(words)
        if role and (opaque or words[start] not in EVERYDAY_ROLES):
            return role
    return told


def map_set(name: str) -> tuple[str, str] | None:
    """(stem, role) of one map of a material: equal stems belong together; None for other names.

    `Brick_1K-PNG_NormalGL.png` gives `("brick_1k-png", "normal")`, `brick_nor_gl_1k.png` gives
    `("brick_1k", "normal")`. The stem is in lower case and keeps the folder.
    """
    stem = _stem_of(name)
    found = [(match[0].lower(), match.start(), match.end()) for match in _WORDS.finditer(stem)]
    role, start = _role([word for word, _, _ in found])
    if not role or start == 0:
        return None
    before = stem[: found[start][1]].rstrip(" _-.")
    after = _RESOLUTION.search(stem[found[start][1] :])
    folder = name[: len(name) - len(_base_of(name))]
    return (folder + before + (after[0] if after else "")).lower(), role


def frame_number(name: str) -> tuple[str, int] | None:
    """(stem, number) of a file whose name ends in a number: `walk_01.png` gives `("walk", 1)`.

    Whether a number is a frame's only its neighbours can tell: `level2` looks the same. The stem
    keeps the folder. Names that end in a size, such as `rock_64x64`, are not numbered.
    """
    stem = _stem_of(name)
    match = _NUMBERED.match(stem)
    if match is None or _SIZE_AT_END.search(stem):
        return None
    folder = name[: len(name) - len(_base_of(name))]
    return folder + match[1], int(match[2] or match[3])


def _base_of(name: str) -> str:
    return name[max(name.rfind("/"), name.rfind("\\")) + 1 :]


def _stem_of(name: str) -> str:
    base = _base_of(name)[-255:]
    stem, dot, _ = base.rpartition(".")
    return stem if dot and stem else base


def _words(stem: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(stem)]


def _role(words: list[str]) -> tuple[str, int]:
    """The role that the last telling word names and where it stands; ("", 0) without one."""
    at = len(words) - 1
    while at > 0 and (words[at] in _APPENDED or words[at].isdigit()):
        at -= 1
    if at < 0:
        return "", 0
    if at > 0 and (pair := _PAIRS.get((words[at - 1], words[at]))):
        return pair, at - 1
    # `map` is passed over, so that `normal_map` ends in `normal` here.
    last = words[at]
    if last in ("color", "colour") and at > 0:  # ambientCG's word
        return "base_color", at
    return _ROLES.get(last, ""), at
