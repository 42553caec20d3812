"""The arithmetic of the topic classifier, free of Rasa so that it can be measured on its own.

A message is compared with every training message: by the two sentence vectors, which know meanings,
and by TF-IDF of characters and words, which survive misspelling. The comparison feeds a regularised
least-squares classifier. Its solution is exact, so training is quick, has no seed, and gives for
free what the model would have said of each training message had it not seen it; from that comes the
temperature that makes its chances believable. How it was chosen: docs/adr/0011.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Sequence, Tuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve, lapack
from scipy.optimize import minimize_scalar
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.server.minilm import POOLED

TEXT_KERNELS = ("chars", "words")
OUTSIDE = "out-of-scope"
_WORD = re.compile(r"\w\w+")


@dataclass(frozen=True)
class Recipe:
    """How the model is built; the values stand in config.yml."""

    smoothness: float  # how little one training message may count for
    meaning: float  # weight of each sentence vector
    focus: float  # how quickly likeness of sentence vectors fades
    chars: float  # weight of character n-grams
    words: float  # weight of words and word pairs
    outside: float  # what OUTSIDE gets on top: what the guide lacks has no middle to be near to


class TopicModel:
    """Gives each topic a chance that can be believed: of those at 0.8, eight in ten are right."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.topics: List[str] = []
        self.temperature = 1.0
        self._tfidf: Dict[str, TfidfVectorizer] = {}
        self._arrays: Dict[str, np.ndarray] = {}

    def fit(
        self, texts: Sequence[str], vectors: np.ndarray, topics: Sequence[str]
    ) -> Tuple[np.ndarray, np.ndarray]:
        """Learn from `texts`, their sentence vectors and their topics.

        The same examples give the same model, in whatever order they come. Returns, for measuring,
        each example's topic as a column number and its chances had it been left out.
        """
        order = sorted(range(len(texts)), key=lambda i: (topics[i], texts[i]))
        texts, vectors = [texts[i] for i in order], vectors[order]
        self.topics = sorted(set(topics))
        truth = np.array([self.topics.index(topics[i]) for i in order])
        target = np.eye(len(self.topics))[truth]
        share = target.mean(axis=0)

        self._arrays = {"centre": vectors.mean(axis=0), "share": share.astype(np.float32)}
        self._arrays["seen"] = self._centred(vectors)
        likeness = self._meaning(self._arrays["seen"]).astype(np.float64)
        self._tfidf = _vectorizers()
        rows = {name: self._tfidf[name].fit_transform(texts) for name in TEXT_KERNELS}
        for name in TEXT_KERNELS:
            likeness += getattr(self.recipe, name) * (rows[name] @ rows[name].T).toarray()
        weights, left_out = _solve(likeness, target - share, self.recipe.smoothness)
        scores = target - left_out + self._extra()
        self._arrays["weights"] = weights.astype(np.float32)
        for name in TEXT_KERNELS:
            linear = getattr(self.recipe, name) * (rows[name].T @ weights)
            self._arrays[name] = linear.astype(np.float32)
        self.temperature = _best_temperature(scores, truth)
        return truth, _softmax(scores / self.temperature)

    def probabilities(self, texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        """Return each topic's chance (a column) for each text (a row); a row sums to 1."""
        scores = self._meaning(self._centred(vectors)) @ self._arrays["weights"]
        for name in TEXT_KERNELS:
            scores += self._tfidf[name].transform(texts) @ self._arrays[name]
        return _softmax((scores + self._arrays["share"] + self._extra()) / self.temperature)

    def knows(self, text: str) -> bool:
        """Return whether any word of `text` was seen in training; of gibberish none was."""
        return any(word in self._tfidf["words"].vocabulary_ for word in _WORD.findall(text))

    @property
    def trained_on(self) -> int:
        """How many different training messages it learnt from."""
        return len(self._arrays["seen"])

    def votes(
        self, topic: str, text: str, vector: np.ndarray
    ) -> Tuple[Dict[str, float], List[Tuple[str, float]], np.ndarray]:
        """Return what made a topic's score, for explaining: it is the sum of the first.

        First the vote of each feature, then the words and pairs that counted most, then the pull of
        each training message by its meaning, in the order of `fit`.
        """
        column = self.topics.index(topic)
        pulls = self._meaning(self._centred(vector))[0] * self._arrays["weights"][:, column]
        votes = {"meaning": float(pulls.sum())}
        words: List[Tuple[str, float]] = []
        for name in TEXT_KERNELS:
            row = self._tfidf[name].transform([text])
            counted = row.data * self._arrays[name][row.indices, column]
            votes[name] = float(counted.sum())
            if name == "words":
                terms = self._tfidf[name].get_feature_names_out()[row.indices]
                words = sorted(zip(terms, map(float, counted), strict=True), key=lambda w: -w[1])
        votes["share"] = float(self._arrays["share"][column])
        votes["outside"] = float(self._extra()[column])
        return votes, words, pulls

    def likeness(self, vector: np.ndarray) -> np.ndarray:
        """Return how alike in meaning a message is to each training message, 1 for the same."""
        weight = 2 * self.recipe.meaning
        return self._meaning(self._centred(vector))[0] / weight

    def _extra(self) -> np.ndarray:
        """Return what each topic's score gets on top."""
        return self.recipe.outside * np.array([topic == OUTSIDE for topic in self.topics])

    def _centred(self, vectors: np.ndarray) -> np.ndarray:
        """Return the sentence vectors seen from the middle of the training messages."""
        halves = np.split(vectors - self._arrays["centre"], len(POOLED), axis=1)
        return np.hstack([half / np.linalg.norm(half, axis=1, keepdims=True) for half in halves])

    def _meaning(self, centred: np.ndarray) -> np.ndarray:
        """Return how alike in meaning each row is to each training message."""
        halves = zip(
            np.split(centred, len(POOLED), axis=1),
            np.split(self._arrays["seen"], len(POOLED), axis=1),
            strict=True,
        )
        focus, weight = self.recipe.focus, self.recipe.meaning
        return sum(weight * np.exp(focus * (mine @ seen.T - 1)) for mine, seen in halves)

    def save(self, folder: Path) -> None:
        """Write the model as JSON and plain arrays; nothing in it can run."""
        words = {
            name: {str(term): int(i) for term, i in sorted(vectorizer.vocabulary_.items())}
            for name, vectorizer in self._tfidf.items()
        }
        about = {"recipe": vars(self.recipe), "topics": self.topics, "vocabularies": words}
        about["temperature"] = self.temperature
        (folder / "topics.json").write_text(json.dumps(about), encoding="utf-8")
        idf = {f"idf_{name}": vectorizer.idf_ for name, vectorizer in self._tfidf.items()}
        np.savez(folder / "topics.npz", **self._arrays, **idf)

    @classmethod
    def load(cls, folder: Path) -> "TopicModel":
        """Read a model that `save` wrote."""
        about = json.loads((folder / "topics.json").read_text(encoding="utf-8"))
        model = cls(Recipe(**about["recipe"]))
        model.topics, model.temperature = about["topics"], about["temperature"]
        with np.load(folder / "topics.npz", allow_pickle=False) as arrays:
            model._arrays = {name: arrays[name] for name in arrays.files}
        for name, vectorizer in _vectorizers().items():
            vectorizer.set_params(vocabulary=about["vocabularies"][name])
            vectorizer.idf_ = model._arrays.pop(f"idf_{name}")
            model._tfidf[name] = vectorizer
        return model


def _vectorizers() -> Dict[str, TfidfVectorizer]:
    shared = {"sublinear_tf": True, "min_df": 2, "dtype": np.float32}
    return {
        "chars": TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), **shared),
        "words": TfidfVectorizer(ngram_range=(1, 2), **shared),
    }


def _solve(
    likeness: np.ndarray, target: np.ndarray, smoothness: float
) -> Tuple[np.ndarray, np.ndarray]:
    """Return the weight of each training message for each topic, and the errors by leaving it out.

    `likeness` is overwritten. The second comes from the diagonal of the inverse (Rifkin and
    Lippert, "Notes on regularized least squares", 2007, section 4).
    """
    likeness[np.diag_indices_from(likeness)] += smoothness
    factor = cho_factor(likeness, lower=True, overwrite_a=True, check_finite=False)
    weights = cho_solve(factor, target, check_finite=False)
    inverse, fault = lapack.dpotri(factor[0], lower=True, overwrite_c=True)
    if fault:
        raise ArithmeticError("the training messages' likeness cannot be inverted")
    return weights, weights / np.diag(inverse)[:, None]


def _best_temperature(scores: np.ndarray, truth: np.ndarray) -> float:
    """Return the temperature under which the true topics surprise least."""

    def surprise(temperature: float) -> float:
        chances = _softmax(scores / temperature)[np.arange(len(truth)), truth]
        return float(-np.log(chances + 1e-12).mean())

    return float(minimize_scalar(surprise, bounds=(0.01, 5.0), method="bounded").x)


def _softmax(scores: np.ndarray) -> np.ndarray:
    scores = scores - scores.max(axis=1, keepdims=True)
    chances = np.exp(scores)
    return chances / chances.sum(axis=1, keepdims=True)


def ranked(topics: Sequence[str], chances: np.ndarray) -> List[Tuple[str, float]]:
    """Return the topics with their chances, likeliest first; ties by name, so that runs agree."""
    pairs = zip(topics, (float(chance) for chance in chances), strict=True)
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
