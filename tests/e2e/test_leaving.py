"""Leaving at once: nothing waits, and nothing stays."""

import pytest
from playwright.sync_api import Page, expect

SECRET = "how does he get to see the dentist"


def _shows_nothing(page: Page) -> None:
    expect(page.locator("body")).not_to_contain_text(SECRET)


@pytest.fixture
def talking(chat: Page, say) -> Page:
    """A chat with something in it."""
    say(chat, SECRET)
    expect(chat.locator("#log article")).to_have_count(3)
    return chat


def test_the_button_leaves_and_back_shows_nothing(talking: Page, helpline):
    """Another site is shown; Back, and the address typed again, show no word of the chat."""
    talking.get_by_role("link", name="Leave this page").click()
    expect(talking.get_by_role("heading", name="Weather")).to_be_visible()
    talking.go_back()
    _shows_nothing(talking)
    talking.goto(helpline.url)

    _shows_nothing(talking)
    expect(talking.locator("#log article")).to_have_count(1)
    assert talking.context.cookies() == []


def test_shift_three_times_leaves(talking: Page):
    """From anywhere on the page, and each press says how many are left."""
    talking.get_by_role("textbox").focus()
    talking.keyboard.press("Shift")
    expect(talking.get_by_role("status").filter(has_text="2 more times")).to_have_count(1)
    talking.keyboard.press("Shift")
    talking.keyboard.press("Shift")

    expect(talking.get_by_role("heading", name="Weather")).to_be_visible()


def test_capital_letters_do_not_leave(chat: Page):
    """Shift with another key is writing, not leaving."""
    chat.get_by_role("textbox").focus()
    for letter in "HMP":
        chat.keyboard.press(f"Shift+{letter}")

    expect(chat.get_by_role("textbox")).to_have_value("HMP")
    chat.wait_for_timeout(300)
    expect(chat.get_by_role("textbox")).to_be_visible()


def test_leaving_does_not_wait_for_the_server(talking: Page, helpline):
    """With the server dead the page is empty and untitled at once, and the browser moves on.

    When the server is back the chat is not shown to whoever opens the page next.
    """
    helpline.web.kill()
    talking.get_by_role("link", name="Leave this page").click()
    expect(talking.get_by_role("heading", name="Weather")).to_be_visible(timeout=3000)
    helpline.start()
    talking.goto(helpline.url)

    _shows_nothing(talking)


def test_the_page_is_blank_before_the_other_site_has_come(talking: Page):
    """However slow that one is, the words and the tab's title go in the same instant."""
    left_behind = talking.evaluate(
        """() => {
          document.getElementById("leave").click();
          return [document.body.textContent, document.title];
        }"""
    )

    assert left_behind == ["", "Loading"]


def test_another_tab_is_emptied_too(talking: Page):
    """Leaving in one tab takes the chat from all of them."""
    other = talking.context.new_page()
    other.goto(talking.url)
    expect(other.locator("#log article")).to_have_count(3)
    talking.get_by_role("link", name="Leave this page").click()

    expect(other.locator("#log article")).to_have_count(1, timeout=20_000)
    _shows_nothing(other)


def test_without_javascript_the_link_leaves_and_its_ping_forgets(visit, helpline, say):
    """The same promise for a browser that runs no script."""
    page = visit(java_script_enabled=False).new_page()
    page.goto(helpline.url)
    say(page, SECRET)
    expect(page.locator("#log article")).to_have_count(3)
    page.get_by_role("link", name="Leave this page").click()
    expect(page.get_by_role("heading", name="Weather")).to_be_visible()
    page.wait_for_timeout(500)
    page.go_back()

    _shows_nothing(page)
