"""Where data may not be read, a scan judges columns by what is declared of them."""

import psycopg
import pytest
from sqlalchemy.engine import make_url
from tests.contract.connectors import estates

from muniment.contracts.connectors import AssetMeta, Partition
from muniment.contracts.rulesets import EffectiveRules
from muniment.kernel.refs import AssetRef
from muniment.scans.codec import rules_from_json, rules_to_json
from muniment.scans.engine.leaf import Stop, run
from muniment.scans.jobs import (
    DiscoverJob,
    Found,
    Frame,
    Job,
    Reading,
    ReadJob,
    ReadTask,
    SourceLimits,
    TaskDone,
)

READING = Reading(metadata_only=True)
DDL = """
create table customers (
    id bigint primary key, email text, first_name text, iban integer, photo bytea
);
insert into customers values (1, 'x', 'y', 5, null);
create view mails as select email from customers;
"""


def frames(job: Job) -> list[Frame]:
    told: list[Frame] = []
    run(job, told.append, Stop())
    return told


@pytest.fixture
def closed_url(empty_database_url: str) -> str:
    """The database as somebody sees it who may read no table of it."""
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute(DDL)
        connection.execute("drop role if exists nobody_reads")
        connection.execute("create role nobody_reads login password 'closed'")
    url = make_url(empty_database_url).set(username="nobody_reads", password="closed")
    return url.render_as_string(hide_password=False)


def test_not_a_row_is_needed_nor_asked_for(closed_url: str) -> None:
    connection = estates.connection_to(closed_url)
    listing = DiscoverJob(connection, SourceLimits(), ("*",), (), READING, view_sample_rows=10)
    listed = [each for f in frames(listing) if isinstance(f, Found) for each in f.assets]
    holders = {each.meta.path: each for each in listed if each.holds_rows}
    assert set(holders) == {("public", "customers"), ("public", "mails")}

    def task(meta: AssetMeta, part: Partition) -> ReadTask:
        params = {"classify": {"tiers": ["rule"]}}
        return ReadTask(AssetRef("shop", meta.path), meta, part, READING, params, alone=True)

    tasks = tuple(task(each.meta, *each.partitions) for each in holders.values())
    told = frames(ReadJob(connection, SourceLimits(), tasks))
    done = {
        tasks[frame.index].meta.path[-1]: frame for frame in told if isinstance(frame, TaskDone)
    }
    assert len(done) == len(told) == 2
    for frame in done.values():
        assert frame.rows == 0
        assert frame.results is not None
        assert set(frame.results) == {"classify"}  # nothing that would count no rows as none
    columns = (done["customers"].results or {})["classify"]["columns"]
    assert isinstance(columns, list)
    labels = {each["column"]: [one["label"] for one in each["labels"]] for each in columns}
    assert labels["email"] == ["contact.email"]
    assert labels["first_name"] == ["person.first_name"]
    assert labels["iban"] == []  # by its type it cannot hold one
    assert "photo" not in labels
    sure = [one["confidence"] for each in columns for one in each["labels"]]
    assert all(0.5 <= each < 0.95 for each in sure), sure  # a name alone is never certain


def test_a_plan_remembers_it() -> None:
    rules = EffectiveRules(metadata_only=True)
    assert rules_from_json(rules_to_json(rules)) == rules
    old = {k: v for k, v in rules_to_json(EffectiveRules()).items() if k != "metadata_only"}
    assert rules_from_json(old) == EffectiveRules()  # planned by a release that did not know it
