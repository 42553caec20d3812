"""The one log of `make run`: every process's lines, each with its name, in colour on a terminal."""

import os
import queue
import threading
from collections import defaultdict
from typing import Any, TextIO

NAME_WIDTH = 9
PALETTE = ("36", "33", "32", "35", "34", "96", "93", "92")
# A paused terminal must not pause the service: beyond this many unwritten lines, lines are dropped.
BACKLOG = 5000
OWN_NAME = "helpline"


class Console:
    """Writes whole lines from several sources; a slow or closed terminal never holds anyone up."""

    def __init__(self, out: TextIO) -> None:
        """Colours are used on a terminal unless NO_COLOR is set (no-color.org)."""
        self._out = out
        self._colour = out.isatty() and not os.environ.get("NO_COLOR")
        self._names: list[str] = []
        self._halves: defaultdict[tuple[str, int, str], bytes] = defaultdict(bytes)
        self._lines: queue.Queue[str | None] = queue.Queue(BACKLOG)
        self._writer = threading.Thread(target=self._write, name="console", daemon=True)
        self._writer.start()

    def say(self, sentence: str = "") -> None:
        """Write a line of our own."""
        self._put(OWN_NAME, sentence)

    def source(self, name: str) -> "Source":
        """Return where circus sends the output of process `name`."""
        if name not in self._names:
            self._names.append(name)
        return Source(self, name)

    def feed(self, name: str, pid: int, stream: str, data: bytes) -> None:
        """Take a piece of output; lines appear once whole. A carriage return ends one too."""
        key = (name, pid, stream)
        *whole, self._halves[key] = (self._halves[key] + data).replace(b"\r", b"\n").split(b"\n")
        for line in whole:
            if line.strip():
                self._put(name, line.decode(errors="replace").rstrip())

    def close(self) -> None:
        """Write what is left, halves of lines included, waiting at most a second."""
        for (name, _pid, _stream), half in self._halves.items():
            if half.strip():
                self._put(name, half.decode(errors="replace"))
        self._halves.clear()
        try:
            self._lines.put(None, timeout=1)
        except queue.Full:
            return  # the terminal is still paused
        self._writer.join(timeout=1)

    def _put(self, name: str, line: str) -> None:
        head = f"{name:<{NAME_WIDTH}} |"
        if self._colour:
            code = "1" if name == OWN_NAME else PALETTE[self._names.index(name) % len(PALETTE)]
            head = f"\x1b[{code}m{head}\x1b[0m"
        try:
            self._lines.put_nowait(f"{head} {line}\n")
        except queue.Full:
            return

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            try:
                self._out.write(line)
                self._out.flush()
            except (OSError, ValueError):
                continue  # the terminal is gone; the service is not


class Source:
    """What circus calls with each piece of a process's output."""

    def __init__(self, console: Console, name: str) -> None:
        """`name` is shown before each line."""
        self._console = console
        self._name = name

    def __call__(self, data: dict[str, Any]) -> None:
        """Take circus's own shape: the bytes, the process and which of its streams."""
        self._console.feed(self._name, data["pid"], data["name"], data["data"])
