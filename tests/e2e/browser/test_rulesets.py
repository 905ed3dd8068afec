"""An engineer writes rules in a form that says at each field what is wrong with it."""

import json
from uuid import uuid4

from playwright.async_api import Page, expect
from tests.e2e.browser.conftest import Served


async def test_the_form_says_at_the_field_what_is_wrong(page: Page, served: Served) -> None:
    name = f"rules-{uuid4().hex[:6]}"
    body = {"quality_rules": [{"check": "not_null", "columns": "id"}]}
    served.post("/rule-sets", name=name, title="Night rules", layer="overlay", body=body)
    await page.goto(f"/rule-sets/{name}")
    rows = page.get_by_label("Rows in a partition")
    await rows.fill("10")
    await expect(rows).to_have_attribute("aria-invalid", "true")
    await rows.fill("20000")
    await page.get_by_label("Columns", exact=True).fill("")
    column = page.get_by_label("Or columns with the label")
    await column.fill("contact.emial")
    await expect(column).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_text("There is no classifier contact.emial.").first).to_be_visible()
    await expect(page.get_by_role("button", name="Publish")).to_have_attribute(
        "aria-disabled", "true"
    )

    await column.fill("contact.email")
    await page.get_by_label("Leave out").fill("tmp.*\nscratch.*")
    await expect(page.get_by_text("The rules fit.")).to_be_visible()
    await page.get_by_role("button", name="Keep as draft").click()
    await expect(page.get_by_text("Kept as draft 1")).to_be_visible()

    kept = served.get(f"/rule-sets/{name}/versions/1").json()["body"]
    assert kept["scope"]["exclude"] == ["tmp.*", "scratch.*"]
    assert kept["sampling"]["rows_per_partition"] == 20_000
    [rule] = kept["quality_rules"]
    assert (rule["check"], rule["label"], rule["columns"]) == ("not_null", "contact.email", None)

    await page.get_by_text("JSON", exact=True).click()
    text = page.get_by_label("Rules as JSON")
    written = json.loads(await text.input_value())
    assert written["scope"] == {"exclude": ["tmp.*", "scratch.*"]}
    assert "limits" not in written
    await text.fill('{"limits": {"max_concurrency": 500}}')
    await page.get_by_text("Form", exact=True).click()
    await expect(page.get_by_label("Chunks read at once")).to_have_attribute("aria-invalid", "true")
