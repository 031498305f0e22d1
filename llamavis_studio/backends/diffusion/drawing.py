"""One group of requests through one pipeline: noise from each request's own seed, steps told,
pictures out.

On the processor each request is drawn by itself: matrix products of other batch sizes round in
another order there, so that neighbours would show in the last bits, and a batch gains no time. A
graphics card draws the whole group at once.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from llamavis_studio.backends.base import Glimpse, ImageRequest, Pixels
from llamavis_studio.backends.diffusion.checkpoint import Checkpoint
from llamavis_studio.backends.diffusion.glimpses import Onlooker
from llamavis_studio.backends.diffusion.loading import Loaded, Way, quiet
from llamavis_studio.backends.diffusion.pictures import (
    Frame,
    blank_frame,
    frame_of,
    mask_in_cells,
    pasted,
)
from llamavis_studio.backends.diffusion.tiling import Wanderer, wrapping
from llamavis_studio.backends.pretrained import refuse_nan
from llamavis_studio.core.errors import BackendError
from llamavis_studio.model.glimpse import Pace

MOST_STEPS = 100
"""Of a weak edit, which takes its few steps from the end of a longer way."""
MOST_DECODED_AT_ONCE = 2 << 20
"""Pixels; a decoder takes about a kilobyte of memory for each."""


@dataclass(frozen=True)
class Manner:
    """What the requests of one group have in common."""

    way: Way
    size_px: tuple[int, int]
    guidance_scale: float
    strength: float
    tileable: bool
    adapter: str


@dataclass(frozen=True)
class Wish:
    """A request with the words that are sent for it."""

    request: ImageRequest
    prompt: str


Told = Callable[[float, tuple[Glimpse, ...]], None]
"""Told how much of the group is done, 0..1, and what can be seen; it may raise to stop."""


def draw_group(
    loaded: Loaded, name: str, manner: Manner, wishes: Sequence[Wish], told: Told, pace: Pace
) -> list[Pixels]:
    """``(h, w, 4)`` for each wish, at the size of the manner.

    Raises BackendError for a LoRA that does not fit, for values that are no numbers, and where the
    checkpoint's own safety checker withholds a picture.
    """
    at_once = 1 if loaded.device == "cpu" else max(1, len(wishes))
    pictures: list[Pixels] = []
    for start in range(0, len(wishes), at_once):
        part = wishes[start : start + at_once]

        def within(
            share: float, seen: tuple[Glimpse, ...], start: int = start, count: int = len(part)
        ) -> None:
            told((start + share * count) / len(wishes), seen)

        pictures += _Batch(loaded, name, manner, part, within, pace).draw()
    return pictures


def heeds_negative(checkpoint: Checkpoint, manner: Manner) -> bool:
    """Whether words to avoid count: without guidance, pipelines do not look at them."""
    return manner.guidance_scale > 1.0 and checkpoint.family.can_avoid


def steps_for(steps: int, strength: float) -> tuple[int, float]:
    """Steps and strength of an edit so that at least one step is really taken.

    Pipelines take the last ``int(steps * strength)`` steps, which may be none.
    """
    if int(steps * strength) >= 1:
        return steps, strength
    longer = max(steps, min(MOST_STEPS, math.ceil(1.0 / strength + 1e-6)))
    return longer, min(1.0, max(strength, 1.0 / longer + 1e-6))


class _Batch:
    """One call of a pipeline."""

    def __init__(
        self,
        loaded: Loaded,
        name: str,
        manner: Manner,
        wishes: Sequence[Wish],
        told: Told,
        pace: Pace,
    ) -> None:
        self._loaded, self._name, self._manner = loaded, name, manner
        self._wishes, self._told = wishes, told
        self._pipe = loaded.pipe(manner.way)
        self._frames = [self._frame(wish.request) for wish in wishes]
        self._glimpses: list[Glimpse] = []
        names = [wish.request.name if wish.request.watched else "" for wish in wishes]
        if loaded.offload != "none" or _overflows(self._pipe.vae):
            names = []  # a look would fetch the decoder, or be black
        self._onlooker = Onlooker(self._pipe, names, manner.size_px, pace, self._glimpses.append)
        self._wanderer = self._wandering()

    def draw(self) -> list[Pixels]:
        """Pictures ``(h, w, 4)`` in the order of the wishes."""
        manner, family = self._manner, self._loaded.checkpoint.family
        self._told(0.0, ())  # reading the words may take a while: who wants to stop it can do so
        with ExitStack() as stack, torch.no_grad():
            stack.enter_context(quiet())
            stack.callback(self._pipe.maybe_free_model_hooks)
            self._loaded.use_lora(self._pipe, manner.adapter)
            stack.enter_context(_decoding_in_parts(self._pipe.vae, manner.size_px))
            if manner.tileable and family.can_tile:
                stack.enter_context(wrapping(getattr(self._pipe, family.denoiser), self._pipe.vae))
            answer = self._pipe(**self._arguments())
        if any(getattr(answer, "nsfw_content_detected", None) or ()):
            raise BackendError(
                f"the safety checker of the model '{self._name}' withheld a picture",
                "choose other words or another seed",
            )
        refuse_nan(answer.images, self._name)
        drawn = _to_bytes(answer.images)
        self._told(1.0, ())
        return [
            pasted(frame, pixels) if frame is not None else _opaque(pixels)
            for frame, pixels in zip(self._frames, drawn, strict=True)
        ]

    def _frame(self, request: ImageRequest) -> Frame | None:
        if request.before is not None:
            return frame_of(request, self._manner.size_px)
        return None

    def _arguments(self) -> dict[str, Any]:
        manner, checkpoint = self._manner, self._loaded.checkpoint
        family = checkpoint.family
        takes = inspect.signature(self._pipe.__call__).parameters
        width, height = manner.size_px
        steps, strength = checkpoint.steps, 1.0
        requests = [wish.request for wish in self._wishes]
        arguments: dict[str, Any] = {
            "prompt": [wish.prompt for wish in self._wishes],
            "generator": [torch.Generator("cpu").manual_seed(one.seed) for one in requests],
            family.guidance_name: manner.guidance_scale,
            "output_type": "pt",
            "callback_on_step_end": self._step,
            "width": width,
            "height": height,
            "max_sequence_length": checkpoint.tokens,
        }
        if heeds_negative(checkpoint, manner):
            empty = "" if family.guidance_name == "guidance_scale" else " "
            arguments["negative_prompt"] = [one.negative_prompt or empty for one in requests]
        if "strength" in takes:
            steps, strength = steps_for(steps, manner.strength)
            blank = blank_frame(manner.size_px)
            frames = [frame or blank for frame in self._frames]
            arguments["strength"] = strength
            arguments["image"] = _stacked([frame.laid for frame in frames])
            if "mask_image" in takes:
                arguments["mask_image"] = self._masks(frames)
        arguments["num_inference_steps"] = steps
        return {key: value for key, value in arguments.items() if key in takes}

    def _masks(self, frames: Sequence[Frame]) -> Tensor:
        """``(B, 1, h, w)`` 1 where it is drawn anew."""
        cell = self._loaded.checkpoint.sizes.step_px
        everywhere = np.ones(frames[0].laid.shape[:2], bool)
        masks = [
            mask_in_cells(everywhere if frame.region is None else frame.region, cell)
            for frame in frames
        ]
        return torch.from_numpy(np.stack(masks))[:, None]

    def _wandering(self) -> Wanderer | None:
        """Latents roll where a transformer draws, unless a region holds them to their place."""
        checkpoint, manner = self._loaded.checkpoint, self._manner
        family = checkpoint.family
        rolls = family.denoiser == "transformer" and family.can_tile and manner.way != "region"
        if not (rolls and manner.tileable):
            return None
        step = checkpoint.sizes.step_px
        grid = (manner.size_px[1] // step, manner.size_px[0] // step)
        return Wanderer([w.request.seed for w in self._wishes], grid, family.step_latents)

    def _step(
        self, pipe: Any, number: int, _timestep: Any, values: dict[str, Any]
    ) -> dict[str, Any]:
        """After each step: look, tell (which may stop it all), and roll."""
        count = max(1, pipe.num_timesteps)
        latents, wanderer = values["latents"], self._wanderer
        share = (number + 1) / count
        self._onlooker.look(wanderer.straight(latents) if wanderer else latents, share)
        seen = tuple(self._glimpses)
        self._glimpses.clear()
        # The last part is the decoder's.
        self._told((number + 1) / (count + 1), seen)
        if wanderer is not None:
            values["latents"] = wanderer.moved(latents, last=number + 1 >= count)
        return values


@contextmanager
def _decoding_in_parts(vae: Any, size_px: tuple[int, int]) -> Generator[None]:
    """Large pictures are decoded part by part, which takes a fraction of the memory."""
    large = size_px[0] * size_px[1] > MOST_DECODED_AT_ONCE
    if not large or not hasattr(vae, "enable_tiling") or vae.use_tiling:
        yield
        return
    vae.enable_tiling()
    try:
        yield
    finally:
        vae.disable_tiling()


def _overflows(vae: Any) -> bool:
    """Whether a decoder gives no numbers in half precision, so that its pipeline widens it."""
    return vae.dtype == torch.float16 and bool(getattr(vae.config, "force_upcast", False))


def _stacked(pictures: Sequence[Pixels]) -> Tensor:
    """``(B, 3, h, w)`` in 0..1."""
    values = np.stack(pictures).astype(np.float32) / 255.0
    return torch.from_numpy(values).permute(0, 3, 1, 2).contiguous()


def _to_bytes(images: Tensor) -> list[Pixels]:
    """``(B, 3, h, w)`` in 0..1 -> one ``(h, w, 3)`` each."""
    values = (images.float().clamp(0, 1) * 255.0).round().to(torch.uint8).cpu()
    return [np.ascontiguousarray(one) for one in values.permute(0, 2, 3, 1).numpy()]


def _opaque(pixels: Pixels) -> Pixels:
    return np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
