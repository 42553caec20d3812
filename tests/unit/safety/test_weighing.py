"""The weighed words: what they add to the rules, what they may not do, and a whole table."""

from pathlib import Path

import pytest
import yaml

from helpline.enums import ConcernKind, Severity
from helpline.errors import GuideError
from helpline.safety import rules, screen, weighing
from helpline.safety.screen import screen_by_rules
from helpline.settings import PROJECT_ROOT

SETTINGS = {
    "rest_danger": -1.0,
    "rest_immediate": 0.0,
    "raises": 1.0,
    "asks": 0.5,
    "doubts": -2.0,
    "immediate": 0.0,
}
DEATH = ConcernKind.DEATH
FRUIT = ("apple", "pear", "plum", "cherry", "lemon")


def scales(**weights: float) -> weighing.Scales:
    """Return a table of words of rarity one."""
    signs = {f"w:{word}": weighing.Sign(1.0, sum_, 1.0, DEATH) for word, sum_ in weights.items()}
    return weighing.Scales(signs=signs, known=frozenset(weights), **SETTINGS)


def page(text: str):
    """Lay a message out as the screen does."""
    return rules.current().lexicon.lay_out(text)


@pytest.mark.parametrize(
    ("weight", "expected"),
    [
        (2.0, weighing.Weighed(DEATH, Severity.IMMEDIATE)),
        (0.8, weighing.Weighed(DEATH, Severity.NONE)),
        (0.1, None),
        (-0.1, None),
    ],
)
def test_the_sum_decides(weight: float, expected: weighing.Weighed | None) -> None:
    """Five words of one weight: their sum over the root of five, and the rest."""
    table = scales(**dict.fromkeys(FRUIT, weight))

    assert weighing.weigh(table, page(" ".join(FRUIT))) == expected


def test_a_few_words_are_too_few() -> None:
    """However heavy, they are answers or names, not a story."""
    table = scales(**dict.fromkeys(FRUIT, 9.0))

    assert weighing.weigh(table, page(" ".join(FRUIT[1:]))) is None


def test_words_of_earlier_messages_are_not_weighed_again() -> None:
    """They were weighed when they came."""
    laid = rules.current().lexicon.lay_out("hello there friend", [" ".join(FRUIT)])

    assert weighing.weigh(scales(**dict.fromkeys(FRUIT, 9.0)), laid) is None


def test_unknown_words_cannot_speak_against_a_rule() -> None:
    """In another language nothing is known, and nothing is taken back."""
    table = scales(**dict.fromkeys(FRUIT, -1.0), kiwi=0.1)
    known = " ".join((*FRUIT, "kiwi"))

    assert weighing.weigh(table, page(known)).against
    assert weighing.weigh(table, page(f"{known} kto gdzie jak nie tutaj")) is None


def test_what_no_rule_names_is_raised_by_its_words() -> None:
    """Told sideways; the record says that the words raised it."""
    text = "the priest rang me from the wing and asked was i sitting down and then the line went"
    found = screen(text)

    assert screen_by_rules(text).severity is Severity.NONE
    assert found.concerns[0].rules == (weighing.RULE,)


def test_danger_to_life_by_rule_is_never_taken_back(cases) -> None:
    """Words may turn a rule's "today" into a question, never its "now"."""
    texts = [
        text for case in cases.values() if "concern" in case for text in case.get("immediate", ())
    ]
    now = [t for t in texts if screen_by_rules(t).severity is Severity.IMMEDIATE]

    assert [text for text in now if screen(text).severity is not Severity.IMMEDIATE] == []


def test_short_replies_are_only_replies() -> None:
    """Yes, no, a number, a choice: none of them is danger by itself."""
    said = set()
    for path in (PROJECT_ROOT / "data" / "nlu" / "dialogue").glob("*.yml"):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            said |= {line.removeprefix("- ") for line in block["examples"].splitlines()}

    assert len(said) > 30
    assert [text for text in said if screen(text).concerns] == []


def test_faults_of_the_table_are_told_all_at_once(tmp_path: Path) -> None:
    """A torn table is refused, with its lines."""
    (tmp_path / "weighed.yml").write_text("raises: high\nasks: 1\n", encoding="utf-8")
    (tmp_path / "weights.tsv").write_text(
        "w:a\t1\t1\t1\tdeath\nw:b\t1\t1\nw:c\tx\t1\t1\tdeath\nw:d\t1\t1\t1\tsadness\n",
        encoding="utf-8",
    )

    with pytest.raises(GuideError) as caught:
        weighing.load(tmp_path)

    for word in ("raises", "rest_danger", "line 2", "line 3", "line 4"):
        assert word in str(caught.value)
