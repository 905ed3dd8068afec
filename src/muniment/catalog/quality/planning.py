"""Which checks an asset is asked, from what is known of it; pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Final

from muniment.catalog.analysis.results import ColumnProfile, ProfileResult
from muniment.catalog.analysis.spec import CheckSpec
from muniment.catalog.quality.content import (
    DefaultsPack,
    Family,
    FormulaDefault,
    check_types,
    family_of,
)
from muniment.catalog.quality.model import Origin, check_key, raised
from muniment.catalog.quality.references import FOREIGN, HOLDS_ROWS, Reference, singular
from muniment.contracts.connectors import AssetMeta, KeyKind
from muniment.contracts.rulesets import QualityRule
from muniment.kernel.values import AssetKind, JsonObject, Sensitivity, Severity

MOST_CHECKS: Final = 80
SUPPORT: Final = 200
"""A suggestion needs so many rows; with none failing, at most 3/200 fail (the rule of three)."""
FEW_VALUES: Final = 20


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one asset before it is read."""

    meta: AssetMeta
    declared: tuple[CheckSpec, ...] = ()
    muted: frozenset[tuple[str, tuple[str, ...]]] = frozenset()
    """Checks (type and columns) that a person switched off."""
    labels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sensitivity: Mapping[str, Sensitivity] = field(default_factory=dict)
    profile: ProfileResult | None = None
    references: tuple[Reference, ...] = ()

    @property
    def dotted(self) -> str:
        return ".".join(self.meta.path)

    @property
    def columns(self) -> frozenset[str]:
        return frozenset(column.name for column in self.meta.columns)


def plan(
    known: Known, rules: Sequence[QualityRule], defaults: DefaultsPack, *, suggest: bool
) -> tuple[CheckSpec, ...]:
    """All checks of an asset: people's own first, then rules, keys, names, suggestions."""
    sources: list[Iterable[CheckSpec]] = [
        by_rules(known, rules),
        by_keys(known),
        by_references(known, defaults),
        by_names(known, defaults),
    ]
    if suggest and known.profile is not None:
        sources.append(by_profile(known, known.profile))
    chosen = {(one.type, one.columns): one for one in known.declared}
    kept = {one.key: one for one in known.declared}
    for source in sources:
        for one in source:
            same = (one.type, one.columns)
            if same not in chosen and same not in known.muted:
                chosen[same] = kept[one.key] = one
    return tuple(list(kept.values())[:MOST_CHECKS])


def spec_of(
    type_: str,
    columns: Sequence[str],
    params: JsonObject,
    *,
    severity: Severity | None = None,
    origin: Origin,
    title: str | None = None,
    definition: str | None = None,
) -> CheckSpec:
    """A check of a known type; what is not given is the type's own."""
    kind = check_types()[type_]
    return CheckSpec(
        key=check_key(type_, columns, definition),
        type=type_,
        columns=tuple(columns),
        params=params,
        severity=severity or kind.severity,
        origin=origin.value,
        title=title or kind.title,
        dimension=kind.dimension.value,
        definition=definition,
    )


def by_rules(known: Known, rules: Sequence[QualityRule]) -> Iterator[CheckSpec]:
    """What rule sets ask for: by column pattern, by label, or of the table as a whole."""
    for rule in rules:
        if rule.check not in check_types() or not fnmatchcase(known.dotted, rule.assets):
            continue
        if rule.columns is None and rule.label is None:
            targets: list[tuple[str, ...]] = [()]
        else:
            targets = [(name,) for name in _matching(known, rule)]
        for columns in targets:
            if not check_types()[rule.check].problems(columns, rule.params):
                yield spec_of(
                    rule.check, columns, rule.params, severity=rule.severity, origin=Origin.RULE
                )


def _matching(known: Known, rule: QualityRule) -> list[str]:
    names = [column.name for column in known.meta.columns]
    if rule.columns is not None:
        names = [name for name in names if fnmatchcase(name, rule.columns)]
    if rule.label is not None:
        wanted = rule.label
        names = [
            name
            for name in names
            if any(fnmatchcase(one, wanted) for one in known.labels.get(name, ()))
        ]
    return names


def by_keys(known: Known) -> Iterator[CheckSpec]:
    """Declared keys hold: files and views may break what a database would keep."""
    for key in known.meta.keys:
        columns = [name for name in key.columns if name in known.columns]
        if len(columns) < len(key.columns) or not columns:
            continue
        if key.kind is KeyKind.FOREIGN:
            continue
        type_ = "unique" if len(columns) == 1 else "composite_unique"
        yield _of_metadata(type_, columns)
        if key.kind is KeyKind.PRIMARY:
            for name in columns:
                yield _of_metadata("not_null", [name])


def _of_metadata(type_: str, columns: Sequence[str]) -> CheckSpec:
    return spec_of(type_, columns, {}, severity=Severity.HIGH, origin=Origin.METADATA)


def by_references(known: Known, defaults: DefaultsPack) -> Iterator[CheckSpec]:
    """Declared references lead somewhere, and so do columns named like another table's key."""
    for one in known.references:
        usual = defaults.references.declared if one.declared else defaults.references.likely
        where: JsonObject = {"path": list(one.path), "keys": list(one.keys)}
        yield spec_of(
            FOREIGN,
            one.columns,
            {**where, **usual.params},
            severity=usual.severity,
            origin=Origin.METADATA if one.declared else Origin.DEFAULT,
        )


def referred(
    plans: Iterable[Sequence[CheckSpec]],
) -> Mapping[tuple[str, ...], set[tuple[str, ...]]]:
    """By path: the keys that checks of other tables refer to."""
    found: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for one in (spec for checks in plans for spec in checks if spec.type == FOREIGN):
        path, keys = (tuple(map(str, one.values(name))) for name in ("path", "keys"))
        found.setdefault(path, set()).add(keys)
    return found


def by_names(known: Known, defaults: DefaultsPack) -> Iterator[CheckSpec]:
    """What names and types promise; one step more severe on confidential columns."""
    if known.meta.kind in HOLDS_ROWS:
        yield _default("row_count_between", (), {"min": 1}, Severity.MEDIUM)
        if known.meta.kind is AssetKind.DATASET:
            yield _default("rows_readable", (), {}, Severity.MEDIUM)
        if known.profile is not None and known.profile.rows:
            changed: JsonObject = {"max_change": 0.5, "previous": known.profile.rows}
            yield _default("row_count_change", (), changed, Severity.MEDIUM)
    yield from _natural_keys(known, defaults)
    for column in known.meta.columns:
        family = family_of(column.type)
        for rule in defaults.columns:
            if rule.matches(column.name, family):
                severity = _severity(known, column.name, rule.severity)
                yield _default(rule.check, (column.name,), rule.params, severity)
    names = {column.name.lower(): column for column in known.meta.columns}
    for later, sooner in defaults.pairs:
        if later in names and sooner in names:
            pair = (names[later].name, names[sooner].name)
            yield _default("column_a_gt_b", pair, {}, Severity.MEDIUM)
    for one in _formulas(names.keys(), defaults):
        columns = tuple(names[name].name for name in (one.result, *one.of))
        formula = re.sub(r"[a-z]\w*", lambda found: names[found[0]].name, one.formula)
        params: JsonObject = {"formula": formula, **defaults.formula.params}
        yield _default("column_formula", columns, params, defaults.formula.severity)


def _formulas(names: Set[str], defaults: DefaultsPack) -> Sequence[FormulaDefault]:
    """Those whose columns are all there; of two for one result, the one that uses more of them."""
    fitting = [one for one in defaults.formulas if names >= {one.result, *one.of}]
    return [
        one
        for one in fitting
        if not any(one.result == more.result and {*one.of} < {*more.of} for more in fitting)
    ]


def _default(
    type_: str, columns: Sequence[str], params: JsonObject, severity: Severity
) -> CheckSpec:
    return spec_of(type_, columns, params, severity=severity, origin=Origin.DEFAULT)


def _severity(known: Known, name: str, severity: Severity) -> Severity:
    level = known.sensitivity.get(name, Sensitivity.PUBLIC)
    return raised(severity) if level >= Sensitivity.CONFIDENTIAL else severity


def _natural_keys(known: Known, defaults: DefaultsPack) -> Iterator[CheckSpec]:
    if known.meta.kind not in HOLDS_ROWS or not known.meta.path:
        return
    table = re.sub(r"\W+", "_", known.meta.path[-1].split(".")[0].lower())
    stems = {table, singular(table)}
    keyed = any(key.kind is KeyKind.PRIMARY for key in known.meta.keys)
    for column in known.meta.columns:
        name = column.name.lower()
        stem, _, ending = name.rpartition("_")
        natural = stem in stems and ending in defaults.natural_key_endings
        if natural or (name == "id" and not keyed):
            yield _default("unique", (column.name,), {}, defaults.natural_key_severity)


def by_profile(known: Known, profile: ProfileResult) -> Iterator[CheckSpec]:
    """What the last profile showed without exception, as checks of low severity."""
    types = {column.name: family_of(column.type) for column in known.meta.columns}
    for column in profile.columns:
        if column.name not in types or column.rows < SUPPORT:
            continue
        for type_, params in _habits(column, types[column.name]):
            yield spec_of(
                type_, (column.name,), params, severity=Severity.LOW, origin=Origin.SUGGESTED
            )


def _habits(column: ColumnProfile, family: Family) -> Iterator[tuple[str, JsonObject]]:
    if column.nulls == 0:
        yield "not_null", {}
    if column.unique and column.count >= SUPPORT and column.kind in ("integer", "text"):
        yield "unique", {}
    if column.sensitive or column.count < SUPPORT:
        return
    if column.kind == "text" and (values := _listed(column)):
        yield "in_set", {"values": values, "min_ratio": 0.99}
    elif column.kind == "text" and (pattern := shape_pattern(column)):
        yield "regex", {"pattern": pattern, "min_ratio": 0.99}
    elif (
        column.kind in ("integer", "float") and column.negatives == 0 and family is not Family.TEXT
    ):
        yield "in_range", {"min": 0}


def _listed(column: ColumnProfile) -> list[str]:
    whole = column.distinct_exact and 2 <= column.distinct <= FEW_VALUES
    seen = sum(top.count for top in column.top) == column.count
    if not whole or not seen or any(top.masked for top in column.top):
        return []
    # A value seen once or twice may be a slip rather than a habit.
    if min(top.count for top in column.top) < 3:
        return []
    return [str(top.value) for top in column.top]


def shape_pattern(column: ColumnProfile) -> str | None:
    """A pattern for a column nearly all of whose values look alike; None where they do not."""
    if not column.shapes or column.shapes[0].share < 0.99 or column.examined < SUPPORT:
        return None
    shape = column.shapes[0].shape
    if len(shape) >= 60 or not re.search(r"[9\W]", shape):
        return None
    classes = {"9": r"\p{N}", "x": r"[\p{L}--\p{Lu}]+", "X": r"\p{Lu}+"}
    body = "".join(
        classes.get(part[0], re.escape(part[0])) + (f"{{{len(part)}}}" if part[0] == "9" else "")
        for part in re.findall(r"9+|.", shape, re.DOTALL)
    )
    return f"^{body}$"


def with_previous(spec: CheckSpec, rows: int | None) -> CheckSpec:
    """Tell a check of change what the scan before counted."""
    if spec.type != "row_count_change" or rows is None:
        return spec
    return replace(spec, params={**spec.params, "previous": rows})
