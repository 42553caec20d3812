"""Keeps the encoder's vectors of the training messages on disk, so that training again is quick."""

import hashlib
from pathlib import Path
from typing import Callable, List, Optional, Sequence

import numpy as np

from bot.server.minilm import POOLED, WEIGHTS_SHA256


def cached(
    texts: Sequence[str],
    encode: Callable[[Sequence[str]], np.ndarray],
    folder: Optional[Path],
) -> np.ndarray:
    """Return the vectors of `texts` in order; with a `folder`, encode only those it does not hold.

    The cache holds the last training's texts and no others. A damaged one is made anew.
    """
    if folder is None:
        return encode(texts)
    keys = [
        hashlib.sha256(f"{WEIGHTS_SHA256}{POOLED}\n{text}".encode()).hexdigest() for text in texts
    ]
    known = _read(folder / "vectors.npz")
    fresh = sorted(
        {key: text for key, text in zip(keys, texts, strict=True) if key not in known}.items()
    )
    if fresh:
        rows = encode([text for _, text in fresh])
        known.update({key: row for (key, _), row in zip(fresh, rows, strict=True)})
        _write(folder / "vectors.npz", {key: known[key] for key in keys})
    return np.stack([known[key] for key in keys])


def _read(path: Path) -> dict:
    try:
        with np.load(path, allow_pickle=False) as stored:
            return dict(zip(stored["keys"].tolist(), stored["rows"], strict=True))
    except (OSError, ValueError, KeyError):  # absent or damaged: encode again
        return {}


def _write(path: Path, rows: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.npz")
    keys: List[str] = sorted(rows)
    np.savez(partial, keys=np.array(keys), rows=np.stack([rows[key] for key in keys]))
    partial.replace(path)
