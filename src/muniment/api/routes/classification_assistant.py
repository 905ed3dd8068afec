"""/assistant: the endpoint that may be asked about open columns, what it is sent, what it costs."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from muniment.api.deps import Caller, Running, Seen, reading, writing
from muniment.api.etags import IfMatch, expected_version, set_etag
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.classification.assistant.settings import AssistantSettings
from muniment.classification.service.assistant import AssistantService, AssistantState
from muniment.kernel.errors import Forbidden, Invalid, NotFound, StaleVersion, Unavailable
from muniment.kernel.refs import AssetRef
from muniment.platform.chat import EndpointFailed
from muniment.platform.paging import Page, PageQuery
from muniment.platform.policy import EVERYTHING

router = APIRouter(prefix="/assistant", tags=["classification"])

Assistant = Annotated[AssistantService, reading(lambda unit: unit.assistant.assistant)]
AssistantToChange = Annotated[AssistantService, writing(lambda unit: unit.assistant.assistant)]
VALUES = "catalog.samples"


class AssistantOut(BaseModel):
    """The settings in force; the key itself is never told."""

    model_config = ConfigDict(from_attributes=True)

    settings: AssistantSettings
    version: int
    key: str = Field(description="Where the key comes from: stored, environment or none.")
    updated_by: str | None
    updated_at: datetime | None
    rests_until: datetime | None = Field(
        description="The endpoint failed several times and is left alone until then."
    )
    last_problem: str | None


class AssistantKeyIn(BaseModel):
    key: SecretStr = Field(min_length=1, max_length=4_000)


class AssistantAssetIn(BaseModel):
    asset: str = Field(
        min_length=1,
        max_length=2_000,
        pattern=r"^[^\x00]+$",
        examples=["warehouse/sales/orders"],
    )

    @property
    def ref(self) -> AssetRef:
        return AssetRef.parse(self.asset)


class AssistantRequestOut(BaseModel):
    """One request as it would be sent, word for word."""

    url: str
    body: dict[str, Any]
    columns: int
    samples: bool = Field(description="Whether raw values are in it.")
    tokens: int = Field(description="About so many tokens.")


class AssistantPreviewOut(BaseModel):
    requests: list[AssistantRequestOut]


class AssistantTestedOut(BaseModel):
    """Whether the endpoint answered a question about no data at all, and how."""

    passed: bool
    message: str
    model: str | None = None
    milliseconds: int | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class AssistantTaskOut(BaseModel):
    id: UUID


class AssistantSpentOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    calls: int
    tokens: int
    cost: float


class AssistantDayOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    day: datetime
    calls: int
    failed: int
    columns: int
    labelled: int
    abstained: int
    refused: int
    prompt_tokens: int
    completion_tokens: int
    cost: float


class AssistantUsageOut(BaseModel):
    """What was spent and what it brought; cost is in the currency of the settings."""

    model_config = ConfigDict(from_attributes=True)

    today: AssistantSpentOut
    waiting: int = Field(description="Runs and assets that wait to be asked about.")
    rests_until: datetime | None
    days: list[AssistantDayOut]


class AssistantCallOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    asset: str
    model: str
    at: datetime
    milliseconds: int
    tries: int
    columns: int
    labelled: int
    abstained: int
    refused: int
    samples: bool
    outcome: str
    problem: str | None
    prompt_tokens: int
    completion_tokens: int
    cost: float


@router.get("/settings", dependencies=[permit("settings.manage")], responses=may_fail())
async def get_assistant_settings(assistant: Assistant, response: Response) -> AssistantOut:
    """What the assistant may do; it is off until somebody turns it on."""
    return _shown(await assistant.state(), response)


@router.put(
    "/settings",
    dependencies=[permit("settings.manage")],
    responses=may_fail(Invalid, StaleVersion),
)
async def change_assistant_settings(
    body: AssistantSettings,
    assistant: AssistantToChange,
    caller: Caller,
    product: Running,
    response: Response,
    if_match: IfMatch = None,
) -> AssistantOut:
    """Put settings in force. Letting raw values be sent needs seeing them everywhere as well."""
    if body.samples and product.decider.visibility(caller, VALUES) != EVERYTHING:
        raise Forbidden(
            f"Letting raw values be sent needs the permission {VALUES} in every domain.",
            permission=VALUES,
        )
    state = await assistant.save(body, expected=expected_version(if_match))
    return _shown(state, response)


@router.put(
    "/key",
    status_code=204,
    dependencies=[permit("settings.manage")],
    responses=may_fail(Invalid),
)
async def put_assistant_key(body: AssistantKeyIn, assistant: AssistantToChange) -> None:
    """Store the key of the endpoint, sealed and bound to its address; it cannot be read again."""
    await assistant.keep_key(body.key.get_secret_value())


@router.delete(
    "/key", status_code=204, dependencies=[permit("settings.manage")], responses=may_fail()
)
async def delete_assistant_key(assistant: AssistantToChange) -> None:
    """Forget the stored key."""
    await assistant.forget_key()


@router.post(
    "/test", dependencies=[permit("settings.manage")], responses=may_fail(Invalid, Unavailable)
)
async def test_assistant(product: Running, caller: Caller) -> AssistantTestedOut:
    """Ask the endpoint a question that holds no data, with one try and at most 20 seconds."""
    async with product.reading(caller) as unit:
        settings = (await unit.assistant.assistant.state()).settings
        key = await unit.assistant.assistant.key()
    if not (settings.base_url and settings.model):
        raise Invalid("Enter the base address and the model, save them, and test again.")
    # an idle API process does not carry the client
    from muniment.platform.chat_client import check

    try:
        said = await check(settings.endpoint, key)
    except EndpointFailed as error:
        return AssistantTestedOut(passed=False, message=error.message)
    return AssistantTestedOut(
        passed=True,
        message="The endpoint answered with JSON, as it must.",
        model=said.model,
        milliseconds=said.milliseconds,
        prompt_tokens=said.prompt_tokens,
        completion_tokens=said.completion_tokens,
    )


@router.post(
    "/preview", dependencies=[permit("settings.manage")], responses=may_fail(NotFound, Forbidden)
)
async def preview_assistant(
    body: AssistantAssetIn, assistant: Assistant, seen: Seen, caller: Caller, product: Running
) -> AssistantPreviewOut:
    """The exact requests about an asset's open columns, for reading; nothing is sent."""
    settings = (await assistant.state()).settings
    values = product.decider.visibility(caller, VALUES)
    if settings.samples_of(body.ref.source) and values != EVERYTHING:
        raise Forbidden(
            f"The requests hold raw values; reading them needs the permission {VALUES}.",
            permission=VALUES,
        )
    endpoint = settings.endpoint
    return AssistantPreviewOut(
        requests=[
            AssistantRequestOut(
                url=endpoint.url if settings.base_url else "",
                body={
                    "model": endpoint.model,
                    "messages": [dict(message) for message in request.messages],
                },
                columns=len(request.columns),
                samples=request.samples,
                tokens=request.tokens,
            )
            for request in await assistant.preview(body.ref, seen)
        ]
    )


@router.post(
    "/ask",
    status_code=202,
    dependencies=[permit("classification.manage")],
    responses=may_fail(NotFound, Invalid),
)
async def ask_assistant(
    body: AssistantAssetIn, assistant: AssistantToChange, seen: Seen
) -> AssistantTaskOut:
    """Let a worker ask about an asset's open columns soon, within the budgets."""
    return AssistantTaskOut(id=await assistant.ask_about(body.ref, seen))


@router.get("/usage", dependencies=[permit("settings.manage")], responses=may_fail())
async def get_assistant_usage(
    assistant: Assistant, days: Annotated[int, Query(ge=1, le=90)] = 14
) -> AssistantUsageOut:
    """Calls, tokens and cost by day, and what came of them."""
    return AssistantUsageOut.model_validate(await assistant.usage(days))


@router.get("/calls", dependencies=[permit("settings.manage")], responses=may_fail())
async def list_assistant_calls(
    assistant: Assistant, seen: Seen, page: Annotated[PageQuery, Query()]
) -> Page[AssistantCallOut]:
    """The requests that were made, the latest first; what was said is not kept."""
    return (await assistant.calls(seen, page)).map(AssistantCallOut.model_validate)


def _shown(state: AssistantState, response: Response) -> AssistantOut:
    set_etag(response, state.version)
    return AssistantOut.model_validate(state)
