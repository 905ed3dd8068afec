"""What names tell of a reference, from the best to nothing."""

import pytest

from muniment.catalog.relations.names import bare_names, evidence, within


@pytest.mark.parametrize(
    ("column", "table", "key", "least", "most"),
    [
        ("customer_id", "customers", "customer_id", 1.0, 1.0),
        ("customer_id", "customers", "id", 1.0, 1.0),
        ("CustomerId", "dim_customer", "id", 1.0, 1.0),
        ("orderkey", "orders", "orderkey", 1.0, 1.0),
        ("sku", "products", "sku", 1.0, 1.0),
        ("customer", "customers", "id", 0.7, 0.7),
        ("orders", "orders", "order_id", 0.7, 0.7),
        ("billing_address_id", "addresses", "address_id", 0.9, 0.9),
        ("cust_id", "customers", "id", 0.6, 0.8),
        ("id", "customers", "id", 0.0, 0.0),
        ("amount", "customers", "id", 0.0, 0.0),
        ("customer_id", "suppliers", "supplier_id", 0.0, 0.0),
    ],
)
def test_names_fit_as_people_would_say(
    column: str, table: str, key: str, least: float, most: float
) -> None:
    assert least <= evidence(column, table, key) <= most


def test_prefixes_and_words_for_the_same_table() -> None:
    named = ["l_orderkey", "l_partkey", "l_tax"]
    assert bare_names(named) == {"l_orderkey": "orderkey", "l_partkey": "partkey", "l_tax": "tax"}
    assert bare_names(["order_id", "amount", "note"])["order_id"] == "order_id"
    assert within("reports_to") == within("parent_id") > 0
    assert within("amount") == 0
