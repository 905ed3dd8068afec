"""The estate's database: whole or absent, the same rows each time, true to its facts."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from stdnum import iban, luhn
from stdnum.gb import nhs
from stdnum.us import ssn

from muniment.demo.estate import build_database, facts, is_built
from muniment.demo.estate.database import SCHEMAS
from muniment.kernel.errors import Conflict, SourceUnreachable
from muniment.platform.embedded import Server

SCALE = 0.01
Connection = psycopg.Connection[tuple[object, ...]]

# For each defect of the facts that has a share: the rows that show it.
PROBES = {
    ("sales.customers.email", "validity"): "email !~ '^[a-z0-9._]+@[a-z.]+[.][a-z]+$'",
    ("sales.customers.email", "completeness"): "email IS NULL",
    ("sales.customers.phone", "completeness"): "phone IS NULL",
    ("sales.customers.phone", "validity"): "phone !~ '[1-9]'",
    ("sales.customers.date_of_birth", "validity"): "date_of_birth > '2026-11-01'",
    ("sales.customers.last_name", "completeness"): "trim(last_name) = ''",
    ("sales.addresses.country_code", "consistency"): "country_code NOT IN ('DE', 'FR', 'GB', 'US')",
    ("sales.orders.total_amount", "consistency"): (
        "total_amount <> subtotal - discount + shipping_fee"
    ),
    ("sales.orders.ordered_at", "validity"): "ordered_at > '2026-11-01'",
    (
        "sales.returns.order_id",
        "consistency",
    ): "order_id NOT IN (SELECT order_id FROM sales.orders)",
    ("sales.returns.received_on", "consistency"): "received_on < requested_on",
    ("sales.order_lines.quantity", "validity"): "quantity <= 0",
    ("sales.products.list_price", "validity"): "list_price = 0",
    ("crm.tickets.customer_id", "consistency"): (
        "customer_id NOT IN (SELECT customer_id FROM sales.customers)"
    ),
    ("crm.tickets.satisfaction", "validity"): "satisfaction NOT BETWEEN 1 AND 5",
    ("crm.ticket_messages.body", "compliance"): r"body ~ '\m[3-6]\d{14,15}\M'",
    ("crm.consents.granted", "compliance"): "granted IS NULL",
    ("finance.payments.amount", "validity"): "amount < 0",
    ("finance.invoices.due_on", "consistency"): "due_on < issued_on",
    ("ops.shipments.delivered_at", "consistency"): "delivered_at < shipped_at",
    ("ops.inventory.on_hand", "validity"): "on_hand < 0",
    ("web.events.occurred_at", "validity"): (
        "occurred_at NOT BETWEEN '2026-05-01' AND '2026-11-01'"
    ),
    ("hr.employees.left_on", "consistency"): "left_on < hired_on",
    ("web.user_accounts.password_hash", "compliance"): "password_hash ~ '^[0-9a-f]{32}$'",
}
# For uniqueness: how many values more than distinct ones.
REPEATED = (
    "sales.customers.customer_number",
    "crm.contacts.contact_code",
    "finance.invoices.invoice_number",
)


@pytest.fixture(scope="module")
def url(server: Server) -> Iterator[str]:
    """A database with the estate at a hundredth, built once for this module's questions."""
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("create database estate_reference")
        build_database(server.url("estate_reference"), scale=SCALE)
        yield server.url("estate_reference")
        connection.execute("drop database estate_reference with (force)")


@pytest.fixture
def estate(url: str) -> Iterator[Connection]:
    with psycopg.connect(url) as connection:
        connection.execute("set timezone = 'UTC'")
        yield connection


def one(connection: Connection, query: str, *values: object) -> object:
    row = connection.execute(query.encode(), values).fetchone()
    assert row is not None
    return row[0]


def table(name: str) -> str:
    return sql.Identifier(*name.split(".", 1)).as_string()


def fingerprint(url: str) -> dict[str, object]:
    """A checksum of every table and materialised view, rows taken in order."""
    found: dict[str, object] = {}
    with psycopg.connect(url) as connection:
        connection.execute("set timezone = 'UTC'")
        names = connection.execute(
            "select n.nspname || '.' || c.relname"
            " from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " where n.nspname = any (%s) and c.relkind in ('r', 'm', 'p') order by 1",
            (list(SCHEMAS),),
        ).fetchall()
        for (name,) in names:
            query = (
                f"select md5(string_agg(t::text, chr(10) order by t::text)) from {table(name)} as t"
            )
            found[name] = one(connection, query)
    return found


def test_every_table_has_its_rows(estate: Connection) -> None:
    known = facts()
    names = [name for source, name in known.rows if source == "harbour"]
    counted = {name: one(estate, f"select count(*) from {table(name)}") for name in names}
    assert counted == {name: known.rows_at("harbour", name, SCALE) for name in names}
    assert (
        2_000_000
        <= sum(n for (source, _), n in known.rows.items() if source == "harbour")
        <= 2_400_000
    )


def test_the_catalogue_is_as_varied_as_the_facts_say(estate: Connection) -> None:
    kinds: dict[object, int] = {
        kind: int(str(count))
        for kind, count in estate.execute(
            "select c.relkind::text, count(*)"
            " from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " where n.nspname = any (%s) and not c.relispartition group by 1",
            (list(SCHEMAS),),
        ).fetchall()
    }
    assert kinds["r"] + kinds["p"] == facts().tables("harbour")
    assert (kinds["p"], kinds["m"]) == (1, 1)
    assert kinds["v"] >= 15
    routines = (
        "select count(*) from pg_proc"
        " where pronamespace = any (%s::regnamespace[]) and prokind = %s"
    )
    assert one(estate, routines, list(SCHEMAS), "f") == 5
    assert one(estate, routines, list(SCHEMAS), "p") == 2
    keys = "select count(*) >= 28 from pg_constraint where contype = 'f' and conparentid = 0"
    assert one(estate, keys) is True


def test_every_view_answers(estate: Connection) -> None:
    views = estate.execute(
        "select schemaname || '.' || viewname from pg_views where schemaname = any (%s)",
        (list(SCHEMAS),),
    ).fetchall()
    empty = [
        name
        for (name,) in views
        if not one(estate, f"select exists (select 1 from {table(str(name))})")
    ]
    assert empty == []
    assert one(estate, "select count(*) from sales.mv_product_performance") == 40


def test_labels_and_misleading_names_are_columns(estate: Connection) -> None:
    columns = {
        str(row[0])
        for row in estate.execute(
            "select table_schema || '.' || table_name || '.' || column_name"
            " from information_schema.columns"
        ).fetchall()
    }
    known = facts()
    named = {
        column
        for source, column in (*known.labels, *known.misleading, *known.tolerated)
        if source == "harbour"
    }
    assert named - columns == set()
    assert set(known.labels) & set(known.misleading) == set()
    assert (set(known.labels) | set(known.misleading)) & known.tolerated == set()


@pytest.mark.parametrize(
    ("column", "valid", "nulls"),
    [
        ("finance.payment_cards.card_number", luhn.is_valid, False),
        ("test.customers_copy.card_number", luhn.is_valid, False),
        ("finance.bank_accounts.iban", iban.is_valid, True),
        ("crm.cust_ext.attr_07", iban.is_valid, True),
        ("crm.cust_ext.val", ssn.is_valid, True),
        ("health_benefits.enrolments.nhs_number", nhs.is_valid, True),
    ],
)
def test_numbers_in_the_tables_pass_their_check(
    estate: Connection, column: str, valid: object, nulls: bool
) -> None:
    assert callable(valid)
    place, name = column.rsplit(".", 1)
    values = [
        row[0] for row in estate.execute(f"select {name} from {table(place)}".encode()).fetchall()
    ]
    assert (None in values) is nulls
    present = [value for value in values if value is not None]
    assert present
    assert [value for value in present if not valid(value)] == []


def test_every_defect_is_there_in_its_share(estate: Connection) -> None:
    known = facts()
    wanted = {
        (d.at, str(d.kind)): d.share for d in known.defects if d.source == "harbour" and d.share
    }
    assert set(wanted) == set(PROBES) | {(column, "uniqueness") for column in REPEATED}
    for (column, kind), share in wanted.items():
        place, name = column.rsplit(".", 1)
        rows = known.rows_at("harbour", place, SCALE)
        condition = PROBES.get((column, kind))
        counted = (
            f"count(*) filter (where {condition})"
            if condition
            else f"count(*) - count(distinct {name})"
        )
        found = int(str(one(estate, f"select {counted} from {table(place)}")))
        assert found == pytest.approx(max(1, share * rows), rel=0.25, abs=1.5), (column, kind)


def test_misleading_columns_do_not_hold_what_they_say(estate: Connection) -> None:
    assert one(estate, "select max(email) - min(email) from crm.campaign_members") == 1
    assert one(estate, "select bool_and(phone ~ '^\\d{4}$') from hr.employees") is True
    assert (
        one(
            estate,
            "select bool_and(customer_name ~ '^[A-Z]{2}-\\d{5}-[A-D]$') from ops.purchase_orders",
        )
        is True
    )
    assert (
        one(estate, "select bool_and(academic_year_code between 100 and 999) from hr.trainings")
        is True
    )


def test_grants_to_everyone_are_in_place(estate: Connection) -> None:
    open_to_all = {
        str(row[0])
        for row in estate.execute(
            "select distinct c.relnamespace::regnamespace || '.' || c.relname"
            " from pg_class c, aclexplode(c.relacl) a"
            " where a.grantee = 0 and c.relnamespace = any (%s::regnamespace[])",
            (list(SCHEMAS),),
        ).fetchall()
    }
    assert open_to_all == {
        "archive.customers_backup_2021",
        "hr.salaries",
        "sales.v_top_customers",
        "test.customers_copy",
    }


def test_the_procedure_closed_the_books(estate: Connection) -> None:
    gross = one(estate, "select sum(gross) from finance.daily_revenue")
    sold = one(
        estate,
        "select sum(total_amount) from sales.orders"
        " where status <> 'cancelled' and ordered_at < '2026-11-01'",
    )
    assert gross == sold
    assert one(estate, "select sum(refunds) > 0 from finance.daily_revenue") is True


def test_the_second_build_is_the_same_and_a_third_does_nothing(
    url: str, empty_database_url: str
) -> None:
    build_database(empty_database_url, scale=SCALE)
    assert fingerprint(empty_database_url) == fingerprint(url)
    told: list[str] = []
    build_database(empty_database_url, scale=SCALE, progress=lambda name, *_: told.append(name))
    assert told == []


def test_an_interrupted_build_leaves_nothing_and_can_be_run_again(
    url: str, empty_database_url: str
) -> None:
    def stop(name: str, done: int, total: int) -> None:
        if name == "web.sessions":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_database(empty_database_url, scale=SCALE, progress=stop)
    assert fingerprint(empty_database_url) == {}
    assert not is_built(empty_database_url, scale=SCALE)
    build_database(empty_database_url, scale=SCALE)
    assert is_built(empty_database_url, scale=SCALE)
    assert fingerprint(empty_database_url) == fingerprint(url)


def test_another_scale_replaces_the_estate(empty_database_url: str) -> None:
    build_database(empty_database_url, scale=0.001)
    build_database(empty_database_url, scale=0.002)
    assert is_built(empty_database_url, scale=0.002)
    with psycopg.connect(empty_database_url) as connection:
        assert one(connection, "select count(*) from sales.orders") == 480


def test_progress_rises_to_the_total(empty_database_url: str) -> None:
    heard: list[tuple[int, int]] = []
    build_database(
        empty_database_url, scale=0.001, progress=lambda _, done, total: heard.append((done, total))
    )
    assert heard == sorted(heard)
    assert heard[-1][0] == heard[-1][1]


def test_schemas_of_somebody_else_are_refused_and_kept(empty_database_url: str) -> None:
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute("create schema sales")
        connection.execute("create table sales.precious as select 1 as one")
        with pytest.raises(Conflict, match="empty database"):
            build_database(empty_database_url, scale=SCALE)
        assert one(connection, "select one from sales.precious") == 1


def test_nobody_there_is_said_in_a_sentence() -> None:
    with pytest.raises(SourceUnreachable, match="Check that PostgreSQL runs"):
        build_database("postgresql://nobody@/nothing?host=/nonexistent", scale=SCALE)
