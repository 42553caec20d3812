"""What the core's commands need besides a session: settings, words, address keys."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from helpline import rota
from helpline.contacts import AddressBook
from helpline.enums import Channel, Severity
from helpline.guide.answers import PublishedGuide
from helpline.settings import Settings


@dataclass(frozen=True)
class Service:
    """Built once by the composition root and handed to every command that needs it."""

    settings: Settings
    guide: PublishedGuide
    book: AddressBook

    def promise(
        self, session: Session, severity: Severity, prison: str | None, at: datetime
    ) -> rota.Promise:
        """Return the named worker and clock time the rota can keep for this severity."""
        minutes = {
            Severity.IMMEDIATE: self.settings.immediate_response_minutes,
            Severity.URGENT: self.settings.urgent_response_minutes,
            Severity.NONE: self.settings.ordinary_response_minutes,
        }[severity]
        return rota.promise(
            session,
            severity=severity,
            prison=prison,
            at=at,
            response=timedelta(minutes=minutes),
            nobody=self.guide.phrase("duty_lead", Channel.WEB),
        )
