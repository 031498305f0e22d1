"""Workflows ready to be filled: the studio's own ones, and one that somebody exported.

The own ones use nodes that every ComfyUI has: a checkpoint draws from words, from a picture
(``VAEEncode`` and less than the whole noise), or a marked part of one (``SetLatentNoiseMask``).
Their pictures go to ``PreviewImage``, whose files ComfyUI deletes by itself.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llamavis_studio.backends.base import ImageRequest, SizeRule
from llamavis_studio.backends.comfyui.bindings import (
    Places,
    find_places,
    masks_by_alpha,
    named_places,
)
from llamavis_studio.backends.comfyui.graph import Graph, Place, digest_of, read_graph
from llamavis_studio.backends.comfyui.options import ComfyOptions, usual_steps
from llamavis_studio.core.errors import BackendUnavailable

_MODEL_KEYS = ("ckpt_name", "unet_name", "model_name")
_WORDS_FOR = {True: "enable", False: "disable"}  # of the nodes that make tiles


@dataclass(frozen=True)
class Workflow:
    """A graph and the places of our values in it.

    Args:
        output: the node whose picture is taken; "" for the last one that keeps a picture.
        masks_by_alpha: the marked part is what is clear in the picture handed over.
    """

    graph: Graph
    places: Places
    output: str = ""
    masks_by_alpha: bool = False

    def can_take(self, name: str) -> bool:
        """Whether a value has a place."""
        return bool(self.places.get(name))

    def value(self, name: str) -> Any:
        """What the workflow itself says at a place; None without one."""
        places = self.places.get(name)
        return self.graph[places[0].node]["inputs"][places[0].input] if places else None

    def filled(self, values: Mapping[str, Any]) -> Graph:
        """A copy of the graph with ``values`` in their places; those without one are left out."""
        graph = copy.deepcopy(self.graph)
        for name, value in values.items():
            for place in self.places.get(name, ()):
                inputs = graph[place.node]["inputs"]
                inputs[place.input] = _as_before(value, inputs[place.input])
                if name == "width" and isinstance(inputs.get("batch_size"), int):
                    inputs["batch_size"] = 1
        return graph


@dataclass(frozen=True)
class Workflows:
    """Which workflow draws which request; `model` is what they draw with."""

    plain: Workflow
    edit: Workflow
    region: Workflow
    model: str
    revision: str
    sizes: SizeRule | None

    def of(self, request: ImageRequest) -> Workflow:
        """The one for a request."""
        if request.before is None:
            return self.plain
        return self.edit if request.region is None else self.region


def workflows_of(options: ComfyOptions, folder: Path | None) -> Workflows:
    """What the options ask for. Raises BackendUnavailable.

    Args:
        folder: where the record lies: the workflow's path is relative to it.
    """
    if not options.workflow:
        return _own(options)
    path = Path(options.workflow).expanduser()
    path = path if path.is_absolute() or folder is None else folder / path
    graph = read_graph(path)
    workflow = exported(graph, options.inputs, path.name)
    model = next((str(one["inputs"][key]) for one in graph.values() for key in _MODEL_KEYS
                  if isinstance(one["inputs"].get(key), str)), path.stem)  # fmt: skip
    sizes = _sizes(workflow, options)
    return Workflows(workflow, workflow, workflow, model, digest_of(graph), sizes)


def exported(graph: Graph, inputs: Mapping[str, str], name: str) -> Workflow:
    """A graph with its places. Raises BackendUnavailable where the words have none."""
    named, output = named_places(graph, inputs)
    places: Places = {**find_places(graph), **named}
    if not places.get("prompt"):
        raise BackendUnavailable(
            f"it cannot be told where the words go in {name}",
            'name the place in the record\'s options: inputs = { prompt = "NODE.text" }',
        )
    image = places.get("image", ())
    return Workflow(graph, places, output, masks_by_alpha(graph, image))


def _sizes(workflow: Workflow, options: ComfyOptions) -> SizeRule | None:
    """The rule for a workflow whose size can be set; None where it has a size of its own."""
    width, height = workflow.value("width"), workflow.value("height")
    if not isinstance(width, int) or not isinstance(height, int) or width < 1 or height < 1:
        return None
    best = options.best_px or round((width * height) ** 0.5)
    return SizeRule(options.step_px, options.smallest_px, options.largest_px, best)


def _own(options: ComfyOptions) -> Workflows:
    steps, cfg = usual_steps(options.checkpoint)
    shared: Graph = {
        "model": _node("CheckpointLoaderSimple", ckpt_name=options.checkpoint),
        "positive": _node("CLIPTextEncode", text="", clip=["model", 1]),
        "negative": _node("CLIPTextEncode", text="", clip=["model", 1]),
        "sampler": _node(
            "KSampler", seed=0, steps=options.steps or steps,
            cfg=cfg if options.cfg is None else options.cfg,
            sampler_name=options.sampler or "euler", scheduler=options.scheduler or "normal",
            denoise=1.0, model=["model", 0], positive=["positive", 0], negative=["negative", 0],
            latent_image=["latent", 0],
        ),
        "decoded": _node("VAEDecode", samples=["sampler", 0], vae=["model", 2]),
        "picture": _node("PreviewImage", images=["decoded", 0]),
    }  # fmt: skip
    side = options.sizes.best_px
    empty = _node("EmptyLatentImage", width=side, height=side, batch_size=1)
    load = _node("LoadImage", image="")
    encoded = _node("VAEEncode", pixels=["load", 0], vae=["model", 2])
    masked = _node("SetLatentNoiseMask", samples=["encoded", 0], mask=["load", 1])
    plain: Graph = {**shared, "latent": empty}
    edit: Graph = {**shared, "load": load, "latent": encoded}
    region: Graph = {**shared, "load": load, "encoded": encoded, "latent": masked}
    size: Places = {key: (Place("latent", key),) for key in ("width", "height")}
    places: Places = {
        "prompt": (Place("positive", "text"),),
        "negative": (Place("negative", "text"),),
        **{key: (Place("sampler", key),) for key in ("seed", "cfg", "denoise")},
    }
    image: Places = {"image": (Place("load", "image"),)}
    return Workflows(
        Workflow(plain, {**places, **size}, "picture"),
        Workflow(edit, {**places, **image}, "picture"),
        Workflow(region, {**places, **image}, "picture", masks_by_alpha=True),
        options.checkpoint,
        digest_of({f"{i}{key}": node for i, graph in enumerate((plain, edit, region))
                   for key, node in graph.items()}),
        options.sizes,
    )  # fmt: skip


def _node(sort: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": sort, "inputs": inputs, "_meta": {"title": sort}}


def _as_before(value: Any, before: Any) -> Any:
    """A value in the form that its place has: tiles are switched on by truth or by word."""
    if isinstance(value, bool) and isinstance(before, str):
        return _WORDS_FOR[value]
    if isinstance(value, bool) and isinstance(before, int) and not isinstance(before, bool):
        return int(value)
    return value
