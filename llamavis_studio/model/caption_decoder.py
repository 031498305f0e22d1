"""Words out of hidden states: the decoder back to a natural-language description.

The vocabulary is the part of MiniLM's WordPieces that captions use, behind one end token and one
token for each kind; a caption begins with its kind. Input and output share one embedding.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from llamavis_studio.model.config import ModelConfig
from llamavis_studio.model.steady import PackedCopy

END = 0
"""Token that ends a caption."""


class CaptionDecoder(nn.Module):
    """Embeds caption tokens and turns hidden states into their logits."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.embed = nn.Embedding(config.caption_vocabulary, config.backbone.width)
        nn.init.normal_(self.embed.weight, std=0.02)
        self.begin = nn.Parameter(torch.zeros(config.backbone.width))
        self._copy = PackedCopy()

    def forward(self, hidden: Tensor) -> Tensor:
        """``(B, T, D)`` to logits ``(B, T, V)``."""
        return self._copy.multiply(hidden, self.embed.weight.to(hidden.dtype))


class CaptionVocabulary:
    """Caption text to token ids and back."""

    def __init__(self, config: ModelConfig) -> None:
        self.kinds = config.kinds
        self.words = config.caption_words
        self.first_word = 1 + len(self.kinds)
        self._ids = {word: self.first_word + i for i, word in enumerate(self.words)}

    def encode(self, kind: str, pieces: Sequence[str], room: int) -> list[int]:
        """Kind, then the known ``pieces`` (WordPiece strings), then the end, in at most ``room``
        ids.
        """
        ids = [1 + self.kinds.index(kind)]
        ids += [self._ids[piece] for piece in pieces if piece in self._ids]
        return [*ids[: room - 1], END]

    def decode(self, ids: Sequence[int]) -> tuple[str, str]:
        """Ids up to the end token to ``(kind, caption)``; an absent kind gives ``"sprite"``."""
        kind, pieces = "sprite", []
        for token in ids:
            if token == END:
                break
            if token < self.first_word:
                kind = self.kinds[token - 1]
            else:
                pieces.append(self.words[token - self.first_word])
        return kind, join_pieces(pieces)


def join_pieces(pieces: Sequence[str]) -> str:
    """WordPieces to readable text: ``##`` pieces join the word before, commas lean left."""
    text = ""
    for piece in pieces:
        if piece.startswith("##"):
            text += piece[2:]
        elif piece in {",", ".", "'", "-"} or text.endswith(("-", "'")) or not text:
            text += piece
        else:
            text += " " + piece
    return text
