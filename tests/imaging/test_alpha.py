"""Clean edges: exact small cut-outs and properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llamavis_studio.imaging.alpha import (
    ANCHORS,
    PIVOT_RULES,
    bleed_colour,
    clear_ground,
    fill_pinholes,
    label_islands,
    pad_to_size,
    pivot_of,
    remove_specks,
    threshold_alpha,
    trim,
)
from llamavis_studio.imaging.errors import ImageError
from tests.imaging.strategies import pictures


def drawn(*rows: str) -> np.ndarray:
    """'#' is opaque red, '.' clear."""
    solid = np.array([[ch == "#" for ch in row] for row in rows])
    out = np.zeros((*solid.shape, 4), np.uint8)
    out[solid] = (255, 0, 0, 255)
    return out


def rows_of(pixels: np.ndarray) -> list[str]:
    return ["".join("#" if a else "." for a in row) for row in pixels[..., 3]]


@given(pictures(), st.integers(1, 255))
def test_thresholded_alpha_is_all_or_nothing(pixels: np.ndarray, threshold: int) -> None:
    out = threshold_alpha(pixels, threshold)
    assert set(np.unique(out[..., 3])) <= {0, 255}
    assert not out[out[..., 3] == 0].any()
    assert np.array_equal(threshold_alpha(out, threshold), out)


def test_a_threshold_of_nothing_is_refused() -> None:
    with pytest.raises(ImageError):
        threshold_alpha(drawn("#"), 0)


def test_specks_go_and_diagonals_hold_together() -> None:
    picture = drawn("##...#", "##....", "..#...", "...#..", "#.....")
    assert rows_of(remove_specks(picture, 4)) == ["##....", "##....", "..#...", "...#..", "......"]


def test_the_last_island_stays() -> None:
    assert rows_of(remove_specks(drawn("#..", "...", "..#"), 50)) == ["#..", "...", "..."]


@given(pictures(channels=(4,), max_side=16))
def test_islands_agree_with_a_flood_fill(pixels: np.ndarray) -> None:
    mask = pixels[..., 3] > 100
    labels, count = label_islands(mask)
    seen = np.zeros_like(mask)
    islands = 0
    for y, x in np.argwhere(mask):
        if seen[y, x]:
            continue
        islands += 1
        seen[y, x] = True
        stack, members = [(y, x)], []
        while stack:
            cy, cx = stack.pop()
            members.append((cy, cx))
            for ny in range(max(0, cy - 1), min(mask.shape[0], cy + 2)):
                for nx in range(max(0, cx - 1), min(mask.shape[1], cx + 2)):
                    if mask[ny, nx] and not seen[ny, nx]:
                        seen[ny, nx] = True
                        stack.append((ny, nx))
        assert len({int(labels[m]) for m in members}) == 1
    assert islands == count == len(np.unique(labels[mask]))


def test_pinholes_close_but_windows_stay() -> None:
    picture = drawn("####.", "#.###", "###.#", "###.#", "#####")
    assert rows_of(fill_pinholes(picture, 1)) == ["####.", "#####", "###.#", "###.#", "#####"]
    assert fill_pinholes(picture, 1)[1, 1].tolist() == [255, 0, 0, 255]


@given(pictures(channels=(4,)), st.integers(0, 4))
def test_bleeding_changes_only_clear_colour(pixels: np.ndarray, distance: int) -> None:
    out = bleed_colour(pixels, distance)
    assert np.array_equal(out[..., 3], pixels[..., 3])
    seen = pixels[..., 3] > 0
    assert np.array_equal(out[seen], pixels[seen])


def test_bleeding_reaches_as_far_as_asked() -> None:
    out = bleed_colour(drawn("#....."), 2)
    assert (out[0, :, 0] == 255).tolist() == [True, True, True, False, False, False]


@given(pictures(channels=(4,)), st.integers(0, 3))
def test_trimming_loses_nothing_seen(pixels: np.ndarray, margin: int) -> None:
    small, (x, y) = trim(pixels, margin)
    assert np.array_equal(pixels[y : y + small.shape[0], x : x + small.shape[1]], small)
    assert (small[..., 3] > 0).sum() == (pixels[..., 3] > 0).sum()


def test_trimming_finds_the_box() -> None:
    small, corner = trim(drawn(".....", "..##.", "..#..", "....."))
    assert rows_of(small) == ["##", "#."]
    assert corner == (2, 1)
    assert trim(drawn("..", ".."))[1] == (0, 0)


def on_ground(*rows: str, ground: tuple[int, int, int] = (250, 250, 250)) -> np.ndarray:
    """The same, opaque: '.' is the ground."""
    out = drawn(*rows)
    out[out[..., 3] == 0] = (*ground, 255)
    return out


def test_a_plain_ground_becomes_clear_but_not_its_colour_inside():
    cut = clear_ground(on_ground("......", ".####.", ".#..#.", ".####.", "......"))
    assert rows_of(cut) == ["......", ".####.", ".####.", ".####.", "......"]
    assert tuple(cut[2, 2]) == (250, 250, 250, 255)


def test_a_noisy_ground_is_a_ground():
    noisy = on_ground("......", "..##..", "..##..", "......")
    rng = np.random.default_rng(0)
    noisy[..., :3] = np.clip(noisy[..., :3].astype(int) + rng.integers(-8, 9, (4, 6, 3)), 0, 255)
    assert rows_of(clear_ground(noisy[..., :3])) == ["......", "..##..", "..##..", "......"]


@pytest.mark.parametrize(
    "picture",
    [
        on_ground("#.....", "..##..", "......"),  # a corner of another colour
        on_ground("......", "......"),  # nothing but ground
        drawn(".....", ".###.", "....."),  # cut out already
    ],
)
def test_other_pictures_keep_their_ground(picture):
    assert np.array_equal(clear_ground(picture), picture)


anchors = st.one_of(st.sampled_from(sorted(ANCHORS)), st.tuples(st.floats(0, 1), st.floats(0, 1)))


@given(pictures(), st.integers(0, 9), st.integers(0, 9), anchors)
def test_padding_holds_the_whole_picture_and_nothing_else(
    pixels: np.ndarray, more_x: int, more_y: int, anchor: str | tuple[float, float]
) -> None:
    height, width = pixels.shape[:2]
    out = pad_to_size(pixels, (width + more_x, height + more_y), anchor)
    assert out.shape == (height + more_y, width + more_x, 4)
    share_x, share_y = ANCHORS[anchor] if isinstance(anchor, str) else anchor
    left, top = int(more_x * share_x + 1e-9), int(more_y * share_y + 1e-9)
    inside = out[top : top + height, left : left + width]
    assert np.array_equal(inside[..., : pixels.shape[2]], pixels)
    rest = out.astype(int)
    rest[top : top + height, left : left + width] = 0
    assert not rest.any()


@given(pictures(channels=(4,)), st.integers(0, 5), st.integers(0, 5), anchors)
def test_trimming_undoes_padding(
    pixels: np.ndarray, more_x: int, more_y: int, anchor: str | tuple[float, float]
) -> None:
    small, _ = trim(pixels)
    padded = pad_to_size(small, (small.shape[1] + more_x, small.shape[0] + more_y), anchor)
    if (small[..., 3] > 0).any():
        assert np.array_equal(trim(padded)[0], small)


def test_named_anchors_are_where_they_say() -> None:
    assert rows_of(pad_to_size(drawn("#"), (3, 2), "bottom")) == ["...", ".#."]
    assert rows_of(pad_to_size(drawn("#"), (4, 1), "centre")) == [".#.."]
    assert rows_of(pad_to_size(drawn("#"), (2, 2), "top_right")) == [".#", ".."]


@pytest.mark.parametrize(
    ("size_px", "anchor", "says"),
    [
        ((1, 2), "centre", "does not fit"),
        ((4, 4), "middle", "centre"),
        ((4, 4), (0.5, 1.5), "0..1"),
        ((4, 4), (float("nan"), 0.0), "0..1"),
    ],
)
def test_impossible_padding_is_refused(
    size_px: tuple[int, int], anchor: str | tuple[float, float], says: str
) -> None:
    with pytest.raises(ImageError, match=says):
        pad_to_size(drawn("##"), size_px, anchor)


def test_pivots_of_a_figure() -> None:
    figure = drawn("......", "..##..", "..##..", "..##..", "..#...", "......")
    assert pivot_of(figure) == (3.0, 5.0)
    assert pivot_of(figure, "centre") == (3.0, 3.0)
    assert pivot_of(figure, "top") == (3.0, 1.0)
    assert pivot_of(figure, "centroid") == pytest.approx((2.5 * 4 / 7 + 3.5 * 3 / 7, 19.5 / 7))
    assert pivot_of(drawn("....", "....")) == (2.0, 2.0)
    with pytest.raises(ImageError, match="centroid"):
        pivot_of(figure, "feet")


@given(pictures(), st.sampled_from(PIVOT_RULES), st.integers(0, 5), st.integers(0, 5))
def test_a_pivot_lies_in_what_is_seen_and_moves_with_it(
    pixels: np.ndarray, rule: str, dx: int, dy: int
) -> None:
    x, y = pivot_of(pixels, rule)
    assert 0 <= x <= pixels.shape[1] and 0 <= y <= pixels.shape[0]
    small, (left, top) = trim(pixels)
    if small[..., 3].any():
        assert pivot_of(small, rule) == pytest.approx((x - left, y - top))
        wide, high = small.shape[1] + dx, small.shape[0] + dy
        moved = pad_to_size(small, (wide, high), "bottom_right")
        assert pivot_of(moved, rule) == pytest.approx((x - left + dx, y - top + dy))
