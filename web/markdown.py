"""The small Markdown of web answers as HTML: paragraphs, lists, bold, and links to call or read.

Everything else, HTML above all, comes out as the characters it is. Rules: design section 3.
"""

from functools import cache

from markdown_it import MarkdownIt
from markupsafe import Markup

_SAFE_LINKS = ("https://", "tel:")


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("zero", {"html": False, "linkify": False, "typographer": False})
    parser.enable(["list", "emphasis", "link", "escape", "newline"])
    parser.validateLink = lambda url: url.lower().startswith(_SAFE_LINKS)
    parser.add_render_rule("em_open", _nothing)
    parser.add_render_rule("em_close", _nothing)
    parser.add_render_rule("link_open", _link_open)
    return parser


def _nothing(*_: object) -> str:
    return ""


def _link_open(renderer, tokens, index, options, env) -> str:  # noqa: ANN001 - their shape
    token = tokens[index]
    token.attrs.pop("title", None)
    if token.attrs["href"].startswith("https:"):
        token.attrSet("rel", "noreferrer")  # the page they go to is not told where they came from
    return renderer.renderToken(tokens, index, options, env)


def as_html(text: str) -> Markup:
    """Return `text` as HTML blocks. Safe for any input: nothing in it can become markup."""
    return Markup(_parser().render(text))  # noqa: S704 - the parser escapes; html is off


def as_inline(text: str) -> Markup:
    """Return `text` as one run of HTML, without a paragraph around it."""
    return Markup(_parser().renderInline(" ".join(text.split())))  # noqa: S704 - as above
