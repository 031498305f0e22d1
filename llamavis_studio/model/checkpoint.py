"""Weights as safetensors, sizes and records as JSON: save, load, revision, sha256.

A checkpoint is a folder: ``config.json`` (sizes under ``model``, ``revision``, sha256 of every
weights file, how it was trained) and ``model-00001-of-0000N.safetensors`` in fp16. The revision
is the first twelve hex digits of a hash over the sizes and the weights, so equal weights have
equal revisions.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_bytes
from safetensors.torch import save as save_bytes

from llamavis_studio.model.config import ModelConfig, read_config_file
from llamavis_studio.model.unified import LlamaVis

SHARD_BYTES = 15 * 1024 * 1024


class CheckpointError(ValueError):
    """The folder holds no usable weights; the message names the file and what is wrong."""


def save_checkpoint(model: LlamaVis, folder: Path, record: Mapping[str, Any]) -> str:
    """Write the model in fp16 with its training ``record``; answer the revision."""
    folder.mkdir(parents=True, exist_ok=True)
    shards: list[dict[str, torch.Tensor]] = [{}]
    room = SHARD_BYTES
    for name, value in sorted(_shipped(model).items()):
        size = value.numel() * value.element_size()
        if size > room and shards[-1]:
            shards.append({})
            room = SHARD_BYTES
        shards[-1][name] = value
        room -= size
    files = {}
    for number, shard in enumerate(shards, 1):
        name = f"model-{number:05}-of-{len(shards):05}.safetensors"
        data = save_bytes(shard)
        files[name] = hashlib.sha256(data).hexdigest()
        _write(folder / name, data)
    for old in folder.glob("model-*.safetensors"):
        if old.name not in files:
            old.unlink()
    sizes = model.config.to_json()
    revision = hashlib.sha256((sizes + json.dumps(files)).encode()).hexdigest()[:12]
    config = {
        **record,
        "revision": revision,
        "files": files,
        "model": json.loads(sizes),
    }
    text = json.dumps(config, ensure_ascii=False, indent=1) + "\n"
    _write(folder / "config.json", text.encode())
    return revision


def load_checkpoint(folder: Path) -> LlamaVis:
    """The model of a folder in fp32, ready to draw. Raises :class:`CheckpointError`."""
    try:
        config = read_config_file(folder)
        sizes = ModelConfig.from_mapping(config["model"])
        files: Mapping[str, str] = config["files"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{folder / 'config.json'} cannot be used: {error}") from error
    values: dict[str, torch.Tensor] = {}
    for name, expected in files.items():
        try:
            data = (folder / name).read_bytes()
        except OSError as error:
            raise CheckpointError(f"{folder / name} cannot be read: {error.strerror}") from error
        if hashlib.sha256(data).hexdigest() != expected:
            raise CheckpointError(f"{folder / name} is not the file that config.json names")
        try:
            values.update(load_bytes(data))
        except SafetensorError as error:
            raise CheckpointError(f"{folder / name} is not safetensors: {error}") from error
    model = LlamaVis(sizes)
    wanted = set(_shipped(model))
    if set(values) != wanted:
        odd = sorted(wanted.symmetric_difference(values))[0]
        raise CheckpointError(f"{folder}: the weights do not fit the sizes, first at {odd!r}")
    for name, value in values.items():
        if not torch.isfinite(value).all():
            raise CheckpointError(f"{folder}: {name!r} holds values that are not numbers")
    try:
        model.load_state_dict({name: v.float() for name, v in values.items()}, strict=False)
    except RuntimeError as error:
        raise CheckpointError(f"{folder}: the weights do not fit the sizes") from error
    return model.eval().requires_grad_(False)


def _shipped(model: LlamaVis) -> dict[str, torch.Tensor]:
    """Weights in fp16, without what only training needs."""
    return {
        name: value.detach().to("cpu", torch.float16).contiguous()
        for name, value in model.state_dict().items()
        if not name.rpartition(".")[2].startswith(("count", "sum"))
    }


def _write(path: Path, data: bytes) -> None:
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_bytes(data)
    temporary.replace(path)
