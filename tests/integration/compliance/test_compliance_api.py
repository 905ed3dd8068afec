"""Compliance and the trail through the real API: findings, waivers, proofs, reports."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from httpx import ASGITransport, AsyncClient
from tests.conftest import token_for
from typer.testing import CliRunner

from muniment.cli.audit import app as audit_cli
from muniment.compliance.audit.merkle import leaf_hash, proves
from muniment.compliance.audit.service import AuditTrail
from muniment.compliance.jobs import seal_trail
from muniment.composition.product import Product
from muniment.kernel.principal import RoleGrant

API = "/api/v1"


@pytest.fixture
async def judged(client: AsyncClient) -> str:
    """An estate with nothing in it but its trail and an account has findings already."""
    answer = await client.post(f"{API}/compliance/judge")
    assert answer.status_code == 200, answer.text
    assert answer.json()["open_findings"] > 0
    page = (await client.get(f"{API}/findings", params={"check": "tokens-expire"})).json()
    [found] = page["items"]
    finding: str = found["id"]
    return finding


async def seal(product: Product) -> None:

    @asynccontextmanager
    async def open_trail() -> AsyncIterator[AuditTrail]:
        async with product.writing() as unit:
            yield unit.compliance.trail

    await seal_trail(open_trail)


async def as_account(app: object, product: Product, name: str, *roles: RoleGrant) -> AsyncClient:
    secret = await token_for(product, name, *roles)
    return AsyncClient(
        transport=ASGITransport(app=app),  # type: ignore[arg-type]  # the FastAPI fixture
        base_url="http://muniment.test",
        headers={"Authorization": f"Bearer {secret}"},
    )


async def test_a_finding_is_worked_on_with_versions(client: AsyncClient, judged: str) -> None:
    url = f"{API}/findings/{judged}"
    shown = await client.get(url)
    finding = shown.json()
    assert finding["subject"] == "account:root"
    assert finding["remedy"]
    assert finding["evidence"]["account"]["tokens_without_expiry"] == 1
    assert "soc2" in finding["frameworks"]
    tag = shown.headers["etag"]

    taken = await client.post(f"{url}/assign", json={"owner": "bob"}, headers={"If-Match": tag})
    assert taken.status_code == 200
    stale = await client.post(f"{url}/acknowledge", headers={"If-Match": tag})
    assert stale.status_code == 412
    assert (await client.post(f"{url}/acknowledge")).json()["state"] == "acknowledged"
    assert (await client.post(f"{url}/start")).json()["state"] == "in_progress"
    done = await client.post(f"{url}/resolve", json={"reason": "Token replaced."})
    assert done.json()["resolution"] == "Token replaced."
    again = await client.post(f"{url}/acknowledge")
    assert again.status_code == 409
    assert again.headers["content-type"] == "application/problem+json"


async def test_filters_pages_and_bulk(client: AsyncClient, judged: str) -> None:
    everything = (await client.get(f"{API}/findings", params={"total": True, "limit": 1})).json()
    assert everything["total"] > 1
    assert len(everything["items"]) == 1
    seen = [everything["items"][0]["id"]]
    cursor = everything["next_cursor"]
    while cursor:
        page = (await client.get(f"{API}/findings", params={"limit": 1, "cursor": cursor})).json()
        seen += [each["id"] for each in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen)) == everything["total"]

    medium = await client.get(
        f"{API}/findings", params={"severity": ["medium"], "state": ["open"], "framework": "soc2"}
    )
    assert judged in [each["id"] for each in medium.json()["items"]]
    unknown = "00000000-0000-7000-8000-000000000000"
    bulk = await client.post(
        f"{API}/findings/bulk",
        json={"ids": [judged, unknown], "owner": "bob", "state": "acknowledged"},
    )
    assert bulk.json()["changed"] == [judged]
    assert bulk.json()["left"][0]["id"] == unknown
    assert (
        await client.post(f"{API}/findings/bulk", json={"ids": [judged], "state": "waived"})
    ).status_code == 422


async def test_a_waiver_needs_the_permission_and_another_person(
    client: AsyncClient, judged: str, app: object, product: Product
) -> None:
    await client.post(f"{API}/findings/{judged}/assign", json={"owner": "officer"})
    wish = {
        "finding_id": judged,
        "reason": "Token is replaced next week.",
        "owner": "officer",
        "expires_at": (datetime.now(UTC) + timedelta(days=7)).isoformat(),
    }
    async with await as_account(app, product, "sam", RoleGrant("viewer")) as viewer:
        assert (await viewer.post(f"{API}/waivers", json=wish)).status_code == 403
    officer_role = RoleGrant("compliance_officer")
    async with await as_account(app, product, "officer", officer_role) as officer:
        own = await officer.post(f"{API}/waivers", json=wish)
        assert own.status_code == 403
        assert "somebody else" in own.json()["detail"]
    granted = await client.post(f"{API}/waivers", json=wish)
    assert granted.status_code == 201, granted.text
    assert (await client.get(f"{API}/findings/{judged}")).json()["state"] == "waived"
    revoked = await client.post(
        f"{API}/waivers/{granted.json()['id']}/revoke", json={"reason": "Changed our mind."}
    )
    assert revoked.json()["state"] == "revoked"
    assert (await client.get(f"{API}/findings/{judged}")).json()["state"] == "open"


async def test_frameworks_and_checks_are_shown(client: AsyncClient, judged: str) -> None:
    frameworks = (await client.get(f"{API}/frameworks")).json()
    assert {each["id"] for each in frameworks} == {"gdpr", "soc2", "hipaa", "pci-dss"}
    requirements = (await client.get(f"{API}/frameworks/soc2/requirements")).json()
    assert len(requirements) == 61
    coverage = (
        await client.get(
            f"{API}/frameworks/soc2/coverage", params={"requirement": "CC6.2", "verdict": "broken"}
        )
    ).json()
    assert "account:root" in [each["subject"] for each in coverage["items"]]
    scores = (await client.get(f"{API}/frameworks/soc2/scores")).json()
    assert len(scores["items"]) == 1
    off = await client.post(f"{API}/frameworks/hipaa/deactivate")
    assert off.json()["active"] is False
    on = await client.post(f"{API}/frameworks/hipaa/activate")
    assert on.json()["active"] is True
    sets = (await client.get(f"{API}/rule-sets", params={"layer": "framework"})).json()
    assert [each["name"] for each in sets["items"]] == ["framework-hipaa"]
    assert (await client.get(f"{API}/frameworks/nothing")).status_code == 404

    checks = (await client.get(f"{API}/compliance/checks")).json()
    assert len(checks) >= 30
    detail = (await client.get(f"{API}/compliance/checks/tokens-expire")).json()
    assert {"framework": "soc2", "requirement": "CC6.2"} in detail["requirements"]
    tried = await client.post(
        f"{API}/compliance/checks/owner-of-personal-data/test",
        json={"facts": {"asset": {"personal": True}}},
    )
    assert tried.json() == {"in_scope": True, "verdict": "broken"}
    draft = {"entity": "asset", "holds": "asset.rows > 3", "facts": {"asset": {"rows": 5}}}
    assert (await client.post(f"{API}/compliance/checks/test", json=draft)).json()[
        "verdict"
    ] == "holds"
    bad = await client.post(
        f"{API}/compliance/checks/test", json={**draft, "holds": "asset.rows >"}
    )
    assert bad.status_code == 422
    assert "cannot be read" in bad.json()["detail"]
    overview = (await client.get(f"{API}/compliance/overview")).json()
    assert overview["open"] > 0
    assert (await client.get(f"{API}/compliance/breakdown", params={"by": "owner"})).json()


@pytest.mark.parametrize("format_", ["html", "json", "csv"])
async def test_reports_come_in_three_forms(client: AsyncClient, judged: str, format_: str) -> None:
    for url in ("/frameworks/gdpr/report", "/compliance/report"):
        answer = await client.get(f"{API}{url}", params={"format": format_})
        assert answer.status_code == 200
        assert format_ in answer.headers["content-type"]
        assert "5(1)(f)" in answer.text


async def test_the_trail_is_read_verified_and_proved(
    client: AsyncClient, judged: str, product: Product
) -> None:
    await seal(product)
    trail = (await client.get(f"{API}/audit-trail")).json()
    assert trail["checkpoints"] == 1
    verified = (await client.post(f"{API}/audit-trail/verify")).json()
    assert verified["ok"] is True
    assert verified["events"] >= trail["events"]
    events = (
        await client.get(f"{API}/audit-events", params={"topic": "compliance.", "limit": 5})
    ).json()["items"]
    proof = (await client.get(f"{API}/audit-events/{events[0]['id']}/proof")).json()
    checkpoint = proof["checkpoint"]
    leaf = leaf_hash(proof["content"].encode())
    path = [bytes.fromhex(each) for each in proof["path"]]
    assert proves(leaf, proof["index"], checkpoint["size"], path, bytes.fromhex(checkpoint["root"]))
    key = load_pem_public_key((await client.get(f"{API}/audit-trail/key")).content)
    key.verify(  # type: ignore[union-attr,call-arg]  # an Ed25519 key; raises when it does not fit
        base64.b64decode(checkpoint["signature"]), base64.b64decode(proof["signed"])
    )
    listed = (await client.get(f"{API}/audit-trail/checkpoints")).json()
    assert listed["items"][0]["hash"] == verified["head"]


async def test_an_export_is_verified_by_the_command_line(
    client: AsyncClient, judged: str, product: Product, tmp_path: Path
) -> None:
    assert (await client.get(f"{API}/audit-trail/export")).status_code == 404
    await seal(product)
    answer = await client.get(f"{API}/audit-trail/export")
    file = tmp_path / "trail.ndjson"
    file.write_bytes(answer.content)
    key = tmp_path / "key.pem"
    key.write_bytes((await client.get(f"{API}/audit-trail/key")).content)

    good = CliRunner().invoke(
        audit_cli, ["verify", "--export", str(file), "--key", str(key), "--json"]
    )
    assert good.exit_code == 0, good.output
    assert json.loads(good.output)["ok"] is True
    file.write_bytes(answer.content.replace(b"account:root", b"account:toor"))
    bad = CliRunner().invoke(audit_cli, ["verify", "--export", str(file)])
    assert bad.exit_code == 1
    assert "was changed after it was sealed" in bad.output


async def test_one_domain_does_not_read_the_trail_of_all(app: object, product: Product) -> None:
    async with await as_account(app, product, "hana", RoleGrant("auditor", "hr")) as auditor:
        refused = await auditor.get(f"{API}/audit-events")
        assert refused.status_code == 403
        assert (await auditor.get(f"{API}/findings")).json()["items"] == []
