"""Where every process gets its settings: the environment, `.env`, then `var/secrets/`.

In practice mode what is missing is made here, so that `make run` needs no configuration. Outside
practice mode nothing is made up: a key that appears by itself would one day be lost by itself, and
with it every stored address.
"""

import base64
import os
import secrets
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from app.postgres import EmbeddedPostgres
from helpline.settings import Settings

DATABASE = "helpline"
# Made in practice mode only: what they protect would be lost with them.
KEYS = ("secret_key", "contact_hmac_key", "contact_encryption_key")
# Made in any mode: shared by our own processes on this machine, and safe to change at a restart.
TOKENS = ("rasa_token",)


class ConfigurationError(Exception):
    """A setting is missing or wrong; the text is one plain sentence naming it."""


def load_settings() -> Settings:
    """Return the settings, complete: secrets in place and `database_url` never empty.

    Raises ConfigurationError when a secret is missing outside practice mode.
    """
    try:
        given = Settings()
        folders = [given.var_dir / "secrets"]
        _make_secrets(folders[0], TOKENS)
        if given.practice_mode:
            # Apart, so that real people's addresses are never stored under a practice key.
            folders.append(folders[0] / "practice")
            _make_secrets(folders[1], KEYS)
        settings = Settings(_secrets_dir=folders)
    except ValidationError as error:
        raise ConfigurationError(_in_words(error)) from None  # it would quote the value
    except OSError as error:
        msg = f"{error.filename} cannot be written or read: {error.strerror}."
        raise ConfigurationError(msg) from error
    for name in KEYS:
        if not getattr(settings, name).get_secret_value():
            msg = (
                f"HELPLINE_{name.upper()} is not set; with Twilio's settings given the service "
                "takes real people and makes up no keys (docs/settings.md)."
            )
            raise ConfigurationError(msg)
    if settings.database_url:
        return settings
    return settings.model_copy(update={"database_url": server(settings).url(DATABASE)})


def uses_embedded_database(settings: Settings) -> bool:
    """Whether the database is the one in `var/` (no DATABASE_URL was given)."""
    return settings.database_url == server(settings).url(DATABASE)


def server(settings: Settings) -> EmbeddedPostgres:
    """Return the embedded server of this installation, running or not."""
    return EmbeddedPostgres(settings.var_dir / "postgres")


def _in_words(error: ValidationError) -> str:
    """Name each setting that is wrong and why, never what it was set to."""
    faults = []
    for fault in error.errors(include_input=False, include_url=False):
        name = str(fault["loc"][0])
        name = name if name.isupper() else f"HELPLINE_{name.upper()}"
        faults.append(f"{name}: {fault['msg'][0].lower()}{fault['msg'][1:]}")
    return f"A setting is wrong ({'; '.join(faults)}); docs/settings.md explains each."


def _make_secrets(folder: Path, names: tuple[str, ...]) -> None:
    """Write each missing secret to its own file, readable by this account alone."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in names:
        path = folder / f"helpline_{name}"
        if path.exists():
            continue
        # Written apart and linked into place: two processes starting at once agree on one value,
        # and a power cut cannot leave half a key.
        draft = folder / f".{name}.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(_new_secret())
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()


def _new_secret() -> str:
    """Return 32 random bytes as Fernet wants its keys; the other secrets may look the same."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
