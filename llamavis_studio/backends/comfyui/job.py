"""One request on one server: pictures up, work in, watched, picture down.

Whatever ends it early takes the work out of the server's queue again.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import uuid
from typing import Any

from llamavis_studio.backends.base import ImageRequest, Pixels
from llamavis_studio.backends.comfyui.client import Client
from llamavis_studio.backends.comfyui.following import Following, Watcher, images_of
from llamavis_studio.backends.comfyui.options import ComfyOptions
from llamavis_studio.backends.comfyui.pictures import (
    drawn_size,
    finished,
    mask_to_send,
    picture_to_send,
)
from llamavis_studio.backends.comfyui.trouble import RequestTrouble, ServerTrouble
from llamavis_studio.backends.comfyui.workflow import Workflows
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import decode_image, encode_png

_WITHDRAW_S = 3.0
_DRAWN = 0.9  # the share of the work that is done when the last step is; then it travels
_CORE_LOADERS = ("LoadImage", "LoadImageMask")  # they know files that are kept for a while only


class Job:
    """One request, to be drawn by any of the servers."""

    def __init__(
        self, request: ImageRequest, workflows: Workflows, options: ComfyOptions, watcher: Watcher
    ) -> None:
        self.request = request
        self._workflow = workflows.of(request)
        self._sizes = workflows.sizes
        self._options = options
        self._watcher = watcher

    async def draw(self, client: Client, uses_socket: bool) -> tuple[Pixels, bool]:
        """The finished picture, and whether a websocket came about.

        Raises ServerTrouble and RequestTrouble.
        """
        try:
            async with asyncio.timeout(self._options.whole_s):
                return await self._drawn(client, uses_socket)
        except TimeoutError as error:
            raise RequestTrouble(
                f"{client.address} was not done after {self._options.whole_s:g} seconds",
                "ask for less, or set whole_s higher",
            ) from error

    async def _drawn(self, client: Client, uses_socket: bool) -> tuple[Pixels, bool]:
        size_px = drawn_size(self.request, self._sizes or self._options.sizes)
        graph = self._workflow.filled(await self._values(client, size_px))
        client_id = uuid.uuid4().hex
        prompt_id = str(uuid.uuid4())  # ours, so that it can be taken back even unanswered
        async with contextlib.AsyncExitStack() as stack:
            socket = None
            if uses_socket:
                socket = await stack.enter_async_context(client.socket(client_id))
            has_socket = socket is not None
            body = {
                "prompt": graph,
                "client_id": client_id,
                "prompt_id": prompt_id,
                "extra_data": {"preview_method": "auto" if self.request.watched else "none"},
            }
            try:
                prompt_id = await client.enqueue(body)
                entry = await Following(client, prompt_id, graph, _UpTo(self._watcher, _DRAWN)).end(
                    socket
                )
            except RequestTrouble:
                raise  # the server is done with it
            except BaseException:
                await _taken_back(client, prompt_id)
                raise
        data = await client.image(images_of(entry, graph, self._workflow.output))
        return self._finished(data, client.address, size_px), has_socket

    async def _values(self, client: Client, size_px: tuple[int, int]) -> dict[str, Any]:
        """What is written into the workflow; pictures are uploaded on the way."""
        request, options, workflow = self.request, self._options, self._workflow
        values: dict[str, Any] = {
            "prompt": options.worded(request.prompt),
            "seed": request.seed,
            "width": size_px[0],
            "height": size_px[1],
            "tileable": request.tileable,
            "negative": request.negative_prompt or None,
            "cfg": options.cfg if request.guidance_scale is None else request.guidance_scale,
            "steps": options.steps,
            "sampler": options.sampler or None,
            "scheduler": options.scheduler or None,
        }
        if workflow.can_take("image"):
            whole = request.before is None or request.region is not None
            values["denoise"] = 1.0 if whole else request.strength * options.edit_strength
            picture = picture_to_send(request, size_px, workflow.masks_by_alpha)
            values["image"] = await self._sent(client, "image", picture)
        if workflow.can_take("mask"):
            values["mask"] = await self._sent(client, "mask", mask_to_send(request, size_px))
        if workflow.can_take("reference") and request.references:
            values["reference"] = await self._sent(client, "reference", request.references[0])
        return {key: value for key, value in values.items() if value is not None}

    async def _sent(self, client: Client, name: str, pixels: Pixels) -> str:
        """Upload a picture under the hash of its pixels: the same one lies there once."""
        png = encode_png(pixels)
        sorts = {self._workflow.graph[place.node]["class_type"]
                 for place in self._workflow.places[name]}  # fmt: skip
        kind = "temp" if sorts <= set(_CORE_LOADERS) else "input"
        return await client.upload(f"{hashlib.sha256(png).hexdigest()[:24]}.png", png, kind)

    def _finished(self, data: bytes, address: str, size_px: tuple[int, int]) -> Pixels:
        try:
            pixels = decode_image(data)
        except ImageError as error:
            raise RequestTrouble(
                f"{address} sent a picture that cannot be used: {error}",
                "look at it on the server; a full disk there cuts pictures short",
                again=True,
            ) from error
        wanted = None if self._sizes is None else size_px
        done = finished(pixels, self.request, wanted, self._options.cuts_out)
        self._watcher.reached(1.0)
        return done


class _UpTo:
    """Hands on how far a part of the work is, as a share of the whole."""

    def __init__(self, watcher: Watcher, share: float) -> None:
        self._watcher = watcher
        self._share = share

    def reached(self, share: float) -> None:
        self._watcher.reached(share * self._share)

    def previewed(self, data: bytes) -> None:
        self._watcher.previewed(data)


async def _taken_back(client: Client, prompt_id: str) -> None:
    """Best effort, and soon over: the server may be what failed."""
    with contextlib.suppress(ServerTrouble, RequestTrouble, TimeoutError):
        async with asyncio.timeout(_WITHDRAW_S):
            await client.withdraw(prompt_id)
