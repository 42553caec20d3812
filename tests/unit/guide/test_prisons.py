"""Which prison a family means. A wrong one is much worse than none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.guide.content import ContactBook
from helpline.guide.prisons import PrisonIndex, PrisonMention, find_prisons

DURHAM = ("durham", "frankland", "low-newton")
NOBODY = PrisonMention()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("wanno", "wandsworth"),
        ("hes in Wanno and they wont give him his meds", "wandsworth"),
        ("my lad is in the Scrubs", "wormwood-scrubs"),
        ("wormwod scrubs", "wormwood-scrubs"),
        ("he is in bell marsh", "belmarsh"),
        ("hes in wandsworth", "wandsworth"),
        ("wandsworth wont tell me anything", "wandsworth"),
        ("wandsworth\N{RIGHT SINGLE QUOTATION MARK}s healthcare", "wandsworth"),
        ("He's in HMP/YOI Wandsworth", "wandsworth"),
        ("h m p wandsworth", "wandsworth"),
        ("hmp wansdworth", "wandsworth"),
        ("belmrash", "belmarsh"),
        ("hes in pentonvile", "pentonville"),
        ("sis is in bronzfeild", "bronzefield"),
        ("full suton", "full-sutton"),
        ("low new ton", "low-newton"),
        ("HMP Send", "send"),
        ("hes in send prison", "send"),
        ("h.m.p. ford", "ford"),
        ("hes in hull prison", "hull"),
        ("walton jail", "liverpool"),
        ("my son is in leeds", "leeds"),
        ("Dave is in Leeds", "leeds"),
        ("im from leeds my son is in armley", "leeds"),
        ("i live in leeds hes in belmarsh", "belmarsh"),
        ("my dads in exeter on the healthcare wing", "exeter"),
        ("he got 6 weeks in winchester", "winchester"),
        ("hes on remand in nottingham", "nottingham"),
        ("rang leeds three times", "leeds"),
        ("HMP Lincoln", "lincoln"),
        ("lincoln prison wont tell me", "lincoln"),
        ("peterborough women", "peterborough-women"),
        ("HMP Peterborough (men)", "peterborough-men"),
        ("they moved him to Belmarsh last night", "belmarsh"),
        ("he was in wandsworth but now hes in belmarsh", "belmarsh"),
        ("He was in Hull. Now he's at Lindholme", "lindholme"),
        ("my brother perry is in littlehey", "littlehey"),
        ("my son is in wetherby yoi", "wetherby"),
        ("hes in dartmoor", "dartmoor"),
        ("Is there parking at Long Lartin?", "long-lartin"),
    ],
)
def test_a_prison_that_is_named_is_found(text: str, key: str) -> None:
    """Names, nicknames and slips of families lead to the one prison that is meant."""
    assert find_prisons(text) == PrisonMention(key)


@pytest.mark.parametrize(
    "text",
    [
        "send him his meds",
        "i want to send prison money",
        "an email or phone script to send to the prison",
        "hes going to send me a letter",
        "hull city",
        "he went to lincoln for uni",
        "i live in leeds",
        "we were in liverpool",
        "leeds crown court",
        "hes in leeds hospital",
        "my solicitor in manchester",
        "he's been in and out of hospital in leeds",
        "my son Preston is poorly",
        "my son lewis prison number is A1234",
        "the only prison that answers",
        "the high point of his week",
        "esp when he rings",
        "he plays rugby",
        "he well annoyed",
        "is is true",
        "bronze medal",
        "he isn't in wandsworth anymore",
        "hes in washington",
        "hes in sunbury",
        "",
        "🙂🙂",
    ],
)
def test_a_town_a_word_or_a_person_is_no_prison(text: str) -> None:
    """Homes, courts, hospitals, clubs, verbs and first names are left alone."""
    assert find_prisons(text) == NOBODY


@pytest.mark.parametrize(
    ("text", "candidates"),
    [
        ("hes been moved from leeds to durham", DURHAM),
        ("he is in lincoln", ("lincoln", "morton-hall")),
        ("hmp peterborough", ("peterborough-men", "peterborough-women")),
        ("thamesmead prison", ("belmarsh", "isis", "thameside")),
        ("stockton prison", ("holme-house", "stocken")),
        ("tameside", ("thameside",)),
        ("hes in the island", ("elmley", "isle-of-wight", "standford-hill", "swaleside")),
        ("she's in Send", ("send",)),
        ("hes in hull", ("hull",)),
        ("theyve sent him to ford", ("ford",)),
        ("My lad's worker in Leeds has thirty pages", ("leeds",)),
        ("his mum in bristol says", ("bristol",)),
        ("does it carry over from HMP Nottingham, or Lowdham Grange?", None),
    ],
)
def test_what_could_be_several_or_only_a_place_is_asked_about(
    text: str, candidates: tuple[str, ...] | None
) -> None:
    """Shared names, everyday words and two prisons at once come back as a question."""
    found = find_prisons(text)

    assert found.prison is None
    if candidates is not None:
        assert found.candidates == candidates
    else:
        assert "lowdham-grange" in found.candidates


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        ("send", "send"),
        ("its the mount", "the-mount"),
        ("hull", "hull"),
        ("Leeds", "leeds"),
        ("wansworth", "wandsworth"),
        ("um the scrubs i think", "wormwood-scrubs"),
        ("rambi", "ranby"),
        ("HMP/YOI Wandsworth", "wandsworth"),
        ("hmp lincoln", "lincoln"),
        ("i live in leeds hes in belmarsh", "belmarsh"),
    ],
)
def test_a_bare_name_is_enough_when_we_asked(answer: str, key: str) -> None:
    """Answering "which prison?", an everyday word or a town is a prison."""
    assert find_prisons(answer, answering=True) == PrisonMention(key)


@pytest.mark.parametrize(
    "answer", ["dont know", "can you send me the list", "somewhere up north", "its in kent", "park"]
)
def test_an_answer_that_names_none_is_none(answer: str) -> None:
    """Not knowing is an answer too, and no verb in it is a prison."""
    assert find_prisons(answer, answering=True) == NOBODY


def test_a_shared_name_is_asked_about_even_when_we_asked() -> None:
    """The answer "Durham" still leaves three prisons, so the question goes on."""
    assert find_prisons("durham", answering=True) == PrisonMention(None, DURHAM)


def test_every_prison_is_found_by_its_own_name(contacts: ContactBook) -> None:
    """No two lists contradict each other so that a prison's full name is lost."""
    index = PrisonIndex(contacts)
    lost = {
        key: index.find(f"he is in {prison.name}")
        for key, prison in contacts.prisons.items()
        if prison.name.startswith("HM")
        and index.find(f"he is in {prison.name}") != PrisonMention(key)
    }

    assert lost == {}


def test_every_label_we_offer_is_understood_as_an_answer(contacts: ContactBook) -> None:
    """A family that copies the name on a button gets the prison on that button."""
    index = PrisonIndex(contacts)
    lost = {
        key: index.find(prison.short_name, answering=True)
        for key, prison in contacts.prisons.items()
        if index.find(prison.short_name, answering=True) != PrisonMention(key)
    }

    assert lost == {}


def test_every_shared_name_leads_to_its_prisons(contacts: ContactBook) -> None:
    """Each ambiguous name of the vetted list is asked about, never picked."""
    index = PrisonIndex(contacts)
    for name, keys in contacts.names.ambiguous_names.items():
        found = index.find(f"he is in {name}")
        assert found.prison is None, name
        assert set(found.candidates) == set(keys), name


TOWNS = (
    "Accrington", "Bradford", "Brighton", "Chester", "Chesterfield", "Colchester", "Derby",
    "Dorchester", "Hadfield", "Hayfield", "Hinckley", "Ipswich", "Newcastle", "Northampton",
    "Oldham", "Oxford", "Rotherham", "Sheffield", "Stanford", "Stratford", "Sunbury",
    "Sunderland", "Washington", "Wealdstone", "Whitton", "Workington", "York",
)  # fmt: skip


@pytest.mark.parametrize("town", TOWNS)
def test_a_town_without_a_prison_is_not_taken_for_one(town: str) -> None:
    """A name that is one letter off a prison's is still another place."""
    assert find_prisons(f"hes in {town}").prison is None
    assert find_prisons(f"we live in {town}") == NOBODY


@given(st.text(max_size=300), st.booleans())
def test_any_text_gets_an_answer(text: str, answering: bool) -> None:  # noqa: FBT001 - drawn
    """Whatever is written, looking for a prison never fails, and never offers too many."""
    found = find_prisons(text, answering=answering)

    assert found.prison is None or found.candidates == ()
    assert len(found.candidates) <= 6
