"""The line of images that wait to be drawn: their order, and the batches that they make.

The user sees images; the worker draws neighbours that fit together in one batch. So the order of
the images is what counts, and the batches are made anew whenever it changes:

    line -> to_front, moved, put_before, without -> line -> in_batches
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from llamavis_studio.batch_work import HowToBuild
from llamavis_studio.core.queued import QueuedImage
from llamavis_studio.pipeline.build import batch_key, batch_limit
from llamavis_studio.pipeline.target import Target


@dataclass(frozen=True, eq=False)
class Errand:
    """One image to draw, and how. `alone`: somebody waits for it, so no batch holds it up."""

    target: Target
    how: HowToBuild
    image: QueuedImage
    alone: bool = False
    kin: object = field(init=False)
    """Equal for neighbours that may be drawn together."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "kin", (batch_key(self.target), self.how))

    @property
    def output(self) -> str:
        """The image's path in the project."""
        return self.target.output

    def does(self, other: Errand) -> bool:
        """Whether what `other` asks for is done with this one."""
        same = self.target.build_key == other.target.build_key
        return same and (self.how == other.how or not (other.how.force or other.how.fresh))


Line = Sequence[Errand]


def in_batches(line: Line, most: int = 0) -> list[tuple[Errand, ...]]:
    """Neighbours that can be drawn together, as many as the backend likes, `most` above 0 caps."""
    batches: list[list[Errand]] = []
    room = 0
    for errand in line:
        last = batches[-1][-1] if batches else None
        fits = last is not None and not (last.alone or errand.alone) and last.kin == errand.kin
        if fits and room > 0:
            batches[-1].append(errand)
            room -= 1
        else:
            batches.append([errand])
            room = batch_limit(errand.target, most) - 1
    return [tuple(batch) for batch in batches]


def joined(line: Line, coming: Line) -> list[Errand]:
    """With more images at the end. One that waits already keeps its place, in its newest words."""
    new = {errand.output: errand for errand in coming}
    kept = []
    for errand in line:
        newer = new.pop(errand.output, None)
        kept.append(errand if newer is None or errand.does(newer) else newer)
    return [*kept, *new.values()]


def to_front(line: Line, outputs: Collection[str]) -> list[Errand]:
    """These first, in the order they have, each by itself."""
    chosen = [replace(errand, alone=True) for errand in line if errand.output in outputs]
    return [*chosen, *without(line, outputs)]


def moved(line: Line, outputs: Collection[str], by: int) -> list[Errand]:
    """These one place up (`by` is -1) or down (1); at the end of the line they stay in order."""
    order = list(line) if by < 0 else list(reversed(line))
    for at in range(1, len(order)):
        if order[at].output in outputs and order[at - 1].output not in outputs:
            order[at - 1], order[at] = order[at], order[at - 1]
    return order if by < 0 else order[::-1]


def put_before(line: Line, outputs: Collection[str], before: str) -> list[Errand]:
    """These, in the order they have, in front of another image; at the end when it is not there."""
    chosen = [errand for errand in line if errand.output in outputs]
    rest: list[Errand] = []
    for errand in line:
        if errand.output == before:
            rest += chosen
            chosen = []
        if errand.output not in outputs:
            rest.append(errand)
    return rest + chosen


def without(line: Line, outputs: Collection[str]) -> list[Errand]:
    """The others."""
    return [errand for errand in line if errand.output not in outputs]
