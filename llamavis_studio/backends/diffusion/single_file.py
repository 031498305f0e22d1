"""Checkpoints in one file, as Civitai, A1111, ComfyUI and Krita hold them: what the head of the
file tells, without reading a weight.

    model.diffusion_model.*          the UNet           first_stage_model.*       the VAE
    cond_stage_model.transformer.*   CLIP of SD 1.5     conditioner.embedders.*   CLIPs of SDXL

These are the names of the original Stable Diffusion code. Such a file says nothing of the sizes of
its parts, its scheduler or its vocabulary: those are in `resources/models/layouts`, a folder for
each kind, so that nothing is asked of a hub. Which key means which kind follows
`CHECKPOINT_KEY_NAMES` in diffusers' `loaders/single_file_utils.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from llamavis_studio.backends.diffusion.other_files import check_is_stable_diffusion
from llamavis_studio.backends.weights import NOTES, PICKLES, SUFFIX, read_head, read_json
from llamavis_studio.core.errors import BackendUnavailable, ModelMissing
from llamavis_studio.core.resources import resource_path

UNET = "model.diffusion_model."
FIRST_LAYER = f"{UNET}input_blocks.0.0.weight"
_SIZE_EMBEDDING = f"{UNET}label_emb.0.0.weight"
"""SDXL is told the size of its picture; Stable Diffusion 1 and 2 are not."""
_CLIP = "text_model.embeddings.position_embedding.weight"
_OLD_CLIP = "cond_stage_model.transformer.embeddings."
_VAE_SIGNS = ("first_stage_model.decoder.conv_in.weight", "vae.decoder.conv_in.weight")
_ENCODERS: Mapping[str, Mapping[str, str]] = {
    "sd15": {"text_encoder": f"cond_stage_model.transformer.{_CLIP}"},
    "sdxl": {
        "text_encoder": f"conditioner.embedders.0.transformer.{_CLIP}",
        "text_encoder_2": "conditioner.embedders.1.model.positional_embedding",
    },
}
"""A tensor of each text encoder, by which diffusers finds it too."""
_TITLES = {
    "text_encoder": "text encoder",
    "text_encoder_2": "second text encoder",
    "vae": "image decoder (VAE)",
}
_SCALED = ("scaled_fp8", "scale_weight", "weight_scale", "scale_input")
"""Ends of names by which 8-bit files keep scales beside their numbers."""


@dataclass(frozen=True)
class SingleFile:
    """One file that is a whole checkpoint.

    Args:
        path: the file.
        kind: "sd15" or "sdxl".
        layout: the folder with the small files of its kind, laid out as diffusers saves them.
        in_channels: what its UNet reads: 4 from noise, 9 with a picture and a mask beside it.
        predicts_velocity: it was taught to predict v instead of the noise.
        zero_snr: its noise schedule ends in noise alone.
        has_vae: whether its VAE is in the file.
        licence: as its notes name it, "" where they do not.
    """

    path: Path
    kind: str
    layout: Path
    in_channels: int
    predicts_velocity: bool = False
    zero_snr: bool = False
    has_vae: bool = True
    licence: str = ""


def layouts_folder() -> Path:
    """Where the small files of each kind lie."""
    return resource_path("models") / "layouts"


def read_single_file(path: Path, name: str, *, other_vae: str = "") -> SingleFile:
    """What a file is and holds, by its head alone.

    Args:
        path: a safetensors file.
        name: the backend, as descriptions name it, for messages.
        other_vae: the VAE that is used instead of its own; "" needs one in the file.

    Raises ModelMissing for a file that is not there, damaged, pickled, or without a part that it
    needs; BackendUnavailable for a whole file of another kind.
    """
    check_suffix(path)
    try:
        facts = path.stat()
        found = _read(path, facts.st_size, facts.st_mtime_ns, layouts_folder())
    except FileNotFoundError as error:
        raise ModelMissing(
            f"the model '{name}' is not on this machine: there is no file {path}",
            "name the file where it lies now: llamavis models add FILE.safetensors",
        ) from error
    except OSError as error:
        raise ModelMissing(
            f"{path} cannot be read: {error.strerror or error}",
            "give yourself permission to read it",
        ) from error
    except ValueError as error:
        raise ModelMissing(
            f"the model '{name}' cannot be used: {error}", "download the file again"
        ) from error
    if not found.has_vae and not other_vae:
        raise _lacking(path, ["vae"])
    return found


def check_suffix(path: Path) -> None:
    """Refuse what is not named as a safetensors file. Raises ModelMissing."""
    kind = path.suffix.lower()
    if kind in PICKLES:
        raise ModelMissing(
            f"{path.name} is a pickle ({kind}): opening one may run any program that its maker hid "
            "in it, so it is never opened here",
            "take the .safetensors version, which most pages offer beside it, or have a program "
            "that you trust with it save it as safetensors (A1111: Checkpoint Merger, No "
            "interpolation, safetensors)",
        )
    if kind != SUFFIX:
        raise ModelMissing(
            f"{path.name} is no checkpoint that can be used: its name does not end in {SUFFIX}",
            "name a .safetensors file, or the folder of a checkpoint",
        )


@lru_cache(maxsize=16)
def _read(path: Path, _size: int, _changed_ns: int, layouts: Path) -> SingleFile:
    """`read_single_file` of a file as it is now: a head is read once, not for each question.

    Raises OSError, ValueError, ModelMissing, BackendUnavailable.
    """
    head, _start = read_head(path)
    check_is_stable_diffusion(path.name, head.keys() - {NOTES})
    _check_numbers(path, head)
    kind = "sdxl" if _SIZE_EMBEDDING in head else "sd15"
    layout = layouts / kind
    _check_sizes(path, head, read_json(layout / "unet" / "config.json"))
    has_vae = any(sign in head for sign in _VAE_SIGNS)
    if any(key.startswith(_OLD_CLIP) for key in head):
        raise BackendUnavailable(
            f"{path.name} has its text encoder in the form of 2022, which diffusers cannot read",
            "have A1111 save it anew: Checkpoint Merger, No interpolation, safetensors",
        )
    lacking = [part for part, sign in _ENCODERS[kind].items() if sign not in head]
    if lacking:
        raise _lacking(path, [*lacking, *(() if has_vae else ("vae",))])
    notes = head.get(NOTES, {})
    velocity = "v_pred" in head or notes.get("modelspec.prediction_type") == "v"
    return SingleFile(
        path=path,
        kind=kind,
        layout=layout,
        in_channels=int(head[FIRST_LAYER]["shape"][1]),
        predicts_velocity=velocity,
        zero_snr="ztsnr" in head,
        has_vae=has_vae,
        licence=str(notes.get("modelspec.license", ""))[:200].strip(),
    )


def _check_numbers(path: Path, head: Mapping[str, Any]) -> None:
    """Refuse 8-bit files with scales of their own: diffusers would drop the scales."""
    if any(key.endswith(_SCALED) for key in head):
        raise BackendUnavailable(
            f"{path.name} keeps its weights as 8-bit numbers with scales of their own, which "
            "cannot be read here",
            "take the version in fp16 or full precision",
        )


def _check_sizes(path: Path, head: Mapping[str, Any], unet: Mapping[str, Any]) -> None:
    """Refuse a UNet of other sizes than those of its kind: another model with like names."""
    shape = head[FIRST_LAYER]["shape"]
    width, context = unet["block_out_channels"][0], unet["cross_attention_dim"]
    words: list[int] = next(
        (head[key]["shape"] for key in head if key.endswith(".attn2.to_k.weight")), []
    )
    if len(shape) == 4 and shape[0] == width and words[-1:] == [context]:
        return
    told = {1024: "Stable Diffusion 2", 1280: "the refiner of SDXL"}.get(words[-1] if words else 0)
    raise BackendUnavailable(
        f"{path.name} is {told or 'a relative of Stable Diffusion with other sizes'}: of "
        "checkpoints in one file, Stable Diffusion 1.5 and SDXL can be used",
        "take a checkpoint for SD 1.5 or SDXL, or the same model as a folder with model_index.json",
    )


def _lacking(path: Path, parts: Iterable[str]) -> ModelMissing:
    """What to say of a file without some parts."""
    parts = list(parts)
    named = [f"its {_TITLES[part]}" for part in parts]
    told = f"{named[0]} is"
    if len(named) > 1:
        told = f"{', '.join(named[:-1])} and {named[-1]} are"
    hint = "take the whole checkpoint, often called 'full', of the same model"
    if parts == ["vae"]:
        hint = (
            "name a VAE for it: --option vae=/PATH/TO/VAE.safetensors, or take the version with "
            "the VAE in it"
        )
    return ModelMissing(f"{path.name} is not whole: {told} not in the file", hint)
