"""What looks like an abandoned copy, and of what."""

import pytest

from muniment.catalog.assets.copies import Twin, copied_from, is_suspect, original_name


@pytest.mark.parametrize(
    ("name", "original"),
    [
        ("customers_backup", "customers"),
        ("customers_backup_2021", "customers"),
        ("customers_2021_03", "customers"),
        ("customers_20210301", "customers"),
        ("orders_old_v2", "orders"),
        ("copy_of_customers", "customers"),
        ("tmp_orders", "orders"),
        ("bak-people", "people"),
        ("customers", None),
        ("orders", None),
        ("old", None),
        ("threshold", None),
        ("gold", None),
        ("contest", None),
        ("address_1", "address"),
    ],
)
def test_names_say_what_a_table_is_a_copy_of(name: str, original: str | None) -> None:
    assert original_name(name) == original


def twin(ref: str, shared: int, columns: int) -> Twin:
    place, _, name = ref.rpartition("/")
    return Twin(ref, name, place, shared, columns)


def test_the_table_of_the_original_name_wins() -> None:
    twins = [twin("db/crm/customers", 6, 8), twin("db/crm/people", 8, 8)]
    assert copied_from(("crm", "customers_old"), 8, twins) == "db/crm/customers"


def test_another_name_needs_nearly_all_columns() -> None:
    twins = [twin("db/crm/people", 7, 8)]
    assert copied_from(("staging", "x"), 8, twins) is None
    assert copied_from(("staging", "x"), 7, twins) == "db/crm/people"


def test_small_tables_are_not_taken_for_copies_by_columns_alone() -> None:
    assert copied_from(("staging", "x"), 2, [twin("db/crm/countries", 2, 2)]) is None


def test_a_much_wider_table_is_not_the_original() -> None:
    assert copied_from(("crm", "customers_old"), 3, [twin("db/crm/customers", 3, 30)]) is None


def test_only_names_and_places_that_hint_at_it_are_suspect() -> None:
    assert is_suspect(("archive", "customers"))
    assert is_suspect(("crm", "customers_bak"))
    assert is_suspect(("test", "people"))
    assert not is_suspect(("crm", "customers"))
    assert not is_suspect(("contest", "people"))
