"""Finding the prison and NHS words that a family asks about."""

from typing import Any

import pytest

from helpline.errors import GuideError
from helpline.guide.glossary import Glossary
from helpline.guide.loader import load_glossary
from tests.guide_folder import REAL, GuideFolder


def _file(*terms: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {
        "owner": "Pact health information lead",
        "reviewed_on": "2026-11-21",
        "review_by": "2027-05-21",
        "approval": None,
        "everyday": [],
        "terms": list(terms),
        **changed,
    }


def _term(term_id: str = "imb", **changed: Any) -> dict[str, Any]:
    return {
        "id": term_id,
        "term": "IMB (Independent Monitoring Board)",
        "aliases": [],
        "meaning": "These are people who check on the prison.",
        "see": None,
        "certain": True,
        "sources": [{"title": "A page", "url": "https://example.org/a", "seen": "2026-11-21"}],
        **changed,
    }


@pytest.fixture(scope="module")
def glossary() -> Glossary:
    """The glossary the helpline really has."""
    terms = load_glossary(REAL)
    assert terms is not None
    return Glossary(terms)


def _ids(glossary: Glossary, text: str) -> list[str]:
    return [term.id for term in glossary.find(text)]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("what does acct mean", ["acct"]),
        ("What's an ACCT?", ["acct"]),
        ("wot dus acct mean", ["acct"]),
        ("what does it mean to be on an act", ["acct"]),
        ("acct stands for", ["acct"]),
        ("they said speak to the omu, who are they", ["omu"]),
        ("hes not allowed his meds ip whats that", ["in-possession"]),
        ("i.p. meds??", ["in-possession"]),
        ("what do all these letters stand for, imb ppo phso", ["imb", "ppo", "phso"]),
        ("OMU OST and POM what are they", ["omu", "ost", "pom"]),
        ("whats the difference between imb and ppo", ["imb", "ppo"]),
        ("dont know what omu is", ["omu"]),
        ("what do the imb do", ["imb"]),
        ("whats l&d", ["liaison-and-diversion"]),
        ("what does method own mean", ["methadone"]),
        ("what does naloxon mean", ["naloxone"]),
        ("what does in possession mean, the nurse on the wing said it", ["in-possession"]),
        ("who is the orderly officer", ["orderly-officer"]),
        ("the app", ["app"]),
        ("ACCT", ["acct"]),
    ],
)
def test_a_question_finds_the_word_it_asks_about(
    glossary: Glossary, text: str, ids: list[str]
) -> None:
    """Also misspelt, misheard, by letters, in a list, and pointed back at."""
    assert _ids(glossary, text) == ids
    assert glossary.asks(text)


@pytest.mark.parametrize(
    "text",
    [
        "he put in an app for the dentist",
        "the nurse said she will act on it",
        "is it an act or what",
        "whats happening with his transfer",
        "can we have a chat, staff are nice but there is no unlock today",
        "i dont know what you mean about the app i asked for",
    ],
)
def test_everyday_words_are_left_alone(glossary: Glossary, text: str) -> None:
    """A word that mostly means something else is a term only where its meaning is asked for."""
    assert _ids(glossary, text) == []
    assert not glossary.asks(text)


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ('"Formulary", she said, as if I had been to medical school', "formulary"),
        ("A man introduced himself as the FLO. I was too upset to ask", "flo"),
        ("I keep hearing the word remand", "remand"),
        ("nurse says hes on a medical hold", "medical-hold"),
    ],
)
def test_a_word_set_apart_is_found_but_is_no_question(
    glossary: Glossary, text: str, term: str
) -> None:
    """Quotes, capitals and long names point at a term; that alone does not ask for a meaning."""
    assert _ids(glossary, text) == [term]
    assert not glossary.asks(text)


def test_the_longest_name_wins(glossary: Glossary) -> None:
    """An ACCT review is not an ACCT, and the prisons ombudsman not just any ombudsman."""
    assert _ids(glossary, "what is an acct review") == ["acct-review"]
    assert _ids(glossary, "who is the prisons ombudsman") == ["ppo"]


def test_an_unknown_word_is_not_guessed(glossary: Glossary) -> None:
    """Four letters nobody has explained stay unexplained."""
    assert glossary.find("what does TWOC mean") == ()
    assert glossary.find("") == ()


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("what does TWOC mean", True),
        ("every email ends with IPCU, who knows why", True),
        ("wot does ipcu mean", True),
        ("whats a zorb", True),
        ("what does ACCT mean", False),
        ("what does that mean", False),
        ("what do all these words mean", False),
        ("is there a list of prison abbreviations", False),
        ("the NHS wrote to me", False),
        ("WHAT DOES THIS MEAN", False),
    ],
)
def test_a_word_nobody_has_explained_is_known_to_be_unknown(
    glossary: Glossary, text: str, *, unknown: bool
) -> None:
    """So that the family is told honestly, and not shown a list of other words."""
    assert glossary.asks_unknown(text) is unknown


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("dnt no wot csra is can u tell me", ["csra"]),
        ("hes a cat c wots cat c", ["security-category"]),
        ("what does MDT stand for", ["mdt"]),
        ("They've put DNA next to two of his appointments", ["did-not-attend"]),
        ("hes on the twos and he is cold", []),
        ("the probation lady was rude to me", []),
        ("he got nicked by the police", []),
    ],
)
def test_words_families_meet_first_are_known_and_not_overheard(
    glossary: Glossary, text: str, ids: list[str]
) -> None:
    """Everyday words among them count only where their meaning is asked for."""
    assert _ids(glossary, text) == ids


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (_file(_term(), _term()), "terms.imb: two terms have this id"),
        (
            _file(_term(), _term("board", term="Board", aliases=["imb"])),
            "terms.board.aliases: 'imb' is a name of 'imb' too",
        ),
        (_file(_term(meaning="Ring {{ phone:samaritans }}.")), "terms.imb.meaning: is plain words"),
        (_file(_term(), everyday=["app"]), "everyday: 'app' is not a name of any term"),
        (_file(_term(), review_by="2026-01-01"), "review_by: is before reviewed_on"),
        (_file(_term(colour="red")), "terms.0: 'colour': no such field here"),
        (_file(_term(certain="yes")), "terms.0.certain: 'yes' should be true or false"),
    ],
)
def test_a_fault_in_the_file_is_named(
    folder: GuideFolder, document: dict[str, Any], problem: str
) -> None:
    """An editor reads which term is wrong, and why."""
    folder.write("glossary.yml", document)

    with pytest.raises(GuideError) as refused:
        load_glossary(folder.path)

    assert any(line.startswith(f"glossary.yml: {problem}") for line in refused.value.problems)


def test_a_guide_may_be_without_a_glossary(folder: GuideFolder) -> None:
    """A folder of tests, or of a new service, starts without one."""
    assert load_glossary(folder.path) is None


def test_the_real_glossary_is_large_enough(glossary: Glossary) -> None:
    """At least 80 terms, as was promised to families."""
    assert len(glossary.terms.terms) >= 80
