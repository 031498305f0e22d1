"""Janus behind the backend protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llamavis_studio.backends.base import (
    BackendInfo,
    CaptionRequest,
    CaptionResult,
    ImageRequest,
    ImageResult,
    OnStep,
    Pixels,
    SizeRule,
    Vectors,
    ignore_steps,
)
from llamavis_studio.backends.janus.facts import read_facts
from llamavis_studio.backends.janus.options import JanusOptions
from llamavis_studio.backends.model_records import ModelRecord
from llamavis_studio.core.errors import BackendError

if TYPE_CHECKING:
    from llamavis_studio.backends.janus.artist import Artist
    from llamavis_studio.backends.janus.checkpoint import Janus
    from llamavis_studio.backends.janus.reading import Reader

CODE_VERSION = 1
"""Counts changes of the drawing code that change pixels."""


class JanusBackend:
    """A checkpoint of ``JanusForConditionalGeneration``, as its record names it."""

    def __init__(self, record: ModelRecord) -> None:
        self._record = record
        self._options = record.checked_options(JanusOptions)
        self._janus: Janus | None = None
        self._artist: Artist | None = None

    def info(self) -> BackendInfo:
        """Read from the record and ``config.json``. Raises ModelMissing when that is not there."""
        facts, record = read_facts(self._record), self._record
        return BackendInfo(
            name=record.name,
            model=record.source or (record.folder.name if record.folder else record.name),
            revision=record.pixel_revision(CODE_VERSION),
            licence=record.licence or "unknown",
            max_batch=self._options.max_batch,
            can_answer=True,
            can_edit=True,
            can_edit_region=True,
            can_cut_out=False,
            can_take_references=False,
            sizes=SizeRule(only=((facts.side_px, facts.side_px),)),
            prompt_tokens=facts.prompt_tokens,
        )

    def load(self) -> None:
        """Read the weights onto the device."""
        if self._janus is not None:
            return
        from llamavis_studio.backends.janus.artist import Artist
        from llamavis_studio.backends.janus.checkpoint import load_janus

        janus = load_janus(self._record, self._options)
        self._artist = Artist(janus, self._options)
        self._janus = janus

    def unload(self) -> None:
        """Forget the weights."""
        if self._janus is not None:
            self._janus.decoder.forget()
        self._janus = self._artist = None

    def generate(self, requests: list[ImageRequest], on_step: OnStep) -> list[ImageResult]:
        """Draw each request at the model's own size; versions have the size of ``before``."""
        if not requests:
            return []
        self.loaded()
        assert self._artist is not None
        return self._artist.draw(requests, on_step)

    def caption(self, requests: list[CaptionRequest], on_step: OnStep) -> list[CaptionResult]:
        """Sentence, tags, kind and colours of each picture, or the answer to its question."""
        if not requests:
            return []
        return self._reader().caption(requests, on_step)

    def ask(self, pixels: Pixels, question: str) -> str:
        """The model's answer to a free question about a picture ``(h, w, 3 or 4)``."""
        return self.caption([CaptionRequest(pixels, question)], ignore_steps)[0].caption

    def embed(self, texts: list[str]) -> Vectors:
        """What the language model makes of each text, ``(n, D)``."""
        from llamavis_studio.backends.janus.reading import embed_texts

        return embed_texts(self.loaded(), texts)

    def loaded(self) -> Janus:
        """The model itself. Raises BackendError before ``load``."""
        if self._janus is None:
            raise BackendError(
                f"the model '{self._record.name}' is not loaded", "call load() first"
            )
        return self._janus

    def _reader(self) -> Reader:
        from llamavis_studio.backends.janus.reading import Reader

        info = self.info()
        return Reader(self.loaded(), self._options, f"{info.model} {info.revision}")
