"""What search finds, in what order, and for whom."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.catalog.search.documents import document, index_of

from muniment.catalog.search.documents import SearchDocument
from muniment.catalog.search.index import SearchIndex
from muniment.catalog.search.query import SearchRequest
from muniment.catalog.search.why import Described, explained
from muniment.catalog.search.words import (
    distance_at_most,
    folded,
    name_words,
    parts,
    query_words,
    question,
    similar,
    spaced,
    stem,
)
from muniment.platform.policy import EVERYTHING, Visibility

ESTATE = [
    document("crm.customers", columns=("id", "email_addr", "dob"), labels=("contact.email",)),
    document("crm.customers_backup_2021", columns=("id", "email_addr"), is_copy=True),
    document("archive.CustomerOrders", columns=("customer_id", "total")),
    document("shop.orders", columns=("id", "customer_id", "amt"), text="every order we ever took"),
    document("shop.order_items", columns=("order_id", "qty")),
    document("mart.customers", kind="view", columns=("id",), certification="certified"),
    document("hr.employees", columns=("salary",), domain="people"),
]
INDEX, BY_ID = index_of(*ESTATE)


def found(text: str, seen: Visibility = EVERYTHING, **filters: list[str]) -> list[str]:
    request = SearchRequest(text, filters)
    return [".".join(BY_ID[hit.id].path) for hit in INDEX.search(request, seen).hits]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("customers", "mart.customers"),
        ("crm.customers", "crm.customers"),
        ("db/crm/customers", "crm.customers"),
        ("CUSTOMERS_BACKUP_2021", "crm.customers_backup_2021"),
        ("customer orders", "archive.CustomerOrders"),
        ("order items", "shop.order_items"),
        ("orders", "shop.orders"),
        ("employes", "hr.employees"),
        ("custmoer orders", "archive.CustomerOrders"),
        ("emplo", "hr.employees"),
        ("salary", "hr.employees"),
        ("quantity", "shop.order_items"),
        ("birthdate", "crm.customers"),
        ("every order took", "shop.orders"),
    ],
)
def test_what_is_meant_comes_first(typed: str, first: str) -> None:
    assert found(typed)[0] == first


def test_the_original_stands_before_its_copy() -> None:
    hits = found("customer mail")
    assert hits.index("crm.customers") < hits.index("crm.customers_backup_2021")


def test_what_has_every_word_stands_before_what_has_some() -> None:
    result = INDEX.search(SearchRequest("customers zebra"), EVERYTHING)
    assert (result.complete, result.partial) == (0, True)
    assert result.total == len(
        [each for each in ESTATE if "customer" in f"{each.path}{each.columns}".lower()]
    )
    assert set(found("orders zebra customer")[:2]) == {"archive.CustomerOrders", "shop.orders"}
    assert found("zebra yak") == []
    all_of_them = INDEX.search(SearchRequest("crm customers"), EVERYTHING)
    assert (all_of_them.complete, all_of_them.partial) == (2, True)


def test_words_that_carry_no_meaning_are_not_looked_for() -> None:
    assert found("where is the salary of an employee") == ["hr.employees"]
    assert found("which tables have orders")[0] == "shop.orders"
    assert found("the") == []


def test_words_of_the_same_meaning_are_found_after_the_word_itself() -> None:
    assert found("staff") == ["hr.employees"]
    assert set(found("clients orders")) >= {"archive.CustomerOrders", "shop.orders"}
    index, by_id = index_of(document("a.clients"), document("a.customers"))
    hits = [by_id[hit.id].name for hit in index.search(SearchRequest("client"), EVERYTHING).hits]
    assert hits == ["clients", "customers"]


def test_a_file_or_routine_is_found_by_its_bare_name_and_nothing_else_with_it() -> None:
    names = ("orders_2025.ndjson", "orders", "returns_2025", "close_days(date, date)")
    index, by_id = index_of(*(document(("s", name)) for name in names))
    for typed, first in (("orders_2025", names[0]), ("close_days", names[3]), ("orders", "orders")):
        result = index.search(SearchRequest(typed), EVERYTHING)
        assert by_id[result.hits[0].id].name == first
        assert not result.partial


def test_a_filter_never_finds_more() -> None:
    for text in ("customers zebra", "crm customers", "customer orders", "order id email"):
        free = set(found(text))
        for kind in ("table", "view", "dataset"):
            assert set(found(text, kind=[kind])) <= free


def test_a_word_of_the_catalogue_is_no_typing_error() -> None:
    index, by_id = index_of(document("a.scores"), document("a.stores"))
    hits = [by_id[hit.id].name for hit in index.search(SearchRequest("score"), EVERYTHING).hits]
    assert hits == ["scores"]


WORDS = ("alpha", "bravo", "delta", "gamma", "hotel", "kilos")


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(st.sets(st.sampled_from(WORDS)), st.sampled_from(["name", "columns", "text"])),
        min_size=1,
        max_size=8,
    ),
    st.lists(st.sampled_from(WORDS), min_size=2, max_size=6, unique=True),
)
def test_more_of_the_words_always_come_first(
    held: list[tuple[set[str], str]], asked: list[str]
) -> None:
    def made(at: int, words: list[str], where: str) -> SearchDocument:
        name = "_".join([f"x{at}", *words]) if where == "name" else f"x{at}"
        columns = tuple(words) if where == "columns" else ()
        return document(
            ("s", name), columns=columns, text=" ".join(words) if where == "text" else ""
        )

    documents = [made(at, sorted(words), where) for at, (words, where) in enumerate(held)]
    index, _ = index_of(*documents)
    fitting = {
        each.id: len(words & set(asked)) for each, (words, _) in zip(documents, held, strict=True)
    }
    result = index.search(SearchRequest(" by ".join(asked)), EVERYTHING)
    counts = [fitting[hit.id] for hit in result.hits]
    assert counts == sorted(counts, reverse=True)
    complete = sum(count == len(asked) for count in fitting.values())
    some = sum(count > 0 for count in fitting.values())
    assert result.complete == complete
    assert result.total == (complete if complete >= 3 else some)


names = st.lists(
    st.text("abcXY_1-. éß🦔", min_size=1, max_size=8).filter(lambda name: name.strip() != ""),
    min_size=1,
    max_size=8,
    unique=True,
)


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(names, st.data())
def test_an_exact_name_always_comes_first(many: list[str], data: st.DataObject) -> None:
    documents = [document(("s", name), text=" ".join(many), columns=tuple(many)) for name in many]
    index, by_id = index_of(*documents)
    wanted = data.draw(st.sampled_from(many))
    first = by_id[index.search(SearchRequest(wanted), EVERYTHING).hits[0].id].name
    assert folded(wanted.strip()) in (folded(first.strip()), spaced(first), folded(f"s.{first}"))


@given(
    st.sets(st.sampled_from(["sales", "people", "none"])), st.sampled_from(["", "customers", "id"])
)
def test_nobody_finds_or_counts_what_they_may_not_see(domains: set[str], text: str) -> None:
    seen = Visibility(frozenset(domains))
    result = INDEX.search(SearchRequest(text), seen)
    assert all(BY_ID[hit.id].domain in domains for hit in result.hits)
    assert all(domain in domains for domain, _ in result.facets["domain"])
    for facet in ("kind", "source", "certification"):
        assert sum(count for _, count in result.facets[facet]) == result.total == len(result.hits)


def test_facets_count_without_their_own_filter() -> None:
    result = INDEX.search(SearchRequest("", {"kind": ["view"]}), EVERYTHING)
    assert result.total == 1
    assert dict(result.facets["kind"]) == {"table": 6, "view": 1}
    assert dict(result.facets["certification"]) == {"certified": 1}


def test_an_empty_search_lists_everything_by_name() -> None:
    assert found("") == sorted(".".join(each.path) for each in ESTATE)


def test_an_index_that_is_not_built_finds_nothing() -> None:
    assert SearchIndex().search(SearchRequest("x"), EVERYTHING).hits == []


@given(st.text(max_size=60))
def test_any_text_can_be_searched_for(text: str) -> None:
    INDEX.search(SearchRequest(text), EVERYTHING)


CUSTOMERS = Described(
    "customers", ("crm", "customers"), ("id", "email_addr"), ("contact.email",), (), "ada", "x"
)


@pytest.mark.parametrize(
    ("typed", "because"),
    [
        ("Customers", [("name", "customers", "exact")]),
        ("crm.customers", [("path", "crm.customers", "exact")]),
        ("customer email", [("name", "customers", "word"), ("label", "contact.email", "word")]),
        ("address", [("column", "email_addr", "word")]),
        ("custo", [("name", "customers", "prefix")]),
        ("custmoers", [("name", "customers", "typo")]),
        ("ada", [("owner", "ada", "word")]),
        ("staff of the customers", [("name", "customers", "word")]),
        ("clients", [("name", "customers", "synonym")]),
        ("zebra", []),
    ],
)
def test_a_result_says_why(typed: str, because: list[tuple[str, str, str]]) -> None:
    why = explained(typed, CUSTOMERS).reasons
    assert [(r.field, r.term, r.how) for r in why] == because


def test_a_result_says_what_it_does_not_have() -> None:
    assert explained("revenue by customer", CUSTOMERS).missing == ("revenue",)
    assert explained("customers", CUSTOMERS).missing == ()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("custEmailAddr_2", ["cust", "email", "addr", "custemailaddr", "2"]),
        ("HTTPServer", ["http", "server", "httpserver"]),
        ("GrößeInCm", ["grosse", "in", "cm", "grosseincm"]),
        ("order-items", ["order", "items"]),
        ("客户_表", ["客户", "表"]),
    ],
)
def test_identifiers_are_split(name: str, words: list[str]) -> None:
    assert parts(name) == words


def test_abbreviations_are_found_under_what_they_stand_for() -> None:
    assert {"cust", "customer", "amt", "amount"} <= set(name_words("cust_amt").split())


@given(st.text("abcde", max_size=8), st.text("abcde", max_size=8), st.integers(0, 3))
def test_distance_is_symmetric_and_zero_for_equals(one: str, other: str, most: int) -> None:
    assert distance_at_most(one, other, most) == distance_at_most(other, one, most)
    assert distance_at_most(one, one, 0)


@given(st.text(max_size=40))
def test_query_words_are_folded_and_single(text: str) -> None:
    words = query_words(text)
    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("text", "words", "aside"),
    [
        ("revenue by customer", ("revenue", "customer"), ()),
        ("which tables contain the IBAN?", ("iban",), ("tables", "contain")),
        ("customerOrders", ("customer", "orders"), ()),
        ("the data", ("data",), ()),
        ("what is it", ("what", "is", "it"), ()),
        ("", (), ()),
    ],
)
def test_what_is_asked(text: str, words: tuple[str, ...], aside: tuple[str, ...]) -> None:
    asked = question(text, 12)
    assert (asked.words, asked.aside) == (words, aside)


def test_forms_of_a_word_have_one_stem() -> None:
    assert len({stem(word) for word in ("return", "returns", "returned", "returning")}) == 1
    assert stem("salaries") == stem("salary")
    assert stem("staff") in similar("employees")
    assert stem("revenue") in similar("sales")
    assert similar("zebra") == ()
