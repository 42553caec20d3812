import io
import re
import threading

from app.console import Console


class Terminal(io.StringIO):
    """A terminal that shows colours."""

    def isatty(self):
        """Say yes."""
        return True


class Stuck(io.StringIO):
    """A terminal somebody paused."""

    def __init__(self):
        super().__init__()
        self.free = threading.Event()

    def write(self, line):
        """Wait for whoever paused it."""
        self.free.wait()
        return super().write(line)


def test_lines_appear_whole_and_under_their_process():
    """Two processes that write at the same moment do not mix their words."""
    out = io.StringIO()
    console = Console(out)
    web, jobs = console.source("web"), console.source("jobs")

    web({"pid": 1, "name": "stderr", "data": b"request "})
    jobs({"pid": 2, "name": "stderr", "data": b"job done\n"})
    web({"pid": 1, "name": "stderr", "data": b"served\nhalf"})
    console.close()

    assert out.getvalue().splitlines() == [
        "jobs      | job done",
        "web       | request served",
        "web       | half",
    ]


def test_a_name_keeps_its_colour_on_a_terminal(monkeypatch):
    """A person finds a process by its colour; a file gets none."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    out = Terminal()
    console = Console(out)
    for name in ("web", "jobs", "web"):
        console.source(name)({"pid": 1, "name": "stdout", "data": b"line\n"})
    console.close()

    colours = re.findall(r"\x1b\[(\d+)m(\w+)", out.getvalue())
    assert colours[0] == colours[2]
    assert colours[0] != colours[1]


def test_a_paused_terminal_does_not_pause_the_service():
    """Lines are dropped rather than the process held up that wrote them."""
    out = Stuck()
    console = Console(out)

    for number in range(6000):
        console.say(str(number))

    out.free.set()
    console.close()
    assert "| 0\n" in out.getvalue()
    assert "| 5999\n" not in out.getvalue()
