"""What is wrong with a rule set: each problem with its place, a sentence and a suggestion. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from pydantic import ValidationError

from muniment.rulesets.engine.patterns import problem_of
from muniment.rulesets.model import Layer, RuleSetBody


class Weight(StrEnum):
    ERROR = "error"
    """It cannot be published."""
    WARNING = "warning"
    """It can, and somebody should look."""


@dataclass(frozen=True, slots=True)
class RuleProblem:
    path: str
    message: str
    suggestion: str | None = None
    weight: Weight = Weight.ERROR


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The ids that a rule set may name; empty where they are not known."""

    classifiers: tuple[str, ...] = ()
    check_types: tuple[str, ...] = ()


def read_body(raw: Mapping[str, Any]) -> tuple[RuleSetBody | None, list[RuleProblem]]:
    """Parse a body; every field that does not fit is a problem of its own."""
    try:
        return RuleSetBody.model_validate(raw), []
    except ValidationError as error:
        found: dict[str, RuleProblem] = {}
        for each in error.errors(include_url=False, include_input=False):
            path = _place(each["loc"])
            unknown = each["type"] == "extra_forbidden"
            found.setdefault(
                path,
                RuleProblem(
                    path,
                    _worded(each["type"], each["msg"]),
                    _known_fields(each["loc"]) if unknown else None,
                ),
            )
        return None, list(found.values())


def validate(body: RuleSetBody, layer: Layer, words: Vocabulary) -> list[RuleProblem]:
    """Everything that can be told without touching a source."""
    return [
        *_scope(body),
        *_classifiers(body, words),
        *_quality(body, words),
        *_high_water(body),
        *_limits(body),
        *(_framework(body) if layer is Layer.FRAMEWORK else ()),
    ]


def _scope(body: RuleSetBody) -> Iterator[RuleProblem]:
    include, exclude = body.scope.include or (), body.scope.exclude
    for number, pattern in enumerate(include):
        covering = next((other for other in exclude if covers(other, pattern)), None)
        if covering is not None:
            yield RuleProblem(
                f"scope.include.{number}",
                f"Nothing that {pattern} includes is left: {covering} excludes all of it.",
                "Take one of the two away, or make the exclude narrower.",
            )
    for name, patterns in (("include", include), ("exclude", exclude)):
        for number, pattern in enumerate(patterns):
            earlier = next(
                (
                    other
                    for n, other in enumerate(patterns)
                    if n != number and covers(other, pattern) and (other != pattern or n < number)
                ),
                None,
            )
            if earlier is not None:
                yield RuleProblem(
                    f"scope.{name}.{number}",
                    f"{pattern} changes nothing: {earlier} matches all of it already.",
                    "Remove it.",
                    Weight.WARNING,
                )
            if "/" in pattern:
                yield RuleProblem(
                    f"scope.{name}.{number}",
                    f"{pattern} has a slash; patterns are over dotted paths.",
                    f"Write {pattern.replace('/', '.')}.",
                    Weight.WARNING,
                )


def _classifiers(body: RuleSetBody, words: Vocabulary) -> Iterator[RuleProblem]:
    patterns = body.classifiers or ()
    if patterns and all(pattern.startswith("!") for pattern in patterns):
        yield RuleProblem(
            "classifiers",
            "All patterns take classifiers out, so none is left to run.",
            "Begin with * to run all but those.",
        )
    for number, pattern in enumerate(patterns):
        bare = pattern.removeprefix("!")
        if words.classifiers and not any(fnmatchcase(each, bare) for each in words.classifiers):
            yield RuleProblem(
                f"classifiers.{number}",
                f"No classifier has an id that matches {bare}.",
                _did_you_mean(bare, words.classifiers),
            )


def _quality(body: RuleSetBody, words: Vocabulary) -> Iterator[RuleProblem]:
    seen: set[tuple[str, str, str | None, str | None]] = set()
    for number, entry in enumerate(body.quality_rules):
        place = f"quality_rules.{number}"
        if words.check_types and entry.check not in words.check_types:
            yield RuleProblem(
                f"{place}.check",
                f"There is no check type {entry.check}.",
                _did_you_mean(entry.check, words.check_types),
            )
        if entry.label is not None and entry.columns is not None:
            yield RuleProblem(
                place,
                "The rule names columns and a label; it can go by one of them only.",
                "Keep the label to follow the data, the columns to follow the name.",
            )
        if entry.label and words.classifiers and entry.label not in words.classifiers:
            yield RuleProblem(
                f"{place}.label",
                f"There is no classifier {entry.label}.",
                _did_you_mean(entry.label, words.classifiers),
            )
        if entry.key in seen:
            yield RuleProblem(
                place,
                f"{entry.check} is asked for the same columns twice; the later one counts.",
                "Remove the earlier one.",
                Weight.WARNING,
            )
        seen.add(entry.key)
        yield from _params(place, entry.params)


def _high_water(body: RuleSetBody) -> Iterator[RuleProblem]:
    seen: set[str] = set()
    for number, entry in enumerate(body.high_water):
        if entry.assets in seen:
            yield RuleProblem(
                f"high_water.{number}.assets",
                f"{entry.assets} has two high-water columns; the later one counts.",
                "Remove the earlier one.",
                Weight.WARNING,
            )
        seen.add(entry.assets)
        if "/" in entry.assets:
            yield RuleProblem(
                f"high_water.{number}.assets",
                f"{entry.assets} has a slash; patterns are over dotted paths.",
                f"Write {entry.assets.replace('/', '.')}.",
                Weight.WARNING,
            )
    if body.high_water and isinstance(body.sampling.rows, int):
        yield RuleProblem(
            "high_water",
            "An asset of which only a sample is read is sampled anew each time.",
            "Read all rows where a high-water column tells the new ones.",
            Weight.WARNING,
        )


def _params(place: str, params: Mapping[str, Any]) -> Iterator[RuleProblem]:
    for name, value in params.items():
        if name in ("regex", "pattern") and isinstance(value, str):
            problem = problem_of(value)
            if problem is not None:
                yield RuleProblem(f"{place}.params.{name}", problem)
    low, high = params.get("min"), params.get("max")
    if isinstance(low, (int, float)) and isinstance(high, (int, float)) and low > high:
        yield RuleProblem(
            f"{place}.params",
            f"The range is empty: min {low} is above max {high}.",
            "Swap the two.",
        )


def _limits(body: RuleSetBody) -> Iterator[RuleProblem]:
    limits = body.limits
    if (
        limits.max_run_minutes is not None
        and limits.statement_timeout_seconds is not None
        and limits.statement_timeout_seconds > limits.max_run_minutes * 60
    ):
        yield RuleProblem(
            "limits.statement_timeout_seconds",
            "One statement may take longer than the whole run.",
            f"Set at most {limits.max_run_minutes * 60:.0f} seconds.",
        )
    rows, per_partition = body.sampling.rows, body.sampling.rows_per_partition
    if isinstance(rows, int) and per_partition is not None and per_partition > rows:
        yield RuleProblem(
            "sampling.rows_per_partition",
            "A partition is larger than the sample, so every asset is one partition.",
            f"Set at most {rows}.",
            Weight.WARNING,
        )


def _framework(body: RuleSetBody) -> Iterator[RuleProblem]:
    """A framework adds and raises; what could take away has no place in it."""
    if body.scope.include is not None or body.scope.exclude:
        yield RuleProblem("scope", "A framework's rule set cannot narrow the scope.", "Remove it.")
    if any(pattern.startswith("!") for pattern in body.classifiers or ()):
        yield RuleProblem("classifiers", "A framework's rule set cannot take classifiers out.")
    if body.high_water:
        yield RuleProblem("high_water", "A framework's rule set cannot say that less is read.")
    if any(value is not None for value in body.limits.model_dump().values()):
        yield RuleProblem("limits", "A framework's rule set cannot change limits.", "Remove them.")


def covers(wider: str, narrower: str) -> bool:
    """Whether all that ``narrower`` matches is matched by ``wider`` (told by an odd example)."""
    if wider == narrower:
        return True
    if "[" in narrower or "[" in wider:
        return False
    example = narrower.replace("*", "\x01\x02\x03").replace("?", "\x04")
    empty = narrower.replace("*", "").replace("?", "\x04")
    return fnmatchcase(example, wider) and fnmatchcase(empty, wider)


def _did_you_mean(word: str, known: Sequence[str]) -> str | None:
    bare = word.replace("*", "").strip(".")
    close = get_close_matches(word, known, n=3, cutoff=0.6) or get_close_matches(
        bare, sorted({each.partition(".")[0] for each in known}), n=3, cutoff=0.5
    )
    return f"Did you mean {' or '.join(close)}?" if close else None


def _known_fields(path: tuple[int | str, ...]) -> str | None:
    model: Any = RuleSetBody
    for part in path[:-1]:
        if isinstance(part, int):
            continue
        annotation = model.model_fields[part].annotation if part in model.model_fields else None
        inner = getattr(annotation, "__args__", (annotation,))[0]
        if not hasattr(inner, "model_fields"):
            return None
        model = inner
    return f"There is {', '.join(model.model_fields)}."


def _place(path: tuple[int | str, ...]) -> str:
    """The dotted path, without pydantic's own names for the branches of a union."""
    named = [str(part) for part in path if isinstance(part, int) or part.isidentifier()]
    return ".".join(named) or "body"


def _worded(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "There is no such setting."
    return f"{message[0].upper()}{message[1:]}."
