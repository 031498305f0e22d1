"""`llamavis train --style`: teach the model a user's own pictures without forgetting the others.

Order of events: the pictures become codes, each also shifted and mirrored; beside them lie pictures
of the model's own memory, in the colours of the style (:mod:`llamavis_studio.model.train.echoes`)
and as they are, so that it keeps what it knew; only a change of low rank is learned
(:mod:`llamavis_studio.model.adapter`). From a dozen pictures on, a few are held out, and the change
that drew those best is kept.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from llamavis_studio.model.adapter import Adapter, LowRanks
from llamavis_studio.model.gloss import gloss
from llamavis_studio.model.image_tokenizer import ImageTokenizer
from llamavis_studio.model.memory import Memory
from llamavis_studio.model.pixels import PATCH_PX, Pixels, to_tensor
from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.train.augment import HANDED
from llamavis_studio.model.train.codes import NEIGHBOURS, near_in_words
from llamavis_studio.model.train.echoes import echo_rows, echoes
from llamavis_studio.model.train.examples import CodeSet
from llamavis_studio.model.train.loop import Budget, Report, Schedule, optimizers, run
from llamavis_studio.model.train.unified import CODE_SHARES, lesson
from llamavis_studio.model.train.words import article
from llamavis_studio.model.unified import ALIKE, LlamaVis, References, encode_prompts

FEWEST = 3
"""Fewer pictures are no style."""
HOLD_OUT_FROM, HELD_OUT_SHARE = 12, 0.1
OWN_SHARE, ECHO_SHARE = 0.4, 0.3
"""Parts of what is drawn in training that are the user's, and echoes; the rest is the memory's."""
ECHOES = 240
"""Pictures of the memory that are shown in the colours of the style."""
SHIFTS = ((0, 0), (1, 2), (-1, -2), (2, -1), (-2, 1))
"""(down, right) in pixels of the views; each is also mirrored where the words allow it."""
RATE = 2e-3
CHECK_STEPS, PATIENCE = 20, 6
"""How often the held-out pictures are looked at, and how often they may get no better in a row."""


@dataclass(frozen=True)
class StylePicture:
    """A picture ``(h, w, 4)`` at the size the model draws its kind, hard alpha, and its words."""

    pixels: Pixels
    words: str
    kind: str


@dataclass(frozen=True)
class Lesson:
    """How a style is taught."""

    minutes: float = 10.0
    batch: int = 32
    seed: int = 0


def teach_style(
    model: LlamaVis,
    encoder: TextEncoder,
    memory: Memory | None,
    pictures: Sequence[StylePicture],
    *,
    base: str,
    name: str,
    wish: Lesson,
    report: Report,
) -> Adapter:
    """Learn the pictures; the model itself stays as it is, and ``base`` is its revision.

    Raises ``ValueError`` for fewer than three pictures.
    """
    if len(pictures) < FEWEST:
        raise ValueError(f"a style needs at least {FEWEST} pictures, not {len(pictures)}")
    english = [StylePicture(p.pixels, gloss(p.words).english, p.kind) for p in pictures]
    held = held_out(len(english), wish.seed)
    taught = [picture for i, picture in enumerate(english) if i not in held]
    sets = style_sets(model.image_tokenizer, encoder, taught, memory, wish.seed)
    kept = style_memory(model.image_tokenizer, encoder, english)
    ranks = LowRanks(model, wish.seed)
    best = _Best(ranks)
    with ranks.attached(model), tempfile.TemporaryDirectory() as scratch:
        judged = [english[i] for i in held]
        judge = _Judge(model, encoder, taught, judged) if judged else None
        before = after = None
        if judge is not None:
            before = judge.loss()
            best.offer(before)

        def enough() -> bool:
            return judge is not None and best.seen(judge.loss)

        step = lesson(
            model,
            encoder,
            sets,
            draw=model.draw_hidden,
            device="cpu",
            batch=wish.batch,
            seed=wish.seed,
        )
        progress = run(
            "style",
            ranks,
            step,
            folder=Path(scratch),
            budget=Budget(wish.minutes),
            found=optimizers(ranks, RATE, RATE),
            report=report,
            schedule=Schedule(warmup_steps=20),
            average_decay=0.98,
            enough=enough,
        )
        if judge is not None:
            best.offer(judge.loss())  # the average of the last steps
            best.restore()
            after = best.loss
            report(f"held-out pictures: {before:.3f} before, {after:.3f} after")
    record = {
        "pictures": len(pictures),
        "held_out": len(held),
        "minutes": round(progress.minutes, 2),
        "steps": progress.step,
        "held_out_loss_before": before,
        "held_out_loss_after": after,
    }
    return Adapter(base, name, ranks.matrices(model), kept, record)


def held_out(count: int, seed: int) -> list[int]:
    """Which of ``count`` pictures are not taught: a tenth, at least two, from a dozen on."""
    if count < HOLD_OUT_FROM:
        return []
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.randperm(count, generator=generator)[: max(2, round(count * HELD_OUT_SHARE))]
    return sorted(chosen.tolist())


def style_sets(
    tokenizer: ImageTokenizer,
    encoder: TextEncoder,
    pictures: Sequence[StylePicture],
    memory: Memory | None,
    seed: int = 0,
) -> list[CodeSet]:
    """The user's pictures, one set a grid; on the memory's grid, then echoes, then the memory."""
    found = []
    for grid, mine in _by_grid(pictures).items():
        vectors = encoder.embed([p.words for p in mine]).cpu()
        kinds = [p.kind for p in mine]
        own = CodeSet(
            grid=grid,
            codes=torch.stack([picture_views(tokenizer, p) for p in mine]),
            sample=torch.arange(len(mine)),
            kinds=kinds,
            captions=[(p.words, article(p.words)) for p in mine],
            weights=_spread(OWN_SHARE, len(mine)),
            wraps=torch.tensor([kind == "texture" for kind in kinds]),
            alike=near_in_words(vectors, [str(i) for i in range(len(mine))]).long(),
            pairs=torch.zeros(0, 2, dtype=torch.long),
        )
        if memory is not None and memory.grid == grid:
            rows = echo_rows(memory, kinds, ECHOES, seed)
            drawn = echoes(tokenizer, memory, rows, [p.pixels for p in mine])
            own = _beside_memory(tokenizer, own, vectors, memory, rows, drawn)
        found.append(own)
    return found


def _beside_memory(
    tokenizer: ImageTokenizer,
    own: CodeSet,
    vectors: Tensor,
    memory: Memory,
    rows: Sequence[int],
    drawn: Sequence[Pixels],
) -> CodeSet:
    """The set with the memory's ``rows`` as they were ``drawn`` anew, and with all of the memory.

    ``vectors (N, E)`` are of the user's words.
    """
    mine, views = own.codes.shape[:2]
    others = [*rows, *range(len(memory.kinds))]
    kinds = [*own.kinds, *(memory.kinds[n] for n in others)]
    echoed = [
        _encode(tokenizer, to_tensor([pixels]), memory.kinds[row]).to(torch.int16)
        for row, pixels in zip(rows, drawn, strict=True)
    ]
    codes = torch.cat([*echoed, memory.codes]).unsqueeze(1)  # (others, 1, P, depth)
    # An echo is shown what drawing will show: the nearest of the user's own.
    shown = (memory.vectors[list(rows)] @ vectors.t()).topk(min(NEIGHBOURS, mine), dim=1).indices
    near = near_in_words(memory.vectors, memory.names) + mine + len(rows)
    alike = [_widened(part, near.shape[1]) for part in (own.alike, shown)]
    share = ECHO_SHARE if rows else 0.0
    spread = [_spread(share, len(rows)), _spread(1 - OWN_SHARE - share, len(memory.kinds))]
    return own._replace(
        codes=torch.cat([own.codes, codes.expand(-1, views, -1, -1)]),
        sample=torch.arange(len(kinds)),
        kinds=kinds,
        captions=[*own.captions, *((memory.names[n], memory.names[n]) for n in others)],
        weights=torch.cat([own.weights, *spread]),
        wraps=torch.tensor([kind == "texture" for kind in kinds]),
        alike=torch.cat([*alike, near]).long(),
    )


def style_memory(
    tokenizer: ImageTokenizer, encoder: TextEncoder, pictures: Sequence[StylePicture]
) -> Memory | None:
    """The pictures of the commonest grid, to be looked up while drawing."""
    grids = _by_grid(pictures)
    grid, mine = max(grids.items(), key=lambda item: len(item[1]))
    codes = [_encode(tokenizer, to_tensor([p.pixels]), p.kind)[0] for p in mine]
    return Memory(
        grid=grid,
        codes=torch.stack(codes).to(torch.int16),
        vectors=encoder.embed([p.words for p in mine]).float().cpu(),
        kinds=tuple(p.kind for p in mine),
        names=tuple(p.words for p in mine),
    )


def picture_views(tokenizer: ImageTokenizer, picture: StylePicture) -> Tensor:
    """Codes ``(views, P, depth)`` int16 of a picture, moved and mirrored where that is true."""
    pixels = to_tensor([picture.pixels])  # (1, 4, h, w)
    views = []
    for down, right in SHIFTS:
        moved = pixels.roll((down, right), (2, 3))
        if picture.kind == "background":
            moved = pixels
        elif picture.kind != "texture":
            moved = F.pad(pixels, (right, -right, down, -down))  # what comes in is clear
        views += [moved, moved if HANDED.search(picture.words) else moved.flip(3)]
    return _encode(tokenizer, torch.cat(views), picture.kind).to(torch.int16)


def _encode(tokenizer: ImageTokenizer, pixels: Tensor, kind: str) -> Tensor:
    return tokenizer.encode(pixels, wrap=kind == "texture")


def _by_grid(pictures: Sequence[StylePicture]) -> dict[tuple[int, int], list[StylePicture]]:
    grids: dict[tuple[int, int], list[StylePicture]] = {}
    for picture in pictures:
        height, width = picture.pixels.shape[:2]
        grids.setdefault((height // PATCH_PX, width // PATCH_PX), []).append(picture)
    return grids


def _widened(alike: Tensor, width: int) -> Tensor:
    """Columns ``(N, k)`` repeated to ``(N, width)``; a picture without neighbours takes itself."""
    if not alike.shape[1]:
        alike = torch.arange(len(alike), dtype=alike.dtype).unsqueeze(1)
    return alike.repeat(1, -(-width // alike.shape[1]))[:, :width]


def _spread(share: float, count: int) -> Tensor:
    return torch.full((count,), share / max(1, count))


class _Judge:
    """How likely the held-out pictures are, each shown the taught one whose words are nearest."""

    def __init__(
        self,
        model: LlamaVis,
        encoder: TextEncoder,
        taught: Sequence[StylePicture],
        judged: Sequence[StylePicture],
    ) -> None:
        self._model = model
        self._cases = []
        for picture in judged:
            rivals = [p for p in taught if p.pixels.shape == picture.pixels.shape]
            codes = _encode(model.image_tokenizer, to_tensor([picture.pixels]), picture.kind)
            prompt = encode_prompts(model, encoder, [picture.words], [picture.kind])
            if rivals:
                vectors = encoder.embed([picture.words, *(p.words for p in rivals)])
                near = rivals[int((vectors[1:] @ vectors[0]).argmax())]
                shown = _encode(model.image_tokenizer, to_tensor([near.pixels]), near.kind)
                prompt = prompt._replace(
                    references=References(
                        shown.unsqueeze(1),  # (1, 1, P, depth)
                        torch.full((1, 1), ALIKE),
                        torch.ones(1, 1, dtype=torch.bool),
                    )
                )
            height, width = picture.pixels.shape[:2]
            self._cases.append((prompt, codes, (height // PATCH_PX, width // PATCH_PX)))

    @torch.no_grad()
    def loss(self) -> float:
        """Mean of the training loss over the pictures: nats a position."""
        total = 0.0
        for prompt, codes, grid in self._cases:
            hidden = self._model.draw_hidden(prompt, codes, grid)
            for depth, share in zip(range(codes.shape[-1]), CODE_SHARES, strict=False):
                logits = self._model.heads(hidden, codes[..., :depth])
                total += share * F.cross_entropy(logits[0], codes[0, :, depth]).item()
        return total / len(self._cases)


class _Best:
    """The change of low rank that was judged best so far."""

    def __init__(self, ranks: LowRanks) -> None:
        self._ranks = ranks
        self._values = {name: p.detach().clone() for name, p in ranks.named_parameters()}
        self._steps, self._worse = 0, 0
        self.loss = float("inf")

    def seen(self, judge: Callable[[], float]) -> bool:
        """Count a step; look at every few of them, and say whether it is time to stop."""
        self._steps += 1
        if self._steps % CHECK_STEPS == 0:
            self.offer(judge())
        return self._worse >= PATIENCE

    def offer(self, loss: float) -> None:
        """Keep the present change when it is better than all before."""
        self._worse += 1
        if loss < self.loss:
            self.loss, self._worse = loss, 0
            self._values = {n: p.detach().clone() for n, p in self._ranks.named_parameters()}

    @torch.no_grad()
    def restore(self) -> None:
        """Go back to the best."""
        for name, parameter in self._ranks.named_parameters():
            parameter.copy_(self._values[name])
