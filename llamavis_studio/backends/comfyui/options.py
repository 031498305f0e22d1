"""The settings of a ComfyUI backend, as they stand in its record under ``[options]``."""

from __future__ import annotations

import os
import re
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from llamavis_studio.backends.base import SizeRule
from llamavis_studio.core.errors import did_you_mean
from llamavis_studio.core.validation import complaint

INPUT_NAMES = (
    "prompt", "negative", "seed", "width", "height", "steps", "cfg", "sampler", "scheduler",
    "denoise", "image", "mask", "reference", "tileable", "output",
)  # fmt: skip
"""What can be filled into an exported workflow; "output" names the node whose picture is taken."""
_LARGE_MODELS = re.compile(r"(?<![a-z])xl|xl(?![a-z])|sdxl|pony|illustrious|sd3|flux", re.I)
_SMALL_AGAIN = re.compile(r"turbo", re.I)
_FEW_STEPS = re.compile(r"turbo|lightning|schnell|lcm|hyper", re.I)
_NO_GUIDANCE = re.compile(r"turbo|lightning|schnell|lcm|hyper|flux", re.I)
_NOT_DRAWN_WITH = frozenset(
    {"servers", "token", "token_variable", "connect_s", "idle_s", "whole_s", "retries",
     "max_image_mb", "max_batch", "ahead", "workflow"}
)  # fmt: skip
_BAD_HEADER = re.compile(r"[^\x20-\x7e]")


class ComfyOptions(BaseModel):
    """How one backend of the family "comfyui" reaches its servers and what it asks of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    servers: tuple[str, ...] = Field(
        min_length=1, max_length=64, description="addresses, such as http://127.0.0.1:8188"
    )
    workflow: str = Field(
        "", description="a workflow exported with 'Export (API)'; empty: the studio's own"
    )
    checkpoint: str = Field(
        "", description="the server's checkpoint file that the studio's own workflow draws with"
    )
    inputs: dict[str, str] = Field(
        default_factory=dict,
        description="where our values go: NODE.input by a node's number or title; "
        "several places are separated by commas",
    )
    steps: int | None = Field(
        None,
        ge=1,
        le=1000,
        description="sampling steps; else the workflow's, or 6 to 20 by the checkpoint's name",
    )
    cfg: float | None = Field(
        None,
        ge=0,
        le=100,
        description="guidance where a request names none; else the workflow's, or 1 to 7 by the "
        "checkpoint's name",
    )
    prompt_prefix: str = Field("", max_length=1000, description="stands before every prompt")
    prompt_suffix: str = Field("", max_length=1000, description="stands after every prompt")
    edit_strength: float = Field(
        0.65,
        gt=0,
        le=1,
        description="how much an edit without a region may change at strength 1: at 1.0 nothing "
        "of the version before is left",
    )
    sampler: str = Field("", description="the sampler's name on the server, such as euler")
    scheduler: str = Field("", description="the scheduler's name on the server, such as normal")
    best_px: int = Field(
        0, ge=0, le=8192, description="the side the model draws best; 0: by its name or workflow"
    )
    step_px: int = Field(8, ge=1, le=256, description="sides are multiples of this many pixels")
    smallest_px: int = Field(256, ge=16, le=4096, description="the shortest side drawn")
    largest_px: int = Field(2048, ge=16, le=4096, description="the longest side drawn")
    cuts_out: bool = Field(
        False, description="the workflow's pictures have a clear background of their own"
    )
    token: str = Field("", description="sent as 'Authorization: Bearer ...'; see token_variable")
    token_variable: str = Field(
        "", description="the environment variable that holds the token; better than token"
    )
    connect_s: float = Field(5.0, gt=0, le=600, description="seconds to reach a server")
    idle_s: float = Field(30.0, gt=0, le=3600, description="seconds a server may keep silent")
    whole_s: float = Field(
        1800.0, gt=0, le=86_400, description="seconds one image may take, waiting included"
    )
    retries: int = Field(3, ge=0, le=20, description="how often a server in trouble is tried again")
    max_image_mb: int = Field(64, ge=1, le=1024, description="MiB of the largest image taken")
    max_batch: int = Field(16, ge=1, le=256, description="images shared out among the servers")
    ahead: int = Field(
        2, ge=1, le=8, description="images a server has at once: one drawn, the others waiting"
    )

    @field_validator("servers")
    @classmethod
    def _reachable(cls, servers: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(normal_address(server) for server in servers))

    @field_validator("inputs")
    @classmethod
    def _known(cls, inputs: dict[str, str]) -> dict[str, str]:
        for name in inputs:
            if name not in INPUT_NAMES:
                raise complaint(
                    f"inputs cannot name '{name}'", did_you_mean(name, INPUT_NAMES, "inputs")
                )
        return inputs

    @model_validator(mode="after")
    def _whole(self) -> ComfyOptions:
        if not self.workflow and not self.checkpoint:
            raise complaint(
                "neither a workflow nor a checkpoint is named",
                "set workflow to an exported file, or checkpoint to a file name of the server",
            )
        if _BAD_HEADER.search(self.token):
            raise complaint("the token holds characters that no header may hold", "copy it anew")
        try:
            SizeRule(self.step_px, self.smallest_px, self.largest_px)
        except ValueError:
            raise complaint(
                "no size meets step_px, smallest_px and largest_px", "make largest_px larger"
            ) from None
        return self

    @property
    def sizes(self) -> SizeRule:
        """What the studio's own workflow draws."""
        best = self.best_px or best_side(self.checkpoint)
        return SizeRule(self.step_px, self.smallest_px, self.largest_px, best)

    def worded(self, prompt: str) -> str:
        """A prompt as the servers get it."""
        return " ".join(filter(None, (self.prompt_prefix, prompt, self.prompt_suffix)))

    def drawn_with(self, given: dict[str, Any]) -> dict[str, Any]:
        """Those of the ``given`` options that decide pixels: where the servers are does not."""
        return {key: value for key, value in given.items() if key not in _NOT_DRAWN_WITH}

    def authorization(self) -> str:
        """The header's value; "" where no token is set. A token with a space is sent as it is."""
        token = os.environ.get(self.token_variable, "") if self.token_variable else ""
        token = (token or self.token).strip()
        if not token or _BAD_HEADER.search(token):
            return ""
        return token if " " in token else f"Bearer {token}"


def best_side(checkpoint: str) -> int:
    """The side a checkpoint of this name draws best: 1024 where it says SDXL, SD3 or FLUX, else
    512, which distilled "turbo" models of SDXL were also taught at.
    """
    if _SMALL_AGAIN.search(checkpoint) or not _LARGE_MODELS.search(checkpoint):
        return 512
    return 1024


def usual_steps(checkpoint: str) -> tuple[int, float]:
    """The steps and the guidance for a checkpoint of this name: what is distilled takes few steps
    and is guided from within, so a guidance of 1.
    """
    return (
        6 if _FEW_STEPS.search(checkpoint) else 20,
        1.0 if _NO_GUIDANCE.search(checkpoint) else 7.0,
    )


def normal_address(text: str) -> str:
    """An address without its last slash. Raises pydantic's error with our words."""
    hint = "write it as http://HOST:PORT, such as http://127.0.0.1:8188"
    address = text.strip().rstrip("/")
    try:
        parts = urlsplit(address)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not fine or parts.query or parts.fragment or not address.isprintable() or " " in address:
        raise complaint(f"'{text}' is not the address of a server", hint)
    if "@" in parts.netloc:
        raise complaint(
            f"the address of {parts.hostname} holds a password",
            "take it out, and name an environment variable with 'Basic ...' in token_variable",
        )
    return address
