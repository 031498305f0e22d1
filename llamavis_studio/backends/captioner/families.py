"""How each architecture is asked, and what it knows: one row a family.

An architecture without a row is asked by its chat template where it has one, and for a plain
caption where it has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Ask(StrEnum):
    """How a question reaches a model."""

    CHAT = "chat"
    """A conversation with one image and one text, by the checkpoint's own chat template."""
    TASK = "task"
    """A task token such as <CAPTION>, whose answer the processor takes apart."""
    PLAIN = "plain"
    """The image alone, or with the beginning of its caption, which the model goes on with."""


CHAT_CAPTION = (
    "Describe this game image in one short, concrete sentence: what it shows, its main colours, "
    "and what it is made of or holds. No introduction."
)
CHAT_TAGS = (
    "List what this game image shows as 3 to 10 tags, each one or two words, separated by commas. "
    "Only the tags."
)


@dataclass(frozen=True)
class Family:
    """One family of captioners.

    Args:
        name: as people call it.
        model_types: ``model_type`` of the configurations that belong to it.
        ask: how it is asked.
        caption_prompt: what it is asked for a caption; for PLAIN "" leaves it to the model.
        tags_prompt: what it is asked for tags; "" takes them from the caption.
        languages: what it was taught.
        unsplit: further arguments of its processor while images are not to be looked at in parts.
        needs: a Python package that its processor cannot do without.
    """

    name: str
    model_types: tuple[str, ...]
    ask: Ask
    caption_prompt: str = ""
    tags_prompt: str = ""
    languages: tuple[str, ...] = ("en",)
    unsplit: Mapping[str, Any] = field(default_factory=dict, hash=False)
    needs: str = ""

    @property
    def can_answer(self) -> bool:
        """Whether it takes free questions."""
        return self.ask is Ask.CHAT


def _chat(name: str, *model_types: str, **values: Any) -> Family:
    """A family that is talked to."""
    return Family(name, model_types, Ask.CHAT, CHAT_CAPTION, CHAT_TAGS, **values)


# Both enlarge any image to four times their own 512 px and look at 16 parts: for a sprite that is
# more than a thousand tokens of blur.
_WHOLE = {"do_image_splitting": False}

FAMILIES = (
    Family("BLIP", ("blip",), Ask.PLAIN),
    Family("Florence-2", ("florence2",), Ask.TASK, "<CAPTION>", "<OD>"),
    _chat("Qwen-VL", "qwen2_vl", "qwen2_5_vl", "qwen3_vl", "qwen3_vl_moe", languages=("en", "zh")),
    _chat("SmolVLM", "idefics3", unsplit=_WHOLE),
    _chat("SmolVLM2", "smolvlm", unsplit=_WHOLE, needs="num2words"),
)


def family_of(model_type: str, has_chat_template: bool) -> Family:
    """The row of an architecture, or what is tried with an unknown one."""
    for family in FAMILIES:
        if model_type in family.model_types:
            return family
    if has_chat_template:
        return _chat(model_type, model_type)
    return Family(model_type, (model_type,), Ask.PLAIN)
