"""Batches: references, edits, known parts and rolls. Every code here says where it comes from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest
import torch

from llamavis_studio.model.train import examples
from llamavis_studio.model.train.examples import (
    CodeSet,
    Example,
    draw_example,
    known_parts,
    neighbours,
    roll_cells,
    said,
)
from llamavis_studio.model.unified import ALIKE, BEFORE, grid_cells

GRID = (4, 6)
P = 24
ROWS, VIEWS, NEAR = 10, 3, 4
ROW, VIEW, CELL = 0, 1, 2


def traced_set(grid: tuple[int, int] = GRID, pairs: int = 0, near: int = NEAR) -> CodeSet:
    """Codes ``(row, view, cell)``; the even rows wrap; row ``n`` is near to those after it."""
    cells = grid[0] * grid[1]
    row, view, cell = torch.meshgrid(
        torch.arange(ROWS), torch.arange(VIEWS), torch.arange(cells), indexing="ij"
    )
    return CodeSet(
        grid=grid,
        codes=torch.stack([row, view, cell], dim=-1).to(torch.int16),
        sample=torch.arange(ROWS),
        kinds=["item", "texture"] * (ROWS // 2),
        captions=[(f"thing {n}", f"a thing {n}") for n in range(ROWS)],
        weights=torch.ones(ROWS),
        wraps=torch.arange(ROWS) % 2 == 0,
        alike=(torch.arange(ROWS).unsqueeze(1) + torch.arange(1, near + 1)) % ROWS,
        pairs=torch.tensor([[n, n + 1] for n in range(pairs)]).reshape(-1, 2),
    )


@dataclass
class Seen:
    """An example with its image put back into raster order."""

    raw: Example
    rows: torch.Tensor  # (B,)
    codes: torch.Tensor  # (B, P, 3)


def draw(chosen: CodeSet, count: int, seed: int) -> Seen:
    example = draw_example(chosen, count, torch.Generator().manual_seed(seed))
    place = example.cells[..., 0] * chosen.grid[1] + example.cells[..., 1]  # (B, P)
    assert torch.equal(place.sort(dim=1).values, torch.arange(P).expand(count, -1))
    back = place.argsort(dim=1).unsqueeze(2).expand(-1, -1, 3)
    return Seen(example, example.rows, example.codes.gather(1, back))


def offset(cells: torch.Tensor) -> tuple[int, int]:
    """How far a row was rolled (down, right), once every cell says the same."""
    line, column = cells // GRID[1], cells % GRID[1]
    stand = grid_cells(GRID)
    moved = {
        (int(a), int(b))
        for a, b in zip((line - stand[:, 0]) % GRID[0], (column - stand[:, 1]) % GRID[1],
                        strict=True)
    }  # fmt: skip
    assert len(moved) == 1
    return moved.pop()


def test_an_image_is_one_row_in_one_view_rolled_only_where_it_wraps() -> None:
    chosen, rolls, views = traced_set(), set(), set()
    for seed in range(40):
        seen = draw(chosen, 8, seed)
        for row, codes in zip(seen.rows.tolist(), seen.codes, strict=True):
            assert (codes[:, ROW] == row).all() and len(codes[:, VIEW].unique()) == 1
            views.add(int(codes[0, VIEW]))
            moved = offset(codes[:, CELL])
            assert moved == (0, 0) or row % 2 == 0
            rolls.add(moved)
    assert views == {0, 1, 2}
    assert len(rolls) == GRID[0] * GRID[1]  # every way


def test_references_that_look_alike_are_whole_pictures_and_never_itself() -> None:
    chosen, counts, strangers = traced_set(), Counter(), 0
    for seed in range(80):
        seen = draw(chosen, 8, seed)
        told = seen.raw.references
        counts[0 if told is None else told.codes.shape[1]] += 1
        if told is None:
            continue
        assert told.codes.shape[2:] == (P, 3)
        assert (told.role == ALIKE).all() and told.mask.all()
        for row, pictures in zip(seen.rows.tolist(), told.codes, strict=True):
            for picture in pictures:
                (other,) = picture[:, ROW].unique().tolist()
                assert other != row
                strangers += (other - row) % ROWS > NEAR
                assert len(picture[:, VIEW].unique()) == 1
                assert offset(picture[:, CELL]) == (0, 0) or other % 2 == 0
    assert set(counts) == {0, 1, 2} and counts.most_common(1)[0][0] == 1
    assert 0 < strangers < 0.15 * 8 * (counts[1] + 2 * counts[2])


def test_the_nearest_are_shown_more_often() -> None:
    chosen = traced_set()
    rows = torch.zeros(4000, dtype=torch.long)
    found = Counter(neighbours(chosen, rows, 1, torch.Generator().manual_seed(0))[:, 0].tolist())
    assert found[1] > 1.5 * found[4] > 0
    assert 0 not in found


def test_neighbours_of_a_set_without_any() -> None:
    rows = torch.arange(3)
    assert neighbours(traced_set(near=0), rows, 2, torch.Generator()).shape == (3, 0)
    assert neighbours(traced_set(near=1), rows, 2, torch.Generator()).shape == (3, 1)


def test_an_edit_lies_exactly_over_the_version_before() -> None:
    chosen, edits, turned = traced_set(pairs=9), 0, set()
    for seed in range(120):
        seen = draw(chosen, 6, seed)
        told = seen.raw.references
        if told is None or not (told.role == BEFORE).any():
            continue
        edits += 1
        assert (told.role == BEFORE).all() and told.mask.all() and told.codes.shape[1] == 1
        for row, image, before in zip(
            seen.rows.tolist(), seen.codes, told.codes[:, 0], strict=True
        ):
            (other,) = before[:, ROW].unique().tolist()
            assert abs(other - row) == 1
            turned.add(other - row)
            assert torch.equal(before[:, VIEW], image[:, VIEW])
            assert torch.equal(before[:, CELL], image[:, CELL]) or row % 2 != other % 2
    assert turned == {1, -1}
    assert edits == pytest.approx(120 * examples.EDIT_SHARE, abs=15)


def test_an_edit_of_a_texture_is_rolled_with_it() -> None:
    """Rows 0 and 2, 2 and 4 ... wrap both: the same roll for both versions."""
    chosen = traced_set()._replace(pairs=torch.tensor([[0, 2], [2, 4], [1, 3]]))
    rolled = 0
    for seed in range(80):
        seen = draw(chosen, 6, seed)
        told = seen.raw.references
        if told is not None and (told.role == BEFORE).all():
            assert torch.equal(told.codes[:, 0, :, CELL], seen.codes[..., CELL])
            rolled += int((seen.codes[:, 0, CELL] != 0).sum())
    assert rolled > 10


def test_large_grids_get_at_most_one_reference() -> None:
    chosen = traced_set((16, 16))
    counts = Counter()
    for seed in range(60):
        example = draw_example(chosen, 2, torch.Generator().manual_seed(seed))
        counts[0 if example.references is None else example.references.codes.shape[1]] += 1
    assert set(counts) == {0, 1} and counts[0] > counts[1]


def test_rolls_stay_on_the_grid() -> None:
    chosen = traced_set()
    moved = roll_cells(chosen, torch.arange(ROWS), torch.Generator().manual_seed(0))
    assert torch.equal(moved.sort(dim=1).values, torch.arange(P).expand(ROWS, -1))
    assert torch.equal(moved[1::2], torch.arange(P).expand(ROWS // 2, -1))


def is_box(cells: torch.Tensor) -> bool:
    """Whether the True of ``(h, w)`` fill a rectangle."""
    if not cells.any():
        return False
    lines, columns = cells.any(1).nonzero(), cells.any(0).nonzero()
    return bool(cells[lines.min() : lines.max() + 1, columns.min() : columns.max() + 1].all())


def test_every_way_of_editing_is_practised() -> None:
    grid = (8, 8)
    cross = torch.zeros(grid, dtype=torch.bool)
    cross[3:5] = cross[:, 3:5] = True
    ways: Counter[str] = Counter()
    shares = []
    for known in known_parts(2000, grid, torch.Generator().manual_seed(0)):
        cells = known.view(grid)
        if is_box(~cells):
            ways["a region is filled in"] += 1
        elif is_box(cells):
            ways["a picture is extended"] += 1
        elif torch.equal(~cells, cross):
            ways["a seam is mended"] += 1
        else:
            ways["a variation"] += 1
            shares.append(float(cells.float().mean()))
    assert ways["a region is filled in"] == pytest.approx(2000 * 0.4, abs=80)
    assert ways["a picture is extended"] == pytest.approx(2000 * 0.2, abs=80)
    assert ways["a seam is mended"] == pytest.approx(2000 * 0.15, abs=60)
    assert ways["a variation"] == pytest.approx(2000 * 0.25, abs=80)
    assert min(shares) < 0.15 and max(shares) > 0.85


def test_boxes_reach_every_side_and_corner() -> None:
    known = known_parts(2000, (4, 6), torch.Generator().manual_seed(1)).view(-1, 4, 6)
    regions = torch.stack([~cells for cells in known if is_box(~cells)])
    assert regions.any(0).all()
    sizes = {(int(r.any(1).sum()), int(r.any(0).sum())) for r in regions}
    assert {tall for tall, _ in sizes} == {1, 2, 3, 4}
    assert {wide for _, wide in sizes} == {1, 2, 3, 4, 5, 6}


def test_known_codes_come_first_in_raster_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples, "KNOWN_SHARE", 1.0)
    chosen, partly = traced_set(), 0
    for seed in range(20):
        generator = torch.Generator().manual_seed(seed)
        example = draw_example(chosen, 6, generator)
        place = example.cells[..., 0] * GRID[1] + example.cells[..., 1]
        for order in place.tolist():
            drops = [i for i in range(1, P) if order[i] < order[i - 1]]
            assert len(drops) <= 1  # two rising parts: what is known, then the rest
            partly += len(drops)
    assert partly > 60


def test_without_known_parts_the_order_is_raster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples, "KNOWN_SHARE", 0.0)
    example = draw_example(traced_set(), 4, torch.Generator().manual_seed(0))
    assert torch.equal(example.cells, grid_cells(GRID).expand(4, -1, -1))


def test_a_seed_makes_the_same_batch_and_the_set_stays_as_it_is() -> None:
    chosen = traced_set(pairs=9)
    before = chosen.codes.clone()
    state = torch.get_rng_state()
    for seed in range(6):
        first, second = (
            draw_example(chosen, 5, torch.Generator().manual_seed(seed)) for _ in range(2)
        )
        assert torch.equal(first.codes, second.codes) and torch.equal(first.cells, second.cells)
        assert (first.references is None) == (second.references is None)
    assert torch.equal(chosen.codes, before)
    assert torch.equal(torch.get_rng_state(), state)


def test_words_are_its_own_and_only_cut_out_kinds_are_left_open() -> None:
    chosen = traced_set()
    texts, kinds = said(chosen, [0, 1] * 500, torch.Generator().manual_seed(0))
    assert set(texts[::2]) == {"thing 0", "a thing 0"}
    assert set(kinds[::2]) == {"item", "sprite"} and set(kinds[1::2]) == {"texture"}
    assert kinds[::2].count("sprite") == pytest.approx(500 * examples.VAGUE_SHARE, abs=50)
