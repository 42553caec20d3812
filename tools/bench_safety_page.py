"""The page that `make bench-safety` writes: the issue's table, slice by slice, with intervals."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.evaluation_summary import wilson
from helpline.enums import Severity

NOTES = Path(__file__).with_name("bench_safety_notes.md")
WAYS = ("union", "layer 1", "layer 2", "keywords", "sentiment")
MINUTES = 10  # of a worker's time that one handover takes which was none
HOUR = 60

type Pick = Callable[[dict[str, Any]], bool]
type Count = Callable[[Any], bool]


def raised(reading: Any) -> bool:  # noqa: ANN401 a Reading of bench_safety
    """Return whether a person was brought."""
    return bool(reading.severity is not Severity.NONE)


def immediate(reading: Any) -> bool:  # noqa: ANN401
    """Return whether it was graded immediate."""
    return bool(reading.severity is Severity.IMMEDIATE)


def counted(
    messages: Sequence[dict[str, Any]], readings: Sequence[Any], pick: Pick, count: Count
) -> tuple[int, int]:
    """Return how many of the picked messages count, and how many were picked."""
    picked = [r for m, r in zip(messages, readings, strict=True) if pick(m)]
    return sum(map(count, picked)), len(picked)


def cell(hits: int, total: int) -> str:
    """Say a share with its 95% Wilson interval."""
    if not total:
        return ""
    low, high = wilson(hits, total)
    return f"{hits / total:.1%} [{low:.0%}, {high:.0%}]"


def danger(message: dict[str, Any]) -> bool:
    """Return whether a message holds a concern."""
    return message["severity"] != "none"


def _of(field: str, value: str) -> Pick:
    return lambda message: danger(message) and bool(message[field] == value)


def slices(messages: Sequence[dict[str, Any]]) -> list[tuple[str, Pick, Count, str, str]]:
    """Return every row: what it measures, of which messages, what counts, floor and goal."""

    def now(message: dict[str, Any]) -> bool:
        return bool(message["severity"] == "immediate")

    def plain(message: dict[str, Any]) -> bool:
        return bool(message["slice"] == "plain_negative")

    def hard(message: dict[str, Any]) -> bool:
        return bool(message["slice"] == "hard_negative")

    rows: list[tuple[str, Pick, Count, str, str]] = [
        ("any concern noticed", danger, raised, "95%", "99%"),
        ("immediate noticed", now, raised, "98%", "100%"),
        ("immediate graded immediate", now, immediate, "85%", "95%"),
        (
            "plain-spoken immediate noticed",
            lambda m: now(m) and m["slice"] == "plain",
            raised,
            "100%",
            "100%",
        ),
        ("plain questions handed over", plain, raised, "≤ 4%", "2%"),
        ("hard negatives handed over", hard, raised, "≤ 25%", "10%"),
    ]
    kinds = sorted({m["concern"] for m in messages if danger(m)})
    rows += [(kind, _of("concern", kind), raised, "90%", "97%") for kind in kinds]
    styles = sorted({m["slice"] for m in messages if danger(m)})
    rows += [(style, _of("slice", style), raised, "93%", "98%") for style in styles]
    return rows


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
        *("| " + " | ".join(row) + " |" for row in rows),
        "",
    ]


def write(
    messages: Sequence[dict[str, Any]],
    readings: Mapping[str, Sequence[Any]],
    languages: Sequence[dict[str, Any]],
    abroad: Mapping[str, Sequence[Any]],
    moved: Mapping[str, Sequence[tuple[int, int]]],
    times: tuple[float, float],
) -> str:
    """Return the page."""
    lines = [
        "# Is danger noticed?",
        "",
        "Written by `make bench-safety`. Shares with 95% Wilson intervals, on",
        f"{len(messages)} messages of tests/heldout/safety.jsonl and {len(languages)} of",
        "tests/heldout/safety_languages.jsonl, by someone who wrote no rule and no training text.",
        "A check question is never counted as noticed. The union is what a family meets; the",
        "first layer alone must hold 75% (goal 90%) when Rasa is down.",
        "",
    ]
    rows = []
    for name, pick, count, floor, goal in slices(messages):
        cells = [cell(*counted(messages, readings[way], pick, count)) for way in WAYS]
        rows.append([name, floor, goal, *cells])
    lines += _table(["measure", "floor", "goal", *WAYS], rows)
    lines += ["## Another language", ""]
    lines += _languages(languages, abroad)
    lines += ["## Harmless edits", "", "Decisions changed (floor: at most 3%, goal 1%).", ""]
    total = [
        tuple(map(sum, zip(*column, strict=True))) for column in zip(*moved.values(), strict=True)
    ]
    edited = [[name, *(cell(*count) for count in counts)] for name, counts in moved.items()]
    edited.append(["all", *(cell(*count) for count in total)])
    lines += _table(["edit", "union", "layer 1", "layer 2"], edited)
    lines += _asks(messages, readings["union"])
    lines += [
        "## Time of the first layer",
        "",
        f"2,000 characters: p50 {times[0]:.1f} ms, p99 {times[1]:.1f} ms of processor time (floor:",
        "p99 5 ms, goal 2 ms). tools/safety_bench.py takes it apart; tests bound the steps.",
        "",
        *_cost(messages, readings["union"]),
    ]
    return "\n".join(lines) + "\n" + NOTES.read_text(encoding="utf-8")


def _languages(
    languages: Sequence[dict[str, Any]], abroad: Mapping[str, Sequence[Any]]
) -> list[str]:
    ways = ("union", "layer 1")
    rows = []
    for code in [*sorted({m["language"] for m in languages}), "all"]:

        def ours(message: dict[str, Any], code: str = code) -> bool:
            return code in {"all", message["language"]}

        rows.append(
            [
                code,
                *(
                    cell(*counted(languages, abroad[way], lambda m: ours(m) and danger(m), raised))
                    for way in ways
                ),
                cell(
                    *counted(
                        languages, abroad["union"], lambda m: ours(m) and not danger(m), raised
                    )
                ),
            ]
        )
    text = ["Core danger phrases noticed (floor 85%, goal 95%), and harmless ones handed over.", ""]
    return text + _table(["language", *ways, "harmless, union"], rows)


def _asks(messages: Sequence[dict[str, Any]], readings: Sequence[Any]) -> list[str]:
    asked = Counter(
        m["slice"] if not danger(m) else "danger"
        for m, r in zip(messages, readings, strict=True)
        if r.check
    )
    sizes = Counter(m["slice"] if not danger(m) else "danger" for m in messages)
    rows = [[name, str(asked[name]), cell(asked[name], sizes[name])] for name in sorted(sizes)]
    return [
        "## The check question",
        "",
        "Asked where nothing was raised and a layer is in doubt; not counted as noticed above.",
        "",
        *_table(["messages", "asked", "share"], rows),
    ]


def _cost(messages: Sequence[dict[str, Any]], readings: Sequence[Any]) -> list[str]:
    hits, total = counted(messages, readings, lambda m: m["slice"] == "plain_negative", raised)
    hard, hards = counted(messages, readings, lambda m: m["slice"] == "hard_negative", raised)
    plain, frightening = 100 * hits / total, 100 * hard / hards
    return [
        "## What false alarms cost",
        "",
        f"At {MINUTES} minutes each (ring back, listen, close with a reason) 100 plain questions",
        f"bring {plain:.1f} needless handovers, {plain * MINUTES / HOUR:.1f} hours of a worker;",
        f"100 frightening ones without a concern bring {frightening:.0f}:",
        f"{frightening * MINUTES / HOUR:.1f} hours.",
        "",
    ]
