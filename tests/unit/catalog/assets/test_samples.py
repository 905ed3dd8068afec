"""Sample values: what is confidential never shows, whoever asks."""

from hypothesis import given
from hypothesis import strategies as st

from muniment.catalog.assets.samples import samples
from muniment.kernel.masking import mask
from muniment.kernel.values import JsonObject, JsonValue, Sensitivity

values = st.text(min_size=1, max_size=20)
levels = st.none() | st.sampled_from(Sensitivity)


def profile(value: str, *, sensitive: bool) -> JsonObject:
    top: list[JsonValue] = [{"value": value, "count": 3, "masked": False}]
    return {"columns": [{"name": "c", "sensitive": sensitive, "top": top}]}


@given(values, levels, st.booleans(), st.booleans())
def test_a_value_shows_only_when_it_is_harmless_and_the_caller_may_see_it(
    value: str, level: Sensitivity | None, sensitive: bool, may_see: bool
) -> None:
    [column] = samples(profile(value, sensitive=sensitive), {"c": level}, may_see=may_see)
    harmless = not sensitive and (level is None or level < Sensitivity.CONFIDENTIAL)
    shown = column.values[0]
    assert shown.masked == (not (harmless and may_see))
    assert shown.value == (mask(value) if shown.masked else value)
    assert (column.why is None) == (not shown.masked)
