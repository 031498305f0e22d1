from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llamavis_studio.backends.base import BackendInfo, SizeRule

sides = st.integers(1, 4096)
rules = st.builds(
    SizeRule,
    step_px=st.sampled_from([1, 8, 16, 64]),
    smallest_px=st.sampled_from([1, 64, 256]),
    largest_px=st.sampled_from([512, 1024, 2048]),
    best_px=st.sampled_from([384, 512, 1024]),
)


@pytest.mark.parametrize(
    ("wanted", "drawn"),
    [
        ((32, 32), (512, 512)),
        ((96, 64), (624, 416)),
        ((512, 512), (512, 512)),
        ((1024, 512), (1024, 512)),
        ((1000, 700), (1000, 704)),
        ((4096, 4096), (2048, 2048)),
        ((1, 4096), (256, 2048)),
    ],
)
def test_small_pictures_are_drawn_at_the_area_the_model_draws_best(
    wanted: tuple[int, int], drawn: tuple[int, int]
) -> None:
    assert SizeRule().nearest(wanted) == drawn


@given(rules, sides, sides)
def test_what_is_drawn_meets_the_rule(rule: SizeRule, width: int, height: int) -> None:
    drawn = rule.nearest((width, height))
    for side in drawn:
        assert side % rule.step_px == 0
        assert rule.smallest_px <= side <= rule.largest_px
    assert rule.nearest(drawn) == rule.nearest(drawn)


@given(st.integers(1, 64), st.integers(1, 64))
def test_of_fixed_sizes_the_nearest_shape_is_taken(width: int, height: int) -> None:
    only = ((64, 64), (96, 64), (64, 96), (32, 32))
    drawn = SizeRule(only=only).nearest((width, height))
    shape = width / height
    best = min(max(w / h / shape, shape * h / w) for w, h in only)
    assert max(drawn[0] / drawn[1] / shape, shape * drawn[1] / drawn[0]) == pytest.approx(best)


def test_a_rule_that_no_size_meets_is_refused() -> None:
    for wrong in ({"step_px": 0}, {"smallest_px": 500, "largest_px": 500, "step_px": 64},
                  {"best_px": 0}):  # fmt: skip
        with pytest.raises(ValueError):
            SizeRule(**wrong)


def test_a_kinds_own_size_comes_before_the_rule() -> None:
    info = BackendInfo("a", "a", "1", "MIT", native_size_px=(("item", (48, 48)),), sizes=SizeRule())
    assert info.drawn_size("item", (16, 16)) == (48, 48)
    assert info.drawn_size("texture", (16, 16)) == (512, 512)
    assert BackendInfo("a", "a", "1", "MIT").drawn_size("texture", (16, 16)) is None
