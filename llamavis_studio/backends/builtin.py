"""Our own model behind the backend protocol: words to pixels, pixels to words, on any CPU.

Order of events in ``generate``: gloss Chinese to English, encode the words, draw codes in batches
of one grid, decode them to pixels. The pictures have the model's own size for their kind; the
pipeline fits them to the size that the user asked for.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from llamavis_studio.backends.devices import return_freed_memory, wanted_device
from llamavis_studio.backends.out_of_memory import MEMORY_HINT, is_out_of_memory
from llamavis_studio.core.errors import BackendError, ModelMissing, OutOfMemory
from llamavis_studio.core.resources import resource_path

if TYPE_CHECKING:
    from llamavis_studio.backends.builtin_drawing import Drawn, Loaded
    from llamavis_studio.backends.builtin_reading import Reader
    from llamavis_studio.model.artist import Watch
    from llamavis_studio.model.sampling import Sampling

TILE_PX = (32, 32)
SCENE_PX = (48, 32)
LARGE_TILE_PX = (64, 64)
PROMPT_TOKENS = 38
"""`model.text_encoder.MOST_TOKENS` without its two marks; importing that would import torch."""


_FEW_TEXTS = 2


@contextlib.contextmanager
def few_threads(texts: int) -> Iterator[None]:
    """One thread for a text or two: waking the others, which sleep between steps, takes longer than
    what they would save, and somebody waits for a search.
    """
    import torch

    before = torch.get_num_threads()
    if texts > _FEW_TEXTS or before == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class BuiltinBackend:
    """The shipped model. ``folder`` holds a checkpoint, ``minilm`` the text encoder."""

    def __init__(self, folder: Path | None = None, minilm: Path | None = None) -> None:
        chosen = os.environ.get("LLAMAVIS_BUILTIN_MODEL", "")
        self._folder = folder or (Path(chosen) if chosen else resource_path("models", "nano"))
        self._minilm = minilm or resource_path("models", "minilm")
        self._ready: Loaded | None = None
        self._reader: Reader | None = None

    def info(self) -> BackendInfo:
        """Read from ``config.json``. Raises ``ModelMissing`` when it is not there."""
        record = self._record()
        return BackendInfo(
            name="builtin",
            model=str(record.get("name", "llamavis")),
            revision=str(record["revision"]),
            licence=str(record.get("licence", "unknown")),
            max_batch=16,
            can_edit=True,
            can_edit_region=True,
            can_tile=True,
            can_adapt=True,
            domain="pixel_art",
            native_size_px=(
                ("sprite", TILE_PX),
                ("character", TILE_PX),
                ("item", TILE_PX),
                ("background", SCENE_PX),
            ),
            languages=("en", "zh"),
            prompt_tokens=PROMPT_TOKENS,
        )

    def load(self) -> None:
        """Read the weights (about two seconds, most of it importing torch)."""
        if self._ready is not None:
            return
        from llamavis_studio.backends.builtin_drawing import Loaded, placed
        from llamavis_studio.model.checkpoint import (
            CheckpointError,
            checkpoint_memory,
            load_checkpoint,
        )
        from llamavis_studio.model.text_encoder import TextEncoder

        self._record()
        try:
            model = load_checkpoint(self._folder)
            memory = checkpoint_memory(self._folder)
            encoder = TextEncoder.load(self._minilm)
        except CheckpointError as error:
            raise ModelMissing(
                f"the built-in model cannot be used: {error}",
                "install LlamaVis Studio again, or name another checkpoint folder in "
                "LLAMAVIS_BUILTIN_MODEL",
            ) from error
        except (OSError, ValueError, RuntimeError) as error:
            if is_out_of_memory(error):
                raise
            raise ModelMissing(
                f"the text encoder in {self._minilm} cannot be used: {error}",
                "install LlamaVis Studio again",
            ) from error
        self._ready = placed(Loaded(model, encoder, memory), wanted_device())
        return_freed_memory()  # files and halves of weights that were read on the way

    def unload(self) -> None:
        """Forget the weights."""
        self._ready = self._reader = None

    def generate(self, requests: list[ImageRequest], on_step: OnStep) -> list[ImageResult]:
        """Draw each request at the model's own size for its kind, RGBA or RGB."""
        from llamavis_studio.backends.builtin_drawing import draw_group
        from llamavis_studio.backends.builtin_style import read_styles, styled
        from llamavis_studio.model.gloss import gloss
        from llamavis_studio.model.known_words import unknown_english

        loaded = self.loaded()
        encoder = loaded.encoder
        names = () if loaded.memory is None else loaded.memory.names
        styles = read_styles((r.adapter for r in requests), loaded, self.info().revision)
        calm = {path: style.guidance_scale for path, style in styles.items()}
        glosses = [gloss(request.prompt) for request in requests]
        words = [found.english for found in glosses]
        avoided = [gloss(r.negative_prompt).english if r.negative_prompt else "" for r in requests]
        drawn: list[Drawn | None] = [None] * len(requests)
        glimpses: list[Glimpse] = []
        watch = _watch(requests, glimpses)
        done, total = 0, sum(_positions(native_size(r)) for r in requests)
        for size, sampling, wrap, style, places in _groups(
            requests, self._default_sampling(), calm
        ):
            share = _positions(size) * len(places)

            def told(step: int, steps: int, before: int = done, share: int = share) -> None:
                seen = tuple(glimpses)
                glimpses.clear()
                on_step(StepProgress(before + share * step // steps, total, seen))

            with _translated_errors(), styled(loaded, styles.get(style)) as artist:
                group = draw_group(
                    artist,
                    [words[i] for i in places],
                    [avoided[i] for i in places],
                    [requests[i] for i in places],
                    size,
                    sampling,
                    wrap,
                    told,
                    watch,
                )
            for place, one in zip(places, group, strict=True):
                drawn[place] = one
            done += share
        return [
            ImageResult(
                pixels=one.pixels if r.transparent else one.pixels[..., :3].copy(),
                expanded_prompt=found.english,
                seed=r.seed,
                took_after=one.took_after,
                unknown_words=(*found.unknown, *unknown_english(found.english, encoder, names)),
                glosses=found.pairs,
                word_maps=one.word_maps,
                took_after_shares=one.took_after_shares,
                unread=encoder.unread(found.english),
            )
            for one, r, found in zip(drawn, requests, glosses, strict=True)
            if one is not None
        ]

    def caption(self, requests: list[CaptionRequest], on_step: OnStep) -> list[CaptionResult]:
        """Kind, sentence, tags and colours of each picture, read at the model's own size."""
        from llamavis_studio.backends.builtin_reading import Reader, as_drawn, reading_size

        if self._reader is None:
            loaded, info = self.loaded(), self.info()
            name = f"{info.model} {info.revision}"
            self._reader = Reader(loaded.model, loaded.memory, self._record(), name)
        pictures = [as_drawn(request.pixels) for request in requests]
        results: list[CaptionResult | None] = [None] * len(requests)
        by_size: dict[tuple[int, int], list[int]] = {}
        for place, picture in enumerate(pictures):
            by_size.setdefault(reading_size(picture), []).append(place)
        done = 0
        for size, places in by_size.items():
            for start in range(0, len(places), 16):
                part = places[start : start + 16]
                with _translated_errors():
                    found = self._reader.read([pictures[i] for i in part], size)
                for place, result in zip(part, found, strict=True):
                    results[place] = result
                done += len(part)
                on_step(StepProgress(done, len(requests)))
        return [result for result in results if result is not None]

    def embed(self, texts: list[str]) -> Vectors:
        """MiniLM sentence vectors ``(n, 384)``; Chinese is glossed first."""
        from llamavis_studio.model.gloss import gloss

        encoder = self.loaded().encoder
        if not texts:
            return np.zeros((0, encoder.width), np.float32)
        with few_threads(len(texts)):
            vectors = encoder.embed([gloss(text).english for text in texts])
        return np.asarray(vectors.cpu().numpy(), np.float32)

    # --- inside --------------------------------------------------------------------------------

    def _record(self) -> dict[str, Any]:
        try:
            text = (self._folder / "config.json").read_text(encoding="utf-8")
            record: dict[str, Any] = json.loads(text)
            record["revision"]
        except (OSError, ValueError, KeyError) as error:
            raise ModelMissing(
                f"there is no built-in model in {self._folder}",
                "install LlamaVis Studio again, or train one with 'llamavis train'",
            ) from error
        return record

    def loaded(self) -> Loaded:
        """The model itself, for teaching it. Raises ``BackendError`` before ``load``."""
        if self._ready is None:
            raise BackendError("the built-in model is not loaded", "call load() first")
        return self._ready

    def _default_sampling(self) -> dict[str, float]:
        values = self._record().get("sampling", {})
        return {key: float(value) for key, value in values.items()}


def native_size(request: ImageRequest) -> tuple[int, int]:
    """The size the model draws a request at: (width, height) in pixels."""
    if request.kind == "background":
        return SCENE_PX
    if request.kind in ("texture", "material") and min(request.size_px) >= LARGE_TILE_PX[0]:
        return LARGE_TILE_PX
    return TILE_PX


def _positions(size: tuple[int, int]) -> int:
    return size[0] * size[1] // 16  # 4x4 pixels a position


def _watch(requests: Sequence[ImageRequest], glimpses: list[Glimpse]) -> Watch | None:
    """Collects glimpses of what is drawn; None when nobody looks."""
    names = {request.name for request in requests if request.watched}
    if not names:
        return None
    from llamavis_studio.model.artist import Watch, Wish
    from llamavis_studio.model.glimpse import Pace

    def show(wish: Wish, pixels: Pixels) -> None:
        if wish.name in names:
            glimpses.append(Glimpse(wish.name, pixels))

    return Watch(show, Pace())


def _groups(
    requests: Sequence[ImageRequest], defaults: dict[str, float], calm: Mapping[str, float]
) -> Iterator[tuple[tuple[int, int], Sampling, bool, str, list[int]]]:
    """Requests that can share a batch: size, sampling, wrap, style and their places.

    ``calm`` is the guidance scale of each style, for requests that ask for none.
    """
    from llamavis_studio.model.sampling import Sampling

    # Edits stand apart: seams are mended in whole batches, and only of what is drawn from nothing.
    groups: dict[tuple[tuple[int, int], Sampling, bool, str, bool], list[int]] = {}
    for place, request in enumerate(requests):
        asked = {
            "guidance_scale": request.guidance_scale,
            "temperature": request.temperature,
            "top_p": request.top_p,
        }
        own = {"guidance_scale": calm[request.adapter]} if request.adapter else {}
        chosen = {**defaults, **own, **{key: v for key, v in asked.items() if v is not None}}
        key = (
            native_size(request),
            Sampling(**chosen),
            request.tileable,
            request.adapter,
            request.before is not None,
        )
        groups.setdefault(key, []).append(place)
    for (size, sampling, wrap, style, _), places in groups.items():
        yield size, sampling, wrap, style, places


class _translated_errors:  # noqa: N801 - used as a context, read as a verb
    """Turns torch's out-of-memory errors into ours, which ask for a smaller batch."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if is_out_of_memory(error):
            raise OutOfMemory("there is not enough memory to go on", MEMORY_HINT) from error
