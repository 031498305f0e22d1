"""A small ComfyUI on this machine: it keeps to the documented protocol and checks every field.

    with ComfyServer() as server:
        ...  # server.address
    assert server.faults == []

Words in a prompt make it misbehave, and so do its attributes:

    EXPLODE  a node fails                       refuses_sockets  no websocket comes about
    OOM      as CUDA does without memory        drops_sockets    closes one after its first step
    NOTHING  the workflow makes no picture      token            what Authorization has to be
    TEXT, CUT, BOMB, DEEP  no image, half of one,   fails        route -> how many times HTTP 500
             one of 60,000 px, one of 20,000 px     answers      route -> a handler in its place
    SLOW     50 ms a step                       forgets          drops so many works, as a restart
                                                dies_after       ends after so many pictures

Source: ComfyUI, ``server.py``, ``execution.py``, ``comfy_execution/progress.py``.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import struct
import threading
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import numpy as np
from aiohttp import web
from PIL import Image

from tests.support.comfy_nodes import NODES, OUTPUTS, Run, node_info, validate

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Interrupted(Exception):  # noqa: N818
    pass


class ComfyServer:
    def __init__(self, *, step_ms: float = 0.0, port: int = 0) -> None:
        self.step_ms = step_ms
        self.token = ""
        self.refuses_sockets = False
        self.drops_sockets = False
        self.fails: Counter[str] = Counter()
        self.answers: dict[str, Handler] = {}
        self.forgets = 0
        self.dies_after = -1
        self.faults: list[str] = []
        self.prompts: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str]] = []
        self.files: dict[tuple[str, str, str], bytes] = {}
        self.history: dict[str, Any] = {}
        self.pending: list[tuple[int, str, dict[str, Any], dict[str, Any]]] = []
        self.running: tuple[int, str, dict[str, Any], dict[str, Any]] | None = None
        self.interrupted: list[str] = []
        self._interrupts = False
        self._sockets: dict[str, web.WebSocketResponse] = {}
        self._metadata: set[str] = set()
        self._refused_sockets = False
        self._transports: set[asyncio.Transport] = set()
        self._port = port
        self._count = 0

    def __enter__(self) -> ComfyServer:
        ready = threading.Event()
        self._thread = threading.Thread(target=self._live, args=(ready,), name="comfy-server")
        self._thread.start()
        assert ready.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(20)
        assert not self._thread.is_alive()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def routes_asked(self) -> Counter[str]:
        return Counter(route for _, route in self.requests)

    def _live(self, ready: threading.Event) -> None:
        asyncio.run(self._serve(ready))

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application(middlewares=[self._gate], client_max_size=100 << 20)
        app.add_routes(
            [
                web.get("/ws", self._ws),
                web.post("/prompt", self._prompt),
                web.get("/history/{prompt_id}", self._history),
                web.get("/queue", self._queue),
                web.post("/queue", self._change_queue),
                web.post("/interrupt", self._interrupt),
                web.get("/view", self._view),
                web.post("/upload/image", self._upload),
                web.get("/system_stats", self._stats),
                web.get("/object_info/{sort}", self._info),
            ]
        )
        self._runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        worker = asyncio.create_task(self._work())
        ready.set()
        await self._stopped.wait()
        worker.cancel()
        await self._runner.cleanup()
        await asyncio.gather(worker, return_exceptions=True)

    @web.middleware
    async def _gate(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.transport is not None:
            self._transports.add(request.transport)
        route = "/" + request.path.strip("/").split("/")[0]
        self.requests.append((request.method, route))
        if route == "/ws" and (self.refuses_sockets or self.fails[route] or route in self.answers):
            self._refused_sockets = True
        if self.token and request.headers.get("Authorization") != self.token:
            return web.Response(status=401, text="<html><title>Sign in</title></html>")
        if self.fails[route] > 0:
            self.fails[route] -= 1
            return web.Response(status=500, text="500 Internal Server Error")
        return await self.answers.get(route, self.answers.get("*", handler))(request)

    async def _ws(self, request: web.Request) -> web.StreamResponse:
        if self.refuses_sockets:
            return web.Response(status=404)
        client_id = request.query.get("clientId", "")
        if not client_id:
            self.faults.append("a websocket without clientId")
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets[client_id] = socket
        await self._send(client_id, "status", {"status": self._info_of_queue(), "sid": client_id})
        try:
            async for message in socket:
                data = json.loads(message.data)
                if data.get("type") == "feature_flags":
                    if data["data"].get("supports_preview_metadata"):
                        self._metadata.add(client_id)
                    await self._send(
                        client_id, "feature_flags", {"supports_preview_metadata": True}
                    )
        finally:
            self._sockets.pop(client_id, None)
        return socket

    async def _prompt(self, request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            self.faults.append(f"a prompt as {request.content_type}")
        body = await request.json()
        wrong = set(body) - {"prompt", "client_id", "prompt_id", "extra_data", "number", "front"}
        if wrong:
            self.faults.append(f"unknown keys in a prompt: {wrong}")
        if "prompt" not in body:
            return web.json_response(
                {"error": {"type": "no_prompt"}, "node_errors": {}}, status=400
            )
        prompt_id = body.get("prompt_id") or str(uuid.uuid4())
        if str(uuid.UUID(prompt_id)) != prompt_id:
            return web.json_response({"error": {"type": "invalid_prompt_id"}}, status=400)
        client_id = body.get("client_id", "")
        if client_id not in self._sockets and not self._refused_sockets:
            self.faults.append("a prompt of a client without a websocket")
        error, node_errors, strict = validate(body["prompt"], self._has_file)
        self.faults += strict
        if error is not None:
            return web.json_response({"error": error, "node_errors": node_errors}, status=400)
        self.prompts.append(body)
        self._count += 1
        extra = {**body.get("extra_data", {}), "client_id": client_id}
        if self.forgets > 0:
            self.forgets -= 1
        else:
            self.pending.append((self._count, prompt_id, body["prompt"], extra))
        answer = {"prompt_id": prompt_id, "number": self._count, "node_errors": {}}
        return web.json_response(answer)

    async def _history(self, request: web.Request) -> web.Response:
        prompt_id = request.match_info["prompt_id"]
        found = self.history.get(prompt_id)
        return web.json_response({} if found is None else {prompt_id: found})

    async def _queue(self, _: web.Request) -> web.Response:
        running = [] if self.running is None else [list(self.running)]
        pending = [list(one) for one in self.pending]
        return web.json_response({"queue_running": running, "queue_pending": pending})

    async def _change_queue(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.pending = [one for one in self.pending if one[1] not in body.get("delete", [])]
        return web.Response(status=200)

    async def _interrupt(self, request: web.Request) -> web.Response:
        body = await request.json()
        if "prompt_id" not in body:
            self.faults.append("an interrupt of whatever runs")
        if self.running is not None and self.running[1] == body.get("prompt_id"):
            self._interrupts = True
        return web.Response(status=200)

    async def _upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        image = form.get("image")
        if set(form) != {"image", "type", "subfolder", "overwrite"}:
            self.faults.append(f"an upload of {sorted(form)}")
        if not isinstance(image, web.FileField) or not image.filename:
            return web.Response(status=400)
        if form["overwrite"] not in ("true", "1") or form["type"] not in ("input", "temp"):
            self.faults.append(f"overwrite {form['overwrite']}, type {form['type']}")
        data = image.file.read()
        Image.open(io.BytesIO(data)).load()
        place = (str(form["type"]), str(form["subfolder"]), image.filename)
        self.files[place] = data
        return web.json_response({"name": place[2], "subfolder": place[1], "type": place[0]})

    async def _view(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        place = (query.get("type", "output"), query.get("subfolder", ""), query["filename"])
        if place not in self.files:
            return web.Response(status=404)
        return web.Response(body=self.files[place], content_type="image/png")

    async def _stats(self, _: web.Request) -> web.Response:
        device = {"name": "cuda:0 Pretended", "type": "cuda", "index": 0, "vram_total": 24 << 30,
                  "vram_free": 20 << 30}  # fmt: skip
        system = {"os": "posix", "comfyui_version": "0.3.60", "argv": ["main.py"]}
        return web.json_response({"system": system, "devices": [device]})

    async def _info(self, request: web.Request) -> web.Response:
        sort = request.match_info["sort"]
        return web.json_response({sort: node_info(sort)} if sort in NODES else {})

    def _has_file(self, name: str) -> bool:
        return self._place(name) in self.files

    @staticmethod
    def _place(name: str) -> tuple[str, str, str]:
        """``folder/name [temp]`` as ComfyUI's annotated names are read."""
        kind = "input"
        if name.endswith(" [temp]"):
            name, kind = name.removesuffix(" [temp]"), "temp"
        folder, _, file = name.rpartition("/")
        return kind, folder, file

    def _load(self, name: str) -> np.ndarray:
        with Image.open(io.BytesIO(self.files[self._place(name)])) as image:
            return np.asarray(image.convert("RGBA" if image.mode == "RGBA" else "RGB"))

    async def _work(self) -> None:
        while True:
            if not self.pending:
                await asyncio.sleep(0.002)
                continue
            self.running = self.pending.pop(0)
            self._interrupts = False
            await self._run(*self.running)
            self.running = None

    async def _run(
        self, number: int, prompt_id: str, graph: dict[str, Any], extra: dict[str, Any]
    ) -> None:
        client = extra["client_id"]
        words = " ".join(str(v) for n in graph.values() for v in n["inputs"].values())
        node = ""
        messages: list[Any] = []

        async def say(kind: str, **data: Any) -> None:
            messages.append([kind, {"prompt_id": prompt_id, **data}])
            await self._send(client, kind, {"prompt_id": prompt_id, **data})

        async def step(at: str, done: int, of: int, picture: np.ndarray) -> None:
            nonlocal node
            if at != node:
                node = at
                await self._send(client, "executing", {"node": at, "prompt_id": prompt_id})
            await asyncio.sleep(0.05 if "SLOW" in words else self.step_ms / 1000)
            if self._interrupts:
                raise Interrupted
            if "EXPLODE" in words:
                raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")
            if "OOM" in words:
                raise MemoryError("Allocation on device 0 would exceed allowed memory.")
            await self._steps_told(client, prompt_id, at, done, of)
            if extra.get("preview_method") != "none":
                await self._preview(client, prompt_id, at, picture)
            if self.drops_sockets and client in self._sockets:
                await self._sockets[client].close()

        await say("execution_start")
        await say("execution_cached", nodes=[])
        outputs: dict[str, Any] = {}
        try:
            run = Run(graph, self._load, step)
            for output in (one for one in graph if graph[one]["class_type"] in OUTPUTS):
                picture = await run.picture(output)
                if "NOTHING" in words:
                    continue
                kind = "temp" if graph[output]["class_type"] == "PreviewImage" else "output"
                place = (kind, "", f"ComfyUI_{number:05}_{output}.png")
                self.files[place] = _encoded(picture, words)
                image = {"filename": place[2], "subfolder": "", "type": kind}
                outputs[output] = {"images": [image]}
                told = {"node": output, "output": outputs[output], "prompt_id": prompt_id}
                await self._send(client, "executed", told)
        except Interrupted:
            self.interrupted.append(prompt_id)
            await say("execution_interrupted", node_id=node, node_type="KSampler", executed=[])
        except (RuntimeError, MemoryError) as error:
            kind = type(error).__name__
            kind = "torch.OutOfMemoryError" if kind == "MemoryError" else kind
            await say("execution_error", node_id=node, node_type=graph[node]["class_type"],
                      executed=[], exception_message=str(error), exception_type=kind,
                      traceback=[], current_inputs={}, current_outputs=[])  # fmt: skip
        else:
            await say("execution_success")
        fine = messages[-1][0] == "execution_success"
        if fine and self.dies_after >= 0:
            self.dies_after -= 1
            if self.dies_after < 0:
                await self._die()
                return
        self.history[prompt_id] = {
            "prompt": [number, prompt_id, graph, extra, []],
            "outputs": outputs,
            "status": {"status_str": "success" if fine else "error", "completed": fine,
                       "messages": messages},
        }  # fmt: skip
        await self._send(client, "executing", {"node": None, "prompt_id": prompt_id})

    async def _die(self) -> None:
        """As a crash: nobody listens any more, and every connection breaks."""
        for site in list(self._runner.sites):
            await site.stop()
        for transport in self._transports:
            transport.abort()

    async def _steps_told(self, client: str, prompt_id: str, node: str, at: int, of: int) -> None:
        told = {"value": at, "max": of, "prompt_id": prompt_id, "node": node}
        await self._send(client, "progress", told)
        state = {"value": at, "max": of, "state": "running", "node_id": node,
                 "prompt_id": prompt_id}  # fmt: skip
        await self._send(client, "progress_state", {"prompt_id": prompt_id, "nodes": {node: state}})

    async def _preview(self, client: str, prompt_id: str, node: str, picture: np.ndarray) -> None:
        if client not in self._sockets:
            return
        stream = io.BytesIO()
        Image.fromarray(picture.astype(np.uint8)).save(stream, "JPEG")
        if client in self._metadata:
            told = {"node_id": node, "prompt_id": prompt_id, "image_type": "image/jpeg"}
            packed = json.dumps(told).encode()
            data = struct.pack(">II", 4, len(packed)) + packed + stream.getvalue()
        else:
            data = struct.pack(">II", 1, 1) + stream.getvalue()
        await self._quietly(self._sockets[client].send_bytes(data))

    async def _send(self, client: str, kind: str, data: dict[str, Any]) -> None:
        if client in self._sockets:
            await self._quietly(self._sockets[client].send_json({"type": kind, "data": data}))

    @staticmethod
    async def _quietly(sending: Awaitable[None]) -> None:
        with contextlib.suppress(aiohttp.ClientError, ConnectionError):
            await sending

    def _info_of_queue(self) -> dict[str, Any]:
        return {"exec_info": {"queue_remaining": len(self.pending) + (self.running is not None)}}


def _encoded(picture: np.ndarray, words: str) -> bytes:
    """A PNG, or what the words ask for instead."""
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "PNG")
    png = stream.getvalue()
    if "TEXT" in words:
        return b"this is not an image at all"
    if "CUT" in words:
        return png[: len(png) // 2]
    if "BOMB" in words:
        return png[:16] + struct.pack(">II", 60_000, 60_000) + png[24:]
    if "DEEP" in words:
        stream = io.BytesIO()
        Image.new("1", (20_000, 20_000)).save(stream, "PNG")
        return stream.getvalue()
    return png
