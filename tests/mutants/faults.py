"""The small faults that `run.py` plants: one change to one place of a file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
JOINED = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
NAMED = {
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "TRUE": "UNSETTLED",
    "UNSETTLED": "TRUE",
    "FALSE": "UNSETTLED",
    "at_least": "could_be",
    "could_be": "at_least",
    "shown": "at_least",
    "rank": "at_rank",
    "BEST": "WORST",
    "WORST": "BEST",
    "_surely": "_possibly",
    "_possibly": "_surely",
    "surely": "possibly",
    "possibly": "surely",
    "low": "high",
    "high": "low",
    "given": "values",
}


@dataclass(frozen=True)
class Mutant:
    """One fault.

    Attributes:
        file: below the package.
        line: where it is.
        change: what is changed, in words.
        place, which: the place among the file's statements and expressions, and which change of it.
    """

    file: str
    line: int
    change: str
    place: int
    which: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.change}"

    def planted(self, source: str) -> str:
        """The file's text with the fault in it."""
        tree = ast.parse(source)
        node = next(islice(_code(tree), self.place, None))
        _, plant = next(islice(_changes(node), self.which, None))
        plant()
        return ast.unparse(ast.fix_missing_locations(tree))


def mutants(file: str, source: str) -> Iterator[Mutant]:
    """Every fault that can be planted in a file, in its order."""
    for place, node in enumerate(_code(ast.parse(source))):
        for which, (change, _) in enumerate(_changes(node)):
            yield Mutant(file, node.lineno, change, place, which)


def _code(node: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """The statements and expressions below a node that do something when they run."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list") or isinstance(node, ast.Assert):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                if isinstance(child, ast.expr | ast.stmt) and not _is_text(child):
                    yield child
                yield from _code(child)


def _is_text(node: ast.AST) -> bool:
    value = node.value if isinstance(node, ast.Expr) else node
    return isinstance(value, ast.Constant | ast.JoinedStr) and not isinstance(
        getattr(value, "value", ""), bool | int | float
    )


def _changes(node):  # noqa: C901, PLR0912  one branch for each kind of fault
    """What can be planted at a node: in words, and a function that does it in place."""

    def put(name, value):
        return lambda: setattr(node, name, value)

    def become(other):
        def plant():
            node.__class__ = type(other)
            node.__dict__.clear()
            node.__dict__.update(ast.copy_location(other, node).__dict__)

        return plant

    here = ast.unparse(node).partition("\n")[0][:70]
    match node:
        case ast.Compare(ops=[op]) if type(op) in COMPARED:
            other = COMPARED[type(op)]()
            yield f"{here}: {type(op).__name__} to {type(other).__name__}", put("ops", [other])
        case ast.BoolOp(op=op):
            other = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield f"{here}: and/or", put("op", other)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield f"{here}: without not", become(operand)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield f"{here}: without its sign", become(operand)
        case ast.BinOp(op=op) if type(op) in JOINED:
            yield f"{here}: another operator", put("op", JOINED[type(op)]())
        case ast.Constant(value=bool() as value):
            yield f"{value} to {not value}", put("value", not value)
        case ast.Constant(value=int() | float() as value):
            yield f"{value} to {value + 1}", put("value", value + 1)
        case ast.Name(id=name) if name in NAMED and isinstance(node.ctx, ast.Load):
            yield f"{name} to {NAMED[name]}", put("id", NAMED[name])
        case ast.Attribute(attr=name) if name in NAMED and isinstance(node.ctx, ast.Load):
            yield f"{here} to {NAMED[name]}", put("attr", NAMED[name])
        case ast.Call(args=[ast.Name() as first, ast.Name() as second, *rest]):
            yield f"{here}: its first two swapped", put("args", [second, first, *rest])
        case ast.IfExp(body=body, orelse=orelse):
            yield f"{here}: always the first", become(body)
            yield f"{here}: always the other", become(orelse)
        case ast.If():
            yield f"{here} always", put("test", ast.Constant(value=True))
            yield f"{here} never", put("test", ast.Constant(value=False))
        case ast.Return(value=value) if value is not None and not _is_text(value):
            yield f"{here}: nothing", put("value", ast.Constant(value=None))
        case ast.Expr() | ast.AugAssign() | ast.Continue() | ast.Break() | ast.Raise():
            yield f"{here}: left out", become(ast.Pass())
        case ast.Subscript(slice=ast.Slice()):
            yield f"{here}: all of it", become(node.value)
