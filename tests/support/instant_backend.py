"""A backend that draws at once, the same picture for the same request, and misbehaves on demand.
A watched request is shown at every step, growing from its top.

Words in a prompt make it misbehave:

    FAIL      raises an error that is no LlamaVisError      OOM    more than 2 requests do not fit
    MISSING   raises ModelMissing                           OOM1   nothing fits
    SLOW      50 ms a step                                  WRONG  pixels without a colour
    CRASH     SIGKILL to its own process                    SEGV   a real segmentation fault
    EXIT      leaves the process with code 3                HANG   stays in a step for ever
    FREEZE    stops its process (no sign of life)           GARBAGE, HALF  rubbish on the pipe
    ONCE      with one of the words above: only the first time (needs LLAMAVIS_TEST_STATE)
    SHOUT     prints on standard output
    WHAT      is a word it does not know

The environment, which a spawned process inherits, tunes it:

    LLAMAVIS_TEST_STATE        a folder: `calls` lists every batch as `METHOD COUNT`
    LLAMAVIS_TEST_STEP_MS      milliseconds a step takes
    LLAMAVIS_TEST_LOAD_MS      milliseconds loading takes
    LLAMAVIS_TEST_REVISION     the revision it reports
    LLAMAVIS_TEST_CRASH_IMPORT its import ends a model process
    LLAMAVIS_TEST_WEIGHTS_MB   megabytes it takes while it is loaded
    LLAMAVIS_TEST_HOLDS_CARD   it claims to hold a graphics card, as torch would know
"""

from __future__ import annotations

import ctypes
import gc
import hashlib
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace

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
    Tag,
    Vectors,
    WordMap,
)
from llamavis_studio.core.errors import ModelMissing, OutOfMemory

if os.environ.get("LLAMAVIS_TEST_CRASH_IMPORT") and multiprocessing.parent_process() is not None:
    os._exit(7)

ENVIRONMENT = {"LLAMAVIS_TEST_BACKENDS": "instant=tests.support.instant_backend:InstantBackend"}
"""Makes the backend known as `instant`, here and in every process spawned from here."""

STEPS = 8
MAX_BATCH = 16


class InstantBackend:
    def __init__(self) -> None:
        self.loaded = False

    def info(self) -> BackendInfo:
        return BackendInfo(
            name="instant",
            model="instant",
            revision=os.environ.get("LLAMAVIS_TEST_REVISION", "instant-1"),
            licence="MIT",
            max_batch=MAX_BATCH,
            languages=("en", "zh"),
        )

    def load(self) -> None:
        if not self.loaded:
            time.sleep(_environment_ms("LLAMAVIS_TEST_LOAD_MS") / 1000)
            _record("load", 1)
            self.loaded = True
            self.weights = np.ones(int(_environment_ms("LLAMAVIS_TEST_WEIGHTS_MB") * 1e6), np.uint8)
            if os.environ.get("LLAMAVIS_TEST_HOLDS_CARD"):
                _hold_card()

    def generate(self, requests: list[ImageRequest], on_step: OnStep) -> list[ImageResult]:
        assert self.loaded, "load comes first"
        _record("generate", len(requests))
        words = _words(requests)
        _misbehave(words, len(requests))
        self._take_steps(words, on_step, [request for request in requests if request.watched])
        return [_result(request, "WRONG" in words) for request in requests]

    def caption(self, requests: list[CaptionRequest], on_step: OnStep) -> list[CaptionResult]:
        assert self.loaded, "load comes first"
        _record("caption", len(requests))
        self._take_steps(set(), on_step)
        return [_caption(request.pixels) for request in requests]

    def embed(self, texts: list[str]) -> Vectors:
        assert self.loaded, "load comes first"
        rows = np.zeros((len(texts), 16), np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[:] = _generator(text).standard_normal(16)
            row /= np.linalg.norm(row)
        return rows

    def unload(self) -> None:
        if self.loaded:
            _record("unload", 1)
            self.loaded = False
            del self.weights

    def _take_steps(
        self, words: set[str], on_step: OnStep, watched: Sequence[ImageRequest] = ()
    ) -> None:
        pause_s = _environment_ms("LLAMAVIS_TEST_STEP_MS") / 1000 + (0.05 if "SLOW" in words else 0)
        for done in range(1, STEPS + 1):
            time.sleep(pause_s)
            on_step(StepProgress(done, STEPS, tuple(glimpse(one, done) for one in watched)))


def draw(request: ImageRequest) -> Pixels:
    """The picture for a request: (h, w, 4) with a clear corner, or (h, w, 3)."""
    width, height = request.size_px
    parts = [request.prompt, request.kind, request.seed, request.negative_prompt, width, height]
    parts += [request.guidance_scale, request.temperature, request.top_p, request.tileable]
    parts += [hashlib.sha256(pixels.tobytes()).hexdigest() for pixels in request.references]
    if request.adapter:
        parts.append(hashlib.sha256(Path(request.adapter).read_bytes()).hexdigest())
    random = _generator(repr(parts))
    dark, light = random.integers(0, 128, 3), random.integers(128, 256, 3)
    pattern = random.random((-(-height // 4), -(-width // 4))) < 0.5
    chosen = np.repeat(np.repeat(pattern, 4, 0), 4, 1)[:height, :width, None]  # (h, w, 1)
    colour = np.where(chosen, dark, light).astype(np.uint8)  # (h, w, 3)
    if not request.transparent:
        return colour
    rows, columns = np.mgrid[0:height, 0:width]
    middle = ((rows + 0.5) / height - 0.5) ** 2 + ((columns + 0.5) / width - 0.5) ** 2 <= 0.25
    return np.dstack([colour * middle[..., None], np.where(middle, 255, 0)]).astype(np.uint8)


def glimpse(request: ImageRequest, done: int) -> Glimpse:
    """What is seen of a request after so many steps."""
    pixels = draw(replace(request, transparent=True))
    pixels[len(pixels) * done // STEPS :] = 0
    return Glimpse(request.name, pixels)


def _result(request: ImageRequest, wrong: bool) -> ImageResult:
    pixels = draw(request)
    return ImageResult(
        pixels=pixels[..., 0] if wrong else pixels,
        expanded_prompt=f"{request.kind}: {request.prompt}",
        seed=request.seed,
        took_after=("a picture",),
        unknown_words=("WHAT",) if "WHAT" in request.prompt.split() else (),
        glosses=(("龙", "dragon"),) if "龙" in request.prompt else (),
        word_maps=_word_maps(request, pixels) if request.explain else (),
        took_after_shares=(0.25,) if request.explain else (),
    )


def _word_maps(request: ImageRequest, pixels: Pixels) -> tuple[WordMap, ...]:
    """Each word acts on a band of its own, from left to right."""
    words = request.prompt.split()
    bands = np.arange(pixels.shape[1]) * len(words) // pixels.shape[1]  # (w,)
    return tuple(
        WordMap(word, np.tile((bands == i).astype(np.float32), (pixels.shape[0], 1)))
        for i, word in enumerate(words)
    )


def _caption(pixels: Pixels) -> CaptionResult:
    mean = pixels[..., :3].reshape(-1, 3).mean(0)
    colour = ("red", "green", "blue")[int(mean.argmax())]
    clear = pixels.shape[2] == 4 and bool((pixels[..., 3] == 0).any())
    return CaptionResult(
        caption=f"a {colour} {'sprite' if clear else 'texture'}",
        tags=(Tag(colour, 0.9), Tag("instant", 0.5)),
        kind="sprite" if clear else "texture",
        in_domain=True,
        model="instant",
    )


def _words(requests: list[ImageRequest]) -> set[str]:
    return {word for request in requests for word in request.prompt.split()}


def _misbehave(words: set[str], count: int) -> None:
    if "ONCE" in words and not _first_time():
        return
    if "SHOUT" in words:
        print("a library says something", flush=True)
        os.write(1, b"and so does native code\n")
    if "FAIL" in words:
        raise RuntimeError("the tensor is not what it seems")
    if "MISSING" in words:
        raise ModelMissing("the weights are not here", "run 'llamavis models fetch instant'")
    if ("OOM" in words and count > 2) or "OOM1" in words:
        raise OutOfMemory(f"{count} images do not fit")
    if "CRASH" in words:
        os.kill(os.getpid(), signal.SIGKILL)
    if "SEGV" in words:
        ctypes.string_at(0)
    if "EXIT" in words:
        os._exit(3)
    if "FREEZE" in words:
        os.kill(os.getpid(), signal.SIGSTOP)
    if "GARBAGE" in words:
        _pipe().send_bytes(b"\x80\x05c__builtin__\nexec\n")
        time.sleep(60)
    if "HALF" in words:
        os.write(_pipe().fileno(), b"\x00\x00\x10\x00{")
        time.sleep(60)
    while "HANG" in words:
        time.sleep(1)


def _hold_card() -> None:
    """What torch looks like in a process that has used CUDA, without either."""
    cuda = SimpleNamespace(is_initialized=lambda: True, empty_cache=lambda: None)
    mps = SimpleNamespace(is_available=lambda: False)
    sys.modules["torch"] = SimpleNamespace(  # type: ignore[assignment]
        cuda=cuda, backends=SimpleNamespace(mps=mps)
    )


def _pipe() -> Connection:
    """The model process's own end of the pipe; the thing a wild library might write into."""
    return next(item for item in gc.get_objects() if isinstance(item, Connection))


def _first_time() -> bool:
    marker = _state() / "happened"
    if marker.exists():
        return False
    marker.touch()
    return True


def _state() -> Path:
    return Path(os.environ["LLAMAVIS_TEST_STATE"])


def _record(method: str, count: int) -> None:
    if "LLAMAVIS_TEST_STATE" in os.environ:
        with (_state() / "calls").open("a") as calls:
            calls.write(f"{method} {count}\n")


def recorded(state: Path) -> list[str]:
    """Every batch so far, as `METHOD COUNT`."""
    calls = state / "calls"
    return calls.read_text().splitlines() if calls.exists() else []


def _environment_ms(name: str) -> float:
    return float(os.environ.get(name, "0"))


def _generator(text: str) -> np.random.Generator:
    return np.random.default_rng(
        int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "big")
    )
