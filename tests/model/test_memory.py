"""Pictures that are looked up: which ones, how often, and that only whole files are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

from llamavis_studio.model.memory import (
    FILE_NAME,
    SHORTLIST,
    Memory,
    load_memory,
    save_memory,
    subject_of,
)
from llamavis_studio.model.text_encoder import sentence_vectors
from tests.support.tiny_model import tiny_codes, tiny_model, tiny_prompt

GRID = (2, 3)
P = 6
WIDTH = 384


def some_memory(kinds: tuple[str, ...], seed: int = 0) -> Memory:
    generator = torch.Generator().manual_seed(seed)
    vectors = F.normalize(torch.randn(len(kinds), WIDTH, generator=generator), dim=1)
    codes = tiny_codes(tiny_model(), len(kinds), P, seed).to(torch.int16)
    return Memory(GRID, codes, vectors, kinds, tuple(f"picture {i}" for i in range(len(kinds))))


@pytest.fixture
def memory() -> Memory:
    kinds = ("creature", "item", "character", "texture", "background") * 20
    return some_memory(kinds)


def near(memory: Memory, row: int, noise: float = 0.02) -> torch.Tensor:
    """A vector beside that of a picture: ``(1, E)``."""
    away = torch.randn(1, WIDTH, generator=torch.Generator().manual_seed(row))
    return F.normalize(memory.vectors[row : row + 1] + noise * away, dim=1)


@pytest.mark.parametrize("kind", ["texture", "background"])
def test_pictures_that_fill_their_frame_are_shown_only_to_their_kind(
    memory: Memory, kind: str
) -> None:
    own = {i for i, other in enumerate(memory.kinds) if other == kind}
    cut_out = {i for i, k in enumerate(memory.kinds) if k not in ("texture", "background")}
    for seed in range(60):
        vector = near(memory, seed)  # mostly the vector of another kind
        assert set(memory.nearest(vector, [kind], [seed], 2).places[0].tolist()) <= own
        for other in ("creature", "sprite", ""):
            assert set(memory.nearest(vector, [other], [seed], 2).places[0].tolist()) <= cut_out


def test_the_wanted_kind_comes_first_where_words_are_equally_near() -> None:
    memory = some_memory(("creature", "item"))
    memory = Memory(
        GRID, memory.codes, memory.vectors[:1].expand(2, -1), memory.kinds, memory.names
    )
    for kind, wanted in (("creature", 0), ("item", 1)):
        picked = memory.nearest(memory.vectors[:1], [kind], [0], 2).places
        assert picked.tolist() == [[1 - wanted, wanted]]


def test_the_same_subject_comes_first_where_words_are_equally_near() -> None:
    memory = some_memory(("item", "item"))
    names = ("grey jack-o-lantern", "brown skull lanterns with a handle")
    memory = Memory(GRID, memory.codes, memory.vectors[:1].expand(2, -1), memory.kinds, names)
    for text, wanted in (("a big lantern, old", 1), ("jack-o-lantern in red", 0)):
        picked = memory.nearest(memory.vectors[:1], ["item"], [0], 2, texts=[text]).places
        assert picked.tolist() == [[1 - wanted, wanted]]


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("a pale goblin with two spears", "goblin"),
        ("gold coins", "coin"),
        ("moss", "moss"),
        ("bow and arrow", "bow"),
        ("pumpkin-headed man", "man"),
        (" , ", ""),
        ("in red", ""),
        ("", ""),
    ],
)
def test_what_a_text_is_about(text: str, subject: str) -> None:
    assert subject_of(text) == subject


def test_a_seed_decides_and_another_decides_otherwise(memory: Memory) -> None:
    vectors = memory.vectors[:1].expand(40, -1) * 0  # no words: all are equally near
    seeds = list(range(40))
    picked = memory.nearest(vectors, ["creature"] * 40, seeds, 1).places
    assert torch.equal(picked, memory.nearest(vectors, ["creature"] * 40, seeds, 1).places)
    assert 3 < len(picked.unique()) <= SHORTLIST
    for row in (0, 17):
        alone = memory.nearest(vectors[:1], ["creature"], [seeds[row]], 1).places
        assert torch.equal(alone[0], picked[row])


def test_pictures_are_different_ones_and_the_best_is_last(memory: Memory) -> None:
    for seed in range(40):
        vector = near(memory, 2, noise=0.3)
        (picked,) = memory.nearest(vector, ["character"], [seed], 3).places.tolist()
        assert len(set(picked)) == 3
        scores = (memory.vectors[picked] @ vector[0]).tolist()
        assert scores == sorted(scores)


def test_the_nearest_comes_most_often(memory: Memory) -> None:
    count = Counter(
        memory.nearest(near(memory, 5), ["creature"], [seed], 1).places.item() for seed in range(50)
    )
    assert count.most_common(1)[0] == (5, 50)


def test_more_than_there_are_is_all_there_are() -> None:
    memory = some_memory(("item", "item"))
    picked = memory.nearest(memory.vectors[:1], ["item"], [0], 5).places
    assert sorted(picked[0].tolist()) == [0, 1]


def test_the_vectors_asked_with_are_not_changed(memory: Memory) -> None:
    vectors = near(memory, 1)
    before = vectors.clone(), memory.vectors.clone()
    memory.nearest(vectors, ["item"], [0], 2)
    assert torch.equal(before[0], vectors) and torch.equal(before[1], memory.vectors)


def test_what_is_favoured_is_looked_up_before_what_is_nearer(memory: Memory) -> None:
    favour = torch.zeros(len(memory.kinds))
    favour[10] = 3.0
    other = Memory(GRID, memory.codes, memory.vectors, memory.kinds, memory.names, favour)
    vector = near(memory, 5)
    assert memory.nearest(vector, ["creature"], [0], 1).places.item() == 5
    assert other.nearest(vector, ["creature"], [0], 1).places.item() == 10


def test_a_prompt_without_words_has_a_vector_of_zeros() -> None:
    model = tiny_model()
    prompt = tiny_prompt(model, [2, 4])
    assert torch.allclose(sentence_vectors(prompt).norm(dim=1), torch.ones(2))
    silent = prompt._replace(mask=torch.zeros_like(prompt.mask))
    assert torch.equal(sentence_vectors(silent), torch.zeros(2, WIDTH))
    padded = prompt._replace(states=prompt.states + (~prompt.mask).unsqueeze(2) * 9.0)
    assert torch.equal(sentence_vectors(padded), sentence_vectors(prompt))


def test_round_trip(memory: Memory, tmp_path: Path) -> None:
    memory = Memory(GRID, memory.codes, memory.vectors, memory.kinds, ("火龙",) * 50 + ("x",) * 50)
    path = save_memory(memory, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == [FILE_NAME]
    again = load_memory(path)
    assert (again.grid, again.kinds, again.names) == (memory.grid, memory.kinds, memory.names)
    assert torch.equal(again.codes, memory.codes) and again.codes.dtype == torch.int16
    assert torch.allclose(again.vectors.norm(dim=1), torch.ones(100))
    assert (again.vectors * memory.vectors).sum(1).min() > 0.998


def test_equal_memories_are_equal_bytes(memory: Memory, tmp_path: Path) -> None:
    """They are part of a checkpoint's revision, which decides what is stale."""
    path = save_memory(memory, tmp_path)
    first = path.read_bytes()
    assert all(save_memory(memory, tmp_path).read_bytes() == first for _ in range(10))
    assert save_memory(load_memory(path), tmp_path).read_bytes()[:8] == first[:8]


@pytest.mark.parametrize("keep", [0, 5, 300, -1])
def test_files_that_are_cut_short(memory: Memory, tmp_path: Path, keep: int) -> None:
    path = save_memory(memory, tmp_path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match="holds no pictures to look up"):
        load_memory(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no pictures to look up"):
        load_memory(tmp_path / FILE_NAME)


NOTES = {"grid": "[2, 3]", "kinds": '["item"]', "names": '["a"]'}


@pytest.mark.parametrize(
    "notes",
    [
        {},
        {**NOTES, "grid": "[2]"},
        {**NOTES, "grid": "[3, 3]"},
        {**NOTES, "grid": '"ab"'},
        {**NOTES, "grid": "nothing"},
        {**NOTES, "kinds": "[]"},
        {**NOTES, "kinds": "3"},
        {**NOTES, "kinds": "{}"},
        {**NOTES, "names": "null"},
    ],
)
def test_notes_that_do_not_belong_to_the_file(tmp_path: Path, notes: dict[str, str]) -> None:
    path = save_memory(some_memory(("item",)), tmp_path)
    load_memory(path)
    save_file(load_file(path), path, notes)
    with pytest.raises(ValueError, match="holds no pictures to look up"):
        load_memory(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda parts: parts.pop("codes"),
        lambda parts: parts.update(codes=parts["codes"][0]),
        lambda parts: parts.update(codes=parts["codes"].float()),
        lambda parts: parts.update(codes=parts["codes"][:, :5].contiguous()),
        lambda parts: parts.update(codes=torch.cat([parts["codes"]] * 2)),
        lambda parts: parts.update(vectors=parts["vectors"][0]),
        lambda parts: parts.update(vectors=torch.full((1, WIDTH), float("nan"))),
        lambda parts: parts.update(kind=torch.tensor([7], dtype=torch.uint8)),
        lambda parts: parts.update(name=torch.tensor([7], dtype=torch.int32)),
        lambda parts: parts.update(name=torch.tensor([[0]], dtype=torch.int32)),
        lambda parts: parts.update({name: part[:0] for name, part in parts.items()}),
    ],
)
def test_parts_that_do_not_fit_together(
    tmp_path: Path, change: Callable[[dict[str, torch.Tensor]], object]
) -> None:
    path = save_memory(some_memory(("item",)), tmp_path)
    parts = load_file(path)
    change(parts)
    save_file(parts, path, NOTES)
    with pytest.raises(ValueError, match="holds no pictures to look up"):
        load_memory(path)
