"""Weights as safetensors, sizes and records as JSON: save, load, revision, sha256.

A checkpoint is a folder: ``config.json`` (sizes under ``model``, ``revision``, sha256 of every
weights file, how it was trained), ``model-00001-of-0000N.safetensors`` in fp16, and often
``memory.safetensors``, the pictures it may look up. The revision is the first twelve hex digits of
a hash over the sizes, the weights, the memory and the ``sampling`` of the record, so equal models
have equal revisions.
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
from llamavis_studio.model.memory import FILE_NAME as MEMORY_FILE
from llamavis_studio.model.memory import Memory, load_memory, save_memory
from llamavis_studio.model.unified import LlamaVis

ARITHMETIC = "3"
"""Counted up when the code draws other pictures from the same weights; part of a revision."""
SHARD_BYTES = 15 * 1024 * 1024


class CheckpointError(ValueError):
    """The folder holds no usable weights; the message names the file and what is wrong."""


def save_checkpoint(
    model: LlamaVis, folder: Path, record: Mapping[str, Any], memory: Memory | None = None
) -> str:
    """Write the model in fp16 with its training ``record`` and memory; answer the revision."""
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
    recalled = {}
    (folder / MEMORY_FILE).unlink(missing_ok=True)
    if memory is not None:
        recalled[MEMORY_FILE] = hashlib.sha256(save_memory(memory, folder).read_bytes()).hexdigest()
    sizes = model.config.to_json()
    # How codes are picked decides the pictures as much as the weights do.
    deciding = sizes + json.dumps(files) + json.dumps(record.get("sampling", {}), sort_keys=True)
    deciding += json.dumps(recalled) if recalled else ""
    deciding += ARITHMETIC
    revision = hashlib.sha256(deciding.encode()).hexdigest()[:12]
    config = {
        **record,
        "revision": revision,
        "files": files,
        "memory": recalled,
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
        files: dict[str, str] = dict(config["files"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise CheckpointError(f"{folder / 'config.json'} cannot be used: {error}") from error
    values: dict[str, torch.Tensor] = {}
    for name, expected in files.items():
        values.update(_read_weights(folder, name, expected))
    model = _new_model(folder, sizes, values)
    wanted = {name: value.shape for name, value in model.state_dict().items() if _ships(name)}
    if set(values) != set(wanted):
        odd = sorted(set(wanted).symmetric_difference(values))[0]
        raise CheckpointError(f"{folder}: the weights do not fit the sizes, first at {odd!r}")
    for name, value in values.items():
        if value.shape != wanted[name]:
            raise CheckpointError(f"{folder}: {name!r} does not have the size that fits the others")
        if not torch.isfinite(value).all():
            raise CheckpointError(f"{folder}: {name!r} holds values that are not numbers")
    model.load_state_dict({name: v.float() for name, v in values.items()}, strict=False)
    return model.eval().requires_grad_(False)


def checkpoint_memory(folder: Path) -> Memory | None:
    """The pictures a checkpoint may look up; None when it has none.

    Raises :class:`CheckpointError` when they are not those that ``config.json`` names, or not
    written in the codes and vectors of its sizes.
    """
    try:
        config = read_config_file(folder)
        recalled = dict(config.get("memory", {}))
        sizes = ModelConfig.from_mapping(config["model"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CheckpointError(f"{folder / 'config.json'} cannot be used: {error}") from error
    if not recalled:
        return None
    _read_file(folder, MEMORY_FILE, str(recalled.get(MEMORY_FILE)))
    try:
        memory = load_memory(folder / MEMORY_FILE)
    except ValueError as error:
        raise CheckpointError(str(error)) from error
    books = torch.tensor(sizes.tokenizer.codebook_sizes)
    fits = memory.codes.shape[2] == len(books) and memory.vectors.shape[1] == sizes.text_width
    if not fits or (memory.codes < 0).any() or (memory.codes >= books).any():
        raise CheckpointError(f"{folder / MEMORY_FILE} does not fit the sizes of the model")
    return memory


def _read_weights(folder: Path, name: str, expected: str) -> dict[str, torch.Tensor]:
    data = _read_file(folder, name, expected)
    try:
        return load_bytes(data)
    except SafetensorError as error:
        raise CheckpointError(f"{folder / name} is not safetensors: {error}") from error


def _read_file(folder: Path, name: str, expected: str) -> bytes:
    """A file of the checkpoint, once its sha256 is the expected one."""
    path = folder / name
    if Path(name).name != name or path.suffix != ".safetensors":
        raise CheckpointError(f"{folder / 'config.json'} names a weights file {name!r}")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror}") from error
    if hashlib.sha256(data).hexdigest() != expected:
        raise CheckpointError(f"{path} is not the file that config.json names")
    return data


def _new_model(folder: Path, sizes: ModelConfig, values: Mapping[str, torch.Tensor]) -> LlamaVis:
    """A model of these sizes, once the weights bear them out: a file may not ask for any memory.

    (The meta device would need no such check, but its first use costs two seconds of imports.)
    """
    try:
        for name, shape in _telling_shapes(sizes).items():
            if name not in values or tuple(values[name].shape) != shape:
                raise ValueError(f"{name!r} should be {shape}")
        return LlamaVis(sizes)
    except (ValueError, TypeError, RuntimeError, ZeroDivisionError, AssertionError) as error:
        raise CheckpointError(f"{folder}: the weights do not fit the sizes: {error}") from error


def _telling_shapes(sizes: ModelConfig) -> dict[str, tuple[int, ...]]:
    """Weights whose shapes, taken together, bound every size that the model allocates by."""
    body, pixels = sizes.backbone, sizes.tokenizer
    last = f"backbone.layers.{body.layers - 1}."
    shapes: dict[str, tuple[int, ...]] = {
        "text_in.weight": (body.width, sizes.text_width),
        "kind_in.weight": (len(sizes.kinds) + 1, body.width),
        "caption.embed.weight": (sizes.caption_vocabulary, body.width),
        last + "self_attn.q_proj.weight": (body.heads * body.head_size, body.width),
        last + "self_attn.k_proj.weight": (body.kv_heads * body.head_size, body.width),
        last + "mlp.gate_proj.weight": (body.hidden, body.width),
        "image_tokenizer.encoder.down.weight": (pixels.coarse_width, pixels.fine_width * 4, 1, 1),
    }
    for depth, size in enumerate(pixels.codebook_sizes):
        shapes[f"heads.out.{depth}.weight"] = (size, body.width)
        shapes[f"image_tokenizer.codebooks.book{depth}"] = (size, pixels.latent_width)
    for part, (outer, inner) in (
        ("encoder", pixels.encoder_blocks),
        ("decoder", pixels.decoder_blocks),
    ):
        for place, count, width in (
            ("fine", outer, pixels.fine_width),
            ("coarse", inner, pixels.coarse_width),
        ):
            name = f"image_tokenizer.{part}.{place}.{count - 1}.mix.weight"
            shapes[name] = (width, width, 1, 1)
    return shapes


def _ships(name: str) -> bool:
    """What only training needs stays behind."""
    return not name.rpartition(".")[2].startswith(("count", "sum"))


def _shipped(model: LlamaVis) -> dict[str, torch.Tensor]:
    """Weights in fp16."""
    return {
        name: value.detach().to("cpu", torch.float16).contiguous()
        for name, value in model.state_dict().items()
        if _ships(name)
    }


def _write(path: Path, data: bytes) -> None:
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_bytes(data)
    temporary.replace(path)
