"""What values have in common becomes a classifier; what is plain or chance does not."""

import re

from hypothesis import assume, given
from hypothesis import strategies as st

from muniment.classification.engine.mining import MinedColumn, entry_of, form_of, made_up, mine
from muniment.classification.engine.rules import check_pattern
from muniment.classification.engine.validators import luhn
from muniment.classification.entries import ClassifierEntry
from muniment.classification.model import Kind


def column(name: str, values: list[str], *labels: str, asset: str = "a/t") -> MinedColumn:
    return MinedColumn(asset, name, Kind.TEXT, tuple(values), (), labels)


def checked(start: int) -> str:
    body = f"{start}"
    return next(body + str(d) for d in range(10) if luhn(body + str(d)))


BADGES = [f"KX-{n * 37 % 100000:05d}-Q" for n in range(1, 12)]
DEALERS = [checked(8_000_000 + 7919 * n) for n in range(10)]


def test_fixed_letters_and_digits_become_a_pattern() -> None:
    form = form_of(column("badge", BADGES))
    assert form is not None
    assert form.pattern == r"KX\-[0-9]{5}\-Q"
    assert all(form.takes(value) for value in BADGES)
    assert not form.takes("KX-1234-Q")


def test_a_check_digit_is_found_where_all_values_pass_it() -> None:
    form = form_of(column("dealer", DEALERS))
    assert form is not None
    assert form.validator == "luhn"
    broken = [value[:-1] + str((int(value[-1]) + 1) % 10) for value in DEALERS]
    assert form_of(column("dealer", broken)) is None


def test_words_numbers_dates_and_few_values_are_too_plain() -> None:
    for values in (
        [f"{n}" for n in range(100, 112)],
        [f"2024-{n:02d}-01" for n in range(1, 13)],
        ["north", "south", "east", "west", "upper", "lower", "middle"],
        [f"Ward {n}" for n in range(20)],
        [f"{n}.50" for n in range(10, 30)],
        BADGES[:4],
    ):
        assert form_of(column("c", values)) is None


def test_precision_is_measured_on_the_rest_of_the_estate() -> None:
    alone = mine([column("badge", BADGES), column("note", ["a b"] * 9)])
    mixed = mine(
        [
            column("badge", BADGES),
            column("badge_no", BADGES, asset="a/u"),
            *(column(f"x{n}", BADGES, "other.thing", asset="a/v") for n in range(6)),
        ]
    )
    assert alone[0].measured.wrong == 0
    assert (mixed[0].measured.taken, mixed[0].measured.wrong) == (8, 6)
    assert mixed[0].measured.other_labels == ("other.thing",)
    assert mixed[0].measured.precision < alone[0].measured.precision
    assert len(mixed[0].members) == 2


def test_a_proposal_is_a_whole_classifier_without_a_value_of_the_data() -> None:
    [proposal] = mine([column("Dealer No", DEALERS)])
    entry = ClassifierEntry.model_validate(entry_of(proposal))
    assert entry.id == "custom.dealer_number"
    assert entry.validator == "luhn"
    assert entry.examples.hit
    assert not set(entry.examples.hit) & set(DEALERS)


@given(st.lists(st.from_regex(r"[A-Z]{2}-[0-9]{4,6}", fullmatch=True), min_size=6, unique=True))
def test_a_form_takes_what_it_was_found_in_and_what_it_makes_up(values: list[str]) -> None:
    form = form_of(column("c", values))
    assume(form is not None)
    assert form is not None
    check_pattern(form.pattern)
    assert all(re.fullmatch(form.pattern, value) for value in values)
    assert all(form.takes(value) for value in made_up(form, 3))
