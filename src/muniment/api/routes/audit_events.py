"""/audit-events and /audit-trail: who did what, and the proof that nobody changed it."""

import base64
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from muniment.api.deps import Caller, Running, Seen, reading, writing
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.compliance.audit.keys import to_pem
from muniment.compliance.audit.model import AuditRecord, Checkpoint, EventFilter, Verification
from muniment.compliance.audit.service import AuditTrail, Proof
from muniment.kernel.errors import Conflict, Forbidden, NotFound
from muniment.platform.paging import Page, PageQuery


def whole_estate(seen: Seen) -> None:
    """The trail speaks of every domain, so one domain's auditor does not read it."""
    if not seen.everything:
        raise Forbidden("The audit trail covers every domain; this needs audit.read in all (*).")


router = APIRouter(tags=["compliance"])

WHOLE = [permit("audit.read"), Depends(whole_estate)]

Trail = Annotated[AuditTrail, reading(lambda unit: unit.compliance.trail)]
TrailToNote = Annotated[AuditTrail, writing(lambda unit: unit.compliance.trail)]
Paging = Annotated[PageQuery, Query()]


class AuditEventOut(BaseModel):
    id: UUID
    seq: int
    occurred_at: datetime
    actor: str
    topic: str
    subject: str
    payload: dict[str, Any]
    checkpoint: int | None = Field(description="Null while it is not sealed.")
    position: int | None
    hash: str

    @classmethod
    def of(cls, record: AuditRecord) -> "AuditEventOut":
        return cls(
            id=record.id,
            seq=record.seq,
            occurred_at=record.occurred_at,
            actor=record.actor,
            topic=record.topic,
            subject=record.subject,
            payload=dict(record.payload),
            checkpoint=record.batch,
            position=record.leaf,
            hash=record.hash.hex(),
        )


class CheckpointOut(BaseModel):
    number: int
    size: int
    total: int
    root: str
    previous: str
    hash: str
    sealed_at: datetime
    key_id: str
    signature: str = Field(description="Ed25519, base64.")

    @classmethod
    def of(cls, checkpoint: Checkpoint) -> "CheckpointOut":
        return cls(
            number=checkpoint.number,
            size=checkpoint.size,
            total=checkpoint.total,
            root=checkpoint.root.hex(),
            previous=checkpoint.previous.hex(),
            hash=checkpoint.hash.hex(),
            sealed_at=checkpoint.sealed_at,
            key_id=checkpoint.key_id,
            signature=base64.b64encode(checkpoint.signature).decode(),
        )


class ProofOut(BaseModel):
    """Shows offline that the event stands under the signed checkpoint (RFC 6962, 2.1.1)."""

    event: AuditEventOut
    content: str = Field(description="The canonical JSON whose hash is the leaf.")
    leaf: str
    index: int
    path: list[str]
    checkpoint: CheckpointOut
    signed: str = Field(description="What the signature is over, base64.")

    @classmethod
    def of(cls, proof: Proof) -> "ProofOut":
        return cls(
            event=AuditEventOut.of(proof.record),
            content=proof.record.content.decode(),
            leaf=proof.record.hash.hex(),
            index=proof.index,
            path=[each.hex() for each in proof.path],
            checkpoint=CheckpointOut.of(proof.checkpoint),
            signed=base64.b64encode(proof.checkpoint.to_sign).decode(),
        )


class BreakOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    what: str
    checkpoint: int | None
    event_id: UUID | None
    position: int | None


class VerificationOut(BaseModel):
    ok: bool
    events: int
    checkpoints: int
    unsealed: int
    head: str | None
    key_id: str | None
    broken: BreakOut | None

    @classmethod
    def of(cls, found: Verification) -> "VerificationOut":
        return cls(
            ok=found.ok,
            events=found.events,
            checkpoints=found.checkpoints,
            unsealed=found.unsealed,
            head=found.head,
            key_id=found.key_id,
            broken=BreakOut.model_validate(found.broken) if found.broken else None,
        )


class TrailOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    events: int
    unsealed: int
    oldest_unsealed_at: datetime | None
    checkpoints: int
    last_verified_at: datetime | None
    last_verified_ok: bool | None


@router.get("/audit-events", dependencies=WHOLE, responses=may_fail())
async def list_audit_events(
    trail: Trail,
    page: Paging,
    topic: Annotated[str | None, Query(max_length=200, description="A prefix.")] = None,
    subject: Annotated[str | None, Query(max_length=1_000)] = None,
    actor: Annotated[str | None, Query(max_length=200)] = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
) -> Page[AuditEventOut]:
    """Events, newest first."""
    wanted = EventFilter(topic, subject, actor, since, until)
    return (await trail.page(wanted, page)).map(AuditEventOut.of)


@router.get("/audit-events/{event_id}", dependencies=WHOLE, responses=may_fail(NotFound))
async def get_audit_event(event_id: UUID, trail: Trail) -> AuditEventOut:
    """One event."""
    return AuditEventOut.of(await trail.get(event_id))


@router.get(
    "/audit-events/{event_id}/proof",
    dependencies=WHOLE,
    responses=may_fail(NotFound, Conflict),
)
async def get_audit_proof(event_id: UUID, trail: Trail) -> ProofOut:
    """The inclusion proof of a sealed event, to be checked without Muniment."""
    return ProofOut.of(await trail.proof(event_id))


@router.get("/audit-trail", dependencies=WHOLE, responses=may_fail())
async def get_audit_trail(trail: Trail) -> TrailOut:
    """How long the trail is, what waits to be sealed, and when it was last verified."""
    return TrailOut.model_validate(await trail.fact())


@router.post("/audit-trail/verify", dependencies=WHOLE, responses=may_fail())
async def verify_audit_trail(trail: TrailToNote) -> VerificationOut:
    """Check every checkpoint and every sealed event; the first that does not fit is named."""
    return VerificationOut.of(await trail.verify_and_note())


@router.get("/audit-trail/checkpoints", dependencies=WHOLE, responses=may_fail())
async def list_audit_checkpoints(trail: Trail, page: Paging) -> Page[CheckpointOut]:
    """Signed checkpoints, newest first."""
    return (await trail.page_checkpoints(page)).map(CheckpointOut.of)


@router.get(
    "/audit-trail/key",
    dependencies=WHOLE,
    responses={**may_fail(NotFound), 200: {"content": {"application/x-pem-file": {}}}},
    response_class=Response,
)
async def get_audit_key(trail: Trail) -> Response:
    """The public key that checkpoints are signed with. Keep a copy where Muniment is not."""
    return Response(to_pem(await trail.public_key()), media_type="application/x-pem-file")


@router.get(
    "/audit-trail/export",
    dependencies=WHOLE,
    responses={**may_fail(NotFound), 200: {"content": {"application/x-ndjson": {}}}},
    response_class=StreamingResponse,
)
async def export_audit_trail(product: Running, caller: Caller, trail: Trail) -> StreamingResponse:
    """The sealed trail as a file for ``muniment audit verify --export FILE``."""
    await trail.public_key()  # NotFound now, and not in the middle of a stream

    async def lines() -> AsyncIterator[bytes]:
        async with product.reading(caller) as unit:
            async for line in unit.compliance.trail.export():
                yield line

    return StreamingResponse(
        lines(),
        media_type="application/x-ndjson",
        headers={"Content-Disposition": 'attachment; filename="muniment-audit.ndjson"'},
    )
