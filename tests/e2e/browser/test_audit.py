"""An auditor reads the trail, and checks it without trusting the server."""

import re
import subprocess
import sys
from pathlib import Path

from playwright.async_api import Page, expect


async def test_verify_now_answers_plainly(page: Page) -> None:
    await page.goto("/audit")
    await page.get_by_role("button", name="Verify now").click()
    result = page.get_by_role("status").filter(has_text="Nothing was changed.")
    await expect(result).to_be_visible(timeout=30_000)
    await expect(result).to_contain_text(re.compile(r"[\d,]+ events under \d+ checkpoints"))


async def test_an_event_with_its_proof(page: Page) -> None:
    """Filtered, opened, proved; and the address restores all of it."""
    await page.goto("/audit")
    await page.get_by_role("combobox", name="About").click()
    await page.get_by_role("option", name="Scans").click()
    await expect(page).to_have_url(re.compile("topic=scans"))
    table = page.get_by_role("table", name="Audit events")
    await expect(table).to_contain_text("Run finished")
    await expect(table).not_to_contain_text("Compliance")
    await table.get_by_text("Run finished").first.click()
    drawer = page.get_by_role("dialog")
    await expect(drawer).to_contain_text("scans.run-finished.v1")
    await expect(drawer).to_contain_text("Signature")
    await page.reload()
    await expect(page.get_by_role("dialog")).to_contain_text("Signature")


async def test_verify_where_muniment_is_not(page: Page, tmp_path: Path) -> None:
    """What the page gives away is enough for one command on another machine."""
    await page.goto("/audit?tab=offline")
    trail, key = tmp_path / "muniment-audit.ndjson", tmp_path / "muniment-audit.pem"
    for button, target in (("Save the trail", trail), ("Save the key", key)):
        address = await page.get_by_role("link", name=button).get_attribute("href")
        answer = await page.request.get(address or "")
        assert answer.ok
        target.write_bytes(await answer.body())
    verify = [sys.executable, "-m", "muniment.cli.main", "audit", "verify"]
    checked = subprocess.run(
        [*verify, "--export", str(trail), "--key", str(key)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr

    lines = trail.read_text("utf-8").splitlines(keepends=True)
    trail.write_text("".join(lines[:3] + lines[4:]), "utf-8")
    again = subprocess.run(
        [*verify, "--export", str(trail), "--key", str(key)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 1


async def test_checkpoints_are_chained(page: Page) -> None:
    await page.goto("/audit?tab=checkpoints")
    rows = page.get_by_role("table", name="Checkpoints").get_by_role("row")
    await expect(rows.nth(1)).to_be_visible()
    newest = await rows.nth(1).get_by_role("cell").last.inner_text()
    assert newest


async def test_the_trail_on_a_telephone(narrow: Page) -> None:
    await narrow.goto("/audit")
    await expect(narrow.get_by_role("table", name="Audit events")).to_be_visible()
    wide = await narrow.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide
