"""Safetensors files that are no checkpoint of Stable Diffusion, told apart by the names of their
tensors, so that a user hears what the file is and what it is good for.

The signs are those of `CHECKPOINT_KEY_NAMES` in diffusers' `loaders/single_file_utils.py`, and for
LoRAs and embeddings those that kohya's and A1111's programs write.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from llamavis_studio.core.errors import BackendUnavailable, ModelMissing

_UNET_SIGN = "model.diffusion_model.input_blocks.0.0.weight"
_PREFIX = "model.diffusion_model."


@dataclass(frozen=True)
class _Model:
    """A model that draws from words, in one file. ``fetch`` is a known model of its family."""

    title: str
    signs: tuple[str, ...]
    fetch: str = ""


_MODELS = (
    _Model("Chroma", ("distilled_guidance_layer.in_proj.bias",)),
    _Model("FLUX.2", ("single_stream_modulation.lin.weight",)),
    _Model("FLUX", ("double_blocks.0.img_attn.norm.key_norm.scale",), "flux-schnell"),
    _Model("Stable Diffusion 3", ("joint_blocks.0.context_block.adaLN_modulation.1.bias",)),
    _Model("Z-Image", ("layers.0.adaLN_modulation.0.weight",), "z-image-turbo"),
    _Model("Lumina", ("cap_embedder.0.weight",)),
    _Model("Qwen-Image", ("txt_in.text_norm.weight", "transformer_blocks.0.img_mod.1.weight"),
           "qwen-image"),
    _Model("Wan, which makes films", ("head.modulation",)),
    _Model("HiDream", ("double_stream_blocks.0.block.adaLN_modulation.1.bias",)),
    _Model("AuraFlow", ("double_layers.0.attn.w1q.weight",)),
)  # fmt: skip
_LORA_SIGNS = ("lora_", ".lora", "lokr_", "hada_", "dora_scale")
_CONTROL_SIGNS = ("control_model.", "controlnet_cond_embedding.", "input_hint_block.")
_EMBEDDINGS = frozenset({"emb_params", "clip_l", "clip_g", "string_to_param"})
_ENCODER_SIGNS = ("text_model.", "text_encoders.", "conditioner.", "cond_stage_model.")
_DECODER_SIGNS = ("first_stage_model.", "vae.", "decoder.conv_in.")
_FOLDER_SIGNS = ("down_blocks.", "up_blocks.", "transformer_blocks.", "single_transformer_blocks.")


def check_is_stable_diffusion(name: str, keys: Set[str]) -> None:
    """Refuse a file whose UNet is not that of Stable Diffusion by the original names.

    Args:
        name: the file's name, for messages.
        keys: the names of its tensors.

    Raises BackendUnavailable for what is something else, ModelMissing for a checkpoint of Stable
    Diffusion without its UNet.
    """
    if _UNET_SIGN in keys:
        return
    if _any_has(keys, _LORA_SIGNS):
        raise BackendUnavailable(
            f"{name} is a LoRA: it changes how another model draws and draws nothing by itself",
            "give it to a model of the same kind: llamavis models set MODEL "
            "'loras=[{file=\"/PATH/TO/LORA.safetensors\"}]'",
        )
    if _any_begins(keys, _CONTROL_SIGNS):
        raise BackendUnavailable(
            f"{name} is a ControlNet, which guides another model and draws nothing by itself",
            "name the checkpoint that draws",
        )
    if keys <= _EMBEDDINGS:
        raise BackendUnavailable(
            f"{name} is an embedding: words for another model, which draws nothing by itself",
            "name the checkpoint that draws",
        )
    _refuse_other_models(name, keys)
    _refuse_single_parts(name, keys)
    raise BackendUnavailable(
        f"{name} is no model that is known here: of checkpoints in one file, Stable Diffusion 1.5 "
        "and SDXL can be used",
        "look for the same model as a folder with model_index.json, or add a ComfyUI server that "
        "has it: llamavis models add --comfyui URL",
    )


def _refuse_other_models(name: str, keys: Set[str]) -> None:
    """Raise BackendUnavailable for models that are used as folders, or not at all."""
    for model in _MODELS:
        if not any(sign in keys or f"{_PREFIX}{sign}" in keys for sign in model.signs):
            continue
        lacking = [] if _any_begins(keys, ("text_encoders.",)) else ["text encoder"]
        lacking += [] if _any_begins(keys, _DECODER_SIGNS) else ["image decoder (VAE)"]
        held = "" if not lacking else f", and without its {' and '.join(lacking)}"
        way = "add the whole model as a folder with model_index.json"
        if model.fetch:
            way = f"fetch the whole model: llamavis models fetch {model.fetch}"
        raise BackendUnavailable(
            f"{name} is {model.title} in one file{held}; of such files, Stable Diffusion 1.5 and "
            "SDXL can be used",
            f"{way}; or draw with it through ComfyUI: llamavis models add --comfyui URL",
        )


def _refuse_single_parts(name: str, keys: Set[str]) -> None:
    """Raise for one part of a checkpoint."""
    if _any_begins(keys, _FOLDER_SIGNS) and not _any_begins(keys, _DECODER_SIGNS):
        raise BackendUnavailable(
            f"{name} is one part of a checkpoint that is a folder",
            "name the folder that holds model_index.json",
        )
    if _any_begins(keys, ("decoder.", "first_stage_model.", "vae.")):
        raise ModelMissing(
            f"{name} holds an image decoder (VAE) and no UNet, which is the part that draws",
            "name the checkpoint, and this file as its VAE: llamavis models add CHECKPOINT "
            "--option vae=/PATH/TO/VAE.safetensors",
        )
    if _any_begins(keys, _ENCODER_SIGNS):
        raise ModelMissing(
            f"{name} holds a text encoder and no UNet, which is the part that draws",
            "name the whole checkpoint",
        )


def _any_begins(keys: Set[str], signs: tuple[str, ...]) -> bool:
    return any(key.startswith(signs) for key in keys)


def _any_has(keys: Set[str], signs: tuple[str, ...]) -> bool:
    return any(sign in key for key in keys for sign in signs)
