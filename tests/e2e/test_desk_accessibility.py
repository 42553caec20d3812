"""WCAG 2.2 AA at the desk: every page and state, on a small phone and on a wide screen."""

import os

import pytest

from tests.e2e.desk_pages import STATES, Desk, conversation, inbox, rota_gap

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SIZES = {320: 640, 1280: 800}


def _look(page, state, width):
    """Keep a picture when DESK_SCREENSHOTS names a folder (docs/desk.md says how they are made)."""
    folder = os.environ.get("DESK_SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{state.__name__}-{width}.png", full_page=True)


def _check(axe, page):
    page.wait_for_timeout(50)
    found = axe.run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_no_violation(axe, visit, helpline, state):
    """axe-core finds nothing at 320 and 1280 pixels, and nothing sticks out to the side."""
    page = state(
        Desk(helpline.url, visit), viewport={"width": 320, "height": 640}, reduced_motion="reduce"
    )
    for width, height in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        _look(page, state, width)
        _check(axe, page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    ("state", "options"),
    [
        (conversation, {"color_scheme": "dark"}),
        (conversation, {"forced_colors": "active"}),
        (conversation, {"contrast": "more"}),
        (rota_gap, {"color_scheme": "dark"}),
    ],
    ids=["dark", "forced-colors", "more-contrast", "rota-dark"],
)
def test_no_violation_in_other_colours(axe, visit, helpline, state, options):
    """A dark screen at night, and colours that people choose themselves."""
    _check(axe, state(Desk(helpline.url, visit), reduced_motion="reduce", **options))


def test_at_400_percent_the_reply_box_can_be_used(visit, helpline):
    """1280 by 1024 at 400%: the box is in sight when in use, and nothing scrolls sideways."""
    page = conversation(Desk(helpline.url, visit), viewport={"width": 320, "height": 640})
    _look(page, conversation, 320)
    page.set_viewport_size({"width": 320, "height": 256})
    box = page.locator("#text")
    box.blur()
    box.focus()

    box.scroll_into_view_if_needed()
    assert box.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_keyboard_only_takes_a_family_on_and_replies(visit, helpline):
    """Tab and Enter are enough, and the focus is always to be seen."""
    desk = Desk(helpline.url, visit)
    page, family = desk.staff("Priya"), desk.family()
    desk.open_family(page, family)

    def tab_to(name: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            focused = page.evaluate(
                "[document.activeElement.innerText, document.activeElement.id].join('|')"
            )
            if name in focused:
                width = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert width != "none"
                return
        raise AssertionError(name)

    tab_to("Take it on")
    page.keyboard.press("Enter")
    page.get_by_text("With you").wait_for()
    tab_to("|text")
    page.keyboard.type("I am here.")
    page.keyboard.press("Control+Enter")
    family.get_by_text("I am here.").wait_for()


def test_someone_tabbing_through_a_live_list_is_not_thrown_back(visit, helpline):
    """A family that comes in while a link has the focus leaves the focus there."""
    desk = Desk(helpline.url, visit)
    page = inbox(desk)
    link = page.locator("a.whole").first
    link.focus()
    before = link.get_attribute("id")
    count = page.locator(".row").count()
    desk.family()
    page.locator(".row").nth(count).wait_for()

    assert page.evaluate("document.activeElement.id") == before
