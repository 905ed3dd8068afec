"""What a plan keeps comes back the same."""

import json

from hypothesis import given
from hypothesis import strategies as st

from muniment.contracts.connectors import AssetMeta, ColumnMeta, Grant, KeyKind, KeyMeta
from muniment.contracts.rulesets import EffectiveRules, QualityRule
from muniment.kernel.values import AssetKind, Severity
from muniment.scans.codec import meta_from_json, meta_to_json, rules_from_json, rules_to_json

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
some_names = st.lists(names, max_size=3).map(tuple)
keys = st.builds(KeyMeta, st.sampled_from(KeyKind), some_names, names, some_names, some_names)
metas = st.builds(
    AssetMeta,
    path=some_names,
    kind=st.sampled_from(AssetKind),
    columns=st.lists(
        st.builds(ColumnMeta, names, names, st.booleans(), st.none() | names, st.none() | names),
        max_size=3,
    ).map(tuple),
    keys=st.lists(keys, max_size=2).map(tuple),
    grants=st.lists(st.builds(Grant, names, names), max_size=2).map(tuple),
    comment=st.none() | names,
    row_estimate=st.none() | st.integers(0, 2**62),
    size_bytes=st.none() | st.integers(0, 2**62),
    properties=st.dictionaries(names, names, max_size=3),
)
rules = st.builds(
    EffectiveRules,
    include=some_names,
    exclude=some_names,
    sample_rows=st.none() | st.integers(1, 10**9),
    classifiers=some_names,
    quality_rules=st.lists(
        st.builds(
            QualityRule,
            check=names,
            assets=names,
            columns=st.none() | names,
            label=st.none() | names,
            params=st.dictionaries(names, st.integers(), max_size=2),
            severity=st.sampled_from(Severity),
        ),
        max_size=2,
    ).map(tuple),
    max_run_minutes=st.none() | st.floats(0.1, 1e4),
    origins=st.dictionaries(names, names, max_size=2),
    versions=st.dictionaries(names, st.integers(1, 9), max_size=2),
)


@given(metas)
def test_metadata_survives_the_round_trip(meta: AssetMeta) -> None:
    assert meta_from_json(json.loads(json.dumps(meta_to_json(meta)))) == meta


@given(rules)
def test_rules_survive_the_round_trip(given_rules: EffectiveRules) -> None:
    assert rules_from_json(json.loads(json.dumps(rules_to_json(given_rules)))) == given_rules
