"""A compliance officer goes from a score to what fails it, and deals with it."""

import re
from datetime import UTC, datetime, timedelta

from playwright.async_api import Page, expect
from tests.e2e.browser.conftest import Served


async def test_from_the_score_to_exactly_what_fails(page: Page) -> None:
    """Posture, requirement, check, subject, evidence: each opens the next."""
    await page.goto("/compliance")
    await page.get_by_role("link", name="General Data Protection Regulation").click()
    await expect(page.get_by_text(re.compile("of 100"))).to_be_visible()
    await page.get_by_text("Keep data no longer than needed").click()
    failing = page.get_by_role("table", name=re.compile("What fails")).first
    await expect(failing.get_by_role("row").nth(1)).to_be_visible()
    assert "requirement=" in page.url
    await failing.get_by_role("row").nth(1).get_by_role("cell").nth(2).click()
    await expect(page.get_by_role("heading", name="Evidence")).to_be_visible()
    await expect(page.get_by_role("heading", name="What to do")).to_be_visible()
    await expect(page.get_by_text("Finding opened")).to_be_visible()
    await page.get_by_text("How it is checked").click()
    await expect(page.get_by_text("Must hold")).to_be_visible()


async def test_acknowledge_assign_and_resolve(page: Page, served: Served) -> None:
    """What is done can be taken back, and stands in the history."""
    finding = a_finding(served, 0)
    await page.goto(f"/findings/{finding}")
    await page.get_by_role("button", name="Acknowledge").click()
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("button", name="Acknowledge")).to_be_visible()
    await page.get_by_role("button", name="Assign").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("To whom").fill("ada")
    await dialog.get_by_role("button", name="Assign").click()
    await expect(page.get_by_text("Given to ada.")).to_be_visible()
    await expect(page.get_by_text("Finding changed").first).to_be_visible()


async def test_a_waiver_needs_a_reason_and_an_end(page: Page, served: Served) -> None:
    finding = a_finding(served, 1)
    await page.goto(f"/findings/{finding}")
    await page.get_by_role("button", name="Close").click()
    await page.get_by_role("menuitem", name="Waive until a date").click()
    dialog = page.get_by_role("dialog")
    waive = dialog.get_by_role("button", name="Waive", exact=True)
    await dialog.get_by_label("Who answers for the exception").fill("ada")
    await dialog.get_by_label(re.compile("^Why it is accepted")).fill("Moves to the vault soon.")
    await expect(waive).to_be_disabled()
    until = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%d")
    await dialog.get_by_label("Until").fill(until)
    await waive.click()
    await expect(page.get_by_role("heading", name="Waivers")).to_be_visible()
    await page.get_by_role("button", name="End it now").click()
    await page.get_by_role("dialog").get_by_label("Why").fill("It was mended.")
    await page.get_by_role("dialog").get_by_role("button", name="End it").click()
    await expect(page.get_by_text("The waiver ended")).to_be_visible()


async def test_filters_in_the_url_and_bulk(page: Page, served: Served) -> None:
    """Filters survive a reload; a change to many is shown before it is made."""
    await page.goto("/findings")
    await page.get_by_role("combobox", name="Severity").click()
    await page.get_by_role("option", name="High").click()
    await expect(page).to_have_url(re.compile("severity=high"))
    await page.reload()
    table = page.get_by_role("table", name="Findings")
    await expect(table).to_contain_text("High")
    await expect(table).not_to_contain_text("Critical")
    for box in await table.get_by_role("checkbox", name="Select row").all():
        await box.check()
        if "2 findings selected" in await page.locator("main").inner_text():
            break
    bar = page.get_by_role("region", name="Selected findings")
    await bar.get_by_role("button", name="Assign").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("2 findings")
    await dialog.get_by_label("To whom").fill("grace")
    await dialog.get_by_role("button", name="Assign").click()
    await expect(page.get_by_text("2 findings given to grace.")).to_be_visible()
    assert len(served.get("/findings", owner="grace").json()["items"]) == 2


async def test_the_report_in_three_forms(page: Page) -> None:
    await page.goto("/compliance/gdpr")
    await page.get_by_role("button", name="Report").click()
    for item, kind in (("Page", "text/html"), ("Table", "text/csv"), ("Data", "application/json")):
        link = page.get_by_role("menuitem", name=re.compile(f"^{item}"))
        answer = await page.request.get(await link.get_attribute("href") or "")
        assert answer.ok
        assert answer.headers["content-type"].startswith(kind)


async def test_out_of_force_and_in_again(page: Page, served: Served) -> None:
    """A framework out of force leaves the scores and its rule set leaves the scans."""
    await page.goto("/compliance/hipaa")
    await page.get_by_role("button", name="Take out of force").click()
    await page.get_by_role("dialog").get_by_role("button", name="Take out of force").click()
    # Everything is judged again, after what is being judged now.
    told = page.get_by_text("This framework is not in force")
    await expect(told).to_be_visible(timeout=60_000)
    assert not served.get("/frameworks/hipaa").json()["active"]
    await page.get_by_role("button", name="Put in force").click()
    await expect(page.get_by_role("button", name="Take out of force")).to_be_visible()


async def test_findings_on_a_telephone(narrow: Page) -> None:
    await narrow.goto("/findings")
    await expect(narrow.get_by_role("table", name="Findings")).to_contain_text("Critical")
    wide = await narrow.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide


def a_finding(served: Served, number: int) -> str:
    found: str = served.get("/findings", state="open", limit=5).json()["items"][number]["id"]
    return found
