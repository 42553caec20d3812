"""Who is asking: matched by a keyed hash, stored encrypted, never merged by accident."""

import hashlib
import hmac

from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline.enums import Channel
from helpline.models import Contact
from helpline.settings import Settings


class AddressBook:
    """Hashes and encrypts addresses with the keys from settings.

    `contact_encryption_key` may hold several Fernet keys separated by commas: the first encrypts,
    all decrypt, so a key can be rotated without losing anyone.
    """

    def __init__(self, settings: Settings) -> None:
        """Raise ValueError when a key is missing or malformed: better no start than plain text."""
        hmac_key = settings.contact_hmac_key.get_secret_value()
        keys = [k for k in settings.contact_encryption_key.get_secret_value().split(",") if k]
        if not hmac_key or not keys:
            raise ValueError(
                "HELPLINE_CONTACT_HMAC_KEY and HELPLINE_CONTACT_ENCRYPTION_KEY must be set"
            )
        self._hmac_key = hmac_key.encode()
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def fingerprint(self, address: str) -> str:
        """Return the keyed hash an address is found by (a plain one could be searched)."""
        return hmac.new(self._hmac_key, address.encode(), hashlib.sha256).hexdigest()

    def seal(self, address: str) -> str:
        """Return the address encrypted."""
        return self._fernet.encrypt(address.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return what `seal` encrypted."""
        return self._fernet.decrypt(sealed).decode()

    def seal_bytes(self, content: bytes) -> bytes:
        """Return the content of a file encrypted."""
        return self._fernet.encrypt(content)

    def open_bytes(self, sealed: bytes) -> bytes:
        """Return what `seal_bytes` encrypted."""
        return self._fernet.decrypt(sealed)

    def reveal(self, contact: Contact) -> str | None:
        """Return a contact's address, or None when there is none."""
        if contact.address_encrypted is None:
            return None
        return self._fernet.decrypt(contact.address_encrypted).decode()


def find_or_add(
    session: Session, book: AddressBook, channel: Channel, address: str | None
) -> Contact:
    """Return the contact with this address, adding one if need be.

    Without an address (a web visitor, a withheld number) it is always a new contact.
    """
    if address is None:
        contact = Contact(channel=channel)
    else:
        fingerprint = book.fingerprint(address)
        known = session.scalar(select(Contact).where(Contact.address_hmac == fingerprint))
        if known is not None:
            return known
        contact = Contact(
            channel=channel, address_hmac=fingerprint, address_encrypted=book.seal(address)
        )
    session.add(contact)
    session.flush()
    return contact
