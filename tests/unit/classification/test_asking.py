"""Laws of when it is worth asking people no more."""

from hypothesis import given
from hypothesis import strategies as st

from muniment.classification.asking import BANDS, Agreement, Asking
from muniment.classification.model import EFFECTIVE_FROM, wilson_low


def agreed(confirmed: int, decided: int) -> Agreement:
    return Agreement("contact.email", "E-mail", 0.95, 1.01, confirmed, decided)


@given(st.integers(0, 300), st.integers(0, 300))
def test_the_bound_never_exceeds_what_was_seen_and_grows_with_it(yes: int, no: int) -> None:
    bound = wilson_low(yes, yes + no)
    assert 0.0 <= bound <= (yes / (yes + no) if yes + no else 0.0) + 1e-9
    assert wilson_low(yes + 1, yes + no + 1) >= bound
    assert wilson_low(yes, yes + no + 1) <= bound


def test_the_bar_of_the_house_takes_thirty_five_agreeing_judgements_and_no_other() -> None:
    asking = Asking()
    assert asking.learned([agreed(34, 34)]) == ()
    assert asking.learned([agreed(35, 35)]) == (agreed(35, 35),)
    assert asking.learned([agreed(35, 36)]) == ()
    assert Asking(enabled=False).learned([agreed(200, 200)]) == ()
    assert asking.learned([agreed(0, 0)]) == ()


@given(st.floats(EFFECTIVE_FROM, 1.0))
def test_every_confidence_that_acts_is_of_one_band_and_no_other_is_of_any(sure: float) -> None:
    assert sum(low <= sure < high for low, high in BANDS) == 1
    assert not any(low <= EFFECTIVE_FROM - 0.01 < high for low, high in BANDS)
