"""No message is slow, and none breaks the screen: counted in steps, which no machine changes."""

import string

from hypothesis import example, given, settings
from hypothesis import strategies as st

from helpline.enums import ConcernKind
from helpline.safety import rules, screen
from helpline.safety.judge import find_hits

STEPS_TO_BEGIN = 2500  # every rule that a few words can wake
STEPS_A_CHARACTER = 10

WORDS = st.sampled_from(
    (
        *("he", "she", "i", "not", "no", "kill", "himself", "insulin", "cant", "breathe", "voices"),
        *("owes", "money", "tonight", "the", "a", "is", "was", "to", "dead", "died", "want", "die"),
        *("suicide", "cut", "cell", "officer", "baby", "if", "what", "they", "do", ".", "?", ","),
    )
)
ANYTHING = st.one_of(
    st.text(max_size=600),
    st.text(alphabet=string.ascii_letters + " .,!?'*@$-\n\t0123456789", max_size=600),
    st.lists(WORDS, max_size=200).map(" ".join),
    st.lists(WORDS, max_size=60).map("".join),
)


def work(text: str) -> int:
    """Count the steps that one message takes."""
    book = rules.current()
    page = book.lexicon.lay_out(text)
    find_hits(book, page)
    return page.work


@settings(max_examples=300, deadline=None)
@given(ANYTHING)
@example("\x00\ud7ff\u202e\u2066" * 50)
@example("🔪" * 300)
@example("ﷺ" * 200)
@example("a." * 900)
@example("not " * 500)
def test_any_text_is_judged(text: str) -> None:
    """No text of any kind makes the screen fail."""
    found = screen(text, [text[:50]])

    assert all(concern.kind is not ConcernKind.CHECK_FAILED for concern in found.concerns)


@settings(max_examples=200, deadline=None)
@given(ANYTHING)
@example("he not kill himself insulin cant breathe voices owes money tonight " * 30)
@example("no insulin " * 180)
@example(("(" * 1000) + (")" * 1000))
@example("aaaaaaaaab" * 200)
def test_the_work_grows_with_the_length_and_no_faster(text: str) -> None:
    """Steps are bounded by the length of the text: there is no text that is slow for its size."""
    assert work(text) <= STEPS_TO_BEGIN + STEPS_A_CHARACTER * len(text)


def test_twice_the_text_is_at_most_twice_the_work() -> None:
    """Even where every rule is woken, twice the words do not ask for more than twice the steps."""
    once = (
        "he says not suicidal but gave his stuff away no insulin cant breathe owes money tonight "
    )

    assert work(once * 40) <= 2 * work(once * 20) + STEPS_TO_BEGIN


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(["he wants to die", "how do i book a visit", "hi"]), max_size=30))
def test_a_long_chat_costs_no_more_than_its_last_messages(recent: list[str]) -> None:
    """Only a few earlier messages are read again, however long the conversation is."""
    book = rules.current()
    page = book.lexicon.lay_out("hello", recent[-3:])

    assert screen("hello", recent) == screen("hello", recent[-3:])
    assert page.work <= STEPS_TO_BEGIN
