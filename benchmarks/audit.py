"""What hashing the trail and judging checks cost beside the plainest work on the same facts."""

import argparse
import hashlib
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from muniment.compliance.audit.merkle import inclusion_proof, proves, root_of
from muniment.compliance.audit.model import AuditRecord, canonical
from muniment.compliance.content import shipped_checks
from muniment.compliance.engine.facts import Subject
from muniment.compliance.engine.judge import complete, judge
from muniment.compliance.model import Entity

BATCH = 4_096
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def records(number: int) -> list[AuditRecord]:
    return [
        AuditRecord(
            UUID(int=n),
            NOW,
            "ada",
            "catalog.asset-published.v1",
            f"shop/public/table_{n}",
            {"asset": f"shop/public/table_{n}", "version": n, "changed": ["columns", "grants"]},
        )
        for n in range(number)
    ]


def timed(work: Callable[[], object]) -> float:
    """The best of three, in seconds."""
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def seal(found: list[AuditRecord]) -> None:
    for start in range(0, len(found), BATCH):
        root_of([record.hash for record in found[start : start + BATCH]])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--assets", type=int, default=5_000)
    arguments = parser.parse_args()
    found = records(arguments.events)
    contents = [canonical(dict(record.payload)) for record in found]
    bare = timed(lambda: [hashlib.sha256(content).digest() for content in contents])
    sealing = timed(lambda: seal(found))

    leaves = [record.hash for record in found[:BATCH]]
    root = root_of(leaves)
    path = inclusion_proof(leaves, 77)
    proof = timed(lambda: proves(leaves[77], 77, len(leaves), path, root))

    sample = {"asset": {"personal": True, "sensitivity": 2, "labels": ["contact.email"]}}
    subjects = [
        Subject(Entity.ASSET, str(n), complete(Entity.ASSET, sample))
        for n in range(arguments.assets)
    ]
    checks = list(shipped_checks().values())
    count = sum(1 for _ in judge(checks, subjects))
    judging = timed(lambda: sum(1 for _ in judge(checks, subjects)))
    print(
        json.dumps(
            {
                "sealing_to_bare_sha256": round(sealing / bare, 2),
                "events_sealed_per_second": round(len(found) / sealing),
                "proof_hashes": len(path),
                "proof_microseconds": round(proof * 1e6, 1),
                "verdicts": count,
                "verdicts_per_second": round(count / judging),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
