"""The real guide says what differs where somebody is held, as soon as the prison is known."""

import pytest

from helpline.enums import Channel
from helpline.guide.content import Guide
from helpline.guide.loader import load_guide
from helpline.service import Service

WALES = ("berwyn", "cardiff", "swansea", "usk", "prescoed", "parc")


@pytest.fixture(scope="module")
def written() -> Guide:
    """The guide's files, to see which topics differ and for whom."""
    return load_guide()


@pytest.mark.parametrize("prison", WALES)
@pytest.mark.parametrize("channel", list(Channel))
def test_a_prison_in_wales_brings_the_welsh_ways(
    service: Service, prison: str, channel: Channel
) -> None:
    """No family with somebody in Wales is sent to NHS England or the English Ombudsman."""
    first = service.guide.answer("complaint-healthcare", channel, prison).text
    next_step = service.guide.answer("complaint-next-step", channel, prison).text
    helper = service.guide.answer("complaint-help", channel, prison).text
    letter = service.guide.answer("template-complaint", channel, prison).text

    for text in (first, next_step, helper, letter):
        assert "NHS England" not in text
        assert "N H S England" not in text
    assert "health board" in first
    assert "Public Services Ombudsman for Wales" in next_step
    assert "Llais" in helper
    assert "health board" in letter


@pytest.mark.parametrize("channel", list(Channel))
def test_a_place_for_children_brings_words_for_parents(service: Service, channel: Channel) -> None:
    """A parent is told of the duty manager and their own part, not of adults' rules."""
    texts = [
        service.guide.answer(topic, channel, "werrington").text
        for topic in ("arrival-health-check", "next-of-kin-and-decisions", "violence-and-bullying")
    ]

    assert all("duty manager" in text for text in texts)
    assert not any("duty governor" in text for text in texts)


@pytest.mark.parametrize(
    ("prison", "private"),
    [("doncaster", True), ("parc", True), ("wandsworth", False), (None, False)],
)
def test_a_privately_run_prison_is_said_to_be_one(
    service: Service, prison: str | None, *, private: bool
) -> None:
    """Where posts of public prisons may not exist, the family is told what to ask for instead."""
    for channel in Channel:
        answer = service.guide.answer("autism-adhd-learning-disability", channel, prison)
        assert ("This prison is privately run" in answer.text) is private


def test_an_english_prison_for_adults_keeps_the_common_words(
    service: Service, written: Guide
) -> None:
    """Every topic that differs somewhere says its own words for Wandsworth, and none twice."""
    for topic in written.topics.values():
        for channel in Channel if topic.variants else ():
            own = topic.answers.for_channel(channel)
            said = service.guide.render(own, channel=channel, prison_key="wandsworth")
            assert service.guide.answer(topic.id, channel, "wandsworth").text == said


def test_every_variant_is_said_for_some_prison(written: Guide) -> None:
    """No words were written for a kind of prison that there is none of."""
    prisons = [p for p in written.contacts.prisons.values() if p.open == "open"]

    for topic in written.topics.values():
        for variant in topic.variants:
            assert any(p.is_in(group) for p in prisons for group in variant.applies_to), topic.id
