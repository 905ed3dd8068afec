"""/rule-sets: what scans do, in versions."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from muniment.api.deps import reading, writing
from muniment.api.etags import IfMatch, expected_version, set_etag
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.kernel.errors import Conflict, NotFound, StaleVersion
from muniment.platform.paging import Page, PageQuery
from muniment.rulesets.engine.diff import Change
from muniment.rulesets.engine.validate import RuleProblem, Weight
from muniment.rulesets.model import AppliesTo, Layer, RuleSet, RuleSetBody, VersionState
from muniment.rulesets.service.sets import RuleSetService

router = APIRouter(prefix="/rule-sets", tags=["rulesets"])

Sets = Annotated[RuleSetService, reading(lambda unit: unit.rulesets.sets)]
SetsToChange = Annotated[RuleSetService, writing(lambda unit: unit.rulesets.sets)]
Paging = Annotated[PageQuery, Query()]
CHANGE = may_fail(NotFound, Conflict, StaleVersion)


class RuleSetOut(BaseModel):
    """A named rule set without its bodies."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    title: str
    description: str
    layer: Layer
    position: int
    applies_to: AppliesTo
    managed_by: str | None = Field(description="Null: people change it.")
    retired: bool
    published: int | None = Field(description="Number of the version in force.")
    draft: int | None
    version: int
    created_at: datetime | None
    updated_at: datetime | None


class VersionOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str
    number: int
    state: VersionState
    body: RuleSetBody
    digest: str
    note: str
    author: str
    created_at: datetime | None
    published_at: datetime | None


class RuleSetIn(BaseModel):
    name: str = Field(pattern=r"^[a-z][a-z0-9-]{1,79}$", examples=["nightly-warehouse"])
    title: str = Field(min_length=1, max_length=200)
    description: str = Field(default="", max_length=2_000)
    layer: Layer = Layer.OVERLAY
    position: int = Field(default=0, ge=0, le=1_000)
    applies_to: AppliesTo = AppliesTo()
    body: dict[str, Any] = Field(default_factory=dict, description="See RuleSetBody.")
    note: str = Field(default="", max_length=2_000)


class RuleSetPatch(BaseModel):
    title: str | None = Field(default=None, min_length=1, max_length=200)
    description: str | None = Field(default=None, max_length=2_000)
    position: int | None = Field(default=None, ge=0, le=1_000)
    applies_to: AppliesTo | None = None


class DraftIn(BaseModel):
    body: dict[str, Any]
    note: str = Field(default="", max_length=2_000)


class ProblemOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    path: str
    message: str
    suggestion: str | None
    weight: Weight


class Validated(BaseModel):
    """``valid`` when nothing is an error; warnings may be there all the same."""

    valid: bool
    problems: list[ProblemOut]

    @classmethod
    def of(cls, problems: list[RuleProblem]) -> "Validated":
        return cls(
            valid=all(each.weight is not Weight.ERROR for each in problems),
            problems=[ProblemOut.model_validate(each) for each in problems],
        )


class ToValidate(BaseModel):
    body: dict[str, Any]
    layer: Layer = Layer.OVERLAY


class DifferenceOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    path: str
    change: Change
    before: Any = None
    after: Any = None


def shown(rule_set: RuleSet, response: Response) -> RuleSetOut:
    set_etag(response, rule_set.version)
    return RuleSetOut.model_validate(rule_set)


@router.get("", dependencies=[permit("rulesets.read")], responses=may_fail())
async def list_rule_sets(
    sets: Sets, page: Paging, layer: Layer | None = None, retired: bool = False
) -> Page[RuleSetOut]:
    """Rule sets by name; the shipped defaults come with the first page."""
    return (await sets.page(page, layer=layer, retired=retired)).map(RuleSetOut.model_validate)


@router.post(
    "", dependencies=[permit("rulesets.write")], responses=may_fail(Conflict), status_code=201
)
async def create_rule_set(body: RuleSetIn, sets: SetsToChange, response: Response) -> RuleSetOut:
    """A new rule set with its first draft; nothing is in force until it is published."""
    made = await sets.create(
        body.name,
        title=body.title,
        description=body.description,
        layer=body.layer,
        position=body.position,
        applies_to=body.applies_to,
        body=body.body,
        note=body.note,
    )
    return shown(made, response)


@router.post("/validate", dependencies=[permit("rulesets.read")], responses=may_fail())
async def validate_rule_set(body: ToValidate, sets: Sets) -> Validated:
    """All problems of a body, each with its place and what to do; nothing is stored."""
    _, problems = await sets.validate(body.body, body.layer)
    return Validated.of(list(problems))


@router.get("/schema", dependencies=[permit("rulesets.read")], responses=may_fail())
async def get_rule_set_schema() -> dict[str, Any]:
    """The JSON Schema of a body, for forms and editors."""
    return RuleSetBody.model_json_schema()


@router.get("/{name}", dependencies=[permit("rulesets.read")], responses=may_fail(NotFound))
async def get_rule_set(name: str, sets: Sets, response: Response) -> RuleSetOut:
    """One rule set."""
    return shown(await sets.get(name), response)


@router.patch("/{name}", dependencies=[permit("rulesets.write")], responses=CHANGE)
async def change_rule_set(
    name: str, body: RuleSetPatch, sets: SetsToChange, response: Response, if_match: IfMatch = None
) -> RuleSetOut:
    """Change title, description, order or what it applies to."""
    values = {
        field: getattr(body, field)
        for field in ("title", "description", "position", "applies_to")
        if getattr(body, field) is not None
    }
    return shown(await sets.change(name, values, version=expected_version(if_match)), response)


@router.delete("/{name}", dependencies=[permit("rulesets.write")], responses=CHANGE)
async def retire_rule_set(
    name: str, sets: SetsToChange, response: Response, if_match: IfMatch = None
) -> RuleSetOut:
    """Take a rule set out of force; its versions stay for the record."""
    return shown(await sets.retire(name, version=expected_version(if_match)), response)


@router.put("/{name}/draft", dependencies=[permit("rulesets.write")], responses=CHANGE)
async def save_rule_set_draft(
    name: str, body: DraftIn, sets: SetsToChange, if_match: IfMatch = None
) -> VersionOut:
    """Keep a body as the draft."""
    version = expected_version(if_match)
    return VersionOut.model_validate(
        await sets.save_draft(name, body.body, note=body.note, version=version)
    )


@router.delete("/{name}/draft", dependencies=[permit("rulesets.write")], responses=CHANGE)
async def discard_rule_set_draft(
    name: str, sets: SetsToChange, response: Response, if_match: IfMatch = None
) -> RuleSetOut:
    """Throw the draft away."""
    return shown(await sets.discard_draft(name, version=expected_version(if_match)), response)


@router.post("/{name}/publish", dependencies=[permit("rulesets.write")], responses=CHANGE)
async def publish_rule_set(
    name: str, sets: SetsToChange, response: Response, if_match: IfMatch = None
) -> RuleSetOut:
    """Put the draft in force for the next scans."""
    return shown(await sets.publish(name, version=expected_version(if_match)), response)


@router.get(
    "/{name}/versions", dependencies=[permit("rulesets.read")], responses=may_fail(NotFound)
)
async def list_rule_set_versions(name: str, sets: Sets, page: Paging) -> Page[VersionOut]:
    """Versions, newest first."""
    return (await sets.page_versions(name, page)).map(VersionOut.model_validate)


@router.get(
    "/{name}/versions/{number}",
    dependencies=[permit("rulesets.read")],
    responses=may_fail(NotFound),
)
async def get_rule_set_version(name: str, number: int, sets: Sets) -> VersionOut:
    """One version with its body."""
    return VersionOut.model_validate(await sets.get_version(name, number))


@router.post(
    "/{name}/versions/{number}/restore",
    dependencies=[permit("rulesets.write")],
    responses=CHANGE,
)
async def restore_rule_set_version(
    name: str, number: int, sets: SetsToChange, response: Response, if_match: IfMatch = None
) -> RuleSetOut:
    """Publish an older version again, as a new one."""
    return shown(await sets.restore(name, number, version=expected_version(if_match)), response)


@router.get("/{name}/diff", dependencies=[permit("rulesets.read")], responses=may_fail(NotFound))
async def diff_rule_set(
    name: str,
    sets: Sets,
    before: Annotated[int, Query(ge=1)],
    after: Annotated[int, Query(ge=1)],
) -> list[DifferenceOut]:
    """What changed between two versions, setting by setting."""
    return [DifferenceOut.model_validate(each) for each in await sets.diff(name, before, after)]
