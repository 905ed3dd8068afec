"""Layers laid over one another, with the origin of every setting. Pure.

Defaults first, then base, frameworks and overlays, each in the order of position and name. A
setting that a layer names replaces what is below, with two exceptions. Excludes, quality rules
and high-water columns add up (one with the same check and patterns replaces the older one). And a
framework only adds and raises: its classifiers join the others, its confidence bound and its
sample size can only widen what is found; an overlay above it may still decide otherwise, and the
origins show that.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from muniment.contracts.rulesets import EffectiveRules, HighWater, QualityRule
from muniment.rulesets.model import Laid, Layer, QualityEntry, RuleSetBody

BUILT_IN = "built-in"


@dataclass(slots=True)
class _View:
    """The overlay as it grows: values and where each comes from."""

    rules: EffectiveRules
    origins: dict[str, str]
    excludes: dict[str, str] = field(default_factory=dict)
    quality: dict[tuple[Any, ...], tuple[QualityEntry, str]] = field(default_factory=dict)
    water: dict[str, tuple[HighWater, str]] = field(default_factory=dict)


def lay_over(sets: Iterable[Laid]) -> EffectiveRules:
    """What the sets say together. The order of ``sets`` does not matter, nor does repetition."""
    ordered = sorted({(laid.name, laid.version): laid for laid in sets}.values(), key=_order)
    view = _View(EffectiveRules(), dict.fromkeys(_SETTINGS, BUILT_IN))
    for laid in ordered:
        if laid.layer is Layer.FRAMEWORK:
            _raise_to(view, laid)
        else:
            _replace_by(view, laid)
        _add_quality(view, laid)
        _add_water(view, laid)
    return replace(
        view.rules,
        exclude=tuple(view.excludes),
        high_water=tuple(entry for entry, _ in view.water.values()),
        quality_rules=tuple(_rule(entry) for entry, _ in view.quality.values()),
        origins={
            **view.origins,
            **{f"scope.exclude.{n}": label for n, label in enumerate(view.excludes.values())},
            **{f"high_water.{n}": label for n, (_, label) in enumerate(view.water.values())},
            **{f"quality_rules.{n}": label for n, (_, label) in enumerate(view.quality.values())},
        },
        versions={laid.name: laid.version for laid in ordered},
    )


def _order(laid: Laid) -> tuple[int, int, str]:
    return laid.order


_READ: dict[str, tuple[str, Callable[[RuleSetBody], Any]]] = {
    "scope.include": ("include", lambda body: body.scope.include),
    "sampling.rows": ("sample_rows", lambda body: body.sampling.rows),
    "sampling.rows_per_partition": (
        "rows_per_partition",
        lambda body: body.sampling.rows_per_partition,
    ),
    "sampling.metadata_only": ("metadata_only", lambda body: body.sampling.metadata_only),
    "classifiers": ("classifiers", lambda body: body.classifiers),
    "min_confidence": ("min_confidence", lambda body: body.min_confidence),
    "suggest_quality": ("suggest_quality", lambda body: body.suggest_quality),
    "lineage": ("lineage", lambda body: body.lineage),
    "limits.max_concurrency": ("max_concurrency", lambda body: body.limits.max_concurrency),
    "limits.statement_timeout_seconds": (
        "statement_timeout_seconds",
        lambda body: body.limits.statement_timeout_seconds,
    ),
    "limits.max_run_minutes": ("max_run_minutes", lambda body: body.limits.max_run_minutes),
}
_SETTINGS = tuple(_READ)


def _replace_by(view: _View, laid: Laid) -> None:
    for setting, (name, read) in _READ.items():
        value = read(laid.body)
        if value is not None:
            _set(view, setting, name, None if value == "all" else value, laid.label)
    for pattern in laid.body.scope.exclude:
        view.excludes.setdefault(pattern, laid.label)


def _raise_to(view: _View, laid: Laid) -> None:
    body, rules = laid.body, view.rules
    wider = _joined(rules.classifiers, body.classifiers or ())
    if wider != rules.classifiers:
        before = view.origins["classifiers"]
        _set(view, "classifiers", "classifiers", wider, f"{before} + {laid.label}")
    if body.min_confidence is not None and body.min_confidence < rules.min_confidence:
        _set(view, "min_confidence", "min_confidence", body.min_confidence, laid.label)
    rows = body.sampling.rows
    if rows is not None and rules.sample_rows is not None:
        if rows == "all":
            _set(view, "sampling.rows", "sample_rows", None, laid.label)
        elif rows > rules.sample_rows:
            _set(view, "sampling.rows", "sample_rows", rows, laid.label)


def _joined(present: tuple[str, ...], needed: tuple[str, ...]) -> tuple[str, ...]:
    """The present patterns with what is needed added, and nothing needed taken out."""
    kept = tuple(
        pattern
        for pattern in present
        if not (pattern.startswith("!") and _touches(pattern[1:], needed))
    )
    if "*" in kept:
        return kept
    return (*kept, *(pattern for pattern in needed if pattern not in kept))


def _touches(pattern: str, needed: tuple[str, ...]) -> bool:
    return any(fnmatchcase(pattern, other) or fnmatchcase(other, pattern) for other in needed)


def _add_water(view: _View, laid: Laid) -> None:
    for entry in laid.body.high_water:
        view.water.pop(entry.assets, None)  # the last one that matches counts
        view.water[entry.assets] = (HighWater(entry.assets, entry.column), laid.label)


def _add_quality(view: _View, laid: Laid) -> None:
    for entry in laid.body.quality_rules:
        view.quality[entry.key] = (entry, laid.label)


def _set(view: _View, setting: str, name: str, value: Any, label: str) -> None:
    view.rules = replace(view.rules, **{name: value})
    view.origins[setting] = label


def _rule(entry: QualityEntry) -> QualityRule:
    return QualityRule(
        check=entry.check,
        assets=entry.assets,
        columns=entry.columns,
        label=entry.label,
        params=entry.params,
        severity=entry.severity,
    )
