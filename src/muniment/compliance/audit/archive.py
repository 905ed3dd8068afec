"""The trail as a file that can be verified anywhere, with no database and no server.

One JSON document a line: a header with the public key, then for each batch its checkpoint and its
events in order. Events that are not sealed yet are left out.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from muniment.compliance.audit.keys import from_pem, key_id_of, to_pem
from muniment.compliance.audit.model import (
    FORMAT,
    AuditRecord,
    Break,
    Checkpoint,
    Verification,
    canonical,
    check_batch,
    check_statement,
    moment,
)
from muniment.kernel.errors import Invalid


def header_line(key: Ed25519PublicKey) -> bytes:
    return _line({"format": FORMAT, "key_id": key_id_of(key), "public_key": to_pem(key)})


def batch_lines(checkpoint: Checkpoint, records: Sequence[AuditRecord]) -> Iterator[bytes]:
    yield _line(
        {
            "checkpoint": checkpoint.number,
            "size": checkpoint.size,
            "total": checkpoint.total,
            "root": checkpoint.root.hex(),
            "previous": checkpoint.previous.hex(),
            "sealed_at": moment(checkpoint.sealed_at),
            "key_id": checkpoint.key_id,
            "signature": _text(checkpoint.signature),
            "event_ids": _text(checkpoint.event_ids),
            "leaves": _text(checkpoint.leaves),
        }
    )
    for record in records:
        yield _line({"event": json.loads(record.content)})


def verify_archive(lines: Iterable[bytes], trusted: Ed25519PublicKey | None = None) -> Verification:
    """Check an exported trail line by line, in bounded memory; the first break ends it.

    ``trusted`` is the public key got by another way. Without it the file's own is used, which
    proves that the file is whole, not who made it. Invalid when it is no exported trail at all.
    """
    documents = _documents(lines)
    key = _key_of(next(documents, None), trusted)
    key_id = key_id_of(key)
    before: Checkpoint | None = None
    events = 0
    for checkpoint, records in _batches(documents):
        broken = check_statement(checkpoint, before, key, key_id) or check_batch(
            checkpoint, records
        )
        if broken is not None:
            return _verification(events, before, key_id, broken)
        events += len(records)
        before = checkpoint
    return _verification(events, before, key_id, None)


def _verification(
    events: int, last: Checkpoint | None, key_id: str, broken: Break | None
) -> Verification:
    return Verification(
        events=events,
        checkpoints=last.number if last else 0,
        unsealed=0,
        head=last.hash.hex() if last else None,
        key_id=key_id,
        broken=broken,
    )


def _key_of(header: Any, trusted: Ed25519PublicKey | None) -> Ed25519PublicKey:
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise Invalid(
            "This file is not an exported audit trail. Make one with `muniment audit export FILE`."
        )
    return trusted or from_pem(str(header.get("public_key", "")))


def _batches(documents: Iterator[Any]) -> Iterator[tuple[Checkpoint, list[AuditRecord]]]:
    current: Checkpoint | None = None
    records: list[AuditRecord] = []
    for document in documents:
        if "checkpoint" in document:
            if current is not None:
                yield current, records
            current, records = _checkpoint(document), []
        elif current is None:
            raise Invalid("The file has an event before its first checkpoint.")
        else:
            records.append(_record(document.get("event")))
    if current is not None:
        yield current, records


def _documents(lines: Iterable[bytes]) -> Iterator[Any]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            document = json.loads(line)
        except ValueError as error:
            raise Invalid(
                f"Line {number} of the file is not JSON; it was cut or changed."
            ) from error
        if not isinstance(document, dict):
            raise Invalid(f"Line {number} of the file is not an object.")
        yield document


def _checkpoint(document: dict[str, Any]) -> Checkpoint:
    try:
        return Checkpoint(
            number=int(document["checkpoint"]),
            size=int(document["size"]),
            total=int(document["total"]),
            root=bytes.fromhex(document["root"]),
            previous=bytes.fromhex(document["previous"]),
            sealed_at=datetime.fromisoformat(document["sealed_at"]),
            key_id=str(document["key_id"]),
            signature=base64.b64decode(document["signature"]),
            event_ids=base64.b64decode(document["event_ids"]),
            leaves=base64.b64decode(document["leaves"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(
            f"Checkpoint {document.get('checkpoint')} of the file cannot be read."
        ) from error


def _record(document: Any) -> AuditRecord:
    try:
        return AuditRecord(
            id=UUID(document["id"]),
            occurred_at=datetime.fromisoformat(document["occurred_at"]),
            actor=document["actor"],
            topic=document["topic"],
            subject=document["subject"],
            payload=document["payload"],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Invalid("An event of the file cannot be read; it was cut or changed.") from error


def _line(document: object) -> bytes:
    return canonical(document) + b"\n"


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
