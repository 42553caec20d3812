"""A family's chat in a browser with JavaScript."""

import re

import pytest
from playwright.sync_api import Page, expect

ANSWER = "Yes, they should get their medicine."
DANGER = "my brother just said goodbye on the phone and gave his stuff away, hes in wandsworth"

# Counts, from the page's first moment, what a screen reader would be told to announce.
COUNT_ANNOUNCED = """
window.announced = [];
document.addEventListener("DOMContentLoaded", () => {
  new MutationObserver((changes) => {
    for (const change of changes)
      for (const node of change.addedNodes)
        window.announced.push(node.id || node.textContent);
  }).observe(document.getElementById("log"), { childList: true, subtree: true });
});
"""


def _messages(page: Page):
    return page.locator("#log article")


def test_a_message_gets_its_answer_without_leaving_the_page(chat: Page, say):
    """The words appear, then the answer with its source, and no page is loaded."""
    chat.evaluate("window.same = true")
    say(chat, "how does he get to see the dentist")

    expect(_messages(chat)).to_have_count(3)
    expect(_messages(chat).nth(1)).to_contain_text("how does he get to see the dentist")
    expect(_messages(chat).nth(2)).to_contain_text(ANSWER)
    expect(_messages(chat).nth(2)).to_contain_text("Last checked 20 November 2026")
    expect(_messages(chat).nth(2)).to_contain_text("Pact's approval")
    chat.get_by_text("Where this comes from").click()
    expect(chat.get_by_role("link", name="A guide")).to_be_visible()
    expect(chat.get_by_role("textbox")).to_have_value("")
    assert chat.evaluate("window.same")


def test_what_is_shown_live_is_what_a_reload_shows(chat: Page, say):
    """One renderer: live pieces and the whole page give the same messages."""
    say(chat, "how does he get to see the dentist")
    expect(_messages(chat)).to_have_count(3)
    expect(chat.locator("#waiting")).to_be_hidden()
    ids = "ns => ns.map(n => n.id + n.querySelector('.words').innerHTML)"
    live = _messages(chat).evaluate_all(ids)
    chat.reload()

    assert _messages(chat).evaluate_all(ids) == live


def test_each_message_is_announced_once(page: Page, helpline, say):
    """The log gets each article once, whole, and nothing else."""
    page.add_init_script(COUNT_ANNOUNCED)
    page.goto(helpline.url)
    say(page, "one")
    expect(_messages(page)).to_have_count(3)
    say(page, "two")
    expect(_messages(page)).to_have_count(5)

    assert page.evaluate("window.announced.filter(id => /^m-/.test(id))") == [
        "m-2", "m-3", "m-4", "m-5",
    ]  # fmt: skip
    assert page.locator("#log").get_attribute("role") == "log"


def test_enter_sends_and_shift_enter_makes_a_line(chat: Page):
    """As people expect, with the button there as well."""
    box = chat.get_by_role("textbox")
    box.click()
    chat.keyboard.type("one")
    chat.keyboard.press("Shift+Enter")
    chat.keyboard.type("two")
    expect(box).to_have_value("one\ntwo")
    chat.keyboard.press("Enter")

    expect(_messages(chat).nth(1).locator(".words")).to_have_text("one\ntwo", use_inner_text=True)
    expect(box).to_have_value("")
    expect(box).to_be_focused()


def test_the_box_grows_with_what_is_written(chat: Page):
    """A long message can be seen while it is written."""
    box = chat.get_by_role("textbox")
    before = box.bounding_box()["height"]
    box.fill("a line\n" * 6)

    assert box.bounding_box()["height"] > before * 2


def test_a_choice_is_a_button_and_stays_where_the_hands_are(chat: Page, say):
    """Pressed by keyboard it sends its words, keeps the focus, and cannot be pressed again."""
    say(chat, "unsure")
    choice = chat.get_by_role("button", name="They won't tell me anything").first
    choice.focus()
    chat.keyboard.press("Enter")

    expect(_messages(chat)).to_have_count(5)
    expect(_messages(chat).nth(3)).to_contain_text("They won't tell me anything")
    expect(choice).to_be_focused()
    chat.keyboard.press("Enter")
    chat.wait_for_timeout(300)
    expect(_messages(chat)).to_have_count(5)


def test_a_person_can_be_asked_for_with_one_button(chat: Page):
    """From the first page on."""
    chat.get_by_role("button", name="Talk to a person").click()

    expect(_messages(chat)).to_have_count(3)


def test_danger_is_answered_at_once_and_shown_as_such(chat: Page, helpline, say):
    """With no job runner at all the page says what to do, who comes, and has numbers to tap."""
    helpline.runner.kill()
    say(chat, DANGER)
    reply = chat.locator("article.danger")

    expect(reply).to_be_in_viewport()
    expect(reply).to_contain_text("orderly officer or duty governor")
    expect(reply.locator("a[href^='tel:']").first).to_be_visible()
    expect(reply).to_contain_text(re.compile(r"\d (am|pm)"))


def test_while_an_answer_is_prepared_the_page_shows_it(chat: Page, helpline, say):
    """Someone is looking; when the runner comes back the answer appears by itself."""
    helpline.runner.kill()
    say(chat, "how does he see the dentist")
    expect(chat.locator("#waiting")).to_be_visible()
    expect(chat.get_by_role("status").filter(has_text="Looking in the guide")).to_be_visible()
    helpline.start()

    expect(_messages(chat)).to_have_count(3, timeout=30_000)
    expect(chat.locator("#waiting")).to_be_hidden()


def test_an_assistant_that_fails_is_never_silence(chat: Page, say):
    """Fixed words come instead."""
    say(chat, "broken")

    expect(_messages(chat)).to_have_count(3)


def test_nothing_is_lost_or_doubled_when_the_server_restarts(chat: Page, helpline, say):
    """A message written while the server is away arrives once, and so does its answer."""
    say(chat, "first")
    expect(_messages(chat)).to_have_count(3)
    helpline.web.kill()
    say(chat, "second")
    expect(chat.get_by_role("alert").filter(has_text="not been sent yet")).to_be_visible()
    expect(chat.get_by_role("textbox")).to_have_value("second")
    helpline.start()

    expect(_messages(chat)).to_have_count(5, timeout=40_000)
    expect(chat.get_by_role("textbox")).to_have_value("")
    expect(chat.get_by_role("alert").filter(has_text="not been sent")).to_have_count(0)
    chat.reload()
    expect(_messages(chat)).to_have_count(5)


def test_a_reply_that_was_lost_on_the_way_does_not_double_the_message(chat: Page, say):
    """The server stored it, the browser never heard: its second attempt changes nothing."""
    lost = []

    def lose_first(route):
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch())
            route.abort()
        else:
            route.continue_()

    chat.route("**/messages*", lose_first)
    say(chat, "hello")
    expect(_messages(chat)).to_have_count(3, timeout=20_000)
    chat.reload()

    expect(_messages(chat)).to_have_count(3)
    assert len(lost) == 1


def test_offline_the_words_stay_and_go_when_the_line_is_back(chat: Page, say):
    """The browser's own word that it is online again is enough."""
    say(chat, "first")
    expect(_messages(chat)).to_have_count(3)
    chat.context.set_offline(True)
    say(chat, "second")
    expect(chat.get_by_role("alert").filter(has_text="not been sent yet")).to_be_in_viewport()
    chat.context.set_offline(False)

    expect(_messages(chat)).to_have_count(5, timeout=30_000)


def test_without_a_stream_the_page_asks_instead(chat: Page, say):
    """Every thread taken, or a proxy that refuses streams: answers still come."""
    chat.route("**/live*", lambda route: route.fulfill(status=503, body="busy"))
    say(chat, "how does he get to see the dentist")

    expect(_messages(chat)).to_have_count(3, timeout=30_000)
    expect(chat.locator("#waiting")).to_be_hidden()


def test_a_message_from_another_tab_appears_here_too(chat: Page, say):
    """Live news reach every page of the conversation."""
    say(chat, "first")
    expect(_messages(chat)).to_have_count(3)
    other = chat.context.new_page()
    other.goto(chat.url)
    say(other, "second")

    expect(_messages(chat)).to_have_count(5)


@pytest.mark.parametrize(
    ("text", "words"), [("   ", "There is no message yet"), ("x" * 10_001, "too long")]
)
def test_what_cannot_be_sent_stays_in_the_box(chat: Page, say, text, words):
    """The reason is announced and the words can be changed."""
    say(chat, text)

    expect(chat.get_by_role("alert").filter(has_text=words)).to_be_in_viewport()
    expect(chat.get_by_role("textbox")).to_have_value(text)
    expect(_messages(chat)).to_have_count(1)


def test_the_first_load_is_small_and_asks_nobody_else(page: Page, helpline):
    """At most 60 KB even without compression, all of it from here, and no cookie yet."""
    sizes, hosts = [], set()

    def note(response):
        sizes.append(len(response.body()))
        hosts.add(response.url.split("/")[2])

    page.on("response", note)
    page.goto(helpline.url)
    page.wait_for_load_state("networkidle")

    assert hosts == {helpline.url.removeprefix("http://")}
    assert 0 < sum(sizes) <= 60 * 1024
    assert page.context.cookies() == []


def test_nothing_is_stored_in_the_browser(chat: Page, say):
    """One session cookie that scripts cannot read; no storage of any kind."""
    say(chat, "hello")
    expect(_messages(chat)).to_have_count(3)
    cookies = chat.context.cookies()

    assert [(c["name"], c["httpOnly"], c["sameSite"], c["expires"]) for c in cookies] == [
        ("chat", True, "Strict", -1)
    ]
    assert chat.evaluate(
        "async () => [localStorage.length, sessionStorage.length, (await caches.keys()).length,"
        " (await indexedDB.databases()).length]"
    ) == [0, 0, 0, 0]


def test_the_content_policy_is_not_broken_by_our_own_page(page: Page, helpline, say):
    """Nothing on the console: no refused style or script, no error."""
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(helpline.url)
    say(page, "unsure")
    expect(_messages(page)).to_have_count(3)

    assert said == []
