"""Checks meet facts: every subject in scope gets a verdict with its evidence. Pure."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from muniment.compliance.engine.expressions import Expression, compile_expression, prepare
from muniment.compliance.engine.facts import DEFAULTS, Document, Subject
from muniment.compliance.model import Check, Entity, Verdict
from muniment.kernel.errors import Invalid
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import JsonObject, Severity

_FIELD = re.compile(r"\b(asset|column|label|source|scan|account|audit|waiver|estate)\.([a-z_]+)")
_ALWAYS_SHOWN: Mapping[str, tuple[str, ...]] = {
    "asset": ("ref",),
    "column": ("name", "labels"),
    "label": ("id", "confidence", "state"),
}
_LONGEST_LIST = 20
_VOLATILE = frozenset(
    field
    for document in DEFAULTS.values()
    for fields in document.values()
    for field in fields
    if field.endswith(("_ago", "_days", "_minutes"))
) - {"retention_days", "total_days"}


@dataclass(frozen=True, slots=True)
class Result:
    """What one check says of one subject."""

    check: str
    severity: Severity
    entity: Entity
    subject: str
    verdict: Verdict
    evidence: JsonObject
    evidence_hash: str
    asset: AssetRef | None = None
    source: str | None = None
    domain: str | None = None
    owner: str | None = None
    why_undecided: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.check, self.subject


@dataclass(frozen=True, slots=True)
class CompiledCheck:
    check: Check
    scope: Expression
    holds: Expression
    shown: tuple[tuple[str, str], ...]
    """Fields that the expressions name: they are the evidence."""


def compile_check(check: Check) -> CompiledCheck:
    """Parse both expressions; Invalid names the check and what is wrong."""
    variables = frozenset(DEFAULTS[check.entity])
    try:
        scope = compile_expression(check.scope, variables)
        holds = compile_expression(check.holds, variables)
    except Invalid as error:
        raise Invalid(f"Check {check.id}: {error.message}", check=check.id) from error
    named = _FIELD.findall(f"{check.scope} {check.holds}")
    for variable, name in named:
        if variable in variables and name not in DEFAULTS[check.entity][variable]:
            raise Invalid(
                f"Check {check.id}: {variable} has no field {name}. It has "
                f"{', '.join(sorted(DEFAULTS[check.entity][variable]))}.",
                check=check.id,
            )
    always = [(v, n) for v in DEFAULTS[check.entity] for n in _ALWAYS_SHOWN.get(v, ())]
    shown = tuple(dict.fromkeys([*always, *((v, n) for v, n in named if v in variables)]))
    return CompiledCheck(check, scope, holds, shown)


def judge(checks: Sequence[CompiledCheck], subjects: Iterable[Subject]) -> Iterator[Result]:
    """A result for every check whose scope holds the subject; the others leave no trace."""
    by_entity: dict[Entity, list[CompiledCheck]] = defaultdict(list)
    for compiled in checks:
        by_entity[compiled.check.entity].append(compiled)
    for subject in subjects:
        asked = by_entity.get(subject.entity)
        if not asked:
            continue
        prepared = prepare(subject.document)
        for compiled in asked:
            result = _judge_one(compiled, subject, prepared)
            if result is not None:
                yield result


def verdict_on(compiled: CompiledCheck, document: Mapping[str, Any]) -> Verdict | None:
    """The verdict on sample facts, missing fields filled with neutral ones; None: out of scope."""
    whole = complete(compiled.check.entity, document)
    prepared = prepare(whole)
    try:
        if not compiled.scope.is_true(prepared):
            return None
        return Verdict.HOLDS if compiled.holds.is_true(prepared) else Verdict.BROKEN
    except ValueError as error:
        raise Invalid(f"The expression cannot be evaluated on these facts: {error}.") from error


def complete(entity: Entity, sample: Mapping[str, Any]) -> Document:
    """Sample facts over neutral defaults; Invalid for a field that does not exist."""
    defaults = DEFAULTS[entity]
    unknown = set(sample) - set(defaults)
    if unknown:
        raise Invalid(
            f"There is no {', '.join(sorted(unknown))} in facts about {entity.value}; "
            f"there is {', '.join(defaults)}."
        )
    whole: dict[str, Any] = {}
    for variable, neutral in defaults.items():
        given = sample.get(variable, {})
        if not isinstance(given, Mapping):
            raise Invalid(f"{variable} must be an object of fields.")
        surplus = set(given) - set(neutral)
        if surplus:
            raise Invalid(
                f"{variable} has no field {', '.join(sorted(surplus))}. It has "
                f"{', '.join(sorted(neutral))}."
            )
        whole[variable] = {**neutral, **given}
    return whole


def evidence_hash(evidence: JsonObject) -> str:
    """SHA-256 over what does not move by itself: an age that grows is no new evidence."""
    steady = {
        variable: {name: value for name, value in fields.items() if name not in _VOLATILE}
        if isinstance(fields, Mapping)
        else fields
        for variable, fields in evidence.items()
    }
    return hashlib.sha256(_canonical(steady)).hexdigest()


def _judge_one(compiled: CompiledCheck, subject: Subject, prepared: Any) -> Result | None:
    check = compiled.check
    why: str | None = None
    try:
        if not compiled.scope.is_true(prepared):
            return None
        verdict = Verdict.HOLDS if compiled.holds.is_true(prepared) else Verdict.BROKEN
    except ValueError as error:
        verdict, why = Verdict.UNDECIDED, str(error)[:300]
    evidence = _evidence(compiled, subject) if verdict is Verdict.BROKEN else {}
    return Result(
        check=check.id,
        severity=check.severity,
        entity=check.entity,
        subject=subject.ref,
        verdict=verdict,
        evidence=evidence,
        evidence_hash=evidence_hash(evidence) if evidence else "",
        asset=subject.asset,
        source=subject.source,
        domain=subject.domain,
        owner=subject.owner,
        why_undecided=why,
    )


def _evidence(compiled: CompiledCheck, subject: Subject) -> JsonObject:
    shown: dict[str, dict[str, Any]] = {}
    for variable, name in compiled.shown:
        value = subject.document[variable][name]
        if isinstance(value, list) and len(value) > _LONGEST_LIST:
            value = [*value[:_LONGEST_LIST], f"… and {len(value) - _LONGEST_LIST} more"]
        shown.setdefault(variable, {})[name] = value
    return shown


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
