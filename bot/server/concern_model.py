"""The arithmetic of the second look for danger, free of Rasa so that it can be measured on its own.

Two readers look at a message. The first compares its sentence vectors with those of every training
message (regularised least squares, as bot/server/model.py does for topics); it knows meanings. The
second weighs its words and pieces of words (logistic regression); it survives misspelling. What
each would have said of a training message had it seen neither that message nor its twin teaches
how far to believe them: the chance that comes out is one that can be believed of new messages.
How it was chosen: docs/adr/0026.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Sequence, Tuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve, lapack
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.server.dangers import KINDS, Danger

DANGER, IMMEDIATE = "danger", "immediate"
COLUMNS = (DANGER, IMMEDIATE, *KINDS)
FOLDS = 4  # for the words' own left-out scores
_HALVES = 2  # sentence vectors are taken after two layers (bot/server/minilm.py)


@dataclass(frozen=True)
class ConcernRecipe:
    """How the model is built; the values stand in config.yml."""

    smoothness: float  # how little one training message may count for
    focus: float  # how quickly likeness of sentence vectors fades
    strength: float  # how freely single words may be believed


@dataclass(frozen=True)
class Judgement:
    """What the model makes of a message: chances between 0 and 1, and the likeliest kind."""

    danger: float
    immediate: float  # of danger to life now, if there is danger
    kind: str


class ConcernModel:
    """Gives each message a chance of holding a concern."""

    def __init__(self, recipe: ConcernRecipe) -> None:
        self.recipe = recipe
        self._tfidf: Dict[str, TfidfVectorizer] = {}
        self._arrays: Dict[str, np.ndarray] = {}

    def fit(
        self, dangers: Sequence[Danger], texts: Sequence[str], vectors: np.ndarray
    ) -> np.ndarray:
        """Learn from messages, their tidied texts and their sentence vectors.

        The same messages give the same model. Returns, for measuring, the chance of danger of each
        message as if it and its twin had been left out.
        """
        pairs = _numbered([danger.pair for danger in dangers])
        target = np.array([_target(danger) for danger in dangers])
        meaning = self._fit_meaning(vectors, target, pairs)
        words = self._fit_words(texts, target, pairs)
        evidence = np.column_stack([meaning[:, :2], words])
        hurt = target[:, 0] > 0
        believed = {
            DANGER: _believe(evidence, hurt),
            IMMEDIATE: _believe(evidence[hurt], target[hurt, 1] > 0),
        }
        self._arrays |= {f"believe_{name}": row for name, row in believed.items()}
        return _chance(evidence, believed[DANGER])

    def judge(self, texts: Sequence[str], vectors: np.ndarray) -> List[Judgement]:
        """Return what the model makes of each text."""
        meaning = self._meaning(self._centred(vectors)) @ self._arrays["weights"]
        meaning += self._arrays["share"]
        rows = self._rows(texts)
        words = rows @ self._arrays["words"] + self._arrays["words_rest"]
        evidence = np.column_stack([meaning[:, :2], words])
        danger, immediate = (
            _chance(evidence, self._arrays[f"believe_{name}"]) for name in (DANGER, IMMEDIATE)
        )
        kinds = meaning[:, 2:].argmax(axis=1)
        return [
            Judgement(float(d), float(i), KINDS[k])
            for d, i, k in zip(danger, immediate, kinds, strict=True)
        ]

    # The reader of meanings

    def _fit_meaning(
        self, vectors: np.ndarray, target: np.ndarray, pairs: np.ndarray
    ) -> np.ndarray:
        """Learn, and return each message's scores with its whole pair left out."""
        share = target.mean(axis=0)
        self._arrays["centre"] = vectors.mean(axis=0)
        self._arrays["share"] = share.astype(np.float32)
        self._arrays["seen"] = self._centred(vectors)
        likeness = self._meaning(self._arrays["seen"]).astype(np.float64)
        likeness[np.diag_indices_from(likeness)] += self.recipe.smoothness
        factor = cho_factor(likeness, lower=True, overwrite_a=True, check_finite=False)
        weights = cho_solve(factor, target - share, check_finite=False)
        self._arrays["weights"] = weights.astype(np.float32)
        inverse, fault = lapack.dpotri(factor[0], lower=True, overwrite_c=True)
        if fault:
            raise ArithmeticError("the training messages' likeness cannot be inverted")
        return target - _left_out(inverse, weights, pairs)

    def _centred(self, vectors: np.ndarray) -> np.ndarray:
        halves = np.split(vectors - self._arrays["centre"], _HALVES, axis=1)
        return np.hstack([half / np.linalg.norm(half, axis=1, keepdims=True) for half in halves])

    def _meaning(self, centred: np.ndarray) -> np.ndarray:
        """Return how alike in meaning each row is to each training message."""
        halves = zip(
            np.split(centred, _HALVES, axis=1),
            np.split(self._arrays["seen"], _HALVES, axis=1),
            strict=True,
        )
        return sum(2 * np.exp(self.recipe.focus * (mine @ seen.T - 1)) for mine, seen in halves)

    # The reader of words

    def _fit_words(self, texts: Sequence[str], target: np.ndarray, pairs: np.ndarray) -> np.ndarray:
        """Learn, and return each message's scores by readers that saw nothing of its pair."""
        self._tfidf = _vectorizers()
        rows = hstack([v.fit_transform(texts) for v in self._tfidf.values()]).tocsr()
        scores = np.zeros((len(texts), 2))
        for fold in range(FOLDS):
            out = pairs % FOLDS == fold
            weights, rest = self._weigh(rows[~out], target[~out])
            scores[out] = rows[out] @ weights + rest
        weights, rest = self._weigh(rows, target)
        self._arrays["words"] = weights.astype(np.float32)
        self._arrays["words_rest"] = rest.astype(np.float32)
        return scores

    def _weigh(self, rows: csr_matrix, target: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
        fits = [
            LogisticRegression(C=self.recipe.strength, solver="liblinear").fit(rows, column > 0)
            for column in target[:, :2].T
        ]
        weights = np.column_stack([fit.coef_[0] for fit in fits])
        return weights, np.array([fit.intercept_[0] for fit in fits])

    def _rows(self, texts: Sequence[str]) -> csr_matrix:
        return hstack([v.transform(texts) for v in self._tfidf.values()]).tocsr()

    # Keeping it

    def save(self, folder: Path) -> None:
        """Write the model as JSON and plain arrays; nothing in it can run."""
        words = {
            name: {str(term): int(i) for term, i in sorted(vectorizer.vocabulary_.items())}
            for name, vectorizer in self._tfidf.items()
        }
        about = {"recipe": vars(self.recipe), "vocabularies": words}
        (folder / "concerns.json").write_text(json.dumps(about), encoding="utf-8")
        idf = {f"idf_{name}": vectorizer.idf_ for name, vectorizer in self._tfidf.items()}
        np.savez(folder / "concerns.npz", **self._arrays, **idf)

    @classmethod
    def load(cls, folder: Path) -> "ConcernModel":
        """Read a model that `save` wrote."""
        about = json.loads((folder / "concerns.json").read_text(encoding="utf-8"))
        model = cls(ConcernRecipe(**about["recipe"]))
        with np.load(folder / "concerns.npz", allow_pickle=False) as arrays:
            model._arrays = {name: arrays[name] for name in arrays.files}
        for name, vectorizer in _vectorizers().items():
            vectorizer.set_params(vocabulary=about["vocabularies"][name])
            vectorizer.idf_ = model._arrays.pop(f"idf_{name}")
            model._tfidf[name] = vectorizer
        return model


def _vectorizers() -> Dict[str, TfidfVectorizer]:
    shared = {"sublinear_tf": True, "min_df": 3, "dtype": np.float32}
    every_word = {"token_pattern": r"\b\w+\b"}  # "i" and "u" too, which the default leaves out
    return {
        "chars": TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), **shared),
        "words": TfidfVectorizer(ngram_range=(1, 2), **every_word, **shared),
    }


def _target(danger: Danger) -> List[float]:
    return [
        float(bool(danger.kinds)),
        float(danger.severity == IMMEDIATE),
        *(float(kind in danger.kinds) for kind in KINDS),
    ]


def _numbered(pairs: Sequence[str]) -> np.ndarray:
    """Return a number for each pair, in the order they first appear."""
    numbers: Dict[str, int] = {}
    return np.array([numbers.setdefault(pair, len(numbers)) for pair in pairs])


def _left_out(inverse: np.ndarray, weights: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Return the errors of least squares with each message's pair left out.

    For a set of rows they solve (inverse of that block) e = weights of that block (Rifkin and
    Lippert, "Notes on regularized least squares", 2007, section 4). `inverse` is a lower triangle.
    """
    errors = np.empty_like(weights)
    for rows in _together(pairs):
        block = np.tril(inverse[np.ix_(rows, rows)])
        block += np.tril(block, -1).T
        errors[rows] = np.linalg.solve(block, weights[rows])
    return errors


def _together(pairs: np.ndarray) -> List[np.ndarray]:
    order = np.argsort(pairs, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(pairs[order])) + 1)


def _believe(evidence: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return the weights that turn evidence into a chance, the constant last."""
    fit = LogisticRegression(C=100.0, class_weight="balanced").fit(evidence, truth)
    return np.append(fit.coef_[0], fit.intercept_[0])


def _chance(evidence: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-(evidence @ weights[:-1] + weights[-1])))
