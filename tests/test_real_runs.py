"""Trainings on real data reach what they are measured by, as a user types them.

Each is held to something that knows the data, too: a linear regression, a trigram model, the share
of each pixel. The examples on digits and tumours are in test_examples.py.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from pydoc_data import topics
from typing import Any

import numpy as np
import pytest

datasets: Any = pytest.importorskip("sklearn.datasets")
linear_model: Any = pytest.importorskip("sklearn.linear_model")
images: Any = pytest.importorskip("PIL.Image")
pytestmark = pytest.mark.slow

DIABETES = """
[model]
name = "Diabetes"
inputs.measures = ["batch", 10]
layers = [
  { name = "hidden", type = "Linear", out_features = 64 },
  "ReLU",
  { type = "Dropout", p = 0.5 },
  { name = "scaled", type = "Linear", out_features = 1 },
  { name = "output", expr = "150 + 75 * scaled" },
]
[data]
type = "load_diabetes"
inputs.measures = { prepare = ["standard"] }
folds = 5
[loss]
type = "MSELoss"
[optimizer]
type = "AdamW"
lr = 0.003
weight_decay = 0.1
[training]
epochs = 40
batch_size = 32
seed = 0
"""

LETTERS = """
[model]
name = "Letters"
inputs.tokens = { shape = ["batch", "time"], dtype = "int64" }
layers = [
  { type = "Embedding", num_embeddings = 256, embedding_dim = 64 },
  { name = "gru", type = "GRU", hidden_size = 256, batch_first = true },
  { name = "logits", type = "Linear", out_features = 256 },
]
[data]
type = "text"
path = "text.txt"
tokenizer = "bytes"
window = { length = 64 }
split = { train = 0.9, test = 0.1 }
[loss]
type = "CrossEntropyLoss"
inputs = { input = "logits.flatten(0, 1)", target = "target.flatten()" }
[optimizer]
type = "AdamW"
lr = 4e-3
[training]
epochs = 2
batch_size = 32
seed = 0
"""

PICTURES = """
[model]
name = "Pictures"
inputs.image = ["batch", 1, 8, 8]
layers = [
  { type = "Conv2d", out_channels = 16, kernel_size = 3, padding = 1 },
  "ReLU",
  { type = "Conv2d", out_channels = 32, kernel_size = 3, padding = 1 },
  "ReLU",
  { type = "MaxPool2d", kernel_size = 2 },
  "Flatten",
  { type = "Linear", out_features = 10 },
]
[data]
type = "images"
path = "digits"
load = "memory"
split = { train = 0.8, test = 0.2, by = "stratified", seed = 0 }
[loss]
type = "CrossEntropyLoss"
[optimizer]
type = "AdamW"
lr = 2e-3
[training]
epochs = 30
batch_size = 32
seed = 0
metrics = ["accuracy"]
"""

VAE = """
[model]
name = "Vae"
inputs.image = ["batch", 64]
layers = [
  { name = "encoded", type = "Linear", out_features = 128 },
  { name = "seen", type = "ReLU" },
  { name = "mean", type = "Linear", inputs = "seen", out_features = 8 },
  { name = "log_variance", type = "Linear", inputs = "seen", out_features = 8 },
  { name = "latent", expr = "mean + exp(0.5 * log_variance) * randn_like(mean)" },
  { name = "decoded", type = "Linear", out_features = 128 },
  "ReLU",
  { name = "logits", type = "Linear", out_features = 64 },
]
outputs = ["logits", "mean", "log_variance"]
[data]
type = "load_digits"
inputs.image = { prepare = ["min_max"] }
target = false
split = { train = 0.8, test = 0.2, seed = 0 }
[[loss]]
name = "reconstruction"
expr = "binary_cross_entropy_with_logits(logits, image, reduction='none').sum(dim=1).mean()"
[[loss]]
name = "divergence"
expr = "(0.5 * (mean ** 2 + exp(log_variance) - log_variance - 1)).sum(dim=1).mean()"
[optimizer]
type = "Adam"
lr = 2e-3
[training]
epochs = 60
batch_size = 64
seed = 0
"""


def said_by(folder: Path, *command: str) -> dict[str, Any]:
    """The last line of JSON that a command prints."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measured(spec: str, folder: Path) -> dict[str, Any]:
    """What `specc run` prints of the rows that are kept for the test."""
    (folder / "spec.toml").write_text(spec, "utf-8")
    found = said_by(folder, "specc", "run", "spec.toml")
    assert found["part"] == "test"
    return found


def test_a_regression_is_better_than_a_linear_one(tmp_path: Path) -> None:
    (tmp_path / "spec.toml").write_text(DIABETES, "utf-8")
    subprocess.run([sys.executable, "-m", "specc", "build", "spec.toml"], cwd=tmp_path, check=True)
    ours = said_by(tmp_path / "generated", "diabetes", "cross-validate")
    program = "from diabetes.data import *; import json; print(json.dumps([[r.measures.tolist(), "
    program += "r.target.tolist()] for f in range(5) for r in load_parts(f)]))"
    found = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path / "generated",
        capture_output=True,
        text=True,
        check=True,
    )
    parts = [tuple(map(np.array, part)) for part in json.loads(found.stdout)]
    errors = []
    for (x, y), (held, target) in zip(parts[::2], parts[1::2], strict=True):
        line = linear_model.LinearRegression().fit(x, y)
        errors.append(((line.predict(held) - target) ** 2).mean())
    assert ours["fold"] == "mean"
    assert 2500 < ours["validation_loss"] < np.mean(errors)


def trigram_bits(train: str, test: str) -> float:
    """Bits per character of a mixture of the frequencies of 1, 2 and 3 characters."""
    grams: Counter[str] = Counter()
    contexts: Counter[str] = Counter()
    for length in (1, 2, 3):
        for start in range(len(train) - length + 1):
            gram = train[start : start + length]
            grams[gram] += 1
            contexts[gram[:-1]] += 1
    bits = 0.0
    for end in range(3, len(test) + 1):
        share = 0.001 / 256
        for length, weight in ((1, 0.019), (2, 0.08), (3, 0.9)):
            gram = test[end - length : end]
            share += weight * grams[gram] / max(contexts[gram[:-1]], 1)
        bits -= math.log2(share)
    return bits / (len(test) - 2)


def test_a_language_model_beats_a_trigram_model(tmp_path: Path) -> None:
    pages = "\n".join(topics.topics.values())  # the reference of the language Python
    text = pages.encode("ascii", "ignore").decode()[:450_000]
    (tmp_path / "text.txt").write_text(text, "utf-8")
    bits = measured(LETTERS, tmp_path)["loss"] / math.log(2)
    cut = round(len(text) * 0.9)
    assert 1.0 < bits < trigram_bits(text[:cut], text[cut:]) - 0.2


def test_a_folder_of_images_is_told_apart(tmp_path: Path) -> None:
    digits = datasets.load_digits()
    for number, (pixels, digit) in enumerate(zip(digits.images, digits.target, strict=True)):
        folder = tmp_path / "digits" / str(digit)
        folder.mkdir(parents=True, exist_ok=True)
        image = images.fromarray((pixels * 15).astype(np.uint8))
        image.save(folder / f"{number:04}.png")
    assert measured(PICTURES, tmp_path)["accuracy"] >= 0.96


def test_a_variational_autoencoder_finds_what_pixels_have_in_common(tmp_path: Path) -> None:
    pixels = datasets.load_digits().data / 16
    share = pixels.mean(axis=0).clip(1e-4, 1 - 1e-4)
    apart = -(pixels * np.log(share) + (1 - pixels) * np.log(1 - share)).sum(axis=1).mean()
    # What gray pixels cost at least, whatever is known of them.
    safe = pixels.clip(1e-9, 1 - 1e-9)
    least = -(pixels * np.log(safe) + (1 - pixels) * np.log(1 - safe)).sum(axis=1).mean()
    bound = measured(VAE, tmp_path)["loss"]
    assert least < bound < apart - 2
