"""Replies workers may start from, kept as content: guide_content/ready_replies.yml."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from helpline.enums import Channel
from helpline.errors import GuideError, NotFound
from helpline.guide.answers import PublishedGuide

FILE = "ready_replies.yml"
Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{2,40}$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)]


class ReadyReply(BaseModel):
    """One reply: what the button says, and the words, with {worker} and the guide's tokens."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    label: Line
    text: Text


_FILE = TypeAdapter(dict[Id, ReadyReply])


def load(folder: Path) -> Mapping[str, ReadyReply]:
    """Return the ready-made replies by id. Raises GuideError with file, field and reason."""
    try:
        return _FILE.validate_python(yaml.safe_load((folder / FILE).read_text(encoding="utf-8")))
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False)
        raise GuideError(
            [f"{FILE}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults]
        ) from error
    except (OSError, yaml.YAMLError) as error:
        raise GuideError([f"{FILE}: it cannot be read"]) from error


def words(guide: PublishedGuide, reply: ReadyReply, *, worker: str, prison_key: str | None) -> str:
    """Return a reply as plain text for the box a worker writes in: names and numbers filled in."""
    # A text message's wording has no Markdown; it is right in every channel a person types in.
    filled = guide.render(reply.text, channel=Channel.SMS, prison_key=prison_key)
    return filled.replace("{worker}", worker)


def get(replies: Mapping[str, ReadyReply], reply_id: str) -> ReadyReply:
    """Return one reply; NotFound when there is none of this id."""
    found = replies.get(reply_id)
    if found is None:
        raise NotFound("no such ready reply")
    return found
