"""What a finished picture says about itself: provenance, the A1111 line, XMP."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from llamavis_studio import __version__
from llamavis_studio.core.asset import Provenance
from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import (
    PROVENANCE_KEY,
    encode_png,
    pixel_hash,
    read_text_chunks,
)
from llamavis_studio.imaging.xmp import xmp_packet
from llamavis_studio.pipeline.target import Target

_PHRASE = re.compile(r"[,;\uff0c\uff1b\u3001]")


def provenance_of(
    target: Target,
    expanded_prompt: str,
    pixels: Pixels,
    parent: str = "",
    parent_prompt: str = "",
    *,
    drawn_px: tuple[int, int] | None = None,
    unread: str = "",
    notes: Sequence[str] = (),
) -> Provenance:
    """Everything that made these finished pixels; no time, no machine.

    `parent` is the pixel hash of the version they were edited from, and `parent_prompt` its words;
    for the rest see `Provenance`.
    """
    info = target.backend
    # The sizes of a pixel-art model are its recipes' own: what it enlarges says nothing.
    own_size = info.domain == "pixel_art" or drawn_px == (pixels.shape[1], pixels.shape[0])
    return Provenance(
        build_key=target.build_key,
        parts=dict(target.parts),
        prompt=target.prompt,
        expanded_prompt=expanded_prompt,
        negative=target.negative,
        seed=target.seed,
        backend=info.name,
        model=info.model,
        revision=info.revision,
        licence=info.licence,
        studio_version=__version__,
        source=target.source,
        pixel_hash=pixel_hash(pixels),
        parent=parent,
        parent_prompt=parent_prompt,
        drawn_px=None if own_size else drawn_px,
        unread=unread,
        repeatable=info.is_repeatable,
        notes=tuple(notes),
    )


def provenance_in(path: Path) -> Provenance | None:
    """The provenance an image carries; None where it has none, or cannot be read."""
    try:
        note = read_text_chunks(path).get(PROVENANCE_KEY)
        return None if note is None else Provenance.from_json(note)
    except (ImageError, OSError, ValueError):  # a note of this name may be somebody else's
        return None


def parameters_line(provenance: Provenance, size_px: tuple[int, int]) -> str:
    """The `parameters` text that A1111 and its family read and write."""
    fields = {
        "Seed": str(provenance.seed),
        "Size": f"{size_px[0]}x{size_px[1]}",
        "Model hash": provenance.revision,
        "Model": provenance.model,
        "Version": f"LlamaVis Studio {provenance.studio_version}",
    }
    lines = [provenance.prompt]
    if provenance.negative:
        lines.append(f"Negative prompt: {provenance.negative}")
    lines.append(", ".join(f"{key}: {_quoted(value)}" for key, value in fields.items() if value))
    return "\n".join(lines)


def finished_png(pixels: Pixels, provenance: Provenance) -> bytes:
    """The file's bytes: pixels (h, w, 3 or 4) with all three notes."""
    kind = str(provenance.parts.get("kind", ""))
    phrases = [phrase.strip() for phrase in _PHRASE.split(provenance.prompt)]
    subjects = list(dict.fromkeys(word for word in (kind, *phrases) if word))
    return encode_png(
        pixels,
        provenance_json=provenance.to_json(),
        parameters=parameters_line(provenance, (pixels.shape[1], pixels.shape[0])),
        xmp=xmp_packet(provenance.prompt, subjects),
    )


def _quoted(value: str) -> str:
    # The readers split at commas and colons unless a value is a JSON string.
    return json.dumps(value, ensure_ascii=False) if re.search(r"[,:\n\"]", value) else value
