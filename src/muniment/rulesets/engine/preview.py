"""What a scan with some rules would do to the assets of a source; no data is read. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from muniment.contracts.catalog import AssetFact
from muniment.contracts.rulesets import EffectiveRules, QualityRule
from muniment.kernel.values import AssetKind
from muniment.rulesets.model import matches_any

READ_KINDS = frozenset({AssetKind.TABLE, AssetKind.DATASET, AssetKind.MATERIALIZED_VIEW})
"""Kinds whose rows are read; of the others only the metadata is taken."""


@dataclass(frozen=True, slots=True)
class AssetPreview:
    """One asset: whether it is in scope and why not, how much is read, what is checked."""

    ref: str
    path: str
    kind: AssetKind
    in_scope: bool
    excluded_by: str | None
    rows: int | None
    rows_to_read: int | None
    partitions: int | None
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    assets: tuple[AssetPreview, ...]
    in_scope: int
    left_out: int
    rows_to_read: int
    """Over the assets whose size is known."""
    classifiers: tuple[str, ...]
    idle_patterns: tuple[str, ...]
    """Scope patterns that match no known asset."""


def preview(
    rules: EffectiveRules, assets: Sequence[AssetFact], classifier_ids: Sequence[str]
) -> Preview:
    """Apply rules to what the catalogue knows of one source."""
    shown = tuple(_asset(rules, fact) for fact in assets)
    paths = [each.path for each in shown]
    return Preview(
        assets=shown,
        in_scope=sum(each.in_scope for each in shown),
        left_out=sum(not each.in_scope for each in shown),
        rows_to_read=sum(each.rows_to_read or 0 for each in shown),
        classifiers=selected(rules.classifiers, classifier_ids),
        idle_patterns=tuple(
            pattern
            for pattern in (*rules.include, *rules.exclude)
            if pattern != "*" and not any(fnmatchcase(path, pattern) for path in paths)
        ),
    )


def selected(patterns: Sequence[str], ids: Sequence[str]) -> tuple[str, ...]:
    """The ids that glob patterns choose; ``!pattern`` takes out."""
    wanted = [pattern for pattern in patterns if not pattern.startswith("!")]
    unwanted = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    return tuple(
        each for each in ids if matches_any(wanted, each) and not matches_any(unwanted, each)
    )


def _asset(rules: EffectiveRules, fact: AssetFact) -> AssetPreview:
    path = ".".join(fact.asset.path)
    excluded_by = next((p for p in rules.exclude if fnmatchcase(path, p)), None)
    in_scope = excluded_by is None and matches_any(rules.include, path)
    read = in_scope and fact.kind in READ_KINDS
    rows = _rows_to_read(rules, fact.rows) if read else 0
    return AssetPreview(
        ref=str(fact.asset),
        path=path,
        kind=fact.kind,
        in_scope=in_scope,
        excluded_by=excluded_by,
        rows=fact.rows,
        rows_to_read=rows,
        partitions=None if rows is None else -(-rows // rules.rows_per_partition),
        checks=tuple(_words(rule) for rule in rules.quality_rules if fnmatchcase(path, rule.assets))
        if read
        else (),
    )


def _rows_to_read(rules: EffectiveRules, rows: int | None) -> int | None:
    if rows is None:
        return None
    if rules.metadata_only:
        return 0
    return rows if rules.sample_rows is None else min(rows, rules.sample_rows)


def _words(rule: QualityRule) -> str:
    where = f"label {rule.label}" if rule.label else (rule.columns or "table")
    return f"{rule.check} ({where})"
