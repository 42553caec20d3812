"""Staff accounts: inviting, joining, passwords, one-time codes, recovery codes, leaving."""

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline import audit
from helpline.clock import utcnow
from helpline.contacts import AddressBook
from helpline.errors import Conflict, HelplineError, NotFound
from helpline.models import Worker
from helpline.models.accounts import Account, AccountSession, Invitation, Role

INVITATION_LASTS = timedelta(days=7)
PASSWORD_AT_LEAST = 12  # characters; NIST SP 800-63B: length counts, rules of composition do not
PASSWORD_AT_MOST = 200
RECOVERY_CODES = 10
CODE_SECONDS = 30
DRIFT = 1  # codes before and after the present one that still count (RFC 6238, section 5.2)
ISSUER = "On My Side"
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else


class WeakPassword(HelplineError):
    """A password that may not be used; the text says why, in plain words."""


@dataclass(frozen=True)
class Invited:
    """A new invitation and the secret of its link, which is shown once and kept nowhere."""

    invitation: Invitation
    token: str


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()  # argon2id with the library's current costs (RFC 9106, low memory)


@cache
def _nobody() -> str:
    """Return a hash no password has: an unknown e-mail must cost as much time as a known one."""
    return _hasher().hash(secrets.token_hex(32))


def clean_email(email: str) -> str:
    """Return an e-mail address as accounts are found by. Raises ValueError if it is none."""
    cleaned = unicodedata.normalize("NFKC", email).strip().lower()
    local, at, domain = cleaned.rpartition("@")
    if not local or not at or "." not in domain or len(cleaned) > 254 or " " in cleaned:  # noqa: PLR2004 - RFC 5321
        raise ValueError("that is no e-mail address")
    return cleaned


def clean_name(name: str) -> str:
    """Return a person's name on one line. Raises ValueError when empty or over 80 characters."""
    cleaned = " ".join("".join(c for c in name if unicodedata.category(c)[0] != "C").split())
    if not 1 <= len(cleaned) <= 80:  # noqa: PLR2004 - the column
        raise ValueError("a name has 1 to 80 characters")
    return cleaned


def invite(
    session: Session, *, name: str, email: str, role: Role, by: Account | None, now: datetime
) -> Invited:
    """Invite someone. Raises Conflict when this e-mail has an account, ValueError for bad input."""
    address = clean_email(email)
    if find_by_email(session, address) is not None:
        raise Conflict("there is an account with this e-mail address")
    if role.takes_conversations:
        _worker_named(session, clean_name(name), add=False)
    token = secrets.token_urlsafe(32)
    invitation = Invitation(
        token_hash=digest(token),
        name=clean_name(name),
        email=address,
        role=role,
        invited_by_id=by.id if by is not None else None,
        created_at=now,
        expires_at=now + INVITATION_LASTS,
    )
    session.add(invitation)
    session.flush()
    audit.record(
        session,
        actor=actor(by),
        action="invited",
        subject_type="invitation",
        subject_id=invitation.id,
        role=role,
    )
    return Invited(invitation, token)


def open_invitation(session: Session, token: str, now: datetime) -> Invitation:
    """Return the invitation a link opens. Unknown, used and expired ones are all NotFound."""
    invitation = session.scalar(
        select(Invitation).where(Invitation.token_hash == digest(token)).with_for_update()
    )
    if invitation is None or invitation.used_at is not None or invitation.expires_at <= now:
        raise NotFound("no such invitation")
    return invitation


def join(session: Session, book: AddressBook, token: str, password: str, now: datetime) -> Account:
    """Use an invitation: make the account, its worker and its secret for one-time codes.

    Raises NotFound (see open_invitation), WeakPassword, Conflict when the account exists by now.
    """
    invitation = open_invitation(session, token, now)
    check_password(password, invitation.name, invitation.email)
    account = create(session, invitation, now)
    account.password_hash = _hasher().hash(password)
    account.totp_encrypted = book.seal(pyotp.random_base32())
    return account


def create(session: Session, invitation: Invitation, now: datetime) -> Account:
    """Make the account an invitation is for, and use the invitation up."""
    if find_by_email(session, invitation.email) is not None:
        raise Conflict("there is an account with this e-mail address")
    account = Account(
        name=invitation.name, email=invitation.email, role=invitation.role, created_at=now
    )
    if account.role.takes_conversations:
        account.worker = _worker_named(session, invitation.name, add=True)
    session.add(account)
    invitation.used_at = now
    session.flush()
    audit.record(
        session,
        actor=actor(account),
        action="joined",
        subject_type="account",
        subject_id=account.id,
        role=account.role,
    )
    return account


def find_or_join(session: Session, email: str, now: datetime) -> Account | None:
    """Return the account of someone whose organisation vouches for their e-mail address.

    An open invitation for this address is used up. None when they are unknown here.
    """
    account = find_by_email(session, email)
    if account is not None:
        return account
    invitation = session.scalar(
        select(Invitation)
        .where(
            Invitation.email == email.strip().lower(),
            Invitation.used_at.is_(None),
            Invitation.expires_at > now,
        )
        .order_by(Invitation.id.desc())
        .limit(1)
        .with_for_update()
    )
    return create(session, invitation, now) if invitation is not None else None


def _worker_named(session: Session, name: str, *, add: bool) -> Worker | None:
    """Return the worker of the rota with this name if nobody has their account, or a new one.

    Raises Conflict when somebody has: families must be able to tell two people apart.
    """
    known = session.scalar(select(Worker).where(Worker.name == name).with_for_update())
    if known is None:
        worker = Worker(name=name) if add else None
        session.add_all([worker] if worker is not None else [])
        return worker
    taken = session.scalar(select(Account.id).where(Account.worker_id == known.id))
    if taken is not None:
        raise Conflict("someone of this name is on the rota already; add a second name")
    return known


def check_password(password: str, *names: str) -> None:
    """Raise WeakPassword unless this one may be used by the person with these names."""
    if len(password) < PASSWORD_AT_LEAST:
        message = f"Use at least {PASSWORD_AT_LEAST} characters. Four random words are good."
        raise WeakPassword(message)
    if len(password) > PASSWORD_AT_MOST:
        message = f"Use at most {PASSWORD_AT_MOST} characters."
        raise WeakPassword(message)
    plain = password.casefold()
    parts = {part for name in names for part in name.casefold().replace("@", " ").split()}
    if any(len(part) > 3 and part in plain for part in parts):  # noqa: PLR2004 - "Ann" is in much
        raise WeakPassword("Leave your own name and e-mail address out of it.")
    if len(set(plain)) < 6:  # noqa: PLR2004 - "aaaaaaaaaaaa", "121212121212"
        raise WeakPassword("Use more different characters.")


def change_password(session: Session, account: Account, password: str) -> None:
    """Set a new password. Raises WeakPassword. The caller ends the other sessions."""
    check_password(password, account.name, account.email)
    account.password_hash = _hasher().hash(password)
    _note(session, account, "password_changed")


def find_by_email(session: Session, email: str) -> Account | None:
    """Return the account with this e-mail address, however it was typed."""
    return session.scalar(select(Account).where(Account.email == email.strip().lower()))


def password_fits(account: Account | None, password: str) -> bool:
    """Whether the password is right. Takes as long for an account that is not there."""
    stored = account.password_hash if account is not None else None
    try:
        _hasher().verify(stored or _nobody(), password[: PASSWORD_AT_MOST + 1])
    except VerificationError:
        return False
    if account is not None and _hasher().check_needs_rehash(account.password_hash or ""):
        account.password_hash = _hasher().hash(password)
    return stored is not None


def provisioning_uri(book: AddressBook, account: Account) -> str:
    """Return what an authenticator app reads from the QR code."""
    return _totp(book, account).provisioning_uri(name=account.email, issuer_name=ISSUER)


def totp_secret(book: AddressBook, account: Account) -> str:
    """Return the secret for those who type it into their app."""
    return _totp(book, account).secret


def code_fits(book: AddressBook, account: Account, code: str, now: datetime) -> bool:
    """Whether a one-time code is right now and was not used before; using it up."""
    digits = "".join(code.split())
    if account.totp_encrypted is None or not (digits.isascii() and digits.isdigit()):
        return False
    totp = _totp(book, account)
    present = int(now.timestamp()) // CODE_SECONDS
    for counter in range(present - DRIFT, present + DRIFT + 1):
        fits = secrets.compare_digest(totp.generate_otp(counter), digits)
        if fits and counter > account.totp_last_counter:
            account.totp_last_counter = counter
            return True
    return False


def use_recovery_code(session: Session, book: AddressBook, account: Account, code: str) -> bool:
    """Whether this is one of the account's recovery codes; it works once."""
    hashed = _recovery_hash(book, account, code)
    if hashed not in account.recovery_hashes:
        return False
    account.recovery_hashes = [known for known in account.recovery_hashes if known != hashed]
    _note(session, account, "recovery_code_used", left=len(account.recovery_hashes))
    return True


def new_recovery_codes(session: Session, book: AddressBook, account: Account) -> list[str]:
    """Replace the account's recovery codes; return them, to be shown once."""
    codes = ["-".join(_random(5) for _ in range(2)) for _ in range(RECOVERY_CODES)]
    account.recovery_hashes = [_recovery_hash(book, account, code) for code in codes]
    _note(session, account, "recovery_codes_made")
    return codes


def reset_second_step(
    session: Session, book: AddressBook, account: Account, by: Account | None
) -> None:
    """After a lost phone: give a new secret, to be set up at the next sign-in; end all sessions."""
    account.totp_encrypted = book.seal(pyotp.random_base32())
    account.totp_confirmed_at = None
    account.recovery_hashes = []
    end_sessions(session, account, utcnow())
    _note(session, account, "second_step_reset", by=by)


def set_active(session: Session, account: Account, by: Account | None, *, active: bool) -> None:
    """Let an account in or keep it out. Kept out, every session ends and the rota skips them.

    The caller gives open conversations back to the queue (helpline.takeover.release).
    """
    account.active = active
    if account.worker is not None:
        account.worker.active = active
    if not active:
        end_sessions(session, account, utcnow())
    _note(session, account, "activated" if active else "deactivated", by=by)


def end_sessions(
    session: Session, account: Account, now: datetime, *, but: AccountSession | None = None
) -> None:
    """Sign the account out everywhere, except in the browser of `but`."""
    for row in session.scalars(
        select(AccountSession).where(
            AccountSession.account_id == account.id, AccountSession.ended_at.is_(None)
        )
    ):
        if but is None or row.id != but.id:
            row.ended_at = now


def digest(token: str) -> str:
    """Return the hash a random token is stored as. 256 random bits need no salt and no key."""
    return hashlib.sha256(token.encode()).hexdigest()


def actor(account: Account | None) -> str:
    """Return how the audit trail names an account; None is the command line."""
    if account is None:
        return "command line"
    return f"worker:{account.worker_id}" if account.worker_id else f"account:{account.id}"


def _totp(book: AddressBook, account: Account) -> pyotp.TOTP:
    if account.totp_encrypted is None:
        raise NotFound("this account has no second step")
    return pyotp.TOTP(book.open(account.totp_encrypted), interval=CODE_SECONDS)


def _recovery_hash(book: AddressBook, account: Account, code: str) -> str:
    plain = "".join(char for char in code.casefold() if char.isalnum())
    return book.fingerprint(f"recovery:{account.id}:{plain}")


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _note(
    session: Session, account: Account, action: str, *, by: Account | None = None, **details: int
) -> None:
    audit.record(
        session,
        actor=actor(by or account),
        action=action,
        subject_type="account",
        subject_id=account.id,
        **details,
    )
