"""Scans are started, watched, scheduled and approved."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Browser, Page, expect
from tests.e2e.browser.conftest import Served

PASSWORD = "a long enough password"


async def test_start_and_watch_a_scan(page: Page) -> None:
    """Asked for on one page, followed to its end on the other, without a reload."""
    await page.goto("/scans")
    await page.get_by_role("button", name="Start a scan").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("combobox", name="Source").click()
    await page.get_by_role("option", name="marketing").click()
    await dialog.get_by_role("button", name="Start", exact=True).click()
    await expect(page.get_by_role("heading", name="Scan of marketing")).to_be_visible()
    await expect(page.get_by_text("Succeeded")).to_be_visible(timeout=60_000)
    done = page.get_by_role("progressbar", name="Scan of marketing")
    await expect(done).to_have_attribute("aria-valuenow", "100")
    await expect(page.get_by_role("table", name="Assets of the scan")).to_contain_text("marketing")

    await page.get_by_role("tab", name="Chunks").click()
    await expect(page.get_by_role("table", name="Chunks")).to_contain_text("Done")
    await page.get_by_role("tab", name="Log").click()
    await expect(page.get_by_role("log")).not_to_be_empty()
    await page.go_back()
    await expect(page.get_by_role("table", name="Scans that ended")).to_contain_text("marketing")


@pytest.fixture
def unscheduled(served: Served) -> Iterator[str]:
    """A source without a schedule; the one it had comes back after the story."""
    with httpx.Client(base_url=f"{served.url}/api/v1", cookies=served.cookies) as client:
        before = [
            each for each in client.get("/schedules").json()["items"] if each["source"] == "lake"
        ]
        drop(client, "lake")
        yield "lake"
        drop(client, "lake")
        for each in before:
            kept = {key: each[key] for key in ("source", "cron", "time_zone", "priority", "paused")}
            client.post("/schedules", json=kept).raise_for_status()


def drop(client: httpx.Client, source: str) -> None:
    """Take the schedule of a source away, where there is one."""
    for each in client.get("/schedules").json()["items"]:
        if each["source"] == source:
            client.delete(f"/schedules/{each['id']}").raise_for_status()


async def test_schedule_pause_and_remove(page: Page, unscheduled: str) -> None:
    """A source is scanned by itself, until it is not."""
    await page.goto("/scans?tab=schedules")
    await page.get_by_role("button", name="New schedule").first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("combobox", name="Source").click()
    await page.get_by_role("option", name=unscheduled).click()
    await dialog.get_by_role("button", name="Every hour").click()
    await dialog.get_by_role("button", name="Save").click()
    row = page.get_by_role("table", name="Schedules").get_by_role("row", name=unscheduled)
    await expect(row).to_contain_text("0 * * * *")

    await row.click()
    await expect(dialog.get_by_text("Next:")).to_be_visible()
    await dialog.get_by_role("switch", name="Paused").click()
    await dialog.get_by_role("button", name="Save").click()
    await expect(row).to_contain_text("Paused")
    await row.click()
    await dialog.get_by_role("button", name="Remove").click()
    await expect(page.get_by_text("The schedule was removed")).to_be_visible()
    await expect(row).to_have_count(0)


async def test_a_bad_cron_is_told_at_once(page: Page, unscheduled: str) -> None:
    await page.goto("/scans?tab=schedules")
    await page.get_by_role("button", name="New schedule").first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("combobox", name="Source").click()
    await page.get_by_role("option", name=unscheduled).click()
    await dialog.get_by_label("When (cron)").fill("99 * * * *")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("alert")).to_be_visible()


@pytest.fixture
def sensitive(served: Served) -> Iterator[str]:
    """The marketing file, marked sensitive for one story."""
    with httpx.Client(base_url=f"{served.url}/api/v1", cookies=served.cookies) as client:
        client.patch("/sources/marketing", json={"sensitive": True}).raise_for_status()
        yield "marketing"
        client.patch("/sources/marketing", json={"sensitive": False}).raise_for_status()


async def test_a_sensitive_scan_waits_for_somebody_else(
    page: Page, browser: Browser, served: Served, sensitive: str
) -> None:
    """Whoever asks does not decide; another sees the statements and says why."""
    run = served.post("/scans", source=sensitive).json()["run_id"]
    await page.goto("/scans?tab=approvals")
    await expect(page.get_by_text("you asked for it").first).to_be_visible()
    await expect(page.get_by_label("Statements")).to_contain_text("sqlite_")

    cookies = an_approver(served)
    context = await browser.new_context(base_url=served.url)
    await context.add_cookies(
        [{"name": n, "value": v, "url": served.url} for n, v in cookies.items()]
    )
    other = await context.new_page()
    await other.goto("/scans?tab=approvals")
    await other.get_by_role("button", name="Approve", exact=True).click()
    dialog = other.get_by_role("dialog")
    approve = dialog.get_by_role("button", name="Approve", exact=True)
    await expect(approve).to_be_disabled()
    await dialog.get_by_label("Why").fill("Agreed with the owner of the data.")
    await approve.click()
    await expect(other.get_by_text("Nothing waits for an approval")).to_be_visible()
    await context.close()

    await page.goto(f"/scans/{run}")
    await expect(page.get_by_text("Succeeded")).to_be_visible(timeout=60_000)


def an_approver(served: Served) -> dict[str, str]:
    """The cookies of a second administrator."""
    name = f"second-{uuid4().hex[:8]}"
    roles = [{"role": "administrator", "domain": "*"}]
    with httpx.Client(base_url=f"{served.url}/api/v1", cookies=served.cookies) as client:
        client.post(
            "/accounts",
            json={
                "name": name,
                "title": "Second",
                "kind": "user",
                "password": PASSWORD,
                "roles": roles,
            },
        ).raise_for_status()
    answer = httpx.post(
        f"{served.url}/api/v1/auth/sign-in", json={"name": name, "password": PASSWORD}
    )
    answer.raise_for_status()
    return dict(answer.cookies.items())
