"""From a folder to a model and its processor. Imported once a captioner is loaded."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch

from llamavis_studio.backends.captioner.checkpoint import Checkpoint
from llamavis_studio.backends.captioner.families import FAMILIES, Family
from llamavis_studio.backends.captioner.options import CaptionerOptions
from llamavis_studio.backends.captioner.packing import pack_linears
from llamavis_studio.backends.devices import choose_device, prepare_device, wanted_device
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
from llamavis_studio.core.errors import BackendUnavailable, ModelMissing

EXPECTED_PX = 448
"""The side that a model looks at, where its processor names none."""


@dataclass(frozen=True)
class Captioner:
    """A loaded checkpoint.

    ``ends`` are the tokens that end an answer, ``expected_px`` the side that the model looks at,
    ``most_ratio`` how long the shape of an image may be.
    """

    name: str
    family: Family
    model: Any
    processor: Any
    device: str
    dtype: torch.dtype
    ends: frozenset[int]
    expected_px: int
    most_ratio: float


def load_captioner(name: str, checkpoint: Checkpoint, options: CaptionerOptions) -> Captioner:
    """Read a checkpoint onto the device of the setting.

    Raises BackendUnavailable for an architecture that is no captioner, before a weight is read,
    and ModelMissing for files that are missing, broken or pickled, or of another model.
    """
    prepare_torchvision()
    device = choose_device(wanted_device())
    prepare_device(device)
    import transformers

    _refuse_other_models(name, checkpoint)
    check_weights(checkpoint.folder, name)
    quantized = quantization_for(options.precision, device)
    dtype = dtype_for(options.precision, device)
    placed = {"quantization_config": quantized, "device_map": {"": device}} if quantized else {}
    with quiet(), loading(name, checkpoint.folder):
        # Saying that no code may be run keeps transformers from asking on the terminal.
        common = {**LOCAL_ONLY, "trust_remote_code": False}
        processor = transformers.AutoProcessor.from_pretrained(checkpoint.folder, **common)
        classes: Any = transformers.AutoModelForImageTextToText
        model, told = classes.from_pretrained(
            checkpoint.folder, dtype=dtype, use_safetensors=True, output_loading_info=True,
            ignore_mismatched_sizes=True,  # `refuse_gaps` names them
            **placed, **common,
        )  # fmt: skip
        refuse_gaps(name, told)
        _refuse_wordless(name, model, processor)
        if not quantized:
            model = model.to(device)
        model.eval()
        if device == "cpu" and not quantized and checkpoint.family in FAMILIES:
            pack_linears(model)  # of an unknown architecture nobody knows what else it does to them
        _settle(model)
        _pad_for_batches(model, processor)
    expected_px, most_ratio = _expected(processor)
    return Captioner(
        name, checkpoint.family, model, processor, device, dtype, _ends(model, processor),
        expected_px, most_ratio,
    )  # fmt: skip


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """transformers says nothing and draws no bars: the terminal belongs to the user."""
    from transformers.utils import logging as log

    with hushed(log, logging.ERROR):
        yield


def _refuse_other_models(name: str, checkpoint: Checkpoint) -> None:
    """A language model alone, an image classifier or an unknown architecture is no captioner."""
    from transformers.models.auto.modeling_auto import (
        MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES as CLASSES,
    )

    wanted = CLASSES.get(checkpoint.model_type)
    classes = {wanted} if isinstance(wanted, str) else set(wanted or ())
    found = checkpoint.architectures or tuple(classes)
    if classes and classes.intersection(found):
        return
    what = ", ".join(checkpoint.architectures) or checkpoint.model_type or "of no known kind"
    raise BackendUnavailable(
        f"the model '{name}' describes no images: it is {what}",
        "take a checkpoint for image-text-to-text, such as one of BLIP, Florence-2, SmolVLM or "
        "Qwen-VL",
    )


def _refuse_wordless(name: str, model: Any, processor: Any) -> None:
    """transformers makes a tokenizer without words where its files are missing."""
    words, rows = len(tokenizer_of(processor)), model.get_input_embeddings().weight.shape[0]
    if 2 * words < rows:
        raise ModelMissing(
            f"the tokenizer of the model '{name}' knows {words} of {rows} tokens: its files are "
            "missing or of another model",
            f"compare its files with 'llamavis models verify {name}', or fetch it again",
        )


def _settle(model: Any) -> None:
    """Greedy from here on: of all that a checkpoint says about drawing words at random and about
    beams nothing stays, what it says about repetition does.
    """
    text_part = getattr(model, "text_decoder", None)
    for part in filter(None, (model, text_part)):
        settings = getattr(part, "generation_config", None)
        if settings is None:
            continue
        settings.do_sample = False
        settings.num_beams = 1
        for key in ("temperature", "top_p", "top_k", "min_p", "typical_p", "length_penalty"):
            setattr(settings, key, None)
        settings.early_stopping = None
        settings.max_length = None


def _pad_for_batches(model: Any, processor: Any) -> None:
    """Models that go on with the text itself are padded on the left, so that all go on from the
    same place; every batch needs something to pad with.
    """
    tokenizer = tokenizer_of(processor)
    if not model.config.is_encoder_decoder:
        tokenizer.padding_side = "left"
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token


def tokenizer_of(processor: Any) -> Any:
    """The part of a processor that reads words."""
    return getattr(processor, "tokenizer", processor)


def _ends(model: Any, processor: Any) -> frozenset[int]:
    tokenizer = tokenizer_of(processor)
    text = model.config.get_text_config(decoder=True)
    settings = getattr(model, "generation_config", None)
    found: set[int] = set()
    for one in (
        getattr(settings, "eos_token_id", None),
        tokenizer.eos_token_id,
        getattr(text, "eos_token_id", None),
        getattr(text, "sep_token_id", None),  # what BLIP ends with
    ):
        found.update(one if isinstance(one, list | tuple) else [one] if one is not None else [])
    return frozenset(map(int, found))


def _expected(processor: Any) -> tuple[int, float]:
    """The side in pixels that a processor makes of an image, and the longest shape it likes.

    One that squashes each image into a square was taught on photographs: up to 2 to 1. Qwen-VL
    takes any shape up to 200 to 1, and at 16 to 1 there is still something to be seen.
    """
    images = getattr(processor, "image_processor", processor)
    sides = [_side(images, "size", key) for key in ("height", "width")]
    if all(sides):
        return min(sides), 2.0
    return _side(images, "max_image_size", "longest_edge") or EXPECTED_PX, 16.0


def _side(images: Any, setting: str, key: str) -> int:
    """One number of a processor's setting, which may be a dict or an object; 0 without it."""
    size = getattr(images, setting, None) or {}
    value = size.get(key) if isinstance(size, dict) else getattr(size, key, None)
    return int(value or 0)
