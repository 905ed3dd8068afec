"""Six groups, one story each time: what one of them finds, the others act on."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import pytest_asyncio
import sqlalchemy as sa
from tests.e2e.conftest import Person, World, eventually

from muniment.kernel.principal import RoleGrant

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHOP = """
create schema sales;
create schema reporting;
create function pg_temp.with_check_digit(digits text) returns text language sql as $$
    select digits || (10 - sum(
        case when at % 2 = 1 and digit > 4 then digit * 2 - 9
             when at % 2 = 1 then digit * 2 else digit end
    ) % 10)::int % 10
    from (select at, substr(digits, at, 1)::int as digit from generate_series(1, 15) at) each
$$;
create table sales.customer (
    id int primary key, full_name text not null, email text not null, mobile text
);
insert into sales.customer
select n, (array['Anna Schmidt', 'Ben Miller', 'Clara Rossi', 'David Novak'])[1 + n % 4],
    'person' || n || '@mail.example', '+49 30 ' || (1000000 + n * 7919 % 8999999)
from generate_series(1, 300) n;
create table sales.payment (
    id int primary key, customer_id int not null references sales.customer,
    note text not null, amount numeric(10, 2) not null, paid_at timestamptz not null
);
insert into sales.payment
select n, 1 + n % 300, pg_temp.with_check_digit((411111000000000 + n * 104729)::text), n * 1.5,
    now() - n * interval '1 hour'
from generate_series(1, 400) n;
create materialized view reporting.contact as
    select id, email, mobile from sales.customer;
create view reporting.spend as
    select c.email, sum(p.amount) as spent
    from reporting.contact c join sales.payment p on p.customer_id = c.id group by c.email;
create table reporting.call_list (email text, mobile text);
create procedure reporting.fill_call_list() language sql as $$
    insert into reporting.call_list (email, mobile) select email, mobile from sales.customer;
$$;
analyze;
"""
"""A shop: the column ``note`` holds card numbers, whatever its name says."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(world: World) -> str:
    """The shop, connected and scanned once."""
    name = await world.database("shop", SHOP, domain="retail", owner="ada")
    run = await world.scan(name)
    assert (run["state"], run["problem"]) == ("succeeded", None)
    return name


async def test_a_finding_appears_because_a_scan_classified_a_column(
    world: World, shop: str
) -> None:
    payment = f"{shop}/sales/payment"
    [label] = await world.root.items("/labels", asset=payment, column="note")
    assert (label["label"], label["effective"]) == ("finance.credit_card", True)

    found = await world.root.items("/findings", framework="pci-dss", asset=payment)
    finding = next(each for each in found if each["check"] == "card-number-in-clear")
    assert (finding["severity"], finding["state"]) == ("critical", "open")
    assert finding["subject"] == f"{payment}/note"
    assert finding["evidence"]["column"] == {"name": "note", "labels": ["finance.credit_card"]}
    assert "4111" not in str(found)

    pci = await world.root.get("/frameworks/pci-dss")
    unreadable = await world.root.get("/frameworks/pci-dss/requirements", status="failing")
    assert pci["score"] < 100
    assert "3.5.1" in [each["id"] for each in unreadable]

    labelled = await world.told("classification.asset-labelled.v1", payment)
    opened = await world.told("compliance.finding-opened.v1", f"{payment}/note")
    assert labelled[0]["payload"]["run_id"] == finding["run_id"]
    event = next(each for each in opened if each["payload"]["finding_id"] == finding["id"])
    assert labelled[0]["seq"] < event["seq"]


async def test_confirming_labels_judges_the_asset_and_its_downstream_again(
    world: World, shop: str
) -> None:
    customer = await world.asset(f"{shop}/sales/customer")
    closure = await world.root.get(f"/lineage/{customer['id']}/downstream")
    downstream = {each["ref"]: each["depth"] for each in closure["assets"]}
    assert downstream[f"{shop}/reporting/contact"] == 1
    assert downstream[f"{shop}/reporting/spend"] == 2

    steward = await world.person("stella", RoleGrant("steward", "retail"))
    [finding] = await steward.items(
        "/findings", check="personal-labels-reviewed", asset=customer["ref"]
    )
    assert finding["state"] == "open"
    copy = f"{shop}/reporting/contact"
    await _forget_verdicts(world, copy)
    assert await _verdicts(steward, copy) == []

    labels = await steward.items("/labels", asset=customer["ref"])
    ids = [each["id"] for each in labels if each["state"] == "suggested"]
    decided = await steward.post("/labels/decisions", {"labels": ids, "action": "confirm"})
    assert [each["state"] for each in decided["results"]] == ["confirmed"] * len(ids)
    await world.settled()

    healed = await steward.get(f"/findings/{finding['id']}")
    assert (healed["state"], healed["run_id"]) == ("resolved", finding["run_id"])
    assert "owner-of-personal-data" in await _verdicts(steward, copy)

    decisions = await world.told("classification.label-decided.v1", customer["ref"])
    assert {each["actor"] for each in decisions} == {"stella"}
    assert len(decisions) == len(ids)
    assert await world.told("compliance.finding-resolved.v1", customer["ref"])


async def _verdicts(person: Person, asset: str) -> list[str]:
    covered = await person.items("/frameworks/gdpr/coverage")
    return [each["check_id"] for each in covered if each["asset"] == asset]


async def _forget_verdicts(world: World, asset: str) -> None:
    """As if never judged: a verdict that comes back was judged anew."""
    async with world.product.database.writing() as session:
        await session.execute(
            sa.text("delete from compliance.result where asset = :asset"), {"asset": asset}
        )


async def test_a_dropped_column_is_a_schema_change_an_incident_and_broken_lineage(
    world: World, shop: str
) -> None:
    customer = f"{shop}/sales/customer"
    world.change(
        shop,
        """
        drop materialized view reporting.contact cascade;
        alter table sales.customer drop column mobile;
        """,
    )
    run = await world.scan(shop)
    assert run["state"] == "succeeded"

    changes = await world.root.items("/schema-changes", asset=customer)
    [column] = changes[0]["columns"]
    assert (column["column"], column["kind"], column["breaking"]) == ("mobile", "removed", True)

    incidents = await world.root.items("/quality/incidents", asset=customer, open=True)
    gone = next(each for each in incidents if each["key"] == "schema:mobile")
    assert (gone["kind"], gone["severity"], gone["state"]) == ("schema", "high", "new")

    asset = await world.asset(customer)
    assert asset["open_incidents"] == 1
    graph = await world.root.get(f"/lineage/{asset['id']}/graph")
    broken = {each["to_ref"] for each in graph["flows"] if each["broken"]}
    assert f"{shop}/reporting/fill_call_list%28%29" in broken
    [finding] = await world.root.items(
        "/findings", asset=customer, check="no-open-incidents-on-sensitive-data"
    )
    assert finding["state"] == "open"

    for topic in (
        "sources.schema-changed.v1",
        "catalog.incident-opened.v1",
        "catalog.lineage-broken.v1",
    ):
        assert await world.told(topic, customer), topic
    [warning] = await world.told("catalog.lineage-broken.v1", customer)
    fed = str(warning["payload"]["downstream"])
    assert warning["payload"]["column"] == "mobile"
    assert "call_list" in fed
    assert await world.root.items("/labels", asset=customer, column="mobile") == []


async def test_a_framework_in_force_is_a_rule_set_that_the_next_scan_uses(
    world: World, folder: Path
) -> None:
    (folder / "people.csv").write_text(
        "id,email\n" + "".join(f"{n},person{n}@mail.example\n" for n in range(200))
    )
    settings = {"path": str(folder)}
    source = {"name": "lists", "kind": "files", "settings": settings, "domain": "retail"}
    await world.root.post("/sources", source, status=201)
    officer = await world.person("olga", RoleGrant("compliance_officer"))
    demanded = {"check": "not_null", "label": "contact.email"}

    await officer.post("/frameworks/gdpr/deactivate")
    without = await world.root.get("/effective-rules", source="lists")
    assert "framework-gdpr" not in without["versions"]
    assert not any(demanded.items() <= each.items() for each in without["quality_rules"])
    first = await world.scan("lists")
    assert "framework-gdpr" not in [each["name"] for each in first["rule_sets"]]
    assert await world.root.items("/findings", framework="gdpr", asset="lists/people.csv")

    await officer.post("/frameworks/gdpr/activate")
    effective = await world.root.get("/effective-rules", source="lists")
    version = effective["versions"]["framework-gdpr"]
    assert any(demanded.items() <= each.items() for each in effective["quality_rules"])
    assert any(origin.startswith("framework-gdpr") for origin in effective["origins"].values())
    second = await world.scan("lists")
    assert {"name": "framework-gdpr", "version": version} in second["rule_sets"]
    log = await world.root.items(f"/runs/{second['id']}/log")
    assert f"framework-gdpr v{version}" in log[0]["message"]

    for topic in ("compliance.framework-deactivated.v1", "compliance.framework-activated.v1"):
        assert (await world.told(topic, "gdpr"))[-1]["actor"] == "olga"
    assert await world.told("rulesets.rule-set-retired.v1", "framework-gdpr")
    assert await world.told("rulesets.rule-set-published.v1", "framework-gdpr")


async def test_a_sensitive_source_waits_for_somebody_else_to_agree(
    world: World, folder: Path
) -> None:
    (folder / "wards.csv").write_text("ward,beds\nnorth,12\nsouth,9\n")
    settings = {"path": str(folder)}
    source = {"name": "clinic", "kind": "files", "settings": settings, "sensitive": True}
    await world.root.post("/sources", {**source, "domain": "health"}, status=201)
    both = RoleGrant("compliance_officer", "health")
    erin = await world.person("erin", RoleGrant("engineer", "health"), both)
    otto = await world.person("otto", both)

    run_id = (await erin.post("/scans", {"source": "clinic"}, status=202))["run_id"]

    async def waits() -> bool:
        run = await erin.get(f"/runs/{run_id}")
        return bool(run["state"] == "awaiting_approval")

    await eventually(waits, "the run waits for an approval")
    request = await otto.get(f"/approvals/{run_id}")
    assert (request["requested_by"], request["approved"]) == ("erin", None)
    assert request["reasons"]

    decision = {"approve": True, "reason": "Agreed with the ward."}
    status, why = await erin.refused("POST", f"/approvals/{run_id}/decision", decision)
    assert status in (403, 409)
    assert why.endswith(".")
    assert (await erin.get(f"/runs/{run_id}"))["state"] == "awaiting_approval"

    approved = await otto.post(f"/approvals/{run_id}/decision", decision)
    assert (approved["approved"], approved["decided_by"]) == (True, "otto")
    assert (await world.ended(run_id))["state"] == "succeeded"
    assert (await world.asset("clinic/wards.csv"))["rows"] == 2

    asked = await world.told("scans.approval-requested.v1", "clinic")
    given = await world.told("scans.approval-decided.v1", "clinic")
    assert [each["payload"]["run_id"] for each in [*asked, *given]] == [run_id, run_id]
    assert given[0]["actor"] == "otto"


async def test_bad_files_fail_alone_and_say_what_is_wrong(world: World, folder: Path) -> None:
    pq.write_table(pa.table({"a": list(range(20_000))}), folder / "whole.parquet")
    whole = (folder / "whole.parquet").read_bytes()
    broken = {
        "cut.parquet": whole[: len(whole) // 2],
        "empty.csv": b"",
        "binary.csv": bytes(range(256)) * 50,
        "late.csv": b"a,b\n" + b"1,x\n" * 400_000 + b"2,\xff\xfe\n",
        "cut.csv.gz": gzip.compress(b"a,b\n" + b"1,x\n" * 100_000)[:150],
        "text.ndjson": b"no json\nat all\n",
    }
    good = {
        "good.csv": b"id,name\n1,Anna\n2,Ben\n",
        "western.csv": "id,town\n1,Köln\n2,Zürich\n".encode("cp1252"),
        "ragged.csv": b"a,b,c\n1,2,3\n1,2\n1,2,3,4\n4,5,6\n",
        'odd "name"; drop table x; 🙂.csv': b"id\n1\n",
    }
    for name, content in {**broken, **good}.items():
        (folder / name).write_bytes(content)
    source = {"name": "bad-lake", "kind": "files", "settings": {"path": str(folder)}}
    await world.root.post("/sources", source, status=201)

    run = await world.scan("bad-lake")
    outcomes = await world.root.items(f"/runs/{run['id']}/assets")
    failures = {each["asset"]: each["failure"] for each in outcomes if each["state"] == "failed"}

    assert run["state"] == "partial"
    assert set(failures) == {_ref("bad-lake", name) for name in broken}
    for failure in failures.values():
        assert failure["slug"] == "source-data-unreadable"
        assert failure["sentence"].endswith(".")
        assert str(folder) not in failure["sentence"]
    log = await world.root.items(f"/runs/{run['id']}/log")
    [left_out] = [each for each in log if each["asset"] == _ref("bad-lake", "ragged.csv")]
    assert (left_out["level"], left_out["message"].split()[:2]) == ("warning", ["2", "rows"])
    rows = {}
    for name in ["whole.parquet", *good]:
        rows[name] = (await world.asset(_ref("bad-lake", name)))["rows"]
    assert rows == {"whole.parquet": 20_000, **dict.fromkeys(good, 2), list(good)[-1]: 1}


def _ref(source: str, name: str) -> str:
    return f"{source}/{quote(name, safe='')}"


NORTH = """
create table orders (id int primary key, email text not null);
insert into orders select n, 'buyer' || n || '@mail.example' from generate_series(1, 200) n;
analyze;
"""
ZEBRA = """
create table zebra_patient (id int primary key, zebra_mail text not null, icd10 text not null);
insert into zebra_patient
select n, 'zebra' || n || '@mail.example', (array['E11.9', 'I10', 'J45.909', 'F32.9'])[1 + n % 4]
from generate_series(1, 200) n;
create view zebra_mail as select zebra_mail from zebra_patient;
analyze;
"""


async def test_who_sees_one_domain_learns_nothing_of_another(world: World) -> None:
    await world.database("north", NORTH, domain="north")
    await world.database("zebra", ZEBRA, domain="zebra", owner="zebra-keeper")
    run = await world.scan("north")
    hidden_run = await world.scan("zebra")
    assert (run["state"], hidden_run["state"]) == ("succeeded", "succeeded")
    orders = await world.asset("north/public/orders")
    patients = await world.asset("zebra/public/zebra_patient")
    drawn = {"from_asset": patients["id"], "to_asset": orders["id"]}
    await world.root.post("/lineage/edges", drawn, status=201)
    everywhere = await _seen_by(world.root, world, orders, patients, hidden_run)
    assert len([path for path, text in everywhere.items() if "zebra" in text]) > 15

    vera = await world.person("vera", RoleGrant("viewer", "north"))
    shown = await _seen_by(vera, world, orders, patients, hidden_run)
    assert {path: text for path, text in shown.items() if "zebra" in text} == {}
    assert "orders" in shown["/api/v1/assets"]
    assert "orders" in shown["/api/v1/search?q=mail"]

    graph = await vera.get(f"/lineage/{orders['id']}/graph")
    assert ([node["ref"] for node in graph["nodes"]], graph["hidden"]) == ([orders["ref"]], 1)
    for path in (f"/assets/{patients['id']}", f"/runs/{hidden_run['id']}", "/sources/zebra"):
        assert (await vera.refused("GET", path))[0] == 404
    for path, body in (("/scans", {"source": "zebra"}), ("/sources", {})):
        assert (await vera.refused("POST", path, body))[0] in (403, 404)


async def _seen_by(
    person: Person, world: World, own: Any, foreign: Any, foreign_run: Any
) -> dict[str, str]:
    """What every operation that reads answers, asked about the own and the foreign domain."""
    asked = {"/api/v1/search?q=mail", "/api/v1/search?q=zebra", "/api/v1/search/suggest?q=zebra"}
    asked |= {"/api/v1/compliance/report?format=csv", "/api/v1/effective-rules?source=zebra"}
    asked |= {f"/api/v1/quality/results?asset={foreign['ref']}"}
    known = {
        "asset_id": (own["id"], foreign["id"]),
        "run_id": (foreign_run["id"],),
        "name": ("zebra",),
        "framework_id": ("gdpr", "pci-dss"),
    }
    for path in _readable(world):
        if "{" not in path:
            asked.add(path)
            continue
        for key, values in known.items():
            if path.count("{") == 1 and f"{{{key}}}" in path:
                asked |= {path.replace(f"{{{key}}}", value) for value in values}
    found: dict[str, str] = {}
    for path in sorted(asked):
        answer = await person.http.get(path)
        assert answer.status_code < 500, f"{path}: {answer.text}"
        if answer.status_code == 200:
            found[path] = answer.text.replace("q=zebra", "")
    return found


def _readable(world: World) -> Iterator[str]:
    for path, operations in world.app.openapi()["paths"].items():
        streams = "text/event-stream" in str(operations.get("get", {}).get("responses"))
        if "get" in operations and not streams:
            yield path


async def test_the_audit_trail_holds_all_of_it_and_verifies(world: World, shop: str) -> None:
    async def sealed() -> bool:
        trail = await world.root.get("/audit-trail")
        return bool(trail["unsealed"] == 0)

    await eventually(sealed, "the trail is sealed")
    topics = {each["topic"] for each in await world.root.items("/audit-events")}
    assert topics >= {
        "identity.account-changed.v1",
        "sources.source-registered.v1",
        "sources.credential-stored.v1",
        "scans.run-requested.v1",
        "scans.run-finished.v1",
        "catalog.asset-published.v1",
        "classification.asset-labelled.v1",
        "compliance.finding-opened.v1",
        "compliance.framework-activated.v1",
        "rulesets.rule-set-published.v1",
    }
    verified = await world.root.post("/audit-trail/verify")
    assert (verified["ok"], verified["broken"]) == (True, None)
    assert verified["events"] > 100
    [requested, *_] = await world.told("scans.run-requested.v1", shop)
    proof = await world.root.get(f"/audit-events/{requested['id']}/proof")
    assert proof["event"]["actor"] == "root"
    assert str(world.server.password) not in str(await world.root.items("/audit-events"))
