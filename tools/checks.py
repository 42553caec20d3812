"""Run checks one after another, all of them even if one fails, and sum up at the end.

    python tools/checks.py lint types guide train tests

Exit code 0 when every one passed. `make` calls this; nothing else decides what a check runs.
"""

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
DESK_JOURNEYS = ("tests/e2e/test_desk_accessibility.py", "tests/e2e/test_desk_journeys.py")
LEVELS = ("unit", "integration", "calls", "dialogue", "e2e")


@dataclass(frozen=True)
class Result:
    """How one command went."""

    name: str
    passed: bool
    seconds: float


def commands(name: str) -> list[tuple[str, list[str]]]:
    """Return what check `name` runs, each with a title."""
    pytest = [str(BIN / "pytest"), "-q", "--durations=5"]
    table = {
        "lint": [
            ("ruff check", [str(BIN / "ruff"), "check"]),
            ("ruff format", [str(BIN / "ruff"), "format", "--check"]),
            ("import contracts", [str(BIN / "lint-imports")]),
        ],
        "types": [("mypy", [str(BIN / "mypy")])],
        "guide": [("guide", [sys.executable, "-m", "app", "check-guide"])],
        "train": [("training", [sys.executable, "-m", "app", "train", "--if-needed"])],
        "unit": [("unit tests", [*pytest, "tests/unit"])],
        "integration": [("integration tests", [*pytest, "tests/integration", "tests/migrations"])],
        "calls": [("calls and texts", [*pytest, "tests/calls"])],
        "dialogue": [("dialogue tests", [*pytest, "tests/contract", "tests/dialogue"])],
        "e2e": [
            (
                "browser tests",
                [*pytest, "tests/e2e", *(f"--ignore={path}" for path in DESK_JOURNEYS)],
            )
        ],
        # Not among `tests`: after some twenty desk pages Debian's chromium sometimes stands still
        # while it closes a window, which would hold up everything behind it.
        "desk": [("browser: the desk", [*pytest, *DESK_JOURNEYS])],
    }
    # Each level in a process of its own: the browser's event loop, for one, stays out of the rest.
    table["tests"] = [run for level in LEVELS for run in table[level]]
    return table[name]


def run(title: str, command: list[str], console: Console) -> Result:
    """Run one command from the project's folder and time it."""
    console.rule(title, style="dim")
    started = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, check=False)  # noqa: S603 - from the table above
    return Result(title, done.returncode == 0, time.monotonic() - started)


def main(names: list[str]) -> int:
    """Run the named checks and print the summary."""
    console = Console(soft_wrap=True)
    results = [run(title, line, console) for name in names for title, line in commands(name)]
    summary = Table("Check", "Result", "Seconds")
    for result in results:
        words = "[green]passed[/]" if result.passed else "[bold red]FAILED[/]"
        summary.add_row(result.name, words, f"{result.seconds:.0f}")
    console.rule(style="dim")
    console.print(summary)
    failed = [result.name for result in results if not result.passed]
    console.print(f"Failed: {', '.join(failed)}." if failed else "All passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
