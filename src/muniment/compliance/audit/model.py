"""What the trail holds: events, checkpoints over batches of them, and what can be wrong."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from muniment.compliance.audit.merkle import HASH_BYTES, leaf_hash, root_of

FORMAT: Final = "muniment-audit/1"
ID_BYTES: Final = 16
NOTHING_BEFORE: Final = bytes(HASH_BYTES)
_SIGNED_AS: Final = b"muniment audit checkpoint v1\n"


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One event as it is hashed. ``seq`` and the place in a batch are bookkeeping, not content."""

    id: UUID
    occurred_at: datetime
    actor: str
    topic: str
    subject: str
    payload: Mapping[str, Any]
    seq: int = 0
    batch: int | None = None
    leaf: int | None = None

    @property
    def content(self) -> bytes:
        """Canonical JSON: sorted keys, no spaces, UTC to the microsecond."""
        return canonical(
            {
                "actor": self.actor,
                "id": str(self.id),
                "occurred_at": moment(self.occurred_at),
                "payload": self.payload,
                "subject": self.subject,
                "topic": self.topic,
            }
        )

    @property
    def hash(self) -> bytes:
        return leaf_hash(self.content)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed statement about one batch, chained to the statement before it."""

    number: int
    size: int
    total: int
    """Events sealed so far, this batch included."""
    root: bytes
    previous: bytes
    """Hash of the checkpoint before; zeros for the first."""
    sealed_at: datetime
    key_id: str
    signature: bytes = b""
    event_ids: bytes = b""
    leaves: bytes = b""

    @property
    def statement(self) -> bytes:
        return canonical(
            {
                "format": FORMAT,
                "key_id": self.key_id,
                "number": self.number,
                "previous": self.previous.hex(),
                "root": self.root.hex(),
                "sealed_at": moment(self.sealed_at),
                "size": self.size,
                "total": self.total,
            }
        )

    @property
    def hash(self) -> bytes:
        return hashlib.sha256(b"\x02" + self.statement).digest()

    @property
    def to_sign(self) -> bytes:
        return _SIGNED_AS + self.statement

    def leaf_hashes(self) -> list[bytes]:
        return _cut(self.leaves, HASH_BYTES)

    def ids(self) -> list[UUID]:
        return [UUID(bytes=raw) for raw in _cut(self.event_ids, ID_BYTES)]


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What an auditor looks for. ``topic`` is a prefix, the others are exact."""

    topic: str | None = None
    subject: str | None = None
    actor: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Break:
    """The first thing that does not fit: where, and in a sentence what."""

    what: str
    checkpoint: int | None = None
    event_id: UUID | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification found. ``broken`` None means that everything fits."""

    events: int
    checkpoints: int
    unsealed: int
    head: str | None
    """Hash of the last checkpoint: keep it elsewhere to prove later that nothing was cut off."""
    key_id: str | None
    broken: Break | None = None

    @property
    def ok(self) -> bool:
        return self.broken is None


def check_statement(
    checkpoint: Checkpoint, before: Checkpoint | None, key: Ed25519PublicKey, key_id: str
) -> Break | None:
    """Number, chain, totals and signature of one checkpoint."""
    at = checkpoint.number
    expected = before.number + 1 if before else 1
    if at != expected:
        return Break(f"Checkpoint {expected} is missing; the next one there is {at}.", expected)
    if checkpoint.key_id != key_id:
        return Break(
            f"Checkpoint {at} was signed by another key ({checkpoint.key_id}, not {key_id}).", at
        )
    try:
        key.verify(checkpoint.signature, checkpoint.to_sign)
    except InvalidSignature:
        return Break(f"Checkpoint {at} was changed: its signature does not fit.", at)
    if checkpoint.previous != (before.hash if before else NOTHING_BEFORE):
        return Break(f"Checkpoint {at} does not follow from the one before it.", at)
    if checkpoint.total != (before.total if before else 0) + checkpoint.size:
        return Break(f"Checkpoint {at} counts its events wrongly.", at)
    return None


def check_batch(checkpoint: Checkpoint, records: Sequence[AuditRecord]) -> Break | None:
    """The events of one batch, in the order of their places, against the signed root."""
    at = checkpoint.number
    found = [record.hash for record in records]
    if len(found) == checkpoint.size and root_of(found) == checkpoint.root:
        misplaced = next((n for n, r in enumerate(records) if r.leaf not in (None, n)), None)
        if misplaced is None:
            return None
    sealed, ids = checkpoint.leaf_hashes(), checkpoint.ids()
    if root_of(sealed) != checkpoint.root or len(ids) != len(sealed):
        return Break(
            f"The events of checkpoint {at} were changed, and so was its list of hashes; which "
            "event came first cannot be told.",
            at,
        )
    return _first_difference(at, records, sealed, ids)


def canonical(value: object) -> bytes:
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _first_difference(
    at: int, records: Sequence[AuditRecord], sealed: Sequence[bytes], ids: Sequence[UUID]
) -> Break:
    there = {record.id: record for record in records}
    known = set(ids)
    for position, (hash_, id_) in enumerate(zip(sealed, ids, strict=True)):
        record = there.get(id_)
        if record is None:
            return Break(f"Event {id_} was deleted from checkpoint {at}.", at, id_, position)
        if record.hash != hash_:
            return Break(
                f"Event {id_} ({record.topic}) was changed after it was sealed.", at, id_, position
            )
        standing = records[position] if position < len(records) else None
        if standing is not None and standing.id not in known:
            return Break(
                f"Event {standing.id} ({standing.topic}) was inserted into checkpoint {at}.",
                at,
                standing.id,
                position,
            )
        if standing is None or standing.id != id_ or record.leaf not in (None, position):
            return Break(
                f"Event {id_} ({record.topic}) was moved from its place.", at, id_, position
            )
    extra = next(record for record in records if record.id not in known)
    return Break(
        f"Event {extra.id} ({extra.topic}) was inserted into checkpoint {at}.",
        at,
        extra.id,
        len(sealed),
    )


def _cut(raw: bytes, width: int) -> list[bytes]:
    return [raw[start : start + width] for start in range(0, len(raw) - len(raw) % width, width)]
