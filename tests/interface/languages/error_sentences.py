"""Every sentence that the source can raise, as templates: "has rank 0 at {}"; read by `ast`, nothing is run."""

import ast
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import fooo
from fooo import errors
from fooo.errors import FoooError, ModelError, RequestError, UnknownName

ROOT = Path(fooo.__file__).parent
HOLE = "{}"
_DEEPEST = 6
"""Names that stand for names; more is a circle."""


_CLASS = re.compile(r"^class (\w+)\((\w+)\)", re.MULTILINE)
_SAID_LATER = {"RefusedError": (0, 1), "TryAgainError": (0,)}
"""What ends a download, by the arguments that are sentences: its words become those of a `ModelError`."""


def _errors() -> dict[str, tuple[int, ...]]:
    """Which arguments of each class of errors are sentences; those of `UnknownName` are names."""
    kinds = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, FoooError)]
    told = {each.__name__: (1, 2) if issubclass(each, RequestError | ModelError) else (0,) for each in kinds}
    return told | {UnknownName.__name__: ()}


@cache
def _told_in() -> dict[str, tuple[int, ...]]:
    """The same, with the classes that modules derive from those."""
    told = _errors() | _SAID_LATER
    for path in sorted(ROOT.rglob("*.py")):
        for name, base in _CLASS.findall(path.read_text(encoding="utf-8")):
            if base in told:
                told.setdefault(name, told[base])
    return told


_OF_THE_REQUEST = frozenset(
    each.__name__ for each in vars(errors).values() if isinstance(each, type) and issubclass(each, RequestError)
)


@cache
def source_files() -> list[Path]:
    """Every module of the program that makes an error."""
    makes = re.compile(rf"\b(?:{'|'.join(_told_in())})\(")
    return [path for path in sorted(ROOT.rglob("*.py")) if makes.search(path.read_text(encoding="utf-8"))]


@dataclass(frozen=True, slots=True)
class Told:
    """What an argument of a call says.

    Args:
        file: The module, from the package's folder.
        line: Of the call.
        templates: All that it may say; one that is `HOLE` is unknown.
    """

    file: str
    line: int
    templates: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Scope:
    """What names stand for within a function: assigned values, and the function's own parameters."""

    function: ast.FunctionDef | None = None
    values: dict[str, list[ast.expr]] = field(default_factory=dict[str, list[ast.expr]])
    outer: "_Scope | None" = None


class Module:
    """A source file whose sentences can be followed."""

    def __init__(self, path: Path) -> None:
        self.name = path.relative_to(ROOT).as_posix()
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.constants = _Scope(None, _assigned(self.tree.body))
        self.functions: dict[str, tuple[ast.FunctionDef, _Scope]] = {}
        nodes = list(self._scoped(self.tree, self.constants))
        self.calls = [(node, scope) for node, scope in nodes if isinstance(node, ast.Call)]
        """Each with what names stand for there."""

    def told(self) -> Iterator[Told]:
        """What each error says that is made in the file."""
        for call, scope in self.calls:
            numbers = _told_in().get(_name(call.func), ())
            by_place = [call.args[number] for number in numbers if number < len(call.args)]
            by_name = [each.value for each in call.keywords if numbers and each.arg in {"problem", "hint"}]
            for value in (*by_place, *by_name):
                yield Told(self.name, call.lineno, frozenset(self.templates(value, scope)))

    def fields(self) -> Iterator[str]:
        """The fields of the request that the file's errors name, as far as they can be followed."""
        for call, scope in self.calls:
            if _name(call.func) in _OF_THE_REQUEST and call.args:
                yield from (each for each in self.templates(call.args[0], scope) if HOLE not in each)

    def templates(self, node: ast.expr, scope: _Scope, depth: int = 0) -> set[str]:
        """All that an expression may say; `HOLE` for what only a run can know."""
        if depth > _DEEPEST:
            return {HOLE}
        if parts := _parts(node):
            return self._joined(parts, scope, depth)
        found = {each for choice in _choices(node) for each in self.templates(choice, scope, depth)}
        match node:
            case ast.Constant(value=str(text)):
                found = {text}
            case ast.Name(id=name):
                found = self._named(name, scope, depth + 1)
            case ast.Subscript(value=ast.Name(id=name)):
                found = self._of_table(name, depth + 1)
            case ast.Call(func=called) if _name(called) in self.functions:
                found = self._returned(_name(called), depth + 1)
            case _:
                pass
        return found or {HOLE}

    def _joined(self, parts: Sequence[ast.expr], scope: _Scope, depth: int) -> set[str]:
        """Text after text; two unknown things side by side are one."""
        options = [self.templates(part, scope, depth) for part in parts]
        return {"".join(each).replace(HOLE + HOLE, HOLE) for each in itertools.product(*options)}

    def _named(self, name: str, scope: _Scope, depth: int) -> set[str]:
        within: _Scope | None = scope
        while within:
            if name in within.values:
                return {each for value in within.values[name] for each in self.templates(value, within, depth)} or {
                    HOLE
                }
            if within.function and name in (names := _parameters(within.function)):
                return self._given(within.function, names.index(name), name, depth)
            within = within.outer
        if source := self._imported(name):
            return source._named(name, source.constants, depth)
        return {HOLE}

    def _given(self, function: ast.FunctionDef, number: int, name: str, depth: int) -> set[str]:
        """What the calls in this file hand to a parameter."""
        found = {each for value in _default(function, name) for each in self.templates(value, self.constants, depth)}
        for call, scope in self.calls:
            if _name(call.func) == function.name and isinstance(call.func, ast.Name | ast.Attribute):
                by_name = [each.value for each in call.keywords if each.arg == name]
                for value in by_name or call.args[number : number + 1]:
                    found |= self.templates(value, scope, depth)
        return found or {HOLE}

    def _returned(self, name: str, depth: int) -> set[str]:
        function, scope = self.functions[name]
        returns = [each.value for each in ast.walk(function) if isinstance(each, ast.Return) and each.value]
        return {each for value in returns for each in self.templates(value, scope, depth)} or {HOLE}

    def _of_table(self, name: str, depth: int) -> set[str]:
        match self._value(name):
            case ast.Dict(values=values):
                return {each for value in values for each in self.templates(value, self.constants, depth)}
            case _:
                return {HOLE}

    def _value(self, name: str) -> ast.expr | None:
        found = self.constants.values.get(name, [])
        return found[0] if len(found) == 1 else None

    def _imported(self, name: str) -> "Module | None":
        for node in self.tree.body:
            if isinstance(node, ast.ImportFrom) and node.module and any(each.name == name for each in node.names):
                path = ROOT.parent / (node.module.replace(".", "/") + ".py")
                return module(path) if path.is_relative_to(ROOT) and path.is_file() else None
        return None

    def _scoped(self, node: ast.AST, scope: _Scope) -> Iterator[tuple[ast.AST, _Scope]]:
        """Every node with what names stand for there."""
        for child in ast.iter_child_nodes(node):
            inner = scope
            if isinstance(child, ast.FunctionDef):
                body = [each for each in ast.walk(child) if isinstance(each, ast.stmt)]
                inner = _Scope(child, _assigned(body) | self._looped(body), scope)
                self.functions.setdefault(child.name, (child, inner))
            yield child, inner
            yield from self._scoped(child, inner)

    def _looped(self, body: Sequence[ast.stmt]) -> dict[str, list[ast.expr]]:
        """What the names of a loop over a table of the file stand for."""
        found: dict[str, list[ast.expr]] = {}
        for node in body:
            match node:
                case ast.For(target=ast.Tuple(elts=names), iter=ast.Name(id=table)):
                    rows = self._value(table)
                    for row in rows.elts if isinstance(rows, ast.Tuple | ast.List) else ():
                        if isinstance(row, ast.Tuple):
                            _put(found, names, row.elts)
                case _:
                    pass
        return found


@cache
def module(path: Path) -> Module:
    """The file at the path, read once."""
    return Module(path)


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _parts(node: ast.expr) -> Sequence[ast.expr]:
    """What a text is put together from; empty of what is none, or is written in a form of its own."""
    match node:
        case ast.JoinedStr(values=parts):
            return parts
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [left, right]
        case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
            return [value]
        case _:
            return ()


def _choices(node: ast.expr) -> Sequence[ast.expr]:
    """Of what an expression is one."""
    match node:
        case ast.IfExp(body=one, orelse=other):
            return [one, other]
        case ast.BoolOp(op=ast.Or(), values=values):
            return values
        case _:
            return ()


def _parameters(function: ast.FunctionDef) -> list[str]:
    """Those by place without `self`, then those by name."""
    places = [each.arg for each in function.args.args if each.arg not in {"self", "cls"}]
    return places + [each.arg for each in function.args.kwonlyargs]


def _default(function: ast.FunctionDef, name: str) -> list[ast.expr]:
    """What a parameter is where a call does not say; empty where every call has to."""
    places, given = function.args.args, function.args
    pairs = [*zip(reversed(places), reversed(given.defaults), strict=False)]
    pairs += [(each, value) for each, value in zip(given.kwonlyargs, given.kw_defaults, strict=True) if value]
    return [value for each, value in pairs if each.arg == name]


def _assigned(body: Sequence[ast.stmt]) -> dict[str, list[ast.expr]]:
    """The values that each name is given."""
    found: dict[str, list[ast.expr]] = {}
    for node in body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found.setdefault(name, []).append(value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                found.setdefault(name, []).append(value)
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                _put(found, names, values)
            case _:
                pass
    return found


def _put(found: dict[str, list[ast.expr]], names: Sequence[ast.expr], values: Sequence[ast.expr]) -> None:
    for name, value in zip(names, values, strict=True):
        if isinstance(name, ast.Name):
            found.setdefault(name.id, []).append(value)
