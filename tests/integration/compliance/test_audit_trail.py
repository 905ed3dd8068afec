"""The trail is sealed, verified, and catches whoever changes the database behind its back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.integration.compliance.conftest import Open

from muniment.compliance.audit.archive import verify_archive
from muniment.compliance.audit.keys import to_pem
from muniment.compliance.audit.merkle import proves
from muniment.compliance.audit.model import EventFilter, Verification
from muniment.compliance.audit.recorder import AuditRecorder
from muniment.compliance.audit.service import AuditTrail
from muniment.compliance.jobs import seal_trail
from muniment.contracts.identity import AccountChanged, SignedIn
from muniment.kernel.errors import Conflict, Invalid
from muniment.platform.db import Database
from muniment.platform.paging import PageQuery

EVENTS = 10
BATCH = 4


async def tell(database: Database, number: int = EVENTS) -> None:
    for n in range(number):
        async with database.writing() as session:
            event = AccountChanged(name=f"user{n}", what="created", actor="root")
            await AuditRecorder(session, "root").record([event])


async def seal(compliance: Open, *, batch: int = BATCH) -> int:
    sealed = 0
    while True:
        async with compliance() as services:
            checkpoint = await services.trail.seal(limit=batch)
        if checkpoint is None:
            return sealed
        services.trail.remember(checkpoint)
        sealed += checkpoint.size


async def verify(compliance: Open) -> Verification:
    async with compliance() as services:
        return await services.trail.verify()


async def export(compliance: Open) -> list[bytes]:
    async with compliance() as services:
        return [line async for line in services.trail.export()]


def tamper(database_url: str, statement: str) -> None:
    """Change the database as somebody who owns it could."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(statement.encode())


def event_at(database_url: str, batch: int, leaf: int) -> UUID:
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "select id from compliance.audit_event where batch = %s and leaf = %s", (batch, leaf)
        ).fetchone()
    assert row is not None
    found: UUID = row[0]
    return found


async def test_what_was_recorded_is_sealed_and_verified(
    database: Database, compliance: Open
) -> None:
    await tell(database)
    assert await seal(compliance) == EVENTS
    found = await verify(compliance)
    assert (found.ok, found.events, found.checkpoints, found.unsealed) == (True, EVENTS, 3, 0)
    assert await seal(compliance) == 0


async def test_an_empty_trail_is_intact(compliance: Open) -> None:
    found = await verify(compliance)
    assert found.ok
    assert found.head is None


async def test_the_table_refuses_changes(database: Database, database_url: str) -> None:
    await tell(database, 1)
    with psycopg.connect(database_url, autocommit=True) as connection:
        for statement in (
            "update compliance.audit_event set actor = 'nobody'",
            "delete from compliance.audit_event",
            "truncate compliance.audit_event",
        ):
            with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                connection.execute(statement)


CHANGES = {
    "changed": (
        "update compliance.audit_event set actor = 'nobody' where batch = 2 and leaf = 1",
        "was changed after it was sealed",
        1,
    ),
    "payload": (
        (
            'update compliance.audit_event set payload = payload || \'{"what": "deleted"}\' '
            "where batch = 2 and leaf = 3"
        ),
        "was changed after it was sealed",
        3,
    ),
    "deleted": (
        "delete from compliance.audit_event where batch = 2 and leaf = 1",
        "was deleted",
        1,
    ),
    "moved": (
        (
            "alter table compliance.audit_event drop constraint uq_audit_event_batch_leaf; "
            "update compliance.audit_event set leaf = 5 - leaf where batch = 2 and leaf in (2, 3)"
        ),
        "was moved",
        2,
    ),
    "blotted out": (
        "update compliance.audit_event set batch = null, leaf = null where batch = 2 and leaf = 0",
        "was deleted",
        0,
    ),
}


@pytest.mark.parametrize("how", CHANGES)
async def test_the_first_broken_event_is_named(
    how: str, database: Database, database_url: str, compliance: Open
) -> None:
    statement, words, leaf = CHANGES[how]
    await tell(database)
    await seal(compliance)
    victim = event_at(database_url, 2, leaf)
    tamper(database_url, statement)

    broken = (await verify(compliance)).broken
    assert broken is not None
    assert (broken.checkpoint, broken.event_id, broken.position) == (2, victim, leaf)
    assert words in broken.what


async def test_an_inserted_event_is_named(
    database: Database, database_url: str, compliance: Open
) -> None:
    await tell(database)
    await seal(compliance)
    forged = UUID(int=99)
    tamper(
        database_url,
        "insert into compliance.audit_event (id, actor, topic, subject, payload, batch, leaf) "
        f"values ('{forged}', 'root', 'identity.signed-in.v1', 'eve', '{{}}', 3, 2)",
    )
    broken = (await verify(compliance)).broken
    assert broken is not None
    assert (broken.checkpoint, broken.event_id) == (3, forged)
    assert "was inserted" in broken.what


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "update compliance.audit_checkpoint set root = root || '\\x00' where number = 2",
            "was changed",
        ),
        ("update compliance.audit_checkpoint set total = 1 where number = 2", "was changed"),
        ("delete from compliance.audit_checkpoint where number = 2", "is missing"),
        ("delete from compliance.audit_checkpoint where number = 3", "cut off"),
        (
            (
                "delete from compliance.audit_event where batch = 3; "
                "delete from compliance.audit_checkpoint where number = 3"
            ),
            "cut off",
        ),
        ("delete from compliance.audit_key", "key"),
        ("update compliance.audit_event set batch = 17 where batch = 1", "was deleted"),
    ],
)
async def test_changed_checkpoints_are_caught(
    statement: str, words: str, database: Database, database_url: str, compliance: Open
) -> None:
    await tell(database)
    await seal(compliance)
    tamper(database_url, statement)
    broken = (await verify(compliance)).broken
    assert broken is not None
    assert words in broken.what


async def test_hashes_changed_along_with_the_event_do_not_help(
    database: Database, database_url: str, compliance: Open
) -> None:
    await tell(database)
    await seal(compliance)
    tamper(
        database_url,
        "update compliance.audit_event set actor = 'nobody' where batch = 2; "
        "update compliance.audit_checkpoint set leaves = sha256(leaves) where number = 2",
    )
    broken = (await verify(compliance)).broken
    assert broken is not None
    assert broken.checkpoint == 2


async def test_an_open_transaction_loses_nothing(database: Database, compliance: Open) -> None:
    async with database.writing() as session:
        late = SignedIn(name="late", how="password")
        await AuditRecorder(session, "late").record([late])
        await tell(database, 2)
        assert await seal(compliance) == 2
    assert await seal(compliance) == 1
    assert (await verify(compliance)).ok


async def test_two_sealers_at_once_make_one_chain(database: Database, compliance: Open) -> None:
    await tell(database, 6)
    sealed = await asyncio.gather(*(seal(compliance, batch=1) for _ in range(3)))
    assert sum(sealed) == 6
    found = await verify(compliance)
    assert (found.ok, found.checkpoints) == (True, 6)


async def test_an_exported_trail_is_verified_offline(database: Database, compliance: Open) -> None:
    await tell(database)
    await seal(compliance)
    lines = await export(compliance)
    found = verify_archive(lines)
    assert (found.ok, found.events, found.checkpoints) == (True, EVENTS, 3)
    assert found.head == (await verify(compliance)).head

    events = [n for n, line in enumerate(lines) if line.startswith(b'{"event"')]
    for n in events:
        changed = [*lines[:n], lines[n].replace(b"created", b"deleted"), *lines[n + 1 :]]
        assert "was changed" in _what(changed)
        assert "was deleted" in _what([*lines[:n], *lines[n + 1 :]])
    doubled = [*lines[: events[2]], lines[events[0]], *lines[events[2] :]]
    assert not verify_archive(doubled).ok
    swapped = list(lines)
    swapped[events[0]], swapped[events[1]] = swapped[events[1]], swapped[events[0]]
    assert "was moved" in _what(swapped)
    with pytest.raises(Invalid, match="not an exported audit trail"):
        verify_archive(lines[1:])
    with pytest.raises(Invalid, match="is not JSON"):
        verify_archive([*lines[:-1], lines[-1][:20]])


async def test_a_trail_signed_by_somebody_else_is_not_ours(
    database: Database, compliance: Open, tmp_path: Path
) -> None:
    await tell(database, 2)
    await seal(compliance)
    lines = await export(compliance)
    async with compliance() as services:
        ours = await services.trail.public_key()
    assert verify_archive(lines, ours).ok
    assert "BEGIN PUBLIC KEY" in to_pem(ours)

    broken = verify_archive(lines, Ed25519PrivateKey.generate().public_key()).broken
    assert broken is not None
    assert "another key" in broken.what


async def test_one_event_is_proved_by_itself(database: Database, compliance: Open) -> None:
    await tell(database)
    async with compliance() as services:
        page = await services.trail.page(EventFilter(subject="user4"), PageQuery())
        [event] = page.items
        with pytest.raises(Conflict, match="not sealed yet"):
            await services.trail.proof(event.id)
    await seal(compliance)
    async with compliance() as services:
        proof = await services.trail.proof(event.id)
    assert proves(
        proof.record.hash, proof.index, proof.checkpoint.size, proof.path, proof.checkpoint.root
    )


async def test_the_job_seals_all_and_notes_the_head(
    database: Database, compliance: Open, state_dir: Path
) -> None:
    await tell(database, 3)

    @asynccontextmanager
    async def open_trail() -> AsyncIterator[AuditTrail]:
        async with compliance() as services:
            yield services.trail

    assert await seal_trail(open_trail) == 3
    assert (state_dir / "audit" / "head.json").exists()


def _what(lines: list[bytes]) -> str:
    broken = verify_archive(lines).broken
    assert broken is not None
    return broken.what
