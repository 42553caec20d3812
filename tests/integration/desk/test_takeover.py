"""A worker takes a family on, replies, passes them on, hands them back, ends it."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from helpline import inbox, takeover
from helpline.enums import ConversationStatus, HandoverStatus, Sender
from helpline.models import AuditEntry, Message, RecordEntry, Worker
from helpline.models.accounts import Account


@pytest.fixture
def taken(practice, family):
    """A family in danger, with Priya."""
    priya, home = practice("Priya"), family()
    priya.press(home.at("take"))
    return priya, home


def test_a_family_in_danger_is_on_top_of_the_inbox(practice, family):
    """By severity first, then by who waits longest, with the promise beside them."""
    family("can i talk to a person please i want a person")
    family()
    page = practice("Priya").open("/desk/inbox?tab=unclaimed")

    rows = page.texts(".//ul[@class='rows']/li")
    assert "danger to life now" in rows[0]
    assert "my brother said goodbye" in rows[0]
    assert "by" in rows[0]
    assert "HMP Wandsworth" in rows[0]


def test_taking_on_silences_the_assistant_and_names_the_worker(taken):
    """The family reads who is there; the desk reads that the assistant is silent."""
    priya, home = taken

    assert "Priya (practice worker) is here now" in home.reads()
    assert "With you" in priya.open(home.page).text
    assert home.handover.status is HandoverStatus.CLAIMED


def test_two_workers_cannot_take_the_same_family(taken, practice):
    """The second is told who was quicker, and nothing changes."""
    _, home = taken
    page = practice("Tom").press(home.at("take"), status=409)

    assert "somebody else has taken this on" in page.text
    assert "With Priya" in page.text
    assert home.handover.worker_name.startswith("Priya")
    assert home.reads().count("is here now") == 1


def test_pressing_twice_says_it_once(taken):
    """A double tap on a slow phone is one claim."""
    priya, home = taken
    priya.press(home.at("take"))

    assert home.reads().count("is here now") == 1


def test_a_reply_reaches_the_family_under_the_workers_name(taken):
    """In their chat, once, however often the form is sent."""
    priya, home = taken
    form = {"text": "I am ringing the wing now.", "client_id": str(uuid.uuid4())}
    for _ in range(2):
        priya.press(home.at("reply"), **form)

    assert home.reads().count("I am ringing the wing now.") == 1
    assert "Priya (practice worker)" in home.reads()


def test_only_the_worker_who_has_it_may_reply(taken, practice):
    """A second tab or a colleague: refused, with the words given back."""
    _, home = taken
    page = practice("Tom").press(home.at("reply"), status=409, text="hello from tom")

    assert "not with you" in page.text
    assert "hello from tom" not in home.reads()


def test_attention_is_lowered_by_a_human_reply_alone(taken, practice):
    """Claiming does not lower it, replying does, and the next message raises it again."""
    priya, home = taken
    now = "/desk/inbox?tab=now"

    assert "my brother said goodbye" in priya.open(now).text
    priya.press(home.at("reply"), text="I am here.", client_id=str(uuid.uuid4()))
    assert "Nobody is waiting" in priya.open(now).text
    assert "my brother" in priya.open("/desk/inbox?tab=waiting").text
    home.say("are you still there")
    assert "are you still there" in priya.open(now).text


def test_danger_in_a_taken_conversation_warns_the_worker(taken):
    """The safety screen never sleeps; the assistant does."""
    priya, home = taken
    before = len(home.reads())
    home.say("now he says he has a rope and will do it tonight")
    page = priya.open(home.page)

    flags = page.texts(".//p[@class='flags']")
    assert len(flags) == 2
    assert "suicide or self-harm: danger to life now" in flags[1]
    assert "automated" not in home.reads()[before:]


def test_saying_i_have_seen_it_stops_the_ladder(practice, family):
    """The promise stands, and the family stays in the queue until somebody takes them on."""
    home = family()
    page = practice("Tom").press(home.at("seen"))

    assert "Seen by Tom" in page.text
    assert home.handover.acknowledged_at is not None
    assert home.handover.status is HandoverStatus.REQUESTED


def test_a_colleague_takes_over_and_the_family_is_told(taken, practice):
    """They stay with the first until the second says yes."""
    priya, home = taken
    tom = practice("Tom")
    worker = home.session.scalar(select(Worker).where(Worker.name.startswith("Tom")))
    priya.press(home.at("offer"), worker=worker.id)

    assert "Priya (practice worker) is asking Tom (practice worker)" in home.reads()
    assert home.handover.worker_name.startswith("Priya")
    assert "offered to you" in tom.open("/desk/inbox?tab=mine").text
    tom.press(home.at("accept"))
    assert "Tom (practice worker) is here now, in place of Priya" in home.reads()
    assert home.handover.worker_name.startswith("Tom")
    assert priya.post(home.at("reply"), text="x").status_code == 409


def test_an_offer_can_be_declined(taken, practice):
    """Nothing changes for the family."""
    priya, home = taken
    worker = home.session.scalar(select(Worker).where(Worker.name.startswith("Tom")))
    priya.press(home.at("offer"), worker=worker.id)
    tom = practice("Tom")
    tom.press(home.at("withdraw"))

    assert tom.post(home.at("accept")).status_code == 409
    assert home.handover.worker_name.startswith("Priya")


def test_a_lead_watches_and_takes_over(taken, practice):
    """With the family told by name; a worker may not."""
    _, home = taken
    rhian = practice("Rhian")

    assert "my brother said goodbye" in rhian.open(home.page).text
    rhian.press(home.at("take-over"))
    assert "Rhian (practice duty lead) is here now, in place of Priya" in home.reads()
    assert practice("Tom").get(home.page).status_code == 200
    assert practice("Tom").post(home.at("take-over")).status_code == 403


def test_back_in_the_queue_the_family_hears_the_next_name_and_time(taken):
    """And the clock runs again."""
    priya, home = taken
    priya.press(home.at("release"))

    assert "We have to change who helps you" in home.reads()
    assert home.handover.status is HandoverStatus.REQUESTED
    assert home.handover.acknowledged_at is None


def test_handing_back_needs_a_reason_and_is_seen(taken):
    """The assistant answers again; the reason is the record's outcome."""
    priya, home = taken
    assert priya.post(home.at("hand-back"), reason="  ").status_code == 422
    page = priya.press(home.at("hand-back"), reason="The wing has seen him; he is safe.")

    assert page.heading == "How are you?"
    assert "Priya (practice worker) has left this chat" in home.reads()
    assert home.handover.status is HandoverStatus.CLOSED
    entries = home.session.scalars(select(RecordEntry).order_by(RecordEntry.id)).all()
    assert entries[-1].fields["text"] == "The wing has seen him; he is safe."


def test_a_timed_end_is_told_and_kept_unless_the_family_writes(taken, service, session, travel):
    """Silence ends it at the time said; a word from them keeps the worker there."""
    priya, home = taken
    priya.press(home.at("reply"), text="I am here.", client_id=str(uuid.uuid4()))
    priya.press(home.at("hand-back"), reason="All is well.", after="30")
    assert "is here until" in home.reads()
    handover_id = home.handover.id
    takeover.hand_back_if_silent(session, service, handover_id)
    assert home.handover.status is HandoverStatus.CLAIMED

    travel(minutes=29)
    home.say("one more thing")
    travel(minutes=2)
    takeover.hand_back_if_silent(session, service, handover_id)
    assert home.handover.status is HandoverStatus.CLAIMED

    home.session.expire_all()
    worker = home.session.get(Worker, home.handover.worker_id)
    takeover.reply(session, handover_id, worker, "Yes?")
    takeover.hand_back_later(
        session, service, handover_id, worker, "All is well.", timedelta(minutes=30)
    )
    travel(minutes=31)
    takeover.hand_back_if_silent(session, service, handover_id)
    assert home.handover.status is HandoverStatus.CLOSED
    assert "has left this chat" in home.reads()


def test_ending_the_conversation_is_said_to_the_family(taken):
    """They read who ended it, what to do in danger, and how to begin again."""
    priya, home = taken
    priya.press(home.at("close"), reason="Passed to the safer custody team at 14:05.")

    assert "Priya (practice worker) has ended this chat" in home.reads()
    assert home.conversation.status is ConversationStatus.CLOSED
    assert "Passed to the safer custody team" in priya.open(home.page).text


def test_a_worker_kept_out_loses_no_family(practice, join, sign_in, family):
    """Their open families go back to the queue, and an admin's press is in the trail."""
    mair = sign_in(join())
    home = family()
    mair.press(home.at("take"))
    account = home.session.scalar(select(Account).where(Account.name == "Mair Evans"))
    practice("admin").press(f"/desk/people/{account.id}/deactivate")

    assert home.handover.status is HandoverStatus.REQUESTED
    assert home.handover.worker_name != "Mair Evans"
    assert "We have to change who helps you" in home.reads()
    actions = home.session.scalars(select(AuditEntry.action)).all()
    assert "handover_reopened" in actions


def test_the_guides_answer_is_sent_with_its_sources(taken):
    """Chosen by search, worded by the guide, signed by the worker."""
    priya, home = taken
    page = priya.open(f"{home.page}?guide=see a doctor")
    topics = [b.get("value") for b in page.all(".//button[@name='topic']")]
    assert topics
    priya.press(home.at("answer"), topic=topics[0])
    sent = home.session.scalars(
        select(Message).where(Message.sender == Sender.WORKER).order_by(Message.id.desc())
    ).first()

    assert sent.topic_id == topics[0]
    assert sent.sources
    assert "**" not in home.reads()
    assert priya.post(home.at("answer"), topic="no-such-topic").status_code == 404


def test_a_ready_reply_goes_into_the_box_first(taken):
    """Filled in with the worker's name; nothing is sent by choosing it."""
    priya, home = taken
    page = priya.open(f"{home.page}?ready=hello")
    (box,) = page.texts(".//textarea[@id='text']")

    assert box.startswith("Hello, I am Priya (practice worker).")
    assert "Hello, I am Priya" not in home.reads()


def test_what_a_worker_was_writing_survives_the_end_of_the_session(
    join, sign_in, family, travel, visitor
):
    """They sign in again and it is in the box, for nobody else."""
    mair = join()
    staff, home = sign_in(mair), family()
    staff.press(home.at("take"))
    token = staff.open(home.page).csrf
    travel(hours=2)
    answer = staff.client.post(
        home.at("reply"), data={"csrf_token": token, "text": "I was just about to"}
    )
    assert answer.status_code == 303
    assert "kept=yes" in answer.location
    assert "is kept" in staff.open(answer.location).text

    staff = sign_in(mair)
    (box,) = staff.open(home.page).texts(".//textarea[@id='text']")
    assert box == "I was just about to"
    assert "I was just about to" not in home.reads()
    staff.press(home.at("reply"), text=box, client_id=str(uuid.uuid4()))
    assert staff.open(home.page).texts(".//textarea[@id='text']") == [""]


def test_notes_stay_between_workers(taken, practice):
    """A colleague reads them, the family never."""
    priya, home = taken
    priya.press(f"{home.page}/note", text="She sounds frightened of someone in the room.")

    assert "frightened of someone" in practice("Tom").open(home.page).text
    assert "frightened" not in home.reads()


def test_a_worker_is_told_when_the_family_has_left(taken):
    """Nobody writes into an empty room without knowing it."""
    priya, home = taken
    page = home.page
    assert "They have left" not in priya.open(page).text
    home.client.post("/leave")

    assert "They have left this chat" in priya.open(page).text


def test_a_missed_promise_is_red_in_the_inbox_and_the_conversation(practice, family, travel):
    """The name and the time that was not kept, until somebody comes."""
    home = family()
    travel(days=2)
    priya = practice("Priya")

    (late,) = priya.open("/desk/inbox?tab=unclaimed").texts(".//span[@class='late']")
    assert late.startswith("Promise missed: ")
    assert "The promised time has passed" in priya.open(home.page).text
    assert "Promise missed" in priya.open("/desk/digest").text


def test_a_family_that_waits_for_their_worker_is_a_nudge(taken, travel):
    """After ten minutes in red, for the one who has them."""
    priya, home = taken
    priya.press(home.at("reply"), text="I am here.", client_id=str(uuid.uuid4()))
    home.say("please answer")
    travel(minutes=11)

    (late,) = priya.open("/desk/inbox?tab=mine").texts(".//span[@class='late']")
    assert late == "Waiting for you 11 min"


def test_without_the_database_the_desk_says_what_to_do(practice, monkeypatch):
    """A page of its own, status 503, no text of the error."""

    def broken(*_, **__):
        raise OperationalError("SELECT secret", {}, Exception("connection lost"))

    priya = practice("Priya")
    monkeypatch.setattr(inbox, "list_open", broken)
    page = priya.open("/desk/inbox", status=503)

    assert page.heading == "The desk cannot reach its database"
    assert "secret" not in page.html
