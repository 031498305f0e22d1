"""The built-in model draws: requests of one size become wishes of the model, at its own size.

Imported once the model is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from llamavis_studio.backends.base import ImageRequest, Pixels, WordMap
from llamavis_studio.backends.fitting import fit_for_model, fit_region
from llamavis_studio.model.artist import Artist, Drawing, Wish, draw_together
from llamavis_studio.model.attribution import attribute
from llamavis_studio.model.gloss import gloss
from llamavis_studio.model.memory import Memory
from llamavis_studio.model.sampling import Sampling
from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.unified import LlamaVis

MODEL_KINDS = {"material": "texture"}
"""Kinds of descriptions that the model knows by another name; the others are called the same."""


@dataclass(frozen=True)
class Loaded:
    """The model with all that it draws by."""

    model: LlamaVis
    encoder: TextEncoder
    memory: Memory | None


@dataclass(frozen=True)
class Drawn:
    """One picture, which pictures of the memory it took after, and what else is known of it."""

    pixels: Pixels
    took_after: tuple[str, ...]
    drawing: Drawing
    word_maps: tuple[WordMap, ...] = ()
    took_after_shares: tuple[float, ...] = ()


def draw_group(
    loaded: Loaded,
    words: Sequence[str],
    avoided: Sequence[str],
    requests: Sequence[ImageRequest],
    size: tuple[int, int],
    sampling: Sampling,
    wrap: bool,
    told: Callable[[int, int], None],
) -> list[Drawn]:
    """Draw requests of one size, sampling and way at the edges.

    ``words`` and ``avoided`` are the English prompts of the requests.
    """
    artist = Artist(loaded.model, loaded.encoder, loaded.memory, sampling)
    wishes = [
        _wish(request, text, avoid, size, wrap)
        for request, text, avoid in zip(requests, words, avoided, strict=True)
    ]
    drawings = draw_together(artist, wishes, told)
    return [
        _explained(loaded, wish, drawing)
        if request.explain
        else Drawn(drawing.pixels, drawing.took_after, drawing)
        for request, wish, drawing in zip(requests, wishes, drawings, strict=True)
    ]


def _explained(loaded: Loaded, wish: Wish, drawing: Drawing) -> Drawn:
    """With where each word acted, and how much each picture that was looked up gave."""
    found = attribute(
        loaded.model, loaded.encoder, wish.text, drawing.prompt, drawing.codes, wish.grid
    )
    maps = zip(found.words, found.maps, strict=True)
    names = drawing.took_after
    return Drawn(
        drawing.pixels,
        names,
        drawing,
        tuple(WordMap(word, weights) for word, weights in maps),
        found.reference_shares[-len(names) :] if names else (),
    )


def _wish(request: ImageRequest, text: str, avoid: str, size: tuple[int, int], wrap: bool) -> Wish:
    return Wish(
        text=text,
        kind=MODEL_KINDS.get(request.kind, request.kind),
        seed=request.seed,
        size=size,
        wrap=wrap,
        avoid=avoid,
        references=tuple(fit_for_model(picture, size) for picture in request.references),
        before=None if request.before is None else fit_for_model(request.before, size),
        before_text=gloss(request.before_prompt).english if request.before_prompt else "",
        region=None if request.region is None else fit_region(request.region, size),
        strength=request.strength,
    )
