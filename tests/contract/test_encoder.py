"""The encoder in NumPy gives what transformers gives, and refuses weights nobody reviewed."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.rasa

Run = Callable[..., subprocess.CompletedProcess[str]]

# Text, then the first numbers of its mean after the last and the fourth layer, as computed by
# transformers 4.36.2 (TFAutoModel, output_hidden_states) from the same weights.
REFERENCE = [
    (
        "hes been in a week and still not had his epilepsy tablets",
        [0.05132, 0.0062, -0.01885, -0.03415, -0.0402, -0.04918],
        [0.03787, -0.02017, -0.01635, 0.01379, -0.00947, -0.02572],
    ),
    (
        "Who do I ring?",
        [-0.04249, -0.02668, -0.06821, -0.08276, -0.04351, -0.04883],
        [0.00911, 0.0509, -0.01571, -0.01544, -0.06809, 0.0365],
    ),
    (
        "a long one " * 80,
        [-0.02049, -0.02145, 0.00845, -0.05182, -0.16192, 0.00238],
        [0.02404, -0.01966, 0.00994, 0.02201, -0.05668, 0.11633],
    ),
]


def test_vectors_are_those_of_transformers(on_rasas_python: Run) -> None:
    """To four decimals, alone or in a batch, also beyond the 128 tokens that are read."""
    texts = [text for text, _, _ in REFERENCE]
    script = f"""
import json
from bot.server import minilm
texts = {texts!r}
together = minilm.shared().encode(texts)
alone = [minilm.shared().encode([text])[0] for text in texts]
print(json.dumps([[row[:6].tolist(), row[384:390].tolist(), abs(row - one).max().item()]
                  for row, one in zip(together, alone)]))
"""
    done = on_rasas_python("-c", script)

    assert done.returncode == 0, done.stderr
    for (_, last, fourth), (ours, ours_fourth, difference) in zip(
        REFERENCE, json.loads(done.stdout), strict=True
    ):
        assert ours == pytest.approx(last, abs=1e-4)
        assert ours_fourth == pytest.approx(fourth, abs=1e-4)
        assert difference < 1e-5


def test_other_weights_are_refused(on_rasas_python: Run, tmp_path: Path) -> None:
    """A file of another digest is never loaded."""
    (tmp_path / "model.safetensors").write_bytes(b"not the weights")
    script = f"""
from pathlib import Path
from bot.server import minilm
try:
    minilm.MiniLM(Path({str(tmp_path)!r}))
except minilm.WeightsError as error:
    print(error)
"""
    assert "not ours" in on_rasas_python("-c", script).stdout
