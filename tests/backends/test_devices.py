"""Which device draws, and that all of the built-in model follows it there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from llamavis_studio.backends import devices as module
from llamavis_studio.backends.base import CaptionRequest, Glimpse, ImageRequest, ignore_steps
from llamavis_studio.backends.builtin import BuiltinBackend
from llamavis_studio.backends.devices import DEVICE_VARIABLE, choose_device, devices, memory
from llamavis_studio.core.errors import BackendUnavailable
from llamavis_studio.core.settings import config_folder, layered
from tests.support.pretend_device import Pretended, pretend_device
from tests.support.styles import write_style


def _machine(monkeypatch: pytest.MonkeyPatch, cards: int, mps: bool = False) -> None:
    """What torch tells of a machine with so many NVIDIA cards, or of a Mac."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cards > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cards)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda number: f"Card {number}")
    monkeypatch.setattr(
        torch.cuda, "mem_get_info", lambda number: (3 * 2**30, (8 + number) * 2**30)
    )
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    monkeypatch.setattr(torch.mps, "recommended_max_memory", lambda: 12 * 2**30)
    monkeypatch.setattr(torch.mps, "driver_allocated_memory", lambda: 2**30)


@pytest.mark.parametrize(
    ("cards", "mps", "setting", "device"),
    [
        (0, False, "auto", "cpu"),
        (0, False, "cpu", "cpu"),
        (1, False, "auto", "cuda:0"),
        (2, False, "auto", "cuda:0"),
        (2, False, "cuda", "cuda:0"),
        (2, False, "cuda:1", "cuda:1"),
        (2, False, "cpu", "cpu"),
        (0, True, "auto", "mps"),
        (0, True, "cpu", "cpu"),
    ],
)
def test_the_device_that_a_setting_means(
    monkeypatch: pytest.MonkeyPatch, cards: int, mps: bool, setting: str, device: str
) -> None:
    _machine(monkeypatch, cards, mps)
    assert choose_device(setting) == device
    assert choose_device("auto") == next(one.name for one in devices() if one.best)


@pytest.mark.parametrize(
    ("cards", "setting", "there"),
    [(0, "cuda", "cpu"), (0, "mps", "cpu"), (1, "cuda:1", "cpu, cuda:0"), (0, "toaster", "cpu")],
)
def test_a_device_that_is_not_there_is_refused_with_those_that_are(
    monkeypatch: pytest.MonkeyPatch, cards: int, setting: str, there: str
) -> None:
    _machine(monkeypatch, cards)
    with pytest.raises(BackendUnavailable, match="is not there to draw on") as caught:
        choose_device(setting)
    assert caught.value.hint == f"choose auto or one of: {there} (the setting 'device')"


def test_devices_are_told_with_their_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    _machine(monkeypatch, 2)
    cpu, first, second = devices()
    assert (cpu.name, cpu.best) == ("cpu", False)
    assert (first.name, first.label, first.kind, first.best) == ("cuda:0", "Card 0", "cuda", True)
    assert (first.free_bytes, first.total_bytes) == (3 * 2**30, 8 * 2**30)
    assert (second.name, second.total_bytes, second.best) == ("cuda:1", 9 * 2**30, False)
    _machine(monkeypatch, 0, mps=True)
    _, apple = devices()
    assert (apple.name, apple.kind, apple.free_bytes) == ("mps", "mps", 11 * 2**30)
    assert json.loads(json.dumps(apple.to_json()))["total_bytes"] == 12 * 2**30


def test_a_card_that_somebody_else_holds_is_told_without_its_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _machine(monkeypatch, 1)

    def busy(_number: int) -> tuple[int, int]:
        raise RuntimeError("CUDA-capable device(s) is/are busy or unavailable")

    monkeypatch.setattr(torch.cuda, "mem_get_info", busy)
    assert devices()[1].free_bytes is None


@pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="needs /proc")
def test_the_memory_of_this_computer() -> None:
    text = Path("/proc/meminfo").read_text()
    told = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in text.splitlines()}
    total, free = memory()
    assert total is not None and abs(total - told["MemTotal"]) < 2**26
    assert free is not None and 0 < free <= total


def test_the_memory_of_a_windows_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    import ctypes

    def ask(status: object) -> int:
        found = status._obj  # type: ignore[attr-defined]
        assert found.length == ctypes.sizeof(found) >= 64
        found.total, found.free = 16 * 2**30, 5 * 2**30
        return 1

    kernel = SimpleNamespace(GlobalMemoryStatusEx=ask)
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel), raising=False)
    monkeypatch.setattr(module.sys, "platform", "win32")
    assert memory() == (16 * 2**30, 5 * 2**30)


@pytest.mark.parametrize("setting", ["auto", "cpu", "mps", "cuda", "cuda:3"])
def test_settings_take_every_device(setting: str) -> None:
    assert layered({"device": setting}).device == setting


def test_a_user_setting_counts_where_no_process_was_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(DEVICE_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("APPDATA", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert module.wanted_device() == "auto"
    module_folder = config_folder()
    module_folder.mkdir(parents=True)
    (module_folder / "settings.toml").write_text('device = "cuda:2"\n')
    assert module.wanted_device() == "cuda:2"
    monkeypatch.setenv(DEVICE_VARIABLE, "cpu")
    assert module.wanted_device() == "cpu"


# --- the whole model on another device -----------------------------------------------------------


@pytest.fixture
def on_card(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BuiltinBackend]:
    """The built-in backend on a card that is pretended: mixing devices fails as on a real one."""
    monkeypatch.setenv(DEVICE_VARIABLE, "cuda")
    with pretend_device():
        backend = BuiltinBackend(checkpoint)
        backend.load()
        loaded = backend.loaded()
        assert all(isinstance(one.data, Pretended) for one in loaded.model.parameters())
        assert loaded.encoder.device == torch.device("cuda:0")
        yield backend


@pytest.fixture(scope="module")
def on_processor(checkpoint: Path) -> BuiltinBackend:
    backend = BuiltinBackend(checkpoint)
    backend.load()
    return backend


def _before() -> np.ndarray:
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 4), np.uint8)
    pixels[..., 3] = 255
    return pixels


def _region() -> np.ndarray:
    region = np.zeros((32, 32), np.uint8)
    region[4:20, 4:20] = 255
    return region


WISHES = {
    "two sprites": [
        ImageRequest("a red dragon", "sprite", (32, 32), 1, name="a", watched=True),
        ImageRequest("a golden key", "item", (32, 32), 2, negative_prompt="rust", explain=True),
    ],
    "a texture that repeats": [ImageRequest("grey stone", "texture", (32, 32), 3, tileable=True)],
    "an edit of words": [
        ImageRequest(
            "a green dragon", "sprite", (32, 32), 6, before=_before(), before_prompt="a red dragon"
        )
    ],
    "an edit of a region": [
        ImageRequest(
            "a hat", "item", (32, 32), 7, before=_before(), region=_region(), name="b", watched=True
        )
    ],
}


@pytest.mark.parametrize("name", WISHES)
def test_everything_is_drawn_on_the_card_as_on_the_processor(
    on_card: BuiltinBackend, on_processor: BuiltinBackend, name: str
) -> None:
    seen: list[Glimpse] = []
    here = on_card.generate(WISHES[name], lambda step: seen.extend(step.glimpses))
    there = on_processor.generate(WISHES[name], ignore_steps)
    for first, second in zip(here, there, strict=True):
        assert np.array_equal(first.pixels, second.pixels)
        assert len(first.word_maps) == len(second.word_maps)
    assert bool(seen) == any(request.watched for request in WISHES[name])


def test_a_style_is_drawn_on_the_card(
    on_card: BuiltinBackend, on_processor: BuiltinBackend, tmp_path: Path
) -> None:
    model, revision = on_processor.loaded().model, on_processor.info().revision
    style = str(write_style(model, tmp_path / "mine.safetensors", revision))
    plain = ImageRequest("a red dragon", "sprite", (32, 32), 1)
    (here,), (there,), (other,) = (
        backend.generate([replace(plain, adapter=adapter)], ignore_steps)
        for backend, adapter in ((on_card, style), (on_processor, style), (on_processor, ""))
    )
    assert np.array_equal(here.pixels, there.pixels)
    assert not np.array_equal(here.pixels, other.pixels)


def test_pictures_are_read_and_texts_embedded_on_the_card(
    on_card: BuiltinBackend, on_processor: BuiltinBackend
) -> None:
    request = CaptionRequest(_before())
    (here,), (there,) = (one.caption([request], ignore_steps) for one in (on_card, on_processor))
    assert (here.caption, here.kind, here.tags) == (there.caption, there.kind, there.tags)
    assert here.look is not None and there.look is not None
    assert np.allclose(here.look, there.look, atol=1e-5)
    texts = ["a cat", "日落海滩", "a dog with a hat"]
    assert np.allclose(on_card.embed(texts), on_processor.embed(texts), atol=1e-5)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 MiB"),
        NotImplementedError("The operator 'aten::sort' is not implemented for the device"),
    ],
)
def test_a_card_that_cannot_draw_leaves_it_to_the_processor_unless_it_was_asked_for(
    checkpoint: Path,
    on_processor: BuiltinBackend,
    monkeypatch: pytest.MonkeyPatch,
    error: RuntimeError,
) -> None:
    from llamavis_studio.backends import builtin_drawing

    wish = ImageRequest("a red dragon", "sprite", (32, 32), 1)
    (wanted,) = on_processor.generate([wish], ignore_steps)

    def fails(*_arguments: object) -> None:
        raise error

    monkeypatch.setattr(builtin_drawing, "_try_out", fails)
    with pretend_device():
        monkeypatch.setenv(DEVICE_VARIABLE, "cuda")
        with pytest.raises(type(error)):
            BuiltinBackend(checkpoint).load()
        monkeypatch.setenv(DEVICE_VARIABLE, "auto")
        backend = BuiltinBackend(checkpoint)
        backend.load()
        assert backend.loaded().encoder.device == torch.device("cpu")
        (drawn,) = backend.generate([wish], ignore_steps)
    assert np.array_equal(drawn.pixels, wanted.pixels)


def test_the_pretended_card_finds_a_tensor_that_was_left_behind() -> None:
    with pretend_device():
        there = torch.ones(3, device="cuda")
        with pytest.raises(RuntimeError, match="on the device and on the processor"):
            there + torch.ones(3)
        assert torch.equal((there + 1).cpu(), torch.full((3,), 2.0))
