"""Every size of the built-in model, and the letters its tensor shapes are written in.

``B`` batch, ``T`` text tokens, ``P`` image positions (patches), ``L`` the whole sequence, ``D``
width, ``nh`` attention heads, ``nk`` key/value heads, ``hs`` head size, ``V`` caption vocabulary,
``K`` codes in one codebook, ``C`` channels, ``h w`` pixels, ``gh gw`` grid rows and columns (``P
= gh * gw``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

KINDS: tuple[str, ...] = (
    "sprite",  # any of the cut-out kinds below, when the user did not say which
    "character",
    "creature",
    "item",
    "feature",
    "effect",
    "object",
    "texture",
    "background",
)
"""The kinds that the model is told and that its captions begin with."""


@dataclass(frozen=True)
class ImageTokenizerConfig:
    """Sizes of the image encoder, the two codebooks and the image decoder."""

    patch_px: int = 4
    """Side of the square of pixels that one position stands for."""
    fine_width: int = 48
    """Channels at half resolution."""
    coarse_width: int = 160
    """Channels at one position a patch."""
    encoder_blocks: tuple[int, int] = (1, 2)
    """Residual blocks at half resolution and at patch resolution."""
    decoder_blocks: tuple[int, int] = (4, 4)
    """Residual blocks at half resolution and at patch resolution."""
    latent_width: int = 40
    codebook_sizes: tuple[int, ...] = (1024, 2048, 2048, 2048)
    """Codes written at each position, coarse first: a residual quantiser. Its ``depth``."""


@dataclass(frozen=True)
class BackboneConfig:
    """Sizes of the Llama blocks."""

    layers: int = 6
    width: int = 256
    heads: int = 8
    kv_heads: int = 4
    hidden: int = 768
    rope_theta: float = 10_000.0
    norm_eps: float = 1e-5

    @property
    def head_size(self) -> int:
        """Channels of one attention head."""
        return self.width // self.heads


@dataclass(frozen=True)
class ModelConfig:
    """Everything that decides the shapes of the weights, and how long a sequence may be."""

    preset: str = "nano"
    tokenizer: ImageTokenizerConfig = field(default_factory=ImageTokenizerConfig)
    backbone: BackboneConfig = field(default_factory=BackboneConfig)
    text_width: int = 384
    max_text_tokens: int = 40
    max_caption_tokens: int = 24
    image_start: int = 48
    """Rotary position of the first image code: fixed, so that the length of a prompt moves
    nothing.
    """
    kinds: tuple[str, ...] = KINDS
    caption_words: tuple[str, ...] = ()
    """WordPieces a caption may use; ids 0 and up after ``END`` and the kinds."""

    @property
    def caption_vocabulary(self) -> int:
        """``V``: the end token, one token a kind, then the words."""
        return 1 + len(self.kinds) + len(self.caption_words)

    def to_json(self) -> str:
        """Text that :meth:`from_mapping` reads back after ``json.loads``."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> ModelConfig:
        """Read what :meth:`to_json` wrote; unknown keys are an error (``TypeError``)."""
        known = dict(values)
        known["tokenizer"] = ImageTokenizerConfig(**_tuples(known["tokenizer"]))
        known["backbone"] = BackboneConfig(**known["backbone"])
        return cls(**_tuples(known))


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(v) if isinstance(v, list) else v for key, v in values.items()}


PRESETS: dict[str, BackboneConfig] = {
    "tiny": BackboneConfig(layers=2, width=64, heads=4, kv_heads=2, hidden=128),
    "nano": BackboneConfig(),
    "small": BackboneConfig(layers=12, width=448, heads=14, kv_heads=7, hidden=1216),
}
"""``tiny`` serves tests, ``nano`` trains on two CPU cores, ``small`` wants a GPU to train."""


def preset_config(preset: str, caption_words: tuple[str, ...] = ()) -> ModelConfig:
    """The configuration of a named preset. Raises ``KeyError`` for an unknown name."""
    tokenizer = ImageTokenizerConfig()
    if preset == "tiny":
        tokenizer = ImageTokenizerConfig(
            fine_width=16,
            coarse_width=32,
            encoder_blocks=(1, 1),
            decoder_blocks=(1, 1),
            codebook_sizes=(64, 64, 64),
        )
    return ModelConfig(
        preset=preset,
        tokenizer=tokenizer,
        backbone=PRESETS[preset],
        caption_words=caption_words,
    )


def read_config_file(folder: Path) -> Mapping[str, Any]:
    """The ``config.json`` of a checkpoint folder: sizes (``model``) and training record."""
    with (folder / "config.json").open(encoding="utf-8") as file:
        loaded: Mapping[str, Any] = json.load(file)
    return loaded
