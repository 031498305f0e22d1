"""What every file of a game must hold before and after a build, known without building it.

The pictures are drawn and packed here, in memory; nothing that writes, plans what to write or
recovers has a part in it. `Oracle.check` reads the tree with plain calls and sorts every file.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from llamavis_studio.backends.base import ImageRequest
from llamavis_studio.core.project import Project
from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.imaging.png import pixel_hash
from llamavis_studio.pipeline.derive import derived_targets, make
from llamavis_studio.pipeline.filters import FilterContext, active_steps, apply_steps
from llamavis_studio.pipeline.notes import finished_png, provenance_of
from llamavis_studio.pipeline.plan import make_plan
from llamavis_studio.pipeline.scan_cache import ScanCache
from llamavis_studio.pipeline.target import Target
from tests.support.games import described, make_game
from tests.support.instant_backend import InstantBackend, draw

# No word in common from turn to turn, else a build would edit the old picture.
_TURNS = (("amber", "lantern"), ("frozen", "river"), ("mossy", "boulder"))


@dataclass(frozen=True)
class Verdict:
    """Files by what they hold; `absent` are those that had no old version and have no new one."""

    old: tuple[str, ...]
    new: tuple[str, ...]
    absent: tuple[str, ...]
    corrupt: tuple[str, ...]
    lost: tuple[str, ...]
    stray: tuple[str, ...]
    temporaries: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Nothing is corrupt, lost or foreign; temporaries may lie there until the next start."""
        return not (self.corrupt or self.lost or self.stray)


@dataclass(frozen=True)
class Oracle:
    """The bytes of a game's inputs, and of its outputs before and after a build.

    `between` is what follows today's words and yesterday's image: a sheet whose image could not be
    replaced. It counts as old.
    """

    inputs: Mapping[str, bytes]
    old: Mapping[str, bytes]
    new: Mapping[str, bytes]
    between: Mapping[str, bytes] = field(default_factory=dict)

    def lay_out(self, root: Path) -> Path:
        """The tree before the build: new words, old images."""
        for relative, data in {**self.inputs, **self.old}.items():
            path = root / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return root

    def check(self, root: Path) -> Verdict:
        """Sort every file of the tree."""
        found: dict[str, list[str]] = {name: [] for name in Verdict.__dataclass_fields__}
        there = files_of(root)
        for relative in sorted(self.old.keys() | self.new.keys()):
            data = there.get(relative)
            if data is None:
                found["lost" if relative in self.old else "absent"].append(relative)
            elif data == self.new.get(relative):
                found["new"].append(relative)
            else:
                known = (self.old.get(relative), self.between.get(relative))
                found["old" if data in known else "corrupt"].append(relative)
        for relative, data in sorted(there.items()):
            if ".llamavis-tmp-" in relative:
                found["temporaries"].append(relative)
            elif relative in self.inputs:
                if data != self.inputs[relative]:
                    found["corrupt"].append(relative)
            elif relative not in self.old.keys() | self.new.keys():
                if not relative.startswith(".llamavis/"):
                    found["stray"].append(relative)
        return Verdict(**{name: tuple(paths) for name, paths in found.items()})

    def must_be_done(self, root: Path) -> None:
        """After a build that ended: all is new, and nothing else is there."""
        verdict = self.check(root)
        assert verdict.is_whole, verdict
        assert not verdict.temporaries, verdict
        assert set(verdict.new) == set(self.new), verdict


def files_of(root: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones too."""
    found = {}
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder, name)
            with contextlib.suppress(FileNotFoundError):  # a build may be under way
                found[path.relative_to(root).as_posix()] = path.read_bytes()
    return found


def game_texts(count: int, sheets: int, turn: int) -> dict[str, str]:
    """A game of `count` images, of which the last `sheets` have an animation."""
    first, second = _TURNS[turn]

    def words(i: int) -> str:
        return f"{first}{i} {second}{i}"

    rows = "".join(f"asset{i},{words(i)},16x16\n" for i in range(count - sheets))
    texts = {"many.descs.csv": f"name,description,size\n{rows}"}
    for i in range(count - sheets, count):
        # Other frames a second, so that the table beside the sheet changes too.
        more = f"size = [16, 16]\n[animation]\nidle = {{ frames = 2, fps = {4 + turn} }}\n"
        texts[f"walkers/walker{i}.desc.toml"] = described(words(i), more)
    return texts


def game_oracle(folder: Path, count: int, sheets: int = 0, first_build: bool = False) -> Oracle:
    """The oracle of a game whose words have all changed, or that was never built."""
    pictures: list[dict[str, Pixels]] = []
    outputs: list[dict[str, bytes]] = []
    between: dict[str, bytes] = {}
    for turn in (0, 1):
        root = make_game(folder / f"oracle{turn}", game_texts(count, sheets, turn))
        inputs, targets = files_of(root), targets_of(root)
        pictures.append({target.output: _drawn(target) for target in targets})
        outputs.append(_files(targets, pictures[turn]))
        between = {} if turn == 0 else _files(targets, pictures[0])
    sheets_only = {name: data for name, data in between.items() if "_sheet." in name}
    return Oracle(inputs, {} if first_build else outputs[0], outputs[1], sheets_only)


def expected_files(root: Path) -> dict[str, bytes]:
    """What a build that starts every picture over makes of the descriptions in `root`."""
    targets = targets_of(root)
    return _files(targets, {target.output: _drawn(target) for target in targets})


def targets_of(root: Path) -> list[Target]:
    """What is drawn, not made from other images, in a project without faults."""
    project, backend = Project.open(root), InstantBackend()
    plan = make_plan(project, lambda _name: backend.info(), ScanCache(root / "none.json"))
    assert not plan.problems, plan.problems
    return [one.target for one in plan.targets if not one.target.base]


def _files(targets: Sequence[Target], pictures: Mapping[str, Pixels]) -> dict[str, bytes]:
    files = {}
    for target in targets:
        pixels = pictures[target.output]
        told = provenance_of(target, f"{target.kind}: {target.prompt}", pixels)
        files[target.output] = finished_png(pixels, told)
        for derived in derived_targets(target, pixel_hash(pixels)):
            made = make(derived, pixels)
            files[derived.output] = finished_png(
                made.pixels, provenance_of(derived, "", made.pixels)
            )
            if derived.beside:
                files[derived.beside] = made.beside
    return files


def _drawn(target: Target) -> Pixels:
    recipe = target.recipe
    request = ImageRequest(
        prompt=target.prompt,
        kind=target.kind,
        size_px=target.size_px,
        seed=target.seed,
        negative_prompt=target.negative,
        guidance_scale=recipe.guidance_scale,
        temperature=recipe.temperature,
        top_p=recipe.top_p,
        tileable=recipe.tileable,
        transparent=recipe.transparent,
    )
    steps = active_steps(recipe.filters, target.palette is not None)
    context = FilterContext(target.size_px, recipe.tileable, recipe.transparent, target.palette)
    return apply_steps(draw(request), steps, context)
