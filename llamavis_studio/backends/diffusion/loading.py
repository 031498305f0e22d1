"""A checkpoint in memory: its parts, its three ways to draw, its scheduler and its LoRAs.

Order of events: check the files, load each part by itself (so that weights which do not fit are
told apart from those that do), make the pipeline, change its scheduler, place it, add the LoRAs of
the record. The ways to draw share all parts.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import torch

from llamavis_studio.backends.devices import choose_device, prepare_device, return_freed_memory
from llamavis_studio.backends.diffusion.checkpoint import DISPENSABLE, Checkpoint
from llamavis_studio.backends.diffusion.loras import Loras
from llamavis_studio.backends.diffusion.offload import choose_offload
from llamavis_studio.backends.diffusion.options import DiffusionOptions, Offload
from llamavis_studio.backends.diffusion.single_loading import (
    dtype_word,
    from_single_file,
    other_vae,
    other_vae_hint,
)
from llamavis_studio.backends.pretrained import LOCAL_ONLY, dtype_for, hushed, loading, refuse_gaps
from llamavis_studio.backends.torchvision_ops import prepare_torchvision
from llamavis_studio.backends.weights import check_weight_file, check_weights, variant_of
from llamavis_studio.core.errors import BackendUnavailable

Way = Literal["text", "picture", "region"]
"""From words alone, from a picture, or within a region of one."""
AUTO_CLASSES: Mapping[Way, str] = MappingProxyType(
    {
        "text": "AutoPipelineForText2Image",
        "picture": "AutoPipelineForImage2Image",
        "region": "AutoPipelineForInpainting",
    }
)
SCHEDULERS: Mapping[str, tuple[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "ddim": ("DDIMScheduler", {}),
        "ddpm": ("DDPMScheduler", {}),
        "euler": ("EulerDiscreteScheduler", {}),
        "euler_a": ("EulerAncestralDiscreteScheduler", {}),
        "heun": ("HeunDiscreteScheduler", {}),
        "dpmpp_2m": ("DPMSolverMultistepScheduler", {}),
        "dpmpp_2m_karras": ("DPMSolverMultistepScheduler", {"use_karras_sigmas": True}),
        "dpmpp_2m_sde_karras": (
            "DPMSolverMultistepScheduler",
            {"use_karras_sigmas": True, "algorithm_type": "sde-dpmsolver++"},
        ),
        "unipc": ("UniPCMultistepScheduler", {}),
        "lcm": ("LCMScheduler", {}),
        "pndm": ("PNDMScheduler", {"skip_prk_steps": True}),
    }
)
"""Names of the option `scheduler` -> classes of diffusers, and what they are told."""
_WEIGHTLESS = ("Scheduler", "Tokenizer", "TokenizerFast", "Processor", "FeatureExtractor")
_TALKATIVE = r"(diffusers|transformers|peft|accelerate)(\.|$)"
"""Their warnings speak to their own developers: of NumPy's next version, of renamed arguments."""


class Loaded:
    """A checkpoint ready to draw."""

    def __init__(self, checkpoint: Checkpoint, first: Any, device: str, offload: Offload) -> None:
        self.checkpoint, self.device, self.offload = checkpoint, device, offload
        way: Way = "region" if checkpoint.only_inpaints else "text"
        self._pipes: dict[Way, Any] = {way: first}
        self._first = first
        self._placed: Any = None
        self.loras = Loras()

    @property
    def first(self) -> Any:
        """The pipeline that was loaded; the others share its parts."""
        return self._first

    def pipe(self, way: Way) -> Any:
        """The pipeline for a way to draw, placed where it calculates."""
        import diffusers

        if self.checkpoint.only_inpaints:
            way = "region"
        if way not in self._pipes:
            with quiet():
                made = getattr(diffusers, AUTO_CLASSES[way]).from_pipe(self._first)
            made.set_progress_bar_config(disable=True)
            self._pipes[way] = made
        self._place(self._pipes[way])
        return self._pipes[way]

    def use_lora(self, pipe: Any, path: str) -> None:
        """Draw with the LoRA at ``path`` beside those of the record; "" for these alone."""
        if self.offload != "none" and self.loras.has_to_load(path):
            pipe.remove_all_hooks()  # its layers find all others in main memory
            self._placed = None
        self.loras.use(pipe, path)
        self._place(pipe)

    def _place(self, pipe: Any) -> None:
        """What is moved to and fro belongs to one pipeline at a time."""
        if pipe is self._placed:
            return
        if self.offload == "model":
            pipe.enable_model_cpu_offload(device=self.device)
        elif self.offload == "sequential":
            pipe.enable_sequential_cpu_offload(device=self.device)
        elif self._placed is None:
            pipe.to(self.device)
        self._placed = pipe


def load(name: str, checkpoint: Checkpoint, options: DiffusionOptions, setting: str) -> Loaded:
    """Read the weights onto the device that a setting means.

    Raises ModelMissing for weights that are missing, broken or of another shape, BackendUnavailable
    for a device, package or scheduler that is not there; memory errors pass.
    """
    prepare_torchvision()
    if checkpoint.single is None:
        check_weights(checkpoint.folder, name)
    if options.vae:
        check_weight_file(Path(options.vae), name, other_vae_hint(name))
    device = choose_device(setting)
    prepare_device(device)
    dtype = dtype_for(options.precision, device)
    with loading(name, checkpoint.place), quiet():
        given: dict[str, Any] = {}
        if options.vae:
            given["vae"] = other_vae(name, checkpoint, Path(options.vae), dtype)
        if checkpoint.single is None:
            pipe = _from_folder(name, checkpoint, dtype, given)
        else:
            pipe = from_single_file(name, checkpoint, checkpoint.single, dtype, given)
        pipe.set_progress_bar_config(disable=True)
        _set_scheduler(pipe, name, checkpoint, options)
        if hasattr(pipe.vae, "enable_slicing"):
            pipe.vae.enable_slicing()  # one picture after the other: the same values in less memory
        loaded = Loaded(checkpoint, pipe, device, _offload(pipe, options, device))
        if loaded.offload != "none" and hasattr(pipe.vae, "enable_tiling"):
            pipe.vae.enable_tiling()
        for lora in options.loras:
            loaded.loras.always(pipe, Path(lora.file), lora.scale)
        loaded.pipe("text")
    return_freed_memory()
    return loaded


def _from_folder(
    name: str, checkpoint: Checkpoint, dtype: torch.dtype, given: Mapping[str, Any]
) -> Any:
    """The pipeline of a folder; ``given`` are parts that take the place of its own."""
    parts = {
        part: _load_part(name, checkpoint.folder / part, library, kind, dtype)
        for part, (library, kind) in checkpoint.parts.items()
        if library != "stable_diffusion"
        and not kind.endswith(_WEIGHTLESS)
        and (checkpoint.folder / part).is_dir()
        and part not in given
    }
    absent = [part for part in DISPENSABLE if not (checkpoint.folder / part).is_dir()]
    checker = checkpoint.folder / "safety_checker"  # this part diffusers loads by itself
    return _auto_class(checkpoint).from_pretrained(
        checkpoint.folder,
        use_safetensors=True,
        **parts,
        **given,
        variant=variant_of(checker) if checker.is_dir() else None,
        **{part: None for part in absent if part in checkpoint.parts},
        **{dtype_word("diffusers"): dtype},
        **LOCAL_ONLY,
    )


def _auto_class(checkpoint: Checkpoint) -> Any:
    import diffusers

    return getattr(diffusers, AUTO_CLASSES["region" if checkpoint.only_inpaints else "text"])


def _load_part(name: str, folder: Path, library: str, kind: str, dtype: torch.dtype) -> Any:
    """One part with its weights, every one of them. Raises ModelMissing."""
    model_class = getattr(importlib.import_module(library), kind)
    model, told = model_class.from_pretrained(
        folder,
        use_safetensors=True,
        output_loading_info=True,
        variant=variant_of(folder),
        **{dtype_word(library): dtype},
        **LOCAL_ONLY,
    )
    refuse_gaps(name, told)
    return model


def _set_scheduler(pipe: Any, name: str, checkpoint: Checkpoint, options: DiffusionOptions) -> None:
    """Another scheduler over the same noise, where the options name one."""
    if options.scheduler == "keep":
        return
    if checkpoint.family.denoiser != "unet":
        raise BackendUnavailable(
            f"the model '{name}' draws along straight flows, for which '{options.scheduler}' was "
            "not made",
            "set its scheduler to keep",
        )
    import diffusers

    class_name, told = SCHEDULERS[options.scheduler]
    pipe.scheduler = getattr(diffusers, class_name).from_config(pipe.scheduler.config, **told)


def _offload(pipe: Any, options: DiffusionOptions, device: str) -> Offload:
    parts = [one for one in pipe.components.values() if isinstance(one, torch.nn.Module)]
    sizes = [sum(p.numel() * p.element_size() for p in part.parameters()) for part in parts]
    free = torch.cuda.mem_get_info(device)[0] if device.startswith("cuda") else None
    return choose_offload(options.offload, device, sizes, free)


@contextmanager
def quiet() -> Generator[None]:
    """diffusers and transformers write nothing and show no bar of their own meanwhile."""
    from diffusers.utils import logging as diffusers_log
    from transformers.utils import logging as transformers_log

    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.filterwarnings("ignore", module=_TALKATIVE)
        for log in (diffusers_log, transformers_log):
            stack.enter_context(hushed(log, log.CRITICAL))
        yield
