"""The settings of a captioner, as its record keeps them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from llamavis_studio.backends.pretrained import Precision


class CaptionerOptions(BaseModel):
    """What the record of a captioner may set; all of it has a default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    precision: Precision = Field("auto", description="How its weights are kept.")
    max_batch: int = Field(8, ge=1, le=256, description="Images described at once.")
    caption_prompt: str | None = Field(
        None,
        max_length=2000,
        description="What it is asked for the caption: a sentence for models that chat, a task "
        "such as <MORE_DETAILED_CAPTION> for Florence-2, a beginning such as 'a sprite of' for "
        "BLIP. By default what suits game art.",
    )
    tags_prompt: str | None = Field(
        None,
        max_length=2000,
        description="What it is asked for the tags; '' takes them from the caption, which is twice "
        "as fast.",
    )
    max_new_tokens: int = Field(48, ge=1, le=2048, description="The longest caption, in tokens.")
    max_tag_tokens: int = Field(48, ge=1, le=2048, description="The longest tag list, in tokens.")
    max_answer_tokens: int = Field(
        128, ge=1, le=4096, description="The longest answer to a question, in tokens."
    )
    longest_side_px: int = Field(
        768, ge=16, le=4096, description="Larger images are made smaller first, in pixels."
    )
    split_images: bool = Field(
        False,
        description="SmolVLM and Idefics3 look at large images in parts too, as they were "
        "published: finer detail, up to 17 times the work.",
    )
    languages: tuple[str, ...] | None = Field(
        None, description="What it understands, such as ['en', 'zh']; by default its family's."
    )
