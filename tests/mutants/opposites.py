"""What an operator, a name or a text is easily taken for."""

from __future__ import annotations

import ast

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
ORDERED = (ast.Sub, ast.Div, ast.FloorDiv, ast.Pow)  # the order of the operands counts
NAMES = {
    "mean": ("sum", "amax", "median"),
    "sum": ("mean",),
    "max": ("min",),
    "min": ("max",),
    "std": ("var",),
    "square": ("abs", "sqrt"),
    "eval": ("train",),
    "train": ("eval",),
    "modules": ("children",),
    "inference_mode": ("no_grad", "enable_grad"),
    "no_grad": ("inference_mode", "enable_grad"),
    "masked_fill": ("masked_fill_",),
    "triu_indices": ("tril_indices",),
    "relu": ("abs", "softplus"),
    "ReLU": ("Identity", "Sigmoid"),
    "Tanh": ("Identity", "Sigmoid", "Hardtanh"),
    "BatchNorm1d": ("Identity", "LayerNorm"),
    "encode": ("decode",),
    "decode": ("encode",),
    "encoder": ("decoder",),
    "decoder": ("encoder",),
    "features": ("head",),
    "head": ("features",),
}
TEXTS = {"nan": ("0",), "cpu": ("meta",)}
