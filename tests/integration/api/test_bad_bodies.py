"""Bodies that are none: a sentence that says what to send."""

import pytest
from httpx import AsyncClient

BAD = {
    "cut": (b'{"name": ', "application/json", "not valid JSON"),
    "form": (b"name=a", "application/x-www-form-urlencoded", "must be JSON"),
    "xml": (b"<a/>", "application/xml", "must be JSON"),
    "deep": (b"[" * 200_000, "application/json", "valid JSON"),
    "bytes": (b'{"name": "\xff"}', "application/json", "UTF-8"),
    "array": (b"[]", "application/json", "does not fit"),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_body_that_is_none_is_refused_in_a_sentence(client: AsyncClient, name: str) -> None:
    body, kind, words = BAD[name]
    answer = await client.post("/api/v1/sources", content=body, headers={"Content-Type": kind})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.json()["detail"]
