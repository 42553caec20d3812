"""The commands for the helpline's number at Twilio: set up, check, and what it says without us."""

import click

from app.environment import ConfigurationError
from helpline.enums import Channel
from helpline.guide.loader import load_contacts
from helpline.guide.tokens import render
from helpline.phone_words import read_phone_words
from helpline.settings import Settings
from telephony import setup
from telephony.account import Account, account_of
from telephony.carrier import make_client
from telephony.speaking import static_voice
from telephony.twiml import static_text

FOLDER = "fallback"


def set_up(settings: Settings, *, yes: bool) -> None:
    """Show what would change at Twilio, ask, and change it."""
    account = _live_account(settings)
    number = setup.find_number(make_client(account), account)
    changes = setup.plan(number, setup.addresses(account, settings))
    if not changes:
        click.echo("Nothing to change: the number points here already.")
        return
    for change in changes:
        click.echo(f"{change.name}\n  is    {change.now or '(empty)'}\n  will  {change.wanted}")
    for name in ("voice_fallback_url", "sms_fallback_url"):
        if not getattr(settings, name):
            click.echo(f"HELPLINE_{name.upper()} is not set: docs/runbooks/carrier-fallback.md")
    if yes or click.confirm("Change this at Twilio?"):
        setup.apply(number, changes)
        click.echo("Changed.")


def check(settings: Settings) -> None:
    """Print each finding; exit code 1 when something is wrong."""
    account = _live_account(settings)
    wrong = 0
    for finding in setup.check(make_client(account), account, settings):
        wrong += bool(finding.fault)
        sign = "WRONG" if finding.fault else "ok   "
        click.echo(f"{sign}  {finding.what}  {finding.fault}".rstrip())
    if wrong:
        message = f"{wrong} of these must be put right before families ring."
        raise click.ClickException(message)


def write_fallback(settings: Settings) -> None:
    """Write both documents into the guide's folder, to be reviewed with the other words."""
    folder = settings.guide_folder / FOLDER
    folder.mkdir(exist_ok=True)
    for name, content in fallback_documents(settings).items():
        (folder / name).write_text(content + "\n", encoding="utf-8")
        click.echo(f"Wrote {folder / name}")


def fallback_documents(settings: Settings) -> dict[str, str]:
    """Return the two documents by file name, their numbers from the vetted contacts."""
    words = read_phone_words(settings.guide_folder).fallback
    contacts = load_contacts(settings.guide_folder)

    def said(text: str, channel: Channel) -> str:
        rendered = render(
            text.strip(), contacts=contacts, prison=None, allow_unverified=False, channel=channel
        )
        return " ".join(rendered.split())

    return {
        "voice.xml": static_voice(said(words.voice, Channel.VOICE), settings.voice),
        "sms.xml": static_text(said(words.sms, Channel.SMS)),
    }


def _live_account(settings: Settings) -> Account:
    account = account_of(settings)
    if account is None or (account.practice and not settings.twilio_api_base_url):
        raise ConfigurationError(
            "Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN first; this is practice mode."
        )
    return account
