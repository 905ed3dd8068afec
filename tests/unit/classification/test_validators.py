"""The laws of check digits, and that the fast checks agree with the plain ones."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.classification.engine import texts, validators, vectors
from muniment.classification.engine.validators import luhn, luhn_digit, validator
from muniment.kernel.errors import Invalid

digits = st.text("0123456789", min_size=3, max_size=18)
messy = st.text("0123456789 -", min_size=1, max_size=20)


@settings(deadline=None)
@given(digits)
def test_every_prefix_has_exactly_one_valid_completion(prefix: str) -> None:
    assert [d for d in "0123456789" if luhn(prefix + d)] == [luhn_digit(prefix)]


@settings(deadline=None)
@given(digits, st.data())
def test_any_single_wrong_digit_is_caught(prefix: str, data: st.DataObject) -> None:
    number = prefix + luhn_digit(prefix)
    at = data.draw(st.integers(0, len(number) - 1))
    wrong = data.draw(st.sampled_from([d for d in "0123456789" if d != number[at]]))
    assert not luhn(number[:at] + wrong + number[at + 1 :])


@pytest.mark.parametrize("name", sorted(vectors.VECTOR))
@settings(deadline=None)
@given(values=st.lists(messy | digits.map(lambda p: p + luhn_digit(p)), min_size=1, max_size=30))
def test_the_vectorised_check_says_what_the_plain_one_says(name: str, values: list[str]) -> None:
    plain = [validator(name).check(value) for value in values]
    assert vectors.VECTOR[name](texts.Digits.of(values)).tolist() == plain


@settings(deadline=None)
@given(st.integers(0, 10**9 - 1))
def test_an_npi_has_one_check_digit(body: int) -> None:
    text = f"1{body:09d}"[:9]
    assert sum(validators.npi(text + d) for d in "0123456789") == 1


@settings(deadline=None)
@given(st.text("0123456789", min_size=11, max_size=11))
def test_my_number_has_one_check_digit(body: str) -> None:
    assert sum(validators.my_number(body + d) for d in "0123456789") == 1


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_validator_fails_on_any_text(text: str) -> None:
    for name in validators.validator_names():
        assert validator(name).check(text) in (True, False)


def test_a_number_that_the_library_stumbles_over_is_none() -> None:
    assert validator("stdnum:cn.ric").check("347422709611098290") is False


def test_an_unknown_validator_is_named_with_what_there_is() -> None:
    with pytest.raises(Invalid, match="luhn"):
        validator("lun")
