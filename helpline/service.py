"""What the core's commands need besides a session: settings, words, address keys."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from helpline import rota
from helpline.contacts import AddressBook
from helpline.enums import Channel, Severity
from helpline.guide.answers import PublishedGuide
from helpline.opening import OpeningHours, read_hours
from helpline.settings import Settings


@dataclass(frozen=True)
class Service:
    """Built once by the composition root and handed to every command that needs it."""

    settings: Settings
    guide: PublishedGuide
    book: AddressBook

    @property
    def hours(self) -> OpeningHours:
        """The hours the charity means to have somebody on."""
        return read_hours(self.settings.guide_folder)

    def need(
        self,
        severity: Severity,
        prison: str | None,
        language: str | None = None,
        *,
        prefer: int | None = None,
    ) -> rota.Need:
        """Return what the rota is asked for: the prison's region comes from the guide."""
        known = self.guide.contacts.prisons.get(prison) if prison is not None else None
        return rota.Need(severity, prison, known.region if known else None, language, prefer)

    def promise(
        self,
        session: Session,
        severity: Severity,
        prison: str | None,
        at: datetime,
        language: str | None = None,
        *,
        prefer: int | None = None,
    ) -> rota.Promise:
        """Return the named worker and clock time the rota can keep for this severity.

        `prefer` is a worker who has seen it already: theirs it stays, if they are there as soon.
        """
        minutes = {
            Severity.IMMEDIATE: self.settings.immediate_response_minutes,
            Severity.URGENT: self.settings.urgent_response_minutes,
            Severity.NONE: self.settings.ordinary_response_minutes,
        }[severity]
        return rota.promise(
            session,
            self.need(severity, prison, language, prefer=prefer),
            at=at,
            response=timedelta(minutes=minutes),
            nobody=self.guide.phrase("duty_lead", Channel.WEB),
            hours=self.hours,
        )
