"""What becomes of one work on a server: told by its websocket, and asked from its history.

The history has the last word: messages only say how far it is and when to look. Where no websocket
comes about or it breaks off, the history is asked at short intervals instead; where neither history
nor queue knows the work any more, the server was started anew and has forgotten it.

Source of the messages: ComfyUI, ``server.py`` send_image and encode_bytes, ``execution.py``,
``comfy_execution/progress.py``.
"""

from __future__ import annotations

import asyncio
import json
import struct
import time
from collections.abc import Mapping
from typing import Any, Protocol

import aiohttp

from llamavis_studio.backends.comfyui.client import Client
from llamavis_studio.backends.comfyui.graph import Graph, is_link
from llamavis_studio.backends.comfyui.trouble import RequestTrouble, ServerTrouble, failed

_QUIET_S = 2.0  # between two looks at the history while messages come
_SOON_S = 0.05  # after the message that all is done: the history is written a moment later
_POLL_S = (0.25, 1.0)  # without messages: at first, and at last
_PREVIEW, _PREVIEW_WITH_METADATA = 1, 4
_FORGOTTEN_AFTER = 2  # looks at history and queue that know nothing
_MOST_METADATA = 64 << 10
_MOST_STEPS = 1_000_000
_MOST_NODES = 1000  # that tell how far they are
_RUNNING = 0.1  # the share of the work that is done when all we know is that it is being drawn


class Watcher(Protocol):
    """Whoever wants to know how one work gets on."""

    def reached(self, share: float) -> None:
        """So much of the work is done, 0..1."""

    def previewed(self, data: bytes) -> None:
        """A picture in the making, as JPEG or PNG."""


class Following:
    """One work that is being watched. Made anew for each."""

    def __init__(self, client: Client, prompt_id: str, graph: Graph, watcher: Watcher) -> None:
        self._client = client
        self._id = prompt_id
        self._watcher = watcher
        self._samplers = max(1, sum(_is_sampler(node) for node in graph.values()))
        self._shares: dict[str, float] = {}
        self._missed = 0
        self._is_near = False

    async def end(self, socket: aiohttp.ClientWebSocketResponse | None) -> Mapping[str, Any]:
        """What the history says when the work is done.

        Raises RequestTrouble where it failed, ServerTrouble where the server did.
        """
        asked, poll_s = time.monotonic(), _POLL_S[0]
        while True:
            wait_s = poll_s if socket is None else _QUIET_S
            socket = await self._listen(socket, _SOON_S if self._is_near else wait_s)
            now = time.monotonic()
            if not self._is_near and now - asked < wait_s and socket is not None:
                continue
            found = await self._client.history(self._id)
            if found is not None:
                return _judged(found)
            if now - asked >= _QUIET_S or socket is None:
                await self._look_for_it()
            asked = time.monotonic()
            poll_s = min(_POLL_S[1], poll_s * 1.3)
            if self._is_near and self._missed:
                self._is_near = False

    async def _listen(
        self, socket: aiohttp.ClientWebSocketResponse | None, seconds: float
    ) -> aiohttp.ClientWebSocketResponse | None:
        """Wait for one message, at most so long; None once there is no socket any more."""
        if socket is None:
            await asyncio.sleep(seconds)
            return None
        try:
            message = await socket.receive(timeout=seconds)
        except TimeoutError:
            return socket
        if message.type is aiohttp.WSMsgType.TEXT:
            self._told(message.data)
        elif message.type is aiohttp.WSMsgType.BINARY:
            self._shown(message.data)
        elif message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED,
                              aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.ERROR):  # fmt: skip
            return None
        return socket

    def _told(self, text: str) -> None:
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            return
        data = message.get("data") if isinstance(message, dict) else None
        if not isinstance(data, dict) or data.get("prompt_id", self._id) != self._id:
            return
        kind = message.get("type")
        if kind == "progress":
            self._count(str(data.get("node", "")), data.get("value"), data.get("max"))
        elif kind == "progress_state" and isinstance(data.get("nodes"), dict):
            for node, state in data["nodes"].items():
                if isinstance(state, dict):
                    self._count(str(node), state.get("value"), state.get("max"))
        elif kind == "execution_error":
            raise failed(data)
        elif kind == "execution_interrupted":
            raise _interrupted()
        elif kind == "execution_success" or (
            kind == "executing" and data.get("node", "") is None and "prompt_id" in data
        ):
            self._is_near = True

    def _count(self, node: str, value: object, most: object) -> None:
        """Nodes with one step only load and store; the samplers take the time."""
        if not isinstance(value, int | float) or not isinstance(most, int | float):
            return
        if 1 < most <= _MOST_STEPS and len(self._shares) < _MOST_NODES:
            self._shares[node] = max(0, min(value, most)) / most
            of = max(self._samplers, len(self._shares))
            self._watcher.reached(sum(self._shares.values()) / of)

    def _shown(self, data: bytes) -> None:
        if len(data) < 8:
            return
        kind, second = struct.unpack(">II", data[:8])
        if kind == _PREVIEW:  # second: 1 for JPEG, 2 for PNG; the decoder sees for itself
            self._watcher.previewed(data[8:])
        elif kind == _PREVIEW_WITH_METADATA and second <= min(_MOST_METADATA, len(data) - 8):
            try:
                metadata = json.loads(data[8 : 8 + second])
            except (ValueError, RecursionError):
                return
            if isinstance(metadata, dict) and metadata.get("prompt_id", self._id) == self._id:
                self._watcher.previewed(data[8 + second :])

    async def _look_for_it(self) -> None:
        """Whether the server still knows the work. Raises ServerTrouble once it does not."""
        running, pending = await self._client.queued()
        if self._id in running:
            self._watcher.reached(_RUNNING)
        if self._id in running or self._id in pending:
            self._missed = 0
            return
        self._missed += 1  # it may have ended between the two questions
        if self._missed >= _FORGOTTEN_AFTER:
            raise ServerTrouble(
                f"{self._client.address} has forgotten the picture it was to draw",
                "was it started anew, or its queue cleared?",
            )


def images_of(entry: Mapping[str, Any], graph: Graph, output: str) -> Mapping[str, Any]:
    """The file of the picture that a work made: that of the node ``output``, else the last one that
    was saved, else the last that was only shown.

    Raises RequestTrouble where there is none.
    """
    outputs = entry.get("outputs")
    found: list[tuple[bool, bool, int, Mapping[str, Any]]] = []
    for node in graph:
        made = outputs.get(node) if isinstance(outputs, Mapping) else None
        images = made.get("images") if isinstance(made, Mapping) else None
        for one in images[:1] if isinstance(images, list) else ():
            if isinstance(one, Mapping) and isinstance(one.get("filename"), str):
                found.append((node == output, one.get("type") == "output", len(found), one))
    if not found or (output and not any(is_it for is_it, *_ in found)):
        where = f"node {output}" if output else "workflow"
        raise RequestTrouble(
            f"the {where} made no picture", "does it end in a Save Image or Preview Image node?"
        )
    return max(found, key=lambda one: one[:3])[3]


def _judged(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """An entry of the history that tells of success; old servers tell no status."""
    status = entry.get("status")
    if not isinstance(status, Mapping) or status.get("status_str") != "error":
        return entry
    messages = status.get("messages")
    for one in messages if isinstance(messages, list) else ():
        if isinstance(one, list) and len(one) == 2 and isinstance(one[1], Mapping):
            if one[0] == "execution_error":
                raise failed(one[1])
            if one[0] == "execution_interrupted":
                raise _interrupted()
    raise failed({})


def _interrupted() -> RequestTrouble:
    return RequestTrouble(
        "somebody interrupted the picture on the server", "build again to have it drawn"
    )


def _is_sampler(node: Mapping[str, Any]) -> bool:
    return is_link(node["inputs"].get("latent_image")) and "Sampler" in node["class_type"]
