"""What changed, in words a steward would say."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from muniment.scans.diff import AssetFacts, RunFacts, in_words

CUSTOMERS = "crm/crm/customers"


def after(columns: Mapping[str, str], *, labels: int = 0, quality: float = 91.0) -> RunFacts:
    return RunFacts({CUSTOMERS: AssetFacts(columns, labels)}, quality)


def test_the_example_of_the_issue() -> None:
    before = after({"id": "integer", "email": "text"}, labels=2)
    now = RunFacts(
        {
            CUSTOMERS: AssetFacts({"id": "bigint"}, labels=1),
            "crm/crm/visits": AssetFacts({"at": "date"}, labels=10),
            "crm/crm/offers": AssetFacts({"at": "date"}, labels=5),
        },
        quality=88.2,
    )
    assert in_words(before, now) == [
        "crm.offers and crm.visits appeared",
        "column email was dropped from crm.customers",
        "column id of crm.customers changed from integer to bigint",
        "15 new labels",
        "1 label gone",
        "quality fell from 91 to 88",
    ]


def test_a_first_scan_says_what_there_is() -> None:
    said = in_words(None, after({"id": "integer"}, labels=3))
    assert said == ["first scan: 1 asset with 1 column", "3 labels found", "quality is 91"]


def test_an_asset_that_begins_to_fail_is_named_once() -> None:
    good = RunFacts({CUSTOMERS: AssetFacts({"id": "integer"})})
    bad = RunFacts({CUSTOMERS: AssetFacts({"id": "integer"}, failed=True)})
    assert in_words(good, bad) == ["crm.customers could not be read"]
    assert in_words(bad, bad) == []
    assert in_words(bad, good) == ["crm.customers can be read again"]


columns = st.dictionaries(st.text("abc", min_size=1, max_size=2), st.sampled_from(["int", "text"]))
estates = st.dictionaries(
    st.sampled_from(["s/a", "s/b", "s/c"]),
    st.builds(AssetFacts, columns=columns, labels=st.integers(0, 5), failed=st.booleans()),
)
facts = st.builds(RunFacts, assets=estates, quality=st.floats(0, 100))


@given(facts)
def test_nothing_is_said_when_nothing_changed(same: RunFacts) -> None:
    assert in_words(same, same) == []


@given(facts, facts)
def test_a_change_of_tables_or_columns_is_always_said(before: RunFacts, now: RunFacts) -> None:
    shape = {asset: dict(each.columns) for asset, each in before.assets.items()}
    if shape != {asset: dict(each.columns) for asset, each in now.assets.items()}:
        assert in_words(before, now)
