"""Words of the guide as HTML: small Markdown, and nothing else however it is written."""

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.markdown import as_html, as_inline

ALLOWED = {"p", "ul", "ol", "li", "strong", "a"}


def test_paragraphs_lists_bold_and_links_are_made():
    """What editors may use."""
    html = as_html(
        "One **bold**\ntwo\n\n- a\n- [116 123](tel:116123)\n\n1. [x](https://a.example/)"
    )

    assert "<strong>bold</strong>" in html
    assert '<a href="tel:116123">116 123</a>' in html
    assert '<a href="https://a.example/" rel="noreferrer">x</a>' in html
    assert html.count("<li>") == 3
    assert html.count("<p>") == 1


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html,hello)",
        "[x](http://plain.example/)",
        "![x](https://a.example/x.png)",
        "# heading",
        "`code`",
        '<a href="https://a.example" onclick="x()">x</a>',
    ],
)
def test_anything_else_stays_the_characters_it_is(text):
    """No other element, no other kind of link, no image."""
    found = html5lib.parseFragment(as_html(text), namespaceHTMLElements=False)
    elements = {element.tag for element in found.iter()} - {"DOCUMENT_FRAGMENT"}

    assert elements <= {"p", "a"}
    assert all(a.get("href").startswith("https://a.example/x.png") for a in found.iter("a"))


@given(st.text())
def test_no_text_can_make_another_element(text):
    """For every input, in blocks and in one line."""
    for html in (as_html(text), as_inline(text)):
        found = html5lib.parseFragment(html, namespaceHTMLElements=False)
        for element in found.iter():
            assert element.tag in ALLOWED | {"DOCUMENT_FRAGMENT"}
            assert set(element.attrib) <= {"href", "rel", "start"}


def test_one_line_has_no_paragraph_around_it():
    """For words inside a sentence of the page."""
    assert as_inline("call **now**\nplease") == "call <strong>now</strong> please"
