"""What a backend is: the requests, the results and the one protocol.

A backend turns words into pixels and pixels into words. Whoever uses one holds the values below
and a :class:`llamavis_studio.backends.host.ModelHost`; only the host touches a :class:`Backend`.

Pixels are NumPy ``uint8`` arrays ``(h, w, c)`` in sRGB with straight alpha; sizes are
``(width, height)``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

GLOSS_VERSION = 1
"""Of the dictionary that puts Chinese prompts into English for models that read no Chinese."""

Pixels = NDArray[np.uint8]
"""One image: ``(h, w, c)`` with ``c`` of 3 (opaque) or 4 (straight alpha), sRGB."""

Vectors = NDArray[np.float32]
"""One embedding a row: ``(n, d)``."""


@dataclass(frozen=True)
class ImageRequest:
    """Everything that decides one generated image.

    Raises ``ValueError`` for a region without ``before`` or of another size, and for a strength
    outside 0..1.

    Args:
        prompt: what the image shows, in a language of ``BackendInfo.languages``.
        kind: one of texture, material, sprite, character, item, background.
        size_px: width and height of the wanted image.
        seed: 0 to 2**32 - 1; the same request and seed give the same pixels on one machine.
        negative_prompt: what the image must not show.
        guidance_scale: how strictly the words are followed; None lets the backend choose.
        temperature: how freely tokens are drawn, above 0; None lets the backend choose.
        top_p: share of the probability tokens are drawn from, 0..1; None lets the backend choose.
        tileable: the edges must meet when the image repeats.
        transparent: the result has four channels and a clear background.
        references: images whose look the result should keep.
        before: the version that this one edits; what the words do not change stays as it is.
        before_prompt: the words ``before`` was made from, when they are known.
        region: ``(h, w)`` uint8 of the size of ``before``: 0 where its pixels stay, anything else
            where the words are drawn anew. A larger canvas with its rim in the region extends.
        strength: how much of ``before`` may change when no region says where, 0..1.
        explain: answer also where each word acted.
        adapter: absolute path of a style that ``llamavis train --style`` taught, for backends that
            draw in such styles; the others leave it alone.
        name: what the image is called where it is wanted; it decides nothing.
        watched: somebody looks on: ``StepProgress`` should show the image while it is drawn.
    """

    prompt: str
    kind: str
    size_px: tuple[int, int]
    seed: int
    negative_prompt: str = ""
    guidance_scale: float | None = None
    temperature: float | None = None
    top_p: float | None = None
    tileable: bool = False
    transparent: bool = True
    references: tuple[Pixels, ...] = ()
    before: Pixels | None = None
    before_prompt: str = ""
    region: Pixels | None = None
    strength: float = 1.0
    explain: bool = False
    adapter: str = ""
    name: str = ""
    watched: bool = False

    def __post_init__(self) -> None:
        """Refuse what no backend could make sense of."""
        if self.region is not None:
            if self.before is None:
                raise ValueError("a region needs the picture that it is a region of")
            if self.region.ndim != 2:
                raise ValueError(f"a region is (h, w), not {self.region.shape}")
            if self.region.shape != self.before.shape[:2]:
                raise ValueError(
                    f"the region is {self.region.shape[1]}x{self.region.shape[0]} px, its picture "
                    f"{self.before.shape[1]}x{self.before.shape[0]} px"
                )
        if not 0.0 <= self.strength <= 1.0:
            raise ValueError(f"strength must lie between 0 and 1, not {self.strength}")


@dataclass(frozen=True)
class WordMap:
    """Where one word of the prompt acted on an image: ``weights (h, w)`` float32, 0..1."""

    word: str
    weights: NDArray[np.float32]


@dataclass(frozen=True)
class ImageResult:
    """One generated image, the prompt the model really read, and the seed it used.

    ``took_after`` names the pictures that the model looked up on its own, nearest last.
    ``unknown_words`` are those of the prompt that it knows nothing of, ``glosses`` its foreign
    words with their English. When the request asks to explain, there are ``word_maps`` of the size
    of ``pixels``, and ``took_after_shares``: how much of what was known came from each picture that
    ``took_after`` names, 0..1. ``unread`` is the end of the prompt that did not fit into what the
    model reads, "" where all of it did; ``unread_negative`` the same of the words to avoid, where
    they were heeded at all.
    """

    pixels: Pixels
    expanded_prompt: str
    seed: int
    took_after: tuple[str, ...] = ()
    unknown_words: tuple[str, ...] = ()
    glosses: tuple[tuple[str, str], ...] = ()
    word_maps: tuple[WordMap, ...] = ()
    took_after_shares: tuple[float, ...] = ()
    unread: str = ""
    unread_negative: str = ""


@dataclass(frozen=True)
class CaptionRequest:
    """One image to describe.

    With a ``question``, in a language of ``BackendInfo.languages``, the answer to it is the
    caption, and nothing else is asked; only for backends that ``can_answer``.
    """

    pixels: Pixels
    question: str = ""


@dataclass(frozen=True)
class Tag:
    """One word about an image and how sure the model is of it (0..1)."""

    name: str
    p: float


@dataclass(frozen=True)
class ColourShare:
    """A colour word and the share of the picture's surface that has it (0..1)."""

    name: str
    share: float


@dataclass(frozen=True)
class CaptionResult:
    """What a model says about one image.

    ``kind`` is one of those of description files. ``in_domain`` is False when the image looks like
    nothing the model was taught, so its words are a guess; ``reasons`` then says what speaks
    against it. ``colours`` are measured from the pixels, not said by the model, largest first.
    ``confidence`` is the share of the sentence's words that the model expects to be right, lowered
    by its doubt whether it knows such pictures (0..1); None where a backend cannot tell.
    ``look`` is what its image encoder sees, a unit vector ``(d,)``: like pictures have a large dot
    product.
    """

    caption: str
    tags: tuple[Tag, ...]
    kind: str
    in_domain: bool
    model: str
    colours: tuple[ColourShare, ...] = ()
    confidence: float | None = None
    reasons: tuple[str, ...] = ()
    look: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class SizeRule:
    """The sizes that a model draws: whole multiples of ``step_px``, each side from ``smallest_px``
    to ``largest_px``, best at about ``best_px`` squared; or just those in ``only``.

    Raises ``ValueError`` for a rule that no size meets.
    """

    step_px: int = 8
    smallest_px: int = 256
    largest_px: int = 2048
    best_px: int = 512
    only: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        """Refuse a rule that no size meets."""
        low = -(-self.smallest_px // max(1, self.step_px)) * self.step_px
        if self.step_px < 1 or self.best_px < 1 or low < 1 or low > self.largest_px:
            raise ValueError(f"no size meets {self}")

    def nearest(self, size_px: tuple[int, int]) -> tuple[int, int]:
        """The (width, height) to draw for a wanted one: of its shape, never much smaller, and at
        least of the area that the model draws best.
        """
        width, height = size_px
        if self.only:
            return min(self.only, key=lambda one: _unlikeness(one, size_px))
        grow = max(1.0, (self.best_px**2 / (width * height)) ** 0.5)
        grow = min(grow, self.largest_px / max(width, height))
        low = -(-self.smallest_px // self.step_px) * self.step_px
        high = self.largest_px // self.step_px * self.step_px
        fitted = (round(side * grow / self.step_px) * self.step_px for side in (width, height))
        drawn_width, drawn_height = (min(high, max(low, side)) for side in fitted)
        return drawn_width, drawn_height


def _unlikeness(one: tuple[int, int], wanted: tuple[int, int]) -> tuple[float, float]:
    """How far a size's shape is from a wanted one, then its area."""
    shape = abs(math.log(one[0] * wanted[1] / (one[1] * wanted[0])))
    return shape, abs(math.log(one[0] * one[1] / (wanted[0] * wanted[1])))


@dataclass(frozen=True)
class BackendInfo:
    """What a backend is and can do; reading it costs no model and no heavy import.

    ``revision`` changes whenever the same request could give other pixels, and so is part of every
    build key. What a backend cannot do the plan makes up for by a filter, or the interfaces do not
    offer it:

    - ``can_answer``: it heeds ``CaptionRequest.question``.
    - ``can_edit``: it starts from ``ImageRequest.before``, so that what the words do not change
      stays; ``can_edit_region``: it draws a marked part anew and keeps every pixel outside.
    - ``can_tile``: its tileable images meet at their edges; otherwise the edges are blended.
    - ``can_cut_out``: it draws clear backgrounds; otherwise its four channels are opaque, and the
      background is taken away afterwards.
    - ``can_guide``, ``can_avoid``, ``can_take_references``, ``can_adapt``: it heeds
      ``guidance_scale``, ``negative_prompt``, ``references``, ``adapter``.
    - ``is_repeatable``: the same request and seed give the same pixels on one machine.
    - ``domain``: "pixel_art" where it draws nothing else, else "any".
    - ``prompt_tokens``: how much it reads of a prompt; 0 where nobody knows. What it did not read
      stands in ``ImageResult.unread``.

    ``native_size_px`` maps a kind to the (width, height) the model draws without scaling; other
    kinds are drawn by ``sizes``, and at any size where that is None.
    """

    name: str
    model: str
    revision: str
    licence: str
    max_batch: int = 16
    can_generate: bool = True
    can_caption: bool = True
    can_answer: bool = False
    can_edit: bool = False
    can_edit_region: bool = False
    can_tile: bool = False
    can_cut_out: bool = True
    can_guide: bool = True
    can_avoid: bool = True
    can_take_references: bool = True
    can_adapt: bool = False
    is_repeatable: bool = True
    domain: str = "any"
    native_size_px: tuple[tuple[str, tuple[int, int]], ...] = ()
    sizes: SizeRule | None = None
    languages: tuple[str, ...] = ("en",)
    prompt_tokens: int = 0

    @property
    def needs_gloss(self) -> bool:
        """Whether it reads English and no Chinese, so that Chinese prompts are put into English."""
        return "en" in self.languages and "zh" not in self.languages

    def native_size(self, kind: str) -> tuple[int, int] | None:
        """The (width, height) this backend draws ``kind`` at without scaling; None: it depends."""
        return dict(self.native_size_px).get(kind)

    def drawn_size(self, kind: str, size_px: tuple[int, int]) -> tuple[int, int] | None:
        """The (width, height) it draws an image at that is wanted at ``size_px``; None: it may
        choose any.
        """
        native = self.native_size(kind)
        if native is not None:
            return native
        return None if self.sizes is None else self.sizes.nearest(size_px)


@dataclass(frozen=True)
class Glimpse:
    """The picture of the request called ``name`` while it is drawn: nothing of it is final.

    ``pixels`` ``(h, w, 4)`` at any size; pale where they are only guessed.
    """

    name: str
    pixels: Pixels


@dataclass(frozen=True)
class StepProgress:
    """``done`` of ``total`` steps of the current call are finished.

    ``glimpses`` show some of its watched requests, a few times a second at most.
    """

    done: int
    total: int
    glimpses: tuple[Glimpse, ...] = field(default=(), compare=False)


OnStep = Callable[[StepProgress], None]
"""Told after each step; it raises ``core.errors.Cancelled`` to stop the work there."""


def ignore_steps(_progress: StepProgress) -> None:
    """An ``OnStep`` for callers who neither watch nor cancel."""


@runtime_checkable
class Backend(Protocol):
    """Pixels and captions from one model.

    ``info`` is cheap and imports nothing heavy; heavy libraries are imported inside ``load``. Every
    other method may be called after ``load`` only; ``unload`` gives the memory back and may be
    followed by ``load``. Results come in the order of the requests, and each depends on its own
    request alone, never on its neighbours in the batch. Errors are of the family ``BackendError``
    (``OutOfMemory`` asks for a smaller batch).
    """

    def info(self) -> BackendInfo:
        """Name, model, revision and abilities; needs no ``load``."""

    def load(self) -> None:
        """Make the model ready; a second call does nothing.

        Raises ``ModelMissing`` or ``BackendUnavailable``.
        """

    def generate(self, requests: list[ImageRequest], on_step: OnStep) -> list[ImageResult]:
        """One image a request, 4 channels where transparent, else 3.

        It has the size that the model likes best for the request: ``BackendInfo.drawn_size`` where
        that names one. The pipeline fits it to ``size_px``. Where the backend cannot cut out, the
        fourth channel of a transparent image is 255 everywhere.
        """

    def caption(self, requests: list[CaptionRequest], on_step: OnStep) -> list[CaptionResult]:
        """Words for each image."""

    def embed(self, texts: list[str]) -> Vectors:
        """One unit-length row a text, ``(n, d)`` float32."""

    def unload(self) -> None:
        """Give the memory back; a second call does nothing."""
