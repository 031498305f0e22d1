"""Workflows as ComfyUI exports them, for tests."""

from __future__ import annotations

from typing import Any

Graph = dict[str, dict[str, Any]]


def node(sort: str, title: str = "", **inputs: Any) -> dict[str, Any]:
    return {"class_type": sort, "inputs": inputs, "_meta": {"title": title or sort}}


def basic() -> Graph:
    """ComfyUI's default workflow: one sampler, two encoders."""
    return {
        "3": node(
            "KSampler", seed=156680208700286, steps=3, cfg=8, sampler_name="euler",
            scheduler="normal", denoise=1, model=["4", 0], positive=["6", 0], negative=["7", 0],
            latent_image=["5", 0],
        ),
        "4": node("CheckpointLoaderSimple", "Load Checkpoint", ckpt_name="tiny.safetensors"),
        "5": node("EmptyLatentImage", width=48, height=48, batch_size=4),
        "6": node("CLIPTextEncode", "Positive words", text="a galaxy bottle", clip=["4", 1]),
        "7": node("CLIPTextEncode", "Negative words", text="watermark", clip=["4", 1]),
        "8": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
        "9": node("SaveImage", filename_prefix="ComfyUI", images=["8", 0]),
    }  # fmt: skip


def inpainting() -> Graph:
    """The example for inpainting: what is clear in the picture is drawn anew."""
    graph = basic()
    del graph["5"]
    graph["20"] = node("LoadImage", "The picture", image="yosemite.png")
    graph["26"] = node(
        "VAEEncodeForInpaint", grow_mask_by=6, pixels=["20", 0], vae=["4", 2], mask=["20", 1]
    )
    graph["3"]["inputs"]["latent_image"] = ["26", 0]
    return graph


def masked() -> Graph:
    """A picture, and a mask from a file of its own."""
    graph = basic()
    del graph["5"]
    graph["20"] = node("LoadImage", image="picture.png")
    graph["21"] = node("LoadImageMask", image="mask.png", channel="red")
    graph["22"] = node("VAEEncode", pixels=["20", 0], vae=["4", 2])
    graph["23"] = node("SetLatentNoiseMask", samples=["22", 0], mask=["21", 0])
    graph["3"]["inputs"]["latent_image"] = ["23", 0]
    return graph


def flux() -> Graph:
    """A sampler put together from nodes, without unwanted words."""
    return {
        "5": node("EmptySD3LatentImage", width=64, height=32, batch_size=1),
        "6": node("CLIPTextEncode", text="a cat", clip=["11", 0]),
        "8": node("VAEDecode", samples=["13", 0], vae=["10", 0]),
        "9": node("PreviewImage", images=["8", 0]),
        "10": node("VAELoader", vae_name="ae.safetensors"),
        "11": node("DualCLIPLoader", clip_name1="l", clip_name2="t5", type="flux"),
        "12": node("UNETLoader", unet_name="flux.safetensors", weight_dtype="default"),
        "13": node(
            "SamplerCustomAdvanced", noise=["25", 0], guider=["22", 0], sampler=["16", 0],
            sigmas=["17", 0], latent_image=["5", 0],
        ),
        "16": node("KSamplerSelect", sampler_name="euler"),
        "17": node("BasicScheduler", scheduler="simple", steps=4, denoise=1.0, model=["12", 0]),
        "22": node("BasicGuider", model=["12", 0], conditioning=["6", 0]),
        "25": node("RandomNoise", noise_seed=7),
    }  # fmt: skip


def refined() -> Graph:
    """A second sampler goes over the picture of the first; its negative is emptied words."""
    graph = basic()
    graph["7"] = node("ConditioningZeroOut", conditioning=["6", 0])
    graph["30"] = node(
        "KSampler", seed=2, steps=2, cfg=5.0, sampler_name="euler", scheduler="karras",
        denoise=0.4, model=["4", 0], positive=["6", 0], negative=["7", 0], latent_image=["3", 0],
    )  # fmt: skip
    graph["8"]["inputs"]["samples"] = ["30", 0]
    return graph


def tiling() -> Graph:
    """A node that makes tiles, switched by a word."""
    graph = basic()
    graph["40"] = node("SeamlessTile", tiling="disable", model=["4", 0])
    graph["3"]["inputs"]["model"] = ["40", 0]
    return graph


def cut_out() -> Graph:
    """Its pictures are clear where a file says so."""
    graph = basic()
    graph["50"] = node("LoadImage", "Shape", image="shape.png")
    graph["51"] = node("JoinImageWithAlpha", image=["8", 0], alpha=["50", 1])
    graph["9"]["inputs"]["images"] = ["51", 0]
    return graph


def window() -> dict[str, Any]:
    """What "Save" writes instead of "Export (API)"."""
    nodes = [{"id": 3, "type": "KSampler", "widgets_values": [1, "randomize", 20, 8, "euler"]}]
    return {"last_node_id": 9, "nodes": nodes, "links": [[1, 4, 0, 3, 0, "MODEL"]], "version": 0.4}
