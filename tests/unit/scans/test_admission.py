"""The laws of admission."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from muniment.scans.admission import AGEING, Admission, Candidate, choose
from muniment.scans.model import Priority

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@st.composite
def candidate_lists(draw: st.DrawFn) -> list[Candidate]:
    count = draw(st.integers(0, 6))
    numbers = iter(range(1, 10_000))
    return [
        Candidate(
            run_id=UUID(int=1_000_000 + place),
            source=f"s{place}",
            priority=draw(st.sampled_from(list(Priority))),
            waiting_since=NOW - timedelta(minutes=draw(st.integers(0, 60))),
            running=draw(st.integers(0, 3)),
            cap=draw(st.integers(1, 4)),
            ready=tuple(
                (UUID(int=next(numbers)), draw(st.integers(1, 1000)))
                for _ in range(draw(st.integers(0, 5)))
            ),
        )
        for place in range(count)
    ]


times = st.dictionaries(
    st.sampled_from([f"s{n}" for n in range(6)]), st.floats(0, 1e6, allow_nan=False)
)


@given(candidate_lists(), times, st.integers(0, 10))
def test_caps_are_strict_and_no_slot_is_wasted(
    candidates: list[Candidate], known: dict[str, float], slots: int
) -> None:
    admission = choose(candidates, known, slots=slots, now=NOW)
    room = sum(min(len(each.ready), max(each.cap - each.running, 0)) for each in candidates)
    assert len(admission.chunks) == min(slots, room)
    for each in candidates:
        mine = [chunk for chunk, _ in each.ready if chunk in admission.chunks]
        assert each.running + len(mine) <= max(each.cap, each.running)
        assert mine == [chunk for chunk, _ in each.ready][: len(mine)]


@given(candidate_lists(), times)
def test_virtual_time_never_runs_backwards(
    candidates: list[Candidate], known: dict[str, float]
) -> None:
    admission = choose(candidates, known, slots=3, now=NOW)
    for source, time in admission.virtual_times.items():
        assert time >= known.get(source, 0.0)


def contender(source: str, priority: Priority, *, waited: timedelta = timedelta()) -> Candidate:
    start = sum(map(ord, source)) * 10_000
    return Candidate(
        UUID(int=start),
        source,
        priority,
        NOW - waited,
        running=0,
        cap=100,
        ready=tuple((UUID(int=start + place), 100) for place in range(1, 100)),
    )


def share(admission: Admission, candidate: Candidate) -> int:
    return len({chunk for chunk, _ in candidate.ready} & set(admission.chunks))


@given(st.integers(2, 60), st.floats(0, 1e5), st.floats(0, 1e5))
def test_equal_sources_get_equal_shares_whatever_one_had_saved_up(
    slots: int, first: float, second: float
) -> None:
    left, right = contender("a", Priority.SCHEDULED), contender("b", Priority.SCHEDULED)
    behind = min(first, second)
    admission = choose([left, right], {"a": behind, "b": behind}, slots=slots, now=NOW)
    assert abs(share(admission, left) - share(admission, right)) <= 1


def test_a_source_new_to_the_race_neither_waits_nor_takes_all() -> None:
    old, new = contender("a", Priority.SCHEDULED), contender("b", Priority.SCHEDULED)
    admission = choose([old, new], {"a": 1e9}, slots=10, now=NOW)
    assert share(admission, new) == 5


def test_the_urgent_go_first_until_the_others_have_waited_long() -> None:
    person, nightly = contender("a", Priority.INTERACTIVE), contender("b", Priority.SCHEDULED)
    assert share(choose([person, nightly], {}, slots=5, now=NOW), person) == 5
    aged = contender("b", Priority.SCHEDULED, waited=2 * AGEING)
    assert share(choose([person, aged], {}, slots=1, now=NOW), aged) == 1
