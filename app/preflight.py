"""What must hold before anything starts; each failing is one plain sentence and no traceback."""

import errno
import shutil
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from helpline.settings import PROJECT_ROOT, Settings

MEGABYTE = 1024 * 1024
NEEDED_TO_SERVE = 300 * MEGABYTE  # the database's log alone grows in steps of 16 MB
NEEDED_TO_TRAIN = 1024 * MEGABYTE  # the encoder's working copy, caches and the new model
RASA_PYTHON = PROJECT_ROOT / ".venv-rasa" / "bin" / "python"


class PreflightError(Exception):
    """The service cannot start; the text is one plain sentence."""


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def check_disk(folder: Path, needed: int, free: Callable[[Path], int] = _free_bytes) -> None:
    """Raise PreflightError when the disk that holds `folder` has less than `needed` bytes free."""
    place = folder
    while not place.exists():
        place = place.parent
    there_is = free(place)
    if there_is < needed:
        msg = (
            f"The disk is nearly full: {there_is // MEGABYTE} MB are free where {folder} lies, "
            f"and {needed // MEGABYTE} MB are needed."
        )
        raise PreflightError(msg)


def _bind(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As the servers do: a port still cooling down after a stop is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


def check_port(
    host: str, port: int, setting: str = "PORT", bind: Callable[[str, int], None] = _bind
) -> None:
    """Raise PreflightError when `port` is taken on `host`, or not ours to take."""
    try:
        bind(host, port)
    except PermissionError as exc:
        msg = f"Port {port} needs rights this account does not have; choose another {setting}."
        raise PreflightError(msg) from exc
    except OverflowError as exc:
        msg = f"{port} is no port; choose a {setting} from 1024 to 65535."
        raise PreflightError(msg) from exc
    except OSError as exc:
        if exc.errno != errno.EADDRINUSE:
            msg = f"Nothing can listen on {host} port {port}: {exc.strerror}."
            raise PreflightError(msg) from exc
        other = port + 1 if setting == "PORT" else f"http://{host}:{port + 1}"
        msg = (
            f"Port {port} on {host} is taken by another program; stop that one or choose "
            f"another, for example {setting}={other} make run."
        )
        raise PreflightError(msg) from exc


def check_rasa_installed(python: Path = RASA_PYTHON) -> None:
    """Raise PreflightError when Rasa's own environment is missing."""
    if not python.exists():
        msg = "Rasa is not installed (.venv-rasa is missing); run `make bootstrap`."
        raise PreflightError(msg)


def free_url(settings: Settings, name: str) -> str:
    """Return where an inner server shall listen: as set, or a free port if the default is taken.

    So that a second copy needs no more than its own PORT. Raises PreflightError when the setting
    was given and its port is taken.
    """
    url: str = getattr(settings, name)
    parts = urlsplit(url)
    host, port = parts.hostname or "127.0.0.1", parts.port or 80
    if name in settings.model_fields_set:
        check_port(host, port, f"HELPLINE_{name.upper()}")
        return url
    with suppress(PreflightError):
        check_port(host, port)
        return url
    return f"{parts.scheme}://{host}:{free_port(host)}"


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
    return port
