"""What the head of a file tells: its kind by the published sizes, what it is instead, what is wrong
with it. No weight is read, and the layouts are those that ship.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from llamavis_studio.backends.diffusion import DiffusionBackend
from llamavis_studio.backends.diffusion.other_files import _MODELS
from llamavis_studio.backends.diffusion.single_file import (
    _ENCODERS,
    layouts_folder,
    read_single_file,
)
from llamavis_studio.backends.model_records import ModelRecord
from llamavis_studio.core.errors import BackendUnavailable, LlamaVisError, ModelMissing
from tests.support.weight_files import hollow, safetensors, tensor

pytestmark = pytest.mark.backends
# As published: huggingface.co/docs/diffusers and the model cards count them so.
PARAMETERS = {
    "sd15": {"unet": 859_520_964, "vae": 83_653_863, "text_encoder": 123_060_480},
    "sdxl": {
        "unet": 2_567_463_684, "vae": 83_653_863, "text_encoder": 123_060_480,
        "text_encoder_2": 694_659_840,
    },
}  # fmt: skip
FIRST = "model.diffusion_model.input_blocks.0.0.weight"
WORDS = "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight"


@cache
def published(kind: str) -> dict[str, dict[str, Any]]:
    """The parts of a kind in their real sizes, as tensors without memory."""
    from llamavis_studio.backends.torchvision_ops import prepare_torchvision

    prepare_torchvision()
    import diffusers
    import transformers
    from accelerate import init_empty_weights

    folder, found = layouts_folder() / kind, {}
    index = json.loads((folder / "model_index.json").read_text("utf-8"))
    for part in PARAMETERS[kind]:
        library, name = index[part]
        with init_empty_weights():
            if library == "diffusers":
                made = getattr(diffusers, name)
                model = made.from_config(made.load_config(str(folder / part)))
            else:
                made = getattr(transformers, name)
                model = made(made.config_class.from_pretrained(str(folder / part)))
        found[part] = dict(model.state_dict())
    return found


def real(path: Path, kind: str, cut: int = 0, **changed: list[int]) -> Path:
    """A file of a kind in its published sizes."""
    from tests.support.single_files import renamed

    shapes = {key: value.shape for key, value in renamed(published(kind), 2).items()}
    return hollow(path, {**shapes, **changed}, cut)


def info_of(path: Path, **options: Any) -> Any:
    record = ModelRecord("toon", "diffusers", path.parent, file=path.name, options=options)
    return DiffusionBackend(record).info()


# --- the published ones ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", PARAMETERS)
def test_the_layouts_are_those_of_the_published_models(kind: str) -> None:
    for part, count in PARAMETERS[kind].items():
        values = published(kind)[part].values()
        assert sum(value.numel() for value in values) == count, part


@pytest.mark.parametrize(("kind", "known"), [("sd15", "v1"), ("sdxl", "xl_base")])
def test_every_weight_of_the_published_sizes_has_its_place(kind: str, known: str) -> None:
    """diffusers knows the names for what they are, and finds each weight that a layout asks for."""
    from diffusers.loaders import single_file_utils as utils

    from tests.support.single_files import renamed

    tensors = renamed(published(kind), 2)
    assert utils.infer_diffusers_model_type(tensors) == known
    folder = layouts_folder() / kind
    for part, convert in (("unet", utils.convert_ldm_unet_checkpoint),
                          ("vae", utils.convert_ldm_vae_checkpoint)):  # fmt: skip
        config = json.loads((folder / part / "config.json").read_text("utf-8"))
        found = convert(tensors, config)
        wanted = {key: value.shape for key, value in published(kind)[part].items()}
        assert {key: value.shape for key, value in found.items()} == wanted


@pytest.mark.parametrize(("kind", "best", "title"), [("sd15", 512, "Stable Diffusion in "),
                                                     ("sdxl", 1024, "SDXL in ")])  # fmt: skip
def test_a_file_of_the_published_sizes_is_known(
    kind: str, best: int, title: str, tmp_path: Path
) -> None:
    path = real(tmp_path / "dreamy.safetensors", kind)
    assert path.stat().st_size > 2 * 10**9
    found = read_single_file(path, "toon")
    assert (found.kind, found.in_channels, found.has_vae) == (kind, 4, True)
    told = info_of(path)
    assert told.model == f"{title}dreamy.safetensors"
    assert told.sizes.best_px == best and told.can_guide and told.can_avoid and told.can_edit_region
    real(path, kind, cut=1)
    with pytest.raises(ModelMissing, match="cut short"):
        read_single_file(path, "toon")


def test_relatives_of_other_sizes_are_told_apart(tmp_path: Path) -> None:
    for context, words in ((1024, "is Stable Diffusion 2"), (1280, "the refiner of SDXL"),
                           (640, "with other sizes")):  # fmt: skip
        shapes = {FIRST: [320, 4, 3, 3], WORDS: [320, context]}
        path = hollow(tmp_path / f"{context}.safetensors", shapes)
        with pytest.raises(BackendUnavailable, match=words) as told:
            read_single_file(path, "toon")
        assert told.value.hint
    path = real(tmp_path / "p2p.safetensors", "sd15", **{FIRST: [320, 8, 3, 3]})
    with pytest.raises(BackendUnavailable, match="reads 8 channels"):
        info_of(path)


def test_a_text_encoder_of_the_first_form_is_told(tmp_path: Path) -> None:
    old = "cond_stage_model.transformer.embeddings.position_embedding.weight"
    path = real(tmp_path / "old.safetensors", "sd15", **{old: [77, 768]})
    with pytest.raises(BackendUnavailable, match="in the form of 2022"):
        read_single_file(path, "toon")


def test_the_vocabulary_is_that_of_clip() -> None:
    from llamavis_studio.backends.diffusion.single_loading import clip_tokenizer

    tokenizer = clip_tokenizer()
    assert len(tokenizer) == 49408 and tokenizer.model_max_length == 77
    # The ids of CLIP's own `simple_tokenizer.py`.
    for words, ids in {
        "a photo of a cat": [320, 1125, 539, 320, 2368],
        "a diagram": [320, 22697],
        "hello world!": [3306, 1002, 256],
        "": [],
    }.items():
        assert tokenizer(words).input_ids == [49406, *ids, 49407]
    padded = clip_tokenizer("!")("a cat", padding="max_length").input_ids
    assert padded[:6] == [49406, 320, 2368, 49407, 0, 0] and len(padded) == 77


def test_the_signs_are_those_that_diffusers_looks_for() -> None:
    from llamavis_studio.backends.torchvision_ops import prepare_torchvision

    prepare_torchvision()
    from diffusers.loaders.single_file_utils import CHECKPOINT_KEY_NAMES as KNOWN

    assert _ENCODERS["sd15"]["text_encoder"] == KNOWN["clip"]
    assert _ENCODERS["sdxl"]["text_encoder"] == KNOWN["clip_sdxl"]
    assert _ENCODERS["sdxl"]["text_encoder_2"] == KNOWN["open_clip_sdxl"]
    every = {
        one for named in KNOWN.values() for one in ([named] if isinstance(named, str) else named)
    }
    for model in _MODELS:
        assert every & set(model.signs), model.title


# --- what is something else -----------------------------------------------------------------------

BIG = "model.diffusion_model."
OTHERS: dict[str, tuple[list[str], str, str]] = {
    "flux": (
        ["double_blocks.0.img_attn.norm.key_norm.scale"],
        r"is FLUX in one file, and without its text encoder and image decoder \(VAE\)",
        "llamavis models fetch flux-schnell",
    ),
    "flux of ComfyUI": (
        [f"{BIG}double_blocks.0.img_attn.norm.key_norm.scale", "vae.decoder.conv_in.weight",
         "text_encoders.t5xxl.transformer.shared.weight"],
        "is FLUX in one file; of such files", "llamavis models fetch flux-schnell",
    ),
    "sd3": (
        [f"{BIG}joint_blocks.0.context_block.adaLN_modulation.1.bias", "first_stage_model.x"],
        "is Stable Diffusion 3 in one file, and without its text encoder;", "model_index.json",
    ),
    "z-image": (
        [f"{BIG}layers.0.adaLN_modulation.0.weight", f"{BIG}cap_embedder.0.weight"],
        "is Z-Image", "llamavis models fetch z-image-turbo",
    ),
    "qwen": (["transformer_blocks.0.img_mod.1.weight"], "is Qwen-Image", "fetch qwen-image"),
    "wan": (["head.modulation", "blocks.0.cross_attn.k.weight"], "makes films", "comfyui"),
    "lora": (["lora_unet_down_blocks_0_attentions_0.lora_down.weight"], "is a LoRA", "loras="),
    "lora of peft": (["unet.down_blocks.0.to_k.lora_A.weight"], "is a LoRA", "loras="),
    "lycoris": (["lora_unet_x.hada_w1_a"], "is a LoRA", "loras="),
    "controlnet": (["control_model.time_embed.0.weight"], "is a ControlNet", "that draws"),
    "embedding": (["emb_params"], "is an embedding", "that draws"),
    "vae": (["encoder.conv_in.weight", "decoder.conv_in.weight"], "VAE.* and no UNet", "vae="),
    "text encoder": (["text_model.encoder.layers.0.mlp.fc1.bias"], "text encoder and no", "whole"),
    "part": (["down_blocks.0.resnets.0.conv1.bias", "conv_in.bias"], "one part of", "model_index"),
    "anything": (["layers.0.weight"], "is no model that is known here", "comfyui"),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_something_else_is_called_by_its_name(name: str, tmp_path: Path) -> None:
    keys, words, hint = OTHERS[name]
    path = hollow(tmp_path / "download.safetensors", {key: [2] for key in keys})
    with pytest.raises(LlamaVisError, match=words) as told:
        read_single_file(path, "toon")
    assert hint in told.value.hint and "download.safetensors" in told.value.message


@pytest.mark.parametrize("suffix", [".ckpt", ".pt", ".bin", ".CKPT"])
def test_pickles_are_refused_by_their_name_with_what_to_do(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"model{suffix}"
    path.write_bytes(b"\x80\x02}q\x00.")
    with pytest.raises(ModelMissing, match=r"is a pickle .* never opened") as told:
        read_single_file(path, "toon")
    assert ".safetensors" in told.value.hint


def test_files_that_are_damaged_or_none_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    with pytest.raises(ModelMissing, match="there is no file"):
        read_single_file(path, "toon")
    for data, words in (
        (b"", "is empty"),
        (b"\x80\x02}q\x00.", "is a pickle"),
        (b"PK\x03\x04" + bytes(64), "is a pickle"),
        (b"<!DOCTYPE html><html>sign in</html>", "is a web page"),
        (safetensors({FIRST: tensor(0, 16)}, bytes(8)), "cut short"),
        (safetensors({FIRST: tensor(0, 16)}, bytes(17)), "belong to no tensor"),
    ):
        path.write_bytes(data)
        with pytest.raises(ModelMissing, match=words) as told:
            read_single_file(path, "toon")
        assert told.value.hint
    path.write_bytes(safetensors({FIRST: tensor(0, 16)}, bytes(16)))  # of one side, not four
    with pytest.raises(LlamaVisError, match="other sizes"):
        read_single_file(path, "toon")
    path.unlink()
    path.mkdir()
    with pytest.raises(ModelMissing, match="is not a file"):
        read_single_file(path, "toon")
    with pytest.raises(ModelMissing, match=r"does not end in \.safetensors"):
        read_single_file(tmp_path / "model.gguf", "toon")


def test_a_file_is_read_anew_when_it_changed(tmp_path: Path) -> None:
    path = hollow(tmp_path / "m.safetensors", {FIRST: [320, 4, 3, 3], WORDS: [320, 1024]})
    with pytest.raises(BackendUnavailable, match="Stable Diffusion 2"):
        read_single_file(path, "toon")
    real(path, "sd15")
    assert read_single_file(path, "toon").kind == "sd15"
    path.unlink()
    with pytest.raises(ModelMissing, match="there is no file"):
        read_single_file(path, "toon")
