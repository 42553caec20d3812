"""A small guide that tests can break: the real schema and words, three prisons, a few services."""

import shutil
from pathlib import Path
from typing import Any

import yaml

REAL = Path(__file__).resolve().parent.parent / "guide_content"
SERVICES = (
    "emergency-999", "nhs-111-mental-health", "samaritans", "shout", "rethink", "mind", "childline",
    "nhs-england-complaints", "govuk-find-prison", "families-outside",
)  # fmt: skip
PRISONS = ("wandsworth", "belmarsh", "thameside", "isis", "wormwood-scrubs", "parc", "werrington")

ANSWERS = {
    "web": "Ring {{ prison:switchboard }} and ask for the nurse.\n\n- Say who.\n- Be short.\n",
    "sms": "Ring {{ prison:switchboard }} and ask for the nurse.\n",
    "voice": "Ring {{ prison:switchboard }} and ask for the nurse. You can say: say that again.\n",
}


def topic(topic_id: str = "seeing-a-nurse", **changed: Any) -> dict[str, Any]:
    """Return the document of a topic that is in order, with `changed` fields."""
    return {
        "id": topic_id,
        "section": "What to expect",
        "title": "How do they see a nurse?",
        "status": "published",
        "owner": "Pact health information lead",
        "reviewed_on": "2026-11-21",
        "review_by": "2027-05-21",
        "approval": None,
        "questions": ["he needs a nurse", "who looks at his foot"],
        "answers": dict(ANSWERS),
        "variants": [],
        "next": [],
        "sources": [{"title": "A page", "url": "https://example.org/a", "seen": "2026-11-21"}],
        **changed,
    }


class GuideFolder:
    """A guide folder under a test's own path."""

    def __init__(self, path: Path) -> None:
        """Copy what every guide needs to `path`."""
        self.path = path
        contacts = path / "contacts"
        for kind, names in (("services", SERVICES), ("prisons", PRISONS)):
            (contacts / kind).mkdir(parents=True)
            for name in names:
                shutil.copy(REAL / "contacts" / kind / f"{name}.yml", contacts / kind)
        for name in ("cautions.yml", "fallback.yml"):
            shutil.copy(REAL / "contacts" / name, contacts)
        shutil.copy(REAL / "schema.json", path)
        self.write(
            "contacts/names.yml",
            {
                "ambiguous_names": {"thamesmead": ["belmarsh", "isis", "thameside"]},
                "everyday_words": ["isis", "the marsh"],
                "place_names": ["wandsworth"],
                "lookalikes": [],
            },
        )
        self.write(
            "phrases.yml",
            {
                "greeting": {"web": "Hello.", "sms": "Hello.", "voice": "Hello."},
                "on_the_way": {
                    "fields": ["worker", "time"],
                    "web": "{worker} rings by {time}. In danger, ring {{ phone:emergency-999 }}.",
                    "sms": "{worker} rings by {time}. In danger, ring {{ phone:emergency-999 }}.",
                    "voice": "{worker} rings by {time}.",
                },
            },
        )

    def write(self, name: str, content: str | bytes | dict[str, Any]) -> Path:
        """Write a file of the guide, given as text, bytes or a document."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, dict):
            content = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def write_topic(self, document: dict[str, Any], folder: str = "what-to-expect") -> Path:
        """Write a topic's file where its id says."""
        return self.write(f"topics/{folder}/{document['id']}.yml", document)

    def change(self, name: str, **changed: Any) -> None:
        """Change fields at the top of a file that is there."""
        document = yaml.safe_load((self.path / name).read_text(encoding="utf-8"))
        self.write(name, {**document, **changed})
