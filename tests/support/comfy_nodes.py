"""The nodes of the small ComfyUI server: what each takes and gives, and what it makes.

The specifications are those of ComfyUI's ``nodes.py`` and ``comfy_extras``; validation follows its
``execution.py``. Pictures are noise that depends on the words, the numbers and what it starts from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

SAMPLERS = ["euler", "euler_ancestral", "dpmpp_2m"]
SCHEDULERS = ["normal", "karras", "simple"]
SEED = ("INT", {"default": 0, "min": 0, "max": 2**64 - 1})
STEPS = ("INT", {"default": 20, "min": 1, "max": 10000})
CFG = ("FLOAT", {"default": 8.0, "min": 0.0, "max": 100.0})
SHARE = ("FLOAT", {"default": 1.0, "min": 0.0, "max": 1.0})
SIDE = ("INT", {"default": 512, "min": 16, "max": 16384, "step": 8})
TEXT = ("STRING", {"multiline": True})
COUNT = ("INT", {"default": 1, "min": 1, "max": 4096})

CHECKPOINTS = ["tiny.safetensors"]
NODES: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "CheckpointLoaderSimple": ({"ckpt_name": (CHECKPOINTS, {})}, ("MODEL", "CLIP", "VAE")),
    "UNETLoader": (
        {"unet_name": (["flux.safetensors"], {}), "weight_dtype": (["default", "fp8"], {})},
        ("MODEL",),
    ),
    "DualCLIPLoader": (
        {"clip_name1": (["l"], {}), "clip_name2": (["t5"], {}), "type": (["flux"], {})},
        ("CLIP",),
    ),
    "VAELoader": ({"vae_name": (["ae.safetensors"], {})}, ("VAE",)),
    "CLIPTextEncode": ({"text": TEXT, "clip": ("CLIP",)}, ("CONDITIONING",)),
    "ConditioningZeroOut": ({"conditioning": ("CONDITIONING",)}, ("CONDITIONING",)),
    "EmptyLatentImage": ({"width": SIDE, "height": SIDE, "batch_size": COUNT}, ("LATENT",)),
    "EmptySD3LatentImage": ({"width": SIDE, "height": SIDE, "batch_size": COUNT}, ("LATENT",)),
    "LoadImage": ({"image": ("UPLOAD", {})}, ("IMAGE", "MASK")),
    "LoadImageMask": (
        {"image": ("UPLOAD", {}), "channel": (["alpha", "red", "green", "blue"], {})},
        ("MASK",),
    ),
    "VAEEncode": ({"pixels": ("IMAGE",), "vae": ("VAE",)}, ("LATENT",)),
    "VAEEncodeForInpaint": (
        {"pixels": ("IMAGE",), "vae": ("VAE",), "mask": ("MASK",),
         "grow_mask_by": ("INT", {"min": 0, "max": 64})},
        ("LATENT",),
    ),
    "SetLatentNoiseMask": ({"samples": ("LATENT",), "mask": ("MASK",)}, ("LATENT",)),
    "SeamlessTile": ({"model": ("MODEL",), "tiling": (["enable", "disable"], {})}, ("MODEL",)),
    "KSampler": (
        {"model": ("MODEL",), "seed": SEED, "steps": STEPS, "cfg": CFG,
         "sampler_name": (SAMPLERS, {}), "scheduler": (SCHEDULERS, {}),
         "positive": ("CONDITIONING",), "negative": ("CONDITIONING",),
         "latent_image": ("LATENT",), "denoise": SHARE},
        ("LATENT",),
    ),
    "RandomNoise": ({"noise_seed": SEED}, ("NOISE",)),
    "BasicGuider": ({"model": ("MODEL",), "conditioning": ("CONDITIONING",)}, ("GUIDER",)),
    "KSamplerSelect": ({"sampler_name": (SAMPLERS, {})}, ("SAMPLER",)),
    "BasicScheduler": (
        {"model": ("MODEL",), "scheduler": (SCHEDULERS, {}), "steps": STEPS, "denoise": SHARE},
        ("SIGMAS",),
    ),
    "SamplerCustomAdvanced": (
        {"noise": ("NOISE",), "guider": ("GUIDER",), "sampler": ("SAMPLER",),
         "sigmas": ("SIGMAS",), "latent_image": ("LATENT",)},
        ("LATENT", "LATENT"),
    ),
    "VAEDecode": ({"samples": ("LATENT",), "vae": ("VAE",)}, ("IMAGE",)),
    "JoinImageWithAlpha": ({"image": ("IMAGE",), "alpha": ("MASK",)}, ("IMAGE",)),
    "SaveImage": ({"images": ("IMAGE",), "filename_prefix": ("STRING", {})}, ()),
    "PreviewImage": ({"images": ("IMAGE",)}, ()),
}  # fmt: skip
OUTPUTS = ("SaveImage", "PreviewImage")
WITH_STEPS = ("KSampler", "SamplerCustomAdvanced")


@dataclass(frozen=True)
class Latent:
    """What is sampled: a size, what it starts from (h, w, 3) and where (h, w), 1 for anew."""

    size: tuple[int, int]
    start: np.ndarray | None = None
    mask: np.ndarray | None = None


def node_info(sort: str) -> dict[str, Any]:
    """As ``/object_info`` tells a node."""
    inputs, outputs = NODES[sort]
    required = {
        key: [CHECKPOINTS if spec[0] == "UPLOAD" else spec[0], *spec[1:]]
        for key, spec in inputs.items()
    }
    return {
        "input": {"required": required},
        "input_order": {"required": list(inputs)},
        "output": list(outputs),
        "name": sort,
        "output_node": sort in OUTPUTS,
    }


def validate(
    graph: Any, has_file: Callable[[str], bool]
) -> tuple[dict[str, Any] | None, dict[str, Any], list[str]]:
    """(error, node_errors, what the real server would let pass and we do not)."""
    strict: list[str] = []
    if not isinstance(graph, dict) or not graph:
        return _error("prompt_no_outputs", "Prompt has no outputs"), {}, strict
    for node, found in graph.items():
        if "class_type" not in found:
            words = "Cannot execute because a node is missing the class_type property."
            return _error("invalid_prompt", words, f"Node ID '#{node}'"), {}, strict
        if found["class_type"] not in NODES:
            words = f"Cannot execute because node {found['class_type']} does not exist."
            return _error("invalid_prompt", words, f"Node ID '#{node}'"), {}, strict
    if not any(found["class_type"] in OUTPUTS for found in graph.values()):
        return _error("prompt_no_outputs", "Prompt has no outputs"), {}, strict
    node_errors = {}
    for node, found in graph.items():
        errors = _node_errors(graph, found, has_file, strict)
        if errors:
            node_errors[node] = {
                "errors": errors, "dependent_outputs": [], "class_type": found["class_type"]
            }  # fmt: skip
    if node_errors:
        return (
            _error("prompt_outputs_failed_validation", "Prompt outputs failed validation"),
            node_errors,
            strict,
        )
    return None, {}, strict


def _node_errors(
    graph: dict[str, Any], found: dict[str, Any], has_file: Callable[[str], bool], strict: list[str]
) -> list[dict[str, Any]]:
    specs, _ = NODES[found["class_type"]]
    inputs = found["inputs"]
    strict += [f"{found['class_type']} has no input {key}" for key in inputs if key not in specs]
    errors = []
    for key, spec in specs.items():
        if key not in inputs:
            errors.append(_error("required_input_missing", "Required input is missing", key))
            continue
        value, kind = inputs[key], spec[0]
        limits = spec[1] if len(spec) > 1 else {}
        if isinstance(value, list):
            if len(value) != 2 or value[0] not in graph:
                errors.append(_error("bad_linked_input", "Bad linked input", key))
                continue
            given = NODES[graph[value[0]]["class_type"]][1]
            if value[1] >= len(given) or given[value[1]] != kind:
                words = "Return type mismatch between linked nodes"
                errors.append(_error("return_type_mismatch", words, f"{key}, {given} != {kind}"))
        elif kind == "UPLOAD":
            if not isinstance(value, str) or not has_file(value):
                words = "Custom validation failed for node"
                details = f"{key} - Invalid image file: {value}"
                errors.append(_error("custom_validation_failed", words, details))
        elif isinstance(kind, list):
            if value not in kind:
                details = f"{key}: '{value}' not in {kind}"
                errors.append(_error("value_not_in_list", "Value not in list", details))
        elif kind in ("INT", "FLOAT", "STRING"):
            wanted = {"INT": int, "FLOAT": (int, float), "STRING": str}[kind]
            if not isinstance(value, wanted) or isinstance(value, bool):
                strict.append(f"{found['class_type']}.{key} is {value!r}, not {kind}")
            elif value < limits.get("min", value):
                words = f"Value {value} smaller than min of {limits['min']}"
                errors.append(_error("value_smaller_than_min", words, key))
            elif value > limits.get("max", value):
                words = f"Value {value} bigger than max of {limits['max']}"
                errors.append(_error("value_bigger_than_max", words, key))
            elif kind == "INT" and value % limits.get("step", 1):
                strict.append(f"{key} is {value}, no multiple of {limits['step']}")
        else:
            errors.append(_error("invalid_input_type", "a link is needed", f"{key}, {value}"))
    return errors


def _error(kind: str, message: str, details: str = "") -> dict[str, Any]:
    return {"type": kind, "message": message, "details": details, "extra_info": {}}


Step = Callable[[str, int, int, np.ndarray], Awaitable[None]]


class Run:
    """One graph being worked through; ``values`` of each node by slot, ``pictures`` of outputs."""

    def __init__(
        self, graph: dict[str, Any], load: Callable[[str], np.ndarray], step: Step
    ) -> None:
        self.graph = graph
        self._load = load
        self._step = step
        self._made: dict[str, tuple[Any, ...]] = {}

    async def picture(self, node: str) -> np.ndarray:
        """What an output node saves: (h, w, 3 or 4) uint8."""
        image = (await self._inputs(node))["images"]
        return np.clip(np.rint(image), 0, 255).astype(np.uint8)

    async def _inputs(self, node: str) -> dict[str, Any]:
        found = {}
        for key, value in self.graph[node]["inputs"].items():
            if isinstance(value, list):
                if value[0] not in self._made:
                    self._made[value[0]] = await self._make(value[0])
                value = self._made[value[0]][value[1]]
            found[key] = value
        return found

    async def _make(self, node: str) -> tuple[Any, ...]:
        sort, i = self.graph[node]["class_type"], await self._inputs(node)
        if sort in WITH_STEPS:
            return await self._sampled(node, sort, i)
        if sort.startswith("Empty"):
            return (Latent((i["width"], i["height"])),)
        if sort == "LoadImage":
            picture = self._load(i["image"])
            alpha = picture[..., 3] if picture.shape[2] == 4 else np.full(picture.shape[:2], 255)
            return picture[..., :3].astype(np.float64), 1.0 - alpha / 255.0
        if sort == "LoadImageMask":
            band = "red green blue alpha".split().index(i["channel"])
            values = self._load(i["image"])[..., band] / 255.0
            return (1.0 - values if band == 3 else values,)
        if sort.startswith("VAEEncode"):
            height, width = i["pixels"].shape[:2]
            return (Latent((width, height), i["pixels"], i.get("mask")),)
        if sort == "SetLatentNoiseMask":
            return (replace(i["samples"], mask=i["mask"]),)
        if sort == "VAEDecode":
            return (i["samples"].start,)
        if sort == "JoinImageWithAlpha":
            return (np.dstack([i["image"], (1.0 - i["alpha"]) * 255.0]),)
        # Everything else only matters for what it is made from.
        return tuple((sort, slot, repr(sorted(i.items()))) for slot in range(4))

    async def _sampled(self, node: str, sort: str, i: dict[str, Any]) -> tuple[Any, ...]:
        latent: Latent = i.pop("latent_image")
        source = self.graph[node]["inputs"]
        sigmas = self.graph[source["sigmas"][0]]["inputs"] if sort != "KSampler" else i
        denoise = sigmas["denoise"]
        digest = hashlib.sha256(repr(sorted(i.items())).encode()).digest()
        random = np.random.default_rng(int.from_bytes(digest[:8], "big"))
        width, height = latent.size
        cells = random.integers(0, 256, (-(-height // 8), -(-width // 8), 3))
        drawn = np.repeat(np.repeat(cells, 8, 0), 8, 1)[:height, :width].astype(np.float64)
        steps = sigmas["steps"]
        for step in range(1, steps + 1):
            await self._step(node, step, steps, drawn * step / steps)
        if latent.start is not None:
            share = denoise if latent.mask is None else denoise * latent.mask[..., None]
            drawn = latent.start * (1.0 - share) + drawn * share
        return (replace(latent, start=drawn),) * 2
