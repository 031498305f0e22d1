"""The captioner behind the backend protocol."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from llamavis_studio.backends.base import (
    BackendInfo,
    CaptionRequest,
    CaptionResult,
    ImageRequest,
    ImageResult,
    OnStep,
    Pixels,
    Vectors,
    ignore_steps,
)
from llamavis_studio.backends.captioner.checkpoint import Checkpoint, read_checkpoint
from llamavis_studio.backends.captioner.options import CaptionerOptions
from llamavis_studio.backends.model_records import ModelRecord
from llamavis_studio.core.errors import BackendError, BackendUnavailable

if TYPE_CHECKING:
    from llamavis_studio.backends.captioner.reading import Reader

CODE_VERSION = 1
"""Changes when the same checkpoint would give other words."""


class CaptionerBackend:
    """One checkpoint that `AutoModelForImageTextToText` and `AutoProcessor` load; see the package.

    Args:
        record: where it lies, and its options (`CaptionerOptions`).
    """

    def __init__(self, record: ModelRecord) -> None:
        self._record = record
        self._options = record.checked_options(CaptionerOptions)
        self._reader: Reader | None = None

    def info(self) -> BackendInfo:
        """From the checkpoint's small files.

        Raises ModelMissing where it is not there, BackendUnavailable without a package it needs.
        """
        checkpoint, record = self._checkpoint(), self._record
        return BackendInfo(
            name=record.name,
            model=record.source or f"{record.name} ({checkpoint.family.name})",
            revision=record.pixel_revision(CODE_VERSION),
            licence=record.licence or "unknown",
            max_batch=self._options.max_batch,
            can_generate=False,
            can_caption=True,
            can_answer=checkpoint.family.can_answer,
            can_cut_out=False,
            can_guide=False,
            can_avoid=False,
            can_take_references=False,
            languages=self._options.languages or checkpoint.family.languages,
        )

    def load(self) -> None:
        """Read the processor and the weights onto the device of the setting."""
        if self._reader is not None:
            return
        from llamavis_studio.backends.captioner.loading import load_captioner
        from llamavis_studio.backends.captioner.reading import Reader

        checkpoint, info = self._checkpoint(), self.info()
        loaded = load_captioner(self._record.name, checkpoint, self._options)
        self._reader = Reader(loaded, self._options, f"{info.model} {info.revision}")

    def unload(self) -> None:
        """Forget the weights."""
        self._reader = None

    def generate(self, requests: list[ImageRequest], on_step: OnStep) -> list[ImageResult]:
        """Refuses: it draws nothing."""
        if requests:
            raise BackendError(
                f"the model '{self._record.name}' reads images and makes none", "choose another one"
            )
        return []

    def caption(self, requests: list[CaptionRequest], on_step: OnStep) -> list[CaptionResult]:
        """A caption, tags, the kind and colours of each image, or the answer to its question.

        ``on_step`` is told of each token. Raises BackendError for a question to a family that
        takes none, and for answers that are no numbers.
        """
        if any(request.question for request in requests) and not self.info().can_answer:
            raise BackendError(
                f"the model '{self._record.name}' describes images, but answers no questions",
                "ask one that chats, such as SmolVLM or Qwen-VL",
            )
        return self._ready().caption(requests, on_step)

    def ask(self, pixels: Pixels, question: str) -> str:
        """The answer to one free question about one image; see ``caption``."""
        return self.caption([CaptionRequest(pixels, question)], ignore_steps)[0].caption

    def embed(self, texts: list[str]) -> Vectors:
        """The mean of the embedding rows of each text's tokens, as unit vectors (n, d)."""
        return self._ready().embed(texts)

    def _checkpoint(self) -> Checkpoint:
        checkpoint = read_checkpoint(self._record)
        needed = checkpoint.family.needs
        if needed and find_spec(needed) is None:
            raise BackendUnavailable(
                f"the model '{self._record.name}' ({checkpoint.family.name}) needs the package "
                f"{needed}",
                f"pip install {needed}",
            )
        return checkpoint

    def _ready(self) -> Reader:
        if self._reader is None:
            raise BackendError(
                f"the model '{self._record.name}' is not loaded", "call load() first"
            )
        return self._reader
