"""The safety rules that staff keep: each proves itself, and a broken one is a loud error."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from helpline.errors import GuideError
from helpline.safety import rules, screen

BUILT_IN = {"number", "asked", "today"}
READ_BY_NAME = {"idiom", "negators", "me", "he-is", "he-says"}


def _examples(field: str) -> list[tuple[str, str]]:
    return [(rule.id, text) for rule in rules.current().rules for text in getattr(rule, field)]


def _noticed_by(text: str) -> set[str]:
    return {name for concern in screen(text).concerns for name in concern.rules}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the safety files, to break."""
    folder = tmp_path / "safety"
    shutil.copytree(rules.FOLDER, folder)
    return folder


@pytest.mark.parametrize(("rule", "text"), _examples("must"))
def test_a_rule_notices_its_own_examples(rule: str, text: str) -> None:
    """What an editor writes under `must` is noticed by that rule; a doubtful rule asks."""
    assert rule in _noticed_by(text) or screen(text).check


@pytest.mark.parametrize(("rule", "text"), _examples("must_not"))
def test_a_rule_leaves_its_counter_examples_alone(rule: str, text: str) -> None:
    """What stands under `must_not` is not a case for that rule."""
    assert rule not in _noticed_by(text)


@pytest.mark.parametrize(
    ("file", "before", "after", "problem"),
    [
        (
            "rules/death.yml",
            "- id: has-died",
            "- id: has-died\n  sevrity: urgent",
            r"rules/death.yml: has-died.sevrity: is not a field",
        ),
        (
            "rules/death.yml",
            "severity: urgent",
            "severity: at once",
            r"rules/death.yml: has-died.severity: \"at once\" is not one of the words",
        ),
        (
            "rules/death.yml",
            "- found ~2 dead",
            "- found ~2 <nowhere>",
            r"rules/death.yml: has-died.say: there is no word group <nowhere>",
        ),
        (
            "rules/death.yml",
            "- found ~2 dead",
            "- found dead ~3",
            r"rules/death.yml: has-died.say: .*ends in a gap",
        ),
        (
            "rules/death.yml",
            "- found ~2 dead",
            "- so very dead",
            r"rules/death.yml: has-died.say: .*only \"dead\" is left of it",
        ),
        (
            "rules/death.yml",
            "- found ~2 dead",
            "- no",
            r"rules/death.yml: has-died.say: every entry must be a text",
        ),
        (
            "rules/modifiers_time.yml",
            "after: 9",
            "after: ninety",
            r"rules/modifiers_time.yml: past.after: must be a number of words",
        ),
        (
            "words/mind.yml",
            "groups:",
            "gruops:",
            r"words/mind.yml: gruops: is not a field",
        ),
        ("words/mind.yml", "groups:", "groups: [", r"words/mind.yml: cannot be read"),
    ],
)
def test_a_slip_names_file_field_and_reason(copy, file, before, after, problem) -> None:
    """An editor's slip stops the start with a sentence they can act on."""
    path = copy / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")

    with pytest.raises(GuideError) as caught:
        rules.load(copy)

    assert any(re.search(problem, line) for line in caught.value.problems), caught.value.problems


def test_groups_that_go_round_in_a_circle_are_refused(copy) -> None:
    """A group that refers to itself would never end."""
    (copy / "words" / "circle.yml").write_text(
        "groups:\n  ring-a: [<ring-b>]\n  ring-b: [<ring-a>]\n"
    )

    with pytest.raises(GuideError, match="refers to itself"):
        rules.load(copy)


def test_every_fault_is_told_at_once(copy) -> None:
    """Two slips are two lines, so that an editor mends both in one go."""
    for file in ("rules/death.yml", "rules/caller_safety.yml"):
        path = copy / file
        path.write_text(path.read_text(encoding="utf-8").replace("severity: urgent", "severity: x"))

    with pytest.raises(GuideError) as caught:
        rules.load(copy)

    assert len({line.split(":")[0] for line in caught.value.problems}) == 2


def test_an_editor_can_add_a_rule_without_code(copy) -> None:
    """A new file with one rule is all it takes."""
    (copy / "rules" / "ours.yml").write_text(
        "concern: death\nrules:\n- id: ours\n  severity: urgent\n  say: [gone to the stars]\n"
        "  must: [he has gone to the stars]\n"
    )
    book = rules.load(copy)

    found = screen("they say he has gone to the stars", load=lambda: book)

    assert "ours" in {name for concern in found.concerns for name in concern.rules}


def test_every_word_group_is_used() -> None:
    """A group that no rule reads is a trap for the editor who extends it."""
    groups: dict[str, set[str]] = {}
    used = set(READ_BY_NAME)
    for path in sorted(rules.FOLDER.glob("*/*.yml")):
        text = path.read_text(encoding="utf-8")
        if path.parent.name == "words":
            for name, entries in (yaml.safe_load(text).get("groups") or {}).items():
                groups[name] = set(re.findall(r"<([a-z0-9-]+)>", " ".join(entries)))
        else:
            used |= set(re.findall(r"<([a-z0-9-]+)>", text))
    while more := {name for group in used & groups.keys() for name in groups[group]} - used:
        used |= more

    assert groups.keys() - used - BUILT_IN == set()


def test_no_file_of_rules_is_too_long_to_read() -> None:
    """Staff read these files: none is over 400 lines."""
    for path in rules.FOLDER.glob("*/*.yml"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path.name
