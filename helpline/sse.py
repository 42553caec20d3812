"""Server-sent events as text, and waiting for news. Format: HTML Living Standard, section 9.2."""

import queue

HEARTBEAT = ": still here\n\n"


def event(data: str, *, name: str = "", event_id: str | int = "") -> str:
    """Return one event. `data` may have many lines; a browser joins them again."""
    # Only CR and LF end a line of a stream; splitlines() would also break at U+2028 and its like.
    lines = data.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    head = (f"id: {event_id}\n" if event_id != "" else "") + (f"event: {name}\n" if name else "")
    return head + "".join(f"data: {line}\n" for line in lines) + "\n"


def retry(milliseconds: int) -> str:
    """Return what tells a browser how soon to come back after a lost line."""
    return f"retry: {milliseconds}\n\n"


def wait_for_news(mailbox: queue.SimpleQueue[None], seconds: float) -> bool:
    """Wait for news; several at once count as one. False when there was none."""
    try:
        mailbox.get(timeout=seconds)
        while not mailbox.empty():
            mailbox.get_nowait()
    except queue.Empty:
        return False
    return True
