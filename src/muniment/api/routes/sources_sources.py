"""/sources: what Muniment is connected to."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field, SecretStr

from muniment.api.deps import Seen, reading, writing
from muniment.api.etags import IfMatch, expected_version, set_etag
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.contracts.sources import Health
from muniment.kernel.errors import Conflict, NotFound, StaleVersion
from muniment.platform.paging import Page, PageQuery
from muniment.sources.model import NewSource, SourceRecord
from muniment.sources.service.sources import SourceService

router = APIRouter(prefix="/sources", tags=["sources"])

Sources = Annotated[SourceService, reading(lambda unit: unit.sources.sources)]
SourcesToChange = Annotated[SourceService, writing(lambda unit: unit.sources.sources)]

Settings = Annotated[
    dict[str, Any], Field(description="See /connectors/{kind}/schema.", max_length=50)
]
Secrets = Annotated[
    dict[str, SecretStr],
    Field(description="Sealed in the vault; never returned.", max_length=20),
]

READS = "Chunks that are read at once; the smaller of this and the rule set's counts."
IDLE = "A source that sends nothing for so long, while it should, is given up."
GOVERNED = "Ask less of the source while its answers are slower than usual."
RATES = ("rows_per_second", "megabytes_per_second", "statements_per_minute")
RowsPerSecond = Annotated[int | None, Field(ge=1, le=1_000_000_000)]
MegabytesPerSecond = Annotated[
    float | None, Field(ge=0.01, le=100_000, description="As held in memory; 1 MB is 10^6 bytes.")
]
StatementsPerMinute = Annotated[int | None, Field(ge=1, le=1_000_000)]
Blackouts = Annotated[
    list[Annotated[str, Field(max_length=200)]],
    Field(
        max_length=20,
        description="Windows in which nothing is read.",
        examples=[["Mon-Fri 08:00-18:00 Europe/Berlin"]],
    ),
]


class CredentialOut(BaseModel):
    """What is known of a stored credential; its values are shown to nobody."""

    fields: list[str]
    version: int
    stored_at: datetime


class SourceOut(BaseModel):
    id: UUID
    name: str
    kind: str
    title: str
    description: str | None
    domain: str | None
    owner: str | None
    sensitive: bool = Field(description="Scans of it wait for an approval.")
    settings: dict[str, Any]
    credential: CredentialOut | None
    max_concurrency: int
    statement_timeout_seconds: float
    idle_timeout_seconds: float
    rows_per_second: int | None
    megabytes_per_second: float | None
    statements_per_minute: int | None
    governed: bool
    blackouts: list[str]
    health: Health
    health_since: datetime | None
    health_reason: str | None
    latency_ms: float | None
    probed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    created_by: str
    version: int

    @classmethod
    def of(cls, record: SourceRecord) -> "SourceOut":
        stored_at = record.credential_stored_at
        credential = None
        if stored_at is not None:
            credential = CredentialOut(
                fields=list(record.credential_fields),
                version=record.credential_version,
                stored_at=stored_at,
            )
        plain = {name: getattr(record, name) for name in cls.model_fields if name != "credential"}
        return cls(**{**plain, "settings": dict(record.settings), "credential": credential})


class SourceIn(BaseModel):
    name: str = Field(
        max_length=63,
        examples=["shop"],
        description="Begins the path of every asset; small letters, digits, dots, dashes.",
    )
    kind: str = Field(max_length=63, examples=["postgresql"])
    settings: Settings
    secrets: Secrets = Field(default_factory=dict)
    title: str = Field(default="", max_length=200)
    description: str | None = Field(default=None, max_length=4000)
    domain: str | None = Field(default=None, max_length=100)
    owner: str | None = Field(default=None, max_length=200)
    sensitive: bool = False
    max_concurrency: int = Field(default=2, ge=1, le=64, description=READS)
    statement_timeout_seconds: float = Field(default=120.0, ge=1, le=86_400)
    idle_timeout_seconds: float = Field(default=60.0, ge=5, le=3600, description=IDLE)
    rows_per_second: RowsPerSecond = None
    megabytes_per_second: MegabytesPerSecond = None
    statements_per_minute: StatementsPerMinute = None
    governed: bool = Field(default=True, description=GOVERNED)
    blackouts: Blackouts = []


class SourcePatch(BaseModel):
    """Only what is sent is changed."""

    settings: Settings | None = None
    title: str | None = Field(default=None, min_length=1, max_length=200)
    description: str | None = Field(default=None, max_length=4000)
    domain: str | None = Field(default=None, max_length=100)
    owner: str | None = Field(default=None, max_length=200)
    sensitive: bool | None = None
    max_concurrency: int | None = Field(default=None, ge=1, le=64, description=READS)
    statement_timeout_seconds: float | None = Field(default=None, ge=1, le=86_400)
    idle_timeout_seconds: float | None = Field(default=None, ge=5, le=3600, description=IDLE)
    rows_per_second: RowsPerSecond = None
    megabytes_per_second: MegabytesPerSecond = None
    statements_per_minute: StatementsPerMinute = None
    governed: bool | None = Field(default=None, description=GOVERNED)
    blackouts: Blackouts | None = None

    def changes(self) -> dict[str, Any]:
        """What was sent; null empties only what may be empty."""
        may_be_empty = {"description", "domain", "owner", *RATES}
        sent = self.model_dump(exclude_unset=True)
        return {k: v for k, v in sent.items() if v is not None or k in may_be_empty}


class CredentialIn(BaseModel):
    secrets: Secrets


def plain(secrets: dict[str, SecretStr]) -> dict[str, str]:
    return {name: secret.get_secret_value() for name, secret in secrets.items()}


@router.get("", dependencies=[permit("sources.read")], responses=may_fail())
async def list_sources(
    sources: Sources,
    seen: Seen,
    page: Annotated[PageQuery, Query()],
    kind: Annotated[str | None, Query(max_length=63)] = None,
    health: Health | None = None,
) -> Page[SourceOut]:
    """Registered sources by name, with their health."""
    word = None if health is None else health.value
    return (await sources.page(page, seen, kind=kind, health=word)).map(SourceOut.of)


@router.post(
    "",
    status_code=201,
    dependencies=[permit("sources.write")],
    responses=may_fail(Conflict, NotFound),
)
async def register_source(
    body: SourceIn, sources: SourcesToChange, seen: Seen, response: Response
) -> SourceOut:
    """Register a source; its secrets are sealed and never shown again."""
    fields = body.model_dump(exclude={"secrets"})
    record = await sources.register(NewSource(**fields, secrets=plain(body.secrets)), seen)
    set_etag(response, record.version)
    response.headers["Location"] = f"/api/v1/sources/{record.name}"
    return SourceOut.of(record)


@router.get("/{name}", dependencies=[permit("sources.read")], responses=may_fail(NotFound))
async def get_source(name: str, sources: Sources, seen: Seen, response: Response) -> SourceOut:
    """One source."""
    record = await sources.get(name, seen)
    set_etag(response, record.version)
    return SourceOut.of(record)


@router.patch(
    "/{name}",
    dependencies=[permit("sources.write")],
    responses=may_fail(NotFound, StaleVersion),
)
async def update_source(
    name: str,
    body: SourcePatch,
    sources: SourcesToChange,
    seen: Seen,
    response: Response,
    if_match: IfMatch = None,
) -> SourceOut:
    """Change settings, owner, domain or limits."""
    expected = expected_version(if_match)
    record = await sources.update(name, body.changes(), expected=expected, seen=seen)
    set_etag(response, record.version)
    return SourceOut.of(record)


@router.delete(
    "/{name}",
    status_code=204,
    dependencies=[permit("sources.write")],
    responses=may_fail(NotFound, StaleVersion),
)
async def remove_source(
    name: str, sources: SourcesToChange, seen: Seen, if_match: IfMatch = None
) -> None:
    """Forget a source, its credential and its history; the data itself is untouched."""
    await sources.remove(name, expected=expected_version(if_match), seen=seen)


@router.put(
    "/{name}/credential",
    dependencies=[permit("sources.write")],
    responses=may_fail(NotFound),
)
async def rotate_credential(
    name: str, body: CredentialIn, sources: SourcesToChange, seen: Seen
) -> SourceOut:
    """Replace the secrets of a source; no secret at all removes them."""
    return SourceOut.of(await sources.rotate(name, plain(body.secrets), seen))
