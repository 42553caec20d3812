"""Taking a worry back is noticed, whatever the apostrophes."""

import pytest

from helpline.safety.taken_back import only_takes_back, takes_back


@pytest.mark.parametrize(
    "text",
    [
        "ignore that, wrong chat",
        "He\u2019s fine now",
        "hes fine now sorry",
        "NEVER MIND!!",
        "sorry, sent by mistake",
        "forget what I said, I was joking",
        "please don't tell anyone",
        "nvm",
    ],
)
def test_it_is_noticed(text: str) -> None:
    """As families write it."""
    assert takes_back(text)
    assert only_takes_back(text)


@pytest.mark.parametrize(
    "text",
    [
        "the officers ignored his bell all night",
        "he is not fine, he is getting worse",
        "do they ignore complaints?",
        "thank you",
    ],
)
def test_other_messages_are_not(text: str) -> None:
    """A complaint about being ignored is not a wish to be."""
    assert not takes_back(text)


def test_a_question_beside_it_is_still_answered() -> None:
    """It is passed on, and the rest goes the usual way."""
    both = "he's fine now. how do I book a visit for saturday with the kids?"

    assert takes_back(both)
    assert not only_takes_back(both)
    assert not only_takes_back("ignore that, can i visit?")
