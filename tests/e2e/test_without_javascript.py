"""The same chat in a browser that runs no script."""

import pytest
from playwright.sync_api import Page, expect

DANGER = "my brother just said goodbye on the phone and gave his stuff away, hes in wandsworth"


@pytest.fixture
def plain(visit, helpline) -> Page:
    """A tab without JavaScript on the start page."""
    page = visit(java_script_enabled=False).new_page()
    page.goto(helpline.url)
    return page


def test_a_message_gets_its_answer(plain: Page, say):
    """One press of Send, and the page that comes back holds the answer."""
    say(plain, "how does he get to see the dentist")

    expect(plain.locator("#log article")).to_have_count(3)
    expect(plain.locator("#log article").nth(2)).to_contain_text("they should get their medicine")
    expect(plain.locator("#m-2")).to_be_in_viewport()


def test_choices_can_be_pressed(plain: Page, say):
    """They are buttons of a form."""
    say(plain, "unsure")
    plain.get_by_role("button", name="They won't tell me anything").click()

    expect(plain.locator("#log article")).to_have_count(5)


def test_a_late_answer_can_be_asked_for(plain: Page, helpline, say):
    """With the runner away there is a link to look again; later it finds the answer."""
    helpline.runner.kill()
    say(plain, "how does he see the dentist")
    check = plain.get_by_role("link", name="Check for a reply")
    expect(check).to_be_visible()
    helpline.start()
    plain.wait_for_load_state()
    for _ in range(10):
        if not check.is_visible():
            break
        check.click()
        plain.wait_for_load_state()

    expect(plain.locator("#log article")).to_have_count(3)


def test_danger_is_answered_in_the_page_that_comes_back(plain: Page, helpline, say):
    """Without waiting for anything."""
    helpline.runner.kill()
    say(plain, DANGER)

    expect(plain.locator("article.danger")).to_be_in_viewport()


def test_what_is_too_long_comes_back_in_the_box(plain: Page, say):
    """With the reason at the top of the page and in its title."""
    say(plain, "x" * 10_001)

    expect(plain).to_have_title("Problem: How can we help? \N{EN DASH} On My Side")
    expect(
        plain.get_by_role("heading", name="Your message is too long to send")
    ).to_be_in_viewport()
    expect(plain.get_by_role("textbox")).to_have_value("x" * 10_001)


def test_the_chat_can_be_cleared(plain: Page, say):
    """A button does what leaving does, and stays here."""
    say(plain, "how does he get to see the dentist")
    plain.get_by_role("button", name="Clear this chat from this device").click()

    expect(plain.locator("#log article")).to_have_count(1)
