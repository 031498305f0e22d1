"""The parts of a checkpoint in one file, converted by diffusers' own ``from_single_file``.

diffusers is given a local folder of configurations, so that it asks no hub. What it leaves open is
checked here: it would go on with a part that lacks some weights, and drop those it has no use for.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import torch

from llamavis_studio.backends.diffusion.checkpoint import Checkpoint
from llamavis_studio.backends.diffusion.single_file import UNET, SingleFile, layouts_folder
from llamavis_studio.backends.pretrained import LOCAL_ONLY
from llamavis_studio.backends.weights import NOTES, read_head, read_json
from llamavis_studio.core.errors import BackendUnavailable, ModelMissing

MERGES = "clip_merges.txt"
_PADDING = {"tokenizer": "<|endoftext|>", "tokenizer_2": "!"}
_PRINTABLE = (*range(33, 127), *range(161, 173), *range(174, 256))
_LONGEST = 77
_NOT_WHOLE = (AttributeError, KeyError, NotImplementedError)
"""What diffusers' converters raise for tensors that are not there."""


def from_single_file(
    name: str,
    checkpoint: Checkpoint,
    single: SingleFile,
    dtype: torch.dtype,
    given: Mapping[str, Any],
) -> Any:
    """The pipeline of a file; ``given`` are parts that take the place of its own.

    Raises ModelMissing where a part lacks weights or has others than its kind; what diffusers
    raises passes.
    """
    import diffusers

    parts = dict(given)
    parts["unet"] = _part(
        name, single, "unet", diffusers.UNet2DConditionModel, dtype, in_channels=single.in_channels
    )
    _check_count(single, parts["unet"])
    if "vae" not in parts:
        parts["vae"] = _part(name, single, "vae", diffusers.AutoencoderKL, dtype)
    tokenizers = [part for part in checkpoint.parts if part in _PADDING]
    pipeline = getattr(diffusers, checkpoint.family.classes[2 if checkpoint.only_inpaints else 0])
    pipe = pipeline.from_single_file(
        str(single.path),
        config=str(single.layout),
        **parts,
        **{part: clip_tokenizer(_PADDING[part]) for part in tokenizers},
        scheduler=_scheduler(checkpoint, single),
        **{dtype_word("diffusers"): dtype},
        **LOCAL_ONLY,
    )
    for part in checkpoint.parts:
        if part.startswith("text_encoder"):
            _refuse_empty(single, part, getattr(pipe, part))
    return pipe


def other_vae(name: str, checkpoint: Checkpoint, path: Path, dtype: torch.dtype) -> Any:
    """The VAE that a record names, in the sizes of the checkpoint's own.

    Raises ModelMissing where it lacks weights or does not fit, BackendUnavailable for a checkpoint
    that has another sort of VAE.
    """
    import diffusers

    if checkpoint.parts.get("vae") != ("diffusers", "AutoencoderKL"):
        raise BackendUnavailable(
            f"the model '{name}' has an image decoder of another sort: it takes no other VAE",
            f"take the option away: llamavis models set {name} vae=",
        )
    try:
        vae = diffusers.AutoencoderKL.from_single_file(
            str(path),
            config=str(checkpoint.folder),
            subfolder="vae",
            **{dtype_word("diffusers"): dtype},
            **LOCAL_ONLY,
        )
    except (*_NOT_WHOLE, ValueError, diffusers.loaders.single_file_utils.SingleFileComponentError):
        vae = None
    if vae is None or _empty(vae):
        raise ModelMissing(
            f"{path.name} is no VAE for the model '{name}', or not a whole one",
            other_vae_hint(name),
        )
    return vae


def other_vae_hint(name: str) -> str:
    """What to do about a VAE that cannot be used."""
    return f"name another: llamavis models set {name} vae=/PATH/TO/VAE.safetensors"


def clip_tokenizer(padding: str = _PADDING["tokenizer"]) -> Any:
    """The tokenizer of CLIP, which SD 1.5 and SDXL share, from the merges that ship.

    Its vocabulary follows from them: 256 bytes, the same as ends of words, then what each merge
    makes, then the marks of begin and end (github.com/openai/CLIP, `simple_tokenizer.py`).
    """
    from transformers import CLIPTokenizer

    lines = (layouts_folder() / MERGES).read_text("utf-8").splitlines()
    merges: list[Any] = [tuple(line.split(" ")) for line in lines if line]
    signs = [chr(code) for code in _PRINTABLE]
    signs += [chr(256 + number) for number in range(256 - len(_PRINTABLE))]
    words = [*signs, *(f"{sign}</w>" for sign in signs), *("".join(merge) for merge in merges)]
    words += ["<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(
        vocab={word: number for number, word in enumerate(words)},
        merges=merges,
        pad_token=padding,
        model_max_length=_LONGEST,
    )


def dtype_word(library: str) -> str:
    """diffusers took over the shorter name of transformers with version 0.42."""
    if library == "transformers":
        return "dtype"
    from diffusers.utils import deprecation_utils

    return "dtype" if hasattr(deprecation_utils, "_resolve_dtype") else "torch_dtype"


def _part(
    name: str, single: SingleFile, part: str, kind: Any, dtype: torch.dtype, **changed: Any
) -> Any:
    """One part by the configuration of its kind, every weight of it. Raises ModelMissing."""
    try:
        model = kind.from_single_file(
            str(single.path),
            config=str(single.layout),
            subfolder=part,
            **changed,
            **{dtype_word("diffusers"): dtype},
            **LOCAL_ONLY,
        )
    except _NOT_WHOLE as error:
        raise _not_whole(single, part) from error
    _refuse_empty(single, part, model)
    return model


def _scheduler(checkpoint: Checkpoint, single: SingleFile) -> Any:
    """The scheduler of its kind, told what the file was taught to predict, and that of the
    published turbo, lightning and LCM models for those that are called so.
    """
    import diffusers

    told = read_json(single.layout / "scheduler" / "scheduler_config.json")
    if single.predicts_velocity:
        told["prediction_type"] = "v_prediction"
    if checkpoint.is_distilled and "lcm" in single.path.stem.casefold():
        told["_class_name"] = "LCMScheduler"
    elif checkpoint.is_distilled or single.zero_snr:
        # Few steps, and betas of zero signal, have to begin at noise alone.
        told |= {"_class_name": "EulerDiscreteScheduler", "timestep_spacing": "trailing"}
        told["rescale_betas_zero_snr"] = single.zero_snr
    return getattr(diffusers, told["_class_name"]).from_config(told)


def _check_count(single: SingleFile, unet: Any) -> None:
    """Refuse a UNet with more weights than its kind has: diffusers would leave them out.

    Each tensor of the original UNet is one of diffusers'. Raises BackendUnavailable.
    """
    head, _start = read_head(single.path)
    held = sum(key.startswith(UNET) for key in head if key != NOTES)
    wanted = len(unet.state_dict())
    if held > wanted:
        raise BackendUnavailable(
            f"{single.path.name} is a relative of Stable Diffusion with {held - wanted} weights "
            "more than it has",
            "take a checkpoint for SD 1.5 or SDXL, or the same model as a folder",
        )


def _refuse_empty(single: SingleFile, part: str, model: Any) -> None:
    if _empty(model):
        raise _not_whole(single, part, _empty(model))


def _empty(model: Any) -> list[str]:
    """The weights of a model that no tensor of the file has filled."""
    named = chain(model.named_parameters(), model.named_buffers())
    return [key for key, value in named if value.is_meta]


def _not_whole(single: SingleFile, part: str, missing: list[str] | None = None) -> ModelMissing:
    few = f" ({len(missing)}, such as {missing[0]})" if missing else ""
    return ModelMissing(
        f"{single.path.name} is not whole: weights of its part '{part}' are missing{few}",
        "take the whole checkpoint, often called 'full', of the same model",
    )
