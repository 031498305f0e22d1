"""The order of the images that wait, and the batches that it makes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llamavis_studio.batch_work import HowToBuild
from llamavis_studio.build_line import (
    Errand,
    in_batches,
    joined,
    moved,
    put_before,
    to_front,
    without,
)
from llamavis_studio.core.queued import QueuedImage
from llamavis_studio.pipeline.target import Target
from tests.support.games import described, make_game
from tests.support.studios import opened

pytestmark = pytest.mark.usefixtures("instant_backend")


@pytest.fixture
def targets(tmp_path: Path) -> dict[str, Target]:
    """Sprites `a` to `f` and textures `x` to `z`, by name."""
    game = {f"{name}.desc.toml": described(f"thing {name}") for name in "abcdef"}
    game |= {f"{name}.desc.toml": described(name, 'kind = "texture"\n') for name in "xyz"}
    with opened(make_game(tmp_path / "game", game)) as studio:
        return {one.target.name: one.target for one in studio.plan().targets}


@pytest.fixture
def line(targets: dict[str, Target]) -> list[Errand]:
    return [errand(targets[name]) for name in "abcdxyz"]


def errand(target: Target, how: HowToBuild | None = None) -> Errand:
    return Errand(target, how or HowToBuild(), QueuedImage(target.output, target.source))


def names(errands: Sequence[Errand]) -> str:
    return "".join(one.target.name for one in errands)


def outputs(text: str) -> set[str]:
    return {f"{name}.png" for name in text}


def batches(errands: Sequence[Errand], most: int = 0) -> list[str]:
    return [names(batch) for batch in in_batches(errands, most)]


def test_neighbours_that_fit_together_make_a_batch(line: list[Errand]) -> None:
    assert batches(line) == ["abcd", "xyz"]
    assert batches(line, most=3) == ["abc", "d", "xyz"]
    assert batches(line, most=1) == list("abcdxyz")
    assert batches([]) == []


def test_what_was_moved_to_the_front_waits_for_no_other(line: list[Errand]) -> None:
    front = to_front(line, outputs("c"))
    assert batches(front) == ["c", "abd", "xyz"]
    # The one moved last comes first, and the one before it still waits for nobody.
    assert batches(to_front(front, outputs("y"))) == ["y", "c", "abd", "xz"]
    assert names(to_front(line, outputs("xb"))) == "bxacdyz"


def test_one_place_up_or_down(line: list[Errand]) -> None:
    assert names(moved(line, outputs("c"), -1)) == "acbdxyz"
    assert names(moved(line, outputs("c"), 1)) == "abdcxyz"
    assert names(moved(line, outputs("bc"), -1)) == "bcadxyz"
    assert names(moved(line, outputs("yz"), 1)) == "abcdxyz"
    assert names(moved(line, outputs("a"), -1)) == "abcdxyz"
    assert names(moved(line, outputs("az"), -1)) == "abcdxzy"
    assert batches(moved(line, outputs("x"), -1)) == ["abc", "x", "d", "yz"]


def test_a_batch_that_was_broken_up_on_the_way_is_whole_again(line: list[Errand]) -> None:
    order = line
    for _ in range(4):
        order = moved(order, outputs("x"), -1)
    assert batches(order) == ["x", "abcd", "yz"]


def test_dropped_before_another(line: list[Errand]) -> None:
    assert names(put_before(line, outputs("z"), "b.png")) == "azbcdxy"
    assert names(put_before(line, outputs("az"), "d.png")) == "bcazdxy"
    assert names(put_before(line, outputs("b"), "")) == "acdxyzb"
    assert names(put_before(line, outputs("b"), "b.png")) == "abcdxyz"
    assert names(without(line, outputs("adz"))) == "bcxy"


def test_an_image_waits_once_in_its_newest_words(
    line: list[Errand], targets: dict[str, Target], tmp_path: Path
) -> None:
    same, forced = errand(targets["b"]), errand(targets["c"], HowToBuild(force=True))
    longer = joined(line, [same, forced, errand(targets["e"])])
    assert names(longer) == "abcdxyze"
    assert longer[1] is line[1]
    assert longer[2] is forced
    # To draw it afresh is more than to draw it: that is not taken back by asking for less.
    assert joined([forced], [errand(targets["c"])]) == [forced]
    # What is drawn another way is drawn apart.
    assert batches(longer) == ["ab", "c", "d", "xyz", "e"]


@given(
    order=st.permutations("abcdefg"),
    chosen=st.sets(st.sampled_from("abcdefg")),
    before=st.sampled_from("abcdefg-"),
    by=st.sampled_from((-1, 1)),
)
def test_no_order_loses_or_doubles_an_image(
    order: list[str], chosen: set[str], before: str, by: int
) -> None:
    class Named:
        def __init__(self, output: str) -> None:
            self.output = output

    waiting = [Named(name) for name in order]
    for changed in (moved(waiting, chosen, by), put_before(waiting, chosen, before)):  # type: ignore[arg-type]
        assert sorted(one.output for one in changed) == sorted(order)
        rest = [one.output for one in changed if one.output not in chosen]
        assert rest == [name for name in order if name not in chosen]
        kept = [one.output for one in changed if one.output in chosen]
        assert kept == [name for name in order if name in chosen]
