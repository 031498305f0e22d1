"""What can be asked, path by path; `openapi` writes the same table as a document.

Answers from the desk's snapshot come at once; what needs the studio waits for its thread.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from pydantic import BaseModel

from llamavis_studio.core.description import SUFFIXES, examine_text
from llamavis_studio.core.editing import write_back
from llamavis_studio.core.errors import DescriptionError, LlamaVisError, ProjectError, ServerError
from llamavis_studio.core.paths import join_inside
from llamavis_studio.core.write import write_atomic
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.thumbnail import thumbnail_png
from llamavis_studio.machine_models import BUILTIN
from llamavis_studio.server import messages as m
from llamavis_studio.server.desk import Desk
from llamavis_studio.server.models import models_reply
from llamavis_studio.server.replies import (
    answer,
    body_of,
    needed,
    number,
    one,
    problem_of,
    refusal_of,
    refuse,
)
from llamavis_studio.studio import Studio

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
IMAGES = (".png", ".webp", ".jpg", ".jpeg", ".gif", ".bmp", ".tga")
MOST_TEXT, MOST_IMAGE = 1 << 20, 64 << 20
LONGEST_WAIT_S = 55


@dataclass(frozen=True)
class Route:
    """One path: what it takes, what it gives, and in words what it is for."""

    method: str
    path: str
    does: str
    handler: Handler
    wish: type[BaseModel] | None = None
    reply: type[BaseModel] | None = None
    query: tuple[tuple[str, str], ...] = ()
    """Names and types (string, integer) of what may stand behind the `?`."""


class Api:
    """The handlers of one desk."""

    def __init__(self, desk: Desk, shut_down: Callable[[], None]) -> None:
        self._desk = desk
        self._shut_down = shut_down

    def routes(self) -> tuple[Route, ...]:
        """Every path below `/api/v1`."""
        text, whole = "string", "integer"
        page = (("after", text), ("limit", whole))
        return (
            Route("GET", "/status", "How the service and its project are", self.status,
                  reply=m.Status),
            Route("GET", "/assets", "Images and how they stand; filtered by name and words",
                  self.assets, reply=m.AssetPage,
                  query=(("filter", text), ("state", text), *page)),
            Route("GET", "/models", "What draws and describes images here, and what each can do",
                  self.models, reply=m.ModelsReply),
            Route("GET", "/description", "A description's text", self.read_description,
                  reply=m.DescriptionReply, query=(("path", text),)),
            Route("PUT", "/description", "Write a description, if nobody else did meanwhile",
                  self.write_description, m.DescriptionWish, m.DescriptionReply),
            Route("POST", "/check", "What is wrong with a text; nothing is written",
                  self.check, m.CheckWish, m.CheckReply),
            Route("POST", "/build", "Draw", self.build, m.BuildWish, m.BuildReply),
            Route("POST", "/cancel", "Stop what is being drawn", self.cancel, reply=m.Done),
            Route("POST", "/variants", "Have so many variants of an image", self.variants,
                  m.VariantsWish, m.Done),
            Route("POST", "/choose", "Keep one of an image's variants", self.choose,
                  m.ChooseWish, m.Done),
            Route("POST", "/lock", "Never draw images again, or let them be drawn again", self.lock,
                  m.LockWish, m.Done),
            Route("POST", "/caption", "Say what is in an image", self.caption,
                  m.CaptionWish, m.CaptionReply),
            Route("GET", "/search", "Search the library, as `llamavis search` does", self.search,
                  reply=m.SearchReply, query=(("q", text), *page)),
            Route("GET", "/thumbnail", "A small PNG of an image of the project", self.thumbnail,
                  query=(("path", text), ("size", whole))),
            Route("GET", "/events", "What happened behind `after`; waits at most `wait` seconds "
                  "for something, or streams (Accept: text/event-stream)", self.events,
                  reply=m.EventPage, query=(("after", whole), ("wait", whole), ("service", text))),
            Route("POST", "/shutdown", "End the service", self.shut_down, reply=m.Done),
        )  # fmt: skip

    # --- from the snapshot -----------------------------------------------------------------------

    async def status(self, _request: web.Request) -> web.StreamResponse:
        return answer(self._desk.status())

    async def assets(self, request: web.Request) -> web.StreamResponse:
        words = (one(request, "filter") or "").casefold().split()
        state, after = one(request, "state"), one(request, "after") or ""
        limit = number(request, "limit", 200, 1, 1000)
        fits = [
            asset
            for asset in self._desk.assets.values()
            if (state is None or asset.state == state)
            and all(word in f"{asset.output} {asset.description}".casefold() for word in words)
        ]
        page = [asset for asset in fits if asset.output > after][: limit + 1]
        follows = page[limit - 1].output if len(page) > limit else None
        return answer(
            m.AssetPage(
                assets=page[:limit],
                total=len(fits),
                next=follows,
                problems=[] if after else self._desk.problems,
            )
        )

    async def events(self, request: web.Request) -> web.StreamResponse:
        log = self._desk.events
        if "text/event-stream" in request.headers.get("Accept", ""):
            return await self._stream(request)
        after = number(request, "after", log.cursor, 0, 1 << 53)
        wait_s = number(request, "wait", 0, 0, LONGEST_WAIT_S)
        if one(request, "service") not in (None, self._desk.service):
            return answer(m.EventPage(service=self._desk.service, cursor=log.cursor, missed=True,
                                      events=[]))  # fmt: skip
        if wait_s:
            await log.wait(after, wait_s)
        found, missed = log.since(after)
        return answer(m.EventPage(service=self._desk.service, cursor=log.cursor, missed=missed,
                                  events=found))  # fmt: skip

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events (WHATWG HTML, 9.2): `id` is the cursor, so that a client goes on."""
        log = self._desk.events
        last = request.headers.get("Last-Event-ID", "")
        cursor = int(last) if last.isascii() and last.isdigit() and len(last) < 18 else log.cursor
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream",
                                             "Cache-Control": "no-store"})  # fmt: skip
        await stream.prepare(request)
        try:
            while not log.is_closed:
                found, missed = log.since(cursor)
                cursor = log.cursor
                lines = ["event: missed\ndata: {}\n\n"] if missed else []
                lines += [
                    f"id: {event['cursor']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n"
                    for event in found
                ]
                await stream.write("".join(lines or [": still here\n\n"]).encode())
                await log.wait(cursor, 15)
        except ConnectionError:
            pass  # the reader has left
        return stream

    # --- files -----------------------------------------------------------------------------------

    async def read_description(self, request: web.Request) -> web.StreamResponse:
        name = needed(request, "path")
        path = self._description(name)
        return answer(await asyncio.to_thread(_read, path, name))

    async def write_description(self, request: web.Request) -> web.StreamResponse:
        wish = await body_of(request, m.DescriptionWish)
        path = self._description(wish.path, new=wish.revision is None)
        problems = _problems(path, wish.path, wish.text)
        if problems:
            raise refuse(422, "broken", "the description has mistakes", "mend them and send it "
                         "again", problems=problems)  # fmt: skip

        def write(_studio: Studio) -> m.DescriptionReply:
            # In the studio's thread, so that nothing of ours writes between the look and the write.
            data = path.read_bytes() if path.is_file() else None
            now = None if data is None else hashlib.sha256(data).hexdigest()
            if now != wish.revision:
                raise refuse(409, "changed", f"'{wish.path}' was changed elsewhere",
                             "read it again, and decide which words to keep")  # fmt: skip
            encoded = wish.text.encode()
            if data is not None and data.startswith(b"\xef\xbb\xbf"):
                encoded = b"\xef\xbb\xbf" + encoded
            write_atomic(path, encoded)
            return _read(path, wish.path)

        return answer(await self._desk.ask(write))

    async def check(self, request: web.Request) -> web.StreamResponse:
        wish = await body_of(request, m.CheckWish)
        path = self._description(wish.path, new=True)
        return answer(m.CheckReply(problems=_problems(path, wish.path, wish.text)))

    async def thumbnail(self, request: web.Request) -> web.StreamResponse:
        path = self._image(needed(request, "path"))
        side = number(request, "size", 64, 16, 512)
        try:
            data = await asyncio.to_thread(_thumbnail, path, side)
        except (ImageError, OSError) as cause:
            raise refuse(404, "no_picture", "this image cannot be read") from cause
        return web.Response(body=data, content_type="image/png")

    # --- work ------------------------------------------------------------------------------------

    async def build(self, request: web.Request) -> web.StreamResponse:
        wish = await body_of(request, m.BuildWish)
        paths = None if wish.paths is None else [self._inside(name) for name in wish.paths]
        count = await self._desk.ask(
            lambda studio: studio.request_build(
                paths, force=wish.force or (wish.fresh and paths is not None), fresh=wish.fresh
            )
        )
        return answer(m.BuildReply(images=count))

    async def cancel(self, request: web.Request) -> web.StreamResponse:
        await body_of(request, m.Wish)
        self._desk.cancel()
        return answer(m.Done())

    async def variants(self, request: web.Request) -> web.StreamResponse:
        wish = await body_of(request, m.VariantsWish)
        await self._change([wish.output], count=None if wish.count == 1 else wish.count, pick=None)
        return answer(m.Done())

    async def choose(self, request: web.Request) -> web.StreamResponse:
        wish = await body_of(request, m.ChooseWish)
        await self._change([wish.output], pick=wish.variant)
        return answer(m.Done())

    async def lock(self, request: web.Request) -> web.StreamResponse:
        wish = await body_of(request, m.LockWish)
        await self._change(wish.outputs, locked=True if wish.locked else None)
        return answer(m.Done())

    async def models(self, _request: web.Request) -> web.StreamResponse:
        # Not in the studio's thread, which may be drawing: records and small files are read.
        project = self._desk.project
        default = BUILTIN if project is None else project.backend
        return answer(await asyncio.to_thread(models_reply, default))

    async def caption(self, request: web.Request) -> web.StreamResponse:
        wish = await body_of(request, m.CaptionWish)
        path = self._image(wish.path)
        _, said = (await self._desk.ask(lambda studio: studio.caption([path])))[0]
        if isinstance(said, LlamaVisError):
            raise said
        return answer(
            m.CaptionReply(
                path=wish.path,
                caption=said.caption,
                tags=[tag.name for tag in said.tags],
                kind=said.kind,
                guess=not said.in_domain,
                model=said.model,
            )
        )

    async def search(self, request: web.Request) -> web.StreamResponse:
        query, after = one(request, "q") or "", one(request, "after")
        limit = number(request, "limit", 50, 1, 200)

        def work(studio: Studio) -> m.SearchReply:
            if after is None and self._desk.library_is_stale:
                studio.library.update()
                self._desk.library_is_stale = False
            studio.library.make_findable(query, lambda _done, _total: None)
            found = studio.library.search(query, limit=limit, after=after)
            hits = [
                m.Hit(file=item.file, kind=item.kind, width=item.width, height=item.height,
                      caption=item.caption, tags=list(item.tags), state=item.state)
                for item in found.items
                if not Path(item.file).is_absolute()
            ]  # fmt: skip
            follows = None if found.next is None else found.next.to_text()
            return m.SearchReply(hits=hits, next=follows, changed=found.changed)

        return answer(await self._desk.ask(work))

    async def shut_down(self, request: web.Request) -> web.StreamResponse:
        await body_of(request, m.Wish)
        asyncio.get_running_loop().call_later(0.05, self._shut_down)  # the answer goes first
        return answer(m.Done())

    # --- places ----------------------------------------------------------------------------------

    def _inside(self, name: str) -> Path:
        """A path of the project that is nobody's secret. Raises ProjectError."""
        path = join_inside(self._desk.root, name)
        if any(part.startswith(".") for part in path.relative_to(self._desk.root).parts):
            raise refuse(404, "no_such_file", "hidden files are not served")
        return path

    def _description(self, name: str, *, new: bool = False) -> Path:
        path = self._inside(name)
        if not name.endswith(SUFFIXES):
            raise refuse(404, "no_such_file", "this is no description",
                         f"its name ends in {' or '.join(SUFFIXES)}")  # fmt: skip
        if not new and not path.is_file():
            raise refuse(404, "no_such_file", f"there is no '{name}'")
        return path

    def _image(self, name: str) -> Path:
        path = self._inside(name)
        if not name.lower().endswith(IMAGES) or not path.is_file():
            raise refuse(404, "no_such_file", f"there is no image '{name}'")
        return path

    async def _change(self, outputs: list[str], **values: object) -> None:
        """Set keys of the descriptions of these outputs, comments kept."""
        assets = [self._desk.assets.get(output) for output in outputs]
        missing = [name for name, asset in zip(outputs, assets, strict=True) if asset is None]
        if missing:
            raise refuse(404, "no_such_image", f"no description asks for '{missing[0]}'")
        named = dict.fromkeys((asset.source, asset.name) for asset in assets if asset is not None)

        def work(_studio: Studio) -> None:
            for source, name in named:
                write_back(self._desk.root / source, values, name)

        await self._desk.ask(work)


def guarded(handler: Handler) -> Handler:
    """Expected errors as answers."""

    async def answered(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except ServerError as error:
            raise refuse(503, "not_now", error.message, error.hint) from error
        except ProjectError as error:
            raise refuse(404 if error.line == 0 else 422, "refused", error.message,
                         error.hint) from error  # fmt: skip
        except LlamaVisError as error:
            raise refusal_of(error) from error

    return answered


def _read(path: Path, name: str) -> m.DescriptionReply:
    try:
        data = path.read_bytes()
    except OSError as cause:
        raise refuse(404, "no_such_file", f"'{name}' cannot be read") from cause
    if len(data) > MOST_TEXT:
        raise refuse(413, "too_large", f"'{name}' is over {MOST_TEXT >> 20} MiB")
    text = data.decode("utf-8-sig", "replace")
    return m.DescriptionReply(
        path=name,
        text=text,
        revision=hashlib.sha256(data).hexdigest(),
        problems=_problems(path, name, text),
    )


def _problems(path: Path, name: str, text: str) -> list[m.Problem]:
    try:
        return [problem_of(error, name) for error in examine_text(path, text).problems]
    except DescriptionError as error:
        return [problem_of(error, name)]


def _thumbnail(path: Path, side: int) -> bytes:
    with path.open("rb") as stream:
        data = stream.read(MOST_IMAGE + 1)
    if len(data) > MOST_IMAGE:
        raise ImageError("too large")
    return thumbnail_png(data, path.name, side)
