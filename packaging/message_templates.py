"""Every message and hint that the lower layers can tell, found in their sources.

Told are the arguments of errors, of values with a message, hint, reason or problem, and of
functions that hand their argument on to one of these. A template has a slot, {0}, {1} ..., for each
thing that is filled in; braces of the text itself are doubled.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from message_sources import Function, Scope, Sources, Text, TextReader

WITHOUT = (
    "cli/", "model/train/",  # for the terminal only
    "server/guard.py", "server/replies.py", "server/routes.py",  # to plugins, not to the window
)  # fmt: skip
FIELDS = ("message", "hint", "reason", "problem")
TEXT_PARAMETERS = (*FIELDS, "text", "told", "words", "says")
ANSWERS = (
    "_ways", "explain_change", "misplaced", "_name_trouble", "_unknown_styles", "_MORE",
)  # fmt: skip
"""Functions and constants that tell: what they return, yield or append is told somewhere."""
FOREIGN = ("ValueError", "OSError", "RuntimeError", "ConnectionError", "TypeError", "Exception")
FOR_PROGRAMMERS = ("imaging/", "model/")
"""Where Python's own errors say that a caller is wrong, which no user can be told."""
_ERROR = (("message", 0), ("hint", 1))
_LETTERS = re.compile(r"[A-Za-z]{2}")
_CODE = re.compile(r"(?:SELECT|INSERT|UPDATE|DELETE) ")
Parameters = set[tuple[str, int]]
"""Which parameters of a callable are told: their names and places, -1 for by name only. Callables
of one name are taken together.
"""


def templates(folder: Path) -> dict[str, str]:
    """The templates of a package with `file:line` of where each was found first."""
    collector = Collector(Sources(folder, WITHOUT))
    collector.run()
    return collector.found


def template(text: Text) -> str:
    """`("no ", None)` as "no {0}"."""
    parts, slots = [], 0
    for part in text:
        if part is None:
            parts.append(f"{{{slots}}}")
            slots += 1
        else:
            parts.append(part.replace("{", "{{").replace("}", "}}"))
    return "".join(parts)


class Collector:
    """Goes over the sources until nothing new is found."""

    def __init__(self, sources: Sources) -> None:
        self.found: dict[str, str] = {}
        self._sources = sources
        self._reader = TextReader(sources, self._keep, self._hand_on_part)
        self._told: dict[str, Parameters] = {name: {("message", 0)} for name in FOREIGN}
        for name, node in sources.classes:
            self._told.setdefault(name, set()).update(self._of_class(node))
        self._foreign = frozenset(FOREIGN)

    def run(self) -> None:
        """Fill `found`."""
        before = -1
        while before != len(self.found) + sum(map(len, self._told.values())):
            before = len(self.found) + sum(map(len, self._told.values()))
            for module, tree in self._sources.modules.items():
                for node in ast.walk(tree):
                    if isinstance(node, ast.Call):
                        self._look(module, node)
        for name in ANSWERS:
            for module, function in self._sources.functions[name]:
                for node in ast.walk(function):
                    self._look_at_answer(module, node)
            for module in self._sources.modules:
                constant = self._sources.constant(module, name)
                if constant is not None:
                    self._take_each(module, constant)

    def _look_at_answer(self, module: str, node: ast.AST) -> None:
        match node:
            case ast.Return(value=ast.expr() as value) | ast.Yield(value=ast.expr() as value):
                self._take_each(module, value)
            case ast.Call(func=ast.Attribute(attr="append"), args=[value]):
                self._take_each(module, value)

    def _take_each(self, module: str, value: ast.expr) -> None:
        for part in value.elts if isinstance(value, ast.Tuple) else [value]:
            self._take(module, part)

    def _of_class(self, node: ast.ClassDef) -> Parameters:
        makers = [one for one in node.body if isinstance(one, ast.FunctionDef)]
        init = next((one for one in makers if one.name == "__init__"), None)
        is_error = self._is_error(node)
        if init is None and is_error:
            return set(_ERROR)
        names = _parameters(init) if init is not None else _fields(node)
        wanted = TEXT_PARAMETERS if is_error else FIELDS
        return {(one, place) for place, one in enumerate(names) if one in wanted}

    def _is_error(self, node: ast.ClassDef) -> bool:
        if node.name == "LlamaVisError":
            return True
        bases = {getattr(base, "id", getattr(base, "attr", "")) for base in node.bases}
        above = [one for name, one in self._sources.classes if name in bases and one is not node]
        return bool(bases & set(FOREIGN)) or any(map(self._is_error, above))

    def _look(self, module: str, call: ast.Call) -> None:
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        if name in self._foreign and module.startswith(FOR_PROGRAMMERS):
            return
        told = self._told.get(name, set()) | self._told.get(f"{module}:{name}", set())
        if not told and self._is_chosen_class(name, call):
            told = set(_ERROR)
        if name == "__init__":
            told = self._of_super(call)
        for place, value in enumerate(call.args):
            if isinstance(value, ast.Starred):
                break
            if any(place == known for _name, known in told):
                self._take(module, value)
        for keyword in call.keywords:
            if keyword.arg in FIELDS or any(keyword.arg == known for known, _place in told):
                self._take(module, keyword.value)

    def _is_chosen_class(self, name: str, call: ast.Call) -> bool:
        """Whether it is raised or returned of a class that is an argument or was chosen before, as
        in `raise error(...)`.
        """
        outside, function = self._sources.parent(call), self._sources.function_of(call)
        if isinstance(outside, ast.Raise) and name.islower():
            return True
        if not isinstance(outside, ast.Return) or function is None:
            return False
        nodes = [one for one in ast.walk(function) if isinstance(one, ast.Assign)]
        names = {getattr(target, "id", "") for one in nodes for target in one.targets}
        return len(call.args) == len(_ERROR) and name in names

    def _of_super(self, call: ast.Call) -> Parameters:
        function = self._sources.function_of(call)
        inside = self._sources.parent(function) if function is not None else None
        is_error = isinstance(inside, ast.ClassDef) and self._is_error(inside)
        return set(_ERROR) if is_error else set()

    def _take(self, module: str, value: ast.expr) -> None:
        function = self._sources.function_of(value)
        if isinstance(value, ast.Name) and function is not None:
            self._hand_on(value.id, function)
        for text in self._reader.texts(value, Scope(module, function)):
            self._keep(module, value, text)

    def _hand_on_part(self, module: str, name: str, function: Function) -> None:
        """A function that tells its argument amid other words: so do calls in the same module."""
        self._hand_on(name, function, f"{module}:")

    def _hand_on(self, name: str, function: Function, place_of_calls: str = "") -> None:
        """A function that tells its argument: what it is called with is told too."""
        names = _parameters(function)
        keywords = [one.arg for one in function.args.kwonlyargs]
        if name not in (*names, *keywords):
            return
        known = function.name
        if known == "__init__":
            known = getattr(self._sources.parent(function), "name", known)
        place = names.index(name) if name in names else -1
        self._told.setdefault(place_of_calls + known, set()).add((name, place))

    def _keep(self, module: str, node: ast.expr, text: Text) -> None:
        plain = "".join(part or "" for part in text)
        # One word alone is the name of something, such as a package or a map.
        is_sentence = " " in (plain if None in text else plain.strip())
        # A text that ends in a colon is one whose last part may be empty; the whole one counts.
        is_cut = (text[-1] or "").endswith(": ")
        if _LETTERS.search(plain) and is_sentence and not is_cut and not _CODE.match(plain):
            self.found.setdefault(template(text), f"{module}:{getattr(node, 'lineno', 0)}")


def _parameters(function: Function) -> list[str]:
    names = [one.arg for one in function.args.args]
    return names[1:] if names and names[0] in ("self", "cls") else names


def _fields(node: ast.ClassDef) -> list[str]:
    return [
        one.target.id
        for one in node.body
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
    ]
