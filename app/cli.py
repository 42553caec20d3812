"""The command line: `python -m app <command>`. A failure is one plain sentence and exit code 1.

Each command imports what it needs and no more, because the service starts through here.
"""
# ruff: noqa: PLC0415 - see above

import os
import sys
from pathlib import Path
from uuid import UUID

import click

from app.environment import ConfigurationError, load_settings
from app.postgres import PostgresError
from app.preflight import PreflightError
from helpline.errors import HelplineError
from helpline.settings import Settings

EXPECTED = (ConfigurationError, PostgresError, PreflightError, HelplineError)


def main() -> None:
    """Run the command named on the command line."""
    try:
        commands(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except EXPECTED as error:
        click.echo(str(error), err=True)
        sys.exit(1)


@click.group()
def commands() -> None:
    """On My Side: a helpline assistant for families of people in prison."""


@commands.command()
@click.option("--only", default="", help="Processes to run, by comma: postgres,web,jobs,…")
def run(only: str) -> None:
    """Run the whole service under one supervisor until Ctrl-C."""
    from app import programs
    from app.run import run as run_all

    chosen = frozenset(only.split(",")) if only else frozenset(programs.NAMES)
    if unknown := chosen - set(programs.NAMES):
        msg = f"There is no process {', '.join(unknown)}; there are {', '.join(programs.NAMES)}."
        raise click.UsageError(msg)
    sys.exit(run_all(load_settings(), chosen))


@commands.command()
def web() -> None:
    """Serve pages, API, health and metrics (the database must be there)."""
    from app import programs

    program = programs.web(load_settings())
    line = list(program.command)
    os.execve(line[0], line, dict(program.environment))  # noqa: S606 - gunicorn


@commands.command()
def rasa() -> None:
    """Run Rasa on loopback with the newest model."""
    from app import programs, training

    settings = load_settings()
    environment = programs.environment(settings) | training.rasa_environment(settings)
    line = training.rasa_command(settings)
    os.execve(line[0], line, environment)  # noqa: S606 - Rasa's own interpreter


@commands.command()
def jobs() -> None:
    """Run the job runner."""
    from app.runner import run_jobs

    run_jobs(_configured("jobs"))


@commands.command()
def actions() -> None:
    """Run rasa-sdk's action server on loopback."""
    from app.action_server import serve

    serve(_configured("actions"))


@commands.command()
def phone() -> None:
    """Run the practice exchange, which plays the carrier in practice mode."""
    from app.practice_phone import serve

    serve(_configured("phone"))


@commands.command()
def practice_phone() -> None:
    """Ring and text the practice helpline from this terminal (`make run` must be running)."""
    from app.practice_phone import play

    play(load_settings())


@commands.command()
@click.option("--yes", is_flag=True, help="Change without asking.")
def twilio_setup(*, yes: bool) -> None:
    """Point the helpline's number at this service: voice, texts, status and fallback addresses."""
    from app.twilio_commands import set_up

    set_up(load_settings(), yes=yes)


@commands.command()
def twilio_check() -> None:
    """Check credentials, the number and its addresses at Twilio, and that we can be reached."""
    from app.twilio_commands import check

    check(load_settings())


@commands.command()
def twilio_fallback() -> None:
    """Write what Twilio says by itself when nothing of ours answers (guide_content/fallback)."""
    from app.twilio_commands import write_fallback

    write_fallback(load_settings())


@commands.command()
def prepare() -> None:
    """Bring tables and guide up to date; what `run` does before anything serves."""
    from app.prepare import prepare as bring_up_to_date

    bring_up_to_date(_configured("prepare"))


@commands.command()
@click.option("--if-needed", is_flag=True, help="Do nothing when nothing changed.")
def train(*, if_needed: bool) -> None:
    """Train Rasa's model from the guide and data/."""
    from app import preflight, training

    settings = load_settings()
    preflight.check_rasa_installed()
    if if_needed:
        training.train_if_needed(settings)
    else:
        training.train(settings)


@commands.command()
@click.argument("revision", default="head")
def migrate(revision: str) -> None:
    """Bring the tables to the newest (or a named) revision."""
    from app import database

    settings = load_settings()
    with database.available(settings):
        database.migrate(settings, revision)


@commands.command()
@click.argument("words")
def migration(words: str) -> None:
    """Write the next numbered migration from what the models say."""
    from app import database

    settings = load_settings()
    with database.available(settings):
        database.migrate(settings)
        database.write_migration(settings, words)


@commands.command()
def check() -> None:
    """Say whether the service could start here: settings, disk, ports, interpreters, content."""
    from app import preflight
    from app.preflight_guide import guide_warnings

    settings = load_settings()
    preflight.check_disk(settings.var_dir, preflight.NEEDED_TO_SERVE)
    preflight.check_port(settings.bind, settings.port)
    preflight.check_rasa_installed()
    for warning in guide_warnings(settings):
        click.echo(warning)
    if not settings.practice_mode and not settings.fallback_number:
        click.echo("HELPLINE_FALLBACK_NUMBER is not set: nobody is rung when no worker answers.")
    mode = "practice mode: nothing reaches a real phone" if settings.practice_mode else "live"
    click.echo(f"Ready to start ({mode}).")


@commands.command()
@click.option("--live", is_flag=True, help="List the numbers that nobody has rung, too.")
def check_guide(*, live: bool) -> None:
    """Check the guide and its training messages; name file, field, value, rule and fix."""
    from app.guide import check

    check(load_settings().guide_folder, live=live)


@commands.command()
def format_guide() -> None:
    """Write every topic's file in the form that export writes."""
    from helpline.guide.check import format_guide as write

    changed = write(load_settings().guide_folder)
    click.echo(f"{len(changed)} files were put in their form.")


@commands.command()
@click.option("--table", is_flag=True, help="Print grade, lengths and messages as Markdown.")
def guide_book(*, table: bool) -> None:
    """Render the whole guide as one page and one PDF for reviewers."""
    from app.guide import make_book
    from helpline.guide.book import render_table

    settings = load_settings()
    if table:
        click.echo(render_table(settings.guide_folder))
        return
    make_book(settings.guide_folder, settings.var_dir / "guide-book")


@commands.command()
def import_guide() -> None:
    """Publish the guide's files in the database."""
    from app import database, wiring

    settings = load_settings()
    with database.available(settings):
        wiring.import_content(settings)


@commands.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def export_guide(folder: Path) -> None:
    """Write the published guide as files, which come out as they went in."""
    from app import database
    from helpline.db import transaction
    from helpline.guide.repository import export_guide as export

    with database.available(load_settings()), transaction() as session:
        files = export(session, folder)
    click.echo(f"{len(files)} files are in {folder}.")


@commands.command()
def handovers() -> None:
    """List the families who wait for a person: who was promised, and by when."""
    from rich.console import Console

    from app import database
    from app.handover_table import open_handovers
    from helpline.db import transaction

    with database.available(load_settings()), transaction() as session:
        table = open_handovers(session)
    Console().print(table if table.row_count else "No family is waiting for a person.")


@commands.command()
@click.argument("text")
def explain(text: str) -> None:
    """Show why a message is understood as it is: votes, thresholds, training messages."""
    from rich.console import Console

    from app.explain import explain as take_apart
    from app.explain import tables

    Console().print(tables(take_apart(load_settings(), text)))


@commands.command()
@click.option("--days", default=30, show_default=True, help="How far to look back.")
@click.option("--words", is_flag=True, help="Show the messages whose words are still kept.")
def unanswered(days: int, *, words: bool) -> None:
    """List what families asked and the guide had nothing for: counts by nearest topic."""
    from datetime import timedelta

    from rich.console import Console

    from app import database
    from app.unanswered_table import unanswered as questions
    from helpline.clock import utcnow
    from helpline.db import transaction

    with database.available(load_settings()), transaction() as session:
        table = questions(session, utcnow() - timedelta(days=days), words=words)
    Console().print(table if table.row_count else "Every question had an answer.")


@commands.command()
@click.argument("name")
@click.argument("email")
@click.argument("role", type=click.Choice(["worker", "editor", "approver", "lead", "admin"]))
def invite(name: str, email: str, role: str) -> None:
    """Invite a member of staff to the desk and print the link, which works once."""
    from app import accounts, database

    settings = load_settings()
    try:
        with database.available(settings):
            link = accounts.invite(settings, name, email, role)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    click.echo(f"Give {name} this link; it works once, for 7 days:\n{link}")


@commands.command()
@click.argument("conversation", type=click.UUID)
@click.option("--by", "actor", required=True, help="Who decided it, for the audit trail.")
def erase(conversation: UUID, actor: str) -> None:
    """Remove the words of one conversation now, here and in Rasa; concerns and counts stay."""
    from app import database, wiring
    from app.erasure import erase_conversation

    settings = load_settings()
    with database.available(settings):
        erase_conversation(wiring.build_assistant(settings), conversation, actor)
    click.echo("Its words are removed.")


@commands.command()
@click.option("--arrivals", default=10_000, help="How many families come in the year.")
@click.option("--seed", default=1, help="Another seed is another year.")
def simulate_year(arrivals: int, seed: int) -> None:
    """Run a year of arrivals through ladder and rota on a virtual clock; store nothing."""
    from rich.console import Console

    from app.simulate import simulate

    table, floors_met = simulate(load_settings(), arrivals, seed)
    Console().print(table)
    sys.exit(0 if floors_met else 1)


@commands.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
def evaluate(source: Path, target: Path) -> None:
    """Run messages through the path of a live first message; store nothing."""
    from app import database, training, wiring
    from app import evaluate as evaluation
    from app.own_assistant import own_assistant
    from app.prepare import is_prepared
    from app.prepare import prepare as bring_up_to_date

    settings = load_settings()
    try:
        evaluation.read_cases(source)  # before the minutes that training may take
    except evaluation.EvaluationError as error:
        raise click.ClickException(str(error)) from error
    training.train_if_needed(settings)
    with database.available(settings):
        if not is_prepared(settings):
            bring_up_to_date(settings)
        with own_assistant(settings) as own:
            service, assistant = wiring.build_service(own), wiring.build_assistant(own)
            click.echo(evaluation.run(service, assistant, source, target))


def _configured(process: str) -> Settings:
    """Return the settings and set up this process's log."""
    from app import logs

    settings = load_settings()
    logs.configure(process, json=settings.log_json)
    return settings
