"""What the record of a diffusers checkpoint may say in its `options`."""

from __future__ import annotations

from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from llamavis_studio.core.validation import complaint

Scheduler = Literal[
    "keep", "ddim", "ddpm", "euler", "euler_a", "heun", "dpmpp_2m", "dpmpp_2m_karras",
    "dpmpp_2m_sde_karras", "unipc", "lcm", "pndm",
]  # fmt: skip
Offload = Literal["auto", "none", "model", "sequential"]


class LoraOption(BaseModel):
    """A LoRA that all pictures are drawn with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str = Field(description="Absolute path of a .safetensors file.")
    scale: float = Field(1.0, ge=-4.0, le=4.0, description="How strongly it acts; 0: not at all.")

    @field_validator("file")
    @classmethod
    def _absolute(cls, value: str) -> str:
        return _weight_path(value, "LoRA")


def _weight_path(value: str, what: str) -> str:
    """A record is read from any folder, so a relative path would mean another file each time."""
    kinds: tuple[type[PurePath], ...] = (PurePosixPath, PureWindowsPath)
    if not any(kind(value).is_absolute() for kind in kinds):
        raise complaint(f"the {what} '{value}' has no absolute path", "name it from the root on")
    if not value.lower().endswith(".safetensors"):
        raise complaint(
            f"the {what} '{value}' is no .safetensors file: others could run code",
            "take its safetensors version",
        )
    return value


class DiffusionOptions(BaseModel):
    """How a checkpoint is loaded and drawn with; what is None follows from the checkpoint."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    precision: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        "auto", description="How weights are kept; auto: bfloat16 or float16 on a graphics card."
    )
    steps: int | None = Field(None, ge=1, le=200, description="Denoising steps of a picture.")
    guidance_scale: float | None = Field(
        None, ge=0.0, le=30.0,
        description="How strictly words are followed where a description does not say; 0 for "
        "models that were distilled to do without.",
    )  # fmt: skip
    scheduler: Scheduler = Field("keep", description="How noise is taken away; keep: as published.")
    max_batch: int = Field(4, ge=1, le=64, description="Pictures at once on a graphics card.")
    offload: Offload = Field(
        "auto", description="What waits in main memory while it is not needed: auto, none, model "
        "(whole parts), sequential (layer by layer; slow).",
    )  # fmt: skip
    loras: tuple[LoraOption, ...] = Field((), description="LoRAs that all pictures are drawn with.")
    vae: str = Field(
        "", description="Absolute path of a .safetensors file: the image decoder (VAE) to use "
        "instead of the checkpoint's own.",
    )  # fmt: skip
    prompt_prefix: str = Field("", max_length=1000, description="Stands before every prompt.")
    prompt_suffix: str = Field("", max_length=1000, description="Stands after every prompt.")
    best_px: int | None = Field(
        None, ge=8, le=4096, description="Side of the square that the checkpoint draws best."
    )
    edit_strength: float = Field(
        0.65, gt=0.0, le=1.0,
        description="How much an edit without a region may change at strength 1; at 1.0 nothing "
        "of the version before would be left.",
    )  # fmt: skip

    @field_validator("vae")
    @classmethod
    def _safe_vae(cls, value: str) -> str:
        return _weight_path(value, "VAE") if value else value
