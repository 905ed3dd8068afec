"""CEL expressions, compiled once and bounded in size."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

from muniment.kernel.errors import Invalid

LONGEST_EXPRESSION = 2_000
DEEPEST_LOOP = 2

_LOOP = re.compile(r"\.\s*(?:exists_one|exists|all|map|filter)\s*\(")


def _load_cel() -> ModuleType:
    """The Rust extension by itself: the package around it also loads a terminal shell (25 MB)."""
    package = find_spec("cel")
    spec = PathFinder.find_spec("cel", package.submodule_search_locations) if package else None
    if spec is None or spec.loader is None:
        raise ImportError("The package common-expression-language is not installed.")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_cel = _load_cel()


@dataclass(frozen=True, slots=True)
class Expression:
    """A condition over the variables of one entity."""

    source: str
    _program: Any

    def is_true(self, prepared: Any) -> bool:
        """Evaluate on a prepared context; ValueError when it does not give true or false."""
        try:
            answer = self._program.execute(prepared)
        except KeyError as error:
            raise ValueError(f"there is no field {error}") from error
        except (TypeError, RuntimeError, ArithmeticError) as error:
            raise ValueError(str(error).split(". ")[0]) from error
        if not isinstance(answer, bool):
            raise ValueError(f"it gives {type(answer).__name__}, not true or false")
        return answer


def compile_expression(source: str, variables: frozenset[str]) -> Expression:
    """Parse a condition that may name ``variables``; Invalid says what is wrong with it."""
    if len(source) > LONGEST_EXPRESSION:
        raise Invalid(f"The expression is longer than {LONGEST_EXPRESSION} characters.")
    if _loop_depth(source) > DEEPEST_LOOP:
        raise Invalid(
            f"The expression nests more than {DEEPEST_LOOP} loops (exists, all, map, filter)."
        )
    try:
        program = _cel.compile(source)
    except ValueError as error:
        raise Invalid(f"The expression cannot be read: {_first_line(error)}") from error
    unknown = {
        name
        for name in program.variables()
        if name not in variables and not _bound_by_a_loop(name, source)
    }
    if unknown:
        raise Invalid(
            f"The expression names {', '.join(sorted(unknown))}; it may name "
            f"{', '.join(sorted(variables))}."
        )
    return Expression(source, program)


def prepare(document: Mapping[str, Any]) -> Any:
    """One context for all expressions about the same subject."""
    return _cel.Context(dict(document))


def _bound_by_a_loop(name: str, source: str) -> bool:
    return re.search(_LOOP.pattern + rf"\s*{re.escape(name)}\s*,", source) is not None


def _loop_depth(source: str) -> int:
    """How deep loops stand inside one another; brackets inside string literals are left out."""
    plain = re.sub(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", "''", source)
    starts = {match.end() - 1 for match in _LOOP.finditer(plain)}
    stack: list[bool] = []
    deepest = 0
    for position, character in enumerate(plain):
        if character == "(":
            stack.append(position in starts)
            deepest = max(deepest, sum(stack))
        elif character == ")" and stack:
            stack.pop()
    return deepest


def _first_line(error: ValueError) -> str:
    text = str(error)
    detail = text.split("ERROR: ", 1)[-1] if "ERROR: " in text else text
    return detail.splitlines()[0]
