"""A short run of tools/kill_test.py, which `make test-kills` runs 500 times over."""

import re
import subprocess
import sys

KILLS = 10


def test_a_killed_process_loses_no_concern_and_doubles_no_alert(project_root) -> None:
    """Web process and job runner are killed turn by turn; at the end all is whole."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "tools/kill_test.py", "--kills", str(KILLS), "--seed", "5"],
        cwd=project_root,
        capture_output=True,
        text=True,
        timeout=450,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert re.search(rf"{KILLS} kills", done.stdout)
    assert done.stdout.count("│ web: after") + done.stdout.count("│ web: before") >= 3
