"""Arithmetic over the columns of one row, as people write it: ``net + tax``."""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Final

import polars as pl

from muniment.kernel.errors import Invalid

MOST_CHARACTERS: Final = 300
Operation = Callable[[pl.Expr, pl.Expr], pl.Expr]

_OPERATIONS: Final[Mapping[type[ast.operator], Operation]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def parsed(text: str, columns: tuple[str, ...]) -> pl.Expr:
    """The formula as an expression over those columns; Invalid with the reason it is none.

    Numbers, + - * / and brackets. A column is called by its name, or by its place, c1, c2 ...,
    where the name is more than letters, digits and underscores.
    """
    if len(text) > MOST_CHARACTERS:
        raise Invalid(f"A formula has at most {MOST_CHARACTERS} characters.")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Invalid(f"The formula {text!r} cannot be read. Write: a + b * 0.19") from error
    names = {f"c{at}": name for at, name in enumerate(columns, start=1)}
    return _expression(tree, {**names, **{name: name for name in columns}})


def _expression(tree: ast.expr, names: Mapping[str, str]) -> pl.Expr:
    match tree:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return pl.lit(float(value))
        case ast.Name(id=name) if name in names:
            return pl.col(names[name])
        case ast.Name(id=name):
            raise Invalid(f"The formula names {name}, which is not among the check's columns.")
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_expression(operand, names)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            return _OPERATIONS[type(op)](_expression(left, names), _expression(right, names))
        case _:
            raise Invalid("A formula holds columns, numbers, + - * / and brackets, nothing else.")
