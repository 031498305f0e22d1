"""Every text of the extension that a user reads, out of its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.engines.blender.extension import SOURCE

_NAMED = ("name", "description", "text")
_CALLS = ("tr", "Said", "StartError", "WordingError", "Failure", "CatalogError")
_NOT_SHOWN = {
    "",
    "NONE",
    "llamavis",
    "LlamaVis",
    "shader",
    "sheet",
    "UVMap",
    "file",
    "sprite",
    "UV",
    "{where}: {message}",
}


def texts() -> set[str]:
    """All of them."""
    found: set[str] = set()
    for path in SOURCE.glob("*.py"):
        if path.name not in ("texts_zh.py",):
            found |= set(_in_file(path))
    return {text for text in found if text not in _NOT_SHOWN and any(c.isalpha() for c in text)}


def _in_file(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and "_OT_" in node.name:
            yield ast.get_docstring(node) or ""
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "bl_label":
            yield from _strings(node.value)
        if isinstance(node, ast.Assign) and _first_name(node.targets[0]) in (
            "text", "texts", "name", "STATES", "CONNECTION", "KINDS", "STATE_ITEMS",
        ) and path.name in ("panels.py", "sync.py", "properties.py", "operators.py",
                            "scene_operators.py"):  # fmt: skip
            yield from (one for one in _strings(node.value) if " " in one or one[:1].isupper()
                        if not one.isupper())  # fmt: skip
        if isinstance(node, ast.Call):
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if called in _CALLS:
                for argument in node.args:
                    yield from (
                        one for one in _strings(argument) if " " in one or one[:1].isupper()
                    )
            if called.endswith("Property"):
                for keyword in node.keywords:
                    if keyword.arg in ("name", "description"):
                        yield from _strings(keyword.value)
                    if keyword.arg == "items":
                        for item in ast.walk(keyword.value):
                            if isinstance(item, ast.Tuple):
                                yield from (
                                    text for part in item.elts[1:] for text in _strings(part)
                                )
            if called in ("label", "operator", "prop", "progress"):
                for keyword in node.keywords:
                    if keyword.arg == "text" and not _is_left(node):
                        yield from _strings(keyword.value)


def _first_name(target: ast.expr) -> str:
    """Of `text = ...`, and of `text, icon = ...`."""
    if isinstance(target, ast.Tuple):
        target = target.elts[0]
    return getattr(target, "id", "")


def _is_left(call: ast.Call) -> bool:
    """Texts that stay as they are in every language."""
    return any(one.arg == "translate" for one in call.keywords)


def _strings(node: ast.AST) -> Iterator[str]:
    if isinstance(node, (ast.JoinedStr, ast.Compare)):
        return
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node.value
        return
    if isinstance(node, ast.Call):  # its own texts are found there
        return
    for child in ast.iter_child_nodes(node):
        yield from _strings(child)
