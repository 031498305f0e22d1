"""What the small files of a checkpoint tell about it; no weight is read and nothing heavy imported.

    model_index.json             which pipeline it is, and the class of each part
    unet|transformer/config.json the size it was trained at, whether it is guided
    vae/config.json              pixels a latent
    scheduler/*.json             whether it was distilled to few steps

A class that is not in the table is refused here, and so is one that the checkpoint itself brings.
Of a checkpoint in one file (`single_file`) the small files are those of its kind, which ship with
the studio.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from llamavis_studio.backends.base import SizeRule
from llamavis_studio.backends.diffusion.options import DiffusionOptions
from llamavis_studio.backends.diffusion.single_file import SingleFile, read_single_file
from llamavis_studio.backends.model_records import ModelRecord
from llamavis_studio.backends.weights import OPTIONAL_PARTS, PARTS, read_json
from llamavis_studio.core.errors import BackendUnavailable, ModelMissing

LIBRARIES = frozenset({"diffusers", "transformers", "stable_diffusion"})
"""Where the classes of parts may come from; any other name is code beside the weights."""
DISPENSABLE = OPTIONAL_PARTS | {"feature_extractor"}
"""Parts that a pipeline draws without."""
VOCABULARIES = (
    "tokenizer.json", "vocab.json", "spiece.model", "tokenizer.model", "sentencepiece.bpe.model",
    "vocab.txt",
)  # fmt: skip
_DISTILLED = ("turbo", "lightning", "hyper-sd", "lcm", "schnell")
_DISTILLED_STEPS = 4


@dataclass(frozen=True)
class Family:
    """How one kind of pipeline is driven.

    Args:
        title: for messages.
        classes: the pipelines of diffusers whose checkpoints it means.
        denoiser: the part that draws.
        steps: how many it needs, ``guidance_scale`` how strictly it follows words by itself.
        latent_side: its best size in latents where its configuration does not say.
        step_latents: a side in latents is a multiple of this.
        tokens: how much of a prompt it reads, by its part ``reader``.
        guidance_name: what its pipeline calls the guidance that negative words need.
        can_avoid: whether it takes negative words.
        can_tile: whether its edges can be made to meet.
        languages: what it reads.
    """

    title: str
    classes: tuple[str, ...]
    denoiser: str
    steps: int
    guidance_scale: float
    latent_side: int = 128
    step_latents: int = 2
    tokens: int = 77
    reader: str = "tokenizer"
    guidance_name: str = "guidance_scale"
    can_avoid: bool = True
    can_tile: bool = True
    languages: tuple[str, ...] = ("en",)


def _classes(stem: str) -> tuple[str, ...]:
    return tuple(f"{stem}{end}Pipeline" for end in ("", "Img2Img", "Inpaint"))


FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "sd": Family(
            "Stable Diffusion", _classes("StableDiffusion"), "unet", 30, 7.5, 64, step_latents=1
        ),
        "sdxl": Family(
            "SDXL", _classes("StableDiffusionXL"), "unet", 30, 6.0, 128, step_latents=1
        ),
        "sd3": Family(
            "Stable Diffusion 3", _classes("StableDiffusion3"), "transformer", 28, 5.0,
            tokens=256, reader="tokenizer_3",
        ),
        "flux": Family(
            "FLUX", _classes("Flux"), "transformer", 28, 3.5,
            tokens=512, reader="tokenizer_2", can_avoid=False,
        ),
        "z-image": Family(
            "Z-Image", _classes("ZImage"), "transformer", 9, 0.0,
            tokens=512, languages=("en", "zh"),
        ),
        # Its autoencoder is one of films, whose convolutions pad by themselves: no meeting edges.
        "qwen-image": Family(
            "Qwen-Image", _classes("QwenImage"), "transformer", 50, 4.0, tokens=512,
            guidance_name="true_cfg_scale", can_tile=False, languages=("en", "zh"),
        ),
    }
)  # fmt: skip
_FAMILY_OF: Mapping[str, Family] = MappingProxyType(
    {one: family for family in FAMILIES.values() for one in family.classes}
)


@dataclass(frozen=True)
class Checkpoint:
    """What decides how a checkpoint is drawn with.

    ``is_distilled``: it was taught to draw in few steps and without guidance.
    ``only_inpaints``: it takes the picture and the mask beside the noise, and knows no other way.
    ``tokens``: how much of a prompt it reads. ``single``: the one file with all weights, where
    ``folder`` holds only the small files of its kind; None where they are in ``folder``, too.
    """

    folder: Path
    family: Family
    parts: Mapping[str, tuple[str, str]]
    sizes: SizeRule
    steps: int
    guidance_scale: float
    tokens: int
    only_inpaints: bool = False
    is_distilled: bool = False
    single: SingleFile | None = None

    @property
    def place(self) -> Path:
        """Where the weights lie: a file or a folder."""
        return self.folder if self.single is None else self.single.path

    @property
    def is_guided(self) -> bool:
        """Whether it heeds a guidance scale: what was distilled for speed is spoilt by one."""
        return self.guidance_scale > 1.0


def read_checkpoint(record: ModelRecord, options: DiffusionOptions) -> Checkpoint:
    """What the small files of a record's folder tell.

    Raises ModelMissing where the folder is none of a checkpoint or lacks a part,
    BackendUnavailable for a pipeline that the studio does not drive.
    """
    single = None
    if record.folder is not None and record.file:
        path = record.folder / record.file
        single = read_single_file(path, record.name, other_vae=options.vae)
    folder = record.folder if single is None else single.layout
    if folder is None or not folder.is_dir():
        raise ModelMissing(
            f"the model '{record.name}' is not on this machine"
            + ("" if folder is None else f": there is no folder {folder}"),
            f"get it with 'llamavis models fetch {record.name}', or mend its record",
        )
    try:
        index = read_json(folder / PARTS)
        pipeline, parts = _pipeline_and_parts(record.name, index)
        family = _FAMILY_OF[pipeline]
        if single is None:
            _check_folders(folder, parts)
        denoiser = read_json(folder / family.denoiser / "config.json")
        if single is not None:
            denoiser["in_channels"] = single.in_channels
        vae = read_json(folder / "vae" / "config.json")
    except ValueError as error:
        raise ModelMissing(
            f"the model '{record.name}' is no whole checkpoint of diffusers: {error}",
            "name a folder that holds model_index.json and the parts it lists, or fetch it again",
        ) from error
    channels = denoiser.get("in_channels", 4)
    if family.denoiser == "unet" and channels not in (4, 9):
        raise BackendUnavailable(
            f"the model '{record.name}' is not one that draws from words: its UNet reads "
            f"{channels} channels, not 4 or 9",
            "choose a text-to-image or inpainting checkpoint",
        )
    distilled = _is_distilled(record, folder, denoiser, family)
    guidance = 0.0 if distilled else family.guidance_scale
    return Checkpoint(
        folder=folder,
        family=family,
        parts=parts,
        sizes=_sizes(family, denoiser, vae, options),
        steps=options.steps or (_DISTILLED_STEPS if distilled else family.steps),
        guidance_scale=guidance if options.guidance_scale is None else options.guidance_scale,
        # The distilled FLUX was taught with half of what the other reads.
        tokens=256 if family is FAMILIES["flux"] and distilled else family.tokens,
        only_inpaints=family.denoiser == "unet" and channels == 9,
        is_distilled=distilled,
        single=single,
    )


def _pipeline_and_parts(
    name: str, index: Mapping[str, Any]
) -> tuple[str, dict[str, tuple[str, str]]]:
    """The class of the pipeline, and library and class of each part that is there."""
    pipeline = index.get("_class_name")
    if not isinstance(pipeline, str) or pipeline not in _FAMILY_OF:
        known = ", ".join(family.title for family in FAMILIES.values())
        shown = pipeline if isinstance(pipeline, str) else "a class of its own"
        raise BackendUnavailable(
            f"the model '{name}' is of a kind that cannot be used here: {shown}",
            f"choose a checkpoint of one of these: {known}",
        )
    parts = {}
    for part, told in index.items():
        if part.startswith("_") or not isinstance(told, list) or len(told) != 2:
            continue
        library, kind = told
        if library is None or kind is None:
            continue
        if library not in LIBRARIES or not isinstance(kind, str):
            raise BackendUnavailable(
                f"the model '{name}' brings code of its own for its part '{part}' "
                f"({library}.{kind}), which is never run",
                "choose a checkpoint that is made of parts of diffusers and transformers only",
            )
        parts[part] = (library, kind)
    return pipeline, parts


def _check_folders(folder: Path, parts: Mapping[str, tuple[str, str]]) -> None:
    """Raise ValueError where a part has no folder, or a tokenizer no vocabulary: transformers would
    make one up that knows no word.
    """
    for part, (_, kind) in parts.items():
        if not (folder / part).is_dir():
            if part in DISPENSABLE:
                continue
            raise ValueError(f"its part '{part}' is not there ({folder / part})")
        is_tokenizer = "Tokenizer" in kind
        if is_tokenizer and not any((folder / part / name).is_file() for name in VOCABULARIES):
            raise ValueError(f"there is no vocabulary in {folder / part}")


def _sizes(
    family: Family, denoiser: Mapping[str, Any], vae: Mapping[str, Any], options: DiffusionOptions
) -> SizeRule:
    levels = vae.get("block_out_channels") or vae.get("dim_mult") or [0, 0, 0, 0]
    pixels = 2 ** (len(levels) - 1)  # a latent
    side = denoiser.get("sample_size")
    if isinstance(side, list):
        side = max(side, default=None)
    if not isinstance(side, int) or side < 1:
        side = family.latent_side
    best = options.best_px or side * pixels
    step = family.step_latents * pixels
    return SizeRule(
        step_px=step,
        smallest_px=max(step, best // 2),
        largest_px=max(step, best * 2),
        best_px=best,
    )


def _is_distilled(
    record: ModelRecord, folder: Path, denoiser: Mapping[str, Any], family: Family
) -> bool:
    """Whether it was distilled to few steps without guidance: by its configuration where that
    says so, else by its name.
    """
    if denoiser.get("guidance_embeds") is False and family is FAMILIES["flux"]:
        return True
    try:
        scheduler = read_json(folder / "scheduler" / "scheduler_config.json")
    except ValueError:
        scheduler = {}
    trailing = scheduler.get("timestep_spacing") == "trailing"
    if trailing and scheduler.get("_class_name") == "EulerAncestralDiscreteScheduler":
        return True  # SDXL-Turbo and SD-Turbo
    names = f"{record.name} {record.source} {record.file or folder.name}".casefold()
    return family.guidance_scale > 1 and any(word in names for word in _DISTILLED)
