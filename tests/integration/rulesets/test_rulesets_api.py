"""Rule sets through the real API."""

from httpx import AsyncClient

API = "/api/v1/rule-sets"


async def test_a_rule_set_is_written_published_compared_and_retired(client: AsyncClient) -> None:
    wish = {
        "name": "careful",
        "title": "Careful",
        "applies_to": {"kinds": ["postgresql"]},
        "body": {"limits": {"max_concurrency": 1}},
    }
    made = await client.post(API, json=wish)
    assert made.status_code == 201, made.text
    assert (await client.post(API, json=wish)).status_code == 409
    tag = made.headers["etag"]
    published = await client.post(f"{API}/careful/publish", headers={"If-Match": tag})
    assert published.json()["published"] == 1
    stale = await client.put(f"{API}/careful/draft", json={"body": {}}, headers={"If-Match": tag})
    assert stale.status_code == 412
    draft = await client.put(
        f"{API}/careful/draft", json={"body": {"lineage": False}, "note": "No lineage."}
    )
    assert draft.json()["number"] == 2
    await client.post(f"{API}/careful/publish")
    diff = (await client.get(f"{API}/careful/diff", params={"before": 1, "after": 2})).json()
    assert {each["path"] for each in diff} == {"limits.max_concurrency", "lineage"}
    versions = (await client.get(f"{API}/careful/versions")).json()["items"]
    assert [each["number"] for each in versions] == [2, 1]
    restored = await client.post(f"{API}/careful/versions/1/restore")
    assert restored.json()["published"] == 3
    patched = await client.patch(f"{API}/careful", json={"position": 5})
    assert patched.json()["position"] == 5
    retired = await client.delete(f"{API}/careful")
    assert retired.json()["retired"] is True
    names = [each["name"] for each in (await client.get(API)).json()["items"]]
    assert "careful" not in names
    assert "default-any" in names


async def test_problems_name_place_and_remedy(client: AsyncClient) -> None:
    answer = await client.post(
        f"{API}/validate",
        json={"body": {"classifiers": ["contct.*"], "quality_rules": [{"check": "not_nul"}]}},
    )
    found = answer.json()
    assert found["valid"] is False
    places = {each["path"]: each["suggestion"] for each in found["problems"]}
    assert "contact" in places["classifiers.0"]
    assert "not_null" in places["quality_rules.0.check"]
    schema = (await client.get(f"{API}/schema")).json()
    assert "classifiers" in schema["properties"]
    created = await client.post(
        API, json={"name": "bad", "title": "Bad", "body": {"sampling": {"rows": 1}}}
    )
    assert created.status_code == 422
    assert created.json()["errors"][0]["field"] == "sampling.rows"
    layer = await client.post(API, json={"name": "bad", "title": "Bad", "layer": "framework"})
    assert layer.status_code == 422
    unknown = await client.get("/api/v1/effective-rules", params={"source": "nowhere"})
    assert unknown.status_code == 404
    dry = await client.post("/api/v1/effective-rules/dry-run", json={"source": "nowhere"})
    assert dry.status_code == 404
