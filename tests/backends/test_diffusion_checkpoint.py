"""What the diffusers backend reads of a checkpoint, and what it refuses before and in loading."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from llamavis_studio.backends.base import ImageRequest, ignore_steps
from llamavis_studio.backends.diffusion import DiffusionBackend
from llamavis_studio.backends.diffusion.checkpoint import FAMILIES, read_checkpoint
from llamavis_studio.backends.diffusion.offload import choose_offload
from llamavis_studio.backends.diffusion.options import DiffusionOptions, Offload
from llamavis_studio.backends.diffusion.pictures import (
    fitted_region,
    frame_of,
    ground_for,
    mask_in_cells,
    pasted,
)
from llamavis_studio.backends.model_records import ModelRecord
from llamavis_studio.core.errors import BackendError, BackendUnavailable, ModelMissing
from tests.support import tiny_diffusion

pytestmark = pytest.mark.backends
GB = 1 << 30


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_diffusion.tiny_sd(tmp_path_factory.mktemp("sd"))


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "copy"))


def record_of(folder: Path | None, name: str = "tiny", **options: Any) -> ModelRecord:
    return ModelRecord(name, "diffusers", folder, licence="MIT", options=options)


def write_json(path: Path, values: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values), "utf-8")


def published(folder: Path, pipeline: str, denoiser: dict[str, Any], **more: Any) -> Path:
    """The small files of a published checkpoint, without weights."""
    part = "transformer" if "Flux" in pipeline or "Image" in pipeline else "unet"
    part = "transformer" if "Diffusion3" in pipeline else part
    index = {"_class_name": pipeline, part: ["diffusers", "Any"], "vae": ["diffusers", "Any"]}
    for name in index:
        (folder / name).mkdir(parents=True, exist_ok=True) if name[0] != "_" else None
    write_json(folder / "model_index.json", {**index, **more.pop("index", {})})
    write_json(folder / part / "config.json", denoiser)
    vae = more.pop("vae", {"block_out_channels": [128, 256, 512, 512]})
    write_json(folder / "vae" / "config.json", vae)
    write_json(folder / "scheduler" / "scheduler_config.json", more.pop("scheduler", {}))
    return folder


# --- what it tells --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pipeline", "denoiser", "more", "best", "step", "guided"),
    [
        ("StableDiffusionPipeline", {"sample_size": 64, "in_channels": 4}, {}, 512, 8, True),
        ("StableDiffusionPipeline", {"sample_size": 96, "in_channels": 4}, {}, 768, 8, True),
        ("StableDiffusionInpaintPipeline", {"sample_size": 64, "in_channels": 9}, {}, 512, 8, True),
        ("StableDiffusionXLPipeline", {"sample_size": 128, "in_channels": 4}, {}, 1024, 8, True),
        (
            "StableDiffusionXLPipeline",
            {"sample_size": 64, "in_channels": 4},
            {
                "scheduler": {
                    "_class_name": "EulerAncestralDiscreteScheduler",
                    "timestep_spacing": "trailing",
                }
            },
            512, 8, False,
        ),
        ("StableDiffusion3Pipeline", {"sample_size": 128}, {}, 1024, 16, True),
        ("FluxPipeline", {"guidance_embeds": True}, {}, 1024, 16, True),
        ("FluxPipeline", {"guidance_embeds": False}, {}, 1024, 16, False),
        ("ZImagePipeline", {}, {}, 1024, 16, False),
        ("QwenImagePipeline", {}, {"vae": {"dim_mult": [1, 2, 4, 4]}}, 1024, 16, True),
    ],
)  # fmt: skip
def test_sizes_and_guidance_follow_from_the_small_files(
    tmp_path: Path,
    pipeline: str,
    denoiser: dict[str, Any],
    more: dict[str, Any],
    best: int,
    step: int,
    guided: bool,
) -> None:
    folder = published(tmp_path, pipeline, denoiser, **more)
    info = DiffusionBackend(record_of(folder)).info()
    assert info.sizes is not None
    assert (info.sizes.best_px, info.sizes.step_px) == (best, step)
    assert info.can_guide is guided
    assert info.drawn_size("item", (32, 32)) == (best, best)
    width, height = info.drawn_size("background", (320, 180)) or (0, 0)
    assert width % step == height % step == 0 and width > height
    assert not info.can_cut_out and not info.can_caption and info.can_edit_region


def test_names_tell_what_was_distilled(tmp_path: Path) -> None:
    folder = published(
        tmp_path, "StableDiffusionXLPipeline", {"sample_size": 128, "in_channels": 4}
    )
    for source, guided in (("stabilityai/sdxl-base", True), ("someone/SDXL-Lightning", False)):
        record = ModelRecord("x", "diffusers", folder, source=source)
        found = read_checkpoint(record, DiffusionOptions())
        assert found.is_guided is guided
        assert found.steps == (30 if guided else 4)
        chosen = read_checkpoint(record, DiffusionOptions(guidance_scale=5.0, steps=7))
        assert chosen.is_guided and chosen.steps == 7


def test_every_family_is_one_that_diffusers_knows_for_all_three_ways() -> None:
    from llamavis_studio.backends.torchvision_ops import prepare_torchvision

    prepare_torchvision()
    from diffusers.pipelines.auto_pipeline import (
        AUTO_IMAGE2IMAGE_PIPELINES_MAPPING,
        AUTO_INPAINT_PIPELINES_MAPPING,
        AUTO_TEXT2IMAGE_PIPELINES_MAPPING,
    )

    known = [
        {one.__name__ for one in mapping.values()}
        for mapping in (
            AUTO_TEXT2IMAGE_PIPELINES_MAPPING,
            AUTO_IMAGE2IMAGE_PIPELINES_MAPPING,
            AUTO_INPAINT_PIPELINES_MAPPING,
        )
    ]
    for family in FAMILIES.values():
        for name, mapping in zip(family.classes, known, strict=True):
            assert name in mapping


def test_info_imports_nothing_heavy(whole: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from llamavis_studio.backends.diffusion import DiffusionBackend\n"
        "from llamavis_studio.backends.model_records import ModelRecord\n"
        "DiffusionBackend(ModelRecord('x', 'diffusers', Path(sys.argv[1]))).info()\n"
        "print({'torch', 'diffusers', 'transformers', 'accelerate', 'peft'} & set(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(whole)], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "set()", done.stderr


def test_the_revision_follows_weights_and_options(whole: Path) -> None:
    found = {
        DiffusionBackend(one).info().revision
        for one in (
            record_of(whole),
            record_of(whole, steps=3),
            ModelRecord("tiny", "diffusers", whole, revision="abcdef"),
        )
    }
    assert len(found) == 3


@pytest.mark.parametrize("missing", ["diffusers", "peft"])
def test_a_missing_package_is_told_with_the_command(
    whole: Path, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    backend = DiffusionBackend(record_of(whole))
    for call in (backend.info, backend.load):
        with pytest.raises(BackendUnavailable, match=missing) as caught:
            call()
        assert 'pip install "llamavis-studio[diffusers]"' in caught.value.hint


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"scheduler": "eular"}, "scheduler"),
        ({"step": 3}, "step"),
        ({"steps": 0}, "steps"),
        ({"offload": "yes"}, "offload"),
        ({"loras": [{"file": "mine.safetensors"}]}, "absolute"),
        ({"loras": [{"file": "/models/mine.ckpt"}]}, "safetensors"),
    ],
)
def test_wrong_options_are_told(whole: Path, options: dict[str, Any], words: str) -> None:
    with pytest.raises(BackendUnavailable, match=words):
        DiffusionBackend(record_of(whole, **options))


@pytest.mark.parametrize(
    ("wanted", "device", "parts", "free", "found"),
    [
        ("auto", "cpu", [20 * GB], 1 * GB, "none"),
        ("model", "cpu", [20 * GB], 1 * GB, "none"),
        ("auto", "cuda:0", [2 * GB, 1 * GB], 8 * GB, "none"),
        ("auto", "cuda:0", [24 * GB, 9 * GB], 32 * GB, "model"),
        ("auto", "cuda:0", [24 * GB, 9 * GB], 8 * GB, "sequential"),
        ("auto", "cuda:0", [24 * GB], None, "none"),
        ("auto", "mps", [], None, "none"),
        ("none", "cuda:0", [24 * GB], 8 * GB, "none"),
        ("sequential", "cuda:0", [1 * GB], 80 * GB, "sequential"),
    ],
)
def test_what_waits_beside_the_card(
    wanted: Offload, device: str, parts: list[int], free: int | None, found: str
) -> None:
    assert choose_offload(wanted, device, parts, free) == found


# --- what is refused ------------------------------------------------------------------------------


def _edit_index(**values: Any) -> Callable[[Path], None]:
    return lambda folder: tiny_diffusion.changed_json(folder / "model_index.json", **values)


def _without(*names: str) -> Callable[[Path], None]:
    def remove(folder: Path) -> None:
        for name in names:
            path = folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    return remove


def _cut(name: str) -> Callable[[Path], None]:
    def cut(folder: Path) -> None:
        path = folder / name
        path.write_bytes(path.read_bytes()[:-100])

    return cut


def _pickled(name: str) -> Callable[[Path], None]:
    def pickled(folder: Path) -> None:
        (folder / name).rename((folder / name).with_suffix(".bin"))

    return pickled


def _other_shape(folder: Path) -> None:
    tiny_diffusion.changed_json(folder / "unet" / "config.json", block_out_channels=[16, 48])


def _without_tensor(part: str, file: str, ending: str) -> Callable[[Path], None]:
    def drop(folder: Path) -> None:
        from safetensors.torch import load_file, save_file

        values = load_file(folder / part / file)
        key = next(key for key in values if key.endswith(ending))
        del values[key]
        save_file(values, folder / part / file, {"format": "pt"})

    return drop


UNET = "unet/diffusion_pytorch_model.safetensors"
DAMAGE: dict[str, tuple[Callable[[Path], None], type[BackendError], str]] = {
    "no index": (_without("model_index.json"), ModelMissing, "model_index.json"),
    "no part": (_without("unet"), ModelMissing, "unet"),
    "no text encoder": (_without("text_encoder"), ModelMissing, "text_encoder"),
    "no weights": (_without(UNET), ModelMissing, "no weights"),
    "no scheduler": (_without("scheduler"), ModelMissing, "scheduler"),
    "no tokenizer": (_without("tokenizer"), ModelMissing, "tokenizer"),
    "no vocabulary": (_without("tokenizer/tokenizer.json"), ModelMissing, "no vocabulary"),
    "cut vocabulary": (_cut("tokenizer/tokenizer.json"), ModelMissing, "cannot be loaded"),
    "cut": (_cut(UNET), ModelMissing, "cut short"),
    "pickled": (_pickled(UNET), ModelMissing, "pickle"),
    "other shape": (_other_shape, ModelMissing, "unet|shape"),
    "tensor of the unet": (
        _without_tensor("unet", "diffusion_pytorch_model.safetensors", "conv_out.weight"),
        ModelMissing,
        "conv_out",
    ),
    "tensor of the text encoder": (
        _without_tensor("text_encoder", "model.safetensors", "final_layer_norm.weight"),
        ModelMissing,
        "final_layer_norm",
    ),
    "own pipeline": (_edit_index(_class_name=["pipeline", "Mine"]), BackendUnavailable, "own"),
    "unknown pipeline": (
        _edit_index(_class_name="AudioLDM2Pipeline"), BackendUnavailable, "AudioLDM2Pipeline",
    ),
    "own part": (_edit_index(unet=["unet_code", "Mine"]), BackendUnavailable, "never run"),
    "other channels": (
        lambda folder: tiny_diffusion.changed_json(folder / "unet" / "config.json", in_channels=7),
        BackendUnavailable,
        "7 channels",
    ),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_checkpoint_is_refused_in_plain_words(copy: Path, damage: str) -> None:
    spoil, kind, words = DAMAGE[damage]
    spoil(copy)
    with pytest.raises(kind, match=words) as caught:
        DiffusionBackend(record_of(copy)).load()
    assert caught.value.hint
    assert "Traceback" not in caught.value.message


def test_code_beside_the_weights_is_never_run(copy: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    for place in (copy, copy / "unet"):
        (place / "mine.py").write_text(f"open({str(mark)!r}, 'w').close()\n", "utf-8")
    _edit_index(unet=["mine", "Mine"])(copy)
    with pytest.raises(BackendUnavailable, match="never run"):
        DiffusionBackend(record_of(copy)).load()
    assert not mark.exists()


@pytest.mark.parametrize("folder", [None, Path("nowhere")])
def test_a_checkpoint_that_is_not_there_is_told_with_the_command(folder: Path | None) -> None:
    backend = DiffusionBackend(record_of(folder, "sdxl"))
    for call in (backend.info, backend.load):
        with pytest.raises(ModelMissing, match="not on this machine") as caught:
            call()
        assert "llamavis models fetch sdxl" in caught.value.hint


def test_half_precision_files_are_taken_where_there_are_no_others(copy: Path) -> None:
    from safetensors.torch import load_file, save_file

    for part, stem in (("unet", "diffusion_pytorch_model"), ("vae", "diffusion_pytorch_model"),
                       ("text_encoder", "model")):  # fmt: skip
        path = copy / part / f"{stem}.safetensors"
        values = {key: value.half() for key, value in load_file(path).items()}
        save_file(values, copy / part / f"{stem}.fp16.safetensors", {"format": "pt"})
        path.unlink()
    backend = DiffusionBackend(record_of(copy, steps=2))
    backend.load()
    assert backend._loaded().first.unet.dtype == torch.float32
    (result,) = backend.generate([ImageRequest("a hat", "item", (32, 32), 1)], ignore_steps)
    assert len(np.unique(result.pixels)) > 10


def test_before_load_and_for_captions_it_says_what_it_needs(whole: Path) -> None:
    from llamavis_studio.backends.base import CaptionRequest

    backend = DiffusionBackend(record_of(whole))
    with pytest.raises(BackendError, match="not loaded"):
        backend.generate([ImageRequest("a hat", "item", (32, 32), 1)], ignore_steps)
    with pytest.raises(BackendError, match="cannot describe"):
        backend.caption([CaptionRequest(np.zeros((4, 4, 3), np.uint8))], ignore_steps)


# --- versions before and regions ------------------------------------------------------------------


def test_a_region_covers_whatever_it_touches() -> None:
    region = np.zeros((16, 16), np.uint8)
    region[5, 6] = 1
    assert fitted_region(region, (16, 16)).sum() == 1
    large = fitted_region(region, (64, 64))
    assert large.sum() == 16 and large[20:24, 24:28].all()
    assert fitted_region(region, (4, 4)).sum() == 1
    cells = mask_in_cells(large, 8)
    assert cells.sum() == 64 and cells[16:24, 24:32].all()


def test_clear_pixels_lie_on_a_ground_unlike_the_picture_and_come_back_clear() -> None:
    before = np.zeros((32, 32, 4), np.uint8)
    before[8:24, 8:24] = (250, 250, 250, 255)
    before[8:16, 8:16] = (9, 9, 9, 128)
    region = np.zeros((32, 32), np.uint8)
    region[4:20, 4:20] = 1
    request = ImageRequest("a hat", "item", (32, 32), 1, before=before, region=region)
    frame = frame_of(request, (32, 32))
    assert frame.ground == (128, 128, 128) == ground_for(before)
    assert tuple(frame.laid[0, 0]) == frame.ground
    drawn = np.full((32, 32, 3), 120, np.uint8)  # the ground, a little off
    drawn[6:10, 6:10] = (200, 10, 10)
    out = pasted(frame, drawn)
    assert np.array_equal(out[region == 0], before[region == 0])
    assert (out[6:10, 6:10] == (200, 10, 10, 255)).all()
    assert (out[4:6, 4:20] == 0).all()  # was clear, and nothing was drawn there
    assert (out[12:16, 12:16, 3] == 255).all()  # was not clear


def test_an_opaque_picture_stays_opaque_where_it_is_extended() -> None:
    before = np.zeros((32, 32, 4), np.uint8)
    before[8:24, 8:24] = (90, 80, 70, 255)
    region = np.full((32, 32), 255, np.uint8)
    region[8:24, 8:24] = 0
    request = ImageRequest("stone", "texture", (32, 32), 1, before=before, region=region)
    frame = frame_of(request, (32, 32))
    out = pasted(frame, np.full((32, 32, 3), frame.ground, np.uint8))
    assert (out[..., 3] == 255).all()
