"""Things drawn by rule: each as named, in its colours, large enough, and a little different."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from llamavis_studio.model.train.prop_sketch import SIDE, Light, Sketch
from llamavis_studio.model.train.props import DRAWN, draw, draw_all
from llamavis_studio.model.train.words import table

PROPS = table("props")["props"]
FIRST_AND_LAST = [
    (name, paint)
    for name, entry in PROPS.items()
    for paint in dict.fromkeys((entry["paints"][0], entry["paints"][-1]))
]


def test_every_thing_listed_can_be_drawn_and_the_other_way_round() -> None:
    assert set(PROPS) == set(DRAWN)
    names = Counter(name for key, entry in PROPS.items() for name in (key, *entry.get("also", ())))
    assert [name for name, count in names.items() if count > 1] == []
    for entry in PROPS.values():
        assert entry["kind"] in ("item", "feature", "creature", "object")
        assert len(set(entry["paints"])) == len(entry["paints"]) >= 1
        assert entry.get("says_paint", True) or len(entry["paints"]) == 1


@pytest.mark.parametrize(("name", "paint"), FIRST_AND_LAST)
def test_a_thing_fills_its_square_and_says_what_it_is(name: str, paint: str) -> None:
    prop = draw(name, paint, np.random.default_rng(3))
    assert prop.pixels.shape == (32, 32, 4) and prop.pixels.dtype == np.uint8
    solid = prop.pixels[..., 3] == 255
    assert (solid | (prop.pixels[..., 3] == 0)).all()  # hard edges
    assert not prop.pixels[~solid].any()
    rows, columns = np.flatnonzero(solid.any(1)), np.flatnonzero(solid.any(0))
    assert max(np.ptp(rows), np.ptp(columns)) >= 19
    assert 0.08 < solid.mean() < 0.95
    assert len(np.unique(prop.pixels[solid], axis=0)) >= 5  # light and shade
    says = PROPS[name].get("says_paint", True)
    is_usual = paint == PROPS[name]["paints"][0]
    assert prop.captions[0] == (name if is_usual else f"{paint} {name}")
    assert prop.captions_zh[0].endswith(PROPS[name]["zh"])
    assert (prop.captions_zh[0] == PROPS[name]["zh"]) == is_usual
    assert (f"{paint} {name}" in prop.captions) == says


@pytest.mark.parametrize("name", PROPS)
def test_chance_changes_a_thing_a_little(name: str) -> None:
    paint = PROPS[name]["paints"][0]
    one, again, other = (draw(name, paint, np.random.default_rng(i)).pixels for i in (1, 1, 2))
    assert (one == again).all()
    assert (one != other).any()
    a, b = one[..., 3] > 0, other[..., 3] > 0
    overlaps = [(a & way).sum() / (a | way).sum() for way in (b, b[:, ::-1])]  # a lever has two
    assert max(overlaps) > 0.5


def test_all_are_drawn_in_all_paints(monkeypatch: pytest.MonkeyPatch) -> None:
    few = dict(list(PROPS.items())[:3])
    monkeypatch.setitem(table("props"), "props", few)
    drawn = Counter(prop.captions[0] for prop in draw_all(2, np.random.default_rng(0)))
    assert {drawn[name] for name in few} == {4}
    assert {count for name, count in drawn.items() if name not in few} == {2}
    assert len(drawn) == sum(len(entry["paints"]) for entry in few.values())


def test_shapes_lie_where_they_are_put_and_later_ones_above() -> None:
    sketch = Sketch()
    body = sketch.box(4, 8, 28, 24, "blue")
    assert body.sum() == 24 * 16 * (SIDE // 32) ** 2
    sketch.oval(10, 0, 22, 32, "red", within=body)
    pixels = sketch.finish()
    solid = pixels[..., 3] > 0
    assert solid[8:24, 4:28].all() and solid.sum() == 24 * 16
    middle, corner = pixels[16, 16].astype(int), pixels[9, 5].astype(int)
    assert middle[0] > middle[2] and corner[2] > corner[0]


def test_light_goes_from_where_it_is_bright_to_where_it_is_dark() -> None:
    across, down = Light.across(8, 24, [4, 0]), Light.down(8, 24, [0, 2, 4])
    assert across[0, 0] == 4 and across[0, -1] == 0 and (np.diff(across[5]) <= 0).all()
    assert down[0, 0] == 0 and down[-1, 0] == 4 and (np.ptp(down, axis=1) == 0).all()
    ball = Light.round(10, 10, 12)
    assert ball.argmax() // SIDE == pytest.approx(10 * SIDE / 32, abs=1)
    assert ball[-1, -1] == 0


def test_an_unknown_thing_is_an_error() -> None:
    with pytest.raises(KeyError, match="no such thing"):
        draw("no such thing", "red", np.random.default_rng(0))
