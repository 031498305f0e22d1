"""The paragraph a store asks for about AI content, in English and Chinese, from a report.

Steam's content survey (partner.steamgames.com/doc/gettingstarted/contentsurvey, as read in 2026)
asks about two kinds of generated content that players meet, and leaves tools behind the scenes out:

    pre-generated    made with AI during development: art, sound, writing, store pictures
    live-generated   made with AI while the game runs; its guardrails have to be described

The studio makes images before a game ships, so it can answer the first for its images, and the
second with no. What else a game holds it cannot know: `CAUTION` says so beside the paragraph.
"""

from __future__ import annotations

from llamavis_studio.release.report import ModelUse, Report

CAUTION = {
    "en": (
        "Read it before you use it. It covers the images of this project only: not sound, text, "
        "voices or other pictures of the game, nor its store page and trailers. That the images "
        "show nothing illegal and take nobody's rights is for the developer to see to."
    ),
    "zh": (
        "使用前请仔细核对。以上内容只涉及本项目中的图像，不包括声音、文字、配音、游戏中的其他图片，"
        "也不包括商店页面和宣传片。图像不含违法内容、不侵犯他人权利，须由开发者自行确认。"
    ),
}
_PLURAL = {
    "texture": ("texture", "textures"),
    "material": ("material", "materials"),
    "sprite": ("sprite", "sprites"),
    "character": ("character", "characters"),
    "item": ("item", "items"),
    "background": ("background", "backgrounds"),
}
_CHINESE = {
    "texture": "纹理",
    "material": "材质",
    "sprite": "精灵图",
    "character": "角色",
    "item": "物品",
    "background": "背景",
}


def disclosure(report: Report) -> dict[str, str]:
    """The paragraph in "en" and "zh", plain text."""
    return {"en": _english(report), "zh": _chinese(report)}


def _english(report: Report) -> str:
    count = len(report.assets)
    if not count:
        return "Pre-generated: LlamaVis Studio made no image of this game. Live-generated: none."
    kinds = ", ".join(_english_kind(kind, number) for kind, number in report.kinds.items())
    images = f"{count} image{'s' * (count > 1)} of this game ({kinds})"
    parts = [
        f"Pre-generated: {images} {'were' if count > 1 else 'was'} made with generative AI during "
        f"development, from written descriptions, with LlamaVis Studio and "
        f"{_listed([_english_model(use) for use in report.models], ' and ')}."
    ]
    if report.edited:
        was = "were" if report.edited > 1 else "was"
        parts.append(f"Of these, {report.edited} {was} changed in an image editor afterwards.")
    parts.append("Live-generated: none; LlamaVis Studio makes no images while the game is running.")
    return " ".join(parts)


def _chinese(report: Report) -> str:
    count = len(report.assets)
    if not count:
        return "预生成内容：本游戏没有由 LlamaVis Studio 生成的图像。实时生成内容：无。"
    kinds = "、".join(
        f"{_CHINESE.get(kind, '其他')} {number} 张" for kind, number in report.kinds.items()
    )
    models = _listed([_chinese_model(use) for use in report.models], "和", "、")
    parts = [
        f"预生成内容：本游戏中有 {count} 张图像（{kinds}）是在开发过程中使用生成式人工智能、"
        f"根据文字描述制作的，所用工具为 LlamaVis Studio，所用模型为{models}。"
    ]
    if report.edited:
        parts.append(f"其中 {report.edited} 张此后用图像编辑软件修改过。")
    parts.append("实时生成内容：无；LlamaVis Studio 不会在游戏运行时生成图像。")
    return "".join(parts)


def _english_kind(kind: str, count: int) -> str:
    one, many = _PLURAL.get(kind, ("other", "others"))
    return f"{count} {one if count == 1 else many}"


def _english_model(use: ModelUse) -> str:
    if not use.model:
        return "a model whose name the files no longer carry"
    return f"the model {use.model} (revision {use.revision or 'unknown'}, licence {_licence(use)})"


def _chinese_model(use: ModelUse) -> str:
    if not use.model:
        return "文件中已不再记录名称的模型"
    licence = use.licence or "未知"
    return f" {use.model}（版本 {use.revision or '未知'}，许可证 {licence}）"


def _licence(use: ModelUse) -> str:
    return use.licence or "unknown"


def _listed(parts: list[str], last: str, comma: str = ", ") -> str:
    return last.join(part for part in (comma.join(parts[:-1]), parts[-1]) if part)
