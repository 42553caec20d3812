"""Families and staff in browsers of their own, at the same time."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.desk_pages import DANGER, PERSON, Desk, rota_gap

HOSTILE = (
    "<script>document.title='broken out'</script><img src=x onerror=\"document.title='x'\">"
    "**bold** [link](javascript:alert(1)) \u202ereversed\u202c \u200b\u200bzero {{ 7*7 }}"
)


@pytest.fixture
def desk(visit, helpline) -> Desk:
    """The running helpline."""
    return Desk(helpline.url, visit)


def test_an_urgent_chat_is_taken_over_and_closed_with_a_record(desk):
    """The worker sees it come in, takes it, replies, writes it down, ends it; the family reads."""
    priya = desk.staff("Priya")
    before = priya.locator(".row").count()
    family = desk.family()
    expect(priya.locator(".row")).to_have_count(before + 1)  # without a reload

    desk.take(priya, family)
    expect(family.get_by_text("Priya (practice worker) is here now")).to_be_visible()
    priya.get_by_label(re.compile("Reply as")).fill("I am ringing the prison now.")
    priya.get_by_role("button", name="Send", exact=True).click()
    expect(family.get_by_text("I am ringing the prison now.")).to_be_visible()
    family.get_by_role("textbox").fill("thank you, what did they say")
    family.get_by_role("button", name="Send").click()
    expect(priya.get_by_text("thank you, what did they say")).to_be_visible()

    priya.get_by_role("button", name="Got through").click()
    expect(priya.get_by_text("the prison, duty governor (prison:switchboard): got")).to_be_visible()
    priya.get_by_text("End my part").click()
    priya.locator("#close-why").fill("The orderly officer has seen him; he is on watch.")
    priya.get_by_role("button", name="End the conversation").click()
    expect(priya.get_by_role("heading", name="How are you?")).to_be_visible()
    expect(family.get_by_text("This chat has ended")).to_be_visible()
    priya.get_by_role("link", name="Look over the record").click()
    for words in (DANGER, "got through", "he is on watch", "thank you, what did they say"):
        expect(priya.get_by_role("main")).to_contain_text(words)


def test_a_colleague_takes_over_in_front_of_the_family(desk):
    """Offered, accepted, and each step told; nothing is left with nobody."""
    family, priya = desk.family(), desk.staff("Priya")
    desk.take(priya, family)
    priya.get_by_text("Pass it on").click()
    tom_option = priya.locator("#to option", has_text="Tom (practice worker)")
    priya.locator("#to").select_option(tom_option.get_attribute("value"))
    priya.get_by_role("button", name="Ask them").click()
    expect(family.get_by_text("is asking Tom (practice worker) to take over")).to_be_visible()

    tom = desk.staff("Tom")
    desk.open_family(tom, family)
    tom.get_by_role("button", name=re.compile("Take over from Priya")).click()
    expect(family.get_by_text("Tom (practice worker) is here now, in place of")).to_be_visible()
    expect(priya.get_by_text("With Tom")).to_be_visible()


def test_two_workers_press_at_once_and_one_has_it(desk):
    """The other is told on the page, without an error."""
    family, priya, tom = desk.family(), desk.staff("Priya"), desk.staff("Tom")
    for page in (priya, tom):
        page.route("**/live?**", lambda route: route.abort())
        desk.open_family(page, family)
    priya.get_by_role("button", name="Take it on").click()
    tom.get_by_role("button", name="Take it on").click()

    expect(priya.get_by_text("With you")).to_be_visible()
    expect(tom.get_by_role("alert").first).to_contain_text("somebody else has taken this on")


def test_what_families_write_stays_text(desk):
    """HTML, Markdown, right-to-left marks, zero-width and template marks are shown, never run."""
    family, priya = desk.family(f"{HOSTILE} {DANGER}"), desk.staff("Priya")
    for path in ("inbox?tab=unclaimed", "digest", "search?q=broken"):
        priya.goto(f"{desk.url}/desk/{path}")
        assert "broken out" not in priya.title()
    desk.open_family(priya, family)
    words = priya.locator("article.from-family .words")

    expect(words).to_contain_text("<script>document.title='broken out'</script>")
    expect(words).to_contain_text("[link](javascript:alert(1))")
    expect(words).to_contain_text("{{ 7*7 }}")
    assert priya.locator("article.from-family .words *").count() == 0
    assert "broken out" not in priya.title()


def test_ten_thousand_characters_fit_a_phone(desk):
    """The page stays as wide as the phone, and the message can be scrolled by keyboard."""
    family = desk.family(f"{DANGER} {'a' * 5000} {'\u0645' * 4800}")
    priya = desk.staff("Priya", viewport={"width": 320, "height": 640})
    desk.open_family(priya, family)
    expect(priya.locator("article.long .words")).to_have_attribute("tabindex", "0")

    assert priya.evaluate("document.documentElement.scrollWidth") <= 320


def test_what_is_being_written_is_kept(desk):
    """Typed, not sent, and the browser gone: it is in the box at the next visit."""
    family, priya = desk.family(), desk.staff("Priya")
    desk.take(priya, family)
    box = priya.get_by_label(re.compile("Reply as"))
    with priya.expect_response("**/draft"):
        box.press_sequentially("I was about to say")
    priya.context.clear_cookies()
    again = desk.staff("Priya")
    desk.open_family(again, family)

    expect(again.get_by_label(re.compile("Reply as"))).to_have_value("I was about to say")
    expect(family.get_by_text("I was about to say")).to_have_count(0)


def test_live_news_come_back_after_the_server_went(desk, helpline):
    """The stream drops and goes on without a gap or a double."""
    family, priya = desk.family(), desk.staff("Priya")
    desk.take(priya, family)
    helpline.web.kill()
    helpline.start()
    family.reload()
    for n in range(3):
        family.get_by_role("textbox").fill(f"news {n}")
        family.get_by_role("button", name="Send").click()
        expect(family.get_by_text(f"news {n}")).to_be_visible()

    expect(priya.locator("article", has_text="news 2")).to_be_visible(timeout=30_000)
    numbers = priya.locator("#log article").evaluate_all("all => all.map(a => Number(a.dataset.n))")
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_gap_in_the_rota_is_filled(desk):
    """Red while nobody is there, and gone with one press."""
    lead = rota_gap(desk)
    gaps = lead.locator(".duty.gap").count()
    lead.locator(".duty.gap button").first.click()

    expect(lead.locator(".duty.gap")).to_have_count(gaps - 1)


def test_the_digest_and_each_roles_limits(desk):
    """The digest shows who waits and until when; each role sees what is theirs."""
    desk.family()
    desk.family(PERSON)
    priya, editor, admin = desk.staff("Priya"), desk.staff("editor"), desk.staff("admin")
    priya.goto(f"{desk.url}/desk/digest")
    expect(priya.get_by_role("heading", name="Promises due within a day")).to_be_visible()
    expect(priya.locator(".row").first).to_contain_text("by")

    for page, theirs, barred in (
        (editor, "Numbers", "inbox"), (admin, "People", "inbox"), (priya, "Inbox", "people"),
    ):  # fmt: skip
        expect(page.get_by_role("navigation", name="Desk").get_by_text(theirs)).to_be_visible()
        page.goto(f"{desk.url}/desk/{barred}")
        expect(page.get_by_role("heading", name="This is not for your role")).to_be_visible()


def test_without_javascript_everything_works(desk):
    """Forms and links alone: take on, ready reply, send, note, hand back."""
    family = desk.family()
    priya = desk.staff("Priya", java_script_enabled=False)
    desk.take(priya, family)
    priya.get_by_text("Ready replies").click()
    priya.get_by_role("link", name="Say who I am").click()
    expect(priya.locator("#text")).to_have_value(re.compile("Hello, I am Priya"))
    priya.get_by_role("button", name="Send", exact=True).click()
    expect(family.get_by_text("Hello, I am Priya")).to_be_visible()
    priya.get_by_text("Notes between us").click()
    priya.locator("#note").fill("She sounds calm.")
    priya.get_by_role("button", name="Add the note").click()
    expect(priya.get_by_text("She sounds calm.")).to_be_visible()
    priya.get_by_text("End my part").click()
    priya.locator("#back-why").fill("All is well.")
    priya.get_by_role("button", name="Hand back").click()
    expect(family.get_by_text("has left this chat")).to_be_visible()
