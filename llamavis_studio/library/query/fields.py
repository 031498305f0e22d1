"""The fields a query can ask for, one row each; parser, errors and completion are drawn from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from llamavis_studio.core.asset import AssetState
from llamavis_studio.core.recipe import Kind


class Shape(Enum):
    """What the value of a field looks like."""

    WORDS = auto()  # as a bare word, a phrase, `word~` or `*part*`, in one column
    TEXT = auto()
    PATH = auto()  # a beginning, or a pattern with * and ?
    CHOICE = auto()
    WHOLE = auto()  # whole numbers: 64, >=64, 16..64
    SHARE = auto()  # numbers of 0 to 1
    SIZE = auto()  # 32x32, or a whole number: the longer side
    COLOUR = auto()
    MEANING = auto()
    PICTURE = auto()


@dataclass(frozen=True)
class FieldRule:
    """A field. `also` are other names for it, `example` shows it in hints and help."""

    name: str
    shape: Shape
    example: str
    choices: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    column: str = ""


# Kinds of descriptions, of captions, and what names and pixels of a file tell.
KINDS = tuple(
    dict.fromkeys(
        [str(kind) for kind in Kind]
        + "creature feature effect object icon sheet animation photo base_color normal roughness "
        "metallic height occlusion orm emissive".split()
    )
)
FORMATS = tuple(
    "png jpeg gif webp bmp tga tiff ico dds hdr exr svg psd kra ora aseprite xcf blend".split()
)
FORMAT_NAMES = {"jpg": "jpeg", "tif": "tiff", "ase": "aseprite"}
"""Endings of files that are called otherwise than their format."""
FLAGS = tuple(
    "duplicate lookalike tileable transparent opaque pixelart animated missing broken captioned "
    "untagged used unused guess conflict group".split()
)

FIELDS: tuple[FieldRule, ...] = (
    FieldRule("tag", Shape.TEXT, "tag:stone", also=("tags", "标签")),
    FieldRule("kind", Shape.CHOICE, "kind:texture", KINDS, also=("类型",)),
    FieldRule("text", Shape.WORDS, 'text:"stone wall"', also=("caption", "说明"), column="caption"),
    FieldRule("name", Shape.WORDS, "name:knight", also=("名称",), column="name"),
    FieldRule("path", Shape.PATH, "path:tiles/*.png", also=("路径",)),
    FieldRule("size", Shape.SIZE, "size:>=64", also=("尺寸",)),
    FieldRule("width", Shape.WHOLE, "width:16..64", also=("宽",)),
    FieldRule("height", Shape.WHOLE, "height:32", also=("高",)),
    FieldRule("color", Shape.COLOUR, "color:#884422", also=("colour", "颜色")),
    FieldRule(
        "state",
        Shape.CHOICE,
        "state:stale",
        tuple(str(state) for state in AssetState),
        also=("状态",),
    ),
    FieldRule(
        "origin", Shape.CHOICE, "origin:human", ("human", "imported", "model"), also=("来源",)
    ),
    FieldRule("model", Shape.TEXT, "model:builtin", also=("模型",)),
    FieldRule("confidence", Shape.SHARE, "confidence:<0.5", also=("置信度",)),
    FieldRule("is", Shape.CHOICE, "is:duplicate", FLAGS, also=("是",)),
    FieldRule("used", Shape.PATH, "used:no", also=("使用",)),
    FieldRule("format", Shape.CHOICE, "format:png", FORMATS, also=("格式",)),
    FieldRule("frames", Shape.WHOLE, "frames:>1", also=("帧数",)),
    FieldRule("like", Shape.MEANING, 'like:"stone wall"', also=("意思",)),
    FieldRule("similar", Shape.PICTURE, "similar:art/hero.png", also=("相似",)),
    FieldRule("group", Shape.TEXT, "group:art/brick", also=("组",)),
    FieldRule("root", Shape.TEXT, "root:project", also=("根",)),
)
RULES: dict[str, FieldRule] = {name: rule for rule in FIELDS for name in (rule.name, *rule.also)}
"""Each rule under all of its names."""
