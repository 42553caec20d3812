"""The safety reply: every part, in its order, in every combination."""

import re
from itertools import product

import pytest

from helpline.enums import Channel, ConcernKind, Severity
from helpline.guide.answers import PublishedGuide
from helpline.guide.wording import (
    SMS_SEPTETS_JOINED,
    grade,
    not_gsm,
    seconds,
    segments,
)
from helpline.safety import About, ConcernFound, Screening
from helpline.safety.reply import compose

WORKER = "Priya"
# As each channel says it, at its longest.
TIMES = {
    Channel.WEB: "10:30 am tomorrow (Wednesday 30 September)",
    Channel.VOICE: "10:30 am tomorrow (Wednesday 30 September)",
    Channel.SMS: "10:30am Wed 30 Sep",
}
BANNED = ("soon", "don't worry", "do not worry", "calm down", "promise", "anything else", "?!")
COMBINATIONS = list(
    product(
        ConcernKind,
        (Severity.URGENT, Severity.IMMEDIATE),
        (About.INSIDE, About.CALLER),
        Channel,
        (True, False),  # staffed now
        (True, False),  # a number to ring back
        (None, "wandsworth", "belmarsh"),
    )
)


@pytest.fixture(scope="module")
def guide() -> PublishedGuide:
    """The words of the guide; safety replies need no database."""
    return PublishedGuide(lambda: None, allow_unverified=True)


def _reply(guide: PublishedGuide, combination: tuple, *, again: bool = False) -> str:
    kind, severity, about, channel, staffed, callback, prison = combination
    screening = Screening((ConcernFound(kind, severity, ("r",), about),), severity, about)
    text = compose(
        screening,
        channel=channel,
        staffed_now=staffed,
        worker=WORKER,
        by_words=TIMES[channel],
        callback_possible=callback,
        again=again,
    )
    return guide.render(text, channel=channel, prison_key=prison)


def _digits(channel: Channel, number: str) -> str:
    """How a number reads on a channel: spoken, its digits stand apart."""
    return " ".join(number) if channel is Channel.VOICE else number


def test_every_part_is_there_and_in_order(guide) -> None:
    """Steps, who and when, day and night lines, who is talking: nothing is left out or swapped."""
    for combination in COMBINATIONS:
        channel, staffed = combination[3], combination[4]
        text = _reply(guide, combination)
        emergency = text.index(_digits(channel, "999"))
        worker = text.index(WORKER)
        samaritans = text.index("Samaritans")
        automated = text.lower().index("automated")
        assert emergency < worker < samaritans < automated < text.rindex("?"), combination
        assert TIMES[channel] in text, combination
        if not staffed:
            assert text.index(TIMES[channel]) < emergency, combination
        assert "{" not in text, combination


def test_nothing_banned_is_said(guide) -> None:
    """No promise of an outcome, no soothing, no survey (safety notes, must avoid)."""
    for combination in COMBINATIONS:
        text = _reply(guide, combination).lower()
        assert not [words for words in BANNED if words in text], combination


def test_someone_inside_is_reached_through_the_prison(guide) -> None:
    """The duty governor by name of office, and the prison's own number when it is known."""
    for combination in COMBINATIONS:
        _kind, _severity, about, _channel, _staffed, _callback, prison = combination
        text = _reply(guide, combination)
        if about is About.INSIDE:
            assert "duty governor" in text, combination
            if prison == "wandsworth":
                assert "8588" in text.replace(" ", ""), combination


def test_a_caller_in_danger_is_not_sent_to_the_prison(guide) -> None:
    """For the caller it is 999 or A&E."""
    for combination in COMBINATIONS:
        kind, _severity, about, *_rest = combination
        if about is About.CALLER and kind is not ConcernKind.DEATH:
            assert "governor" not in _reply(guide, combination), combination


def test_the_first_part_of_a_text_stands_alone(guide) -> None:
    """If only the first segment arrives, it says whom to ring, whom to ask for, and 999."""
    for combination in COMBINATIONS:
        kind, severity, about, channel, staffed, _callback, prison = combination
        if channel is not Channel.SMS or severity is not Severity.IMMEDIATE:
            continue
        first = _reply(guide, combination)[:SMS_SEPTETS_JOINED]
        if about is About.INSIDE:
            assert "ing the prison" in first, combination
        if staffed or prison is None or about is About.CALLER:
            assert "999" in first, combination
            assert about is About.CALLER or "duty governor" in first, combination
        assert staffed or kind is ConcernKind.DEATH or "Closed till" in first, combination


def test_a_text_is_short(guide) -> None:
    """Three segments at most while somebody is there and no website stands for a number."""
    for combination in COMBINATIONS:
        if combination[3] is Channel.SMS:
            text = _reply(guide, combination)
            assert not_gsm(text) == "", combination
            allowed = 3 if combination[4] and combination[6] != "belmarsh" else 4
            assert segments(text) <= allowed, combination


def test_on_the_phone_the_steps_come_within_ten_seconds(guide) -> None:
    """Before any menu, the greeting, and who comes (safety notes, section 2)."""
    for combination in COMBINATIONS:
        if combination[3] is Channel.VOICE:
            text = _reply(guide, combination)
            before = re.split(r"\b[Rr]ing\b", text, maxsplit=1)[0]
            assert seconds(before) <= 10, combination


def test_a_frightened_person_can_read_or_hear_it(guide) -> None:
    """Reading grade at most 4, on every channel."""
    for combination in COMBINATIONS:
        assert grade(_reply(guide, combination)) <= 4, combination


def test_a_hidden_number_is_promised_nothing(guide) -> None:
    """Without a number to ring, "this number" would be a lie."""
    for combination in COMBINATIONS:
        channel, callback = combination[3], combination[5]
        if channel is not Channel.WEB and not callback:
            assert "this number" not in _reply(guide, combination), combination


def test_a_further_message_gets_the_steps_again(guide) -> None:
    """Shorter, with the steps, the name and the time."""
    for combination in COMBINATIONS:
        channel = combination[3]
        text = _reply(guide, combination, again=True)
        assert WORKER in text, combination
        assert TIMES[channel] in text, combination
        assert _digits(combination[3], "999") in text, combination
        assert len(text) < len(_reply(guide, combination)), combination
