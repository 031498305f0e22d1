"""Pictures while they are drawn: what is written is shown as it is, the rest as a pale guess."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from llamavis_studio.model.artist import Artist, Watch, Wish, draw_together
from llamavis_studio.model.drawing import Halfway, Known, draw_codes
from llamavis_studio.model.glimpse import (
    GUESS_OPACITY,
    LEAST_PAUSE_S,
    PAUSES_A_LOOK,
    ROWS_AT_ONCE,
    Pace,
    guessed,
)
from llamavis_studio.model.pixels import Pixels
from llamavis_studio.model.sampling import Sampling
from llamavis_studio.model.text_encoder import TextEncoder
from tests.support.tiny_model import tiny_memory, tiny_model, tiny_prompt

MINILM = Path(__file__).parents[2] / "resources" / "models" / "minilm"
GRID = (8, 8)


class Clock:
    """Time that only passes when a test says so."""

    def __init__(self) -> None:
        self.now = 5.0

    def __call__(self) -> float:
        return self.now


class Always(Pace):
    """Every look is due."""

    def begins(self) -> bool:
        return True


@pytest.fixture(scope="module")
def artist() -> Artist:
    model = tiny_model()
    return Artist(model, TextEncoder.load(MINILM), tiny_memory(model), Sampling())


def drawn_and_seen(artist: Artist, wishes: list[Wish]) -> tuple[list[Pixels], list[list[Pixels]]]:
    """The pictures, and for each all that was seen of it."""
    seen: dict[str, list[Pixels]] = {wish.name: [] for wish in wishes}
    watch = Watch(lambda wish, picture: seen[wish.name].append(picture), Always())
    drawings = draw_together(artist, wishes, None, watch)
    return [one.pixels for one in drawings], [seen[wish.name] for wish in wishes]


def test_looking_changes_no_code_whatever_is_known_and_guided() -> None:
    model = tiny_model()
    wanted, unwanted = tiny_prompt(model, [3, 5, 2]), model.no_prompt(3)
    mask = torch.zeros(3, 64, dtype=torch.bool)
    mask[0, 10:30] = mask[1, :40] = mask[2, ::2] = True
    depth = len(model.config.tokenizer.codebook_sizes)
    known = Known(torch.randint(0, 8, (3, 64, depth)), mask)
    for scale in (1.0, 3.0):
        for given in (None, known):
            sampling = Sampling(guidance_scale=scale)
            looks: list[int] = []

            def look(half: Halfway, looks: list[int] = looks) -> None:
                looks.append(int(half.written.min()))
                for rows in (slice(0, 1), slice(1, 3)):
                    guessed(model, half, rows)

            plain = draw_codes(model, wanted, unwanted, GRID, [1, 2, 3], sampling, known=given)
            seen = draw_codes(
                model, wanted, unwanted, GRID, [1, 2, 3], sampling, known=given, look=look
            )
            assert torch.equal(plain, seen)
            assert looks == list(range(1 if given is None else 21, 64))


def test_a_guess_is_what_the_cell_would_be_if_it_came_next() -> None:
    """With temperature 0 and no guidance the next cell is written just as it was guessed."""
    model = tiny_model()
    guesses: list[torch.Tensor] = []

    def look(half: Halfway) -> None:
        codes, written = guessed(model, half, slice(0, 2))
        assert written.sum(1).tolist() == half.written.tolist()
        guesses.append(codes)

    sampling = Sampling(guidance_scale=1.0, temperature=0.0)
    prompt, nothing = tiny_prompt(model, [3, 4]), model.no_prompt(2)
    codes = draw_codes(model, prompt, nothing, GRID, [1, 2], sampling, look=look)
    for step, guess in enumerate(guesses, 1):
        assert torch.equal(guess[:, :step], codes[:, :step])
        assert torch.equal(guess[:, step, :2], codes[:, step, :2])
    assert not torch.equal(guesses[0][..., :2], codes[..., :2])  # later cells had to be guessed


def test_pictures_grow_cell_by_cell_and_are_pale_where_they_are_guessed(artist: Artist) -> None:
    wishes = [
        Wish("a red dragon", "creature", 3, name="dragon"),
        Wish("grey stone floor", "background", 4, name="floor"),
    ]
    plain = [one.pixels for one in draw_together(artist, wishes)]
    (dragon, floor), seen = drawn_and_seen(artist, wishes)
    assert np.array_equal(dragon, plain[0]) and np.array_equal(floor, plain[1])
    pale = int(255 * GUESS_OPACITY)
    for pictures in seen:
        assert len(pictures) == 63
        for done, picture in enumerate(pictures, 1):
            cells = picture[..., 3].reshape(8, 4, 8, 4).transpose(0, 2, 1, 3).reshape(64, 16)
            assert set(np.unique(cells[:done])) <= {0, 255}
            assert set(np.unique(cells[done:])) <= {0, pale}
    for done, picture in enumerate(seen[1], 1):
        written = (picture[..., 3] == 255).sum()
        assert written == done * 16  # what fills its frame has no holes
    alike = [(picture == dragon).all(-1).mean() for picture in seen[0]]
    assert alike[-1] > 0.6 and alike[-1] > alike[0]


def test_an_edit_shows_the_old_pixels_until_the_new_ones_come(artist: Artist) -> None:
    before = np.full((32, 32, 4), 255, np.uint8)
    before[..., :3] = np.random.default_rng(0).integers(0, 256, (32, 32, 3))
    region = np.zeros((32, 32), bool)
    region[8:16, 8:24] = True
    wish = Wish("a red hat", "item", 1, before=before, region=region, name="hat")
    (after,), (pictures,) = drawn_and_seen(artist, [wish])
    assert len(pictures) == 7  # of 8 cells
    for picture in pictures:
        assert np.array_equal(picture[~region], before[~region])
    changed = [int((picture != before).any(-1).sum()) for picture in pictures]
    assert changed == sorted(changed)
    assert 0 < changed[0] < changed[-1] <= int((after != before).any(-1).sum()) + 16


def test_a_large_batch_is_looked_at_in_turn(artist: Artist) -> None:
    shown: list[str] = []
    watch = Watch(lambda wish, _picture: shown.append(wish.name), Always())
    names = [str(number) for number in range(ROWS_AT_ONCE + 2)]
    wishes = [Wish("a red dragon", "creature", 3, name=name) for name in names]
    draw_together(artist, wishes, None, watch)
    assert shown[: 2 * len(names)] == [*names, *names]


def test_the_pause_follows_from_what_a_look_costs() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert pace.begins()
    clock.now += 0.001
    pace.ended()
    clock.now += LEAST_PAUSE_S * 0.9
    assert not pace.begins()
    clock.now += LEAST_PAUSE_S * 0.2
    assert pace.begins()
    clock.now += 1.0
    pace.ended()
    clock.now += PAUSES_A_LOOK - 0.5
    assert not pace.begins()
    clock.now += 0.6
    assert pace.begins()


def test_a_look_that_fails_ends_the_drawing(artist: Artist) -> None:
    def show(_wish: Wish, _picture: Pixels) -> None:
        raise ZeroDivisionError

    wish = Wish("a red dragon", "creature", 3)
    with pytest.raises(ZeroDivisionError):
        draw_together(artist, [wish], None, Watch(show, Always()))
    assert len(draw_together(artist, [wish])) == 1
