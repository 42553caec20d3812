import errno

import pytest

from app.preflight import PreflightError, check_disk, check_port, check_rasa_installed


def failing(error):
    """Stand in for the operating system saying no."""

    def bind(host, port):
        raise error

    return bind


def one_sentence(text):
    """Whether a person gets exactly one sentence, without a line break or a type's name."""
    return text.endswith(".") and "\n" not in text and "Error" not in text


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.EADDRINUSE, "in use"), "PORT=8001 make run"),
        (PermissionError(errno.EACCES, "no"), "needs rights"),
        (OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address"), "Cannot assign"),
        (OverflowError(), "is no port"),
    ],
)
def test_a_port_we_cannot_have_is_one_plain_sentence(error, words):
    """Whoever starts the service reads what is wrong and what to type instead."""
    with pytest.raises(PreflightError) as raised:
        check_port("127.0.0.1", 8000, bind=failing(error))

    assert words in str(raised.value)
    assert one_sentence(str(raised.value))


def test_an_inner_port_names_its_own_setting():
    """Rasa's port is moved by Rasa's setting, not by PORT."""
    with pytest.raises(PreflightError, match=r"HELPLINE_RASA_URL=http://127\.0\.0\.1:5006"):
        check_port(
            "127.0.0.1", 5005, "HELPLINE_RASA_URL", bind=failing(OSError(errno.EADDRINUSE, ""))
        )


def test_a_full_disk_says_how_much_is_there_and_how_much_is_needed(tmp_path):
    """A folder that does not exist yet is judged by the disk it will lie on."""
    with pytest.raises(PreflightError) as raised:
        check_disk(tmp_path / "var" / "later", 300 * 1024**2, free=lambda _: 12 * 1024**2)

    assert "12 MB are free" in str(raised.value)
    assert "300 MB are needed" in str(raised.value)
    assert one_sentence(str(raised.value))


def test_enough_disk_passes(tmp_path):
    """Exactly what is needed is enough."""
    check_disk(tmp_path, 300, free=lambda _: 300)


def test_a_missing_rasa_says_what_to_run(tmp_path):
    """The second interpreter is easily forgotten."""
    with pytest.raises(PreflightError, match="make bootstrap"):
        check_rasa_installed(tmp_path / "python")
