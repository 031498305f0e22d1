"""Words to token states: a frozen MiniLM-L6 sentence encoder in plain torch.

``all-MiniLM-L6-v2`` is a 6-layer BERT of width 384. Its token states are the prompt the backbone
attends to, and their mean is the sentence vector that search by meaning uses, so one set of weights
serves both. transformers has the same model, but importing it takes longer than drawing a sprite.

Letters: B texts in a batch, T tokens of the longest, E = 384 width, nh = 12 heads, hs = 32 head
size.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn

from llamavis_studio.model.steady import FrozenLinear, steady_length

HALF_A_PAIR = re.compile("[\ud800-\udfff]")
MOST_TOKENS = 40
"""How much of a prompt the model was taught to read, ``[CLS]`` and ``[SEP]`` included."""
SUMMED_TOKENS = 128


@dataclass(frozen=True)
class TextEncoderConfig:
    """The sizes of the encoder, named as in BERT's ``config.json``."""

    vocab_size: int = 30522
    hidden_size: int = 384
    intermediate_size: int = 1536
    num_hidden_layers: int = 6
    num_attention_heads: int = 12
    max_position_embeddings: int = 512
    layer_norm_eps: float = 1e-12

    @staticmethod
    def from_json(path: Path) -> TextEncoderConfig:
        """Read the sizes from a ``config.json``; other keys (origin, licence) are left alone."""
        raw = json.loads(path.read_text(encoding="utf-8"))
        known = TextEncoderConfig.__dataclass_fields__
        return TextEncoderConfig(**{key: value for key, value in raw.items() if key in known})


@dataclass(frozen=True)
class TokenStates:
    """What the words of B texts became.

    states: (B, T, E) float32, zero where the mask is False.
    mask: (B, T) bool, True at real tokens (``[CLS]`` and ``[SEP]`` included).
    ids: (B, T) int64 word piece numbers, 0 at padding.
    """

    states: Tensor
    mask: Tensor
    ids: Tensor


class Words(Protocol):
    """Anything that holds the states of some texts, such as :class:`TokenStates`."""

    @property
    def states(self) -> Tensor:
        """(B, T, E), zero at padding."""

    @property
    def mask(self) -> Tensor:
        """(B, T) bool, True at words."""


def sentence_vectors(words: Words) -> Tensor:
    """The mean over the words of each text, of unit length: ``(B, E)``."""
    said = words.states * words.mask.unsqueeze(2)
    # Zeros up to a fixed length: how torch splits a sum up follows from how long it is.
    said = F.pad(said, (0, 0, 0, max(0, SUMMED_TOKENS - said.shape[1])))
    return F.normalize(said.sum(1) / words.mask.sum(1, keepdim=True).clamp(min=1), dim=-1)


class _Linear(FrozenLinear):
    def reset_parameters(self) -> None:
        """Leave the memory unset: the weights are always loaded, and random ones cost 0.3 s."""


class _Embedding(nn.Embedding):
    def reset_parameters(self) -> None:
        """Leave the memory unset, like `_Linear`."""


class _Attention(nn.Module):
    def __init__(self, config: TextEncoderConfig) -> None:
        super().__init__()
        self.num_heads = config.num_attention_heads
        self.qkv = _Linear(config.hidden_size, 3 * config.hidden_size, bias=True)
        self.out = _Linear(config.hidden_size, config.hidden_size, bias=True)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        b, t, e = x.shape
        qkv = self.qkv(x).view(b, t, 3, self.num_heads, e // self.num_heads)  # (B, T, 3, nh, hs)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each (B, nh, T, hs)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None, None, :])
        y = y.transpose(1, 2).reshape(b, t, e)  # (B, T, E)
        attended: Tensor = self.out(y)
        return attended


class _Layer(nn.Module):
    """BERT's post-norm block: the norm follows each residual sum."""

    def __init__(self, config: TextEncoderConfig) -> None:
        super().__init__()
        self.attention = _Attention(config)
        self.attention_norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.up = _Linear(config.hidden_size, config.intermediate_size, bias=True)
        self.down = _Linear(config.intermediate_size, config.hidden_size, bias=True)
        self.mlp_norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        x = self.attention_norm(x + self.attention(x, mask))
        y: Tensor = self.mlp_norm(x + self.down(F.gelu(self.up(x))))
        return y


class Bert(nn.Module):
    """Token numbers (B, T) and mask (B, T) -> token states (B, T, E)."""

    def __init__(self, config: TextEncoderConfig) -> None:
        super().__init__()
        self.words = _Embedding(config.vocab_size, config.hidden_size)
        self.positions = _Embedding(config.max_position_embeddings, config.hidden_size)
        self.embedding_norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.layers = nn.ModuleList(_Layer(config) for _ in range(config.num_hidden_layers))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        words = self.words(ids).to(self.positions.weight.dtype)
        x: Tensor = words + self.positions.weight[: ids.shape[1]]
        x = self.embedding_norm(x)
        for layer in self.layers:
            x = layer(x, mask)
        return x


class TextEncoder:
    """The frozen encoder and its tokenizer.

    >>> encoder = TextEncoder.load(Path("resources/models/minilm"))
    >>> encoder.encode_tokens(["fire dragon"]).states.shape
    torch.Size([1, 4, 384])
    """

    def __init__(self, bert: Bert, tokenizer: Tokenizer, config: TextEncoderConfig) -> None:
        self.config = config
        self.tokenizer = tokenizer
        self._bert = bert.requires_grad_(False).eval()

    @property
    def width(self) -> int:
        """Width E of a token state."""
        return self.config.hidden_size

    @property
    def device(self) -> torch.device:
        """Where the weights are and where results come back."""
        return self._bert.words.weight.device

    @staticmethod
    def load(
        folder: Path, *, device: str | torch.device = "cpu", dtype: torch.dtype = torch.float32
    ) -> TextEncoder:
        """Read ``config.json``, ``tokenizer.json`` and ``model.safetensors`` from a folder.

        The weights lie on disk in fp16 and are computed with in `dtype` (float32 or bfloat16).
        Raises FileNotFoundError for a missing file, RuntimeError for weights of another shape.
        """
        config = TextEncoderConfig.from_json(folder / "config.json")
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        bert = Bert(config)
        stored = {name: w.to(dtype) for name, w in load_file(folder / "model.safetensors").items()}
        bert.load_state_dict(_rename(stored, config), assign=True)
        # The one large table stays as it lies on disk: a few of its rows are read at a time.
        bert.words.to(torch.float16)
        return TextEncoder(bert.to(device), tokenizer, config)

    def to(self, device: str | torch.device) -> TextEncoder:
        """Itself, with its weights there."""
        self._bert.to(device)
        return self

    def encode_tokens(self, texts: Sequence[str], max_tokens: int = MOST_TOKENS) -> TokenStates:
        """Token states of texts, padded to the longest of them; words past `max_tokens` are cut.

        `max_tokens` counts ``[CLS]`` and ``[SEP]``. Raises ValueError for an empty list.
        """
        if not texts:
            raise ValueError("encode_tokens needs at least one text")
        ids, mask = self._tokenize(texts, max_tokens)
        count = ids.shape[1]
        room = (0, steady_length(count) - count)
        with torch.inference_mode():
            whole = self._bert(F.pad(ids, room), F.pad(mask, room))
            states = whole[:, :count].float() * mask[..., None]
        # A copy outside inference mode: callers may feed the states to layers that train.
        return TokenStates(states.clone(), mask, ids)

    def embed(self, texts: Sequence[str], *, max_tokens: int = 128, batch_size: int = 64) -> Tensor:
        """Sentence vectors (B, E) float32 of unit length: the mean over real tokens, normalised."""
        # Like lengths share a batch, so that one long text does not pad all the others.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        vectors = torch.empty(len(texts), self.width, device=self.device)
        for start in range(0, len(order), batch_size):
            chosen = order[start : start + batch_size]
            tokens = self.encode_tokens([texts[i] for i in chosen], max_tokens)
            vectors[torch.tensor(chosen, device=self.device)] = sentence_vectors(tokens)
        return vectors

    def token_spans(self, text: str, max_tokens: int = MOST_TOKENS) -> list[tuple[int, int]]:
        """Which characters each token of :meth:`encode_tokens` stands for: (start, end).

        ``[CLS]`` and ``[SEP]`` stand for none: (0, 0).
        """
        self.tokenizer.enable_truncation(max_length=max_tokens)
        return list(self.tokenizer.encode(_readable(text)).offsets)

    def unread(self, text: str, max_tokens: int = MOST_TOKENS) -> str:
        """The end of a text, from its first word that :meth:`encode_tokens` reads not wholly."""
        read = max((end for _, end in self.token_spans(text, max_tokens)), default=0)
        rest = text[read:]
        if not rest.strip():
            return ""
        if not rest[0].isspace():  # the cut goes through a word
            read = max(text.rfind(" ", 0, read) + 1, 0)
        return text[read:].strip()

    def _tokenize(self, texts: Sequence[str], max_tokens: int) -> tuple[Tensor, Tensor]:
        if not 3 <= max_tokens <= self.config.max_position_embeddings:
            limit = self.config.max_position_embeddings
            raise ValueError(f"max_tokens must lie between 3 and {limit}, not {max_tokens}")
        self.tokenizer.enable_truncation(max_length=max_tokens)
        self.tokenizer.enable_padding(length=None)
        encoded = self.tokenizer.encode_batch([_readable(text) for text in texts])
        ids = torch.tensor([e.ids for e in encoded], device=self.device)  # (B, T)
        mask = torch.tensor([e.attention_mask for e in encoded], device=self.device).bool()
        return ids, mask


def _readable(text: str) -> str:
    """Text with no half of a surrogate pair, which the tokenizer refuses; of the same length."""
    return HALF_A_PAIR.sub("\ufffd", text)


def _rename(stored: dict[str, Tensor], config: TextEncoderConfig) -> dict[str, Tensor]:
    """Published BERT names -> ours: query, key and value fused, the one token type folded in."""
    ours = {
        "words.weight": stored["embeddings.word_embeddings.weight"],
        "positions.weight": stored["embeddings.position_embeddings.weight"]
        + stored["embeddings.token_type_embeddings.weight"][0],
    }
    pairs = [("embedding_norm", "embeddings.LayerNorm")]
    for i in range(config.num_hidden_layers):
        there, here = f"encoder.layer.{i}", f"layers.{i}"
        for part in ("weight", "bias"):
            qkv = [stored[f"{there}.attention.self.{n}.{part}"] for n in ("query", "key", "value")]
            ours[f"{here}.attention.qkv.{part}"] = torch.cat(qkv)
        pairs += [
            (f"{here}.attention.out", f"{there}.attention.output.dense"),
            (f"{here}.attention_norm", f"{there}.attention.output.LayerNorm"),
            (f"{here}.up", f"{there}.intermediate.dense"),
            (f"{here}.down", f"{there}.output.dense"),
            (f"{here}.mlp_norm", f"{there}.output.LayerNorm"),
        ]
    for here, there in pairs:
        for part in ("weight", "bias"):
            ours[f"{here}.{part}"] = stored[f"{there}.{part}"]
    return ours
