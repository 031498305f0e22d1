"""Reading bodies and writing answers: JSON, checked both ways."""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from llamavis_studio.core.errors import (
    BackendError,
    Cancelled,
    DescriptionError,
    LlamaVisError,
    LocatedError,
)
from llamavis_studio.server.messages import ErrorReply, Failure, Problem

MOST_BODY = 1 << 20
BODY_S = 10.0
Asked = TypeVar("Asked", bound=BaseModel)


class Refusal(Exception):  # noqa: N818 - it is what HTTP calls it
    """An answer from 400 on, with the reason as JSON."""

    def __init__(self, status: int, failure: Failure) -> None:
        super().__init__(failure.message)
        self.status = status
        self.failure = failure
        self.headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}

    def answer(self) -> web.Response:
        """As it is sent."""
        made = answer(ErrorReply(error=self.failure), self.status)
        made.headers.update(self.headers)
        return made


def refuse(status: int, code: str, message: str, hint: str = "", **more: Any) -> Refusal:
    """A refusal to be raised; `more` are other fields of `Failure`."""
    return Refusal(status, Failure(code=code, message=message, hint=hint, **more))


def refused(error: web.HTTPException) -> Refusal:
    """What aiohttp refuses by itself, in our words."""
    code = {404: "no_such_path", 405: "no_such_method", 413: "too_large"}.get(error.status, "bad")
    made = refuse(error.status, code, error.reason)
    if "Allow" in error.headers:
        made.headers["Allow"] = error.headers["Allow"]
    return made


def refusal_of(error: LlamaVisError, problems: list[Problem] | None = None) -> Refusal:
    """An expected error of the studio, without any absolute path."""
    if isinstance(error, Cancelled):
        return refuse(409, "cancelled", error.message, error.hint)
    status = 502 if isinstance(error, BackendError) else 422
    code = "backend" if isinstance(error, BackendError) else "refused"
    return refuse(status, code, error.message, error.hint, problems=problems or [])


def problem_of(error: LocatedError, path: str) -> Problem:
    """A description's problem at its place."""
    severity = "error" if isinstance(error, DescriptionError) else "warning"
    return Problem(path=path, line=error.line, column=error.column, message=error.message,
                   hint=error.hint, severity=severity)  # fmt: skip


async def body_of(request: web.Request, model: type[Asked]) -> Asked:
    """The body as `model`. Raises a Refusal."""
    if request.content_type != "application/json":
        raise refuse(415, "not_json", "send JSON with Content-Type: application/json")
    if request.content_length is not None and request.content_length > MOST_BODY:
        raise refuse(413, "too_large", f"at most {MOST_BODY >> 20} MiB")
    try:
        data = await asyncio.wait_for(request.read(), BODY_S)
    except TimeoutError as cause:
        if request.transport is not None:
            request.transport.abort()
        raise refuse(408, "too_slow", "the body did not come") from cause
    except web.HTTPRequestEntityTooLarge as cause:
        raise refuse(413, "too_large", f"at most {MOST_BODY >> 20} MiB") from cause
    try:
        return model.model_validate_json(data or b"{}")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise refuse(400, "bad_body", f"{place}: {first['msg']}".lstrip(": ")) from None


def answer(reply: BaseModel, status: int = 200) -> web.Response:
    """A model as the body of an answer."""
    return web.Response(
        status=status, body=reply.model_dump_json().encode(), content_type="application/json"
    )


def number(request: web.Request, name: str, default: int, least: int, most: int) -> int:
    """A whole number of the query. Raises a Refusal."""
    text = one(request, name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 18 and least <= int(text) <= most):
        raise refuse(400, "bad_query", f"'{name}' is a whole number from {least} to {most}")
    return int(text)


def one(request: web.Request, name: str) -> str | None:
    """A value of the query that is there once, or not. Raises a Refusal."""
    values = request.query.getall(name, [])
    if len(values) > 1:
        raise refuse(400, "bad_query", f"'{name}' is there twice")
    if values and len(values[0]) > 4096:
        raise refuse(400, "bad_query", f"'{name}' is too long")
    return values[0] if values else None


def needed(request: web.Request, name: str) -> str:
    """A value of the query that must be there. Raises a Refusal."""
    value = one(request, name)
    if not value:
        raise refuse(400, "bad_query", f"'{name}' is missing")
    return value
