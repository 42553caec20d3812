"""The safety rules that staff keep: each proves itself, and a broken one is a loud error."""

from pathlib import Path

import pytest

from helpline.errors import GuideError
from helpline.safety import rules, screen


def _examples(field: str) -> list[tuple[str, str]]:
    return [(rule.id, text) for rule in rules.current().rules for text in getattr(rule, field)]


@pytest.mark.parametrize(("rule", "text"), _examples("must"))
def test_a_rule_notices_its_own_examples(rule: str, text: str) -> None:
    """What an editor writes under `must` is noticed, by that rule or one that says it better."""
    found = screen(text)

    assert found.concerns or found.check, f"{rule} does not notice {text!r}"


@pytest.mark.parametrize(("rule", "text"), _examples("must_not"))
def test_a_rule_leaves_its_counter_examples_alone(rule: str, text: str) -> None:
    """What stands under `must_not` is not a case for that rule."""
    noticed_by = {name for concern in screen(text).concerns for name in concern.rules}

    assert rule not in noticed_by


def test_a_rule_that_cannot_be_read_names_file_field_and_reason(tmp_path: Path) -> None:
    """An editor's slip stops the start with a sentence they can act on."""
    for folder in ("rules", "words", "languages"):
        (tmp_path / folder).mkdir()
    (tmp_path / "rules" / "death.yml").write_text("concern: nonsense\nrules: 3\n")

    with pytest.raises(GuideError) as caught:
        rules.load(tmp_path)

    assert any("death.yml" in problem for problem in caught.value.problems)
