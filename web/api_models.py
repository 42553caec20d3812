"""The shapes of the JSON API. flask-openapi3 writes /api/openapi.json from these."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from helpline.conversations import MAX_TEXT
from helpline.enums import ConcernKind, ConversationStatus, HandoverStatus, Sender, Severity

NUMBER_AT_MOST = 2_147_483_647


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ConversationPath(_Shape):
    """Which conversation."""

    # Not parsed as a UUID: an id of any other shape is simply not found.
    conversation_id: str = Field(
        description="The `id` that opening the conversation gave.",
        json_schema_extra={"format": "uuid"},
    )


class AfterQuery(BaseModel):
    """Where to go on from."""

    after: int = Field(
        default=0,
        ge=0,
        le=NUMBER_AT_MOST,
        description="Only messages numbered above this. 0 gives all of them.",
    )


class MessageIn(_Shape):
    """One message from the family."""

    text: str = Field(
        description=f"What they want to say, in their own words: 1 to {MAX_TEXT:,} characters once "
        "control characters and outer spaces are taken off. To pick a choice, send its label.",
        # Enforced by the route, which answers a long one with 413 and where to find help.
        json_schema_extra={"minLength": 1, "maxLength": MAX_TEXT},
        examples=["hes been in a week and still not had his epilepsy tablets"],
    )
    client_id: UUID = Field(
        description="Made by the client for each message. Sent again, it gives the same number and "
        "stores nothing, so a client may always retry."
    )


class SourceOut(_Shape):
    """Where an answer's facts come from."""

    title: str
    url: str
    seen: date = Field(description="The day someone last looked.")


class ChoiceOut(_Shape):
    """Something the family may pick, by sending its label or its number counted from 1."""

    label: str
    payload: str = Field(description="What the label stands for inside the service.")


class HandoverOut(_Shape):
    """A named person who is taking over."""

    worker: str = Field(description="The worker's name.")
    by: datetime = Field(description="When they will have read this, by the rota.")
    staffed: bool = Field(description="Whether they were on shift when it was promised.")
    status: HandoverStatus


class MessageOut(_Shape):
    """One message of a conversation, either way."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, serialize_by_alias=True)

    n: int = Field(description="Its place in the conversation, from 1. Never changes.")
    sender: Sender = Field(alias="from")
    text: str = Field(
        description="Plain text from family and workers; small Markdown (paragraphs, lists, bold, "
        "tel: and https: links) from the assistant."
    )
    at: datetime
    topic: str | None = Field(description="The guide topic it answers from.")
    sources: list[SourceOut]
    last_checked: date | None = Field(description="When the answer was last reviewed.")
    approved: bool | None = Field(description="False while it awaits Pact's approval.")
    choices: list[ChoiceOut]
    concern: ConcernKind | None
    severity: Severity
    handover: HandoverOut | None


class ConversationStarted(_Shape):
    """A new conversation and the only copy of its token."""

    id: UUID
    token: str
    messages: list[MessageOut]


class MessageTaken(_Shape):
    """The message is stored, with any concern it raises."""

    n: int = Field(description="The number it was stored under.")


class MessageList(_Shape):
    """Messages in order, and whether more is coming."""

    messages: list[MessageOut]
    waiting: bool = Field(description="An answer is being prepared.")
    status: ConversationStatus


class ErrorDetail(_Shape):
    """What went wrong, in plain words."""

    code: Literal[
        "bad_request", "not_json", "invalid", "empty", "too_long", "token_missing", "not_found",
        "method_not_allowed", "not_acceptable", "closed", "client_id_reused", "too_many",
        "unavailable", "internal",
    ]  # fmt: skip
    message: str
    field: Annotated[str | None, Field(description="Which part of the request.")] = None


class ErrorOut(_Shape):
    """The one shape of every error."""

    error: ErrorDetail
