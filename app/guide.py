"""What the command line does with the guide: check it, and print it for reviewers."""

import shutil
import subprocess
from datetime import date
from pathlib import Path

import click

from helpline.clock import london_date, utcnow
from helpline.errors import GuideError
from helpline.guide import book
from helpline.guide.check import check_guide
from helpline.guide.check_training import DEFAULT_TRAINING, training_counts
from helpline.guide.loader import load_guide
from helpline.guide.numbers import unrung
from helpline.guide.reviews import DEFAULT_GRACE_DAYS, ReviewState, list_reviews

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PRINT_SECONDS = 180


def check(
    folder: Path,
    training: Path = DEFAULT_TRAINING,
    *,
    live: bool = False,
    today: date | None = None,
) -> None:
    """Say whether the guide in `folder` is in order; raise GuideError with every fault.

    Reviews that are due or late are named; they are no fault of the words.

    With `live`, also list the numbers that live mode would hold back, and fail if there are any.
    """
    faults = check_guide(folder, training)
    if faults:
        raise GuideError([*faults, f"{len(faults)} faults."])
    guide = load_guide(folder)
    day = today or london_date(utcnow())
    messages = sum(training_counts(training).values())
    click.echo(f"The guide is in order: {len(guide.topics)} topics, {messages} training messages.")
    for review in list_reviews(guide.topics.values(), guide.glossary, day, DEFAULT_GRACE_DAYS):
        if review.state is not ReviewState.CURRENT:
            click.echo(str(review))
    missing = unrung(guide, folder) if live else []
    if missing:
        about = f"{len(missing)} numbers nobody has rung yet; live mode gives another way instead:"
        raise GuideError([about, *map(str, missing)])
    if live:
        click.echo("Every number that is shown has been rung.")


def make_book(folder: Path, target: Path) -> None:
    """Write guide.html and guide.pdf into `target`; without a browser, the page alone."""
    target.mkdir(parents=True, exist_ok=True)
    page, paper = target / "guide.html", target / "guide.pdf"
    page.write_text(book.render_book(folder), encoding="utf-8")
    click.echo(f"The guide is in {page}.")
    paper.unlink(missing_ok=True)  # an old print must not pass for a new one
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        msg = "There is no Chromium to print the PDF; install it, or print the page yourself."
        raise click.ClickException(msg)
    _print(browser, page, paper)
    click.echo(f"The same on paper is in {paper}.")


def _print(browser: str, page: Path, paper: Path) -> None:
    line = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
        f"--print-to-pdf={paper}", page.resolve().as_uri(),
    ]  # fmt: skip
    try:
        done = subprocess.run(  # noqa: S603 - our own page in a browser found on this machine
            line, check=False, capture_output=True, timeout=PRINT_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        msg = f"Chromium did not print the guide within {PRINT_SECONDS} seconds."
        raise click.ClickException(msg) from error
    if done.returncode != 0 or not paper.is_file():
        msg = f"Chromium could not print the guide (exit code {done.returncode})."
        raise click.ClickException(msg)
