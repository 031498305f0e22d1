"""ComfyUI servers behind the backend protocol: words go out as a workflow, pictures come back.

Nothing is loaded here, and what is drawn depends on the servers: the same workflow, checkpoint and
seed give the same picture on the same server, and nearly the same on another card. Which server
draws a picture is therefore no part of ``BackendInfo.revision``; the workflow and the options that
decide pixels are.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import fields, replace

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
    Vectors,
)
from llamavis_studio.backends.comfyui.options import ComfyOptions
from llamavis_studio.backends.comfyui.workflow import Workflows, workflows_of
from llamavis_studio.backends.model_records import ModelRecord
from llamavis_studio.core.errors import BackendError

CODE_VERSION = 1
"""Grows when the same request and workflow would give other pixels."""
_VECTOR = 256
_GRAM = 3
_MOST_KEPT = 64


class ComfyBackend:
    """The servers of one record. It captions nothing: ComfyUI has no node for it by itself."""

    def __init__(self, record: ModelRecord) -> None:
        self._record = record
        self._loaded: tuple[ComfyOptions, Workflows] | None = None
        self._kept: dict[str, Pixels] = {}

    def info(self) -> BackendInfo:
        """Read from the record and the workflow's file. Raises ``BackendUnavailable``."""
        options, workflows = self._read()
        plain, edit, region = workflows.plain, workflows.edit, workflows.region
        return BackendInfo(
            name=self._record.name,
            model=workflows.model,
            revision=self._revision(options, workflows),
            licence=self._record.licence or "unknown",
            max_batch=options.max_batch,
            can_caption=False,
            can_edit=edit.can_take("image") and edit.can_take("denoise"),
            can_edit_region=region.can_take("image")
            and (region.masks_by_alpha or region.can_take("mask")),
            can_tile=plain.can_take("tileable"),
            can_cut_out=options.cuts_out,
            can_guide=plain.can_take("cfg"),
            can_avoid=plain.can_take("negative"),
            can_take_references=plain.can_take("reference"),
            is_repeatable=plain.can_take("seed"),
            sizes=workflows.sizes,
        )

    def load(self) -> None:
        """Read the workflow; no server is asked. Raises ``BackendUnavailable``."""
        if self._loaded is None:
            self._loaded = self._read()

    def unload(self) -> None:
        """Forget the workflow, and pictures that were drawn beside one that failed."""
        self._loaded = None
        self._kept.clear()

    def generate(self, requests: list[ImageRequest], on_step: OnStep) -> list[ImageResult]:
        """Share the requests out among the servers.

        Where one cannot be drawn the error says why, and the others are kept for the next call: who
        asks again for the parts of a batch gets them at once. Raises BackendError, and
        BackendUnavailable where no server answers.
        """
        if not requests:
            return []
        options, workflows = self._loaded or self._read()
        digests = [_digest(request) for request in requests]
        found: list[Pixels | None] = [
            _untouched(request) if _stays(request) else self._kept.pop(digest, None)
            for request, digest in zip(requests, digests, strict=True)
        ]
        left = [place for place, pixels in enumerate(found) if pixels is None]
        if left:
            from llamavis_studio.backends.comfyui.batch import draw

            asked = [requests[place] for place in left]
            drawn = draw(self._record.name, asked, workflows, options, on_step)
            for place, pixels in zip(left, drawn.pixels, strict=True):
                found[place] = pixels
            if drawn.error is not None:
                self._keep(digests, found)
                raise drawn.error
        else:
            on_step(StepProgress(1, 1))
        return [
            ImageResult(pixels, options.worded(request.prompt), request.seed)
            for request, pixels in zip(requests, found, strict=True)
            if pixels is not None
        ]

    def caption(self, requests: list[CaptionRequest], on_step: OnStep) -> list[CaptionResult]:
        """Nothing for nothing. Raises BackendError for anything else."""
        if requests:
            raise BackendError(
                f"the backend '{self._record.name}' describes no pictures",
                "choose another backend for captions, such as builtin",
            )
        return []

    def embed(self, texts: list[str]) -> Vectors:
        """Unit vectors ``(n, 256)`` of hashed letter groups: like spelling gives like vectors.

        A server offers no text encoder, so this knows no meaning. Source: Weinberger et al.,
        "Feature Hashing for Large Scale Multitask Learning", 2009.
        """
        rows = np.zeros((len(texts), _VECTOR), np.float32)
        for row, text in zip(rows, texts, strict=True):
            plain = f" {unicodedata.normalize('NFKC', text).casefold().strip()} "
            for start in range(max(1, len(plain) - _GRAM + 1)):
                gram = plain[start : start + _GRAM].encode("utf-8", "surrogatepass")
                digest = hashlib.blake2b(gram, digest_size=4).digest()
                row[digest[0]] += 1.0 if digest[1] & 1 else -1.0
            if not row.any():
                row[0] = 1.0
            row /= np.linalg.norm(row)
        return rows

    def _read(self) -> tuple[ComfyOptions, Workflows]:
        options = self._record.checked_options(ComfyOptions)
        path = self._record.path
        return options, workflows_of(options, None if path is None else path.parent)

    def _revision(self, options: ComfyOptions, workflows: Workflows) -> str:
        decides = options.drawn_with(dict(self._record.options))
        record = replace(self._record, revision=workflows.revision, options=decides)
        return record.pixel_revision(CODE_VERSION)

    def _keep(self, digests: list[str], found: list[Pixels | None]) -> None:
        for digest, pixels in zip(digests, found, strict=True):
            if pixels is not None:
                self._kept[digest] = pixels
        for digest in list(self._kept)[:-_MOST_KEPT]:
            del self._kept[digest]


def _stays(request: ImageRequest) -> bool:
    """Whether nothing of the version before may change."""
    return request.before is not None and request.region is None and request.strength == 0


def _untouched(request: ImageRequest) -> Pixels:
    from llamavis_studio.backends.comfyui.pictures import finished

    before = request.before
    assert before is not None
    return finished(before, request, None, cuts_out=True)


def _digest(request: ImageRequest) -> str:
    """The same for requests that ask for the same picture."""
    digest = hashlib.sha256()
    for one in fields(request):
        if one.name in ("name", "watched", "explain"):
            continue
        value = getattr(request, one.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, np.ndarray):
                digest.update(f"{part.shape}".encode() + np.ascontiguousarray(part).tobytes())
            else:
                digest.update(repr(part).encode("utf-8", "surrogatepass") + b"\0")
        digest.update(one.name.encode())
    return digest.hexdigest()
