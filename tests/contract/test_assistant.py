"""What every Assistant promises the core: the fake and the real one pass the same tests."""

from collections.abc import Callable

import pytest

from bot.client import RasaAssistant
from helpline.enums import Channel
from helpline.errors import TransientFailure
from helpline.guide.replies import TrailReply
from helpline.ports import Assistant, FakeAssistant, TurnContext
from helpline.settings import Settings

TEXTS = ("hello", "how does he get to see a doctor", "/helplines", "asdf qwer zxcv", "🙂", "")


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.rasa)])
def assistant(request: pytest.FixtureRequest) -> Assistant:
    """Each assistant there is."""
    if request.param == "fake":
        return FakeAssistant()
    return request.getfixturevalue("rasa_assistant")


@pytest.fixture(params=["fake", "real"])
def dead(request: pytest.FixtureRequest, make_settings: Callable[..., Settings]) -> Assistant:
    """Each assistant with nobody at the other end."""
    if request.param == "fake":
        return FakeAssistant(fails=True)
    return RasaAssistant(make_settings(rasa_url="http://127.0.0.1:9"))


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("channel", list(Channel))
def test_every_turn_says_something_and_ends_with_its_trail(
    assistant: Assistant, channel: Channel, text: str
) -> None:
    """Whatever is written on whatever channel: words or a handover, then exactly one trail."""
    replies = assistant.answer(f"every{channel}", text, TurnContext(channel=channel))

    assert len(replies) > 1
    assert [isinstance(reply, TrailReply) for reply in replies].count(True) == 1
    assert isinstance(replies[-1], TrailReply)


def test_a_dead_assistant_is_a_transient_failure(dead: Assistant) -> None:
    """The core can tell that a turn is lost, and offers a person."""
    with pytest.raises(TransientFailure):
        dead.answer("dead", "hello", TurnContext(channel=Channel.WEB))


def test_forgetting_is_safe_to_repeat(assistant: Assistant) -> None:
    """Erasing twice, or a conversation that never was, is no error."""
    assistant.answer("forgetme", "hello", TurnContext(channel=Channel.WEB))

    assistant.forget("forgetme")
    assistant.forget("forgetme")
    assistant.forget("neverwas")


def test_forgetting_does_not_need_the_assistant_alive(assistant_settings: Settings) -> None:
    """Erasure works while Rasa is down: it is a row of ours."""
    dead = RasaAssistant(assistant_settings.model_copy(update={"rasa_url": "http://127.0.0.1:9"}))

    dead.forget("whoever")
    dead.close()
