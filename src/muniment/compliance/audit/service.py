"""What one can do with the trail: seal it, verify it, look into it, take it along."""

import dataclasses
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from muniment.compliance.audit.archive import batch_lines, header_line
from muniment.compliance.audit.keys import KeyKeeper
from muniment.compliance.audit.merkle import inclusion_proof, root_of
from muniment.compliance.audit.model import (
    NOTHING_BEFORE,
    AuditRecord,
    Break,
    Checkpoint,
    EventFilter,
    Verification,
    check_batch,
    check_statement,
)
from muniment.compliance.audit.repository import AuditRepository
from muniment.compliance.engine.facts import AuditFact
from muniment.kernel.clock import Clock
from muniment.kernel.errors import Conflict, NotFound
from muniment.platform.paging import Page, PageQuery

BATCH = 4_096
"""Events under one checkpoint at most: a proof has 12 hashes, a batch fits in memory."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Shows offline that one event stands under a signed checkpoint."""

    record: AuditRecord
    checkpoint: Checkpoint
    index: int
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class AuditTrail:
    repository: AuditRepository
    keys: KeyKeeper
    clock: Clock
    head_file: Path
    """Where the last head is remembered outside the database, so that a cut end is noticed."""
    actor: str

    async def seal(self, *, limit: int = BATCH) -> Checkpoint | None:
        """Put a signed checkpoint over the events that wait; None when none does.

        Which events a batch holds is written down one by one, so a transaction that is still
        open loses nothing: its events are sealed by a later call.
        """
        await self.repository.lock()
        records = await self.repository.unsealed(limit)
        if not records:
            return None
        before = await self.repository.last_checkpoint()
        key = await self.keys.signing_key()
        leaves = [record.hash for record in records]
        unsigned = Checkpoint(
            number=before.number + 1 if before else 1,
            size=len(records),
            total=(before.total if before else 0) + len(records),
            root=root_of(leaves),
            previous=before.hash if before else NOTHING_BEFORE,
            sealed_at=self.clock.now(),
            key_id=key.key_id,
            event_ids=b"".join(record.id.bytes for record in records),
            leaves=b"".join(leaves),
        )
        checkpoint = dataclasses.replace(unsigned, signature=key.sign(unsigned.to_sign))
        await self.repository.add_checkpoint(checkpoint, [record.id for record in records])
        return checkpoint

    def remember(self, checkpoint: Checkpoint) -> None:
        """Note the head beside the database; called after the seal is committed."""
        self.head_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = self.head_file.with_suffix(".new")
        made.write_text(
            json.dumps({"number": checkpoint.number, "hash": checkpoint.hash.hex()}), "utf-8"
        )
        made.replace(self.head_file)

    async def verify(self) -> Verification:
        """Check every checkpoint and every sealed event; stops at the first break."""
        counts = await self.repository.counts()
        key = await self.keys.find()
        head: Checkpoint | None = None
        broken: Break | None = None
        events = 0
        if key is not None:
            async for checkpoint, found in self._walk(key.public, key.key_id):
                if found is not None:
                    broken = found
                    break
                events += checkpoint.size
                head = checkpoint
        elif counts.checkpoints:
            broken = Break("The key that signed the checkpoints is gone from the database.", 1)
        broken = broken or await self._check_ends(head)
        return Verification(
            events=events,
            checkpoints=head.number if head else 0,
            unsealed=counts.unsealed,
            head=head.hash.hex() if head else None,
            key_id=key.key_id if key else None,
            broken=broken,
        )

    async def verify_and_note(self) -> Verification:
        """Verify, and keep the outcome: checks and pages tell when it was last done."""
        found = await self.verify()
        await self.repository.add_verification(found, at=self.clock.now(), actor=self.actor)
        return found

    async def page(self, wanted: EventFilter, query: PageQuery) -> Page[AuditRecord]:
        return await self.repository.page_events(wanted, query)

    async def get(self, event_id: UUID) -> AuditRecord:
        record = await self.repository.event(event_id)
        if record is None:
            raise NotFound("There is no such event in the audit trail.", event=str(event_id))
        return record

    async def proof(self, event_id: UUID) -> Proof:
        """The inclusion proof of a sealed event; Conflict while it is not sealed."""
        record = await self.get(event_id)
        if record.batch is None or record.leaf is None:
            raise Conflict(
                "The event is not sealed yet; the worker seals every few seconds.",
                event=str(event_id),
            )
        checkpoint = await self.repository.checkpoint(record.batch)
        if checkpoint is None or record.leaf >= checkpoint.size:
            raise Conflict(
                "The event's checkpoint is missing. Verify the trail.", event=str(event_id)
            )
        path = inclusion_proof(checkpoint.leaf_hashes(), record.leaf)
        return Proof(record, checkpoint, record.leaf, path)

    async def page_checkpoints(self, query: PageQuery) -> Page[Checkpoint]:
        return await self.repository.page_checkpoints(query)

    async def public_key(self) -> Ed25519PublicKey:
        key = await self.keys.find()
        if key is None:
            raise NotFound("Nothing was sealed yet, so there is no key. The worker makes it.")
        return key.public

    async def export(self) -> AsyncIterator[bytes]:
        """The sealed trail as lines; see ``archive``."""
        yield header_line(await self.public_key())
        async for checkpoint in self._checkpoints():
            for line in batch_lines(checkpoint, await self.repository.batch(checkpoint.number)):
                yield line

    async def fact(self) -> AuditFact:
        """The trail as compliance checks see it."""
        counts = await self.repository.counts()
        last = await self.repository.last_verification()
        return AuditFact(
            events=counts.events,
            unsealed=counts.unsealed,
            oldest_unsealed_at=counts.oldest_unsealed_at,
            checkpoints=counts.checkpoints,
            last_verified_at=last[0] if last else None,
            last_verified_ok=last[1] if last else None,
        )

    async def _walk(
        self, key: Ed25519PublicKey, key_id: str
    ) -> AsyncIterator[tuple[Checkpoint, Break | None]]:
        before: Checkpoint | None = None
        async for checkpoint in self._checkpoints():
            broken = check_statement(checkpoint, before, key, key_id)
            if broken is None:
                broken = check_batch(checkpoint, await self.repository.batch(checkpoint.number))
            yield checkpoint, broken
            before = checkpoint

    async def _checkpoints(self) -> AsyncIterator[Checkpoint]:
        number = 0
        while some := await self.repository.checkpoints_after(number, 16):
            for checkpoint in some:
                yield checkpoint
            number = some[-1].number

    async def _check_ends(self, head: Checkpoint | None) -> Break | None:
        """What no single batch shows: a cut end, and events of batches that never were."""
        noted = self._noted()
        if noted is not None:
            number, hash_ = noted
            there = await self.repository.checkpoint(number)
            if there is None or there.hash.hex() != hash_:
                at = head.number + 1 if head and head.number < number else number
                return Break(
                    f"The end of the trail was cut off or replaced: checkpoint {number}, noted in "
                    f"{self.head_file.name}, is not there as it was.",
                    at,
                )
        stray = await self.repository.first_of_unknown_batch()
        if stray is not None:
            return Break(
                f"Event {stray.id} ({stray.topic}) claims checkpoint {stray.batch}, which does "
                "not exist.",
                stray.batch,
                stray.id,
            )
        return None

    def _noted(self) -> tuple[int, str] | None:
        try:
            noted = json.loads(self.head_file.read_text("utf-8"))
            return int(noted["number"]), str(noted["hash"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None
