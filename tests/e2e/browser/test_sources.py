"""An administrator connects a source, and looks after it."""

import sqlite3
from pathlib import Path

from playwright.async_api import Page, expect
from tests.e2e.browser.conftest import Served


def a_database(folder: Path) -> Path:
    """A small SQLite file with two tables, one of them to be left out."""
    path = folder / "branch.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE visitors (id INTEGER PRIMARY KEY, email TEXT)")
        connection.executemany(
            "INSERT INTO visitors (email) VALUES (?)",
            [(f"guest{n}@mail.example",) for n in range(50)],
        )
        connection.execute("CREATE TABLE tmp_import (line TEXT)")
    connection.close()
    return path


async def test_connect_test_preview_and_scan(page: Page, served: Served, tmp_path: Path) -> None:
    """From nothing to a scanned source, with a filter that the first scan already keeps to."""
    path = a_database(tmp_path)
    await page.goto("/sources")
    await page.get_by_role("link", name="New source").click()
    await page.get_by_role("radio", name="SQLite").click()
    await page.get_by_label("Database file").fill(str(path))
    await page.get_by_role("button", name="Test the connection").click()
    steps = page.get_by_role("list", name="Steps of the connection test")
    await expect(steps.get_by_label("failed")).to_have_count(0)
    await expect(steps.get_by_label("passed").first).to_be_visible()

    await page.get_by_label("Leave out").fill("tmp_*")
    await page.get_by_role("button", name="Preview what matches").click()
    await expect(page.get_by_role("heading", name="Taken in: 1")).to_be_visible()
    await expect(page.get_by_label("Left out", exact=True)).to_contain_text("tmp_import")

    await expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_value("branch")
    await page.get_by_role("button", name="Register and scan").click()
    await expect(page.get_by_role("heading", name="Scan of branch")).to_be_visible()
    await expect(page.get_by_text("Succeeded")).to_be_visible(timeout=60_000)
    assets = page.get_by_role("table", name="Assets of the scan")
    await expect(assets).to_contain_text("branch / visitors")
    await expect(assets).not_to_contain_text("tmp_import")

    await remove(page, "branch")
    names = [source["name"] for source in served.get("/sources").json()["items"]]
    assert "branch" not in names


async def remove(page: Page, name: str) -> None:
    """Forget a source, as its page lets one do only with its name typed."""
    await page.goto(f"/sources/{name}?tab=settings")
    await page.get_by_role("button", name="Remove the source").click()
    confirm = page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True)
    await expect(confirm).to_be_disabled()
    await page.get_by_label(f"Type {name} to go on").fill(name)
    await confirm.click()
    await expect(page.get_by_role("heading", name="Sources", level=1)).to_be_visible()


async def test_a_failing_test_says_what_to_do(page: Page) -> None:
    """A wrong path fails at its step, with the remedy beside it; the rest is not tried."""
    await page.goto("/sources/new?kind=sqlite")
    await page.get_by_label("Database file").fill("/nowhere/at/all.db")
    await page.get_by_role("button", name="Test the connection").click()
    steps = page.get_by_role("list", name="Steps of the connection test")
    await expect(steps.get_by_label("failed")).to_have_count(1)
    await expect(steps).to_contain_text("path")
    await expect(page.get_by_text("The test failed")).to_be_visible()


async def test_health_and_schema_of_a_source(page: Page) -> None:
    """Answer times, a probe on demand, and the snapshots that scans took."""
    await page.goto("/sources/harbour")
    await page.get_by_role("button", name="Probe now").click()
    await expect(page.get_by_text("It answered in")).to_be_visible()
    await expect(page.get_by_role("table", name="Probes")).to_contain_text("Healthy")
    await page.get_by_role("tab", name="Schema").click()
    await expect(page.get_by_role("table", name="Snapshots")).to_contain_text("first")


async def test_grant_script_can_be_copied(page: Page) -> None:
    """The least that an account needs, made from the schemas that are there."""
    await page.goto("/sources/harbour?tab=settings")
    await page.get_by_role("button", name="Make the script").click()
    script = page.get_by_label("Grant script")
    await expect(script).to_contain_text("grant select")
    await page.get_by_role("button", name="Copy", exact=True).click()
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert "grant select" in copied


async def test_sources_on_a_telephone(narrow: Page) -> None:
    """Nothing is wider than the screen, and each row still says what it is."""
    await narrow.goto("/sources")
    await expect(narrow.get_by_role("table", name="Sources")).to_contain_text("harbour")
    wide = await narrow.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide
