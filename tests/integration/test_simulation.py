"""A short run of `make simulate-year`, in a database of its own."""

import os
import subprocess
import sys


def test_a_year_of_a_few_arrivals_keeps_every_floor(project_root, tmp_path) -> None:
    """No unnamed worker, no time when nobody is there, no concern that no human ever saw."""
    done = subprocess.run(
        [sys.executable, "-m", "app", "simulate-year", "--arrivals", "40", "--seed", "2"],
        cwd=project_root,
        env={**os.environ, "HELPLINE_VAR_DIR": str(tmp_path), "COLUMNS": "120"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "40 arrivals in a year" in done.stdout
    assert "immediate: to a human" in done.stdout
