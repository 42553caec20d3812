"""The small Markdown of web answers as HTML: paragraphs, lists, bold, and links to call or read.

Everything else, HTML above all, comes out as the characters it is. Rules: design section 3.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup

_SAFE_LINKS = ("https://", "tel:")


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("zero", {"html": False, "linkify": False, "typographer": False})
    parser.enable(["list", "emphasis", "link", "escape", "newline"])
    parser.validateLink = _is_safe_link  # type: ignore[method-assign]
    parser.add_render_rule("em_open", _nothing)
    parser.add_render_rule("em_close", _nothing)
    parser.add_render_rule("link_open", _link_open)
    return parser


def _is_safe_link(url: str) -> bool:
    return url.lower().startswith(_SAFE_LINKS)


def _nothing(*_: Any) -> str:  # noqa: ANN401 - a renderer's arguments
    return ""


def _link_open(
    renderer: Any,  # noqa: ANN401 - markdown-it hands itself over
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: EnvType,
) -> str:
    token = tokens[index]
    token.attrs.pop("title", None)
    if str(token.attrs["href"]).startswith("https:"):
        token.attrSet("rel", "noreferrer")  # the page they go to is not told where they came from
    rendered: str = renderer.renderToken(tokens, index, options, env)
    return rendered


def as_html(text: str) -> Markup:
    """Return `text` as HTML blocks. Safe for any input: nothing in it can become markup."""
    return Markup(_parser().render(text))  # noqa: S704 - the parser escapes; html is off


def as_inline(text: str) -> Markup:
    """Return `text` as one run of HTML, without a paragraph around it."""
    return Markup(_parser().renderInline(" ".join(text.split())))  # noqa: S704 - as above
