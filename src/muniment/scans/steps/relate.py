"""Relate: what the run brought is compared with the columns of the whole estate."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from muniment.contracts.scans import RunState
from muniment.kernel.errors import MunimentError, Unavailable
from muniment.kernel.values import JsonObject
from muniment.platform.vault import Vault
from muniment.scans.bench import Bench
from muniment.scans.codec import rules_from_json
from muniment.scans.jobs import Related, RelateJob
from muniment.scans.repository import runs

log = structlog.get_logger(__name__)

RELATIONS = "relations"
WITHIN = timedelta(minutes=10)


def relation_params(vault: Vault, plan: Mapping[str, Any]) -> JsonObject:
    """What the ``relations`` analyzer is told; the key goes to the child and is stored nowhere."""
    rules = rules_from_json(plan["rules"])
    return {
        "key": vault.derived_key("sketches of columns").hex(),
        "sampled": rules.sample_rows is not None,
    }


async def relate(bench: Bench, run_id: UUID) -> None:
    """Find joins and near-duplicates. What fails here is told, and ends no run."""
    try:
        async with bench.open() as unit:
            blocks = await unit.relations.relation_blocks(run_id=run_id)
        results: list[JsonObject] = []
        for each in blocks:
            async with bench.open() as unit:
                job = await unit.relations.relation_job(each)
            frames = await bench.frames(RelateJob(job), WITHIN)
            results += [frame.result for frame in frames if isinstance(frame, Related)]
        async with bench.open() as unit:
            run = await runs.get(unit.session, run_id)
            if run.state != RunState.RUNNING:
                return
            found = await unit.relations.publish_relations(results, run_id=run_id)
            if blocks:
                said = f"Compared columns by their values and names: {found} likely references."
                await runs.log(unit.session, run_id, unit.clock.now(), said)
    except Unavailable:
        raise
    except MunimentError as error:
        log.warning("relations.not_compared", run_id=str(run_id), reason=error.message)
        async with bench.open() as unit:
            said = f"Columns were not compared with those of other tables: {error.message}"
            await runs.log(unit.session, run_id, unit.clock.now(), said, level="warning")
