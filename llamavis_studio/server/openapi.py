"""The service's document (OpenAPI 3.1), drawn from the table of routes and the models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic.json_schema import models_json_schema

from llamavis_studio import __version__
from llamavis_studio.server.messages import API, ErrorReply
from llamavis_studio.server.routes import Route

_REF = "#/components/schemas/{model}"


def document(routes: Sequence[Route]) -> dict[str, Any]:
    """The whole document as JSON values."""
    wishes = {route.wish for route in routes if route.wish is not None}
    replies = {route.reply for route in routes if route.reply is not None} | {ErrorReply}
    models = [(one, "validation") for one in wishes] + [(one, "serialization") for one in replies]
    models.sort(key=lambda pair: pair[0].__name__)
    names, schemas = models_json_schema(models, ref_template=_REF)  # type: ignore[arg-type]
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        entry = _operation(route, names)
        paths.setdefault(f"/api/v{API}{route.path}", {})[route.method.lower()] = entry
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "LlamaVis Studio",
            "version": f"{API}",
            "summary": f"The local service of a project; written by version {__version__}",
        },
        "paths": paths,
        "components": {
            "schemas": schemas.get("$defs", {}),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _operation(route: Route, names: dict[Any, Any]) -> dict[str, Any]:
    name = route.path.strip("/").replace("/", "_")
    found: dict[str, Any] = {
        "operationId": f"{route.method.lower()}_{name}",
        "summary": route.does,
        "parameters": [
            {"name": key, "in": "query", "required": False, "schema": {"type": kind}}
            for key, kind in route.query
        ],
    }
    if route.wish is not None:
        schema = names[(route.wish, "validation")]
        found["requestBody"] = {"required": True, "content": {"application/json": {
            "schema": schema}}}  # fmt: skip
    elif route.method == "POST":
        empty = {"type": "object", "additionalProperties": False}
        found["requestBody"] = {"required": False, "content": {"application/json": {
            "schema": empty}}}  # fmt: skip
    good: dict[str, Any] = {"image/png": {}}
    if route.reply is not None:
        good = {"application/json": {"schema": names[(route.reply, "serialization")]}}
    bad = {"application/json": {"schema": names[(ErrorReply, "serialization")]}}
    found["responses"] = {
        "200": {"description": "Done", "content": good},
        "default": {"description": "Why it was not done", "content": bad},
    }
    return found
