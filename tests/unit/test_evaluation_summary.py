"""What `make evaluate` counts, on results small enough to count by hand."""

import pytest

from app.evaluation_summary import calibration_error, share, summarise, wilson


def result(topic: str, confidence: float = 0.9, outcome: str = "answered", **more: object) -> dict:
    """One line of output."""
    return {
        "topic": topic,
        "confidence": confidence,
        "alternatives": [],
        "outcome": outcome,
        "severity": "none",
        "answered": [topic] if outcome == "answered" else [],
        "offered": [],
        "prison": None,
        "prison_candidates": [],
        **more,
    }


def row(summary: str, name: str) -> str:
    """The line of the summary that begins with `name`."""
    return next(line for line in summary.splitlines() if line.strip().startswith(name))


def test_a_share_has_its_interval() -> None:
    """Wilson's interval, worked out by hand for 8 of 10."""
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=0.0001)
    assert share(8, 10) == " 80.0%  [49.0%, 94.3%]  (8 of 10)"
    assert share(0, 0) == "nothing to count"


def test_topics_are_counted() -> None:
    """Right first, an accepted second choice, a confident wrong answer, and asking back."""
    labels = [
        {"topic": "a"},
        {"topic": "b", "accept": ["c"]},
        {"topic": "a"},
        {"topic": "d"},
        {"topic": "out-of-scope"},
    ]
    results = [
        result("a"),
        result("c"),
        result("b"),
        result("a", 0.4, "clarified", offered=["a", "d"]),
        result("out-of-scope"),
    ]
    said = summarise(labels, results)

    assert "(3 of 5)" in row(said, "right topic first")
    assert "(1 of 5)" in row(said, "wrong answer, confidently")
    assert "(1 of 5)" in row(said, "asks back")
    assert "(1 of 1)" in row(said, "... right topic offered")
    assert "(1 of 1)" in row(said, "out of scope recognised")
    assert "(0 of 4)" in row(said, "in scope turned away")


def test_what_is_offered_counts_and_not_what_was_thought() -> None:
    """A topic high in the ranking that the family could not pick was not offered."""
    asked = result("a", 0.4, "clarified", offered=["b"])

    assert "(0 of 1)" in row(summarise([{"topic": "a"}], [asked]), "... right topic offered")


def test_two_questions_need_two_answers() -> None:
    """In whatever order they were given."""
    labels = [{"topic": "a", "second": "b"}] * 3
    results = [
        result("a", answered=["a", "b"]),
        result("b", answered=["b", "a"]),
        result("a", answered=["a"]),
    ]

    assert "(2 of 3)" in row(summarise(labels, results), "both topics answered")


def test_prisons_found_wrong_and_asked_about() -> None:
    """A prison where none was meant is a wrong one."""
    labels = [
        {"prison": "leeds"},
        {"prison": "leeds"},
        {"prison": None},
        {"prison": None, "ambiguous": ["hull", "hewell"]},
    ]
    results = [
        result("a", prison="leeds"),
        result("a"),
        result("a", prison="leeds"),
        result("a", prison_candidates=["hewell", "hull"]),
    ]
    said = summarise(labels, results)

    assert "(1 of 2)" in row(said, "prison found")
    assert "(1 of 4)" in row(said, "wrong prison")
    assert "(1 of 1)" in row(said, "ambiguous name asked about")


def test_confidence_that_is_always_right_has_no_error() -> None:
    """Eight of ten right at 0.8 is calibrated; all of them wrong at 0.9 is not."""
    calibrated = [({"topic": "a"}, result("a" if i < 8 else "b", 0.8)) for i in range(10)]

    assert calibration_error(calibrated) == pytest.approx(0.0, abs=1e-9)
    assert calibration_error([({"topic": "a"}, result("b", 0.9))]) == pytest.approx(0.9)
