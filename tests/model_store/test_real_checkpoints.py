"""Real checkpoints with few random weights, fetched from a hub, become backends that work."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from llamavis_studio.backends.base import CaptionRequest, ImageRequest, ignore_steps
from llamavis_studio.backends.registry import Registry
from llamavis_studio.core.errors import ModelMissing
from llamavis_studio.model_store.fetching import keep
from llamavis_studio.model_store.sources import Source
from llamavis_studio.shelf import Shelf
from tests.model_store.conftest import MakeFetcher
from tests.support.hub_server import HubServer
from tests.support.tiny_captioners import SHORT, tiny
from tests.support.tiny_diffusion import tiny_sd
from tests.support.tiny_janus import save_janus

pytestmark = pytest.mark.backends

MAKERS: dict[str, Callable[[Path], Path]] = {
    "diffusers": tiny_sd,
    "captioner": lambda _folder: tiny("blip"),
    "janus": save_janus,
}


@pytest.mark.parametrize("family", MAKERS)
def test_fetch_record_load(
    family: str, hub: HubServer, fetcher: MakeFetcher, tmp_path: Path
) -> None:
    made = MAKERS[family](tmp_path / "made")
    hub.add_folder("studio/real", made)
    options = SHORT if family == "captioner" else {}
    one = fetcher()
    plan = one.plan(Source("studio/real", name="real", options=options))
    assert plan.family == family
    record = keep(plan, one.fetch(plan))
    shutil.rmtree(tmp_path / "made", ignore_errors=True)
    shown = Shelf().find("real")
    assert shown.is_ready, shown.problem
    assert (shown.sort, shown.family, shown.source) == ("model", family, "studio/real")
    assert shown.size_bytes == plan.total_bytes and shown.is_removable and shown.abilities
    backend = Registry().create("real")
    backend.load()
    if backend.info().can_generate:
        size = backend.info().drawn_size("texture", (32, 32)) or (32, 32)
        request = ImageRequest("a stone wall", "texture", size, 1, transparent=False)
        (drawn,) = backend.generate([request], ignore_steps)
        assert drawn.pixels.ndim == 3 and drawn.pixels.dtype == np.uint8
    if backend.info().can_caption:
        pixels = np.full((32, 32, 3), 200, np.uint8)
        (told,) = backend.caption([CaptionRequest(pixels)], ignore_steps)
        assert isinstance(told.caption, str)
    backend.unload()
    assert Shelf().broken("real") == []
    weights = sorted(record.folder.rglob("*.safetensors"))[0]  # type: ignore[union-attr]
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.resolve().write_bytes(data)
    assert Shelf().broken("real") == [weights.relative_to(record.folder).as_posix()]


def test_a_pipeline_takes_only_its_parts(
    hub: HubServer, fetcher: MakeFetcher, tmp_path: Path
) -> None:
    made = tiny_sd(tmp_path / "made")
    index = json.loads((made / "model_index.json").read_text())
    index["safety_checker"] = ["stable_diffusion", "StableDiffusionSafetyChecker"]
    (made / "model_index.json").write_text(json.dumps(index))
    (made / "safety_checker").mkdir()
    for name in (
        "safety_checker/model.safetensors", "v1-5-pruned.safetensors", "unet/model.py",
        "unet/diffusion_pytorch_model.bin", "unet/diffusion_pytorch_model.fp16.safetensors",
        "unet/diffusion_pytorch_model.non_ema.safetensors", "lora/model.safetensors",
    ):  # fmt: skip
        (made / name).parent.mkdir(exist_ok=True)
        (made / name).write_bytes(b"not wanted")
    hub.add_folder("studio/real", made)
    plan = fetcher().plan(Source("studio/real"))
    paths = {file.path for file in plan.files}
    assert {"model_index.json", "scheduler/scheduler_config.json", "unet/config.json"} <= paths
    assert "unet/diffusion_pytorch_model.safetensors" in paths
    assert {one for one in paths if one.endswith(".safetensors")} == {
        "text_encoder/model.safetensors", "unet/diffusion_pytorch_model.safetensors",
        "vae/diffusion_pytorch_model.safetensors",
    }  # fmt: skip
    assert not [one for one in paths if one.startswith(("safety_checker", "lora", "v1-5"))]
    fetcher().fetch(plan)
    halves = fetcher().plan(Source("studio/real", name="half", variant="fp16"))
    chosen = {file.path for file in halves.files if "unet/diff" in file.path}
    assert chosen == {"unet/diffusion_pytorch_model.fp16.safetensors"}
    del index["unet"]
    index["../unet"] = ["diffusers", "UNet2DConditionModel"]
    (made / "model_index.json").write_text(json.dumps(index))
    hub.add_folder("studio/evil", made)
    with pytest.raises(ModelMissing, match="outside its folder"):
        fetcher().plan(Source("studio/evil"))
