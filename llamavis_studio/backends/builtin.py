"""Our own model behind the backend protocol: words to pixels, pixels to words, on any CPU.

Order of events in ``generate``: gloss Chinese to English, encode the words, draw codes in batches
of one grid, decode them to pixels. The pictures have the model's own size for their kind; the
pipeline fits them to the size that the user asked for.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from llamavis_studio.backends.base import (
    BackendInfo,
    CaptionRequest,
    CaptionResult,
    ImageRequest,
    ImageResult,
    OnStep,
    Pixels,
    StepProgress,
    Tag,
    Vectors,
)
from llamavis_studio.core.errors import BackendError, ModelMissing, OutOfMemory
from llamavis_studio.core.resources import resource_path
from llamavis_studio.imaging.arrays import with_alpha
from llamavis_studio.imaging.scale import fit_to_size, scale_area

if TYPE_CHECKING:
    import torch

    from llamavis_studio.model.sampling import Caption, Sampling
    from llamavis_studio.model.text_encoder import TextEncoder
    from llamavis_studio.model.unified import LlamaVis

PATCH_PX = 4
TILE_PX = (32, 32)
SCENE_PX = (48, 32)
LARGE_TILE_PX = (64, 64)
MODEL_KINDS = {"material": "texture"}
"""Kinds of descriptions that the model knows by another name; the others are called the same."""
DESCRIPTION_KINDS = {
    "creature": "sprite",
    "feature": "sprite",
    "effect": "sprite",
    "object": "sprite",
}
"""What the model tells apart more finely than descriptions do; the finer word becomes a tag."""
CAPTION_SAMPLES = 8
"""Captions drawn beside the best one, to count how often a word is said."""
DOMAIN_MAX_PX = 128
"""Larger pictures are not pixel art of the sort the model was taught."""
DOMAIN_MIN_PSNR_DB = 14.0
"""Worse than this, the image tokenizer has not met such pixels."""
SMALL_WORDS = frozenset(
    ["a", "an", "the", "of", "in", "on", "with", "and", "at", "to", "from", "by", "for", "over"]
)


class BuiltinBackend:
    """The shipped model. ``folder`` holds a checkpoint, ``minilm`` the text encoder."""

    def __init__(self, folder: Path | None = None, minilm: Path | None = None) -> None:
        chosen = os.environ.get("LLAMAVIS_BUILTIN_MODEL", "")
        self._folder = folder or (Path(chosen) if chosen else resource_path("models", "nano"))
        self._minilm = minilm or resource_path("models", "minilm")
        self._model: LlamaVis | None = None
        self._encoder: TextEncoder | None = None

    def info(self) -> BackendInfo:
        """Read from ``config.json``. Raises ``ModelMissing`` when it is not there."""
        record = self._record()
        return BackendInfo(
            name="builtin",
            model=str(record.get("name", "llamavis")),
            revision=str(record["revision"]),
            licence=str(record.get("licence", "unknown")),
            max_batch=16,
            native_size_px=(
                ("sprite", TILE_PX),
                ("character", TILE_PX),
                ("item", TILE_PX),
                ("background", SCENE_PX),
            ),
            languages=("en", "zh"),
        )

    def load(self) -> None:
        """Read the weights (about two seconds, most of it importing torch)."""
        if self._model is not None:
            return
        from llamavis_studio.model.checkpoint import CheckpointError, load_checkpoint
        from llamavis_studio.model.text_encoder import TextEncoder

        self._record()
        try:
            model = load_checkpoint(self._folder)
            self._encoder = TextEncoder.load(self._minilm)
        except CheckpointError as error:
            raise ModelMissing(
                f"the built-in model cannot be used: {error}",
                "install LlamaVis Studio again, or name another checkpoint folder in "
                "LLAMAVIS_BUILTIN_MODEL",
            ) from error
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelMissing(
                f"the text encoder in {self._minilm} cannot be used: {error}",
                "install LlamaVis Studio again",
            ) from error
        self._model = model

    def unload(self) -> None:
        """Forget the weights."""
        self._model = None
        self._encoder = None

    def generate(self, requests: list[ImageRequest], on_step: OnStep) -> list[ImageResult]:
        """Draw each request at the model's own size for its kind, RGBA or RGB."""
        from llamavis_studio.model.gloss import gloss

        words = [gloss(request.prompt).english for request in requests]
        avoided = [gloss(r.negative_prompt).english if r.negative_prompt else "" for r in requests]
        pictures: list[Pixels | None] = [None] * len(requests)
        done, total = 0, sum(_positions(_native_size(r)) for r in requests)
        for size, sampling, wrap, places in _groups(requests, self._default_sampling()):
            share = _positions(size) * len(places)

            def told(step: int, steps: int, before: int = done, share: int = share) -> None:
                on_step(StepProgress(before + share * step // steps, total))

            with _translated_errors():
                drawn = self._draw(
                    [words[i] for i in places],
                    [avoided[i] for i in places],
                    [requests[i] for i in places],
                    size,
                    sampling,
                    wrap,
                    told,
                )
            for place, picture in zip(places, drawn, strict=True):
                pictures[place] = picture
            done += share
        return [
            ImageResult(p if r.transparent else p[..., :3].copy(), text, r.seed)
            for p, r, text in zip(pictures, requests, words, strict=True)
            if p is not None
        ]

    def caption(self, requests: list[CaptionRequest], on_step: OnStep) -> list[CaptionResult]:
        """Kind, sentence and tags of each picture, scaled to the model's own size first."""
        results: list[CaptionResult | None] = [None] * len(requests)
        by_size: dict[tuple[int, int], list[int]] = {}
        for place, request in enumerate(requests):
            by_size.setdefault(_reading_size(request.pixels), []).append(place)
        done = 0
        for size, places in by_size.items():
            for start in range(0, len(places), 16):
                part = places[start : start + 16]
                with _translated_errors():
                    found = self._read([requests[i].pixels for i in part], size)
                for place, result in zip(part, found, strict=True):
                    results[place] = result
                done += len(part)
                on_step(StepProgress(done, len(requests)))
        return [result for result in results if result is not None]

    def embed(self, texts: list[str]) -> Vectors:
        """MiniLM sentence vectors ``(n, 384)``; Chinese is glossed first."""
        from llamavis_studio.model.gloss import gloss

        _, encoder = self._loaded()
        if not texts:
            return np.zeros((0, encoder.width), np.float32)
        vectors = encoder.embed([gloss(text).english for text in texts])
        return np.asarray(vectors.numpy(), np.float32)

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

    def _loaded(self) -> tuple[LlamaVis, TextEncoder]:
        if self._model is None or self._encoder is None:
            raise BackendError("the built-in model is not loaded", "call load() first")
        return self._model, self._encoder

    def _default_sampling(self) -> dict[str, float]:
        values = self._record().get("sampling", {})
        return {key: float(value) for key, value in values.items()}

    def _draw(
        self,
        words: Sequence[str],
        avoided: Sequence[str],
        requests: Sequence[ImageRequest],
        size: tuple[int, int],
        sampling: Sampling,
        wrap: bool,
        told: Callable[[int, int], None],
    ) -> list[Pixels]:
        from llamavis_studio.model.sampling import draw_codes
        from llamavis_studio.model.unified import encode_prompts

        model, encoder = self._loaded()
        kinds = [MODEL_KINDS.get(r.kind, r.kind) for r in requests]
        wanted = encode_prompts(model, encoder, words, kinds)
        unwanted = model.no_prompt(len(words))
        if any(avoided):
            # Rows without words to avoid keep the unconditional prompt: no words, no kind.
            texts = [text or "." for text in avoided]
            said = encode_prompts(model, encoder, texts, ["" for _ in avoided])
            for row, text in enumerate(avoided):
                if not text:
                    said.mask[row] = False
            unwanted = said
        grid = (size[1] // PATCH_PX, size[0] // PATCH_PX)
        codes = draw_codes(
            model, wanted, unwanted, grid, [r.seed for r in requests], sampling, told
        )
        return _to_bytes(model.image_tokenizer.decode(codes, grid, wrap))

    def _read(self, pictures: Sequence[Pixels], size: tuple[int, int]) -> list[CaptionResult]:
        import torch

        from llamavis_studio.model.caption_decoder import CaptionVocabulary
        from llamavis_studio.model.sampling import read_captions

        model, _ = self._loaded()
        fitted = [_fit_for_reading(picture, size) for picture in pictures]
        pixels = torch.from_numpy(np.stack(fitted)).permute(0, 3, 1, 2).float() / 255
        grid = (size[1] // PATCH_PX, size[0] // PATCH_PX)
        codes = model.image_tokenizer.encode(pixels)
        again = model.image_tokenizer.decode(codes, grid)
        vocabulary = CaptionVocabulary(model.config)
        name = f"{self.info().model} {self.info().revision}"
        results = []
        for picture, captions, psnr in zip(
            pictures,
            read_captions(model, codes, grid, samples=CAPTION_SAMPLES),
            _psnr_db(pixels, again),
            strict=True,
        ):
            kind, text = vocabulary.decode(captions[0].ids)
            small = max(picture.shape[:2]) <= DOMAIN_MAX_PX
            results.append(
                CaptionResult(
                    caption=text or kind,
                    tags=_tags(captions, vocabulary.decode),
                    kind=DESCRIPTION_KINDS.get(kind, kind),
                    in_domain=small and psnr >= DOMAIN_MIN_PSNR_DB,
                    model=name,
                )
            )
        return results


def _native_size(request: ImageRequest) -> tuple[int, int]:
    """The size the model draws a request at: (width, height) in pixels."""
    if request.kind == "background":
        return SCENE_PX
    if request.kind in ("texture", "material") and min(request.size_px) >= LARGE_TILE_PX[0]:
        return LARGE_TILE_PX
    return TILE_PX


def _positions(size: tuple[int, int]) -> int:
    return size[0] * size[1] // PATCH_PX**2


def _groups(
    requests: Sequence[ImageRequest], defaults: dict[str, float]
) -> Iterator[tuple[tuple[int, int], Sampling, bool, list[int]]]:
    """Requests that can share a batch: size, sampling, wrap and their places."""
    from llamavis_studio.model.sampling import Sampling

    groups: dict[tuple[tuple[int, int], Sampling, bool], list[int]] = {}
    for place, request in enumerate(requests):
        asked = {
            "guidance_scale": request.guidance_scale,
            "temperature": request.temperature,
            "top_p": request.top_p,
        }
        chosen = {**defaults, **{key: v for key, v in asked.items() if v is not None}}
        key = (_native_size(request), Sampling(**chosen), request.tileable)
        groups.setdefault(key, []).append(place)
    for (size, sampling, wrap), places in groups.items():
        yield size, sampling, wrap, places


def _to_bytes(pixels: torch.Tensor) -> list[Pixels]:
    """``(B, 4, h, w)`` in 0..1 to uint8 ``(h, w, 4)``."""
    array = (pixels * 255).round().clamp(0, 255).permute(0, 2, 3, 1).to("cpu").numpy()
    return [np.ascontiguousarray(picture, dtype=np.uint8) for picture in array]


def _reading_size(pixels: Pixels) -> tuple[int, int]:
    """Wide opaque pictures are read as scenes, all others as tiles."""
    height, width = pixels.shape[:2]
    clear = pixels.shape[2] == 4 and bool((pixels[..., 3] < 128).any())
    return SCENE_PX if not clear and width >= 1.25 * height else TILE_PX


def _fit_for_reading(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """RGBA of exactly ``size``: large pictures averaged down, small ones centred; hard alpha."""
    pixels = with_alpha(pixels)
    height, width = pixels.shape[:2]
    shrink = max(width / size[0], height / size[1])
    if shrink > 1:
        pixels = scale_area(pixels, (max(1, round(width / shrink)), max(1, round(height / shrink))))
    fitted = fit_to_size(pixels, size, pad=True)
    fitted = with_alpha(fitted).copy()
    fitted[..., 3] = np.where(fitted[..., 3] >= 128, 255, 0)
    fitted[fitted[..., 3] == 0] = 0
    return fitted


def _psnr_db(pixels: torch.Tensor, again: torch.Tensor) -> list[float]:
    """Peak signal to noise of the colour of opaque pixels, one number a picture."""
    opaque = (pixels[:, 3:] > 0.5).float()
    squares = ((pixels[:, :3] - again[:, :3]) ** 2 * opaque).sum((1, 2, 3))
    mean = squares / (opaque.sum((1, 2, 3)) * 3).clamp(min=1)
    return (-10 * (mean + 1e-8).log10()).tolist()


def _tags(
    captions: Sequence[Caption], decode: Callable[[Sequence[int]], tuple[str, str]]
) -> tuple[Tag, ...]:
    """Words of the captions with the share of the drawn captions that say them, likeliest first."""
    said: Counter[str] = Counter()
    spoken = []
    for caption in captions:
        kind, text = decode(caption.ids)
        words = set(text.replace(",", " ").split()) - SMALL_WORDS
        spoken.append(words | {kind} if kind in DESCRIPTION_KINDS else words)
        said.update(spoken[-1])
    listed = [(word, count / len(captions)) for word, count in said.items()]
    kept = [(w, p) for w, p in listed if p >= 0.2 or w in spoken[0]]
    return tuple(Tag(w, round(p, 3)) for w, p in sorted(kept, key=lambda item: (-item[1], item[0])))


class _translated_errors:  # noqa: N801 - used as a context, read as a verb
    """Turns torch's out-of-memory errors into ours, which ask for a smaller batch."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        text = str(error).lower()
        memory = "out of memory" in text or "not enough memory" in text or "can't allocate" in text
        if isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and memory):
            raise OutOfMemory(
                "there is not enough memory to draw that many pictures at once",
                "close other programs, or build fewer assets at a time",
            ) from error
