"""Which checks the next scan answers, for many assets at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from muniment.catalog.analysis.results import ProfileResult
from muniment.catalog.analysis.spec import CheckSpec, QualityPlan
from muniment.catalog.quality.content import check_types, defaults
from muniment.catalog.quality.model import Origin
from muniment.catalog.quality.planning import Known, plan, referred, spec_of, with_previous
from muniment.catalog.quality.references import references
from muniment.catalog.quality.repository.checks import CheckRepository
from muniment.catalog.quality.repository.profiles import ProfileRepository
from muniment.catalog.quality.tables import CheckDefinition
from muniment.contracts.classification import ColumnLabel, LabelReader
from muniment.contracts.connectors import AssetMeta
from muniment.contracts.rulesets import QualityRule
from muniment.kernel.clock import Clock
from muniment.kernel.errors import Invalid
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import JsonObject, Sensitivity, Severity


@dataclass(frozen=True, slots=True)
class CheckPlanner:
    """Implements ``contracts.catalog.QualityPlanner``."""

    checks: CheckRepository
    profiles: ProfileRepository
    labels: LabelReader
    clock: Clock

    async def quality_params(
        self,
        source: str,
        assets: Sequence[AssetMeta],
        rules: Sequence[QualityRule],
        *,
        suggest: bool,
        sampled: bool = False,
    ) -> Mapping[tuple[str, ...], JsonObject]:
        """By asset path: the checks to be answered, in a constant number of statements."""
        refs = {asset.path: AssetRef(source, asset.path) for asset in assets}
        texts = [str(ref) for ref in refs.values()]
        definitions: dict[str, list[CheckDefinition]] = {}
        for one in await self.checks.declared(texts):
            definitions.setdefault(one.asset, []).append(one)
        bodies = await self.profiles.bodies(texts)
        labels = await self.labels.labels_of(list(refs.values()))
        now, content = self.clock.now(), defaults()
        # A sample of a table does not hold all its keys: what refers to it would seem lost.
        refer = {} if sampled else references(assets, content.references)
        plans: dict[tuple[str, ...], tuple[CheckSpec, ...]] = {}
        for asset in assets:
            ref = refs[asset.path]
            known = _known(
                asset,
                definitions.get(str(ref), ()),
                bodies.get(str(ref)),
                labels.get(ref, ()),
            )
            known = replace(known, references=tuple(refer.get(asset.path, ())))
            plans[asset.path] = plan(known, rules, content, suggest=suggest)
        keys = {} if sampled else referred(plans.values())
        return {
            path: QualityPlan(checks, now, tuple(sorted(keys.get(path, ())))).to_json()
            for path, checks in plans.items()
        }


def _known(
    asset: AssetMeta,
    definitions: Sequence[CheckDefinition],
    body: JsonObject | None,
    labels: Sequence[ColumnLabel],
) -> Known:
    profile = _profile(body)
    words: dict[str, set[str]] = {}
    levels: dict[str, Sensitivity] = {}
    for label in labels:
        words.setdefault(label.column, set()).add(label.label)
        levels[label.column] = max(levels.get(label.column, label.sensitivity), label.sensitivity)
    rows = None if profile is None else profile.rows
    return Known(
        meta=asset,
        declared=tuple(
            with_previous(_declared(one), rows)
            for one in definitions
            if one.enabled and one.type in check_types()
        ),
        muted=frozenset((one.type, tuple(one.columns)) for one in definitions if not one.enabled),
        labels={name: frozenset(found) for name, found in words.items()},
        sensitivity=levels,
        profile=profile,
    )


def _declared(one: CheckDefinition) -> CheckSpec:
    return spec_of(
        one.type,
        one.columns,
        one.params,
        severity=Severity(one.severity),
        origin=Origin.DECLARED,
        title=one.title,
        definition=str(one.id),
    )


def _profile(body: JsonObject | None) -> ProfileResult | None:
    if body is None:
        return None
    try:
        return ProfileResult.from_json(body)
    except Invalid:  # of an older version: it suggests nothing
        return None
