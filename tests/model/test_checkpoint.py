"""Checkpoints: whole ones make the round, others are refused in words; nothing is unpickled."""

from __future__ import annotations

import hashlib
import json
import pickle
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save

from llamavis_studio.model import checkpoint
from llamavis_studio.model.checkpoint import (
    CheckpointError,
    checkpoint_memory,
    load_checkpoint,
    save_checkpoint,
)
from llamavis_studio.model.drawing import draw_codes
from llamavis_studio.model.memory import FILE_NAME as MEMORY
from llamavis_studio.model.memory import Memory, save_memory
from llamavis_studio.model.sampling import Sampling
from llamavis_studio.model.unified import LlamaVis
from tests.support.tiny_model import tiny_memory, tiny_model, tiny_prompt

FIRST = "model-00001-of-00001.safetensors"


@pytest.fixture(scope="module")
def model() -> LlamaVis:
    return tiny_model()


@pytest.fixture
def folder(tmp_path: Path, model: LlamaVis) -> Path:
    save_checkpoint(model, tmp_path / "tiny", {"licence": "MIT"})
    return tmp_path / "tiny"


def config_of(folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
    return loaded


def change_config(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    config = config_of(folder)
    change(config)
    (folder / "config.json").write_text(json.dumps(config), "utf-8")


def replace_weights(folder: Path, data: bytes) -> None:
    """Other bytes, named by their right hash: only their content can give them away."""
    (folder / FIRST).write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    change_config(folder, lambda config: config["files"].update({FIRST: digest}))


def change_weights(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    weights = {name: value.clone() for name, value in load_file(folder / FIRST).items()}
    change(weights)
    replace_weights(folder, save(weights))


def refused(folder: Path, words: str | None = None) -> None:
    begun = time.monotonic()
    with pytest.raises(CheckpointError, match=words):
        load_checkpoint(folder)
    assert time.monotonic() - begun < 20  # busy machines; far from building what a file asks for


def test_round_trip(folder: Path, model: LlamaVis) -> None:
    loaded = load_checkpoint(folder)
    assert loaded.config == model.config
    assert not loaded.training and not any(p.requires_grad for p in loaded.parameters())
    ours, theirs = model.state_dict(), loaded.state_dict()
    assert set(ours) == set(theirs)
    for name, value in ours.items():
        if "count" not in name and "sum" not in name:
            assert theirs[name].dtype == torch.float32
            assert torch.equal(theirs[name], value.half().float()), name
    prompt = tiny_prompt(model, [3])
    draw_codes(loaded, prompt, loaded.no_prompt(1), (2, 2), [1], Sampling())


def test_revisions_tell_weights_apart(folder: Path, model: LlamaVis, tmp_path: Path) -> None:
    revision = config_of(folder)["revision"]
    assert len(revision) == 12 and int(revision, 16) >= 0
    assert save_checkpoint(model, tmp_path / "again", {"other": "record"}) == revision
    assert save_checkpoint(tiny_model(seed=5), tmp_path / "other", {}) != revision


def test_large_models_are_cut_into_shards(
    tmp_path: Path, model: LlamaVis, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_checkpoint(model, tmp_path, {})
    monkeypatch.setattr(checkpoint, "SHARD_BYTES", 64 * 1024)
    save_checkpoint(model, tmp_path, {})
    shards = sorted(tmp_path.glob("*.safetensors"))
    assert len(shards) > 2 and shards[0].name == f"model-00001-of-{len(shards):05}.safetensors"
    assert max(shard.stat().st_size for shard in shards) < 80 * 1024
    loaded = load_checkpoint(tmp_path)
    assert torch.equal(loaded.text_in.weight, model.text_in.weight.half().float())
    shards[1].write_bytes(shards[0].read_bytes())  # swapped
    refused(tmp_path, "is not the file that config.json names")


def test_training_scratch_is_not_shipped(folder: Path) -> None:
    names = load_file(folder / FIRST)
    assert not [name for name in names if "count" in name or ".sum" in name]
    assert all(value.dtype == torch.float16 for value in names.values())


@pytest.mark.parametrize("keep", [0, 7, 1000, -1])
def test_truncated_weights(folder: Path, keep: int) -> None:
    data = (folder / FIRST).read_bytes()[:keep]
    (folder / FIRST).write_bytes(data)
    refused(folder, "is not the file that config.json names")
    replace_weights(folder, data)
    refused(folder, "is not safetensors")


def test_a_pickle_under_any_name_is_never_opened(folder: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return (pytest.exit, ("a pickle was opened",))

    replace_weights(folder, pickle.dumps(Bomb()))
    refused(folder, "is not safetensors")
    torch.save({"weights": torch.zeros(3)}, folder / FIRST)
    replace_weights(folder, (folder / FIRST).read_bytes())
    refused(folder, "is not safetensors")


@pytest.mark.parametrize("header", [b"\xff" * 8 + b"{}", (2).to_bytes(8, "little") + b"[]"])
def test_hostile_safetensors_headers(folder: Path, header: bytes) -> None:
    replace_weights(folder, header)
    refused(folder, "is not safetensors")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_numbers(folder: Path, value: float) -> None:
    change_weights(folder, lambda weights: weights["text_in.weight"][3, 4:5].fill_(value))
    refused(folder, "text_in.weight' holds values that are not numbers")


@pytest.mark.parametrize("name", ["text_in.weight", "begin_image"])
def test_missing_weights(folder: Path, name: str) -> None:
    change_weights(folder, lambda weights: weights.pop(name))
    refused(folder, f"do not fit the sizes.*'{name}'")


def test_foreign_weights(folder: Path) -> None:
    change_weights(folder, lambda weights: weights.update({"surprise": torch.zeros(3)}))
    refused(folder, "do not fit the sizes, first at 'surprise'")


def test_weights_of_another_shape(folder: Path) -> None:
    change_weights(folder, lambda weights: weights.update({"text_in.weight": torch.zeros(3, 3)}))
    refused(folder, "'text_in.weight' should be")


def test_a_weight_that_fits_no_other(folder: Path) -> None:
    change_weights(folder, lambda weights: weights.update({"begin_image": torch.zeros(3)}))
    refused(folder, "'begin_image' does not have the size")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("backbone", "layers"), 10**9),
        (("backbone", "layers"), -1),
        (("backbone", "layers"), "six"),
        (("backbone", "heads"), 0),
        (("backbone", "width"), 10**9),
        (("backbone", "width"), -4),
        (("backbone", "surprise"), 1),
        (("tokenizer", "codebook_sizes"), [10**12, 64, 64]),
        (("tokenizer", "codebook_sizes"), [64, 64]),
        (("tokenizer", "codebook_sizes"), [64] * 1000),
        (("tokenizer", "codebook_sizes"), []),
        (("tokenizer", "codebook_sizes"), [64, 64, "many"]),
        (("tokenizer", "fine_width"), 10**6),
        (("caption_words",), 7),
        (("text_width",), None),
    ],
)
def test_sizes_that_make_no_model(folder: Path, path: tuple[str, ...], value: object) -> None:
    def change(config: dict[str, Any]) -> None:
        place = config["model"]
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    change_config(folder, change)
    refused(folder)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"model": []}', "[" * 200_000, '{"model": {}, "files": 3}']
)
def test_a_config_that_says_nothing(folder: Path, text: str) -> None:
    (folder / "config.json").write_text(text, "utf-8")
    refused(folder, "config.json cannot be used")


@pytest.mark.parametrize("files", [["model.safetensors"], "model", {FIRST: 3}, {"../x": "0"}, {}])
def test_a_config_that_names_other_files(folder: Path, files: object) -> None:
    change_config(folder, lambda config: config.update({"files": files}))
    refused(folder)


def test_missing_files(folder: Path, tmp_path: Path) -> None:
    (folder / FIRST).unlink()
    refused(folder, "cannot be read: No such file")
    refused(tmp_path / "nowhere", "config.json cannot be used")


@pytest.fixture
def remembering(tmp_path: Path, model: LlamaVis) -> Path:
    """A checkpoint with pictures to look up."""
    save_checkpoint(model, tmp_path / "remembering", {}, tiny_memory(model))
    return tmp_path / "remembering"


def replace_memory(folder: Path, memory: Memory) -> None:
    """Another memory, named by its right hash: only its content can give it away."""
    path = save_memory(memory, folder)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    change_config(folder, lambda config: config.update({"memory": {path.name: digest}}))


def memory_refused(folder: Path, words: str) -> None:
    with pytest.raises(CheckpointError, match=words):
        checkpoint_memory(folder)


def test_a_memory_comes_with_its_checkpoint(
    remembering: Path, folder: Path, model: LlamaVis
) -> None:
    memory, wanted = checkpoint_memory(remembering), tiny_memory(model)
    assert memory is not None and torch.equal(memory.codes, wanted.codes)
    assert (memory.names, memory.kinds, memory.grid) == (wanted.names, wanted.kinds, wanted.grid)
    assert checkpoint_memory(folder) is None
    load_checkpoint(remembering)


def test_the_memory_is_part_of_the_revision(
    remembering: Path, folder: Path, model: LlamaVis, tmp_path: Path
) -> None:
    """What is looked up decides pixels as much as the weights do."""
    revision = config_of(remembering)["revision"]
    assert revision != config_of(folder)["revision"]
    assert save_checkpoint(model, tmp_path / "b", {}, tiny_memory(model)) == revision
    assert save_checkpoint(model, tmp_path / "c", {}, tiny_memory(model, count=39)) != revision


def test_saving_without_a_memory_forgets_the_old_one(remembering: Path, model: LlamaVis) -> None:
    save_checkpoint(model, remembering, {})
    assert checkpoint_memory(remembering) is None
    assert sorted(path.name for path in remembering.iterdir()) == ["config.json", FIRST]


@pytest.mark.parametrize("keep", [0, 100, -1])
def test_a_memory_that_is_cut_short(remembering: Path, keep: int) -> None:
    path = remembering / MEMORY
    path.write_bytes(path.read_bytes()[:keep])
    memory_refused(remembering, "is not the file that config.json names")


def test_a_memory_that_was_swapped_or_lost(remembering: Path, model: LlamaVis) -> None:
    save_memory(tiny_memory(model, count=7), remembering)
    memory_refused(remembering, "is not the file that config.json names")
    (remembering / MEMORY).unlink()
    memory_refused(remembering, "cannot be read: No such file")


def test_a_memory_that_is_something_else(remembering: Path) -> None:
    data = pickle.dumps([1, 2, 3])
    (remembering / MEMORY).write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    change_config(remembering, lambda config: config.update({"memory": {MEMORY: digest}}))
    memory_refused(remembering, "holds no pictures to look up")


def test_a_memory_of_another_model(remembering: Path, model: LlamaVis) -> None:
    whole = tiny_memory(model)
    for other in (
        replace(whole, codes=whole.codes[..., :2]),
        replace(whole, codes=torch.full_like(whole.codes, 64)),
        replace(whole, codes=torch.full_like(whole.codes, -1)),
        replace(whole, vectors=whole.vectors[:, :100]),
    ):
        replace_memory(remembering, other)
        memory_refused(remembering, "does not fit the sizes of the model")
    replace_memory(remembering, whole)
    checkpoint_memory(remembering)


@pytest.mark.parametrize(
    "memory", [3, "memory.safetensors", ["a"], {"../x": "0"}, {MEMORY: None}, {MEMORY: 3}]
)
def test_a_config_that_names_another_memory(remembering: Path, memory: object) -> None:
    change_config(remembering, lambda config: config.update({"memory": memory}))
    memory_refused(remembering, "cannot be used|is not the file that config.json names")


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", "[" * 200_000])
def test_a_config_that_says_nothing_has_no_memory_either(remembering: Path, text: str) -> None:
    (remembering / "config.json").write_text(text, "utf-8")
    memory_refused(remembering, "config.json cannot be used")


def test_saving_over_a_checkpoint_leaves_no_temporary(folder: Path) -> None:
    save_checkpoint(tiny_model(seed=3), folder, {})
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", FIRST]
    load_checkpoint(folder)
