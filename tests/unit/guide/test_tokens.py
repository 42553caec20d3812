"""Tokens: the right words for every status of a number, on every channel."""

from datetime import date

import pytest

from helpline.enums import Channel
from helpline.errors import GuideError
from helpline.guide.content import (
    ALWAYS_GIVEN,
    ContactBook,
    NumberStatus,
    Phone,
    Prison,
    Verified,
)
from helpline.guide.tokens import render, token_problems


@pytest.fixture(scope="session")
def say(contacts: ContactBook):
    """Render words; by default on the web, with unchecked numbers shown and no prison."""

    def render_words(
        text: str,
        channel: Channel = Channel.WEB,
        prison: str | Prison | None = None,
        *,
        allow: bool = True,
        book: ContactBook = contacts,
    ) -> str:
        known = book.prisons[prison] if isinstance(prison, str) else prison
        return render(text, contacts=book, prison=known, allow_unverified=allow, channel=channel)

    return render_words


def _with(contacts: ContactBook, service: str, **phone: object) -> ContactBook:
    old = contacts.services[service]
    assert old.phone is not None
    new = old.model_copy(update={"phone": old.phone.model_copy(update=phone)})
    return contacts.model_copy(update={"services": {**contacts.services, service: new}})


@pytest.mark.parametrize(
    ("service", "spoken"),
    [
        ("emergency-999", "9 9 9"),
        ("nhs-111-mental-health", "1 1 1"),
        ("samaritans", "1 1 6, 1 2 3"),
    ],
)
@pytest.mark.parametrize("allow", [True, False])
def test_the_three_lifelines_are_always_given_plainly(
    say, service: str, spoken: str, *, allow: bool
) -> None:
    """999, 111 and Samaritans stand in every mode, without a caution that could put people off."""
    text = f"Ring {{{{ phone:{service} }}}}."

    digits = spoken.replace(" ", "").replace(",", " ")
    assert say(text, Channel.SMS, allow=allow) == f"Ring {digits}."
    assert say(text, Channel.VOICE, allow=allow) == f"Ring {spoken}."
    assert say(text, Channel.WEB, allow=allow) == (
        f"Ring [{digits}](tel:{digits.replace(' ', '')})."
    )


def test_an_unchecked_number_carries_its_caution(say) -> None:
    """A number from one source is never presented as certain."""
    text = "Ring Rethink on {{ phone:rethink }}."

    assert say(text, Channel.WEB) == (
        "Ring Rethink on [0808 801 0525](tel:+448088010525) (from one source, not yet checked)."
    )
    assert say(text, Channel.SMS) == "Ring Rethink on 0808 801 0525 (not yet checked)."
    assert say(text, Channel.VOICE) == (
        "Ring Rethink on 0 8 0 8, 8 0 1, 0 5 2 5, from one source, not yet checked."
    )


def test_an_unchecked_number_is_held_back_where_settings_say_so(say) -> None:
    """In live mode a number that nobody has rung gives way to the way to find it."""
    text = "Ring Rethink on {{ phone:rethink }}."

    assert say(text, Channel.WEB, allow=False) == (
        "Ring Rethink on the number on [their website](https://www.rethink.org)."
    )
    assert say(text, Channel.SMS, allow=False) == "Ring Rethink on the number on www.rethink.org."
    assert say(text, Channel.VOICE, allow=False) == ("Ring Rethink on the number on their website.")


def test_a_number_that_was_rung_needs_no_caution(contacts: ContactBook, say) -> None:
    """Once a person has rung it, a number is given plainly in every mode."""
    rung = Verified(on=date(2026, 11, 22), by="AB")
    book = _with(contacts, "rethink", verified_by_phone=rung)

    assert say("{{ phone:rethink }}", Channel.SMS, allow=False, book=book) == "0808 801 0525"


@pytest.mark.parametrize("channel", list(Channel))
@pytest.mark.parametrize("allow", [True, False])
def test_no_number_in_conflict_is_ever_said(
    contacts: ContactBook, say, channel: Channel, *, allow: bool
) -> None:
    """Whatever the settings, a number whose sources differ never reaches a family."""
    checked = 0
    for service in contacts.services.values():
        if service.phone is not None and service.phone.status is NumberStatus.CONFLICT:
            said = say(f"{{{{ phone:{service.id} }}}}", channel, allow=allow)
            assert not any(char.isdigit() for char in said.split("](")[0]), service.id
            checked += 1
    for prison in contacts.prisons.values():
        for token, phone in (
            ("switchboard", prison.switchboard),
            ("safer_custody", prison.safer_custody),
        ):
            if phone.status in {NumberStatus.CONFLICT, NumberStatus.NOT_FOUND}:
                said = say(f"{{{{ prison:{token} }}}}", channel, prison, allow=allow)
                own = (phone.number or "").replace(" ", "")
                assert not own or own not in said.replace(" ", "").replace(",", ""), prison.key
                checked += 1
    assert checked > 100


@pytest.mark.parametrize("channel", list(Channel))
def test_live_mode_says_no_number_that_nobody_rang(
    contacts: ContactBook, say, channel: Channel
) -> None:
    """With unchecked numbers held back, only the lifelines and rung numbers are said."""
    for service in contacts.services.values():
        phone = service.phone or service.text
        if service.id in ALWAYS_GIVEN or phone is None or phone.number is None:
            continue
        said = say(f"{{{{ phone:{service.id} }}}}", channel, allow=False)
        assert phone.number not in said, service.id
        assert "tel:" not in said, service.id


def test_the_prison_that_is_known_brings_its_own_number(say) -> None:
    """Words for any prison become words for this one, and its main number is written out."""
    text = "Ring {{ prison:switchboard }} at {{ prison:name }}."

    assert say(text, Channel.SMS) == "Ring the prison's main number at the prison."
    assert say(text, Channel.SMS, "brixton") == (
        "Ring the prison's main number (020 8588 6000, not yet checked) at HMP Brixton."
    )
    assert say(text, Channel.VOICE, "brixton") == (
        "Ring the prison's main number, 0 2 0, 8 5 8 8, 6 0 0 0, not yet checked, "
        "at Brixton prison."
    )


def test_the_main_number_is_written_out_once(say) -> None:
    """An answer that names the main number three times does not read it out three times."""
    text = "Ring {{ prison:switchboard }}. No answer? Ring {{ prison:switchboard }} again."

    assert say(text, Channel.SMS, "brixton").count("020 8588 6000") == 1
    assert say(text, Channel.SMS, "brixton").endswith("Ring the prison's main number again.")


def test_a_main_number_in_doubt_gives_the_way_to_find_it(say) -> None:
    """Belmarsh's sources differ: its page is named, and no number."""
    text = "Ring {{ prison:switchboard }} now."

    assert say(text, Channel.SMS, "belmarsh") == (
        "Ring the prison's main number (www.gov.uk/guidance/belmarsh-prison) now."
    )
    assert say(text, Channel.VOICE, "belmarsh") == (
        "Ring the prison's main number, which is on the prison's web page, now."
    )
    assert "www.gov.uk/find-prison" in say(text, Channel.SMS, "millsike")


def test_a_prison_that_is_closed_lends_no_number(say) -> None:
    """Nobody is held at Dartmoor, so no number is given in its name."""
    assert say("Ring {{ prison:switchboard }}.", Channel.SMS, "dartmoor") == (
        "Ring the prison's main number."
    )


@pytest.mark.parametrize(
    ("prison", "way"),
    [
        (None, "safer custody, through the prison's main number"),
        ("usk", "safer custody, through the prison's main number (01291 671 600, not yet checked)"),
        ("thameside", "the safer custody line (020 8317 5593, not yet checked)"),
        ("peterborough-men", "the safer custody line (01733 217 500 ext 3324, not yet checked)"),
    ],
)
def test_the_safety_team_is_reached_one_way_or_another(say, prison: str | None, way: str) -> None:
    """A known line is given with its caution; else the way leads through the main number."""
    assert say("Ring {{ prison:safer_custody }}.", Channel.SMS, prison) == f"Ring {way}."


def test_the_fallback_steps_name_this_prison_and_the_emergency_number(say) -> None:
    """The steps used when no line is known stand on their own, with their tokens filled in."""
    said = say("{{ steps:safer_custody }}", Channel.WEB, "brixton")

    assert said.startswith("1. If someone may die")
    assert "tel:+442085886000" in said
    assert "tel:999" in said
    assert "{{" not in said


@pytest.mark.parametrize(
    ("key", "written", "spoken"),
    [
        ("wandsworth", "HMP Wandsworth", "Wandsworth prison"),
        ("the-mount", "HMP The Mount", "The Mount prison"),
        ("peterborough-women", "HMP Peterborough (women)", "Peterborough women's prison"),
        ("werrington", "HMYOI Werrington", "Werrington"),
    ],
)
def test_prisons_have_a_name_for_the_eye_and_one_for_the_ear(
    say, key: str, written: str, spoken: str
) -> None:
    """Families read and hear names as they know them, not as the register has them."""
    assert say("{{ prison:name }}", Channel.WEB, key) == written
    assert say("{{ prison:name }}", Channel.VOICE, key) == spoken


@pytest.mark.parametrize(
    "text",
    [
        "{{ prison:name }} can help.",
        "Wait. {{ prison:name }} can help.",
        "- {{ prison:name }} can help.",
        "1. {{ prison:name }} can help.",
        "Hello.\n\n**{{ prison:name }}** can help.",
        'He said "no." {{ prison:name }} can help.',
    ],
)
def test_a_token_that_opens_a_sentence_has_a_capital(say, text: str) -> None:
    """Filled-in words read as if someone had written them there."""
    assert "The prison" in say(text)


def test_a_token_inside_a_sentence_has_none(say) -> None:
    """Only the start of a sentence takes a capital."""
    assert say("Ask {{ prison:name }}, or **{{ prison:name }}**: please") == (
        "Ask the prison, or **the prison**: please"
    )


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        (Channel.WEB, "See [www.gov.uk/prison-visits](https://www.gov.uk/prison-visits)."),
        (Channel.SMS, "See www.gov.uk/prison-visits."),
        (Channel.VOICE, "See their website."),
    ],
)
def test_a_link_fits_its_channel(say, channel: Channel, said: str) -> None:
    """The web gets a link, a text message an address that can be tapped, the ear no address."""
    assert say("See {{ link:govuk-prison-visits }}.", channel) == said


def test_a_text_line_says_the_word_to_send(say) -> None:
    """Shout is reached by text: the word and the number come together."""
    assert say("Text {{ phone:shout }}.", Channel.SMS) == ("Text SHOUT to 85258 (not yet checked).")
    assert say("Text {{ phone:shout }}.", Channel.VOICE) == (
        "Text the word SHOUT to 8 5 2 5 8, from one source, not yet checked."
    )


def test_a_service_without_a_number_or_a_website_says_so(contacts: ContactBook, say) -> None:
    """There is always something to say, even where nothing was found."""
    book = _with(contacts, "mens-advice-line", status=NumberStatus.CONFLICT)

    assert say("Ring {{ phone:mens-advice-line }}.", Channel.SMS, book=book) == (
        "Ring a number we are still checking."
    )


def test_an_unknown_token_is_an_error_not_a_gap(say) -> None:
    """Nothing is sent with a hole where a number should be."""
    with pytest.raises(GuideError, match="phone:nobody"):
        say("Ring {{ phone:nobody }}.")


def test_every_token_of_the_vetted_list_can_be_said(contacts: ContactBook, say) -> None:
    """Each service and prison renders on each channel, leaving no braces behind."""
    for channel in Channel:
        for service in contacts.services.values():
            for kind in ("phone", "link"):
                token = f"{{{{ {kind}:{service.id} }}}}"
                if not token_problems(token, contacts):
                    assert "{" not in say(token, channel)
        for prison in contacts.prisons.values():
            text = "{{ prison:name }}, {{ prison:switchboard }}, {{ prison:safer_custody }}"
            assert "{" not in say(text, channel, prison)


def test_phones_keep_where_they_came_from(contacts: ContactBook) -> None:
    """Each number keeps its status, whether it was rung, and for prisons its sources."""
    numbers: list[tuple[str, Phone]] = [
        (prison.key, phone)
        for prison in contacts.prisons.values()
        for phone in (prison.switchboard, prison.safer_custody)
        if phone.number is not None
    ]

    assert len(numbers) == 123
    assert [key for key, phone in numbers if not phone.sources] == []
    assert [key for key, phone in numbers if phone.verified_by_phone is not None] == []


@pytest.mark.parametrize(
    ("channel", "unset", "given"),
    [
        (Channel.WEB, "this page", "[020 7946 0000](tel:+442079460000)"),
        (Channel.SMS, "this number", "020 7946 0000"),
        (Channel.VOICE, "this number", "0 2 0, 7 9 4 6, 0 0 0 0"),
    ],
)
def test_our_own_number_comes_from_the_settings(
    say, contacts: ContactBook, channel: Channel, unset: str, given: str
) -> None:
    """Without the setting the words point to where the family already is; with it, no caution."""
    text = "Reach us on {{ phone:our-line }}."
    ours = contacts.with_our_line("+442079460000")

    for allow in (True, False):
        assert say(text, channel, allow=allow) == f"Reach us on {unset}."
        assert say(text, channel, allow=allow, book=ours) == f"Reach us on {given}."
    assert contacts.with_our_line("") is contacts


@pytest.mark.parametrize("number", ["020 7946 0000", "helpline", "+44x"])
def test_what_is_no_number_is_refused(contacts: ContactBook, number: str) -> None:
    """A slip in the settings is not read out to families."""
    with pytest.raises(ValueError, match="not a number such as"):
        contacts.with_our_line(number)


@pytest.mark.parametrize(
    ("prison", "said"),
    [
        ("wandsworth", "Oxleas NHS Foundation Trust (as far as we know)"),
        ("belmarsh", "Practice Plus Group (as far as we know)"),
        ("berwyn", "the group that gives the care"),
        (None, "the group that gives the care"),
    ],
)
def test_who_gives_the_care_is_said_where_it_is_known(say, prison: str | None, said: str) -> None:
    """A family that named the prison hears whom to complain to; nobody hears a guess."""
    assert say("Complain to {{ prison:provider }}.", prison=prison) == f"Complain to {said}."


def test_sources_that_differ_on_who_gives_the_care_name_nobody(contacts: ContactBook, say) -> None:
    """A conflict is for a person to settle, not for a family to be sent the wrong way."""
    known = contacts.prisons["wandsworth"]
    torn = known.healthcare.model_copy(update={"status": NumberStatus.CONFLICT})
    prison = known.model_copy(update={"healthcare": torn})

    assert say("Ask {{ prison:provider }}.", prison=prison) == "Ask the group that gives the care."
