"""Checkpoints in one file, as Civitai and A1111 hold them: they draw what their folders draw."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from llamavis_studio.backends.base import ImageRequest, Pixels, ignore_steps
from llamavis_studio.backends.diffusion import DiffusionBackend, single_file
from llamavis_studio.backends.diffusion.single_file import read_single_file
from llamavis_studio.backends.model_records import ModelRecord
from llamavis_studio.core.errors import BackendUnavailable, LlamaVisError, ModelMissing
from tests.support import tiny_diffusion
from tests.support.single_files import UNET, VAE, as_single_file, single_tensors

pytestmark = [pytest.mark.backends, pytest.mark.usefixtures("one_thread")]
HAT = ImageRequest("a red hat", "item", (32, 32), seed=1, negative_prompt="blue")
KINDS = {"tiny_sd": "sd15", "tiny_sdxl": "sdxl"}
ALWAYS = {"steps": 2, "best_px": 32}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A folder of each kind, with the vocabulary of the published ones."""
    return {
        maker: getattr(tiny_diffusion, maker)(tmp_path_factory.mktemp(maker), words=True)
        for maker in KINDS
    }


@pytest.fixture(scope="module", autouse=True)
def layouts(folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The small files of tiny checkpoints in place of those of the published ones."""
    place = tmp_path_factory.mktemp("layouts")
    for maker, kind in KINDS.items():
        left_out = shutil.ignore_patterns("*.safetensors", "tokenizer*")
        shutil.copytree(folders[maker], place / kind, ignore=left_out)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(single_file, "layouts_folder", lambda: place)
        yield place


@pytest.fixture(scope="module")
def files(folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("files")
    return {maker: as_single_file(folders[maker], place / f"{maker}.safetensors")
            for maker in KINDS}  # fmt: skip


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_told: Any) -> None:
        raise AssertionError("something was asked of the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def record_of(place: Path, **options: Any) -> ModelRecord:
    options = {**ALWAYS, **options}
    if place.is_dir():
        return ModelRecord("tiny", "diffusers", place, options=options)
    return ModelRecord("tiny", "diffusers", place.parent, file=place.name, options=options)


def loaded(place: Path, **options: Any) -> DiffusionBackend:
    """A backend whose weights begin at like places in memory: how a row of numbers is added up, and
    so its last bit, depends on where in memory it begins.
    """
    backend = DiffusionBackend(record_of(place, **options))
    backend.load()
    for part in backend._loaded().first.components.values():
        for parameter in part.parameters() if isinstance(part, torch.nn.Module) else ():
            parameter.data = parameter.data.clone()
    return backend


def drawn(backend: DiffusionBackend, request: ImageRequest = HAT) -> Pixels:
    (result,) = backend.generate([request], ignore_steps)
    return result.pixels


def changed(file: Path, path: Path, change: Callable[[dict[str, torch.Tensor]], None],
            **notes: str) -> Path:  # fmt: skip
    """A file with other tensors."""
    values = load_file(file)
    change(values)
    save_file(values, path, {"format": "pt", **notes})
    return path


def without(*signs: str) -> Callable[[dict[str, torch.Tensor]], None]:
    def drop(values: dict[str, torch.Tensor]) -> None:
        for key in [key for key in values if any(sign in key for sign in signs)]:
            del values[key]

    return drop


# --- drawing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("maker", KINDS)
def test_a_file_draws_the_pixels_of_its_folder(
    maker: str, folders: dict[str, Path], files: dict[str, Path]
) -> None:
    folder, file = loaded(folders[maker]), loaded(files[maker])
    wanted = drawn(folder)
    assert np.array_equal(drawn(file), wanted)
    assert len(np.unique(wanted)) > 20
    edit = replace(HAT, before=wanted, prompt="a green hat", strength=0.8)
    region = np.zeros(wanted.shape[:2], np.uint8)
    region[8:24, 8:24] = 1
    tile = replace(HAT, kind="texture", tileable=True)
    for request in (edit, replace(edit, region=region, strength=1.0), tile):
        assert np.array_equal(drawn(file, request), drawn(folder, request))
    told, other = file.info(), folder.info()
    assert told.model.endswith(f"in {files[maker].name}")
    assert (told.sizes, told.can_avoid, told.prompt_tokens) == (other.sizes, True, 77)


def test_a_lora_acts_on_a_file_as_on_its_folder(
    folders: dict[str, Path], files: dict[str, Path], tmp_path: Path
) -> None:
    lora = tiny_diffusion.tiny_lora(folders["tiny_sd"], tmp_path / "l.safetensors", words=True)
    loras = [{"file": str(lora)}]
    file = drawn(loaded(files["tiny_sd"], loras=loras))
    assert np.array_equal(file, drawn(loaded(folders["tiny_sd"], loras=loras)))
    assert not np.array_equal(file, drawn(loaded(files["tiny_sd"])))


def test_an_inpainting_file_is_one_of_nine_channels(tmp_path: Path) -> None:
    folder = tiny_diffusion.tiny_sd(tmp_path / "folder", in_channels=9, words=True)
    file = as_single_file(folder, tmp_path / "inpainting.safetensors")
    assert read_single_file(file, "tiny").in_channels == 9
    assert np.array_equal(drawn(loaded(file)), drawn(loaded(folder)))


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float8_e4m3fn])
def test_narrow_numbers_and_what_training_leaves_behind_are_taken(
    kind: torch.dtype, files: dict[str, Path], tmp_path: Path
) -> None:
    def narrow(values: dict[str, torch.Tensor]) -> None:
        for key, value in list(values.items()):
            if value.is_floating_point():
                values[key] = value.to(kind)
            if key.startswith(UNET):
                flat = key.removeprefix("model.").replace(".", "")
                values[f"model_ema.{flat}"] = torch.full_like(values[key], 0.5)
        values["alphas_cumprod"] = torch.ones(1000)

    def widened(values: dict[str, torch.Tensor]) -> None:
        for key, value in values.items():
            values[key] = value.to(kind).float() if value.is_floating_point() else value

    small = loaded(changed(files["tiny_sd"], tmp_path / "small.safetensors", narrow))
    assert small._loaded().first.unet.dtype == torch.float32
    wide = loaded(changed(files["tiny_sd"], tmp_path / "wide.safetensors", widened))
    assert np.array_equal(drawn(small), drawn(wide))


def test_marks_of_velocity_and_zero_signal_change_the_scheduler(
    files: dict[str, Path], tmp_path: Path
) -> None:
    def mark(values: dict[str, torch.Tensor]) -> None:
        values |= {"v_pred": torch.zeros(0), "ztsnr": torch.zeros(0)}

    plain = loaded(files["tiny_sdxl"])
    assert plain._loaded().first.scheduler.config.prediction_type == "epsilon"
    backend = loaded(changed(files["tiny_sdxl"], tmp_path / "v.safetensors", mark))
    told = backend._loaded().first.scheduler.config
    assert told.prediction_type == "v_prediction" and told.rescale_betas_zero_snr
    assert not np.array_equal(drawn(backend), drawn(plain))
    noted = {"modelspec.prediction_type": "v", "modelspec.license": "CreativeML OpenRAIL-M"}
    path = changed(files["tiny_sd"], tmp_path / "n.safetensors", lambda _v: None, **noted)
    found = read_single_file(path, "tiny")
    assert found.predicts_velocity and found.licence == "CreativeML OpenRAIL-M"
    assert not read_single_file(files["tiny_sd"], "tiny").predicts_velocity


def test_names_tell_what_was_distilled(files: dict[str, Path], tmp_path: Path) -> None:
    for maker, name, scheduler, spacing in (
        ("tiny_sdxl", "toonLightning_v2", "EulerDiscreteScheduler", "trailing"),
        ("tiny_sd", "Dream Turbo", "EulerDiscreteScheduler", "trailing"),
        ("tiny_sd", "toon_LCM", "LCMScheduler", "leading"),
        ("tiny_sd", "toon", "PNDMScheduler", "leading"),
        ("tiny_sdxl", "toon_xl", "EulerDiscreteScheduler", "leading"),
    ):
        file = Path(shutil.copy(files[maker], tmp_path / f"{name}.safetensors"))
        backend = loaded(file)
        assert backend.info().can_guide is (spacing == "leading" and scheduler != "LCMScheduler")
        found = backend._loaded().first.scheduler
        assert (type(found).__name__, found.config.timestep_spacing) == (scheduler, spacing)
        assert len(np.unique(drawn(backend))) > 20


# --- the VAE --------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", [VAE, ""])
def test_another_vae_takes_the_place_of_a_missing_one(
    prefix: str, folders: dict[str, Path], files: dict[str, Path], tmp_path: Path
) -> None:
    pruned = changed(files["tiny_sd"], tmp_path / "pruned.safetensors", without(VAE))
    with pytest.raises(ModelMissing, match=r"its image decoder \(VAE\) is not in the file") as told:
        DiffusionBackend(record_of(pruned)).info()
    assert "--option vae=" in told.value.hint
    own = {key: one for key, one in load_file(files["tiny_sd"]).items() if key.startswith(VAE)}
    vae = tmp_path / "vae.safetensors"
    save_file({key.replace(VAE, prefix): one for key, one in own.items()}, vae)
    backend = loaded(pruned, vae=str(vae))
    wanted = drawn(loaded(folders["tiny_sd"]))
    assert np.array_equal(drawn(backend), wanted)
    changed(vae, vae, lambda values: values[f"{prefix}decoder.conv_out.bias"].add_(0.5))
    other = loaded(folders["tiny_sd"], vae=str(vae))
    assert drawn(other).mean() > wanted.mean() + 10
    assert np.array_equal(drawn(loaded(files["tiny_sd"], vae=str(vae))), drawn(other))


def test_what_is_no_vae_is_refused(files: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "vae.safetensors"
    for spoil in (without(VAE), without("decoder.mid."), without("decoder.conv_in")):
        changed(files["tiny_sd"], path, spoil)
        with pytest.raises(ModelMissing, match=r"vae\.safetensors is no VAE"):
            DiffusionBackend(record_of(files["tiny_sd"], vae=str(path))).load()
    path.write_bytes(path.read_bytes()[:-1])
    for place, words in ((path, "cut short"), (tmp_path / "gone.safetensors", "is not there")):
        with pytest.raises(ModelMissing, match=words) as told:
            DiffusionBackend(record_of(files["tiny_sd"], vae=str(place))).load()
        assert "models set tiny vae=" in told.value.hint
    for wrong in ("vae.safetensors", "/models/vae.pt"):
        with pytest.raises(BackendUnavailable, match=r"the VAE '.*' (has no|is no)"):
            DiffusionBackend(record_of(files["tiny_sd"], vae=wrong))
    flux = tiny_diffusion.tiny_flux(tmp_path / "flux")
    tiny_diffusion.changed_json(flux / "model_index.json", vae=["diffusers", "AutoencoderDC"])
    changed(files["tiny_sd"], path, lambda _values: None)
    with pytest.raises(BackendUnavailable, match="takes no other VAE"):
        DiffusionBackend(record_of(flux, vae=str(path))).load()


# --- what is not whole ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("maker", "sign", "words"),
    [
        ("tiny_sd", "cond_stage_model.", "its text encoder is not in the file"),
        ("tiny_sdxl", "embedders.0.", "its text encoder is not in the file"),
        ("tiny_sdxl", "embedders.1.", "its second text encoder is not in the file"),
        ("tiny_sd", UNET, "no UNet"),
    ],
)
def test_a_missing_part_is_named(
    maker: str, sign: str, words: str, files: dict[str, Path], tmp_path: Path
) -> None:
    path = changed(files[maker], tmp_path / "pruned.safetensors", without(sign))
    with pytest.raises(LlamaVisError, match=words) as told:
        DiffusionBackend(record_of(path)).info()
    assert told.value.hint and "pruned.safetensors" in told.value.message


def test_all_missing_parts_are_named_at_once(files: dict[str, Path], tmp_path: Path) -> None:
    unet = changed(files["tiny_sdxl"], tmp_path / "u.safetensors", without("conditioner.", VAE))
    with pytest.raises(ModelMissing) as told:
        read_single_file(unet, "tiny")
    assert told.value.message == (
        "u.safetensors is not whole: its text encoder, its second text encoder and its image "
        "decoder (VAE) are not in the file"
    )


@pytest.mark.parametrize(
    ("maker", "sign", "words"),
    [
        ("tiny_sd", "out.2.weight", "'unet' are missing"),
        ("tiny_sd", "middle_block.1.", "'unet' are missing"),
        ("tiny_sd", "first_stage_model.encoder.conv_in", "'vae' are missing"),
        ("tiny_sd", "layers.1.mlp.fc1", "'text_encoder' are missing"),
        ("tiny_sdxl", "label_emb.0.2.", "'unet' are missing"),
        ("tiny_sdxl", "resblocks.2.attn", "'text_encoder_2' are missing"),
    ],
)
def test_missing_weights_are_told_in_loading(
    maker: str, sign: str, words: str, files: dict[str, Path], tmp_path: Path
) -> None:
    path = changed(files[maker], tmp_path / "holes.safetensors", without(sign))
    with pytest.raises(ModelMissing, match=words) as told:
        DiffusionBackend(record_of(path)).load()
    assert "holes.safetensors is not whole" in told.value.message and told.value.hint


def test_a_unet_with_more_or_other_weights_is_refused(
    files: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / "more.safetensors"

    def more(values: dict[str, torch.Tensor]) -> None:
        values[f"{UNET}middle_block.3.in_layers.0.weight"] = torch.zeros(4)

    changed(files["tiny_sd"], path, more)
    with pytest.raises(BackendUnavailable, match="1 weights more"):
        DiffusionBackend(record_of(path)).load()

    def other(values: dict[str, torch.Tensor]) -> None:
        values[f"{UNET}out.2.weight"] = torch.zeros(4, 24, 3, 3)

    changed(files["tiny_sd"], path, other)
    with pytest.raises(ModelMissing, match="cannot be loaded"):
        DiffusionBackend(record_of(path)).load()


def test_scales_beside_the_numbers_are_refused(files: dict[str, Path], tmp_path: Path) -> None:
    def scale(values: dict[str, torch.Tensor]) -> None:
        values[f"{UNET}out.2.scale_weight"] = torch.ones(1)

    path = changed(files["tiny_sd"], tmp_path / "fp8.safetensors", scale)
    with pytest.raises(BackendUnavailable, match="scales of their own"):
        read_single_file(path, "tiny")


def test_the_tensors_of_a_file_are_those_of_its_folder(
    folders: dict[str, Path], files: dict[str, Path]
) -> None:
    """The files of these tests are what they are taken for."""
    from diffusers.loaders.single_file_utils import infer_diffusers_model_type

    tensors = single_tensors(folders["tiny_sd"])
    assert load_file(files["tiny_sd"]).keys() == tensors.keys()
    assert infer_diffusers_model_type(tensors) == "v1"
