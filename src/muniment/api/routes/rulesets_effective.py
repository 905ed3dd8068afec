"""/effective-rules: what a scan of one source would do, and where each setting comes from."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from muniment.api.deps import Seen, reading
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.contracts.rulesets import EffectiveRules
from muniment.kernel.errors import Invalid, NotFound
from muniment.kernel.values import AssetKind, Severity
from muniment.rulesets.engine.validate import Weight
from muniment.rulesets.model import AppliesTo, Layer
from muniment.rulesets.service.effective import DraftLayer, EffectiveService
from muniment.rulesets.service.sets import RuleSetService

router = APIRouter(prefix="/effective-rules", tags=["rulesets"])

Effective = Annotated[EffectiveService, reading(lambda unit: unit.rulesets.effective)]
Sets = Annotated[RuleSetService, reading(lambda unit: unit.rulesets.sets)]
MOST_SHOWN = 2_000


class QualityRuleOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    check: str
    assets: str
    columns: str | None
    label: str | None
    params: dict[str, Any]
    severity: Severity


class HighWaterOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    assets: str
    column: str


class EffectiveOut(BaseModel):
    """The settings of a scan after all layers were laid over one another."""

    model_config = ConfigDict(from_attributes=True)

    include: list[str]
    exclude: list[str]
    sample_rows: int | None = Field(description="Null: all rows are read.")
    rows_per_partition: int
    metadata_only: bool = Field(description="No row is read; names and types have to do.")
    classifiers: list[str]
    min_confidence: float
    quality_rules: list[QualityRuleOut]
    high_water: list[HighWaterOut] = Field(
        description="Only rows with a higher value in the column are new; the last match counts."
    )
    suggest_quality: bool
    lineage: bool
    max_concurrency: int
    statement_timeout_seconds: float
    max_run_minutes: float | None
    origins: dict[str, str] = Field(description="Setting to rule set and version.")
    versions: dict[str, int]


class AssetPreviewOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    ref: str
    path: str
    kind: AssetKind
    in_scope: bool
    excluded_by: str | None
    rows: int | None
    rows_to_read: int | None
    partitions: int | None
    checks: list[str]


class DryRunIn(BaseModel):
    """A source, and a body to be tried on it; without a body what is published is shown."""

    source: str = Field(min_length=1, max_length=200)
    name: str = Field(default="draft", max_length=80, description="The rule set it stands for.")
    body: dict[str, Any] | None = None
    layer: Layer = Layer.OVERLAY
    position: int = Field(default=1_000, ge=0, le=1_000)
    applies_to: AppliesTo = AppliesTo()


class DryRunOut(BaseModel):
    """No data was read: this is what the catalogue knows, seen through the rules."""

    rules: EffectiveOut
    assets: list[AssetPreviewOut] = Field(description=f"The first {MOST_SHOWN}.")
    in_scope: int
    left_out: int
    rows_to_read: int
    classifiers: list[str]
    idle_patterns: list[str] = Field(description="Scope patterns that match no known asset.")
    warnings: list[str]


@router.get("", dependencies=[permit("rulesets.read")], responses=may_fail(NotFound))
async def get_effective_rules(
    effective: Effective, seen: Seen, source: Annotated[str, Query(min_length=1, max_length=200)]
) -> EffectiveOut:
    """What the next scan of a source does, each setting with its origin."""
    return shown(await effective.of_source(source, seen))


@router.post("/dry-run", dependencies=[permit("rulesets.read")], responses=may_fail(NotFound))
async def dry_run_rules(body: DryRunIn, effective: Effective, sets: Sets, seen: Seen) -> DryRunOut:
    """Which assets match, how much is read, which checks and classifiers run; no data is read."""
    draft, warnings = await _draft(body, sets)
    rules, found = await effective.dry_run(body.source, seen, draft)
    return DryRunOut(
        rules=shown(rules),
        assets=[AssetPreviewOut.model_validate(each) for each in found.assets[:MOST_SHOWN]],
        in_scope=found.in_scope,
        left_out=found.left_out,
        rows_to_read=found.rows_to_read,
        classifiers=list(found.classifiers),
        idle_patterns=list(found.idle_patterns),
        warnings=warnings,
    )


async def _draft(body: DryRunIn, sets: RuleSetService) -> tuple[DraftLayer | None, list[str]]:
    if body.body is None:
        return None, []
    parsed, problems = await sets.validate(body.body, body.layer)
    errors = [each for each in problems if each.weight is Weight.ERROR]
    if parsed is None or errors:
        raise Invalid(
            f"The rules do not fit. {errors[0].path}: {errors[0].message}",
            problems=[{"field": each.path, "message": each.message} for each in errors],
        )
    draft = DraftLayer(body.name, body.layer, body.position, body.applies_to, parsed)
    return draft, [f"{each.path}: {each.message}" for each in problems]


def shown(rules: EffectiveRules) -> EffectiveOut:
    return EffectiveOut.model_validate(rules)
