"""A checkpoint of diffusers behind the backend protocol.

Order of events in ``generate``: put each request's words together, group the requests that one
call of a pipeline can draw, draw the groups, cut the channels that were not asked for.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from llamavis_studio.backends.base import (
    BackendInfo,
    CaptionRequest,
    CaptionResult,
    Glimpse,
    ImageRequest,
    ImageResult,
    OnStep,
    Pixels,
    StepProgress,
    Vectors,
)
from llamavis_studio.backends.devices import wanted_device
from llamavis_studio.backends.diffusion.checkpoint import Checkpoint, read_checkpoint
from llamavis_studio.backends.diffusion.options import DiffusionOptions
from llamavis_studio.backends.diffusion.pictures import frame_of
from llamavis_studio.backends.model_records import ModelRecord
from llamavis_studio.core.errors import BackendError, BackendUnavailable

if TYPE_CHECKING:
    from llamavis_studio.backends.diffusion.drawing import Manner
    from llamavis_studio.backends.diffusion.loading import Loaded, Way

CODE_VERSION = 1
"""Grows whenever the same request would give other pixels."""
PARTS_OF_ONE = 1000
"""Progress is told in thousandths of a picture: groups may take other numbers of steps."""
_PACKAGES = ("diffusers", "accelerate", "peft")
_FILE_HEAD_BYTES = 1 << 20


class DiffusionBackend:
    """One checkpoint, as its record describes it.

    Raises BackendUnavailable for options that are wrong.
    """

    def __init__(self, record: ModelRecord) -> None:
        self._record = record
        self._options = record.checked_options(DiffusionOptions)
        self._ready: Loaded | None = None

    def info(self) -> BackendInfo:
        """From the checkpoint's small files. Raises ModelMissing or BackendUnavailable."""
        _check_installed()
        checkpoint = self._checkpoint()
        family = checkpoint.family
        return BackendInfo(
            name=self._record.name,
            model=self._record.source or f"{family.title} in {checkpoint.place.name}",
            revision=self._record.pixel_revision(CODE_VERSION) + self._files_revision(),
            licence=self._record.licence or "unknown",
            max_batch=self._options.max_batch,
            can_caption=False,
            can_edit=True,
            can_edit_region=True,
            can_tile=family.can_tile,
            can_cut_out=False,
            can_guide=checkpoint.is_guided,
            can_avoid=family.can_avoid and checkpoint.is_guided,
            can_take_references=False,
            can_adapt=True,
            sizes=checkpoint.sizes,
            languages=family.languages,
            prompt_tokens=checkpoint.tokens,
        )

    def load(self) -> None:
        """Read the weights. Raises ModelMissing, BackendUnavailable; memory errors pass."""
        if self._ready is not None:
            return
        _check_installed()
        checkpoint = self._checkpoint()
        from llamavis_studio.backends.diffusion.loading import load

        self._ready = load(self._record.name, checkpoint, self._options, wanted_device())

    def unload(self) -> None:
        """Forget the weights."""
        self._ready = None

    def generate(self, requests: list[ImageRequest], on_step: OnStep) -> list[ImageResult]:
        """Draw each request at the size that ``info().sizes`` names for it."""
        loaded = self._loaded()
        from llamavis_studio.backends.diffusion.drawing import Wish, draw_group, heeds_negative
        from llamavis_studio.backends.diffusion.reading import unread
        from llamavis_studio.model.glimpse import Pace

        checkpoint = loaded.checkpoint
        tokenizer = getattr(loaded.first, checkpoint.family.reader, None)
        tokenizer = tokenizer if tokenizer is not None else loaded.first.tokenizer
        wishes = [Wish(request, self._words(request.prompt)) for request in requests]
        drawn: dict[int, Pixels] = {}
        pace, done, total = Pace(), 0, PARTS_OF_ONE * len(requests)
        avoided = [""] * len(requests)
        for manner, places in self._groups(checkpoint, requests):
            if manner is not None and heeds_negative(checkpoint, manner):
                for i in places:
                    avoided[i] = requests[i].negative_prompt
            share = PARTS_OF_ONE * len(places)

            def told(
                part: float, seen: tuple[Glimpse, ...], before: int = done, share: int = share
            ) -> None:
                on_step(StepProgress(before + int(share * part), total, seen))

            if manner is None:
                pictures = [_unchanged(requests[i], checkpoint) for i in places]
                told(1.0, ())
            else:
                group = [wishes[i] for i in places]
                pictures = draw_group(loaded, self._record.name, manner, group, told, pace)
            drawn.update(zip(places, pictures, strict=True))
            done += share
        return [
            ImageResult(
                pixels=drawn[i] if wish.request.transparent else drawn[i][..., :3].copy(),
                expanded_prompt=wish.prompt,
                seed=wish.request.seed,
                unread=unread(tokenizer, wish.prompt, checkpoint.tokens),
                unread_negative=unread(tokenizer, avoided[i], checkpoint.tokens),
            )
            for i, wish in enumerate(wishes)
        ]

    def caption(self, requests: list[CaptionRequest], on_step: OnStep) -> list[CaptionResult]:
        """Nothing for nothing; it cannot describe. Raises BackendError."""
        if not requests:
            return []
        raise BackendError(
            f"the model '{self._record.name}' draws pictures and cannot describe them",
            "choose builtin or a captioner for that",
        )

    def embed(self, texts: list[str]) -> Vectors:
        """Vectors of its first text encoder ``(n, d)``."""
        loaded = self._loaded()
        from llamavis_studio.backends.diffusion.loading import quiet
        from llamavis_studio.backends.diffusion.reading import text_vectors

        with quiet():
            return text_vectors(loaded.pipe("text"), texts)

    # --- inside --------------------------------------------------------------------------------

    def _checkpoint(self) -> Checkpoint:
        return read_checkpoint(self._record, self._options)

    def _loaded(self) -> Loaded:
        if self._ready is None:
            raise BackendError(
                f"the model '{self._record.name}' is not loaded", "call load() first"
            )
        return self._ready

    def _words(self, prompt: str) -> str:
        """Prefix, prompt and suffix as one text."""
        text = f"{self._options.prompt_prefix.strip()} {prompt.strip()}".strip()
        suffix = self._options.prompt_suffix.strip()
        gap = "" if suffix[:1] in (",", ".", ";", ":") else " "
        return f"{text}{gap}{suffix}".strip()

    def _groups(
        self, checkpoint: Checkpoint, requests: Sequence[ImageRequest]
    ) -> list[tuple[Manner | None, list[int]]]:
        """Requests that share a call, by their places; None where nothing is to be drawn."""
        groups: dict[Manner | None, list[int]] = {}
        for place, request in enumerate(requests):
            groups.setdefault(self._manner(checkpoint, request), []).append(place)
        return list(groups.items())

    def _manner(self, checkpoint: Checkpoint, request: ImageRequest) -> Manner | None:
        from llamavis_studio.backends.diffusion.drawing import Manner

        way: Way = "text"
        strength = 1.0
        if request.before is not None:
            if request.strength == 0.0:
                return None
            way = "picture" if request.region is None else "region"
            gain = self._options.edit_strength if request.region is None else 1.0
            strength = request.strength * gain
        guidance = checkpoint.guidance_scale
        if checkpoint.is_guided and request.guidance_scale is not None:
            guidance = request.guidance_scale
        size = checkpoint.sizes.nearest(request.size_px)
        return Manner(way, size, guidance, strength, request.tileable, request.adapter)

    def _files_revision(self) -> str:
        """Changes with the LoRAs that always act and the VAE that the options name; the beginnings
        of the files name every layer.
        """
        files = [lora.file for lora in self._options.loras]
        files += [self._options.vae] if self._options.vae else []
        if not files:
            return ""
        digest = hashlib.sha256()
        for one in files:
            try:
                with open(one, "rb") as file:
                    digest.update(file.read(_FILE_HEAD_BYTES))
                    digest.update(str(file.seek(0, 2)).encode())
            except OSError:
                digest.update(b"missing")
        return f"-{digest.hexdigest()[:8]}"


def _unchanged(request: ImageRequest, checkpoint: Checkpoint) -> Pixels:
    """The version before at the size that would be drawn."""
    return np.array(frame_of(request, checkpoint.sizes.nearest(request.size_px)).before)


def _check_installed() -> None:
    """Raise BackendUnavailable where a package of the extra is missing; none is imported."""
    missing = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise BackendUnavailable(
            f"drawing with diffusers needs what is not installed: {', '.join(missing)}",
            'pip install "llamavis-studio[diffusers]"',
        )
