import re

import pytest
from pydantic import AliasChoices

from helpline.settings import Settings


def environment_names():
    """The variable behind each field, as an operator writes it."""
    names = {}
    for field, info in Settings.model_fields.items():
        alias = info.validation_alias
        own = alias.choices[0] if isinstance(alias, AliasChoices) else f"HELPLINE_{field.upper()}"
        names[own] = info.default
    return names


@pytest.mark.parametrize("name", sorted(environment_names()))
def test_every_setting_is_documented(name, project_root):
    """An operator finds each setting, once, with its meaning and as a line to copy."""
    rows = re.findall(
        rf"^\| `{name}` \| [^|]+ \| [^|]+ \|$",
        (project_root / "docs/settings.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    lines = re.findall(
        rf"^#{name}=", (project_root / ".env.example").read_text(encoding="utf-8"), re.MULTILINE
    )

    assert (len(rows), len(lines)) == (1, 1)


def test_nothing_else_is_documented(project_root):
    """A setting that was removed does not live on in the documents."""
    rows = (project_root / "docs/settings.md").read_text(encoding="utf-8")
    lines = (project_root / ".env.example").read_text(encoding="utf-8")

    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", rows, re.MULTILINE))
    copied = set(re.findall(r"^#([A-Z_]+)=", lines, re.MULTILINE))

    assert documented == copied == set(environment_names())


def test_documented_defaults_are_the_real_ones(project_root):
    """Numbers in the documents are those in the code."""
    text = (project_root / "docs/settings.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^\| `([A-Z_]+)` \| `([^`]+)` \|", text, re.MULTILINE))

    for name, default in environment_names().items():
        if isinstance(default, int | float) and not isinstance(default, bool):
            assert float(shown[name]) == default
