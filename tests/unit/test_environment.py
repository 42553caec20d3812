import stat

import pytest

from app.environment import ConfigurationError, load_settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch, tmp_path):
    """No setting of this machine's, and a `var/` of the test's own."""
    for name in ("DATABASE_URL", "PORT", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HELPLINE_VAR_DIR", str(tmp_path / "var"))


def test_practice_mode_makes_its_own_keys_once():
    """A second process, and a second start, find the keys of the first."""
    first, second = load_settings(), load_settings()

    assert first.contact_hmac_key.get_secret_value()
    assert first == second


def test_keys_are_readable_by_this_account_only(tmp_path):
    """Whoever else has an account on the machine cannot read a key."""
    load_settings()

    files = [path for path in (tmp_path / "var/secrets").rglob("*") if path.is_file()]
    assert len(files) == 4
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_live_mode_refuses_to_make_up_a_key(monkeypatch):
    """A made-up key would be lost with the machine, and every address with it."""
    load_settings()  # practice keys exist and must not be taken
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC1")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "made up")

    with pytest.raises(ConfigurationError, match=r"^HELPLINE_SECRET_KEY is not set[^\n]+\.$"):
        load_settings()


def test_a_wrong_setting_is_named_and_its_value_is_not(monkeypatch):
    """A password in the wrong place does not end up on the screen."""
    monkeypatch.setenv("PORT", "hunter2")

    with pytest.raises(ConfigurationError) as raised:
        load_settings()

    assert "PORT" in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_without_database_url_every_process_comes_to_the_same_address(tmp_path):
    """The launcher, the web process and the command line meet in one database."""
    url = load_settings().database_url

    assert url == load_settings().database_url
    assert "postgres" in url


def test_a_deep_folder_gets_a_short_socket(monkeypatch, tmp_path):
    """Socket paths longer than the system allows would stop the start."""
    monkeypatch.setenv("HELPLINE_VAR_DIR", str(tmp_path / ("deep" * 30)))

    host = load_settings().database_url.partition("host=")[2].replace("%2F", "/")

    assert len(host + "/.s.PGSQL.5432") <= 103
