"""One colour word of a character's description changes: what else moves, edited and drawn afresh?

    python -m tests.benchmarks edit_locality [--seeds 50] [--sheet FILE.png] [--json]

A project with one described character in `--seeds` variants is built, the colour of its robe is
changed, and it is built again: in one copy as a build does it, in the other with `--fresh`. Outside
the changed region is every pixel that did not have the old colour (by hue, grown by two pixels as
the model's own evaluation does: folds and outlines are dark); moved is a pixel whose colour or
alpha differs at all. The ratio compares both ways on the same regions. The control, building the
unchanged words again from nothing, must move nothing.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.imaging.contact_sheet import Entry, contact_sheet
from llamavis_studio.imaging.palette import srgb_to_oklab
from llamavis_studio.imaging.png import decode_image, encode_png
from llamavis_studio.model.train.edits import grown
from llamavis_studio.studio import Studio
from tests.benchmarks._protocol import machine

BEFORE = "male human in a {} robe holding a spear"
OLD, NEW = "green", "red"
HUES_DEG = {"green": 142.0, "red": 29.0}
HUE_WIDTH_DEG, LEAST_CHROMA = 40.0, 0.04
GOAL = 1 / 3


@dataclass(frozen=True)
class Found:
    """Pixels of all seeds together; `followed` is the share of the old colour that is the new."""

    outside: int
    moved_edit: int
    moved_fresh: int
    moved_control: int
    followed_edit: float
    followed_fresh: float

    @property
    def ratio(self) -> float:
        """What an edit moves over what a fresh start moves."""
        return self.moved_edit / max(1, self.moved_fresh)


def describe(root: Path, colour: str, seeds: int) -> None:
    words = BEFORE.format(colour)
    text = f'description = "{words}"\nkind = "character"\ncount = {seeds}\nseed = 1000\n'
    (root / "hero.desc.toml").write_text(text, encoding="utf-8")


def has_colour(pixels: Pixels, colour: str) -> NDArray[np.bool_]:
    """Visible pixels of that hue, in OKLab."""
    lab = srgb_to_oklab(pixels[..., :3])
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1]))
    away = np.abs((hue - HUES_DEG[colour] + 180) % 360 - 180)
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    return (away <= HUE_WIDTH_DEG) & (chroma >= LEAST_CHROMA) & (pixels[..., 3] > 0)


def moved(a: Pixels, b: Pixels) -> NDArray[np.bool_]:
    clear = (a[..., 3] == 0) & (b[..., 3] == 0)
    return ~clear & (a != b).any(axis=2)


def measure(seeds: int, sheet: Path | None = None) -> Found:
    with tempfile.TemporaryDirectory() as folder:
        edited = Path(folder) / "edited"
        edited.mkdir()
        (edited / "llamavis.toml").write_text('[project]\nname = "edits"\n')
        describe(edited, OLD, seeds)
        with Studio.open(edited) as studio:
            studio.build()
            before = [decode_image(edited / f"hero_{n}.png") for n in range(seeds)]
            fresh = Path(folder) / "fresh"
            shutil.copytree(edited, fresh)
            studio.build(force=True)
            control = [decode_image(edited / f"hero_{n}.png") for n in range(seeds)]
            describe(edited, NEW, seeds)
            studio.build()
        after = [decode_image(edited / f"hero_{n}.png") for n in range(seeds)]
        describe(fresh, NEW, seeds)
        with Studio.open(fresh) as studio:
            studio.build(fresh=True)
        anew = [decode_image(fresh / f"hero_{n}.png") for n in range(seeds)]
    regions = [grown(has_colour(picture, OLD), 2) for picture in before]
    counts = [0, 0, 0]
    for region, old, *others in zip(regions, before, after, anew, control, strict=True):
        for place, other in enumerate(others):
            counts[place] += int((moved(old, other) & ~region).sum())
    if sheet is not None:
        entries = [
            Entry(f"{name} {n}", rows[n])
            for n in range(min(seeds, 8))
            for name, rows in (("before", before), ("edit", after), ("fresh", anew))
        ]
        sheet.write_bytes(encode_png(contact_sheet(entries, columns=6)))
    return Found(
        outside=sum(int((~region).sum()) for region in regions),
        moved_edit=counts[0],
        moved_fresh=counts[1],
        moved_control=counts[2],
        followed_edit=followed(before, after),
        followed_fresh=followed(before, anew),
    )


def followed(before: list[Pixels], after: list[Pixels]) -> float:
    """Pixels of the new colour afterwards over those of the old colour before, at most 1 a seed."""
    shares = [
        min(1.0, has_colour(new, NEW).sum() / max(1, has_colour(old, OLD).sum()))
        for old, new in zip(before, after, strict=True)
    ]
    return float(np.mean(shares))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="edit_locality")
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--json", action="store_true")
    wish = parser.parse_args(arguments)
    found = measure(wish.seeds, wish.sheet)
    verdict = "void" if found.moved_control else ("pass" if found.ratio <= GOAL else "fail")
    row = {**vars(found), "ratio": round(found.ratio, 4), "goal": GOAL, "verdict": verdict}
    if wish.json:
        print(json.dumps({"edit_locality": row, "machine": machine()}, indent=2))
    else:
        print(f"{wish.seeds} seeds, {found.outside} pixels outside the region")
        print(f"moved outside: edit {found.moved_edit}, fresh {found.moved_fresh}")
        print(f"ratio {found.ratio:.3f} (goal at most {GOAL:.3f}): {verdict}")
        print(f"new colour: edit {found.followed_edit:.2f}, fresh {found.followed_fresh:.2f}")
        print(f"drawn again from the same words: {found.moved_control} moved")
    return 0 if verdict == "pass" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
