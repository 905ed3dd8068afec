"""Whether a regular expression is safe to run on data one does not know. Pure."""

import re
from collections.abc import Iterable
from typing import Any

LONGEST_PATTERN = 1_000
_parser: Any = getattr(re, "_parser")  # noqa: B009  # the parser of the standard library, no stub
_REPEATS = ("max_repeat", "min_repeat", "possessive_repeat")
UNBOUNDED = 64
"""A repeat that may go on at least this long counts as endless."""


def problem_of(pattern: str) -> str | None:
    """A sentence when the pattern is not valid, too long, or may take super-linear time."""
    if len(pattern) > LONGEST_PATTERN:
        return f"The pattern is longer than {LONGEST_PATTERN} characters."
    try:
        parsed = _parser.parse(pattern)
    except re.error as error:
        return f"The pattern is not a valid regular expression: {error}."
    except RecursionError:
        return "The pattern is nested too deeply."
    if _nested(parsed, inside=False):
        return (
            "A repeat stands inside a repeat, as in (a+)+; on some values that takes time without "
            "end. Repeat only once, or use a character class."
        )
    return None


def _nested(parsed: Iterable[tuple[Any, Any]], *, inside: bool) -> bool:
    """Whether an endless repeat holds another repeat or alternatives that can overlap."""
    return any(_risky(str(operation).lower(), argument, inside) for operation, argument in parsed)


def _risky(operation: str, argument: Any, inside: bool) -> bool:
    match operation:
        case "max_repeat" | "min_repeat" | "possessive_repeat":
            _, most, body = argument
            endless = int(most) >= UNBOUNDED
            return (inside and endless) or _nested(body, inside=inside or endless)
        case "subpattern":
            return _nested(argument[-1], inside=inside)
        case "atomic_group":
            return _nested(argument, inside=False)
        case "branch":
            branches = argument[1]
            return (inside and _overlap(branches)) or any(
                _nested(branch, inside=inside) for branch in branches
            )
        case "groupref" | "groupref_exists" | "assert" | "assert_not":
            return inside
        case _:
            return False


def _overlap(branches: Iterable[Any]) -> bool:
    """Whether two alternatives begin alike, as far as their first item tells."""
    starts = [repr(list(branch)[:1]) for branch in branches]
    return len(set(starts)) < len(starts) or any("ANY" in start for start in starts)
