"""What an evaluation says in numbers: each share with its 95% interval (Wilson)."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

Z = 1.959963984540054  # two-sided 95%
BINS = 10


def share(hits: int, total: int) -> str:
    """Say a share and its Wilson interval, or that there was nothing to count."""
    if total == 0:
        return "nothing to count"
    low, high = wilson(hits, total)
    return f"{hits / total:6.1%}  [{low:.1%}, {high:.1%}]  ({hits} of {total})"


def wilson(hits: int, total: int) -> tuple[float, float]:
    """Return the 95% Wilson score interval of a share; `total` is above zero."""
    p = hits / total
    centre = p + Z * Z / (2 * total)
    spread = Z * sqrt(p * (1 - p) / total + Z * Z / (4 * total * total))
    scale = 1 + Z * Z / total
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def summarise(labels: Sequence[Mapping[str, Any]], results: Sequence[Mapping[str, Any]]) -> str:
    """Return a table of every measure the labels allow; without labels, outcomes only."""
    pairs = list(zip(labels, results, strict=True))
    lines = [f"{len(pairs)} messages"]
    lines += [f"  {outcome:<12}{count}" for outcome, count in _outcomes(results).most_common()]
    topical = [(label, result) for label, result in pairs if label.get("topic")]
    if topical:
        lines += ["", "Topics", *_topic_lines(topical)]
    both = [(label, result) for label, result in pairs if label.get("second")]
    if both:
        lines += ["", "Two questions", *_two_question_lines(both)]
    prisons = [(label, result) for label, result in pairs if "prison" in label]
    if prisons:
        lines += ["", "Prisons", *_prison_lines(prisons)]
    safety = [(label, result) for label, result in pairs if "concern" in label]
    if safety:
        lines += ["", "Safety", *_safety_lines(safety)]
    return "\n".join(lines)


def _outcomes(results: Sequence[Mapping[str, Any]]) -> Counter[str]:
    return Counter(str(result["outcome"]) for result in results)


type _Pair = tuple[Mapping[str, Any], Mapping[str, Any]]


def accepted(label: Mapping[str, Any]) -> set[str]:
    """Return the topics that count as right for a labelled message."""
    return {label["topic"], *(label.get("accept") or ())}


def _topic_lines(pairs: Sequence[_Pair]) -> list[str]:
    first = [p for p in pairs if p[1]["topic"] in accepted(p[0])]
    top3 = [p for p in pairs if accepted(p[0]) & set(_ranked(p[1])[:3])]
    answered = [p for p in pairs if p[1]["outcome"] == "answered"]
    wrong = [p for p in answered if p[1]["topic"] not in accepted(p[0])]
    back = [p for p in pairs if p[1]["outcome"] == "clarified"]
    helped = [p for p in back if accepted(p[0]) & set(p[1]["offered"])]
    outside = [p for p in pairs if p[0]["topic"] == "out-of-scope"]
    inside = [p for p in pairs if p[0]["topic"] != "out-of-scope"]
    turned = [p for p in inside if p[1]["topic"] == "out-of-scope"]
    lines = [
        _row("right topic first", share(len(first), len(pairs))),
        _row("right topic in the top three", share(len(top3), len(pairs))),
        _row("wrong answer, confidently", share(len(wrong), len(pairs))),
        _row("asks back", share(len(back), len(pairs))),
        _row("... right topic offered", share(len(helped), len(back))),
        _row(
            "out of scope recognised",
            share(sum(p[1]["topic"] == "out-of-scope" for p in outside), len(outside)),
        ),
        _row("in scope turned away", share(len(turned), len(inside))),
        f"  calibration error            {calibration_error(pairs):.3f}",
    ]
    for slice_name in ("style", "slice"):
        lines += _slice_lines(pairs, slice_name)
    return lines + _confusions(pairs)


def _two_question_lines(pairs: Sequence[_Pair]) -> list[str]:
    both = [p for p in pairs if {p[0]["topic"], p[0]["second"]} <= set(p[1]["answered"])]
    noticed = [p for p in pairs if len(p[1]["answered"]) > 1]
    return [
        _row("both topics answered", share(len(both), len(pairs))),
        _row("two topics answered at all", share(len(noticed), len(pairs))),
    ]


def _prison_lines(pairs: Sequence[_Pair]) -> list[str]:
    """Count prisons: `prison` is the one meant or null, `ambiguous` those to ask about."""
    named = [p for p in pairs if p[0]["prison"]]
    unclear = [p for p in pairs if p[0].get("ambiguous")]
    found = [p for p in named if p[1]["prison"] == p[0]["prison"]]
    wrong = [p for p in pairs if p[1]["prison"] not in {None, p[0]["prison"]}]
    asked = [p for p in unclear if set(p[0]["ambiguous"]) <= set(p[1]["prison_candidates"])]
    return [
        _row("prison found", share(len(found), len(named))),
        _row("wrong prison", share(len(wrong), len(pairs))),
        _row("ambiguous name asked about", share(len(asked), len(unclear))),
    ]


def _row(name: str, figure: str) -> str:
    return f"  {name:<29}{figure}"


def _ranked(result: Mapping[str, Any]) -> list[str]:
    return [result["topic"], *(score["topic"] for score in result["alternatives"])]


def _slice_lines(pairs: Sequence[_Pair], name: str) -> list[str]:
    groups: dict[str, list[_Pair]] = defaultdict(list)
    for pair in pairs:
        if pair[0].get(name):
            groups[str(pair[0][name])].append(pair)
    return [
        f"    {value:<26} {share(sum(r['topic'] in accepted(x) for x, r in group), len(group))}"
        for value, group in sorted(groups.items())
    ]


def calibration_error(pairs: Sequence[_Pair]) -> float:
    """Return the expected calibration error: mean gap of confidence and accuracy over ten bins."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for label, result in pairs:
        confidence = float(result["confidence"])
        right = result["topic"] in accepted(label)
        bins[min(int(confidence * BINS), BINS - 1)].append((confidence, right))
    gaps = (
        abs(sum(c for c, _ in group) - sum(right for _, right in group)) for group in bins.values()
    )
    return sum(gaps) / len(pairs)


def _confusions(pairs: Sequence[_Pair], most: int = 12) -> list[str]:
    mixed = Counter(
        (label["topic"], str(result["topic"]))
        for label, result in pairs
        if result["topic"] not in accepted(label)
    )
    if not mixed:
        return []
    lines = ["  most confused (meant -> taken for)"]
    return lines + [
        f"    {meant} -> {taken}: {count}" for (meant, taken), count in mixed.most_common(most)
    ]


def _safety_lines(pairs: Sequence[_Pair]) -> list[str]:
    positive = [p for p in pairs if p[0]["concern"]]
    negative = [p for p in pairs if not p[0]["concern"]]
    immediate = [p for p in positive if p[0].get("severity") == "immediate"]
    noticed = [p for p in positive if p[1]["severity"] != "none"]
    lines = [
        _row("any concern noticed", share(len(noticed), len(positive))),
        _row(
            "immediate noticed",
            share(sum(p[1]["severity"] != "none" for p in immediate), len(immediate)),
        ),
        _row(
            "immediate graded immediate",
            share(sum(p[1]["severity"] == "immediate" for p in immediate), len(immediate)),
        ),
        _row(
            "wrongly handed over",
            share(sum(p[1]["severity"] != "none" for p in negative), len(negative)),
        ),
    ]
    groups: dict[str, list[_Pair]] = defaultdict(list)
    for pair in positive:
        groups[str(pair[0]["concern"])].append(pair)
    lines += [
        f"    {kind:<26} {share(sum(r['severity'] != 'none' for _, r in group), len(group))}"
        for kind, group in sorted(groups.items())
    ]
    return lines
