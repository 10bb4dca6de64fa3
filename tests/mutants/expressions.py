"""What may stand in the place of one expression: variants, each a label and a new node."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from .opposites import ARITHMETIC, COMPARISONS, NAMES, ORDERED, TEXTS

Variant = tuple[str, ast.expr]
SMALL = 5  # from here on, what finds one more finds one less
MODULES = ("F", "nn", "torch")


def expression_variants(node: ast.AST, mistaken: dict[str, str]) -> Iterator[Variant]:
    """Every variant of an expression; `mistaken` maps local names to others of the function."""
    match node:
        case ast.Constant(value=value):
            for other in _constants(value):
                yield f"{value!r} -> {other!r}", ast.Constant(other)
        case ast.Name(id=name, ctx=ast.Load()):
            others = NAMES.get(name, ()) + ((mistaken[name],) if name in mistaken else ())
            for other in others:
                yield f"{name} -> {other}", ast.Name(other, ast.Load())
        case ast.Attribute(attr=name, ctx=ast.Load()):
            for other in NAMES.get(name, ()):
                yield f"{name} -> {other}", ast.Attribute(node.value, other, ast.Load())
        case ast.Compare(left=left, ops=[sign], comparators=[right]):
            for kind in COMPARISONS.get(type(sign), ()):
                yield f"{symbol(sign)} -> {symbol(kind())}", ast.Compare(left, [kind()], [right])
        case ast.BinOp():
            yield from _binary(node)
        case ast.BoolOp(op=sign, values=values):
            other_sign = ast.Or() if isinstance(sign, ast.And) else ast.And()
            yield f"{symbol(sign)} -> {symbol(other_sign)}", ast.BoolOp(other_sign, values)
        case ast.UnaryOp(op=sign, operand=operand):
            yield f"drop {symbol(sign)}", operand
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield f"always {short(body)}", body
            yield f"always {short(orelse)}", orelse
            yield f"{short(body)} and {short(orelse)} swapped", ast.IfExp(test, orelse, body)
        case ast.Subscript(value=value, ctx=ast.Load()):
            yield f"drop [{short(node.slice)}]", value
        case ast.Slice(lower=lower, upper=upper):
            if lower is not None:
                yield f"drop {short(lower)} before :", ast.Slice(None, upper)
            if upper is not None:
                yield f"drop {short(upper)} after :", ast.Slice(lower, None)
        case ast.Tuple(elts=items, ctx=context):
            for label, swapped in _swapped(items):
                yield label, ast.Tuple(swapped, context)
        case ast.Call():
            yield from _call(node)


def short(node: ast.AST, limit: int = 60) -> str:
    """The text of a node on one line, cut."""
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def symbol(sign: ast.operator | ast.cmpop | ast.boolop | ast.unaryop) -> str:
    """An operator as it is written."""
    a, b = ast.Name("a"), ast.Name("b")
    match sign:
        case ast.operator():
            text = ast.unparse(ast.BinOp(a, sign, b))
        case ast.cmpop():
            text = ast.unparse(ast.Compare(a, [sign], [b]))
        case ast.boolop():
            text = ast.unparse(ast.BoolOp(sign, [a, b]))
        case ast.unaryop():
            return ast.unparse(ast.UnaryOp(sign, a)).removesuffix("a").strip()
    return text[2:-2]


def _constants(value: object) -> tuple[bool | int | float | str, ...]:
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return (value + 1, value - 1) if value < SMALL else (value + 1,)
    if isinstance(value, float):
        return round(value * 1.01, 9), 0.0  # a little off, and gone
    return TEXTS.get(value, ()) if isinstance(value, str) else ()


def _binary(node: ast.BinOp) -> Iterator[Variant]:
    left, sign, right = node.left, node.op, node.right
    if type(sign) in ARITHMETIC:
        other = ARITHMETIC[type(sign)]()
        yield f"{symbol(sign)} -> {symbol(other)}", ast.BinOp(left, other, right)
    if isinstance(sign, ORDERED):
        yield f"{short(left)} and {short(right)} swapped", ast.BinOp(right, sign, left)
    yield f"drop {short(right)}", left
    yield f"drop {short(left)}", right


def _call(node: ast.Call) -> Iterator[Variant]:
    """Arguments dropped and swapped; the call itself dropped, so that what it is made on stays."""
    function, positional, keywords = node.func, node.args, node.keywords
    for number, keyword in enumerate(keywords):
        rest_of_keywords = keywords[:number] + keywords[number + 1 :]
        yield f"drop {short(keyword)}", ast.Call(function, positional, rest_of_keywords)
    for label, values in _swapped([keyword.value for keyword in keywords]):
        named = [ast.keyword(old.arg, new) for old, new in zip(keywords, values, strict=True)]
        yield label, ast.Call(function, positional, named)
    if ast.unparse(function).startswith("nn.") and ast.unparse(function) != "nn.Sequential":
        return  # a layer without its sizes cannot be built
    several = len(positional) + len(keywords) > 1  # few calls make sense with nothing in them
    for number, argument in enumerate(positional if several else ()):
        rest = positional[:number] + positional[number + 1 :]
        yield f"drop argument {short(argument)}", ast.Call(function, rest, keywords)
    for label, swapped in _swapped(positional):
        yield label, ast.Call(function, swapped, keywords)
    if isinstance(function, ast.Attribute) and not _is_module(function.value):
        yield f"drop .{function.attr}()", function.value
    if len(positional) == 1:
        yield f"drop {short(function)}()", positional[0]


def _is_module(node: ast.expr) -> bool:
    """Whether a name is one of torch's, where a call is no method."""
    return isinstance(node, ast.Name) and node.id in MODULES


def _swapped(items: list[ast.expr]) -> Iterator[tuple[str, list[ast.expr]]]:
    for number, (first, second) in enumerate(pairwise(items)):
        label = f"{short(first, 30)} and {short(second, 30)} swapped"
        yield label, [*items[:number], second, first, *items[number + 2 :]]
