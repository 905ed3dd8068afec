"""No raw text of a column that may be sensitive is ever stored, and no value of one ever shown."""

import pyarrow as pa
import pytest
from tests.unit.catalog.analysis.tables import (
    Arrays,
    asked,
    batches,
    context,
    profile,
    profile_state,
    quality_state,
)

from muniment.catalog.analysis.profile import ProfileAnalyzer
from muniment.catalog.analysis.quality import QualityAnalyzer
from muniment.catalog.analysis.results import ProfileResult
from muniment.kernel.errors import Invalid
from muniment.kernel.values import Sensitivity

ANALYZER = ProfileAnalyzer()
SECRETS = ["anna@mail.example", "4111111111111111", "DE89370400440532013000", "Anna Karenina"]


def unpacked(dump: bytes) -> bytes:
    size = int.from_bytes(dump[5:13], "little")
    raw = pa.decompress(dump[13:], decompressed_size=size, codec="zstd", asbytes=True)
    assert isinstance(raw, bytes)
    return raw


def people(copies: int) -> Arrays:
    n = len(SECRETS) * copies
    return {
        "holder": pa.array(SECRETS * copies),
        "status": pa.array((["open", "paid", "lost", "sent"] * n)[:n]),
        "diagnosis": pa.array(["E11.9", "F32.1"] * (n // 2)),
        "pan": pa.array([4111111111111111, 5500005555555559] * (n // 2)),
    }


def test_a_stored_state_holds_no_text_but_plain_categories() -> None:
    raw = unpacked(ANALYZER.dump(profile_state(batches(people(50), 1_000))))
    for secret in (*SECRETS, "E11.9", "F32.1"):
        assert secret.encode() not in raw
    for number in (4111111111111111, 5500005555555559):
        assert number.to_bytes(8, "little") not in raw
        assert str(number).encode() not in raw
    assert b"lost" in raw


def test_a_rare_category_is_not_stored_either() -> None:
    raw = unpacked(ANALYZER.dump(profile_state(batches(people(1), 1_000))))
    assert b"lost" not in raw


def test_categories_survive_storing_and_the_rest_is_shown_as_shapes() -> None:
    again = ANALYZER.load(ANALYZER.dump(profile_state(batches(people(50), 1_000))))
    found = profile(again)
    assert {top.value for top in found["status"].top} == {"open", "paid", "lost", "sent"}
    assert not any(top.masked for top in found["status"].top)
    assert {top.value for top in found["holder"].top} == {
        "xxxx@xxxx.xxxxxxx", "9999999999999999", "XX99999999999999999999", "Xxxx Xxxxxxxx"
    }  # fmt: skip
    assert all(top.masked for top in found["holder"].top)


@pytest.mark.parametrize("level", [Sensitivity.CONFIDENTIAL, Sensitivity.RESTRICTED])
def test_labelled_columns_show_shapes_only(level: Sensitivity) -> None:
    labels = dict.fromkeys(people(1), level)
    state = profile_state(batches(people(50), 1_000))
    shown = str(ANALYZER.finish(state, context(list(labels), labels=labels)))
    for secret in (*SECRETS, "E11.9", "5500005555555559", "lost"):
        assert secret not in shown
    pan = profile(state, labels)["pan"]
    assert (pan.min, pan.quantiles, pan.sensitive) == ("9999999999999999", {}, True)
    assert pan.histogram is not None
    assert pan.histogram.low is None


def test_unlabelled_columns_show_their_values() -> None:
    found = profile(profile_state(batches(people(50), 1_000)))
    assert found["status"].top[0].masked is False
    assert found["status"].min == "lost"


def test_stored_quality_states_hold_shapes_only() -> None:
    params = asked(
        {"type": "valid_email", "columns": ["holder"]},
        {"type": "most_frequent_share", "columns": ["holder"], "params": {"max": 0.1}},
        {"type": "unique", "columns": ["holder"]},
    )
    raw = unpacked(QualityAnalyzer().dump(quality_state(batches(people(50), 1_000), params)))
    for secret in SECRETS:
        assert secret.encode() not in raw


def test_a_state_of_another_version_is_refused() -> None:
    raw = ANALYZER.dump(profile_state(batches(people(1), 10)))
    with pytest.raises(Invalid, match="Scan the asset again"):
        ANALYZER.load(raw[:4] + b"\x63" + raw[5:])
    with pytest.raises(Invalid):
        QualityAnalyzer().load(raw)


def test_a_profile_survives_its_json_form() -> None:
    result = ANALYZER.finish(profile_state(batches(people(50), 1_000)), context(list(people(1))))
    again = ProfileResult.from_json(result)
    assert again.to_json() == result


def test_what_is_stored_with_few_digits_says_so() -> None:
    state = profile_state(batches({"pan": [4111111111111111, 12], "year": [1999, 2026]}, 10))
    assert not any(column.rounded for column in profile(state).values())
    again = ANALYZER.load(ANALYZER.dump(ANALYZER.load(ANALYZER.dump(state))))
    assert {name: column.rounded for name, column in profile(again).items()} == {
        "pan": True, "year": False,
    }  # fmt: skip
