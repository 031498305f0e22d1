"""Where each word of a prompt acted on a picture: cells of the code grid, then pixels.

Two witnesses are heard, both from one teacher-forced look at the finished codes.

- :func:`attention_shares`: which words the positions attend to while they are written, averaged
  over all layers and heads. Only the words share: ``[CLS]``, ``[SEP]``, commas and padding would
  else swallow nearly everything.
- :func:`lost_nats`: by how much less likely a code becomes when the word is masked out of the
  prompt (leave one out). That is what the word *does*, but it speaks only where a thing begins:
  once half a robe is written, the rest is guessed from it without the word.

:func:`word_evidence` multiplies the two and is what the rest of the studio shows, because it was
better than either on real pictures: composed characters in pairs that differ in one named part, so
that the pixels that differ belong to that phrase (``model.train.pointing`` measures it). With the
weights of revision e82f05eb0edd, 131 held-out ones, and 200 of the training split, on which nothing
was chosen::

                          AUC            lift           wins
    attention shares      0.75  0.75     1.33  1.33     0.84  0.85
    lost nats             0.73  0.75     1.97  1.94     0.88  0.88
    their product         0.77  0.78     2.43  2.34     0.89  0.89

AUC is among opaque pixels (the mere outline of the figure has 0.42, the standard error is 0.02);
lift is how much warmer the part is than the whole figure; wins, how often that lift is above that
of another phrase of the caption.

Masking a word's pieces did as well as removing it from the text and encoding that anew, and costs
no second text pass. Shape letters: see :mod:`llamavis_studio.model.config`; ``W`` words, ``R``
references.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from llamavis_studio.model.backbone import Attention, Backbone, rotate
from llamavis_studio.model.pixels import PATCH_PX
from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.unified import LlamaVis, Prompt, References

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
FUNCTION_WORDS = frozenset(
    "a an the this that some and or but of in on at by to from for with without as is are its his "
    "her their it wearing holding having over under above below behind near between through into "
    "onto around beside".split()
)
"""Words that name nothing one could point at."""
ROWS_AT_ONCE = 16
LEAST_NATS = 0.25
"""Evidence below this is not blown up to full heat: then no word mattered anywhere."""
SMOOTHING = ((1.0, 2.0, 1.0), (2.0, 4.0, 2.0), (1.0, 2.0, 1.0))


class Word(NamedTuple):
    """A word of a text and its place there: characters ``start`` up to ``end``."""

    text: str
    start: int
    end: int


class Attribution(NamedTuple):
    """What each word, and each reference picture, did for one picture."""

    words: tuple[str, ...]
    maps: NDArray[np.float32]  # (W, h, w) in 0..1, see to_pixels
    reference_shares: tuple[float, ...]  # (R,), how much of what was known came from each


def words_to_explain(text: str) -> tuple[Word, ...]:
    """The words that name something; all words where none does."""
    found = tuple(Word(m.group(), m.start(), m.end()) for m in WORD.finditer(text))
    return tuple(w for w in found if w.text.casefold() not in FUNCTION_WORDS) or found


def word_pieces(
    encoder: TextEncoder, text: str, words: Sequence[Word], max_tokens: int
) -> NDArray[np.bool_]:
    """Which word pieces make up which word: ``(W, T)``; a row is empty where the word was cut."""
    spans = encoder.token_spans(text, max_tokens)
    rows = [[start < w.end and end > w.start for start, end in spans] for w in words]
    return np.array(rows, bool).reshape(len(words), len(spans))


@torch.inference_mode()
def attribute(
    model: LlamaVis,
    encoder: TextEncoder,
    text: str,
    prompt: Prompt,
    codes: Tensor,
    grid: tuple[int, int],
) -> Attribution:
    """Explain one picture, ``codes (P, depth)``, by the ``text`` its one-row ``prompt`` came from.

    Repeated words have a map each. Words that the encoder cut off are left out.
    """
    words = words_to_explain(text)
    pieces = word_pieces(encoder, text, words, model.config.max_text_tokens)
    read = [row for row in range(len(words)) if pieces[row].any()]
    words = tuple(words[row] for row in read)
    if not words:
        return Attribution((), np.zeros((0, *_pixel_size(grid)), np.float32), ())
    prompt = unpadded(prompt)
    tokens = torch.from_numpy(pieces[read]).to(codes.device)
    evidence = word_evidence(model, prompt, codes, grid, tokens)
    return Attribution(
        words=tuple(w.text for w in words),
        maps=to_pixels(evidence, grid),
        reference_shares=reference_shares(model, prompt, codes, grid),
    )


def word_evidence(
    model: LlamaVis, prompt: Prompt, codes: Tensor, grid: tuple[int, int], tokens: Tensor
) -> Tensor:
    """Nats that each word saved, where attention says so too: ``(W, P)``, never below 0.

    ``tokens (W, T)`` bool is :func:`word_pieces`. The nats are smoothed over neighbouring cells,
    and the shares are times ``W``, so that even attention leaves the nats as they are.
    """
    nats = smooth(lost_nats(model, prompt, codes, grid, tokens).clamp(min=0), grid)
    return nats * attention_shares(model, prompt, codes, grid, tokens) * len(tokens)


def attention_shares(
    model: LlamaVis, prompt: Prompt, codes: Tensor, grid: tuple[int, int], tokens: Tensor
) -> Tensor:
    """How the attention that words get is shared among them at each position: ``(W, P)``.

    The mean over all layers and heads, summed over the pieces of a word; each column sums to 1.
    """
    P, T = codes.shape[0], prompt.mask.shape[1]
    with recorded_attention(model.backbone) as layers:
        model.draw_hidden(prompt, codes.unsqueeze(0), grid)
    total = torch.zeros(P, T, device=codes.device)
    for shares in layers:  # (1, nh, L, L)
        total += shares[0, :, -P:, 1 : 1 + T].mean(0)
    of_words = tokens.float() @ total.t()  # (W, P)
    return of_words / of_words.sum(0, keepdim=True).clamp(min=1e-12)


def lost_nats(
    model: LlamaVis, prompt: Prompt, codes: Tensor, grid: tuple[int, int], tokens: Tensor
) -> Tensor:
    """By how much likelier each word makes each code, all its levels together: ``(W, P)`` nats.

    Below 0 where the code surprises the model more with the word than without.
    """
    rows = repeated(prompt, 1 + len(tokens))
    mask = rows.mask.clone()
    mask[1:] &= ~tokens
    nats = code_nats(model, rows._replace(mask=mask), codes, grid)
    return nats[1:] - nats[:1]


def reference_shares(
    model: LlamaVis, prompt: Prompt, codes: Tensor, grid: tuple[int, int]
) -> tuple[float, ...]:
    """How much of what made the codes likelier came from each reference picture: ``(R,)``, 0..1.

    Nats saved by a reference, of those saved by all of them and by the words as a whole. Two
    pictures that say the same save little each: either could be missed.
    """
    given = prompt.references
    if given is None:
        return ()
    R = given.mask.shape[1]
    rows = repeated(prompt, 2 + R)
    assert rows.references is not None
    there, words = rows.references.mask.clone(), rows.mask.clone()
    words[1] = False
    there[2:] &= ~torch.eye(R, dtype=torch.bool, device=there.device)
    rows = rows._replace(mask=words, references=rows.references._replace(mask=there))
    nats = code_nats(model, rows, codes, grid).sum(dim=1)  # (2 + R,)
    saved = (nats[1:] - nats[0]).clamp(min=0)
    shares = (saved / saved.sum().clamp(min=1e-6))[1:]
    return tuple(round(float(share), 4) for share in shares)


def code_nats(model: LlamaVis, prompt: Prompt, codes: Tensor, grid: tuple[int, int]) -> Tensor:
    """How surprising ``codes (P, depth)`` are to each row of a prompt: ``(B, P)`` nats."""
    found = []
    for start in range(0, len(prompt.kind), ROWS_AT_ONCE):
        rows = _rows(prompt, slice(start, start + ROWS_AT_ONCE))
        told = codes.unsqueeze(0).expand(len(rows.kind), -1, -1)
        hidden = model.draw_hidden(rows, told, grid)
        found.append(model.heads.nats(hidden, told))
    return torch.cat(found)


@contextmanager
def recorded_attention(backbone: Backbone) -> Iterator[list[Tensor]]:
    """Inside, every pass without a cache adds each layer's attention ``(B, nh, L, L)`` to the list.

    It is computed a second time beside the fused one, by hooks that go when the block ends, so
    drawing pays nothing for it.
    """
    found: list[Tensor] = []

    def record(module: Attention, inputs: tuple[Any, ...]) -> None:
        x, table, bias = inputs[:3]
        B, L, _ = x.shape
        groups = module.heads // module.kv_heads
        q = module.q_proj(x).view(B, L, module.heads, module.head_size).transpose(1, 2)
        k = module.k_proj(x).view(B, L, module.kv_heads, module.head_size).transpose(1, 2)
        k = rotate(k, table).repeat_interleave(groups, dim=1)  # (B, nh, L, hs)
        scores = rotate(q, table) @ k.transpose(-1, -2) * module.head_size**-0.5
        found.append((scores if bias is None else scores + bias).softmax(dim=-1))

    parts = [part for part in backbone.modules() if isinstance(part, Attention)]
    hooks = [part.register_forward_pre_hook(record) for part in parts]
    try:
        yield found
    finally:
        for hook in hooks:
            hook.remove()


def unpadded(prompt: Prompt) -> Prompt:
    """A one-row prompt without the padding that its neighbours in a batch needed."""
    count, given = int(prompt.mask.sum()), prompt.references
    if given is not None:
        there = given.mask[0]
        given = References(given.codes[:, there], given.role[:, there], given.mask[:, there])
        given = given if bool(there.any()) else None
    return Prompt(prompt.states[:, :count], prompt.mask[:, :count], prompt.kind, given)


def repeated(prompt: Prompt, count: int) -> Prompt:
    """A one-row prompt ``count`` times; the rows share their memory until they are changed."""
    return _each(prompt, lambda tensor: tensor.expand(count, *tensor.shape[1:]))


def smooth(maps: Tensor, grid: tuple[int, int]) -> Tensor:
    """Maps ``(W, P)``, each cell averaged with its neighbours, 1 2 1 both ways."""
    kernel = maps.new_tensor(SMOOTHING).view(1, 1, 3, 3)
    whole = F.conv2d(maps.new_ones(1, 1, *grid), kernel, padding=1)
    return (F.conv2d(maps.view(-1, 1, *grid), kernel, padding=1) / whole).flatten(1)


def to_pixels(maps: Tensor, grid: tuple[int, int]) -> NDArray[np.float32]:
    """Cells ``(W, P)`` to pixels ``(W, h, w)`` in 0..1: near 1 where the strongest word peaks.

    A word that saved a hundredth of it peaks at a tenth: on one scale most words would be dark, and
    each on a scale of its own would make much of those that did nothing.
    """
    peaks = maps.amax(dim=1, keepdim=True)  # (W, 1)
    scaled = maps / (peaks * peaks.max().clamp(min=LEAST_NATS)).sqrt().clamp(min=1e-6)
    smoothed = F.interpolate(
        scaled.view(-1, 1, *grid), size=_pixel_size(grid), mode="bilinear", align_corners=False
    )
    return np.ascontiguousarray(smoothed[:, 0].clamp(0, 1).float().cpu().numpy())


def _pixel_size(grid: tuple[int, int]) -> tuple[int, int]:
    return grid[0] * PATCH_PX, grid[1] * PATCH_PX


def _rows(prompt: Prompt, rows: slice) -> Prompt:
    return _each(prompt, lambda tensor: tensor[rows])


def _each(prompt: Prompt, change: Callable[[Tensor], Tensor]) -> Prompt:
    given = prompt.references
    return Prompt(
        change(prompt.states),
        change(prompt.mask),
        change(prompt.kind),
        None if given is None else References(*(change(part) for part in given)),
    )
