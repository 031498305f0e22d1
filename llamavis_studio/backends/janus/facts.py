"""What the small files of a Janus checkpoint say; no weight is read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llamavis_studio.backends.model_records import ModelRecord
from llamavis_studio.core.errors import ModelMissing

ARCHITECTURE = "janus"
TEMPLATE_TOKENS = 32
"""Kept free for the words around a prompt: "<|User|>: ... <|Assistant|>:<begin_of_image>"."""
_LANGUAGE_MODELS = ("llama",)
_HINT = "fetch deepseek-community/Janus-Pro-1B or Janus-Pro-7B: 'llamavis models fetch'"


@dataclass(frozen=True)
class Facts:
    """Sizes of a checkpoint.

    Args:
        grid: cells along a side of its images; one code a cell.
        side_px: pixels along a side.
        codes: the size of its codebook.
        context: tokens that its language model holds, the image's own among them.
    """

    grid: int
    side_px: int
    codes: int
    context: int

    @property
    def cells(self) -> int:
        """Codes of one image."""
        return self.grid * self.grid

    @property
    def patch_px(self) -> int:
        """Pixels along a side of a cell."""
        return self.side_px // self.grid

    @property
    def prompt_tokens(self) -> int:
        """How much of a prompt fits before the image."""
        return max(0, self.context - self.cells - TEMPLATE_TOKENS)


def folder_of(record: ModelRecord) -> Path:
    """Where the checkpoint lies. Raises ModelMissing where that is nowhere."""
    if record.folder is None or not record.folder.is_dir():
        place = "" if record.folder is None else f": there is no folder {record.folder}"
        raise ModelMissing(f"the model '{record.name}' is not on this machine{place}", _HINT)
    return record.folder


def read_facts(record: ModelRecord) -> Facts:
    """Read ``config.json``; what it leaves out has the published default.

    Raises ModelMissing when it is missing, broken or of another architecture.
    """
    folder = folder_of(record)
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelMissing(
            f"the model '{record.name}' in {folder} has no readable config.json: {error}", _HINT
        ) from error
    found = config.get("model_type") if isinstance(config, dict) else None
    if found == "multi_modality":
        raise ModelMissing(
            f"the model '{record.name}' in {folder} is Janus as its authors pack it, "
            "which needs code of its own",
            f"take it as transformers packs it: {_HINT}",
        )
    if found != ARCHITECTURE:
        raise ModelMissing(
            f"the model '{record.name}' in {folder} is of the architecture '{found}', not Janus",
            f"give its record another family than 'janus', or {_HINT}",
        )
    try:
        return _facts(record.name, config)
    except (TypeError, ValueError, ZeroDivisionError, AttributeError) as error:
        raise ModelMissing(
            f"the config.json of the model '{record.name}' in {folder} makes no sense: {error}",
            _HINT,
        ) from error


def _facts(name: str, config: dict[str, Any]) -> Facts:
    text, vision, vq = (config.get(f"{part}_config") or {} for part in ("text", "vision", "vq"))
    language = text.get("model_type", "llama")
    if language not in _LANGUAGE_MODELS:
        raise ModelMissing(
            f"the model '{name}' has a language model of the kind '{language}', not Llama",
            _HINT,
        )
    grid = int(vision.get("image_size", 384)) // int(vision.get("patch_size", 16))
    levels = len(vq.get("channel_multiplier", (1, 1, 2, 2, 4)))
    facts = Facts(
        grid=grid,
        side_px=grid * 2 ** (levels - 1),
        codes=int(vq.get("num_embeddings", 16384)),
        context=int(text.get("max_position_embeddings", 2048)),
    )
    if not (1 <= facts.grid <= 1024 and facts.codes >= 1 and 1 <= facts.side_px <= 8192):
        raise ValueError(f"{facts}")
    if facts.prompt_tokens < 1:
        raise ValueError(f"an image of {facts.cells} codes leaves no room for words")
    return facts
