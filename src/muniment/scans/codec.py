"""What a plan keeps between its steps, as JSON and back."""

from collections.abc import Mapping
from typing import Any

from muniment.contracts.connectors import (
    AssetMeta,
    ColumnMeta,
    Grant,
    KeyKind,
    KeyMeta,
)
from muniment.contracts.rulesets import EffectiveRules, HighWater, QualityRule
from muniment.kernel.values import AssetKind, Severity
from muniment.scans.jobs import Reading


def meta_to_json(meta: AssetMeta) -> dict[str, Any]:
    """Everything but the definition, which no reader of data needs."""
    return {
        "path": list(meta.path),
        "kind": meta.kind.value,
        "columns": [
            [each.name, each.type, each.nullable, each.default, each.comment]
            for each in meta.columns
        ],
        "keys": [
            {
                "kind": each.kind.value,
                "columns": list(each.columns),
                "name": each.name,
                "references": list(each.references),
                "referenced_columns": list(each.referenced_columns),
            }
            for each in meta.keys
        ],
        "grants": [[each.grantee, each.privilege] for each in meta.grants],
        "comment": meta.comment,
        "row_estimate": meta.row_estimate,
        "size_bytes": meta.size_bytes,
        "properties": dict(meta.properties),
    }


def meta_from_json(body: Mapping[str, Any]) -> AssetMeta:
    return AssetMeta(
        path=tuple(body["path"]),
        kind=AssetKind(body["kind"]),
        columns=tuple(ColumnMeta(*each) for each in body["columns"]),
        keys=tuple(
            KeyMeta(
                kind=KeyKind(each["kind"]),
                columns=tuple(each["columns"]),
                name=each["name"],
                references=tuple(each["references"]),
                referenced_columns=tuple(each["referenced_columns"]),
            )
            for each in body["keys"]
        ),
        grants=tuple(Grant(*each) for each in body["grants"]),
        comment=body["comment"],
        row_estimate=body["row_estimate"],
        size_bytes=body["size_bytes"],
        properties=body["properties"],
    )


def reading_to_json(reading: Reading) -> dict[str, Any]:
    return {
        "rows_per_partition": reading.rows_per_partition,
        "sample_rows": reading.sample_rows,
        "metadata_only": reading.metadata_only,
    }


def reading_from_json(body: Mapping[str, Any]) -> Reading:
    return Reading(
        body["rows_per_partition"], body["sample_rows"], body.get("metadata_only", False)
    )


def rules_to_json(rules: EffectiveRules) -> dict[str, Any]:
    return {
        "include": list(rules.include),
        "exclude": list(rules.exclude),
        "sample_rows": rules.sample_rows,
        "rows_per_partition": rules.rows_per_partition,
        "metadata_only": rules.metadata_only,
        "classifiers": list(rules.classifiers),
        "min_confidence": rules.min_confidence,
        "quality_rules": [
            {
                "check": each.check,
                "assets": each.assets,
                "columns": each.columns,
                "label": each.label,
                "params": dict(each.params),
                "severity": each.severity.value,
            }
            for each in rules.quality_rules
        ],
        "high_water": [[each.assets, each.column] for each in rules.high_water],
        "suggest_quality": rules.suggest_quality,
        "lineage": rules.lineage,
        "max_concurrency": rules.max_concurrency,
        "statement_timeout_seconds": rules.statement_timeout_seconds,
        "max_run_minutes": rules.max_run_minutes,
        "origins": dict(rules.origins),
        "versions": dict(rules.versions),
    }


def rules_from_json(body: Mapping[str, Any]) -> EffectiveRules:
    return EffectiveRules(
        include=tuple(body["include"]),
        exclude=tuple(body["exclude"]),
        sample_rows=body["sample_rows"],
        rows_per_partition=body["rows_per_partition"],
        metadata_only=body.get("metadata_only", False),
        classifiers=tuple(body["classifiers"]),
        min_confidence=body["min_confidence"],
        quality_rules=tuple(
            QualityRule(
                check=each["check"],
                assets=each["assets"],
                columns=each["columns"],
                label=each["label"],
                params=each["params"],
                severity=Severity(each["severity"]),
            )
            for each in body["quality_rules"]
        ),
        high_water=tuple(HighWater(*each) for each in body.get("high_water", ())),
        suggest_quality=body["suggest_quality"],
        lineage=body["lineage"],
        max_concurrency=body["max_concurrency"],
        statement_timeout_seconds=body["statement_timeout_seconds"],
        max_run_minutes=body["max_run_minutes"],
        origins=body["origins"],
        versions=body["versions"],
    )
