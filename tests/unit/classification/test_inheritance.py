"""The laws of inheriting labels along lineage."""

from collections.abc import Sequence
from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from muniment.classification.inheritance import Copy, Held, Inherited, Meaning, Place, inherit
from muniment.kernel.values import LabelState, Sensitivity, Tier

MEANING = Meaning("E-mail", "contact", Sensitivity.CONFIDENTIAL, True, False, 1, "email", "s", "k")
SPACE = UUID(int=1)


def held(place: str, *, tier: Tier = Tier.RULE, **facts: object) -> Held:
    asset, _, column = place.partition(".")
    base: dict[str, object] = {
        "id": uuid5(SPACE, place),
        "place": (asset, column),
        "label": "contact.email",
        "state": LabelState.SUGGESTED,
        "tier": tier,
        "confidence": 0.9,
        "decided": False,
        "present": True,
        "meaning": MEANING,
    }
    return Held(**{**base, **facts})  # type: ignore[arg-type]  # names as above


def copies(*lines: str) -> list[Copy]:
    """``copies("t.email -> v.mail")``."""

    def place(text: str) -> Place:
        asset, _, column = text.strip().partition(".")
        return asset, column

    return [Copy(place(line.split("->")[0]), place(line.split("->")[1])) for line in lines]


def assets_into(edges: Sequence[Copy]) -> set[str]:
    return {edge.target[0] for edge in edges}


def settled(edges: Sequence[Copy], rows: Sequence[Held]) -> tuple[Inherited, list[Held]]:
    """What is decided, and what is stored afterwards."""
    found = inherit(edges, rows, assets_into(edges))
    written = {(each.place, each.label): each for each in found.write}
    gone = {each.id for each in found.gone}
    after = [
        each for each in rows if each.id not in gone and (each.place, each.label) not in written
    ]
    after += [
        held(
            ".".join(each.place),
            tier=Tier.LINEAGE,
            label=each.label,
            state=each.state,
            confidence=each.confidence,
            meaning=each.meaning,
            source=each.source,
        )
        for each in written.values()
    ]
    return found, after


CHAIN = copies("t.email -> v.mail", "v.mail -> w.address")


def labelled(rows: Sequence[Held]) -> dict[str, str]:
    return {".".join(each.place): each.state.value for each in rows if each.tier is Tier.LINEAGE}


def test_a_label_goes_down_the_whole_chain_and_names_where_it_comes_from() -> None:
    found, after = settled(CHAIN, [held("t.email")])
    assert labelled(after) == {"v.mail": "suggested", "w.address": "suggested"}
    assert {each.place[0]: each.source for each in found.write} == {
        "v": ("t", "email"),
        "w": ("v", "mail"),
    }
    assert {each.confidence for each in found.write} == {0.9}


def test_it_follows_the_decision_upstream() -> None:
    _, after = settled(CHAIN, [held("t.email")])
    confirmed = held("t.email", state=LabelState.CONFIRMED, decided=True)
    _, later = settled(CHAIN, [confirmed, *after[1:]])
    assert labelled(later) == {"v.mail": "confirmed", "w.address": "confirmed"}
    rejected = held("t.email", state=LabelState.REJECTED, decided=True)
    found, last = settled(CHAIN, [rejected, *later[1:]])
    assert (labelled(last), len(found.gone)) == ({}, 2)


def test_a_rejected_label_is_not_inherited_nor_passed_on() -> None:
    no = held("v.mail", tier=Tier.LINEAGE, state=LabelState.REJECTED, decided=True)
    found, _ = settled(CHAIN, [held("t.email"), no])
    assert (found.write, found.gone) == ((), ())


def test_what_a_person_confirmed_stays_when_its_source_goes() -> None:
    yes = held("v.mail", tier=Tier.LINEAGE, state=LabelState.CONFIRMED, decided=True)
    found, after = settled(CHAIN, [yes])
    assert found.gone == ()
    assert labelled(after) == {"v.mail": "confirmed", "w.address": "confirmed"}


def test_what_a_scan_found_itself_is_left_alone() -> None:
    found, _ = settled(CHAIN, [held("t.email"), held("v.mail", confidence=0.6)])
    assert [each.place[0] for each in found.write] == ["w"]
    assert found.write[0].confidence == 0.6


def test_a_circle_without_a_label_of_its_own_holds_none() -> None:
    circle = copies("a.x -> b.x", "b.x -> a.x")
    both = [held(place, tier=Tier.LINEAGE) for place in ("a.x", "b.x")]
    assert {each.place[0] for each in settled(circle, both)[0].gone} == {"a", "b"}


def test_a_star_names_no_column() -> None:
    assert settled(copies("t.email -> v.*", "t.* -> w.email"), [held("t.email")])[0].standing == 0


PLACES = st.sampled_from([f"{asset}.x" for asset in "abcdef"])
EDGES = st.lists(st.tuples(PLACES, PLACES), max_size=12)


@given(EDGES, st.sets(PLACES))
def test_settling_twice_changes_nothing(edges: list[tuple[str, str]], roots: set[str]) -> None:
    given_copies = copies(*(f"{start} -> {end}" for start, end in edges))
    _, after = settled(given_copies, [held(place) for place in sorted(roots)])
    found, _ = settled(given_copies, after)
    assert (found.write, found.gone) == ((), ())


@given(EDGES, st.sets(PLACES))
def test_exactly_what_can_be_reached_is_labelled(
    edges: list[tuple[str, str]], roots: set[str]
) -> None:
    given_copies = copies(*(f"{start} -> {end}" for start, end in edges))
    _, after = settled(given_copies, [held(place) for place in sorted(roots)])
    reached = set(roots)
    for _ in edges:
        reached |= {end for start, end in edges if start in reached}
    assert set(labelled(after)) == reached - roots
