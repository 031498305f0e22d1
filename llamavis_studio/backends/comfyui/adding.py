"""Making a record for ComfyUI servers, and asking them how they are.

record = make_record("comfy", ["http://127.0.0.1:8188"], checkpoint="sd_xl_base.safetensors")
write_record(record)
probe(record)  # "http://127.0.0.1:8188: ComfyUI 0.3.60, 1 device, 23.6 GiB"
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from llamavis_studio.backends.comfyui.graph import Graph
from llamavis_studio.backends.comfyui.options import ComfyOptions
from llamavis_studio.backends.comfyui.running import run
from llamavis_studio.backends.comfyui.trouble import RequestTrouble, ServerTrouble, short
from llamavis_studio.backends.comfyui.workflow import Workflows, workflows_of
from llamavis_studio.backends.model_records import ModelRecord
from llamavis_studio.core.errors import BackendUnavailable, did_you_mean

if TYPE_CHECKING:
    from llamavis_studio.backends.comfyui.client import Client

_LOADER = "CheckpointLoaderSimple"
_FILE_KEYS = ("ckpt_name", "unet_name", "vae_name", "clip_name", "lora_name")
_MOST_NAMED = 10


def make_record(
    name: str,
    servers: Sequence[str],
    workflow: Path | str = "",
    checkpoint: str = "",
    *,
    licence: str = "",
    options: Mapping[str, Any] | None = None,
    ask: bool = True,
) -> ModelRecord:
    """A record that draws with these servers; it is not written yet.

    Without a workflow the studio's own one is used, and without a checkpoint the server's only one.

    Args:
        name: what descriptions will call it.
        servers: their addresses, such as http://127.0.0.1:8188.
        workflow: a file exported with "Export (API)".
        checkpoint: the name of a checkpoint file of the servers.
        licence: of what they draw with, as its publisher names it.
        options: further options of `ComfyOptions`, such as ``inputs`` or ``token_variable``.
        ask: whether each server is asked if it has the nodes and files.

    Raises:
        BackendUnavailable: an option is wrong, the workflow cannot be used, a server does not
            answer or lacks something; what to do stands in the hint.
    """
    values: dict[str, Any] = dict(options or {})
    values["servers"] = list(servers)
    if workflow:
        values["workflow"] = str(Path(workflow).expanduser().resolve())
    if checkpoint:
        values["checkpoint"] = checkpoint
    if ask and not workflow and not checkpoint:
        probing = ModelRecord(name, "comfyui", options={**values, "checkpoint": "?"})
        values["checkpoint"] = run(_only_checkpoint(probing.checked_options(ComfyOptions)))
    record = ModelRecord(name, "comfyui", licence=licence, options=values)
    checked = record.checked_options(ComfyOptions)
    workflows = workflows_of(checked, None)
    if ask:
        run(_check(checked, workflows))
    values["servers"] = list(checked.servers)
    return replace(record, options=values)


def probe(record: ModelRecord) -> str:
    """How the servers of a record are, on one line. Those that do not answer are named too.

    Raises BackendUnavailable where the record is wrong or no server can draw.
    """
    options = record.checked_options(ComfyOptions)
    folder = None if record.path is None else record.path.parent
    workflows = workflows_of(options, folder)
    told, troubles = run(_states(options, workflows))
    if len(troubles) == len(options.servers):
        reasons = "; ".join(trouble.reason for trouble in troubles)
        hints = dict.fromkeys(trouble.hint for trouble in troubles if trouble.hint)
        raise BackendUnavailable(reasons, "; ".join(hints))
    return "; ".join([*told, *(trouble.reason for trouble in troubles)])


async def _states(
    options: ComfyOptions, workflows: Workflows
) -> tuple[list[str], list[ServerTrouble | RequestTrouble]]:
    from llamavis_studio.backends.comfyui.client import Client, session_for

    async with session_for(options) as session:
        clients = [Client(session, address, options) for address in options.servers]
        answers = await asyncio.gather(
            *(_state(client, workflows) for client in clients), return_exceptions=True
        )
    told, troubles = [], []
    for answer in answers:
        if isinstance(answer, ServerTrouble | RequestTrouble):
            troubles.append(answer)
        elif isinstance(answer, BaseException):
            raise answer
        else:
            told.append(answer)
    return told, troubles


async def _state(client: Client, workflows: Workflows) -> str:
    stats = await client.json("/system_stats")
    words = described(stats, client.address)
    await _look_for_parts(client, _graphs(workflows))
    return words


async def _check(options: ComfyOptions, workflows: Workflows) -> None:
    _, troubles = await _states(options, workflows)
    if troubles:
        raise BackendUnavailable(troubles[0].reason, troubles[0].hint)


async def _only_checkpoint(options: ComfyOptions) -> str:
    from llamavis_studio.backends.comfyui.client import Client, session_for

    async with session_for(options) as session:
        client = Client(session, options.servers[0], options)
        try:
            info = await client.json(f"/object_info/{_LOADER}")
        except (ServerTrouble, RequestTrouble) as trouble:
            raise BackendUnavailable(trouble.reason, trouble.hint) from trouble
    found = _choices(info, _LOADER, "ckpt_name") or []
    if len(found) == 1:
        return found[0]
    if not found:
        raise BackendUnavailable(
            f"{options.servers[0]} has no checkpoint",
            "put one into its models/checkpoints folder, or name a workflow that needs none",
        )
    raise BackendUnavailable(
        f"{options.servers[0]} has {len(found)} checkpoints, and none was named",
        f"name one of them: {_few(found)}",
    )


async def _look_for_parts(client: Client, graphs: Sequence[Graph]) -> None:
    """Raises RequestTrouble for a node or a model file that the server does not have."""
    nodes = [node for graph in graphs for node in graph.values()]
    for sort in dict.fromkeys(str(node["class_type"]) for node in nodes):
        info = await client.json(f"/object_info/{quote(sort, safe='')}")
        if not isinstance(info, dict) or sort not in info:
            raise RequestTrouble(
                f"{client.address} has no node '{short(sort)}'",
                "install it there, for example with ComfyUI's Manager",
            )
        for key in _FILE_KEYS:
            choices = _choices(info, sort, key)
            for node in nodes:
                wanted = node["inputs"].get(key) if node["class_type"] == sort else None
                if choices is None or not isinstance(wanted, str) or wanted in choices:
                    continue
                guess = did_you_mean(wanted, choices[:1000], "files there")
                raise RequestTrouble(f"{client.address} has no file '{wanted}'", guess)


def _graphs(workflows: Workflows) -> list[Graph]:
    one = [workflows.plain.graph, workflows.edit.graph, workflows.region.graph]
    return one[:1] if one[0] is one[1] else one


def _choices(info: object, sort: str, key: str) -> list[str] | None:
    """The file names that a node offers at an input, in either form that ComfyUI writes them:
    ``[[names...], {...}]`` or ``["COMBO", {"options": [names...]}]``; None where it offers none.
    """
    node = info.get(sort) if isinstance(info, dict) else None
    inputs = node.get("input") if isinstance(node, dict) else None
    required = inputs.get("required") if isinstance(inputs, dict) else None
    spec = required.get(key) if isinstance(required, dict) else None
    if not isinstance(spec, list) or not spec:
        return None
    found = spec[0]
    if found == "COMBO" and len(spec) > 1 and isinstance(spec[1], dict):
        found = spec[1].get("options")
    return [str(one) for one in found] if isinstance(found, list) else None


def described(stats: object, address: str) -> str:
    """The answer of ``/system_stats`` in words. Raises ServerTrouble for anything else."""
    system = stats.get("system") if isinstance(stats, dict) else None
    if not isinstance(stats, dict) or not isinstance(system, dict):
        raise ServerTrouble(
            f"something else than ComfyUI answers at {address}",
            "name the address at which ComfyUI itself answers; its start prints it",
            lasting=True,
        )
    devices = [one for one in stats.get("devices") or [] if isinstance(one, dict)]
    sizes = [one.get("vram_total") for one in devices]
    total = sum(size for size in sizes if isinstance(size, int | float)) / 2**30
    version = short(system.get("comfyui_version") or "of an unknown version")
    counted = f"{len(devices)} device{'' if len(devices) == 1 else 's'}"
    return f"{address}: ComfyUI {version}, {counted}, {total:.1f} GiB"


def _few(names: Sequence[str]) -> str:
    more = f", and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return short(", ".join(names[:_MOST_NAMED])) + more
