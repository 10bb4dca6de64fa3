"""What may stand in the place of one statement: variants, each a label and new statements."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

from .expressions import short

Variant = tuple[str, list[ast.stmt]]


def statement_variants(node: ast.AST) -> Iterator[Variant]:
    """Every variant of a statement; those of the expressions in it are apart."""
    match node:
        case ast.Expr() | ast.Return() | ast.Assign(targets=[ast.Attribute()]):
            yield f"drop {short(node)}", [ast.Pass()]  # without a local name the rest only crashes
        case ast.AugAssign(target=target, op=sign, value=value):
            yield f"drop {short(node)}", [ast.Pass()]
            yield f"{short(node)}: overwrites", [ast.Assign([target], value, lineno=0)]
            if isinstance(sign, ast.Add):
                yield f"{short(node)}: subtracts", [ast.AugAssign(target, ast.Sub(), value)]
        case ast.If(test=test, body=body, orelse=orelse):
            yield f"never if {short(test)}", orelse or [ast.Pass()]
            yield f"always if {short(test)}", body
            yield f"if not {short(test)}", [_changed(node, test=ast.UnaryOp(ast.Not(), test))]
        case ast.For(body=body):
            name = f"for {short(node.target)}"
            yield f"drop {name}", [ast.Pass()]
            yield f"{name}: once", [_changed(node, body=[*body, ast.Break()])]
        case ast.With(items=items, body=body):
            yield f"no with {short(items[0])}", body
        case ast.Try(body=body, finalbody=final):
            yield "no try", body + final
            yield "no finally", body
        case ast.ClassDef(bases=[base, *rest]):
            yield f"no base {short(base)}", [_changed(node, bases=rest)]
        case ast.FunctionDef(decorator_list=[first, *rest]):
            yield f"no @{short(first)}", [_changed(node, decorator_list=rest)]


def _changed(node: ast.stmt, **fields: object) -> ast.stmt:
    """The same statement with other values in some fields."""
    twin = copy.copy(node)
    for field, value in fields.items():
        setattr(twin, field, value)
    return twin
