"""The first page, and the one search that reaches everything."""

import re

from playwright.async_api import Page, expect
from tests.e2e.browser.conftest import Served


async def test_home_answers_four_questions_and_each_number_is_a_link(
    page: Page, served: Served
) -> None:
    await page.goto("/")
    have = page.get_by_role("region", name="What we have")
    await expect(have.get_by_role("link", name=re.compile("^Sources 3"))).to_be_visible()
    for question in ("At risk", "Needs you", "What changed"):
        await expect(page.get_by_role("heading", name=question)).to_be_visible()
    known = served.get("/overview").json()["totals"]["assets"]
    await expect(have.get_by_role("link", name=re.compile(f"^Assets {known}"))).to_be_visible()
    assert await page.locator("main").get_by_role("link").count() >= 15


async def test_the_number_of_critical_findings_opens_exactly_those(
    page: Page, served: Served
) -> None:
    critical = served.get("/compliance/overview").json()["by_severity"]["critical"]
    assert critical > 0
    await page.goto("/")
    await page.get_by_role("link", name=f"{critical} open findings of severity critical").click()
    await expect(page).to_have_url(re.compile(r"/findings\?severity=critical"))
    await expect(page.get_by_role("heading", name=f"{critical} findings")).to_be_visible()


async def test_what_needs_you_opens_as_many_assets_as_it_says(page: Page, served: Served) -> None:
    totals = served.get("/overview").json()["totals"]
    for number, words in (
        (totals["without_owner"], "assets have no owner"),
        (totals["without_description"], "assets are not described"),
    ):
        await page.goto("/")
        await page.get_by_role("link", name=re.compile(f"^{number} ?{words}")).click()
        await expect(page.get_by_text(f"{number} that fit the filters")).to_be_visible()


async def test_the_palette_puts_the_exact_name_first_and_needs_no_mouse(page: Page) -> None:
    await page.goto("/")
    await expect(page.get_by_role("heading", name="At risk")).to_be_visible()
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("combobox", name="Search everything")).to_be_focused()
    await page.keyboard.type("customers")
    first = page.get_by_role("option").first
    await expect(first).to_contain_text("customers")
    await expect(first).to_contain_text("harbour / sales")
    await expect(first).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/assets/harbour/sales/customers$"))
    await expect(page.get_by_role("heading", name="customers", exact=True)).to_be_visible()


async def test_the_palette_reaches_columns_findings_pages_and_actions(page: Page) -> None:
    await page.goto("/assets")
    await expect(page.get_by_role("table", name="Assets")).to_be_visible()
    await page.keyboard.press("/")
    field = page.get_by_role("combobox", name="Search everything")
    await field.fill("card_number")
    options = page.get_by_role("listbox", name="Results")
    await expect(options).to_contain_text("Columns")
    await field.fill("card numbers")
    await expect(options).to_contain_text("Findings")
    await field.fill("rule")
    await expect(options.get_by_role("option", name="Rule sets")).to_be_visible()
    await field.fill("connect")
    await options.get_by_role("option", name="Connect a source").click()
    await expect(page).to_have_url(re.compile("/sources/new$"))


async def test_the_palette_remembers_what_was_looked_at(page: Page) -> None:
    await page.goto("/assets/harbour/sales/orders")
    await expect(page.get_by_role("heading", name="orders", exact=True)).to_be_visible()
    await page.wait_for_timeout(2_000)  # it counts as looked at after a moment
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("option", name="orders").first).to_be_visible()


async def test_who_is_not_signed_in_comes_back_to_where_they_wanted_to_go(
    page: Page, served: Served
) -> None:
    await page.context.clear_cookies()
    await page.goto("/assets/harbour/sales/orders?tab=profile")
    await expect(page).to_have_url(re.compile("/sign-in"))
    await page.get_by_label("Name").fill("admin")
    await page.get_by_role("textbox", name="Password").fill("not the password")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_contain_text("wrong")
    await page.context.add_cookies(served.signed_in["cookies"])  # type: ignore[arg-type]  # the same cookies, read back
    await page.goto("/assets/harbour/sales/orders?tab=profile")
    await expect(page.get_by_role("heading", name="orders", exact=True)).to_be_visible()
