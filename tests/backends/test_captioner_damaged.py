"""Checkpoints of captioners that are broken, swapped, dangerous, or something else altogether."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from llamavis_studio.backends.base import CaptionRequest, ignore_steps
from llamavis_studio.backends.captioner import CaptionerBackend
from llamavis_studio.backends.model_records import ModelRecord
from llamavis_studio.core.errors import BackendError, BackendUnavailable, ModelMissing
from tests.support.tiny_captioners import record, tiny

pytestmark = pytest.mark.backends
PICTURE = np.full((16, 16, 4), 90, np.uint8)
WEIGHTS = "model.safetensors"


@pytest.fixture
def copy(tmp_path: Path) -> Callable[[str], Path]:
    def make(name: str) -> Path:
        return Path(shutil.copytree(tiny(name), tmp_path / name))

    return make


def load(name: str, folder: Path) -> CaptionerBackend:
    backend = CaptionerBackend(record(name, folder))
    backend.load()
    return backend


def change_config(folder: Path, **values: Any) -> None:
    path = folder / "config.json"
    config = json.loads(path.read_text("utf-8"))
    config.update(values)
    path.write_text(json.dumps(config), "utf-8")


def change_weights(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / WEIGHTS)
    change(tensors)
    save_file(tensors, folder / WEIGHTS, {"format": "pt"})


def test_no_folder_and_no_checkpoint_in_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="names no folder"):
        CaptionerBackend(ModelRecord("lost", "captioner")).info()
    with pytest.raises(ModelMissing, match="No such file"):
        CaptionerBackend(ModelRecord("lost", "captioner", tmp_path / "gone")).info()
    (tmp_path / "config.json").write_bytes(b'{"model_type": ')
    with pytest.raises(ModelMissing, match="is broken"):
        CaptionerBackend(ModelRecord("lost", "captioner", tmp_path)).info()
    (tmp_path / "config.json").write_bytes(b"[1]")
    with pytest.raises(ModelMissing, match="no JSON object"):
        CaptionerBackend(ModelRecord("lost", "captioner", tmp_path)).load()


@pytest.mark.parametrize("keep", [0, 4, 40, 4000, -1])
def test_weights_cut_short(copy: Callable[[str], Path], keep: int) -> None:
    folder = copy("blip")
    data = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(data[:keep])
    with pytest.raises(ModelMissing) as caught:
        load("blip", folder)
    assert "blip" in caught.value.message and caught.value.hint


def test_no_weights_at_all(copy: Callable[[str], Path]) -> None:
    folder = copy("qwen2_vl")
    (folder / WEIGHTS).unlink()
    with pytest.raises(ModelMissing):
        load("qwen2_vl", folder)


def test_pickled_weights_are_not_opened(copy: Callable[[str], Path], tmp_path: Path) -> None:
    import pickle

    folder = copy("blip")
    (folder / WEIGHTS).unlink()
    trap = tmp_path / "ran"

    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (trap,))

    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(ModelMissing):
        load("blip", folder)
    assert not trap.exists()


def test_weights_of_another_model(copy: Callable[[str], Path]) -> None:
    folder = copy("qwen2_vl")
    shutil.copy(tiny("smolvlm") / WEIGHTS, folder / WEIGHTS)
    with pytest.raises(ModelMissing, match=r"do not belong to its configuration: [1-9]"):
        load("qwen2_vl", folder)


def test_weights_of_another_size(copy: Callable[[str], Path]) -> None:
    folder = copy("blip")

    def widen(tensors: dict[str, Any]) -> None:
        key = next(key for key in tensors if key.endswith("word_embeddings.weight"))
        tensors[key] = tensors[key].repeat(1, 2)

    change_weights(folder, widen)
    with pytest.raises(ModelMissing, match=r"[1-9] of another shape .*word_embeddings"):
        load("blip", folder)


def test_one_tensor_missing_is_not_made_up(copy: Callable[[str], Path]) -> None:
    folder = copy("smolvlm")
    change_weights(folder, lambda tensors: tensors.pop(sorted(tensors)[3]))
    with pytest.raises(ModelMissing, match="1 are missing"):
        load("smolvlm", folder)


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"model_type": "llama", "architectures": ["LlamaForCausalLM"]}, "LlamaForCausalLM"),
        ({"model_type": "bert", "architectures": ["BertForMaskedLM"]}, "BertForMaskedLM"),
        ({"model_type": "vit", "architectures": ["ViTForImageClassification"]}, "ViTFor"),
        ({"architectures": ["BlipForQuestionAnswering"]}, "BlipForQuestionAnswering"),
        ({"model_type": "tomorrows", "architectures": None}, "tomorrows"),
        ({"model_type": ""}, "BlipFor"),
    ],
    ids=["language model", "encoder", "classifier", "sibling", "unknown", "none"],
)
def test_another_architecture_is_refused_before_a_weight_is_read(
    copy: Callable[[str], Path], values: dict[str, Any], word: str
) -> None:
    folder = copy("blip")
    (folder / WEIGHTS).write_bytes(b"nothing of this is read")
    change_config(folder, **values)
    with pytest.raises(BackendUnavailable, match="describes no images") as caught:
        load("blip", folder)
    assert word in caught.value.message
    assert "SmolVLM" in caught.value.hint


def test_code_that_comes_with_a_checkpoint_never_runs(
    copy: Callable[[str], Path], tmp_path: Path
) -> None:
    """Neither with a known architecture, nor with one that only the code would know."""
    trap = tmp_path / "ran"
    code = f"import pathlib\npathlib.Path({str(trap)!r}).touch()\nclass Own: pass\n"
    auto = {"AutoConfig": "own.Own", "AutoModelForImageTextToText": "own.Own",
            "AutoProcessor": "own.Own"}  # fmt: skip
    folder = copy("blip")
    (folder / "own.py").write_text(code, "utf-8")
    change_config(folder, auto_map=auto)
    load("blip", folder).unload()
    change_config(folder, model_type="own", architectures=["Own"])
    with pytest.raises(BackendUnavailable):
        load("blip", folder)
    # A processor that only the code would know.
    other = copy("florence")
    (other / "own.py").write_text(code, "utf-8")
    for path in other.glob("*processor_config.json"):
        values = json.loads(path.read_text("utf-8"))
        values |= {"processor_class": "OwnProcessor", "auto_map": {"AutoProcessor": "own.Own"}}
        path.write_text(json.dumps(values), "utf-8")
    with pytest.raises(ModelMissing):
        load("florence", other)
    assert not trap.exists()


@pytest.mark.parametrize("name", ["blip", "florence", "qwen2_vl", "smolvlm"])
def test_a_checkpoint_without_its_tokenizer(copy: Callable[[str], Path], name: str) -> None:
    folder = copy(name)
    for path in folder.glob("tokenizer*"):
        path.unlink()
    with pytest.raises(ModelMissing, match="token"):
        load(name, folder)


@pytest.mark.parametrize("name", ["blip", "florence", "qwen2_vl", "smolvlm"])
def test_answers_that_are_no_numbers(copy: Callable[[str], Path], name: str) -> None:
    folder = copy(name)

    def spoil(tensors: dict[str, Any]) -> None:
        for key, values in tensors.items():
            if key.endswith(("norm.weight", "LayerNorm.weight", "layer_norm.weight")):
                values[...] = float("nan")

    change_weights(folder, spoil)
    backend = load(name, folder)
    with pytest.raises(BackendError, match="no numbers") as caught:
        backend.caption([CaptionRequest(PICTURE)], ignore_steps)
    assert "float32" in caught.value.hint
