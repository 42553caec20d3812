"""The one form of a file, so that importing and exporting leaves no diff."""

from helpline.guide.canonical import canonical, content_hash, normalise, path_in
from helpline.guide.content import Guide
from helpline.guide.yaml_files import COMMENT, read_yaml
from tests.guide_folder import REAL, GuideFolder, topic

HOUSE_FORM = """\
# Read by the clinical lead on 20 November.
id: seeing-a-nurse
section: What to expect
title: How do they see a nurse?
status: published
owner: Pact health information lead
reviewed_on: 2026-11-21
review_by: 2027-05-21
approval:
  by: A. Clinician
  on: 2026-11-22
questions:
- he needs a nurse
- 'yes: who looks at his foot'
answers:
  web: |
    First.

    - **Second** thing.
  sms: |
    First.
  voice: |
    First.
variants:
- applies_to:
  - wales
  sms: |
    Cyntaf.
next:
- other
sources:
- title: A page
  url: https://example.org/a
  seen: 2026-11-21
"""


def test_the_house_form_comes_back_word_for_word(folder: GuideFolder) -> None:
    """Reading a file in house form and writing it changes nothing, not even its comment."""
    path = folder.write("topics/what-to-expect/seeing-a-nurse.yml", HOUSE_FORM)

    assert canonical(read_yaml(path, folder.path)) == HOUSE_FORM


def test_any_order_and_style_ends_in_the_house_form(folder: GuideFolder) -> None:
    """Fields in another order, flow lists and loose spaces are put right; words are not."""
    path = folder.write("topics/what-to-expect/seeing-a-nurse.yml", HOUSE_FORM)
    document = read_yaml(path, folder.path)
    loose = dict(reversed(document.items()))
    loose["answers"] = {
        "voice": "First.",
        "sms": "First.  \n\n",
        "web": "\nFirst.\n\n- **Second** thing.  ",
    }

    assert canonical(loose) == HOUSE_FORM
    assert content_hash(loose) == content_hash(document)


def test_normalising_twice_changes_nothing_more() -> None:
    """The canonical form is a fixed point."""
    once = normalise(topic())

    assert normalise(once) == once


def test_a_change_of_words_changes_the_hash() -> None:
    """One letter, or the comment on top, is a change that import must see."""
    assert content_hash(topic()) != content_hash(topic(title="How do they see a nurse"))
    assert content_hash(topic()) != content_hash({COMMENT: "Checked.", **topic()})


def test_every_real_topic_stands_in_its_place_and_form(real_guide: Guide) -> None:
    """Files of the guide are as export would write them."""
    astray = [
        topic_id
        for topic_id, document in real_guide.documents.items()
        if path_in(REAL, document).read_text(encoding="utf-8") != canonical(document)
    ]

    assert astray == []
