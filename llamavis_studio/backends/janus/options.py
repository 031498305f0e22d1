"""What a record may say of a Janus model."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from llamavis_studio.backends.pretrained import Precision

PROMPT_PLACE = "{prompt}"


class JanusOptions(BaseModel):
    """The settings of one Janus model; each has a default that its publisher recommends."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    precision: Precision = Field("auto", description="How the weights are kept.")
    guidance_scale: float = Field(
        5.0, ge=0.0, le=50.0, description="How strictly words are followed; 1 takes half the time."
    )
    temperature: float = Field(1.0, gt=0.0, le=10.0, description="How freely codes are drawn.")
    top_p: float = Field(
        1.0, gt=0.0, le=1.0, description="The share of probability that codes are drawn from."
    )
    compile: Literal["auto", "on", "off"] = Field(
        "auto", description="torch.compile: auto uses it on graphics cards that have a compiler."
    )
    max_batch: int = Field(8, ge=1, le=64, description="How many images are drawn at once.")
    prompt: str = Field(
        PROMPT_PLACE,
        pattern=r"\{prompt\}",
        description="What the model is told; {prompt} stands for the words.",
    )
    caption_question: str = Field(
        "Describe this image in one short sentence.", description="Asked for the sentence."
    )
    tags_question: str = Field(
        "List up to ten single words for what this image shows, separated by commas.",
        description="Asked for the tags.",
    )
    kind_question: str = Field(
        "What is this image of a game: a texture, a material, a sprite, a character, an item or a "
        "background? Answer with one word.",
        description="Asked for the kind.",
    )
    answer_tokens: int = Field(64, ge=1, le=1024, description="How long an answer may become.")
