"""What the panel of words shows of one picture or several, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP

from llamavis_studio.app.tag_chips import TagShown

DRAWN_FROM = "description"
"""Who says a caption that is the description a picture was drawn from."""

DOUBTS: dict[str, str] = {
    "it is larger than what the model was taught": str(
        QT_TRANSLATE_NOOP("CaptionsPanel", "it is larger than what the model was taught")
    ),
    "it has more colours than pixel art has": str(
        QT_TRANSLATE_NOOP("CaptionsPanel", "it has more colours than pixel art has")
    ),
    "few neighbouring pixels are equal": str(
        QT_TRANSLATE_NOOP("CaptionsPanel", "hardly any pixel is like the one beside it")
    ),
    "its plain areas are larger than those of pixel art": str(
        QT_TRANSLATE_NOOP("CaptionsPanel", "its plain areas are larger than those of pixel art")
    ),
    "its colours run into each other": str(
        QT_TRANSLATE_NOOP("CaptionsPanel", "its colours run into each other")
    ),
    "the image tokenizer cannot write it well": str(
        QT_TRANSLATE_NOOP("CaptionsPanel", "it has details that the model cannot draw")
    ),
}
"""What the built-in model says against its own words, as an artist says it; other models' doubts
are shown as they say them."""


@dataclass(frozen=True)
class WordsShown:
    """What is shown of one picture, or shared by several (`names` are their files).

    `caption_by` is a group of `tag_chips`, or DRAWN_FROM. `described` is when the model described
    it, in seconds since 1970, 0 for never. `colours` are (#rrggbb, share). `drawn` are the words,
    the model and the seed of a picture that the studio drew.
    """

    ids: tuple[int, ...]
    names: tuple[str, ...]
    caption: str = ""
    caption_by: str = ""
    confidence: float | None = None
    in_domain: bool = True
    reasons: tuple[str, ...] = ()
    model_caption: str = ""
    tags: tuple[TagShown, ...] = ()
    kind: str = ""
    size: str = ""
    colours: tuple[tuple[str, float], ...] = ()
    model: str = ""
    described: int = 0
    drawn: tuple[str, str, int] | None = None
