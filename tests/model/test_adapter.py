"""Styles: merged is the same as beside, taking away is exact, other files are refused in words."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from llamavis_studio.model.adapter import (
    RANK,
    AdapterError,
    in_style,
    load_adapter,
    save_adapter,
    style_matrices,
)
from llamavis_studio.model.checkpoint import load_checkpoint, save_checkpoint
from llamavis_studio.model.unified import LlamaVis
from tests.support.styles import some_adapter, some_memory, some_ranks, write_style
from tests.support.tiny_model import tiny_codes, tiny_model, tiny_prompt

GRID = (8, 8)


@pytest.fixture
def model() -> LlamaVis:
    return tiny_model()


def answers(model: LlamaVis) -> torch.Tensor:
    """What the model makes of one prompt, down to the last code."""
    codes = tiny_codes(model, 2, 64)
    hidden = model.draw_hidden(tiny_prompt(model, [3, 5]), codes, GRID)
    return torch.cat([model.heads(hidden, codes[..., :depth]) for depth in (0, 1)], dim=-1)


def test_every_matrix_of_the_blocks_and_heads_is_changed(model: LlamaVis) -> None:
    names = set(style_matrices(model))
    for layer in range(model.config.backbone.layers):
        for part in ("self_attn.q_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.down_proj"):
            assert f"backbone.layers.{layer}.{part}" in names
    assert "heads.out.0" in names and not any(n.startswith("image_tokenizer") for n in names)
    assert some_adapter(model).matrices["heads.out.0"][0].shape[0] == RANK


def test_a_style_that_was_taught_nothing_changes_nothing(model: LlamaVis) -> None:
    from llamavis_studio.model.adapter import LowRanks

    plain = answers(model)
    with LowRanks(model).attached(model):
        assert torch.equal(answers(model), plain)


def test_merged_equals_the_change_beside_the_matrix(model: LlamaVis) -> None:
    plain = answers(model)
    ranks = some_ranks(model)
    with ranks.attached(model):
        beside = answers(model)
    adapter = replace(some_adapter(model), matrices=ranks.matrices(model))
    with in_style(model, adapter):
        merged = answers(model)
    assert (beside - plain).abs().max() > 0.1
    assert torch.allclose(merged, beside, atol=0.02)  # the file keeps fp16


def test_merging_adds_exactly_the_product(model: LlamaVis) -> None:
    adapter = some_adapter(model)
    before = {name: matrix.weight.clone() for name, matrix in style_matrices(model).items()}
    with in_style(model, adapter):
        for name, matrix in style_matrices(model).items():
            down, up = adapter.matrices[name]
            assert torch.allclose(matrix.weight, before[name] + up @ down, atol=1e-6)


def test_taking_the_style_away_is_exact_even_after_an_error(model: LlamaVis) -> None:
    state = {name: value.clone() for name, value in model.state_dict().items()}
    weights = {name: matrix.weight for name, matrix in style_matrices(model).items()}
    with pytest.raises(KeyboardInterrupt), in_style(model, some_adapter(model)):
        raise KeyboardInterrupt
    for name, value in model.state_dict().items():
        assert torch.equal(value, state[name])
    assert all(matrix.weight is weights[name] for name, matrix in style_matrices(model).items())
    with pytest.raises(KeyboardInterrupt), some_ranks(model).attached(model):
        raise KeyboardInterrupt
    assert not any(matrix._forward_hooks for matrix in style_matrices(model).values())


def test_merged_matrices_lie_as_the_loaded_ones(model: LlamaVis, tmp_path: Path) -> None:
    save_checkpoint(model, tmp_path, {})
    loaded = load_checkpoint(tmp_path)
    strides = {name: m.weight.stride() for name, m in style_matrices(loaded).items()}
    with in_style(loaded, some_adapter(loaded)):
        for name, matrix in style_matrices(loaded).items():
            assert matrix.weight.stride() == strides[name]
            assert not matrix.weight.requires_grad


def test_round_trip(model: LlamaVis, tmp_path: Path) -> None:
    adapter = some_adapter(model)
    path = tmp_path / "mine.safetensors"
    save_adapter(adapter, path)
    again = load_adapter(path, "abc")
    assert (again.base, again.name, dict(again.record)) == ("abc", "mine", {"pictures": 4})
    assert again.matrices.keys() == adapter.matrices.keys()
    for name, (down, up) in adapter.matrices.items():
        assert torch.equal(again.matrices[name][0], down)
        assert torch.equal(again.matrices[name][1], up)
    ours, theirs = adapter.pictures, again.pictures
    assert ours is not None and theirs is not None
    assert torch.equal(ours.codes, theirs.codes) and torch.equal(ours.vectors, theirs.vectors)
    assert (ours.grid, ours.kinds, ours.names) == (theirs.grid, theirs.kinds, theirs.names)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.safetensors"]
    assert stat.S_IMODE(path.stat().st_mode) & 0o044  # teammates may read it
    save_adapter(replace(adapter, pictures=None), path)
    assert load_adapter(path, "abc").pictures is None


def test_another_revision_is_refused(model: LlamaVis, tmp_path: Path) -> None:
    path = write_style(model, tmp_path / "mine.safetensors", "abc")
    with pytest.raises(AdapterError, match="another revision of the model: abc, not def"):
        load_adapter(path, "def")


@pytest.mark.parametrize("keep", [0, 7, 1000, -1])
def test_a_file_that_is_cut_short(model: LlamaVis, tmp_path: Path, keep: int) -> None:
    path = write_style(model, tmp_path / "mine.safetensors", "abc")
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(AdapterError, match=r"mine.safetensors is no style, or is cut short"):
        load_adapter(path, "abc")


def test_a_file_that_is_not_there_or_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match=r"there is no file gone.safetensors"):
        load_adapter(tmp_path / "gone.safetensors", "abc")
    with pytest.raises(AdapterError):
        load_adapter(tmp_path, "abc")


def change(path: Path, how: Callable[[dict[str, torch.Tensor], dict[str, str]], object]) -> None:
    values = {name: value.clone() for name, value in load_file(path).items()}
    with safe_open(path, framework="pt") as file:
        notes = dict(file.metadata())
    how(values, notes)
    save_file(values, path, notes)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (lambda values, notes: values["heads.out.0.up"].add_(1), "not those that were written"),
        (lambda values, notes: values.pop("heads.out.0.up"), "not those that were written"),
        (lambda values, notes: notes.update(format='"llamavis-style-9"'), "another version"),
        (lambda values, notes: notes.clear(), "is no style: 'format'"),
        (lambda values, notes: notes.update(names='["one"]'), "do not fit together"),
        (lambda values, notes: notes.update(grid="[3, 3]"), "do not fit together"),
        (lambda values, notes: notes.update(grid="{"), "is no style"),
        (lambda values, notes: notes.update(record="7"), "is no style"),
        (lambda values, notes: notes.update(guidance_scale="NaN"), "guidance scale is nan"),
        (lambda values, notes: notes.update(guidance_scale='"4x"'), "is no style"),
    ],
)
def test_files_that_say_something_else(
    model: LlamaVis,
    tmp_path: Path,
    how: Callable[[dict[str, torch.Tensor], dict[str, str]], object],
    words: str,
) -> None:
    path = write_style(model, tmp_path / "mine.safetensors", "abc")
    change(path, how)
    with pytest.raises(AdapterError, match=words):
        load_adapter(path, "abc")


def test_values_that_are_not_numbers(model: LlamaVis, tmp_path: Path) -> None:
    adapter = some_adapter(model)
    adapter.matrices["heads.out.0"][1][0, 0] = float("nan")
    save_adapter(adapter, tmp_path / "mine.safetensors")
    with pytest.raises(AdapterError, match="not numbers"):
        load_adapter(tmp_path / "mine.safetensors", "abc")


def test_a_style_of_other_sizes_does_not_touch_the_model(model: LlamaVis) -> None:
    adapter = some_adapter(model)
    down, up = adapter.matrices["heads.out.0"]
    pictures = some_memory(model)
    cases: list[dict[str, Any]] = [
        {"matrices": {**adapter.matrices, "heads.out.0": (down, up[:-1])}},
        {"matrices": {**adapter.matrices, "heads.out.0": (down[:-1], up)}},
        {"matrices": {**adapter.matrices, "text_in": (down, up)}},
        {"matrices": {"heads.out.0": (down.flatten(), up)}},
        {"pictures": replace(pictures, codes=pictures.codes + 9000)},
        {"pictures": replace(pictures, codes=pictures.codes - 9000)},
        {"pictures": replace(pictures, codes=pictures.codes[..., :1])},
        {"pictures": replace(pictures, vectors=pictures.vectors[:, :3])},
    ]
    plain = answers(model)
    for case in cases:
        with (
            pytest.raises(AdapterError, match="style 'mine'"),
            in_style(model, replace(adapter, **case)),
        ):
            pytest.fail("it was applied")
        assert torch.equal(answers(model), plain)


def test_the_styles_pictures_come_before_the_models(model: LlamaVis) -> None:
    adapter = some_adapter(model)
    memory = some_memory(model, count=20, seed=9, name="theirs")
    both = adapter.memory_beside(memory)
    assert both is not None and len(both.names) == 24
    for word in range(4):  # the model's own fits as well, but is not of the style
        found = both.nearest(memory.vectors[word : word + 1], ["sprite"], [1], 1)
        picked = int(found.places)
        assert both.names[picked] == f"own {word}"
    picked = int(both.nearest(memory.vectors[15:16], ["sprite"], [1], 1).places)
    assert both.names[picked].startswith("own")  # also where the model's own is nearer
    tiles = replace(memory, kinds=("texture",) * 20)
    with_tiles = adapter.memory_beside(tiles)
    assert with_tiles is not None
    picked = int(with_tiles.nearest(memory.vectors[:1], ["texture"], [1], 1).places)
    assert with_tiles.names[picked].startswith("theirs")
    assert adapter.memory_beside(None) is not None
    assert replace(adapter, pictures=None).memory_beside(memory) is memory


def test_notes_are_json(model: LlamaVis, tmp_path: Path) -> None:
    path = write_style(model, tmp_path / "mine.safetensors", "abc")
    with safe_open(path, framework="pt") as file:
        notes = {key: json.loads(text) for key, text in file.metadata().items()}
    assert notes["names"] == ["own 0", "own 1", "own 2", "own 3"]
    assert len(notes["sha256"]) == 64


def test_equal_styles_are_equal_files(model: LlamaVis, tmp_path: Path) -> None:
    """The hash of the file is in build keys: other bytes would make every image of it stale."""
    files = [tmp_path / f"{number}.safetensors" for number in range(6)]
    for file in files:
        save_adapter(some_adapter(model), file)
    assert len({file.read_bytes() for file in files}) == 1
