"""A style: what a user's own pictures teach the model, in one small file beside its weights.

Each matrix of the backbone and of the heads gets a change of low rank, ``up @ down`` (LoRA, Hu et
al. 2021), which is added to it while pictures of the style are drawn and taken away afterwards, to
the bit. The file also holds the user's pictures as codes, so that a prompt finds them before those
of the model's own memory: that carries most of a look at once.

``NAME.safetensors``: ``NAME.down (r, inputs)`` and ``NAME.up (outputs, r)`` in fp16 for each
matrix, ``codes (N, P, depth)`` int16 and ``vectors (N, E)`` fp16 of the pictures. Its notes, each a
JSON text, say which revision of the model it was taught on: it fits no other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as save_bytes
from torch import Tensor, nn

from llamavis_studio.model.memory import Memory, in_order
from llamavis_studio.model.unified import LlamaVis

RANK = 8
OWN_FAVOUR = 2.0
"""Cosine that a picture of the style is worth more than one of the model's memory: all that there
is, since pictures of another look bring that look along. Only where kinds part (a texture in a
style of sprites) is the model's own looked up."""
MOST_GUIDANCE = 20.0
_FORMAT = "llamavis-style-1"


class AdapterError(ValueError):
    """The file holds no style that this model can draw in; the message says what is wrong."""


@dataclass(frozen=True)
class Adapter:
    """A style in memory; ``base`` is the revision of the model it was taught on."""

    base: str
    name: str
    matrices: Mapping[str, tuple[Tensor, Tensor]]  # name: down (r, inputs), up (outputs, r)
    pictures: Memory | None  # None when none is of the memory's grid
    record: Mapping[str, Any]  # how it was taught
    guidance_scale: float = 2.0
    """How much the style insists on the words: what both sides of guidance share, as they do its
    look, is lost by insisting more."""

    def memory_beside(self, memory: Memory | None) -> Memory | None:
        """The style's pictures before those of the model's own memory."""
        own = self.pictures
        if own is None:
            return memory
        favour = torch.full((len(own.kinds),), OWN_FAVOUR)
        if memory is None or memory.grid != own.grid:
            return replace(own, favour=favour)
        return Memory(
            own.grid,
            torch.cat([own.codes, memory.codes]),
            torch.cat([own.vectors, memory.vectors]),
            own.kinds + memory.kinds,
            own.names + memory.names,
            F.pad(favour, (0, len(memory.kinds))),
            None if memory.plain is None else torch.cat([own.vectors, memory.plain]),
            None if memory.seam is None else F.pad(memory.seam, (len(own.kinds), 0), value=1.0),
        )


class LowRank(nn.Module):
    """What is added to the output of one matrix: ``up @ down``, nothing at first."""

    def __init__(self, matrix: nn.Linear, generator: torch.Generator) -> None:
        super().__init__()
        inputs, outputs = matrix.in_features, matrix.out_features
        start = torch.randn(RANK, inputs, generator=generator) * inputs**-0.5
        self.down = nn.Parameter(start)
        self.up = nn.Parameter(torch.zeros(outputs, RANK))

    def forward(self, x: Tensor) -> Tensor:
        """``(..., inputs)`` to ``(..., outputs)``."""
        return F.linear(F.linear(x, self.down), self.up)


class LowRanks(nn.Module):
    """One :class:`LowRank` for each matrix that a style changes."""

    def __init__(self, model: LlamaVis, seed: int = 0) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        for name, matrix in style_matrices(model).items():
            self.add_module(_key(name), LowRank(matrix, generator))

    def at(self, name: str) -> LowRank:
        """The change of one matrix, by its name in the model."""
        found = self.get_submodule(_key(name))
        assert isinstance(found, LowRank)
        return found

    @contextmanager
    def attached(self, model: LlamaVis) -> Iterator[None]:
        """The model answers as if changed; gradients reach these parameters alone."""
        handles = []
        for name, matrix in style_matrices(model).items():
            part = self.at(name)

            def changed(
                _matrix: nn.Module, inputs: tuple[Tensor], out: Tensor, part: LowRank = part
            ) -> Tensor:
                return out + part(inputs[0])

            handles.append(matrix.register_forward_hook(changed))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def matrices(self, model: LlamaVis) -> dict[str, tuple[Tensor, Tensor]]:
        """What :class:`Adapter` holds, as the file will give it back."""
        found = {}
        for name in style_matrices(model):
            part = self.at(name)
            down, up = (p.detach().cpu().half().float() for p in (part.down, part.up))
            found[name] = (down, up)
        return found


def style_matrices(model: LlamaVis) -> dict[str, nn.Linear]:
    """Every matrix that a style changes, by name."""
    return {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear) and name.startswith(("backbone.", "heads."))
    }


@contextmanager
def in_style(model: LlamaVis, adapter: Adapter) -> Iterator[None]:
    """The model draws in the style inside, and exactly as before after it.

    Matrices keep how they lie in memory, which decides how fast they draw. Raises as
    :func:`check_fit`.
    """
    found = style_matrices(model)
    check_fit(model, adapter)
    originals = {name: matrix.weight for name, matrix in found.items()}
    try:
        for name, (down, up) in adapter.matrices.items():
            # A clone of a dense matrix keeps its strides, and the sum is formed in place.
            changed = originals[name].detach().clone()
            changed.addmm_(up.to(changed.device), down.to(changed.device))
            found[name].weight = nn.Parameter(changed, requires_grad=False)
        yield
    finally:
        for name, weight in originals.items():
            found[name].weight = weight


def check_fit(model: LlamaVis, adapter: Adapter) -> None:
    """Raises :class:`AdapterError` when the style does not fit the model's sizes."""
    found = style_matrices(model)
    for name, (down, up) in adapter.matrices.items():
        matrix = found.get(name)
        shape = (up.shape[0], down.shape[1]) if down.dim() == up.dim() == 2 else ()
        if matrix is None or shape != tuple(matrix.weight.shape) or down.shape[0] != up.shape[1]:
            raise AdapterError(f"the style {adapter.name!r} does not fit the model at {name!r}")
    own = adapter.pictures
    if own is None:
        return
    sizes = torch.tensor(model.config.tokenizer.codebook_sizes)
    if (
        own.codes.shape[2] != len(sizes)
        or own.vectors.shape[1] != model.config.text_width
        or bool((own.codes < 0).any())
        or bool((own.codes >= sizes).any())
    ):
        raise AdapterError(f"the pictures of the style {adapter.name!r} do not fit the model")


def save_adapter(adapter: Adapter, path: Path) -> None:
    """Write the one file; what stood there is replaced in one step."""
    values: dict[str, Tensor] = {}
    for name, (down, up) in adapter.matrices.items():
        values[f"{name}.down"] = down.to(torch.float16).contiguous()
        values[f"{name}.up"] = up.to(torch.float16).contiguous()
    own = adapter.pictures
    if own is not None:
        values["codes"] = own.codes.to(torch.int16).contiguous()
        values["vectors"] = own.vectors.to(torch.float16).contiguous()
    notes = {
        "format": _FORMAT,
        "base": adapter.base,
        "name": adapter.name,
        "grid": [] if own is None else list(own.grid),
        "kinds": [] if own is None else list(own.kinds),
        "names": [] if own is None else list(own.names),
        "record": dict(adapter.record),
        "guidance_scale": adapter.guidance_scale,
        "sha256": _digest(values),
    }
    temporary = path.with_name(path.name + ".tmp")
    told = {key: json.dumps(value, ensure_ascii=False) for key, value in notes.items()}
    temporary.write_bytes(in_order(save_bytes(values, told)))
    temporary.replace(path)


def load_adapter(path: Path, revision: str) -> Adapter:
    """Read a style for the model of ``revision``. Raises :class:`AdapterError`."""
    try:
        with safe_open(path, framework="pt") as file:
            notes = {key: json.loads(text) for key, text in (file.metadata() or {}).items()}
            if notes["format"] != _FORMAT:
                raise ValueError("it was written by another version of the studio")
            values = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if notes["sha256"] != _digest(values):
            raise ValueError("its contents are not those that were written")
        if not all(v.isfinite().all() for v in values.values()):
            raise ValueError("it holds values that are not numbers")
        pictures = _pictures(values, notes)
        matrices = {
            name.removesuffix(".down"): (value.float(), values[f"{name[:-5]}.up"].float())
            for name, value in values.items()
            if name.endswith(".down")
        }
        adapter = Adapter(
            str(notes["base"]),
            str(notes["name"]),
            matrices,
            pictures,
            dict(notes["record"]),
            float(notes["guidance_scale"]),
        )
        if not 0 <= adapter.guidance_scale <= MOST_GUIDANCE:
            raise ValueError(f"its guidance scale is {adapter.guidance_scale}")
    except FileNotFoundError as error:
        raise AdapterError(f"there is no file {path.name}") from error
    except (OSError, SafetensorError, RecursionError) as error:
        raise AdapterError(f"{path.name} is no style, or is cut short: {error}") from error
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise AdapterError(f"{path.name} is no style: {error}") from error
    if adapter.base != revision:
        raise AdapterError(
            f"the style {adapter.name!r} was taught on another revision of the model: "
            f"{adapter.base}, not {revision}"
        )
    return adapter


def _pictures(values: Mapping[str, Tensor], notes: Mapping[str, Any]) -> Memory | None:
    if "codes" not in values:
        return None
    codes, vectors = values["codes"], values["vectors"].float()
    height, width = (int(side) for side in notes["grid"])
    kinds, names = (tuple(map(str, notes[key])) for key in ("kinds", "names"))
    counts = {len(codes), len(vectors), len(kinds), len(names)}
    if len(counts) != 1 or codes.dim() != 3 or codes.shape[1] != height * width:
        raise ValueError("its parts do not fit together")
    if codes.dtype != torch.int16 or vectors.dim() != 2 or not len(codes):
        raise ValueError("its pictures cannot be used")
    return Memory((height, width), codes, F.normalize(vectors, dim=1), kinds, names)


def _digest(values: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name, value in sorted(values.items()):
        digest.update(f"{name} {tuple(value.shape)} {value.dtype};".encode())
        digest.update(value.contiguous().numpy().tobytes())
    return digest.hexdigest()


def _key(name: str) -> str:
    return name.replace(".", "/")
