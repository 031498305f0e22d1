"""Where our values go in somebody's workflow: named by them, or found by following its links.

Order of events: the samplers are found; from their ``positive`` and ``negative`` the links are
followed up to the nodes that hold words, from their ``latent_image`` up to the node that holds the
size or the picture; then what the options name takes the place of what was found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from llamavis_studio.backends.comfyui.graph import Graph, Place, is_link, title_of
from llamavis_studio.core.errors import BackendUnavailable, did_you_mean

Places = dict[str, tuple[Place, ...]]
"""Our names -> the inputs they are written to."""
_TEXTS = ("text", "text_g", "text_l", "clip_l", "clip_g", "t5xxl", "prompt", "string", "value")
_SEEDS = ("seed", "noise_seed")
_NO_WORDS = frozenset(
    {"clip", "model", "vae", "control_net", "image", "pixels", "samples", "latent_image", "mask",
     "style_model", "clip_vision_output", "latent"}
)  # fmt: skip
_NO_PICTURE = frozenset(
    {"model", "clip", "vae", "positive", "negative", "conditioning", "guider", "sampler", "sigmas",
     "noise", "upscale_model", "control_net"}
)  # fmt: skip
_SETTINGS = {
    "steps": ("steps",),
    "cfg": ("cfg",),
    "sampler": ("sampler_name",),
    "scheduler": ("scheduler",),
    "denoise": ("denoise",),
}
_PARTS = ("guider", "sampler", "sigmas")  # of a sampler that is put together from nodes
_Link = tuple[str, int]


def find_places(graph: Graph) -> Places:
    """What can be told from the links alone; names without a place are left out."""
    samplers = [node for node in graph if _is_sampler(graph, node)]
    if not samplers:
        return {}
    first = next((one for one in samplers if not _follows(graph, one, samplers)), samplers[0])
    found: dict[str, list[Place]] = {}
    for node in samplers:
        for name, link in _words_of(graph, node):
            found.setdefault(name, []).extend(_texts(graph, link))
        found.setdefault("seed", []).extend(_seeds(graph, node))
    for name, keys in _SETTINGS.items():
        found[name] = list(_settings(graph, first, keys))
    for name, place in _picture(graph, first):
        found.setdefault(name, []).append(place)
    positive = set(found.get("prompt", ()))
    found["negative"] = [one for one in found.get("negative", ()) if one not in positive]
    return {name: tuple(dict.fromkeys(places)) for name, places in found.items() if places}


def named_places(graph: Graph, inputs: Mapping[str, str]) -> tuple[Places, str]:
    """What options name, and the node whose picture is taken ("" where none is named). A name with
    an empty text has no place.

    Raises BackendUnavailable for a node or an input that is not there.
    """
    places: Places = {}
    output = ""
    for name, text in inputs.items():
        if name == "output":
            output = _node(graph, text.strip(), name) if text.strip() else ""
            continue
        parts = [part.strip() for part in text.split(",") if part.strip()]
        places[name] = tuple(_place(graph, part, name) for part in parts)
    return places, output


def masks_by_alpha(graph: Graph, image: Sequence[Place]) -> bool:
    """Whether a workflow takes the mask from what is clear in its picture: the second output of
    ``LoadImage`` is 1 where the picture's alpha is 0.
    """
    nodes = {place.node for place in image}
    return any(
        is_link(value) and value[0] in nodes and value[1] == 1
        for node in graph.values()
        for value in node["inputs"].values()
    )


def _is_sampler(graph: Graph, node: str) -> bool:
    inputs = graph[node]["inputs"]
    if is_link(inputs.get("guider")) and is_link(inputs.get("latent_image")):
        return True
    both = is_link(inputs.get("positive")) and is_link(inputs.get("negative"))
    return both and any(key in inputs for key in _SEEDS)


def _follows(graph: Graph, node: str, samplers: Sequence[str]) -> bool:
    """Whether another sampler stands before this one, as where a picture is refined."""
    link = graph[node]["inputs"].get("latent_image")
    if not is_link(link):
        return False
    return any(one in samplers for one, _ in _upwards(graph, link, _NO_PICTURE))


def _upwards(graph: Graph, link: list[object], shut: frozenset[str]) -> Iterator[_Link]:
    """The nodes that a link leads to, nearest first, with the slot taken from each."""
    pending, seen = [link], set()
    while pending:
        node, slot = pending.pop(0)
        if (node, slot) in seen or node not in graph:
            continue
        seen.add((node, slot))
        yield str(node), int(str(slot))
        inputs = graph[str(node)]["inputs"]
        pending += [value for key, value in inputs.items() if is_link(value) and key not in shut]


def _words_of(graph: Graph, node: str) -> Iterator[tuple[str, list[object]]]:
    inputs = graph[node]["inputs"]
    if is_link(inputs.get("guider")):
        inputs = graph[inputs["guider"][0]]["inputs"]
    for name, key in (
        ("prompt", "positive"), ("prompt", "conditioning"), ("negative", "negative"),
    ):  # fmt: skip
        if is_link(inputs.get(key)):
            yield name, inputs[key]


def _texts(graph: Graph, link: list[object]) -> Iterator[Place]:
    pending, seen = [link], set()
    while pending:
        node, slot = pending.pop(0)
        if (node, slot) in seen or node not in graph:
            continue
        seen.add((node, slot))
        node = str(node)
        if graph[node]["class_type"] == "ConditioningZeroOut":
            continue  # nothing of its words is left
        inputs = graph[node]["inputs"]
        yield from (Place(node, key) for key in _TEXTS if isinstance(inputs.get(key), str))
        linked = [inputs[key] for key in _TEXTS if is_link(inputs.get(key))]
        if linked or any(isinstance(inputs.get(key), str) for key in _TEXTS):
            pending += linked
        elif is_link(inputs.get("positive")) and is_link(inputs.get("negative")):
            pending.append(inputs["negative" if slot == 1 else "positive"])  # a ControlNet's pair
        else:
            pending += [v for key, v in inputs.items() if is_link(v) and key not in _NO_WORDS]


def _seeds(graph: Graph, node: str) -> Iterator[Place]:
    inputs = graph[node]["inputs"]
    if is_link(inputs.get("noise")):
        node = inputs["noise"][0]
        inputs = graph[node]["inputs"]
    for key in _SEEDS:
        yield from _number(graph, node, key)


def _settings(graph: Graph, node: str, keys: Sequence[str]) -> Iterator[Place]:
    inputs = graph[node]["inputs"]
    parts = [inputs[part][0] for part in _PARTS if is_link(inputs.get(part))]
    for one in (node, *parts):
        for key in keys:
            if isinstance(graph[one]["inputs"].get(key), str | int | float):
                yield Place(one, key)


def _picture(graph: Graph, node: str) -> Iterator[tuple[str, Place]]:
    link = graph[node]["inputs"].get("latent_image")
    if not is_link(link):
        return
    for one, _ in _upwards(graph, link, _NO_PICTURE):
        inputs, sort = graph[one]["inputs"], str(graph[one]["class_type"])
        if isinstance(inputs.get("image"), str):
            yield "mask" if sort == "LoadImageMask" else "image", Place(one, "image")
        if "width" in inputs and "height" in inputs:
            for key in ("width", "height"):
                yield from ((key, place) for place in _number(graph, one, key))


def _number(graph: Graph, node: str, key: str) -> Iterator[Place]:
    """The place of a whole number: the input itself, or the one of the node that it comes from."""
    value = graph[node]["inputs"].get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        yield Place(node, key)
    elif is_link(value):
        source = graph[value[0]]["inputs"]
        for one in ("value", *_SEEDS, "int", key):
            if isinstance(source.get(one), int) and not isinstance(source[one], bool):
                yield Place(value[0], one)
                return


def _place(graph: Graph, text: str, name: str) -> Place:
    node_text, dot, key = text.rpartition(".")
    if not dot:
        raise BackendUnavailable(
            f"inputs.{name} is '{text}', which names no input of a node",
            "write NODE.input, such as 6.text",
        )
    node = _node(graph, node_text.strip(), name)
    inputs = graph[node]["inputs"]
    if key not in inputs:
        raise BackendUnavailable(
            f"inputs.{name}: the node '{node_text}' has no input '{key}'",
            did_you_mean(key, inputs, "inputs of that node"),
        )
    return Place(node, key)


def _node(graph: Graph, text: str, name: str) -> str:
    if text in graph:
        return text
    titled = [node for node in graph if title_of(graph[node]).casefold() == text.casefold()]
    if len(titled) == 1:
        return titled[0]
    if titled:
        raise BackendUnavailable(
            f"inputs.{name}: {len(titled)} nodes of the workflow are called '{text}'",
            f"name one by its number: {', '.join(titled)}",
        )
    raise BackendUnavailable(
        f"inputs.{name}: the workflow has no node '{text}'",
        did_you_mean(text, [title_of(node) for node in graph.values()], "nodes of the workflow"),
    )
