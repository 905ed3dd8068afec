"""The asset page: what it is, how it stands, and everything that is known of it."""

import re
from urllib.parse import quote

import pytest
from playwright.async_api import Page, expect
from tests.e2e.browser.conftest import Served

CUSTOMERS = "/assets/harbour/sales/customers"
VIEW = "/assets/harbour/crm/v_customer_360"

UNNAMED = """() => [...document.querySelectorAll('button, a[href], input, select, textarea')]
  .filter((each) => each.offsetParent !== null)
  .filter((each) => !(each.getAttribute('aria-label') || each.textContent.trim() || each.title
    || each.labels?.length || each.getAttribute('aria-labelledby') || each.querySelector('[alt]')))
  .map((each) => each.outerHTML.slice(0, 160))"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PAGES = [
    "/",
    "/search?q=customer",
    "/assets",
    CUSTOMERS,
    f"{CUSTOMERS}?tab=profile&column=email",
    f"{CUSTOMERS}?tab=lineage&view=table",
    f"{CUSTOMERS}?tab=quality",
    f"{CUSTOMERS}?tab=compliance",
    f"{CUSTOMERS}?tab=samples",
    f"{CUSTOMERS}?tab=history",
]


async def settled(page: Page) -> None:
    await expect(page.locator("main h1")).to_be_visible()
    await expect(page.locator("[aria-busy=true]")).to_have_count(0)


async def test_columns_carry_type_labels_shape_and_checks(page: Page) -> None:
    await page.goto(CUSTOMERS)
    row = page.get_by_role("table", name="Columns").get_by_role("row").filter(has_text="email")
    await expect(row.first).to_contain_text("text")
    await expect(row.first.get_by_role("button", name=re.compile("E-mail address"))).to_be_visible()
    await expect(row.first.get_by_role("img", name="Distribution of email")).to_be_visible()


async def test_a_label_opens_its_evidence_and_is_confirmed_there(
    page: Page, served: Served
) -> None:
    undecided = served.get("/labels", state="suggested", tier="rule", source="harbour", limit=50)
    label = next(
        card
        for each in undecided.json()["items"]
        if (card := served.get(f"/labels/{each['id']}").json())["evidence"].get("matched")
    )
    title, column = label["title"], label["column_name"]
    await page.goto(f"/assets/{quote(label['asset'])}?find={quote(column)}")
    row = page.get_by_role("table", name="Columns").get_by_role("row")
    named = row.filter(has=page.locator("strong").get_by_text(column, exact=True))
    await named.get_by_role("button", name=re.compile(re.escape(title))).click()
    card = page.get_by_role("dialog", name=f"Why {column} is labelled {title}")
    await expect(card).to_contain_text("different values match")
    await card.get_by_role("button", name="Confirm").click()
    await expect(page.get_by_text(f"{title} on {column} is confirmed.")).to_be_visible()
    assert served.get(f"/labels/{label['id']}").json()["state"] == "confirmed"


async def test_the_owner_is_changed_in_place_and_history_tells(page: Page) -> None:
    await page.goto("/assets/harbour/sales/order_lines")
    await page.get_by_role("button", name="Change the owner").click()
    await page.get_by_label("Who answers for it").fill("shop team")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Saved.")).to_be_visible()
    await expect(page.locator("header").filter(has_text="Owner")).to_contain_text("shop team")
    await page.get_by_role("tab", name="History").click()
    difference = page.get_by_role("listitem").filter(has_text="owner")
    await expect(difference.last).to_contain_text("shop team")


async def test_who_comes_second_is_told_and_keeps_what_they_typed(
    page: Page, served: Served
) -> None:
    await page.goto("/assets/harbour/sales/products")
    await page.get_by_role("button", name="Change the owner").click()
    field = page.get_by_label("Who answers for it")
    await field.fill("second")
    asset = served.get("/assets/by-ref", ref="harbour/sales/products").json()
    served.patch(f"/assets/{asset['id']}", owner="first")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Somebody else was quicker")).to_be_visible()
    await expect(field).to_have_value("second")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    assert served.get(f"/assets/{asset['id']}").json()["owner"] == "second"


async def test_lineage_unfolds_one_hop_at_a_time_and_the_address_restores_it(page: Page) -> None:
    await page.goto(f"{VIEW}?tab=lineage")
    cards = page.locator(".react-flow__node")
    await expect(cards.first).to_be_visible()
    before = await cards.count()
    fold = page.get_by_role("button", name=re.compile(r"^Show \d+ more upstream")).first
    await fold.click()
    await expect(cards).not_to_have_count(before)
    await expect(page).to_have_url(re.compile("open="))
    after = await cards.count()
    await page.reload()
    await expect(cards).to_have_count(after)
    await page.get_by_role("radiogroup", name="View").get_by_text("Table").click()
    rows = page.get_by_role("table", name="Lineage").get_by_role("row")
    await expect(rows).to_have_count(after + 1)


async def test_lineage_is_walked_with_the_arrow_keys(page: Page) -> None:
    await page.goto(f"{VIEW}?tab=lineage")
    focus = page.locator(".react-flow__node").get_by_role(
        "link", name=re.compile("^v_customer_360 ")
    )
    await focus.focus()
    await page.keyboard.press("ArrowRight")
    onwards = page.locator(".react-flow__node a:focus")
    await expect(onwards).to_contain_text("v_customer_360_masked")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("v_customer_360_masked"))


async def test_a_column_is_traced_through_the_graph(page: Page) -> None:
    await page.goto(f"{VIEW}?tab=lineage&fields=1")
    await page.get_by_role("button", name="Trace email of v_customer_360", exact=True).click()
    await expect(page).to_have_url(re.compile("trace="))
    lit = page.locator("[data-traced]")
    await expect(lit.filter(has_text="email").first).to_be_visible()
    assert await lit.count() >= 2


async def test_samples_of_sensitive_columns_are_shapes(page: Page) -> None:
    await page.goto(f"{CUSTOMERS}?tab=samples")
    table = page.get_by_role("table", name="Samples")
    row = table.get_by_role("row").filter(has_text="first_name")
    await expect(row).to_contain_text("only their shape")
    shown = await row.locator(".mono").all_inner_texts()
    assert shown
    assert all(re.fullmatch(r"[xX9\W]*…?", value) for value in shown), shown


async def test_a_failed_check_opens_what_was_expected_and_seen(page: Page) -> None:
    await page.goto(f"{CUSTOMERS}?tab=quality&status=failed")
    await page.get_by_role("table", name="Checks").get_by_role("row").nth(1).click()
    drawer = page.get_by_role("dialog")
    await expect(drawer).to_contain_text("Expected")
    await expect(drawer).to_contain_text("Observed")
    await expect(page).to_have_url(re.compile("check="))


async def test_an_unknown_asset_says_what_to_do(page: Page) -> None:
    await page.goto("/assets/harbour/sales/nothing_like_this")
    await expect(page.get_by_role("heading", name="There is no such asset")).to_be_visible()


async def test_the_filters_of_the_list_live_in_the_address(page: Page) -> None:
    await page.goto("/assets?source=harbour&sensitivity=restricted")
    table = page.get_by_role("table", name="Assets")
    await expect(table).to_contain_text("Restricted")
    await expect(table).not_to_contain_text("Confidential")
    await table.focus()
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/assets/harbour/"))


async def test_many_assets_get_an_owner_at_once(page: Page, served: Served) -> None:
    await page.goto("/assets?source=marketing&kind=table")
    boxes = page.get_by_role("checkbox", name="Select row")
    await boxes.nth(0).check()
    await boxes.nth(1).check()
    await page.get_by_role("button", name="Set the owner").click()
    await page.get_by_label("Who answers for them").fill("marketing team")
    await expect(page.get_by_text("2 assets will change")).to_be_visible()
    await page.get_by_role("button", name="Change 2 assets").click()
    await expect(page.get_by_text("2 assets changed.")).to_be_visible()
    owned = served.get("/assets", owner="marketing team", total=True).json()["total"]
    assert owned == 2


@pytest.mark.parametrize("path", PAGES)
async def test_every_control_has_a_name_and_nothing_runs_out_of_the_page(
    page: Page, path: str
) -> None:
    await page.goto(path)
    await settled(page)
    assert await page.evaluate(UNNAMED) == []
    assert await page.evaluate(OVERFLOW) <= 0


@pytest.mark.parametrize("path", PAGES)
async def test_a_telephone_shows_every_page_within_its_width(narrow: Page, path: str) -> None:
    await narrow.goto(path)
    await settled(narrow)
    assert await narrow.evaluate(OVERFLOW) <= 0
