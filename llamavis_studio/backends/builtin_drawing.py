"""The built-in model draws: requests of one size become wishes of the model, at its own size.

Imported once the model is loaded.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from llamavis_studio.backends.base import ImageRequest, Pixels, WordMap
from llamavis_studio.backends.devices import (
    AUTO,
    choose_device,
    prepare_device,
    return_freed_memory,
)
from llamavis_studio.backends.fitting import fit_for_model, fit_region
from llamavis_studio.model.artist import Artist, Drawing, Watch, Wish, draw_together
from llamavis_studio.model.attribution import attribute
from llamavis_studio.model.gloss import gloss
from llamavis_studio.model.memory import Memory
from llamavis_studio.model.pixels import to_tensor
from llamavis_studio.model.sampling import Sampling
from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.unified import LlamaVis

CPU = "cpu"
_log = logging.getLogger(__name__)
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


def placed(loaded: Loaded, setting: str) -> Loaded:
    """The model on the device that a setting means; see ``backends.devices``.

    With "auto" a card that cannot do it (it is full, or lacks an operation) leaves it to the
    processor. Raises BackendUnavailable for a device that is not there.
    """
    device = choose_device(setting)
    if device == CPU:
        return loaded
    prepare_device(device)
    try:
        _moved(loaded, device)
        _try_out(loaded)
    except RuntimeError as error:
        if setting != AUTO:
            raise
        _log.warning("%s cannot draw, the processor does: %s", device, error)
        _moved(loaded, CPU)
        return_freed_memory()
    return loaded


def _moved(loaded: Loaded, device: str) -> None:
    loaded.model.to(device)
    loaded.encoder.to(device)


def _try_out(loaded: Loaded) -> None:
    """Draw and read four cells: what a device lacks then shows before anybody waits for it."""
    artist = Artist(loaded.model, loaded.encoder, loaded.memory, Sampling())
    wish = Wish("a red dragon", loaded.model.config.kinds[0], 0, (8, 8))
    draw_together(artist, [wish])
    blank = np.zeros((8, 8, 4), np.uint8)
    loaded.model.image_tokenizer.encode(to_tensor([blank]))


def draw_group(
    loaded: Loaded,
    words: Sequence[str],
    avoided: Sequence[str],
    requests: Sequence[ImageRequest],
    size: tuple[int, int],
    sampling: Sampling,
    wrap: bool,
    told: Callable[[int, int], None],
    watch: Watch | None = None,
) -> list[Drawn]:
    """Draw requests of one size, sampling and way at the edges.

    ``words`` and ``avoided`` are the English prompts of the requests. ``watch`` sees them emerge.
    """
    artist = Artist(loaded.model, loaded.encoder, loaded.memory, sampling)
    wishes = [
        _wish(request, text, avoid, size, wrap)
        for request, text, avoid in zip(requests, words, avoided, strict=True)
    ]
    drawings = draw_together(artist, wishes, told, watch)
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
        name=request.name,
    )
