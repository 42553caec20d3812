"""Signing in to the desk: two steps, a row for every browser, and a count of wrong tries."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, joinedload

from helpline import accounts, audit
from helpline.contacts import AddressBook
from helpline.errors import HelplineError
from helpline.models import Worker
from helpline.models.accounts import Account, AccountSession, Role, SignInFailure, Step

WINDOW = timedelta(minutes=15)
KEPT = timedelta(days=1)
# Wrong tries within the window. The first keeps out a guesser without letting them lock the worker
# out of her own phone; the others stop guessing from many places and at many accounts.
TRIES_BY_BOTH = 5
TRIES_BY_ACCOUNT = 50
TRIES_BY_ADDRESS = 30
SEEN_EVERY = timedelta(minutes=1)
HALF_WAY_LASTS = timedelta(minutes=15)  # between the password and the code
PRACTICE_DOMAIN = "practice.invalid"  # RFC 2606: no such address can exist


class TooManyTries(HelplineError):
    """This account or address has to wait. A 429."""


class Refused(HelplineError):
    """Wrong e-mail, password or code; which of them is not said."""


@dataclass(frozen=True)
class Limits:
    """How long a signed-in browser stays signed in."""

    idle: timedelta
    longest: timedelta


def with_password(
    session: Session, book: AddressBook, *, email: str, password: str, address: str, now: datetime
) -> str:
    """First step: return the token of a half-way session. Raises Refused or TooManyTries."""
    _check_tries(session, book, email, address, now)
    account = accounts.find_by_email(session, email)
    if not accounts.password_fits(account, password) or account is None or not account.active:
        raise Refused
    step = Step.CODE if account.totp_confirmed_at is not None else Step.ENROL
    return _begin(session, account, step, now)


def with_code(
    session: Session,
    book: AddressBook,
    half: AccountSession,
    *,
    code: str,
    address: str,
    now: datetime,
) -> str:
    """Second step: return the token of a new, full session. Raises Refused or TooManyTries.

    A code of the authenticator app, or one of the recovery codes. The token changes, so one that
    was seen before the second step opens nothing.
    """
    account = half.account
    _check_tries(session, book, account.email, address, now)
    fits = accounts.code_fits(book, account, code, now) or (
        half.step is Step.CODE and accounts.use_recovery_code(session, book, account, code)
    )
    if not fits:
        raise Refused
    if half.step is Step.ENROL:
        account.totp_confirmed_at = now
    half.ended_at = now
    return _begin(session, account, Step.FULL, now)


def as_account(session: Session, account: Account, now: datetime) -> str:
    """Sign in someone whose organisation has vouched for them; return the token."""
    if not account.active:
        raise Refused
    return _begin(session, account, Step.FULL, now)


def practice(session: Session, who: Worker | Role, now: datetime) -> str:
    """Sign in as a practice worker, or as a made-up holder of a role. In practice mode only.

    The caller has made sure of that, and that the browser is on this machine.
    """
    if isinstance(who, Worker):
        role, name = (Role.LEAD if who.duty_lead else Role.WORKER), who.name
        email = f"worker-{who.id}@{PRACTICE_DOMAIN}"
    else:
        role, name, email = who, f"Practice {who.value}", f"{who.value}@{PRACTICE_DOMAIN}"
    account = accounts.find_by_email(session, email)
    if account is None:
        account = Account(name=name, email=email, role=role, practice=True)
        account.worker = who if isinstance(who, Worker) else None
        session.add(account)
        session.flush()
    if not account.active:
        raise Refused
    return _begin(session, account, Step.FULL, now)


def remember_failure(
    session: Session, book: AddressBook, *, email: str, address: str, now: datetime
) -> None:
    """Count one wrong try. In a transaction of its own: the one that failed is rolled back."""
    session.execute(delete(SignInFailure).where(SignInFailure.at < now - KEPT))
    session.add(
        SignInFailure(
            at=now,
            account_key=_account_key(book, email),
            address_key=book.fingerprint(f"address:{address}"),
        )
    )


def find_session(session: Session, token: str) -> AccountSession | None:
    """Return the row a token names, ended or not."""
    return session.scalar(
        select(AccountSession)
        .where(AccountSession.token_hash == accounts.digest(token))
        .options(joinedload(AccountSession.account).joinedload(Account.worker))
    )


def is_alive(row: AccountSession, limits: Limits, now: datetime) -> bool:
    """Whether this browser is still signed in (or half-way)."""
    if row.ended_at is not None or not row.account.active:
        return False
    if row.step is not Step.FULL:
        return now - row.created_at < HALF_WAY_LASTS
    return now - row.last_seen_at < limits.idle and now - row.created_at < limits.longest


def seen(row: AccountSession, now: datetime) -> None:
    """Remember that this browser asked for something; at most one write a minute."""
    if now - row.last_seen_at >= SEEN_EVERY:
        row.last_seen_at = now


def sign_out(session: Session, row: AccountSession, now: datetime) -> None:
    """End one browser's session."""
    row.ended_at = row.ended_at or now
    audit.record(
        session,
        actor=accounts.actor(row.account),
        action="signed_out",
        subject_type="account",
        subject_id=row.account_id,
    )


def _begin(session: Session, account: Account, step: Step, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    session.add(
        AccountSession(
            account_id=account.id,
            token_hash=accounts.digest(token),
            step=step,
            created_at=now,
            last_seen_at=now,
        )
    )
    if step is Step.FULL:
        audit.record(
            session,
            actor=accounts.actor(account),
            action="signed_in",
            subject_type="account",
            subject_id=account.id,
            practice=account.practice,
        )
    session.flush()
    return token


def _check_tries(
    session: Session, book: AddressBook, email: str, address: str, now: datetime
) -> None:
    account_key = _account_key(book, email)
    address_key = book.fingerprint(f"address:{address}")
    recent = SignInFailure.at > now - WINDOW
    by_account = SignInFailure.account_key == account_key
    by_address = SignInFailure.address_key == address_key

    def count(*conditions: object) -> int:
        query = select(func.count()).select_from(SignInFailure)
        return session.scalar(query.where(recent, *conditions)) or 0  # type: ignore[arg-type]

    if (
        count(by_account, by_address) >= TRIES_BY_BOTH
        or count(by_account) >= TRIES_BY_ACCOUNT
        or count(by_address) >= TRIES_BY_ADDRESS
    ):
        raise TooManyTries


def _account_key(book: AddressBook, email: str) -> str:
    return book.fingerprint(f"account:{email.strip().lower()}")
