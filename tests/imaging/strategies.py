"""Pictures for property tests: small, any shape, few or many colours."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp


def pictures(channels: tuple[int, ...] = (3, 4), min_side: int = 1, max_side: int = 12):
    """uint8 (h, w, c) with every byte free, or with few distinct values as pixel art has."""
    shape = st.tuples(
        st.integers(min_side, max_side), st.integers(min_side, max_side), st.sampled_from(channels)
    )
    full = st.integers(0, 255)
    few = st.sampled_from([0, 60, 128, 255])
    return st.one_of(
        hnp.arrays(np.uint8, shape, elements=full), hnp.arrays(np.uint8, shape, elements=few)
    )


def palettes(max_colours: int = 12):
    """uint8 (n, 3), n >= 1."""
    return hnp.arrays(np.uint8, st.tuples(st.integers(1, max_colours), st.just(3)))
