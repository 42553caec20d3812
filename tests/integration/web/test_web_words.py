"""The words around the chat."""

import pytest
import yaml

from web.words import PageWords


@pytest.fixture
def every(project_root):
    """pages.yml as it stands."""
    return yaml.safe_load((project_root / "guide_content" / "pages.yml").read_text())


def test_every_word_can_be_shown_with_its_numbers_filled_in(app, settings, every):
    """No token is left, none names what is not there, and nothing needs the database."""
    pages = PageWords(settings.guide_folder)
    with app.app_context():
        shown = [
            *(pages.html(key) for key in every["words"]),
            *(pages.notice(code).html for code in every["notices"]),
            *(pages.error(status)[1] for status in every["errors"]),
        ]

    assert len(shown) > 20
    assert not any("{" in html or "}" in html for html in shown)


def test_plain_words_have_no_markup(app, settings, every):
    """What the API says can be read as it is, and says what to do in danger where it matters."""
    pages = PageWords(settings.guide_folder)
    with app.app_context():
        said = [
            *(pages.plain_notice(code) for code in every["notices"]),
            *(pages.plain(status) for status in every["errors"]),
        ]

        assert "999" in pages.plain_notice("too_long")
        assert all("999" in pages.plain(status) for status in every["errors"])
    assert not any(sign in words for words in said for sign in ("**", "](", "{", "\n"))
