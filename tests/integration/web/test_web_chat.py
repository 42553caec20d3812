"""The chat as pages, without JavaScript."""

import uuid

import pytest

from helpline.enums import Sender, Severity
from helpline.messages import add_message
from helpline.ports import FakeAssistant

DANGER = (
    "my brother just said goodbye to me on the phone and gave his stuff away, hes in wandsworth"
)


def test_the_start_page_says_what_this_is_before_anything_is_stored(family):
    """A first visit writes nothing and leaves no cookie; it shows the welcome and the box."""
    response = family.client.get("/")
    page = family.open()

    assert "Set-Cookie" not in response.headers
    assert family.messages() == []
    assert len(page.said()) == 1
    assert "automated" in page.said()[0]
    assert page.all(".//textarea[@id='text']")


def test_help_in_danger_stands_before_the_box(family):
    """Whoever opens the page in danger reads what to do first, with numbers to tap."""
    html = family.open().html

    assert html.index('class="now"') < html.index('id="log"') < html.index("<textarea")
    assert 'href="tel:999"' in html


def test_a_message_is_kept_and_shown_with_its_answer(family, answers):
    """A form post ends on the page, which shows the words, the answer, its source and its dates."""
    family.assistant.default = answers
    response = family.send("how does he see the dentist")
    family.answer()
    page = family.open()

    assert response.status_code == 303
    assert response.location == "/#m-2"
    assert page.said()[1:] == [
        "how does he see the dentist",
        "They should get their medicine. Ring healthcare.",
    ]
    proof = " ".join(page.texts(".//div[@class='proof']"))
    assert "Last checked 20 November 2026" in proof
    assert "Pact's approval" in proof
    assert "A guide, seen 21 November 2026" in proof


def test_choices_are_buttons_until_the_family_goes_on(family, answers):
    """The newest choices can be pressed; those of an earlier answer are gone."""
    family.assistant.default = answers
    family.send("tablets")
    family.answer()
    offered = family.open()
    labels = [b.get("value") for b in offered.all(".//form[@class='choices']//button")]
    family.send(labels[0])

    assert labels == ["How do they see a nurse?", "Nobody listens"]
    assert not family.open().all(".//form[@class='choices']")
    assert family.messages()[-1].text == labels[0]


def test_while_an_answer_is_prepared_the_page_says_so(family):
    """Without JavaScript there is a link to look again, and no page that reloads by itself."""
    family.send("hello")
    page = family.open()

    assert page.texts(".//a[@class='check']") == ["Check for a reply"]
    assert "http-equiv" not in page.html
    assert "hidden" not in page.all(".//div[@id='waiting']")[0].attrib


def test_an_answer_that_is_late_is_admitted(family, time_machine_from_now):
    """After fifteen seconds the page says that it takes too long, and what to do meanwhile."""
    family.send("hello")
    time_machine_from_now(seconds=16)

    assert any(
        "longer than it should" in said
        for said in family.open().texts(".//div[@class='notice quiet']")
    )


def test_danger_gets_the_safety_reply_in_the_same_request(family):
    """No job has run, and the page already says what to do now."""
    response = family.send(DANGER)
    page = family.open()

    reply = next(m for m in family.messages() if m.sender is Sender.ASSISTANT and m.n > 1)
    assert reply.severity is Severity.IMMEDIATE
    assert page.all(".//article[@class='message from-assistant danger']")
    assert response.location == f"/#m-{reply.n}"


def test_a_form_sent_twice_is_stored_once(family):
    """A double click, or Reload, gives one message."""
    fields = family.open().fields()
    for _ in range(2):
        family.client.post("/messages", data={**fields, "text": "hello"})

    assert [m.text for m in family.messages() if m.sender is Sender.FAMILY] == ["hello"]


def test_a_first_message_whose_reply_was_lost_opens_one_chat(family, app):
    """The browser never got its cookie and sends again: the same chat, not a second one."""
    fields = family.open().fields()
    for _ in range(2):
        app.test_client().post("/messages", data={**fields, "text": "hello"})

    assert len({m.conversation_id for m in family.messages()}) == 1
    assert [m.text for m in family.messages() if m.sender is Sender.FAMILY] == ["hello"]


def test_a_form_changed_after_going_back_is_a_new_message(family):
    """The same form with other words must not be taken for a repeat: those words would be lost."""
    fields = family.open().fields()
    for text in ("hello", "hello again"):
        family.client.post("/messages", data={**fields, "text": text})

    assert [m.text for m in family.messages() if m.sender is Sender.FAMILY] == [
        "hello",
        "hello again",
    ]


def test_a_person_can_be_asked_for_without_losing_what_is_in_the_box(family):
    """Both are stored: the words first, then the wish for a person."""
    family.send("hes worse", ask="person")

    said = [m.text for m in family.messages() if m.sender is Sender.FAMILY]
    assert said[0] == "hes worse"
    assert len(said) == 2


@pytest.mark.parametrize("text", ["", "   \n\t ", "\x00\x07", "\u200b\u2060"])
def test_nothing_to_send_is_said_kindly(family, text):
    """An empty message is a 422 with words, and stores nothing."""
    response = family.send(text)

    assert response.status_code == 422
    assert "There is no message yet" in response.text
    assert family.messages() == []


def test_ten_thousand_characters_are_taken(family):
    """A long letter is a message like any other."""
    response = family.send("word " * 1999 + "end.x")

    assert response.status_code == 303


def test_a_message_that_is_too_long_goes_back_in_the_box_with_help(family):
    """Over the limit nothing is stored, nothing is lost, and the way to help is on the page."""
    text = "he is not well " * 700
    response = family.send(text)

    assert response.status_code == 413
    assert text.strip() in response.text
    assert "too long" in response.text
    assert 'href="tel:999"' in response.text
    assert "<title>Problem: " in response.text
    assert family.messages() == []


@pytest.mark.parametrize(
    "text",
    [
        "😢😢😢",
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "'; DROP TABLE messages; --",
        "மருந்து கிடைக்கவில்லை",
        "ما أعطوه دواءه",
        "a\x00b\x1b[31mc\u202edlrow",
        "[x](javascript:alert(1)) **bold**",
    ],
)
def test_any_script_and_any_sign_is_shown_as_it_was_written(family, text):
    """Families' words are stored and shown, and never become part of the page."""
    response = family.send(text)
    page = family.open()

    assert response.status_code == 303
    assert page.said()[1] == " ".join(family.messages()[1].text.split())
    assert "<script>alert" not in page.html
    assert "<img" not in page.html


def test_a_message_to_a_closed_chat_is_refused_in_words(family):
    """409, the words kept, and a way to start again."""
    from helpline import conversations  # noqa: PLC0415

    family.send("hello")
    family.answer()
    conversation = family.messages()[0].conversation
    conversations.close(family.session, conversation, actor="worker")
    family.session.commit()
    response = family.client.post(
        "/messages", data={"text": "one more thing", "client_id": str(uuid.uuid4())}
    )

    assert response.status_code == 409
    assert "This chat is closed" in response.text
    assert "Start a new chat" in response.text


def test_a_cookie_that_opens_nothing_begins_a_new_chat(family):
    """After leaving elsewhere, or when words were removed, the message still arrives."""
    family.client.set_cookie("chat", f"{uuid.uuid4()}.wrong")
    response = family.send("hello")

    assert response.status_code == 303
    assert "hello" in family.open().said()


def test_the_assistant_failing_is_answered_in_fixed_words(family):
    """A dead assistant never means silence."""
    family.assistant = FakeAssistant(fails=True)
    family.send("hello")
    family.answer()

    assert len(family.open().said()) == 3


def test_a_worker_is_shown_by_name_and_as_a_person(family):
    """Their words are shown as written, whatever they hold."""
    family.send("hello")
    conversation = family.messages()[0].conversation
    add_message(
        family.session,
        conversation,
        Sender.WORKER,
        "I am here now.\n<b>Tell me</b> more.",
        details={"worker": "Amina <i>"},
    )
    family.session.commit()
    page = family.open()

    assert page.texts(".//article[@class='message from-worker']/p/span") == [
        "Amina <i>",
        "helpline worker",
    ]
    assert page.said()[-1] == "I am here now. <b>Tell me</b> more."


def test_a_message_whose_words_were_removed_still_has_its_place(family):
    """Retention takes words, not the shape of the chat."""
    family.send("hello")
    family.messages()[1].text = None
    family.session.commit()

    assert family.open().said()[1] == ""


@pytest.mark.parametrize("after", ["99999999999999", "-1", "x", "\u0664", ""])
def test_a_number_that_is_none_means_from_the_start(family, after):
    """Whatever a broken script asks for, it gets the whole chat."""
    family.send("hello")

    assert 'id="m-1"' in family.client.get("/messages", query_string={"after": after}).text
