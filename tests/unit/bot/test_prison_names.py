"""Which prison it is says nothing about what is asked, so the classifier does not see it."""

import pytest
import yaml

from bot.server.spelling import tidy
from helpline.guide.loader import load_contacts
from helpline.settings import PROJECT_ROOT

NAMES = yaml.safe_load((PROJECT_ROOT / "bot/server/prison_names.yml").read_text())


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("my son is in HMP Wandsworth", "my son is in prison"),
        ("he's at wormwood scrubs", "he's at prison"),
        ("healthcare at Leeds prison", "healthcare at prison"),
        ("he is in hmp leeds now", "he is in prison now"),
    ],
)
def test_a_prison_in_england_is_a_prison(said: str, read: str) -> None:
    """With HMP or prison beside it, or where the name can mean nothing else."""
    assert tidy(said) == read


@pytest.mark.parametrize(
    "said", ["we live in leeds", "he's in berwyn", "he's in barlinnie", "she will send a letter"]
)
def test_other_names_stay(said: str) -> None:
    """Towns, words, and prisons whose name does say something: Wales, Scotland."""
    assert tidy(said) == said


def test_the_names_are_those_of_the_contacts() -> None:
    """Every prison for adults in England is in the table, and no other."""
    prisons = load_contacts().prisons.values()
    inside = [p for p in prisons if p.nation == "england" and p.types != ("under-18",)]
    outside = [p for p in prisons if p.nation != "england"]

    for prison in inside:
        own = prison.name.lower().replace("hmp/yoi", "").replace("hmp", "").replace("hmyoi", "")
        assert own.split("(")[0].strip() in NAMES["named"], prison.key
    for prison in outside:
        assert prison.key.replace("-", " ") not in NAMES["plain"]
