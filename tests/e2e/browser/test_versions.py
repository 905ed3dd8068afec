"""A draft of a classifier is judged, published, and taken back."""

from uuid import uuid4

from playwright.async_api import Page, expect
from tests.e2e.browser.conftest import Served


async def test_a_draft_is_judged_published_and_rolled_back(page: Page, served: Served) -> None:
    mark = uuid4().hex[:6]
    entry = {
        "id": f"custom.berth_{mark}",
        "title": f"Berth {mark}",
        "category": "business",
        "sensitivity": "internal",
        "patterns": ["BE-[0-9]{6}"],
        "examples": {"hit": ["BE-123456"], "miss": ["BE-12"]},
    }
    served.post("/classifiers", classifier=entry)
    await page.goto(f"/classifiers?classifier={entry['id']}")
    await page.get_by_role("dialog").get_by_role("button", name="Change").click()
    form = page.get_by_role("dialog", name=f"Change Berth {mark}")
    await form.get_by_text("Check, range, shares").click()
    await form.get_by_label("Rows that must match at least").fill("3")
    await form.get_by_role("button", name="See what it changes").click()
    await expect(form.get_by_text("The gate is open")).to_be_visible(timeout=60_000)
    await form.get_by_role("button", name="Publish").click()
    await expect(form).to_be_hidden()
    assert served.get(f"/classifiers/{entry['id']}").json()["entry"]["min_count"] == 3

    await page.goto(f"/classifiers?classifier={entry['id']}")
    drawer = page.get_by_role("dialog")
    await drawer.get_by_role("button", name="Roll back to it").click()
    await drawer.get_by_role("button", name="Roll back", exact=True).click()
    await expect(drawer.get_by_text("Version 3", exact=True)).to_be_visible()
    now = served.get(f"/classifiers/{entry['id']}").json()
    assert (now["version"], now["entry"]["min_count"]) == (3, 1)
    served.post(f"/classifiers/{entry['id']}/retire")
