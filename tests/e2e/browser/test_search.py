"""Words, not names: search tells why, narrows, and can be sent to somebody."""

import re

from playwright.async_api import Page, expect
from tests.e2e.browser.conftest import Served


async def test_results_tell_why_they_match_how_good_and_whose(page: Page, served: Served) -> None:
    asset = served.get("/assets/by-ref", ref="harbour/sales/customers").json()
    await page.goto("/search")
    await page.get_by_label("What you look for").fill("customers")
    results = page.get_by_role("list", name=re.compile("^Results"))
    first = results.get_by_role("listitem").first
    await expect(first.get_by_role("link", name="customers", exact=True)).to_be_visible()
    await expect(first).to_contain_text("E-mail address")
    await expect(first).to_contain_text("Confidential")
    await expect(first).to_contain_text(asset["owner"] or "no owner")
    await expect(first.locator("mark")).to_have_text("customers")


async def test_a_typing_error_is_forgiven_and_said(page: Page) -> None:
    await page.goto("/search?q=custmers")
    results = page.get_by_role("list", name=re.compile("^Results"))
    await expect(results).to_contain_text("typing error forgiven")
    await expect(results.get_by_role("link", name="customers", exact=True)).to_be_visible()


async def test_a_question_in_words_is_answered_and_says_what_is_missing(page: Page) -> None:
    await page.goto("/search?q=revenue by customer")
    results = page.get_by_role("list", name=re.compile("^Results"))
    await expect(results.get_by_role("listitem").first).to_contain_text("customer")
    await page.goto("/search?q=zebra of the customers")
    await expect(page.get_by_role("status").filter(has_text="result")).to_contain_text(
        "None has every word"
    )
    await expect(results.get_by_role("listitem").first).to_contain_text("without zebra")


async def test_filters_narrow_and_the_address_restores_them(page: Page) -> None:
    await page.goto("/search?q=customer")
    total = page.get_by_role("status").filter(has_text="result")
    await expect(total).to_contain_text("for “customer”")
    before = await total.inner_text()
    await page.get_by_role("checkbox", name="Kind: table").check()
    await expect(page).to_have_url(re.compile("kind=table"))
    await expect(total).not_to_have_text(before)
    narrowed = await total.inner_text()
    await page.reload()
    await expect(page.get_by_role("checkbox", name="Kind: table")).to_be_checked()
    await expect(total).to_have_text(narrowed)


async def test_the_results_are_walked_with_j_k_and_enter(page: Page) -> None:
    await page.goto("/search?q=customer")
    results = page.get_by_role("list", name=re.compile("^Results"))
    second = await results.get_by_role("listitem").nth(1).get_by_role("link").first.inner_text()
    await page.get_by_label("What you look for").press("Enter")
    await expect(results).to_be_focused()
    for key in ("j", "j", "k"):
        await page.keyboard.press(key)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name=second, exact=True)).to_be_visible()


async def test_an_engineer_learns_what_dropping_a_column_would_break(page: Page) -> None:
    await page.goto("/")
    await expect(page.get_by_role("button", name="Search everything")).to_be_visible()
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("combobox", name="Search everything")).to_be_focused()
    await page.keyboard.type("customers")
    await expect(page.get_by_role("option").first).to_contain_text("harbour / sales")
    await page.keyboard.press("Enter")
    await page.get_by_role("tab", name="Lineage").click()
    await page.get_by_text("Impact of a change").click()
    await page.get_by_label("What would change").first.click()
    await page.get_by_role("option", name="email", exact=True).click()
    table = page.get_by_role("table", name="Impact")
    await expect(table).to_contain_text("v_customer_360")
    await expect(page.get_by_text(re.compile(r"\d+ assets would be reached"))).to_be_visible()
    await page.get_by_role("button", name="Copy link to this view").click()
    link = await page.evaluate("navigator.clipboard.readText()")
    await page.goto("/")
    await page.goto(link)
    await expect(page.get_by_role("table", name="Impact")).to_contain_text("v_customer_360")
