"""Loads a Janus checkpoint and takes it apart into what drawing and reading need."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from llamavis_studio.backends.devices import (
    choose_device,
    memory,
    prepare_device,
    wanted_device,
)
from llamavis_studio.backends.janus.decoder import Decoder
from llamavis_studio.backends.janus.facts import Facts, folder_of, read_facts
from llamavis_studio.backends.janus.linears import Linear, join
from llamavis_studio.backends.janus.options import JanusOptions
from llamavis_studio.backends.model_records import ModelRecord
from llamavis_studio.backends.out_of_memory import MEMORY_HINT
from llamavis_studio.backends.pretrained import (
    LOCAL_ONLY,
    dtype_for,
    hushed,
    loading,
    quantization_for,
    refuse_gaps,
)
from llamavis_studio.backends.torchvision_ops import prepare_torchvision
from llamavis_studio.backends.weights import check_weights
from llamavis_studio.core.errors import OutOfMemory

_CODES_AT_ONCE = 1024


@dataclass
class Janus:
    """A loaded model.

    Args:
        name: the backend, for messages.
        facts: its sizes.
        decoder: the language model without its last product.
        code_logits: hidden states ``(R, D)`` to logits of codes ``(R, codes)``.
        word_logits: hidden states ``(R, D)`` to logits of tokens ``(R, words)``.
        code_table: ``(codes, D)``, what each code is told to the language model as. The published
            loop sends the last code through two layers at each step; here they are asked once.
        vq: ``JanusVQVAE``: codes to pixels and back.
        see: pixels ``(1, 3, S, S)`` to what the language model reads of them ``(1, tokens, D)``.
        processor: ``JanusProcessor``.
        begin, pad, begin_image, end_image, end: ids of special tokens.
    """

    name: str
    facts: Facts
    decoder: Decoder
    code_logits: Linear
    word_logits: Linear
    code_table: Tensor
    vq: Any
    see: Callable[[Tensor], Tensor]
    processor: Any
    begin: int
    pad: int
    begin_image: int
    end_image: int
    end: int

    @property
    def device(self) -> torch.device:
        """Where it calculates."""
        return self.decoder.device


def load_janus(record: ModelRecord, options: JanusOptions) -> Janus:
    """Read a checkpoint onto the chosen device.

    Raises ModelMissing and BackendUnavailable; errors of memory pass.
    """
    facts, folder = read_facts(record), folder_of(record)
    check_weights(folder, record.name)
    device = choose_device(wanted_device())
    if device == "cpu":
        _refuse_too_large(record.name, folder, options)
    prepare_device(device)
    prepare_torchvision()
    with loading(record.name, folder):
        model, processor = _read(record.name, folder, options, device)
        return taken_apart(record.name, facts, model, processor, _compiles(options, device))


def _refuse_too_large(name: str, folder: Path, options: JanusOptions) -> None:
    """Raise OutOfMemory for weights that the computer's memory does not hold: an operating system
    ends a process that finds out by itself.
    """
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    kept = str(config.get("dtype") or config.get("torch_dtype") or "float32")
    bytes_kept = 2 if kept in ("bfloat16", "float16") else 4
    wanted = 2 if options.precision in ("bfloat16", "float16") else 4
    needed = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    needed = needed * wanted // bytes_kept
    free = memory()[1]
    if free is not None and needed > free:
        raise OutOfMemory(
            f"the model '{name}' takes {needed / 2**30:.1f} GiB of memory, and "
            f"{free / 2**30:.1f} GiB are free",
            f"{MEMORY_HINT}; the precision bfloat16 takes half of it",
        )


def _read(name: str, folder: Path, options: JanusOptions, device: str) -> tuple[Any, Any]:
    from transformers import JanusForConditionalGeneration, JanusProcessor
    from transformers.utils import logging

    quantization = quantization_for(options.precision, device)
    plain = options.precision if quantization is None else "auto"
    place: dict[str, Any] = {}
    if quantization is not None:
        place["quantization_config"] = quantization
    if device != "cpu" and find_spec("accelerate") is not None:
        place["device_map"] = {"": device}  # straight onto the card, not through the memory
    with hushed(logging, logging.get_verbosity()):
        loaded: Any = JanusForConditionalGeneration.from_pretrained(
            folder, dtype=dtype_for(plain, device), use_safetensors=True,
            output_loading_info=True, **place, **LOCAL_ONLY,
        )  # fmt: skip
    model, told = loaded
    refuse_gaps(name, told)
    if not place:
        model.to(device)
    return model.eval(), JanusProcessor.from_pretrained(folder, **LOCAL_ONLY)


def _compiles(options: JanusOptions, device: str) -> bool:
    """Whether a step is compiled: a processor's packed products are faster than what that gives."""
    if options.compile != "auto":
        return options.compile == "on"
    return device.startswith("cuda") and find_spec("triton") is not None


@torch.inference_mode()
def taken_apart(name: str, facts: Facts, model: Any, processor: Any, compiled: bool) -> Janus:
    """What drawing and reading need of a `JanusForConditionalGeneration`, which is of no use
    afterwards. ``compiled``: see `Decoder`.
    """
    inner, tokenizer = model.model, processor.tokenizer
    generation = model.generation_config
    embeddings = inner.generation_embeddings.weight
    table = [inner.generation_aligner(part) for part in embeddings.split(_CODES_AT_ONCE)]
    on_processor = embeddings.device.type == "cpu"
    project = join([inner.generation_head.proj_out], on_processor)
    choose = join([inner.generation_head.vision_head], on_processor)
    act = inner.generation_head.activation_fn
    vision, aligner = inner.vision_model, inner.aligner
    decoder = Decoder(inner.language_model, compiled)
    # Its weight is often that of the embeddings as well, and is then not to be held twice.
    words = join([model.lm_head], pack=False)

    def ids(token: str | None, otherwise: int | None) -> int:
        found = otherwise if token is None else tokenizer.convert_tokens_to_ids(token)
        if found is None:
            raise ValueError("its tokenizer lacks a special token that Janus needs")
        return int(found)

    return Janus(
        name=name,
        facts=facts,
        decoder=decoder,
        code_logits=lambda hidden: choose(act(project(hidden))),
        word_logits=words,
        code_table=torch.cat(table).to(decoder.dtype),
        # Pixels in bfloat16 show bands, and float16 may run over; it is small.
        vq=inner.vqmodel.float(),
        see=lambda pixels: aligner(vision(pixels.to(decoder.dtype)).last_hidden_state),
        processor=processor,
        begin=ids(tokenizer.bos_token, generation.bos_token_id),
        pad=ids(tokenizer.pad_token, generation.pad_token_id),
        begin_image=ids(processor.image_start_token, None),
        end_image=ids(processor.image_end_token, None),
        end=ids(tokenizer.eos_token, None),
    )
