"""Laws of OpenLineage events: repeats, disorder and names."""

import json
import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from muniment.catalog.lineage.openlineage.events import (
    EventDataset,
    EventKind,
    EventType,
    PipelineEvent,
    read_event,
    split_batch,
)
from muniment.catalog.lineage.openlineage.merging import RunState
from muniment.catalog.lineage.openlineage.naming import Naming, Place, choose

START = datetime(2026, 1, 31, tzinfo=UTC)
RUN = UUID(int=1)
JOB = ("nightly", "load")


@st.composite
def runs(draw: st.DrawFn) -> list[PipelineEvent]:
    """The events of one run, at different moments, the last of which may be its end."""
    count = draw(st.integers(1, 5))
    last = draw(st.sampled_from(EventType))
    types = [EventType.START, *[EventType.RUNNING] * (count - 1), last]
    return [
        PipelineEvent(
            UUID(int=at),
            EventKind.RUN,
            START + timedelta(minutes=at),
            "",
            kind,
            RUN,
            {"step": {"at": at}} if draw(st.booleans()) else {},
            JOB,
            inputs=tuple(EventDataset("n", name) for name in draw(st.sets(st.sampled_from("ab")))),
            outputs=tuple(EventDataset("n", name) for name in draw(st.sets(st.sampled_from("xy")))),
        )
        for at, kind in enumerate(types)
    ]


def heard(events: list[PipelineEvent]) -> RunState:
    state = RunState(RUN, JOB, events[0].at)
    for event in events:
        state.hear(event)
    return state


@given(runs(), st.randoms())
def test_a_run_is_the_same_in_whatever_order_its_events_come(
    events: list[PipelineEvent], chance: random.Random
) -> None:
    shuffled = [*events, *events[:2]]
    chance.shuffle(shuffled)
    one, other = heard(events), heard(shuffled)
    assert (one.state, one.started_at, one.ended_at) == (
        other.state,
        other.started_at,
        other.ended_at,
    )
    assert set(one.inputs) == set(other.inputs)
    assert set(one.outputs) == set(other.outputs)
    assert len(other.inputs) == len(set(other.inputs))


texts = st.text(min_size=1, max_size=20).filter(lambda text: text.strip() and "\x00" not in text)
bodies = st.lists(
    st.fixed_dictionaries(
        {
            "eventTime": st.just("2026-01-31T12:00:00Z"),
            "job": st.fixed_dictionaries({"namespace": texts, "name": texts}),
            "odd": st.recursive(st.none() | st.integers() | texts, st.lists, max_leaves=4),
        }
    ),
    max_size=4,
)


@given(bodies, st.sampled_from([None, 1]), st.booleans())
def test_a_batch_is_cut_into_the_texts_that_were_sent(
    events: list[dict[str, object]], indent: int | None, lines: bool
) -> None:
    sent = [json.dumps(event, indent=indent) for event in events]
    batch = "\n".join(sent) if lines else "[ " + " , ".join(sent) + "]\n"
    assert list(split_batch(batch)) == sent
    for text, event in zip(sent, events, strict=True):
        job = event["job"]
        assert isinstance(job, dict)
        assert read_event(text).job == (job["namespace"], job["name"])


def test_a_dataset_is_found_by_address_database_symlink_and_case() -> None:
    naming = Naming([Place("shop", "db:5432", "shop"), Place("lake", None, None)])

    def found(namespace: str, name: str, known: str, **facets: object) -> str:
        return choose(naming.candidates(EventDataset(namespace, name, facets)), {known})

    assert found("postgres://db:5432", "shop.crm.people", "shop/crm/people") == "shop/crm/people"
    assert found("postgres://DB:5432", "CRM.PEOPLE", "shop/crm/people") == "shop/crm/people"
    assert found("shop", "crm.people", "") == "shop/crm/people"
    links = {"identifiers": [{"namespace": "lake", "name": "sales.orders", "type": "TABLE"}]}
    assert found("s3://b", "p/o", "lake/sales/orders", symlinks=links) == "lake/sales/orders"
    assert found("s3://b", "p/o", "") == "s3%3A%2F%2Fb/p/o"
    assert found("kafka://k:9", "topic.a", "") == "kafka%3A%2F%2Fk%3A9/topic/a"
