"""What a network or a server that misbehaves does to a connection test, a probe and a reading."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from tests.contract.connectors.estates import as_superuser, connection_to
from tests.integration.sources.hostile import Manners, Proxy, proxy

from muniment.contracts.connectors import Bounds, Scope, StepOutcome
from muniment.contracts.reading import ReadPlan
from muniment.kernel.errors import SourceUnreachable
from muniment.sources.connectors.postgresql import PostgresConnector
from muniment.sources.service import trials

HASTY = Bounds(statement_timeout_seconds=1.0, connect_timeout_seconds=2.0)


@pytest.fixture
def way(empty_database_url: str) -> Iterator[tuple[Proxy, str]]:
    as_superuser(
        empty_database_url,
        "create table sale as select n as id, repeat(md5(n::text), 16) as note"
        " from generate_series(1, 60000) n",
        "analyze sale",
    )
    with proxy(empty_database_url) as opened:
        yield opened


def connect(url: str) -> "closing[PostgresConnector]":
    return closing(PostgresConnector(connection_to(url), HASTY))


@contextmanager
def within(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


async def test_a_server_that_accepts_and_never_answers_is_told_so(way: tuple[Proxy, str]) -> None:
    made, url = way
    made.manners = Manners(mute=True)
    with connect(url) as connector, within(4), pytest.raises(SourceUnreachable, match="answer"):
        connector.probe()
    with within(trials.QUICK.connect_timeout_seconds + 4):
        tested = await trials.test(connection_to(url))
    failed = [step for step in tested.steps if step.outcome is StepOutcome.FAILED]
    assert failed
    assert all(step.remedy for step in failed)


def test_a_statement_whose_answer_never_comes_is_given_up(way: tuple[Proxy, str]) -> None:
    made, url = way
    with connect(url) as connector:
        connector.probe()
    made.manners = Manners(stall_after=made.passed - 40)
    with connect(url) as connector, within(9), pytest.raises(SourceUnreachable, match="stopped"):
        connector.probe()
    assert connection_to(url).secrets["password"] not in repr(made)


def test_a_cancel_does_not_wait_for_a_silent_server(way: tuple[Proxy, str]) -> None:
    made, url = way
    with connect(url) as connector:
        [sale] = [each for each in connector.discover(Scope()) if each.path[-1] == "sale"]
        [part] = connector.partitions(sale, ReadPlan())
        batches = connector.read(sale, part, ReadPlan(rows_per_batch=1000))
        next(batches)
        made.manners = Manners(mute=True)
        with within(4), pytest.raises(SourceUnreachable):
            connector.cancel()
        made.manners = Manners()


def test_a_reading_that_is_cut_is_a_lost_connection(way: tuple[Proxy, str]) -> None:
    made, url = way
    with connect(url) as connector:
        [sale] = [each for each in connector.discover(Scope()) if each.path[-1] == "sale"]
        [part] = connector.partitions(sale, ReadPlan())
        for size in (2_000, 1_000_000, 20_000_000):
            made.manners = Manners(cut_after=size, times=1)
            with pytest.raises(SourceUnreachable), closing(connector):
                list(connector.read(sale, part, ReadPlan()))
        rows = sum(batch.num_rows for batch in connector.read(sale, part, ReadPlan()))
    assert rows == 60_000
