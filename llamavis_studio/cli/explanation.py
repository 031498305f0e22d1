"""What `llamavis generate --explain` writes beside an image: a sheet of heat maps, and JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from llamavis_studio.backends.base import ImageResult
from llamavis_studio.core.write import write_atomic
from llamavis_studio.imaging.contact_sheet import drawable
from llamavis_studio.imaging.heatmap import HeatPanel, heat_sheet
from llamavis_studio.imaging.png import decode_image, encode_png
from llamavis_studio.single_shots import Made

DIGITS = 3


@dataclass(frozen=True)
class ExplanationFiles:
    """Where an explanation was written."""

    sheet: Path
    data: Path

    def to_json(self) -> dict[str, str]:
        """The JSON values of `generate --json`."""
        return {"sheet": str(self.sheet), "data": str(self.data)}


def write_explanation(made: Made, prompt: str) -> ExplanationFiles:
    """Write `NAME.explain.png` and `NAME.explain.json` beside the image `NAME.png`.

    Raises:
        ProjectError: one of them cannot be written.
    """
    image = Path(made.file)
    panels = [HeatPanel(each.word, each.weights) for each in made.drawn.word_maps]
    # Without a font for Chinese, the English that the model read is better than escapes.
    title = prompt if drawable(prompt) == prompt else made.drawn.expanded_prompt
    sheet = heat_sheet(decode_image(image), panels, title=title)
    files = ExplanationFiles(
        image.with_name(f"{image.stem}.explain.png"), image.with_name(f"{image.stem}.explain.json")
    )
    text = json.dumps(explanation_json(made, prompt), ensure_ascii=False) + "\n"
    write_atomic(files.sheet, encode_png(sheet))
    write_atomic(files.data, text.encode())
    return files


def explanation_json(made: Made, prompt: str) -> dict[str, Any]:
    """All that is known about how an image came about.

    `map` is rows of the model's own pixels, 0..1; `peak` is its largest value before rounding.
    `share` (0..1) is how much of what the model went by came from that picture.
    """
    drawn = made.drawn
    return {
        "file": Path(made.file).name,
        "prompt": prompt,
        "expanded_prompt": drawn.expanded_prompt,
        "glosses": [{"word": word, "english": english} for word, english in drawn.glosses],
        "unknown_words": list(drawn.unknown_words),
        "seed": made.seed,
        "backend": made.backend,
        "model": made.model,
        "revision": made.revision,
        "took_after": _took_after(drawn),
        "words": [
            {
                "word": each.word,
                "peak": round(float(each.weights.max(initial=0.0)), DIGITS),
                "map": _rounded(each.weights),
            }
            for each in drawn.word_maps
        ],
    }


def _took_after(drawn: ImageResult) -> list[dict[str, Any]]:
    shares: list[float | None] = list(drawn.took_after_shares)
    shares += [None] * (len(drawn.took_after) - len(shares))
    return [
        {"name": name, "share": share}
        for name, share in zip(drawn.took_after, shares, strict=False)
    ]


def _rounded(weights: Any) -> list[list[float]]:
    values: list[list[float]] = np.round(weights.astype(np.float64), DIGITS).tolist()
    return values
