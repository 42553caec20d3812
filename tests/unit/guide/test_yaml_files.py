"""Reading YAML strictly: nothing is guessed, and an editor is told the file, the line and why."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.errors import GuideError
from helpline.guide.yaml_files import COMMENT, MAX_BYTES, dump, read_yaml


def _refusal(path: Path) -> str:
    with pytest.raises(GuideError) as refused:
        read_yaml(path, path.parent)
    return str(refused.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"id: a\nid: b\n", "line 2: the key 'id' stands twice"),
        (b"a:\n  b: 1\n  b: 2\n", "line 3: the key 'b' stands twice"),
        (b"answers:\n\tweb: x\n", "line 2: a tab is used as indentation"),
        (b"a: [1\n", "line 2: did not find expected"),
        (b"a: caf\xe9\n", "is not UTF-8 (byte 6)"),
        (b"a: &x 1\nb: *x\n", "anchors and aliases are not used"),
        (b"a: !!python/object:os.system x\n", "could not determine a constructor"),
        (b"- a\n- b\n", "must be a mapping"),
        (b"", "must be a mapping"),
        (b"12: a\n", "the key 12 is not text"),
        (b"a: \x00\n", "control characters are not allowed"),
        (b"---\na: 1\n---\nb: 1\n", "another document"),
        (b"a: " + b"[" * 3000, "nested more than"),
        (b"a: 1\n" + b"#" * MAX_BYTES, "is over 256 KB"),
    ],
)
def test_what_is_refused_names_the_file_and_the_reason(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    """Bad YAML of every kind is one clear line, never a guess, a crash or a stack trace."""
    path = tmp_path / "topic.yml"
    path.write_bytes(content)

    assert _refusal(path).startswith("topic.yml: ")
    assert reason in _refusal(path)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    """A guide cannot be made to read a file that is not its own."""
    secret = tmp_path / "secret.yml"
    secret.write_text("id: a\n")
    guide = tmp_path / "guide"
    guide.mkdir()
    (guide / "topic.yml").symlink_to(secret)

    with pytest.raises(GuideError, match=r"topic\.yml: is a link out of guide"):
        read_yaml(guide / "topic.yml", guide)


def test_a_missing_file_is_a_guide_error(tmp_path: Path) -> None:
    """A file that is gone is named, like any other fault."""
    assert "missing.yml: cannot be read" in _refusal(tmp_path / "missing.yml")


def test_only_true_false_null_and_numbers_are_more_than_text(tmp_path: Path) -> None:
    """A date, "on", "yes" and a phone number stay the text they were written as."""
    path = tmp_path / "a.yml"
    path.write_text("on: 2026-11-21\na: yes\nb: 0800\nc: 12:30\nd: 7\ne: true\nf: null\ng: 1e3\n")

    assert read_yaml(path, tmp_path) == {
        "on": "2026-11-21",
        "a": "yes",
        "b": "0800",
        "c": "12:30",
        "d": 7,
        "e": True,
        "f": None,
        "g": "1e3",
    }


def test_the_comment_on_top_is_kept(tmp_path: Path) -> None:
    """What an editor notes at the top of a file survives reading and writing."""
    path = tmp_path / "a.yml"
    path.write_text("# First.\n#\n# Second.\nid: a\n")

    document = read_yaml(path, tmp_path)

    assert document[COMMENT] == "First.\n\nSecond."
    assert dump(document) == path.read_text()


_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=40)


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), _TEXT, min_size=1))
def test_any_text_comes_back_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, document: dict[str, str]
) -> None:
    """Writing a document and reading it gives the same document, whatever the words are."""
    path = tmp_path_factory.mktemp("yaml") / "a.yml"
    path.write_text(dump(document), encoding="utf-8")

    assert read_yaml(path, path.parent) == document
