"""What desk journeys share: families and staff in browsers of their own, and every page's state."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from playwright.sync_api import BrowserContext, Page, expect

DANGER = "my brother just said goodbye on the phone and gave his stuff away, hes in wandsworth"
PERSON = "can i talk to a person please"


@dataclass
class Desk:
    """A running helpline with families on one side and staff on the other."""

    url: str
    visit: Callable[..., BrowserContext]
    options: dict[str, object] = field(default_factory=dict)

    def family(self, text: str = DANGER, **options: object) -> Page:
        """Open a chat in a browser of its own and write `text`."""
        page = self.visit(**options).new_page()
        page.goto(self.url)
        page.get_by_role("textbox").fill(text)
        page.get_by_role("button", name="Send").click()
        expect(page.locator("#log article.from-family")).to_have_count(1)
        return page

    def staff(self, who: str, **options: object) -> Page:
        """Sign in as a practice worker or role in a browser of its own."""
        page = self.visit(**{**self.options, **options}).new_page()
        page.goto(f"{self.url}/desk/sign-in")
        page.get_by_role("button", name=re.compile(who)).click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        return page

    def open_family(self, staff: Page, family: Page) -> None:
        """Go to a family's conversation at the desk, by the reference both sides could say."""
        chat = family.locator("#log").get_attribute("data-chat")
        staff.goto(f"{self.url}/desk/c/{chat}")

    def take(self, staff: Page, family: Page) -> None:
        """Open a family's conversation and take it on."""
        self.open_family(staff, family)
        staff.get_by_role("button", name="Take it on").click()
        expect(staff.get_by_text("With you")).to_be_visible()


def sign_in_page(desk: Desk, **options: object) -> Page:
    """The ways in."""
    page = desk.visit(**options).new_page()
    page.goto(f"{desk.url}/desk/sign-in")
    return page


def wrong_password(desk: Desk, **options: object) -> Page:
    """A refusal, said in place."""
    page = sign_in_page(desk, **options)
    page.get_by_label("E-mail address").fill("nobody@example.org")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page


def inbox(desk: Desk, **options: object) -> Page:
    """Families who wait, the most severe first."""
    desk.family(PERSON)
    desk.family()
    page = desk.staff("Priya", **options)
    expect(page.locator(".row").first).to_be_visible()
    return page


def empty_list(desk: Desk, **options: object) -> Page:
    """Nothing in a list."""
    page = desk.staff("Priya", **options)
    page.goto(f"{desk.url}/desk/inbox?tab=closed")
    return page


def unclaimed(desk: Desk, **options: object) -> Page:
    """A conversation nobody has yet."""
    page = desk.staff("Priya", **options)
    desk.open_family(page, desk.family())
    return page


def taken(desk: Desk, **options: object) -> Page:
    """One's own conversation, everything beside it opened."""
    page, family = desk.staff("Priya", **options), desk.family()
    desk.take(page, family)
    page.get_by_label(re.compile("Reply as")).fill("I am ringing the wing now.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("article.from-worker")).to_have_count(1)
    for summary in page.locator("details > summary").all():
        if summary.locator("xpath=..").get_attribute("open") is None and summary.is_visible():
            summary.click()
    return page


def conversation(desk: Desk, **options: object) -> Page:
    """One's own conversation as it opens."""
    page, family = desk.staff("Priya", **options), desk.family()
    desk.take(page, family)
    page.get_by_label(re.compile("Reply as")).fill("I am ringing the wing now.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("article.from-worker")).to_have_count(1)
    return page


def guide_found(desk: Desk, **options: object) -> Page:
    """Answers of the guide to send."""
    page = conversation(desk, **options)
    page.goto(f"{page.url.split('?')[0].split('#')[0]}?guide=see+a+doctor")
    expect(page.get_by_role("button", name=re.compile("^Send: ")).first).to_be_visible()
    return page


def refused(desk: Desk, **options: object) -> Page:
    """Somebody else was quicker: said on the page, nothing lost."""
    family = desk.family()
    tom = desk.staff("Tom", **options)
    desk.open_family(tom, family)
    tom.route("**/live?**", lambda route: route.abort())
    tom.reload()
    desk.take(desk.staff("Priya"), family)
    tom.get_by_role("button", name="Take it on").click()
    expect(tom.get_by_role("alert").first).to_be_visible()
    return tom


def watching(desk: Desk, **options: object) -> Page:
    """A lead looks on."""
    family = desk.family()
    desk.take(desk.staff("Priya"), family)
    page = desk.staff("Rhian", **options)
    desk.open_family(page, family)
    return page


def record(desk: Desk, **options: object) -> Page:
    """The whole record, to print."""
    page = conversation(desk, **options)
    if not page.get_by_role("link", name=re.compile("whole record")).is_visible():
        page.locator("#record > summary").click()
    page.get_by_role("button", name="No answer").click()
    expect(page.get_by_text("the prison, duty governor (prison:switchboard)")).to_be_visible()
    page.get_by_role("link", name=re.compile("whole record")).click()
    return page


def care(desk: Desk, **options: object) -> Page:
    """After a hard conversation."""
    page = conversation(desk, **options)
    page.get_by_text("End my part").click()
    page.locator("#close-why").fill("Passed to the duty governor.")
    page.get_by_role("button", name="End the conversation").click()
    expect(page.get_by_role("heading", name="How are you?")).to_be_visible()
    return page


def plain(path: str, who: str = "Priya") -> Callable[..., Page]:
    """A page that needs nothing before it."""

    def state(desk: Desk, **options: object) -> Page:
        page = desk.staff(who, **options)
        page.goto(f"{desk.url}{path}")
        return page

    state.__name__ = re.sub(r"\W+", "_", path.removeprefix("/desk/")).strip("_") or "home"
    return state


def tasks(desk: Desk, **options: object) -> Page:
    """A task of one's own, open."""
    care(desk).get_by_role("button", name="Yes, ask a lead to ring me").click()
    page = desk.staff("Rhian", **options)
    page.goto(f"{desk.url}/desk/tasks")
    page.get_by_role("button", name="I do this").first.click()
    expect(page.get_by_role("button", name="Put it back").first).to_be_visible()
    return page


def rota_gap(desk: Desk, **options: object) -> Page:
    """A gap ahead, in red, with everything a lead can change."""
    page = desk.staff("Rhian", **options)
    page.goto(f"{desk.url}/desk/rota")
    day = (date.today() + timedelta(days=8)).isoformat()  # noqa: DTZ011 - a day next week, any zone
    if not page.locator("#away-who").is_visible():
        page.get_by_text("Away", exact=True).click()
    page.locator("#away-who").select_option(label="Tom (practice worker)")
    page.locator("#first").fill(day)
    page.locator("#last").fill(day)
    page.get_by_role("button", name="Write it down").click()
    page.goto(f"{desk.url}/desk/rota?week={day}")
    expect(page.locator(".duty.gap").first).to_be_visible()
    for name in ("Add a shift", "Weekly shifts"):
        page.get_by_text(name, exact=True).click()
    return page


def invited(desk: Desk, **options: object) -> Page:
    """A link that is shown once."""
    page = desk.staff("admin", **options)
    page.goto(f"{desk.url}/desk/people")
    page.get_by_label(re.compile("^Name")).fill(f"Ann {secrets.token_hex(4)}")
    page.get_by_label("E-mail address").fill(f"ann-{secrets.token_hex(4)}@example.org")
    page.get_by_role("button", name="Make the invitation").click()
    expect(page.get_by_role("status")).to_be_visible()
    return page


def enrolling(desk: Desk, **options: object) -> Page:
    """The QR code of a new account."""
    link = invited(desk).locator("code.key").inner_text()
    page = desk.visit(**options).new_page()
    page.goto(link)
    page.get_by_label("Choose a password").fill("three blue bicycles sing")
    page.get_by_role("button", name=re.compile("Go on")).click()
    expect(page.locator(".qr svg")).to_be_visible()
    return page


STATES = [
    sign_in_page, wrong_password, enrolling, inbox, empty_list, unclaimed, taken,
    guide_found, refused, watching, record, care, tasks, rota_gap, plain("/desk/digest"),
    plain("/desk/numbers", "Rhian"), plain("/desk/search?q=goodbye"), plain("/desk/me"), invited,
    plain("/desk/nowhere"), plain("/desk/people"),
]  # fmt: skip
