"""The weighing itself, on Rasa's interpreter: python tools/weigh_words_fit.py messages.json folder.

Logistic regression on rarity-weighted signs; the strength of every sign can be read in the table.
The sums from which a person is brought or the question asked are those at which a given share of
the hard harmless messages, each weighed by a table that had not seen it or its twin, would pass.
"""

import json
import sys
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

STRENGTH = 10.0
FOLDS = 5
RAISES, ASKS = 0.08, 0.11  # of the hard harmless messages left out
DOUBTS = 0.035  # of the messages of danger left out speak so much against it, all words together
GRAVE = 0.70  # of the immediate ones left out are to be graded immediate
IMMEDIATE = "immediate"


def same(signs: list) -> list:
    """Return the signs as they are: they are laid out already."""
    return signs


class Table:
    """One fit: rarities, weights for danger and for danger to life now."""

    def __init__(self, rows: list) -> None:
        self.rarity = TfidfVectorizer(analyzer=same, min_df=4)
        signs = self.rarity.fit_transform([row["signs"] for row in rows])
        hurt = np.array([row["noticed"] for row in rows])
        now = np.array([row["severity"] == IMMEDIATE for row in rows])
        self.danger = _fit(signs, hurt)
        self.grave = _fit(signs[hurt], now[hurt])
        self.signs = signs

    def sums(self, rows: list) -> np.ndarray:
        """Return the two sums of each row."""
        signs = self.rarity.transform([row["signs"] for row in rows])
        return np.column_stack([t.decision_function(signs) for t in (self.danger, self.grave)])


def _fit(signs: object, truth: np.ndarray) -> LogisticRegression:
    return LogisticRegression(C=STRENGTH, solver="liblinear").fit(signs, truth)


def left_out(rows: list) -> np.ndarray:
    """Return the sums of each message by a table that saw nothing of its pair."""
    numbers: dict = {}
    fold = np.array([numbers.setdefault(row["pair"], len(numbers)) % FOLDS for row in rows])
    sums = np.zeros((len(rows), 2))
    for number in range(FOLDS):
        out = fold == number
        table = Table([rows[place] for place in np.flatnonzero(~out)])
        sums[out] = table.sums([rows[place] for place in np.flatnonzero(out)])
    return sums


def concerns(table: Table, rows: list) -> list:
    """Return, for each sign, the concern that it stands beside more often than others do."""
    kinds = sorted({kind for row in rows for kind in row["concerns"]})
    there = table.signs > 0
    hold = np.array([[kind in row["concerns"] for kind in kinds] for row in rows], dtype=float)
    beside = there.T @ hold + 0.5 * hold.mean(axis=0)
    best = (beside / hold.mean(axis=0)).argmax(axis=1)
    return [kinds[number] for number in best]


def main() -> None:
    """Read, weigh, print, write."""
    rows = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    folder = Path(sys.argv[2])
    sums = left_out(rows)
    style = np.array([row["style"] for row in rows])
    hurt = np.array([row["noticed"] for row in rows])
    now = np.array([row["severity"] == IMMEDIATE for row in rows])
    hard = sums[style == "hard_negative", 0]
    raises, asks = (float(np.quantile(hard, 1 - share)) for share in (RAISES, ASKS))
    immediate = float(np.quantile(sums[now & (sums[:, 0] >= raises), 1], 1 - GRAVE))
    print(f"area under the curve, pairs left out: {roc_auc_score(hurt, sums[:, 0]):.3f}")
    for name in sorted(set(style)):
        for value, word in ((True, "danger"), (False, "none")):
            of = (style == name) & (hurt == value)
            if of.any():
                share = (sums[of, 0] >= raises).mean()
                print(f"  {name:16} {word:7} {of.sum():5}  raised {share:.1%}")
    table = Table(rows)
    settings = {
        "rest_danger": table.danger.intercept_[0],
        "rest_immediate": table.grave.intercept_[0],
        "raises": raises,
        "asks": asks,
        "doubts": float(np.quantile(sums[hurt, 0], DOUBTS)),
        "immediate": immediate,
    }
    lines = ["# Written by `make weigh-words`; docs/adr/0026 tells how. Sums, not chances.\n"]
    lines += [f"{name}: {value:.4f}\n" for name, value in settings.items()]
    (folder / "weighed.yml").write_text("".join(lines), encoding="utf-8")
    kinds = concerns(table, rows)
    idf = table.rarity.idf_
    out = []
    for sign, number in sorted(table.rarity.vocabulary_.items()):
        weights = [t.coef_[0][number] * idf[number] for t in (table.danger, table.grave)]
        out.append(
            f"{sign}\t{idf[number]:.2f}\t{weights[0]:.2f}\t{weights[1]:.2f}\t{kinds[number]}\n"
        )
    (folder / "weights.tsv").write_text("".join(out), encoding="utf-8")
    print(f"{len(out)} signs written")


if __name__ == "__main__":
    main()
