"""A page to look at the training data: random samples with all their words, in one HTML file."""

from __future__ import annotations

import base64
import io
from collections import defaultdict
from html import escape
from pathlib import Path

import numpy as np
from PIL import Image

from llamavis_studio.model.train.colours import Pixels
from llamavis_studio.model.train.samples import Sample, SampleSet

SCALE = 4
_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Training samples</title>
<style>
body { margin: 1.5rem; background: #26282e; color: #e2e4e8; font: 14px/1.45 sans-serif; }
a { color: #9ecbff; }
nav a { margin-right: 1rem; }
section { display: flex; flex-wrap: wrap; gap: 12px; }
figure { margin: 0; padding: 10px; width: 264px; background: #32353d; border-radius: 6px; }
img { display: block; max-width: 100%; image-rendering: pixelated;
  background: repeating-conic-gradient(#56585e 0 25%, #6a6c72 0 50%) 0 0 / 16px 16px; }
figcaption b { display: block; margin: 6px 0 2px; }
small { color: #a4a8b2; }
ul { margin: 4px 0; padding-left: 1.2em; }
</style>
</head>
<body>
"""


def write_pages(samples: SampleSet, folder: Path, count: int = 200, seed: int = 0) -> Path:
    """Write FOLDER/samples.html with about `count` random samples and return its path.

    Every kind and source is seen at least once, however rare it is beside the composed
    characters; so the page holds more than `count` samples when there are more groups than that.
    """
    chosen = choose(samples, count, seed)
    by_kind: dict[str, list[int]] = defaultdict(list)
    for number in chosen:
        by_kind[samples.samples[number].kind].append(number)
    links = "".join(
        f'<a href="#{escape(kind)}">{escape(kind)} ({len(group)})</a>'
        for kind, group in sorted(by_kind.items())
    )
    parts = [
        _HEAD,
        f"<h1>{len(chosen)} of {len(samples.samples)} training samples</h1>\n<nav>{links}</nav>\n",
    ]
    for kind, group in sorted(by_kind.items()):
        parts.append(f'<h2 id="{escape(kind)}">{escape(kind)}</h2>\n<section>\n')
        parts += [_figure(n, samples.samples[n], samples.picture(n)) for n in group]
        parts.append("</section>\n")
    parts.append("</body>\n</html>\n")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "samples.html"
    path.write_text("".join(parts), encoding="utf-8")
    return path


def choose(samples: SampleSet, count: int, seed: int) -> list[int]:
    """Sample numbers, drawn in turn from every kind and source, so that large groups do not
    crowd out small ones; in order."""
    rng = np.random.default_rng(seed)
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, sample in enumerate(samples.samples):
        groups[sample.kind, sample.source].append(number)
    queues = [list(rng.permutation(groups[key])) for key in sorted(groups)]
    # The groups come in random order, else a last incomplete round favours the same ones.
    queues = [queues[i] for i in rng.permutation(len(queues))]
    wanted = min(max(count, len(queues)), len(samples.samples))
    chosen: list[int] = []
    while len(chosen) < wanted:
        for queue in queues:
            if queue and len(chosen) < wanted:
                chosen.append(int(queue.pop()))
    return sorted(chosen)


def _figure(number: int, sample: Sample, picture: Pixels) -> str:
    height, width = picture.shape[:2]
    others = "".join(f"<li>{escape(text)}</li>" for text in sample.captions[1:])
    chinese = "".join(f'<li lang="zh">{escape(text)}</li>' for text in sample.captions_zh)
    facts = f"{number} · {sample.kind} · {sample.split} · {sample.source}"
    return (
        f'<figure><img src="{_inlined(picture)}" width="{width * SCALE}" '
        f'height="{height * SCALE}" alt="{escape(sample.captions[0])}">'
        f"<figcaption><b>{escape(sample.captions[0])}</b><small>{escape(facts)}</small>"
        f"<ul>{others}{chinese}</ul></figcaption></figure>\n"
    )


def _inlined(picture: Pixels) -> str:
    """The picture as a `data:` address, enlarged without smoothing."""
    large = np.ascontiguousarray(picture.repeat(SCALE, 0).repeat(SCALE, 1))
    out = io.BytesIO()
    Image.fromarray(large).save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode("ascii")
