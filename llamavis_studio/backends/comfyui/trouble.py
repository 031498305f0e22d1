"""What can go wrong at a server, and the words for it.

    ServerTrouble    the server: it is away, silent, or something else; tried again, elsewhere too
    RequestTrouble   one request that this server cannot draw; the others go on

Neither leaves the package: :mod:`.batch` turns them into the family of ``BackendError``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LONGEST = 300
_MOST_REASONS = 3
_OUT_OF_MEMORY = ("outofmemory", "out of memory", "allocation on device", "not enough memory")


class ServerTrouble(Exception):  # noqa: N818 - it is the server's, not the program's
    """A server that cannot be worked with; ``lasting`` where trying again would not help."""

    def __init__(self, reason: str, hint: str = "", lasting: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint
        self.lasting = lasting


class RequestTrouble(Exception):  # noqa: N818
    """A request that one server could not draw; another might, and itself with ``again``."""

    def __init__(self, reason: str, hint: str = "", again: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint
        self.again = again


def short(text: object) -> str:
    """What a server says, on one line and no novel."""
    line = " ".join(str(text).split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."


def refused(answer: Mapping[str, Any]) -> RequestTrouble:
    """The trouble that a 400 of ``POST /prompt`` tells: ``{"error": {...}, "node_errors": {...}}``.

    Source: ComfyUI, ``server.py`` post_prompt and ``execution.py`` validate_prompt.
    """
    reasons = []
    nodes = answer.get("node_errors")
    for node, found in nodes.items() if isinstance(nodes, Mapping) else ():
        if not isinstance(found, Mapping):
            continue
        errors = found.get("errors")
        for one in errors if isinstance(errors, list) else ():
            if isinstance(one, Mapping):
                words = f"{one.get('message', '')}: {one.get('details', '')}".strip(": ")
                reasons.append((f"{found.get('class_type', 'node')} (node {node}): {words}", one))
    error = answer.get("error")
    if not reasons:
        said = error.get("message", "") if isinstance(error, Mapping) else error
        details = error.get("details", "") if isinstance(error, Mapping) else ""
        told = short(f"{said or 'no reason given'} {details}")
        hint = "export the workflow anew from this server with 'Export (API)'"
        if "does not exist" in told or "missing_node_type" in str(error):
            hint = "install the missing node on the server, for example with its Manager"
        return RequestTrouble(f"the server refuses the workflow: {told}", hint)
    told = "; ".join(short(words) for words, _ in reasons[:_MOST_REASONS])
    return RequestTrouble(f"the server refuses the workflow: {told}", _hint_for(reasons[0][1]))


def _hint_for(error: Mapping[str, Any]) -> str:
    details = str(error.get("details", ""))
    name = details.partition(":")[0].strip()
    if error.get("type") == "value_not_in_list":
        if name in ("ckpt_name", "unet_name", "lora_name", "vae_name", "clip_name"):
            return "put that file into the server's models folder, or name one that is there"
        return f"choose another {name}: the server does not know this one"
    return "change the workflow or the options of this backend's record"


def failed(details: Mapping[str, Any]) -> RequestTrouble:
    """The trouble that an ``execution_error`` message tells."""
    said = short(details.get("exception_message", "") or "no reason given")
    kind = str(details.get("exception_type", ""))
    where = f"{details.get('node_type', 'a node')} (node {details.get('node_id', '?')})"
    if any(words in f"{kind} {said}".lower() for words in _OUT_OF_MEMORY):
        return RequestTrouble(
            f"the server has not enough memory for this picture, in {where}",
            "ask for a smaller size, close what else uses its card, or start ComfyUI with "
            "--lowvram",
        )
    return RequestTrouble(f"the server failed in {where}: {said}", "its own log says more")
