"""What was built: the states a user sees, and the provenance each image carries."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from llamavis_studio.core.hashing import canonical_json


class AssetState(StrEnum):
    """How one output image stands to its description."""

    FRESH = "fresh"  # built from exactly these words
    STALE = "stale"  # something that decides its pixels changed
    MISSING = "missing"  # described, but there is no image
    EDITED = "edited"  # its pixels are not those we wrote: never overwritten unasked
    LOCKED = "locked"  # the description says: never regenerate
    FAILED = "failed"  # cannot be built as described
    UNMANAGED = "unmanaged"  # an image without a description


class Provenance(BaseModel):
    """Where an image came from; written into the PNG. It holds no time and no machine."""

    model_config = ConfigDict(frozen=True, extra="ignore", protected_namespaces=())

    build_key: str
    parts: dict[str, Any]
    """The canonical mapping that was hashed into `build_key`; a plan compares it word by word."""
    prompt: str
    expanded_prompt: str = ""
    negative: str = ""
    seed: int
    backend: str
    model: str = ""
    revision: str = ""
    licence: str = ""
    studio_version: str = ""
    source: str
    """The description's path inside the project, with forward slashes."""
    pixel_hash: str
    parent: str = ""
    """Pixel hash of the version that this one was edited from; empty where it was drawn afresh."""
    parent_prompt: str = ""
    """The words that version was made from."""
    drawn_px: tuple[int, int] | None = None
    """The (width, height) it was drawn at, where that is not the image's."""
    unread: str = ""
    """The end of the prompt that the model did not read."""
    repeatable: bool = True
    """Whether the model draws the same again from the same words and seed."""
    notes: tuple[str, ...] = ()
    """What did not go as asked, in words."""

    def to_json(self) -> str:
        """Canonical JSON, equal for equal provenance; what is not the case is not named."""
        left_out = set() if self.parent else {"parent", "parent_prompt"}
        left_out |= {name for name in ("drawn_px", "unread", "notes") if not getattr(self, name)}
        left_out |= {"repeatable"} if self.repeatable else set()
        return canonical_json(self.model_dump(exclude=left_out)).decode("utf-8")

    @classmethod
    def from_json(cls, text: str) -> Provenance:
        """Read what `to_json` wrote; raises ValueError for anything else."""
        try:
            return cls.model_validate(json.loads(text))
        except RecursionError as error:  # an image from elsewhere may hold any text
            raise ValueError("the provenance is nested too deeply") from error
