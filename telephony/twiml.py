"""Answers to the carrier. Every one is built by Twilio's library, so nothing is escaped by hand."""

from flask import Response
from twilio.twiml import TwiML
from twilio.twiml.messaging_response import MessagingResponse


def answer(document: TwiML) -> Response:
    """Return a document as the carrier wants it."""
    return Response(str(document), content_type="text/xml; charset=utf-8")


def nothing() -> Response:
    """Say that the text was taken; what is answered is sent by itself."""
    return answer(MessagingResponse())


def static_text(text: str) -> str:
    """Return a document that texts `text` back, for a host that runs no code of ours."""
    document = MessagingResponse()
    document.message(text)
    return str(document)
