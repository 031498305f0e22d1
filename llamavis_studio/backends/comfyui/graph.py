"""A workflow in ComfyUI's API format: reading the file, and following its links.

    {"3": {"class_type": "KSampler", "inputs": {"seed": 1, "model": ["4", 0], ...},
           "_meta": {"title": "..."}}, ...}

An input is a value, or a link ``[node, slot]`` to what another node makes. Source: ComfyUI,
``execution.py`` validate_inputs, and what its window exports with "Export (API)".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llamavis_studio.core.errors import BackendUnavailable

Graph = dict[str, dict[str, Any]]
"""Nodes by their number, as ``POST /prompt`` takes them."""
_MOST_BYTES = 8 << 20  # 8 MiB
_MOST_NODES = 5000
EXPORT_HINT = (
    "open it in ComfyUI and choose Workflow > Export (API), which older versions call "
    "'Save (API Format)'"
)


@dataclass(frozen=True)
class Place:
    """One input of one node."""

    node: str
    input: str


def read_graph(path: Path) -> Graph:
    """The nodes of an exported workflow. Raises BackendUnavailable for anything else."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise BackendUnavailable(
            f"the workflow {path} cannot be read: {error.strerror or error}",
            "name a file that was exported with Workflow > Export (API)",
        ) from error
    if len(data) > _MOST_BYTES:
        raise BackendUnavailable(
            f"the workflow {path} is over {_MOST_BYTES >> 20} MiB", EXPORT_HINT
        )
    try:
        values = json.loads(data.decode("utf-8-sig"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BackendUnavailable(f"the workflow {path} is no JSON: {error}", EXPORT_HINT) from error
    return check_graph(values, str(path))


def check_graph(values: object, name: str) -> Graph:
    """The nodes in decoded JSON. Raises BackendUnavailable where it is no workflow to be run.

    Args:
        name: the file, for messages.
    """
    if isinstance(values, Mapping) and "class_type" not in values and "prompt" in values:
        inner = values["prompt"]  # what a program sends, with the client's name around it
        values = inner if isinstance(inner, Mapping) and "class_type" not in inner else values
    if isinstance(values, Mapping) and isinstance(values.get("nodes"), list):
        raise BackendUnavailable(
            f"{name} is a workflow as ComfyUI's window keeps it, not one that can be run",
            EXPORT_HINT,
        )
    if not isinstance(values, Mapping) or not values:
        raise BackendUnavailable(f"{name} holds no workflow", EXPORT_HINT)
    if len(values) > _MOST_NODES:
        raise BackendUnavailable(f"{name} has more than {_MOST_NODES} nodes")
    graph: Graph = {}
    for node, found in values.items():
        if not _is_node(found):
            raise BackendUnavailable(f"{name} is no workflow: '{node}' is no node", EXPORT_HINT)
        graph[str(node)] = dict(found)
    for node, found in graph.items():
        for key, value in found["inputs"].items():
            if is_link(value) and value[0] not in graph:
                raise BackendUnavailable(
                    f"{name} is not whole: the input '{key}' of node {node} leads to node "
                    f"{value[0]}, which is not there",
                    EXPORT_HINT,
                )
    return graph


def digest_of(graph: Graph) -> str:
    """The same for workflows that draw the same: titles do not count."""
    plain = {key: [one["class_type"], one["inputs"]] for key, one in graph.items()}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def is_link(value: object) -> bool:
    """Whether an input leads to what another node makes."""
    return (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str)
        and isinstance(value[1], int)
        and not isinstance(value[1], bool)
    )


def title_of(node: Mapping[str, Any]) -> str:
    """The name somebody gave a node, or that of its sort."""
    meta = node.get("_meta")
    title = meta.get("title") if isinstance(meta, Mapping) else None
    return title if isinstance(title, str) and title else str(node["class_type"])


def _is_node(found: object) -> bool:
    return (
        isinstance(found, Mapping)
        and isinstance(found.get("class_type"), str)
        and isinstance(found.get("inputs"), Mapping)
    )


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")
