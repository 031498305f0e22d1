"""Checkpoint folders of diffusers written as one file with the names of the original Stable
Diffusion code, as Civitai and A1111 hold them: diffusers' own conversion, turned round.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

Tensors = dict[str, torch.Tensor]
UNET, VAE = "model.diffusion_model.", "first_stage_model."
_RESNET = {
    "norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0", "conv2": "out_layers.3", "conv_shortcut": "skip_connection",
}  # fmt: skip
_AROUND = {
    "time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0", "add_embedding.linear_2": "label_emb.0.2",
    "conv_in": "input_blocks.0.0", "conv_norm_out": "out.0", "conv_out": "out.2",
}  # fmt: skip
_OPEN_CLIP = {
    "layer_norm1": "ln_1", "layer_norm2": "ln_2", "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj",
    "self_attn.out_proj": "attn.out_proj",
}  # fmt: skip


def as_single_file(folder: Path, path: Path, notes: Mapping[str, str] | None = None) -> Path:
    """Write the weights of an SD 1.5 or SDXL folder into one file."""
    save_file(
        {key: value.contiguous() for key, value in single_tensors(folder).items()},
        path,
        {"format": "pt", **(notes or {})},
    )
    return path


def single_tensors(folder: Path) -> Tensors:
    """The weights of a folder by their original names."""
    parts = {path.parent.name: load_file(path) for path in sorted(folder.glob("*/*.safetensors"))}
    layers = json.loads((folder / "unet" / "config.json").read_text("utf-8"))["layers_per_block"]
    return renamed(parts, layers)


def renamed(parts: Mapping[str, Tensors], layers: int) -> Tensors:
    """The weights of each part by their original names; `layers` are those of a UNet's block."""
    found = dict(_unet(parts["unet"], layers)) | dict(_vae(parts["vae"]))
    if "text_encoder_2" not in parts:
        return found | dict(_clip(parts["text_encoder"], "cond_stage_model.transformer."))
    found |= dict(_clip(parts["text_encoder"], "conditioner.embedders.0.transformer."))
    return found | dict(_open_clip(parts["text_encoder_2"], "conditioner.embedders.1.model."))


def _unet(weights: Tensors, layers: int) -> Iterator[tuple[str, torch.Tensor]]:
    for key, value in weights.items():
        yield UNET + _unet_name(key, layers, weights), value


def _unet_name(key: str, layers: int, weights: Tensors) -> str:
    for stem, other in _AROUND.items():
        if key.startswith(f"{stem}."):
            return key.replace(stem, other, 1)
    sort, *rest = key.split(".")
    if sort == "mid_block":
        kind, at, tail = rest[0], int(rest[1]), ".".join(rest[2:])
        place = f"middle_block.{2 * at if kind == 'resnets' else 1}"
        return f"{place}.{_resnet(tail) if kind == 'resnets' else tail}"
    block, kind, at, tail = int(rest[0]), rest[1], int(rest[2]), ".".join(rest[3:])
    if sort == "down_blocks":
        first = 1 + block * (layers + 1)
        if kind == "downsamplers":
            return f"input_blocks.{first + layers}.0.op.{tail.removeprefix('conv.')}"
        within = "0" if kind == "resnets" else "1"
        return f"input_blocks.{first + at}.{within}.{_resnet(tail) if within == '0' else tail}"
    first = block * (layers + 1)
    if kind == "upsamplers":
        has_attention = any(one.startswith(f"up_blocks.{block}.attentions.") for one in weights)
        return f"output_blocks.{first + layers}.{2 if has_attention else 1}.{tail}"
    within = "0" if kind == "resnets" else "1"
    return f"output_blocks.{first + at}.{within}.{_resnet(tail) if within == '0' else tail}"


def _resnet(tail: str) -> str:
    stem, _, last = tail.rpartition(".")
    return f"{_RESNET[stem]}.{last}"


def _vae(weights: Tensors) -> Iterator[tuple[str, torch.Tensor]]:
    levels = 1 + max(int(m[1]) for m in map(re.compile(r"decoder\.up_blocks\.(\d+)").match, weights)
                     if m)  # fmt: skip
    for key, value in weights.items():
        name = re.sub(r"down_blocks\.(\d+)\.resnets\.", r"down.\1.block.", key)
        name = re.sub(r"down_blocks\.(\d+)\.downsamplers\.0\.", r"down.\1.downsample.", name)
        up = re.match(r"decoder\.up_blocks\.(\d+)\.(resnets|upsamplers)\.", name)
        if up is not None:
            level = levels - 1 - int(up[1])
            tail = name[up.end() :]
            name = f"decoder.up.{level}.block.{tail}"
            if up[2] == "upsamplers":
                name = f"decoder.up.{level}.upsample.{tail.removeprefix('0.')}"
        name = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", name)
        if "mid_block.attentions.0." in name:
            name = name.replace("mid_block.attentions.0.", "mid.attn_1.")
            for new, old in (("group_norm", "norm"), ("to_out.0", "proj_out"), ("to_q", "q"),
                             ("to_k", "k"), ("to_v", "v")):  # fmt: skip
                name = name.replace(f"attn_1.{new}.", f"attn_1.{old}.")
            if value.ndim == 2:
                value = value[:, :, None, None]  # these were convolutions of one pixel
        name = name.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
        yield VAE + name, value


def _clip(weights: Tensors, prefix: str) -> Iterator[tuple[str, torch.Tensor]]:
    for key, value in weights.items():
        yield f"{prefix}text_model.{key.removeprefix('text_model.')}", value
    yield f"{prefix}text_model.embeddings.position_ids", torch.arange(77)[None]


def _open_clip(weights: Tensors, prefix: str) -> Iterator[tuple[str, torch.Tensor]]:
    weights = {key.removeprefix("text_model."): value for key, value in weights.items()}
    plain = {
        "embeddings.token_embedding.weight": "token_embedding.weight",
        "embeddings.position_embedding.weight": "positional_embedding",
        "final_layer_norm.weight": "ln_final.weight",
        "final_layer_norm.bias": "ln_final.bias",
    }
    for key, value in weights.items():
        layer = re.match(r"encoder\.layers\.(\d+)\.(.+)\.(weight|bias)$", key)
        if layer is None:
            if key == "text_projection.weight":
                yield f"{prefix}text_projection", value.T
            else:
                yield prefix + plain[key], value
        elif layer[2] in _OPEN_CLIP:
            name = f"transformer.resblocks.{layer[1]}.{_OPEN_CLIP[layer[2]]}.{layer[3]}"
            yield prefix + name, value
        elif layer[2] == "self_attn.q_proj":
            three = [weights[key.replace("q_proj", f"{one}_proj")] for one in "qkv"]
            name = f"transformer.resblocks.{layer[1]}.attn.in_proj_{layer[3]}"
            yield prefix + name, torch.cat(three)
    yield f"{prefix}logit_scale", torch.tensor(4.6)
