"""One ComfyUI server over HTTP: bounded in bytes and in seconds, and never led elsewhere.

What a server answers is never believed: redirects are not followed, bodies are counted while they
arrive and are asked for unpacked, and file names go back to the same server as query parameters
only. ``HTTP_PROXY``, ``HTTPS_PROXY`` and ``NO_PROXY`` are heeded as everywhere, but never for this
machine itself; ``.netrc`` is not read. Imported inside functions only: it needs aiohttp.

Source of the routes: ComfyUI, ``server.py``.
"""

from __future__ import annotations

import asyncio
import html
import ipaddress
import json
import re
import ssl
import urllib.request
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp

from llamavis_studio.backends.comfyui.options import ComfyOptions
from llamavis_studio.backends.comfyui.trouble import (
    RequestTrouble,
    ServerTrouble,
    refused,
    short,
)

_MOST_JSON = 16 << 20  # 16 MiB; the description of one node may hold thousands of file names
_MOST_ERROR = 64 << 10
_MOST_MESSAGE = 16 << 20  # of the websocket: a preview
_TITLE = re.compile(rb"<title[^>]*>([^<]{1,200})", re.I)
_DOWNLOAD_TIMES = 4  # an image may take so many times as long as a silence


class Client:
    """Requests to one server. Every method raises ``ServerTrouble``; some ``RequestTrouble``."""

    def __init__(self, session: aiohttp.ClientSession, address: str, options: ComfyOptions) -> None:
        self._session = session
        self._options = options
        self._proxy = proxy_for(address)
        self.address = address

    async def json(self, route: str, body: object = None) -> Any:
        """The JSON behind a route; with a ``body`` it is posted. An empty answer is None."""
        if body is None:
            return _decoded(await self._ask("GET", route, _MOST_JSON), self.address)
        return _decoded(await self._ask("POST", route, _MOST_JSON, json=body), self.address)

    async def enqueue(self, body: Mapping[str, Any]) -> str:
        """``POST /prompt``: the number under which the server knows the work.

        Raises RequestTrouble where the server refuses the workflow.
        """
        answer = await self.json("/prompt", body)
        if not isinstance(answer, dict) or not isinstance(answer.get("prompt_id"), str):
            raise ServerTrouble(_else(self.address, "no number for the work"), _ELSE_HINT, True)
        if answer.get("node_errors") and not answer["prompt_id"]:
            raise refused(answer)
        return str(answer["prompt_id"])

    async def upload(self, name: str, png: bytes, kind: str) -> str:
        """``POST /upload/image``: the picture's name as a ``LoadImage`` node takes it.

        Args:
            kind: "input" (stays on the server) or "temp" (deleted when it starts anew).
        """
        form = aiohttp.FormData()
        form.add_field("image", png, filename=name, content_type="image/png")
        form.add_field("type", kind)
        form.add_field("subfolder", "llamavis")
        form.add_field("overwrite", "true")
        answer = _decoded(await self._ask("POST", "/upload/image", _MOST_JSON, data=form),
                          self.address)  # fmt: skip
        if not isinstance(answer, dict) or not isinstance(answer.get("name"), str):
            raise ServerTrouble(_else(self.address, "no name for an upload"), _ELSE_HINT, True)
        folder = answer.get("subfolder") or ""
        place = f"{folder}/{answer['name']}" if folder else answer["name"]
        return f"{place} [temp]" if answer.get("type") == "temp" else str(place)

    async def image(self, place: Mapping[str, Any]) -> bytes:
        """``GET /view``: the bytes of a picture that the history names.

        Raises RequestTrouble for one that is larger than the options allow.
        """
        query = {key: str(place.get(key) or "") for key in ("filename", "subfolder", "type")}
        most = self._options.max_image_mb << 20
        total_s = _DOWNLOAD_TIMES * self._options.idle_s
        return await self._ask("GET", "/view", most, total_s, params=query)

    async def history(self, prompt_id: str) -> Mapping[str, Any] | None:
        """What became of a work; None while it is not done, or not known."""
        answer = await self.json(f"/history/{quote(prompt_id, safe='')}")
        found = answer.get(prompt_id) if isinstance(answer, dict) else None
        return found if isinstance(found, dict) else None

    async def queued(self) -> tuple[frozenset[str], frozenset[str]]:
        """The numbers of what is being drawn, and of what waits."""
        answer = await self.json("/queue")
        if not isinstance(answer, dict):
            raise ServerTrouble(_else(self.address, "no queue"), _ELSE_HINT, True)
        return _numbers(answer.get("queue_running")), _numbers(answer.get("queue_pending"))

    async def withdraw(self, prompt_id: str) -> None:
        """Take a work back: out of the queue, or interrupted where it is being drawn. What belongs
        to others goes on: an old server interrupts whatever runs, so it is asked what that is.
        """
        await self.json("/queue", {"delete": [prompt_id]})
        running, _ = await self.queued()
        if prompt_id in running:
            await self.json("/interrupt", {"prompt_id": prompt_id})

    @asynccontextmanager
    async def socket(self, client_id: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse | None]:
        """The messages for one client; None where no websocket comes about, as behind some proxies:
        then the history has to be asked.
        """
        address = f"{self.address}/ws?clientId={client_id}"
        socket = None
        try:
            async with asyncio.timeout(self._options.connect_s):
                socket = await self._session.ws_connect(
                    address, proxy=self._proxy, max_msg_size=_MOST_MESSAGE,
                    timeout=aiohttp.ClientWSTimeout(ws_close=1.0),
                )  # fmt: skip
                flags = {"type": "feature_flags", "data": {"supports_preview_metadata": True}}
                await socket.send_json(flags)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError):
            socket = None
        try:
            yield socket
        finally:
            if socket is not None:
                await socket.close()

    async def _ask(
        self, method: str, route: str, most: int, total_s: float = 0.0, **more: Any
    ) -> bytes:
        options = self._options
        timeout = aiohttp.ClientTimeout(
            total=options.connect_s + (total_s or options.idle_s),
            sock_connect=options.connect_s,
            sock_read=options.idle_s,
        )
        try:
            async with self._session.request(
                method, self.address + route, timeout=timeout, allow_redirects=False,
                proxy=self._proxy, **more,
            ) as response:  # fmt: skip
                await self._judge(response, route)
                return await _counted(response, most, self.address)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise self._translated(error) from error

    async def _judge(self, response: aiohttp.ClientResponse, route: str) -> None:
        status = response.status
        if status == 200:
            return
        if 300 <= status < 400:
            where = short(response.headers.get("Location", "elsewhere"))
            raise ServerTrouble(
                f"{self.address} sends on to {where}, and no backend is led elsewhere",
                "name the right address in servers", lasting=True,
            )  # fmt: skip
        body = await _counted(response, _MOST_ERROR, self.address, cut=True)
        if status in (401, 403):
            raise ServerTrouble(f"{self.address} refuses to let us in (HTTP {status})",
                                self._token_hint(), lasting=True)  # fmt: skip
        if status == 400 and route == "/prompt":
            answer = _decoded(body, self.address)
            raise refused(answer if isinstance(answer, dict) else {})
        if status == 413:
            raise RequestTrouble(
                "the picture to start from is larger than the server takes",
                "start ComfyUI with a larger --max-upload-size",
            )
        if status == 429 or status >= 500:
            raise ServerTrouble(f"{self.address} answers HTTP {status}: {_said(body)}")
        if status == 404 and route.startswith("/view"):
            raise RequestTrouble(
                f"{self.address} has lost the picture it drew (HTTP 404)",
                "see whether something empties its output folder",
                again=True,
            )
        raise ServerTrouble(_else(self.address, f"HTTP {status} for {route[:40]}: {_said(body)}"),
                            _ELSE_HINT, lasting=True)  # fmt: skip

    def _token_hint(self) -> str:
        variable = self._options.token_variable
        if self._options.authorization():
            return "the token is wrong or may not do this: set another one"
        if variable:
            return f"put the server's token into the environment variable {variable}"
        return "set token_variable to the name of an environment variable that holds its token"

    def _translated(self, error: Exception) -> ServerTrouble:
        address, options = self.address, self._options
        through = f" through the proxy {_shown(self._proxy)}" if self._proxy else ""
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return ServerTrouble(
                f"{address} did not answer{through} within {options.connect_s:g} seconds",
                "is that machine on, and does its firewall let us through?",
            )
        if isinstance(error, TimeoutError):
            return ServerTrouble(
                f"{address} kept silent for {options.idle_s:g} seconds, or was too slow",
                "see whether it is busy, or set idle_s higher",
            )
        if isinstance(error, aiohttp.ClientConnectorDNSError):
            return ServerTrouble(f"no machine is called {urlsplit(address).hostname}",
                                 "mend the address in servers", lasting=True)  # fmt: skip
        if isinstance(error, aiohttp.ClientSSLError | ssl.SSLError):
            return ServerTrouble(
                f"the connection to {address} cannot be secured: {short(error)}",
                "is it http instead of https? Else give it a certificate that this machine trusts",
                lasting=True,
            )
        if isinstance(error, aiohttp.ClientConnectorError):
            return ServerTrouble(f"nobody answers at {address}{through}",
                                 _START_HINT)  # fmt: skip
        if isinstance(error, aiohttp.InvalidURL):
            return ServerTrouble(f"{address} is no address", "mend it in servers", lasting=True)
        return ServerTrouble(f"{address} broke off: {short(error) or type(error).__name__}",
                             "has ComfyUI stopped? Its own log says more")  # fmt: skip


@asynccontextmanager
async def session_for(options: ComfyOptions) -> AsyncIterator[aiohttp.ClientSession]:
    """A session without cookies, redirects or unpacking."""
    headers = {"Accept-Encoding": "identity", "User-Agent": "LlamaVis-Studio"}
    token = options.authorization()
    if token:
        headers["Authorization"] = token
    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(_not_led_on)
    async with aiohttp.ClientSession(
        headers=headers,
        trace_configs=[trace],
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
    ) as session:
        yield session


async def _not_led_on(*_: object) -> None:
    """Websockets would follow redirects, and cannot be told not to."""
    raise aiohttp.ClientConnectionError("a redirect")


def proxy_for(address: str) -> str | None:
    """The proxy that the environment names for an address; never one for this machine itself."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    try:
        near = ipaddress.ip_address(host).is_loopback
    except ValueError:
        near = host == "localhost" or host.endswith(".localhost")
    if near or urllib.request.proxy_bypass(host):
        return None
    found = urllib.request.getproxies().get(parts.scheme, "")
    return found if found.startswith(("http://", "https://")) else None


_START_HINT = "is ComfyUI running there? On another machine it has to be started with --listen"
_ELSE_HINT = "name the address at which ComfyUI itself answers; its start prints it"


def _else(address: str, what: str) -> str:
    return f"something else than ComfyUI answers at {address}: {what}"


async def _counted(
    response: aiohttp.ClientResponse, most: int, address: str, *, cut: bool = False
) -> bytes:
    """The body, if it is no larger than ``most`` bytes; with ``cut`` its beginning."""
    packed = response.headers.get("Content-Encoding", "identity")
    if packed != "identity" and not cut:
        raise ServerTrouble(_else(address, f"it packs its answers ({short(packed)}) unasked"),
                            _ELSE_HINT, lasting=True)  # fmt: skip
    said = response.content_length or 0
    parts, size = [], 0
    if said <= most or cut:
        async for part in response.content.iter_chunked(1 << 16):
            parts.append(part)
            size += len(part)
            if size > most:
                break
    if max(size, 0 if cut else said) > most:
        response.close()  # what is still to come is not waited for
        if not cut:
            raise RequestTrouble(
                f"{address} sends {_amount(said) if said > most else 'without end'}, and "
                f"{_amount(most)} are the most",
                "if the picture is really that large, set max_image_mb higher",
            )
    return b"".join(parts)[:most]


def _decoded(body: bytes, address: str) -> Any:
    if not body.strip():
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ServerTrouble(_else(address, _said(body)), _ELSE_HINT, lasting=True) from error


def _said(body: bytes) -> str:
    title = _TITLE.search(body)
    if title is not None:
        return short(f"a web page called '{html.unescape(title[1].decode('utf-8', 'replace'))}'")
    if body.lstrip()[:1] == b"<":
        return "a web page"
    return short(body[:400].decode("utf-8", "replace")) or "nothing"


def _numbers(items: object) -> frozenset[str]:
    """The prompt numbers in a queue: each item is ``[place, prompt_id, ...]``."""
    found = items if isinstance(items, list) else []
    return frozenset(str(one[1]) for one in found if isinstance(one, list) and len(one) > 1)


def _amount(size: int) -> str:
    return f"{size / 2**30:.1f} GiB" if size >= 1 << 30 else f"{size / 2**20:.0f} MiB"


def _shown(proxy: str | None) -> str:
    """A proxy without the password that its address may hold."""
    parts = urlsplit(proxy or "")
    return f"{parts.scheme}://{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
