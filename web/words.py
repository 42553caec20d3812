"""The words of the pages around the chat, read from guide_content/pages.yml and never from code."""

from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import yaml
from flask import current_app
from markupsafe import Markup

from helpline.enums import Channel
from helpline.markdown import as_html, as_inline
from web.context import service

_PLAIN = Channel.SMS  # whose wording has no Markdown, and numbers without links


@dataclass(frozen=True)
class Notice:
    """What went wrong with one message: said in place, beside the box that still holds it."""

    code: str
    title: str
    html: Markup
    emergency: bool


class PageWords:
    """Page words with their phone numbers filled in from the guide. Needs no database."""

    def __init__(self, folder: Path) -> None:
        """Read `pages.yml` of the guide `folder` once."""
        content = yaml.safe_load((folder / "pages.yml").read_text(encoding="utf-8"))
        self._words: dict[str, str] = content["words"]
        self._notices: dict[str, dict[str, Any]] = content["notices"]
        self._errors: dict[int, dict[str, str]] = content["errors"]

    def html(self, key: str, *, inline: bool = False) -> Markup:
        """Return the words under `key` as HTML; `inline` leaves out the paragraph around them."""
        return _render(self._words[key], inline=inline)

    def text(self, key: str) -> str:
        """Return the words under `key` as they stand, for titles and plain-text places."""
        return self._words[key]

    def notice(self, code: str) -> Notice:
        """Return the notice for one reason why a message was not taken."""
        entry = self._notices[code]
        return Notice(
            code=code,
            title=entry["title"],
            html=_render(_said(entry, Channel.WEB)),
            emergency=entry.get("emergency", False),
        )

    def error(self, status: int) -> tuple[str, Markup]:
        """Return title and words for an HTTP error."""
        entry = self._error(status)
        return entry["title"], _render(entry["text"])

    def plain(self, status: int) -> str:
        """Return the words for an HTTP error on one line, with what to do in danger."""
        entry = self._error(status)
        return _plain(f"{entry['title']}. {entry['text']} {self._words['emergency_line']}")

    def plain_notice(self, code: str) -> str:
        """Return a notice as one line of plain text."""
        entry = self._notices[code]
        danger = self._words["emergency_line"] if entry.get("emergency") else ""
        return _plain(f"{entry['title']}. {_said(entry, _PLAIN)} {danger}")

    def _error(self, status: int) -> dict[str, str]:
        # One without words of its own is a 400 or a 500.
        family = 400 if status < HTTPStatus.INTERNAL_SERVER_ERROR else 500
        return self._errors.get(status, self._errors[family])


def page_words() -> PageWords:
    """Return the words of the running app."""
    words: PageWords = current_app.extensions["page_words"]
    return words


def phrase(key: str) -> Markup:
    """Return a phrase of the guide as HTML."""
    return as_html(service().guide.phrase(key, Channel.WEB))


def _said(entry: dict[str, Any], channel: Channel) -> str:
    spoken = service().guide.phrase(entry["phrase"], channel) if "phrase" in entry else ""
    return f"{entry.get('text', '')}\n\n{spoken}"


def _render(markdown: str, *, inline: bool = False) -> Markup:
    filled = service().guide.render(markdown, channel=Channel.WEB, prison_key=None)
    return as_inline(filled) if inline else as_html(filled)


def _plain(markdown: str) -> str:
    filled = service().guide.render(markdown, channel=_PLAIN, prison_key=None)
    return " ".join(filled.replace("**", "").split())
