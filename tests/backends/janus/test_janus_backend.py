"""Records, damaged checkpoints, lack of memory, and a process of its own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from llamavis_studio.backends.base import CaptionRequest, ImageRequest, ignore_steps
from llamavis_studio.backends.janus import JanusBackend
from llamavis_studio.backends.janus.decoder import Decoder
from llamavis_studio.backends.model_process import ProcessSettings
from llamavis_studio.backends.model_records import FOLDER_VARIABLE, ModelRecord, write_record
from llamavis_studio.backends.process_host import ProcessHost
from llamavis_studio.backends.registry import Registry
from llamavis_studio.backends.resident import Resident
from llamavis_studio.core.errors import BackendError, BackendUnavailable, ModelMissing, OutOfMemory
from tests.support.tiny_janus import SIDE_PX, save_janus, tiny_record

pytestmark = pytest.mark.backends
HAT = ImageRequest("a red hat", "item", (SIDE_PX, SIDE_PX), seed=1)


@pytest.fixture
def copied(janus_folder: Path, tmp_path: Path) -> Path:
    """A checkpoint to spoil."""
    return Path(shutil.copytree(janus_folder, tmp_path / "janus"))


@pytest.fixture
def recorded(
    janus_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., ModelRecord]:
    """Keeps a record named "tiny", for this process and those that it starts."""
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "models"))

    def keep(**options: Any) -> ModelRecord:
        record = tiny_record(janus_folder, **options)
        write_record(record)
        return record

    return keep


def test_a_backend_says_what_it_can_do_before_it_is_loaded(janus_folder: Path) -> None:
    info = JanusBackend(tiny_record(janus_folder, max_batch=3)).info()
    assert info.sizes is not None and info.sizes.nearest((640, 480)) == (SIDE_PX, SIDE_PX)
    assert info.can_edit and info.can_edit_region and info.can_guide and info.can_avoid
    assert not (info.can_cut_out or info.can_tile or info.can_take_references or info.can_adapt)
    assert info.max_batch == 3
    assert info.prompt_tokens == 512 - 64 - 32


def test_options_and_weights_change_the_revision(janus_folder: Path) -> None:
    record = tiny_record(janus_folder)
    others = (tiny_record(janus_folder, temperature=0.5), replace(record, revision="ffff"))
    found = {JanusBackend(one).info().revision for one in (record, *others)}
    assert len(found) == 3


@pytest.mark.parametrize(
    "options",
    [
        {"precision": "int3"},
        {"temperature": 0.0},
        {"max_batch": 0},
        {"guidance": 5},
        {"top_p": 2},
        {"prompt": "painted"},
    ],
)
def test_wrong_options_are_refused(janus_folder: Path, options: dict[str, Any]) -> None:
    with pytest.raises(BackendUnavailable, match="option of the model 'tiny'"):
        JanusBackend(tiny_record(janus_folder, **options))


@pytest.mark.parametrize("precision", ["int8", "int4"])
def test_quantization_says_which_package_it_needs(
    janus_folder: Path, precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "bitsandbytes", None)
    with pytest.raises(BackendUnavailable, match="bitsandbytes") as caught:
        JanusBackend(tiny_record(janus_folder, precision=precision)).load()
    assert "pip install bitsandbytes" in caught.value.hint


def test_half_precision_draws_too(janus_folder: Path) -> None:
    backend = JanusBackend(tiny_record(janus_folder, precision="bfloat16"))
    backend.load()
    first, again = (backend.generate([HAT], ignore_steps)[0].pixels for _ in range(2))
    assert first.std() > 10 and np.array_equal(first, again)
    many = backend.generate([replace(HAT, seed=5), HAT, replace(HAT, seed=6)], ignore_steps)
    assert np.array_equal(many[1].pixels, first)
    assert backend.caption([CaptionRequest(first)], ignore_steps)[0].caption
    assert backend.embed(["a hat"]).dtype == np.float32


def test_nothing_works_before_loading(janus_folder: Path) -> None:
    backend = JanusBackend(tiny_record(janus_folder))
    with pytest.raises(BackendError, match="not loaded"):
        backend.generate([HAT], ignore_steps)
    with pytest.raises(BackendError, match="not loaded"):
        backend.embed(["a hat"])


@pytest.mark.parametrize("missing", ["nowhere", None])
def test_a_model_that_is_not_there(tmp_path: Path, missing: str | None) -> None:
    folder = None if missing is None else tmp_path / missing
    with pytest.raises(ModelMissing, match="not on this machine") as caught:
        JanusBackend(ModelRecord("tiny", "janus", folder)).info()
    assert "llamavis models fetch" in caught.value.hint


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model_type": "llava"}, "architecture 'llava', not Janus"),
        ({"model_type": "multi_modality"}, "as its authors pack it"),
        ({"text_config": {"model_type": "qwen2"}}, "the kind 'qwen2', not Llama"),
        ({"text_config": {"max_position_embeddings": 70}}, "no room for words"),
        ({"vision_config": {"patch_size": 0}}, "makes no sense"),
        ({"vision_config": [], "text_config": {"max_position_embeddings": 4096}}, None),
        ({"vq_config": {"num_embeddings": "many"}}, "makes no sense"),
    ],
)
def test_other_architectures_are_refused_before_any_weight_is_read(
    copied: Path, change: dict[str, Any], said: str | None
) -> None:
    config = json.loads((copied / "config.json").read_text())
    config.update(change)
    (copied / "config.json").write_text(json.dumps(config))
    backend = JanusBackend(tiny_record(copied))
    if said is None:  # nothing is said of it, so the published sizes are taken
        assert backend.info().sizes is not None
        return
    for ask in (backend.info, backend.load):
        with pytest.raises(ModelMissing, match=said):
            ask()


@pytest.mark.parametrize("text", ["", "{", "[]", "\ufeff\x00"])
def test_a_broken_configuration(copied: Path, text: str) -> None:
    (copied / "config.json").write_text(text)
    with pytest.raises(ModelMissing):
        JanusBackend(tiny_record(copied)).info()


def truncated(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])


def missing(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def pickled(folder: Path) -> None:
    missing(folder)
    torch.save({"weight": torch.zeros(2)}, folder / "pytorch_model.bin")


def swapped(folder: Path) -> None:
    other = save_janus(folder.parent / "other", hidden=32, inner=80)
    shutil.copy(other / "model.safetensors", folder)


def fewer(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    del weights["model.generation_head.vision_head.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


@pytest.mark.parametrize("spoil", [truncated, missing, pickled, swapped, fewer, no_tokenizer])
def test_a_damaged_checkpoint_is_refused_with_what_to_do(
    copied: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(copied)
    backend = JanusBackend(tiny_record(copied))
    assert backend.info().name == "tiny"
    with pytest.raises(ModelMissing) as caught:
        backend.load()
    assert caught.value.hint
    with pytest.raises(BackendError, match="not loaded"):
        backend.generate([HAT], ignore_steps)


def test_weights_that_are_no_numbers(copied: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(copied / "model.safetensors")
    weights["model.language_model.layers.1.mlp.down_proj.weight"][0, 0] = torch.nan
    save_file(weights, copied / "model.safetensors", metadata={"format": "pt"})
    backend = JanusBackend(tiny_record(copied))
    backend.load()
    picture = np.zeros((32, 32, 3), np.uint8)
    for ask in (
        lambda: backend.generate([HAT], ignore_steps),
        lambda: backend.caption([CaptionRequest(picture)], ignore_steps),
        lambda: backend.embed(["a hat"]),
    ):
        with pytest.raises(BackendError, match="no numbers"):
            ask()


def test_no_memory_to_load(
    recorded: Callable[..., ModelRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import JanusForConditionalGeneration

    def full(*_values: object, **_named: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    recorded()
    monkeypatch.setattr(JanusForConditionalGeneration, "from_pretrained", full)
    with pytest.raises(BackendUnavailable, match="not enough memory to load") as caught:
        Resident(Registry()).generate("tiny", [HAT], ignore_steps)
    assert caught.value.hint


def test_weights_larger_than_the_memory_are_not_read(
    recorded: Callable[..., ModelRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operating system would end the process."""
    from llamavis_studio.backends.janus import checkpoint

    recorded()
    monkeypatch.setattr(checkpoint, "memory", lambda: (8 << 20, 1 << 20))
    with pytest.raises(BackendUnavailable, match="not enough memory to load") as caught:
        Resident(Registry()).generate("tiny", [HAT], ignore_steps)
    assert "0.0 GiB are free" in str(caught.value.__cause__)


def test_a_batch_larger_than_the_memory_is_halved(
    recorded: Callable[..., ModelRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    from llamavis_studio.backends.janus import decoder

    recorded(max_batch=4)
    resident = Resident(Registry())
    requests = [replace(HAT, seed=seed) for seed in range(4)]
    wanted = resident.generate("tiny", requests, ignore_steps)
    slot = 2 * 2 * 64 * 4  # keys and values, layers, width, bytes
    monkeypatch.setattr(decoder, "memory", lambda: (1 << 30, 5 * slot * 96))
    found = resident.generate("tiny", requests, ignore_steps)  # two images: four rows
    for one, other in zip(found, wanted, strict=True):
        assert np.array_equal(one.pixels, other.pixels)
    monkeypatch.setattr(decoder, "memory", lambda: (1 << 30, slot))
    with pytest.raises(OutOfMemory, match="not enough memory"):
        resident.generate("tiny", requests, ignore_steps)


def test_no_memory_in_the_middle_halves_the_batch_and_then_ends(
    recorded: Callable[..., ModelRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(max_batch=4)
    resident = Resident(Registry())
    requests = [replace(HAT, seed=seed) for seed in range(4)]
    wanted = resident.generate("tiny", requests, ignore_steps)
    step = Decoder.step
    most_rows, tried = 4, []

    def tight(self: Decoder, x: torch.Tensor, cache: Any, at: int) -> torch.Tensor:
        if at == 40:  # in the middle of a picture
            tried.append(len(x))
            if len(x) > most_rows:
                raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory")
        return step(self, x, cache, at)

    monkeypatch.setattr(Decoder, "step", tight)
    found = resident.generate("tiny", requests, ignore_steps)
    assert tried == [8, 4, 4]
    for one, other in zip(found, wanted, strict=True):
        assert np.array_equal(one.pixels, other.pixels)
    most_rows = 0
    with pytest.raises(OutOfMemory, match="memory") as caught:
        resident.generate("tiny", requests, ignore_steps)
    assert caught.value.hint
    most_rows = 8
    assert len(resident.generate("tiny", requests, ignore_steps)) == 4


def test_idle_rows_go_when_memory_is_short(
    janus_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a graphics card every batch has the same number of rows; one image needs but two."""
    backend = JanusBackend(tiny_record(janus_folder, max_batch=4))
    backend.load()
    assert backend._artist is not None
    (wanted,) = backend.generate([HAT], ignore_steps)
    monkeypatch.setattr(backend._artist, "_fixed", True)
    open_cache = Decoder.drawing_cache
    tried = []

    most_rows = 2

    def tight(self: Decoder, rows: int, slots: int) -> Any:
        tried.append(rows)
        if rows > most_rows:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return open_cache(self, rows, slots)

    monkeypatch.setattr(Decoder, "drawing_cache", tight)
    (found,) = backend.generate([HAT], ignore_steps)
    assert tried == [8, 2]
    assert np.array_equal(found.pixels, wanted.pixels)
    most_rows = 0
    with pytest.raises(torch.OutOfMemoryError):
        backend.generate([HAT], ignore_steps)


def test_through_a_process_of_its_own(
    recorded: Callable[..., ModelRecord], janus_folder: Path, tmp_path: Path
) -> None:
    recorded()
    own = JanusBackend(tiny_record(janus_folder))
    own.load()
    host = ProcessHost(ProcessSettings(threads=1, log_path=tmp_path / "log"))
    try:
        assert host.info("tiny").name == "tiny"
        steps: list[int] = []
        request = replace(HAT, name="hat", watched=True)
        (found,) = host.generate("tiny", [request], lambda step: steps.append(step.done))
        assert steps[-1] == 64
        (wanted,) = own.generate([HAT], ignore_steps)
        assert np.array_equal(found.pixels, wanted.pixels)
        (caption,) = host.caption("tiny", [CaptionRequest(found.pixels)])
        assert caption == own.caption([CaptionRequest(found.pixels)], ignore_steps)[0]
        assert np.allclose(host.embed("tiny", ["a hat"]), own.embed(["a hat"]), atol=1e-6)
    finally:
        host.close()
    log = (tmp_path / "log").read_text() if (tmp_path / "log").exists() else ""
    assert "Loading weights" not in log
