"""A steward decides suggested labels with the keyboard."""

import re
from uuid import uuid4

from playwright.async_api import Page, expect
from tests.e2e.browser.conftest import Served


async def test_decide_and_take_back_by_keyboard(page: Page, served: Served) -> None:
    """j and k move, y confirms the whole group, u takes it back."""
    before = served.get("/review-queue", limit=5).json()
    second = before["items"][1]
    await page.goto("/review")
    groups = page.get_by_role("list", name="Groups to decide")
    await expect(groups.locator("[aria-current]")).to_contain_text(before["items"][0]["title"])
    await page.keyboard.press("j")
    await expect(groups.locator("[aria-current]")).to_contain_text(second["title"])
    await expect(page.get_by_text(f"Why {second['title'].lower()}?")).to_be_visible()

    await page.keyboard.press("y")
    await expect(page.get_by_text(re.compile("confirmed"))).to_be_visible()
    label = second["sample"][0]["id"]
    await expect(page.get_by_text(f"{before['total'] - 1} groups to decide")).to_be_visible()
    assert served.get(f"/labels/{label}").json()["state"] == "confirmed"

    await page.keyboard.press("u")
    await expect(page.get_by_text(re.compile("Taken back"))).to_be_visible()
    await expect(page.get_by_text(f"{before['total']} groups to decide")).to_be_visible()
    assert served.get(f"/labels/{label}").json()["state"] == "suggested"


async def test_bulk_rejects_with_undo(page: Page, served: Served) -> None:
    """Two groups at once, and back again through the notice."""
    total = served.get("/review-queue", limit=1).json()["total"]
    await page.goto("/review")
    await expect(page.get_by_text(f"{total} groups to decide")).to_be_visible()
    await page.keyboard.press("x")
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    bar = page.get_by_role("region", name="Selected groups")
    await expect(bar).to_contain_text("2 groups")
    await bar.get_by_role("button", name="Reject all").click()
    await expect(page.get_by_text(f"{total - 2} groups to decide")).to_be_visible()
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_text(f"{total} groups to decide")).to_be_visible()


async def test_evidence_tells_for_and_against(page: Page) -> None:
    await page.goto("/review")
    await expect(page.get_by_text("different values match").first).to_be_visible()
    await expect(page.get_by_role("rowheader", name="Before looking")).to_be_visible()


async def test_coverage_and_all_labels(page: Page) -> None:
    await page.goto("/review?tab=coverage")
    await expect(page.get_by_role("table", name="Coverage by source")).to_contain_text("harbour")
    await page.get_by_role("tab", name="All labels").click()
    await expect(page.get_by_role("table", name="Labels")).to_contain_text("harbour")


async def test_try_values_with_the_engine(page: Page) -> None:
    """The same engine that scans use says what values are."""
    await page.goto("/classifiers")
    await page.get_by_label("Values, one a line").fill("anna@mail.example\nbo@shop.example")
    await page.get_by_label("Name of the column").fill("cust_email")
    await page.get_by_role("button", name="What is it?").click()
    await expect(page.get_by_role("button", name="E-mail address")).to_be_visible()


async def test_a_classifier_of_ones_own(page: Page) -> None:
    """It must agree with its examples before it is kept."""
    mark = uuid4().hex[:6]
    await page.goto("/classifiers")
    await page.get_by_role("button", name="New classifier").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("Title").fill(f"Badge {mark}")
    await expect(form.get_by_label("Id")).to_have_value(f"custom.badge_{mark}")
    await form.get_by_role("combobox", name="Category").click()
    await page.get_by_role("option").first.click()
    await form.get_by_label("Patterns").fill(r"BX-\d{6}")
    await form.get_by_label("Column names that say it").fill("badge number")
    await form.get_by_label("Examples that it must hit").fill("BX-12345")
    await form.get_by_role("button", name="Create").click()
    await expect(form.get_by_role("alert")).to_be_visible()
    await form.get_by_label("Examples that it must hit").fill("BX-123456")
    await form.get_by_role("button", name="Create").click()
    await expect(form).to_be_hidden()
    await page.get_by_label("Search classifiers").fill(f"badge {mark}")
    await page.get_by_role("table", name="Classifiers").get_by_text(f"Badge {mark}").click()
    await page.get_by_role("dialog").get_by_role("button", name="Retire").click()
    await expect(page.get_by_text("Retired: scans to come")).to_be_visible()
    await expect(page.get_by_text("No classifier like this")).to_be_visible()


async def test_changing_a_classifier_keeps_what_the_form_does_not_show(
    page: Page, served: Served
) -> None:
    mark = uuid4().hex[:6]
    entry = {
        "id": f"custom.badge_{mark}",
        "title": f"Badge {mark}",
        "category": "business",
        "sensitivity": "internal",
        "patterns": ["BX-[0-9]{6} ?"],
        "ignore_case": True,
        "context_never": ["warehouse"],
        "guards": {"min_length": 9, "repeats": False},
        "examples": {"hit": ["BX-123456 "], "not_headers": ["order"]},
    }
    made = served.post("/classifiers", classifier=entry).json()["entry"]
    await page.goto("/classifiers")
    await page.get_by_label("Search classifiers").fill(f"badge {mark}")
    await page.get_by_role("table", name="Classifiers").get_by_text(f"Badge {mark}").click()
    await page.get_by_role("dialog").get_by_role("button", name="Change").click()
    form = page.get_by_role("dialog", name=f"Change Badge {mark}")
    await form.get_by_label("Title").fill(f"Badges {mark}")
    await form.get_by_role("button", name="Save the next version").click()
    await expect(form).to_be_hidden()
    saved = served.get(f"/classifiers/{made['id']}").json()["entry"]
    assert saved == {**made, "title": f"Badges {mark}"}
    served.post(f"/classifiers/{made['id']}/retire")


async def test_review_on_a_telephone(narrow: Page) -> None:
    """The evidence stands under the group, and the buttons decide."""
    await narrow.goto("/review")
    await expect(narrow.get_by_text(re.compile("^Why "))).to_be_visible()
    wide = await narrow.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide
    await (
        narrow.get_by_role("button", name="Yes")
        .or_(narrow.get_by_role("button", name=re.compile("^Confirm ")))
        .first.click()
    )
    await narrow.get_by_role("button", name="Undo").click()
    await expect(narrow.get_by_text(re.compile("Taken back"))).to_be_visible()
