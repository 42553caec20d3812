"""WCAG 2.2 AA in every state, on a small phone and on a wide screen."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

DANGER = "my brother just said goodbye on the phone and gave his stuff away, hes in wandsworth"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
NARROW = {"width": 320, "height": 640}
WIDE = {"width": 1280, "height": 800}


def _start(_page: Page, _say: Callable[[Page, str], None], _helpline) -> None:
    pass


def _answered(page, say, _helpline):
    say(page, "how does he get to see the dentist")
    expect(page.locator("#log article")).to_have_count(3)
    page.get_by_text("Where this comes from").click()


def _asked_back(page, say, _helpline):
    say(page, "unsure")
    expect(page.locator("#log article")).to_have_count(3)


def _chosen(page, say, helpline):
    _asked_back(page, say, helpline)
    page.locator(".choices button").first.click()
    expect(page.locator("#log article")).to_have_count(5)


def _waiting(page, say, helpline):
    helpline.runner.kill()
    say(page, "how does he see the dentist")
    expect(page.locator("#waiting")).to_be_visible()


def _danger(page, say, _helpline):
    say(page, DANGER)
    expect(page.locator("article.danger").first).to_be_visible()


def _refused(page, say, _helpline):
    say(page, "x" * 10_001)
    expect(page.locator("#notice .notice")).to_be_visible()


def _offline(page, say, _helpline):
    page.context.set_offline(True)
    say(page, "hello")
    expect(page.locator("#notice .notice")).to_be_visible()


def _no_such_page(page, _say, helpline):
    page.goto(f"{helpline.url}/nowhere")


def _api_docs(page, _say, helpline):
    page.goto(f"{helpline.url}/api/docs")


STATES = [
    _start, _answered, _asked_back, _chosen, _waiting, _danger, _refused, _offline, _no_such_page,
    _api_docs,
]  # fmt: skip


def _check(axe: Axe, page: Page) -> None:
    page.wait_for_timeout(50)
    found = axe.run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("viewport", [NARROW, WIDE], ids=["320", "1280"])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__.strip("_"))
def test_no_violation(axe, visit, helpline, say, state, viewport):
    """axe-core finds nothing, and nothing sticks out to the side."""
    page = visit(viewport=viewport, reduced_motion="reduce").new_page()
    page.goto(helpline.url)
    state(page, say, helpline)

    _check(axe, page)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.parametrize(
    "options",
    [{"color_scheme": "dark"}, {"forced_colors": "active"}, {"contrast": "more"}],
    ids=["dark", "forced-colors", "more-contrast"],
)
@pytest.mark.parametrize(
    "state", [_answered, _danger, _refused], ids=["answer", "danger", "refused"]
)
def test_no_violation_in_other_colours(axe, visit, helpline, say, state, options):
    """A dark screen at night, and colours that people choose themselves."""
    page = visit(viewport=NARROW, reduced_motion="reduce", **options).new_page()
    page.goto(helpline.url)
    state(page, say, helpline)

    _check(axe, page)


def test_at_400_percent_everything_can_be_reached(visit, helpline, say):
    """1280 by 1024 at 400%: the way out is in sight, and the box is not covered when in use."""
    # Without motion: an answer still gliding into sight would take the box along.
    page = visit(viewport={"width": 320, "height": 256}, reduced_motion="reduce").new_page()
    page.goto(helpline.url)
    say(page, "how does he get to see the dentist")
    expect(page.locator("#log article")).to_have_count(3)
    page.get_by_role("textbox").blur()
    page.get_by_role("textbox").focus()

    expect(page.get_by_role("textbox")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("link", name="Leave this page")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_keyboard_reaches_everything_in_the_order_of_the_page(chat: Page, say):
    """Skip link, way out, then the chat; nothing in focus is hidden under what sticks."""
    say(chat, "unsure")
    expect(chat.locator("#log article")).to_have_count(3)
    chat.reload()
    chat.keyboard.press("Tab")
    reached = []
    for _ in range(12):
        name = chat.evaluate("document.activeElement.innerText || document.activeElement.id")
        reached.append(name)
        covered = chat.evaluate(
            """() => {
              const it = document.activeElement.getBoundingClientRect();
              const top = document.elementFromPoint(it.x + it.width / 2, it.y + it.height / 2);
              const active = document.activeElement;
              return !(active.contains(top) || top.contains(active));
            }"""
        )
        assert not covered, name
        if name == "Send":
            break
        chat.keyboard.press("Tab")

    assert reached[0] == "Skip to the message box"
    assert reached.index("Leave this page") < reached.index("They won't tell me anything")
    assert reached[-3:] == ["Talk to a person", "text", "Send"]


def test_what_can_be_pressed_is_large_enough(chat: Page, say):
    """24 by 24 pixels is the rule; ours are made for thumbs: 40 or more."""
    say(chat, "unsure")
    expect(chat.locator("#log article")).to_have_count(3)
    sizes = chat.locator("button:visible, a.leave").evaluate_all(
        "all => all.map(e => [e.innerText, e.getBoundingClientRect().height])"
    )

    assert [name for name, height in sizes if height < 40] == []


def test_what_is_printed_is_the_chat_with_its_sources(context: BrowserContext, helpline, say):
    """No buttons on paper; the sources are spelt out."""
    page = context.new_page()
    page.goto(helpline.url)
    say(page, "how does he get to see the dentist")
    expect(page.locator("#log article")).to_have_count(3)
    page.emulate_media(media="print")

    expect(page.get_by_role("button", name="Send")).to_be_hidden()
    expect(page.locator("#leave")).to_be_hidden()
    expect(page.get_by_role("link", name="A guide")).to_be_visible()
