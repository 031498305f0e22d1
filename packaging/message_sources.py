"""Which texts an expression of the sources can become, without running them.

A text is a tuple of parts: what always stands there, and None where something is filled in, so
`f"{path} is empty"` is (None, " is empty"). Followed are names inside their function and module,
choices (`a if b else c`, `a or b`), tables of texts, and the functions of the studio that return
texts, with the arguments they are called with.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

Text = tuple[str | None, ...]
Function = ast.FunctionDef | ast.AsyncFunctionDef
SLOT: Text = (None,)
_DEEPEST = 20  # expressions inside expressions
_MOST = 12  # texts that one expression may become; beyond that the parts become slots
_WORD = re.compile(r"[a-z]{2}")


@dataclass(frozen=True)
class Scope:
    """Where an expression stands; `bound` are the arguments of the function, where known."""

    module: str
    function: Function | None = None
    bound: Mapping[str, tuple[Text, ...]] = field(default_factory=dict)
    seen: frozenset[str] = frozenset()


class Sources:
    """The parsed modules below a folder, without those whose path begins with one of `without`."""

    def __init__(self, folder: Path, without: tuple[str, ...] = ()) -> None:
        self.modules: dict[str, ast.Module] = {}
        self.functions: dict[str, list[tuple[str, Function]]] = defaultdict(list)
        self.classes: list[tuple[str, ast.ClassDef]] = []
        self.constants: dict[str, dict[str, ast.expr]] = defaultdict(dict)
        self._imported: dict[tuple[str, str], tuple[str, str]] = {}
        self._package = folder.name
        self._parents: dict[ast.AST, ast.AST] = {}
        for path in sorted(folder.rglob("*.py")):
            name = path.relative_to(folder).as_posix()
            if not name.startswith(without):
                self._add(name, ast.parse(path.read_text("utf-8")))

    def _add(self, name: str, tree: ast.Module) -> None:
        self.modules[name] = tree
        for node in ast.walk(tree):
            for child in ast.iter_child_nodes(node):
                self._parents[child] = node
            if isinstance(node, Function):
                self.functions[node.name].append((name, node))
            elif isinstance(node, ast.ClassDef):
                self.classes.append((node.name, node))
            elif isinstance(node, ast.ImportFrom) and node.module:
                there = node.module.removeprefix(f"{self._package}.").replace(".", "/")
                for one in node.names:
                    place = f"{there}.py", one.name
                    self._imported[name, one.asname or one.name] = place
        for statement in tree.body:
            for target, value in _assigned(statement):
                if isinstance(target, ast.Name):
                    self.constants[name][target.id] = value

    def parent(self, node: ast.AST) -> ast.AST | None:
        """What a node stands in."""
        return self._parents.get(node)

    def function_of(self, node: ast.AST) -> Function | None:
        """The function that a node stands in."""
        above = self._parents.get(node)
        while above is not None and not isinstance(above, Function):
            above = self._parents.get(above)
        return above

    def constant(self, module: str, name: str) -> ast.expr | None:
        """The value of a module's name, also of one that it imports."""
        module, name = self._imported.get((module, name), (module, name))
        return self.constants.get(module, {}).get(name)


class TextReader:
    """Follows expressions; `on_part(module, node, text)` is told of texts that become a part of
    another one, such as the elements of a list that is joined, and
    `on_parameter(module, name, function)` of parameters that do.
    """

    def __init__(
        self,
        sources: Sources,
        on_part: Callable[[str, ast.expr, Text], None],
        on_parameter: Callable[[str, str, Function], None] = lambda *_told: None,
    ) -> None:
        self._sources = sources
        self._on_part = on_part
        self._on_parameter = on_parameter

    def texts(self, node: ast.expr | None, at: Scope, depth: int = 0) -> tuple[Text, ...]:
        """Every text that `node` can become."""
        if depth > _DEEPEST:
            return (SLOT,)
        match node:
            case ast.Constant(value=str(text)):
                return ((text,),)
            case ast.Constant(value=None):
                return ()
            case ast.JoinedStr(values=parts):
                return _joined([self._part(part, at, depth) for part in parts])
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return _joined([self.texts(one, at, depth + 1) for one in (left, right)])
            case ast.IfExp(body=body, orelse=other):
                return self._all((body, other), at, depth)
            case ast.BoolOp(op=ast.Or(), values=values):
                return self._all(values, at, depth)
            case ast.NamedExpr(value=value):
                return self.texts(value, at, depth + 1)
            case ast.Name(id=name):
                return self._named(name, at, depth)
            case ast.Subscript(value=table):
                return self._all(self._table(table, at), at, depth) or (SLOT,)
            case ast.Call():
                return self._called(node, at, depth)
        return (SLOT,)

    def _all(self, nodes: Iterable[ast.expr], at: Scope, depth: int) -> tuple[Text, ...]:
        return _once(text for node in nodes for text in self.texts(node, at, depth + 1))

    def _part(self, part: ast.expr, at: Scope, depth: int) -> tuple[Text, ...]:
        """A part of an f-string: few fixed words stand in the whole text, all else is a slot."""
        if not isinstance(part, ast.FormattedValue):
            return self.texts(part, at, depth + 1)
        if part.conversion != -1 or part.format_spec is not None:
            return (SLOT,)
        choices = self.texts(part.value, at, depth + 1)
        fixed = [one for one in choices if None not in one]
        is_optional = len(choices) <= 3 and ("",) in fixed and SLOT not in choices
        if choices and (len(fixed) == len(choices) <= 4 or is_optional):
            return choices
        self._tell(part.value, at, choices)
        return (SLOT,)

    def _tell(self, node: ast.expr, at: Scope, texts: Iterable[Text]) -> None:
        for text in texts:
            if _WORD.search("".join(part or "" for part in text)):
                self._on_part(at.module, node, text)

    def _named(self, name: str, at: Scope, depth: int) -> tuple[Text, ...]:
        if name in at.bound:
            return at.bound[name]
        if name in at.seen:
            return (SLOT,)
        inside = Scope(at.module, at.function, at.bound, at.seen | {name})
        found: list[Text] = []
        for target, value in _bindings(at.function):
            if isinstance(target, ast.Name) and target.id == name:
                found += (SLOT,) if value is None else self.texts(value, inside, depth + 1)
            elif isinstance(target, ast.Tuple) and value is not None:
                found += self._item(target, name, value, inside, depth)
        for target, whole in _loops(at.function):
            found += self._element(target, name, whole, inside, depth)
        if found:
            return _once(found)
        constant = self._sources.constant(at.module, name)
        if constant is None:
            is_called = any(one.endswith("()") for one in at.seen)
            if at.function is not None and not is_called:
                self._on_parameter(at.module, name, at.function)
            return (SLOT,)
        return self.texts(constant, Scope(at.module, None, {}, inside.seen), depth + 1)

    def _item(
        self, target: ast.Tuple, name: str, value: ast.expr, at: Scope, depth: int
    ) -> tuple[Text, ...]:
        """What `name` becomes where a tuple is taken apart."""
        places = [i for i, one in enumerate(target.elts) if getattr(one, "id", "") == name]
        if not places or depth > _DEEPEST:
            return ()
        match value:
            case ast.Tuple(elts=parts) if len(parts) > places[0]:
                return self.texts(parts[places[0]], at, depth + 1)
            case ast.IfExp(body=body, orelse=other):
                return _once(
                    text for one in (body, other)
                    for text in self._item(target, name, one, at, depth + 1)
                )  # fmt: skip
            case ast.Call():
                found: list[Text] = []
                for inside, result in self._results(value, at, depth):
                    found += self._item(target, name, result, inside, depth + 1)
                return tuple(found) or (SLOT,)
        return (SLOT,)

    def _element(
        self, target: ast.expr, name: str, whole: ast.expr, at: Scope, depth: int
    ) -> tuple[Text, ...]:
        """What `name` becomes in a loop over a written-out list or table."""
        names = target.elts if isinstance(target, ast.Tuple) else [target]
        places = [i for i, one in enumerate(names) if getattr(one, "id", "") == name]
        if not places:
            return ()
        if isinstance(whole, ast.Name):
            whole = self._sources.constant(at.module, whole.id) or whole
        found: list[Text] = []
        for row in _rows(whole, self._sources, at.module):
            cells = [row]
            if isinstance(row, ast.Tuple | ast.List) and isinstance(target, ast.Tuple):
                cells = row.elts
            inside = places[0] < len(cells)
            found += self.texts(cells[places[0]], at, depth + 1) if inside else (SLOT,)
        return tuple(found) or (SLOT,)

    def _table(self, node: ast.expr, at: Scope) -> list[ast.expr]:
        """The values of a written-out table."""
        if isinstance(node, ast.Name):
            local = [v for t, v in _bindings(at.function) if getattr(t, "id", "") == node.id]
            found = self._sources.constant(at.module, node.id) or next(iter(local), None)
            return [] if found is None or found is node else self._table(found, at)
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Dict):
            node = node.args[0]
        return node.values if isinstance(node, ast.Dict) else []

    def _called(self, node: ast.Call, at: Scope, depth: int) -> tuple[Text, ...]:
        if isinstance(node.func, ast.Attribute):
            if node.func.attr == "get" and node.args:
                values = self._table(node.func.value, at)
                return self._all([*values, *node.args[1:2]], at, depth) if values else (SLOT,)
            if node.func.attr == "join" and node.args:
                self._joined_later(node.args[0], at, depth)
                return (SLOT,)
        found: list[Text] = []
        for inside, result in self._results(node, at, depth):
            found += self.texts(result, inside, depth + 1)
        return _once(found) or (SLOT,)

    def _results(self, node: ast.Call, at: Scope, depth: int) -> Iterator[tuple[Scope, ast.expr]]:
        """What a function of the studio returns, with the arguments of this call."""
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        known = self._sources.functions.get(name, [])
        known = [one for one in known if one[0] == at.module] or known
        if len(known) != 1 or f"{name}()" in at.seen:
            return
        module, function = known[0]
        if "str" not in (ast.unparse(function.returns) if function.returns else ""):
            return
        bound = {}
        for parameter, value in arguments(node, function):
            texts = self.texts(value, at, depth + 2)
            is_fixed = all(None not in one for one in texts)
            bound[parameter] = texts if is_fixed else (SLOT,)
            self._tell(value, at, () if is_fixed else texts)
        inside = Scope(module, function, bound, at.seen | {f"{name}()"})
        for one in ast.walk(function):
            if isinstance(one, ast.Return) and one.value is not None:
                yield inside, one.value

    def _joined_later(self, node: ast.expr, at: Scope, depth: int) -> None:
        """Texts that are joined to one: each is told by itself."""
        match node:
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                for part in parts:
                    if isinstance(part, ast.Starred):
                        self._joined_later(part.value, at, depth)
                    else:
                        self._tell(part, at, self.texts(part, at, depth + 1))
            case ast.GeneratorExp(elt=each) | ast.ListComp(elt=each):
                self._tell(each, at, self.texts(each, at, depth + 1))
            case ast.Name(id=name) if f"[{name}]" not in at.seen:
                inside = Scope(at.module, at.function, at.bound, at.seen | {f"[{name}]"})
                for target, value in _bindings(at.function):
                    if getattr(target, "id", "") == name and value is not None:
                        self._joined_later(value, inside, depth + 1)
                for value in _appended(at.function, name):
                    self._joined_later(value, inside, depth + 1)
            case ast.BinOp(left=left, right=right):
                self._joined_later(left, at, depth + 1)
                self._joined_later(right, at, depth + 1)
            case ast.Call(func=ast.Attribute(attr="fromkeys"), args=[whole]):
                self._joined_later(whole, at, depth + 1)
            case ast.Call() if depth <= _DEEPEST:
                name = getattr(node.func, "id", "")
                known = self._sources.functions.get(name, [])
                here = [function for module, function in known if module == at.module]
                if len(here) == 1 and f"{name}()" not in at.seen:
                    inside = Scope(at.module, here[0], {}, at.seen | {f"{name}()"})
                    for one in ast.walk(here[0]):
                        if isinstance(one, ast.Return) and one.value is not None:
                            self._joined_later(one.value, inside, depth + 1)
            case ast.BoolOp(values=values):
                for value in values:
                    self._joined_later(value, at, depth + 1)


def arguments(call: ast.Call, function: Function) -> Iterator[tuple[str, ast.expr]]:
    """The parameters of a function with what a call gives for them."""
    names = [one.arg for one in function.args.args]
    if names and names[0] in ("self", "cls"):
        names = names[1:]
    for name, value in zip(names, call.args, strict=False):
        if isinstance(value, ast.Starred):
            break
        yield name, value
    for keyword in call.keywords:
        if keyword.arg is not None:
            yield keyword.arg, keyword.value


def _assigned(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((target, value) for target in targets)
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            yield target, value
        case ast.NamedExpr(target=target, value=value):
            yield target, value


@lru_cache(maxsize=8192)
def _bindings(function: Function | None) -> tuple[tuple[ast.expr, ast.expr | None], ...]:
    """What names are set to in a function; None where something else is done to them."""
    found: list[tuple[ast.expr, ast.expr | None]] = []
    for node in ast.walk(function) if function is not None else ():
        found += _assigned(node)
        if isinstance(node, ast.AugAssign):
            found.append((node.target, node.value if isinstance(node.op, ast.Add) else None))
    return tuple(found)


@lru_cache(maxsize=8192)
def _loops(function: Function | None) -> tuple[tuple[ast.expr, ast.expr], ...]:
    nodes = ast.walk(function) if function is not None else ()
    loops = (one for one in nodes if isinstance(one, ast.For | ast.comprehension))
    return tuple((one.target, one.iter) for one in loops)


def _appended(function: Function | None, name: str) -> Iterator[ast.expr]:
    for node in ast.walk(function) if function is not None else ():
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=known), attr="append"), args=[value]
            ) if known == name:
                yield ast.List([value], ast.Load())


def _rows(whole: ast.expr, sources: Sources, module: str) -> list[ast.expr]:
    match whole:
        case ast.Call(func=ast.Attribute(value=table, attr="items")):
            if isinstance(table, ast.Name):
                table = sources.constant(module, table.id) or table
            if isinstance(table, ast.Dict):
                pairs = zip(table.keys, table.values, strict=True)
                return [ast.Tuple([key, value], ast.Load()) for key, value in pairs if key]
        case ast.Tuple(elts=rows) | ast.List(elts=rows):
            return list(rows)
    return []


def _joined(parts: list[tuple[Text, ...]]) -> tuple[Text, ...]:
    """Every way to put one choice of each part behind each other; neighbouring slots are one."""
    ways = 1
    for choices in parts:
        ways *= max(1, len(choices))
    if ways > _MOST:
        parts = [one if len(one) == 1 else (SLOT,) for one in parts]
    return _once(_merged(itertools.chain(*way)) for way in itertools.product(*parts))


def _merged(parts: Iterable[str | None]) -> Text:
    found: list[str | None] = []
    for part in parts:
        if part == "":
            continue
        last = found[-1] if found else ""
        if part is None:
            if last is not None:
                found.append(None)
        elif found and last is not None:
            found[-1] = last + part
        else:
            found.append(part)
    return tuple(found) or ("",)


def _once(texts: Iterable[Text]) -> tuple[Text, ...]:
    return tuple(dict.fromkeys(texts))
