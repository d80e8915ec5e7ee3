"""The final losses of the classifier, and those of a loop written by hand on the same data.

    python benchmarks/classifier_seeds.py [--seeds N]

Both start from the seed's weights and take 200 steps, so each pair must agree to the last bit.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import median

import torch
from sklearn.datasets import make_classification  # type: ignore[import-untyped]
from torch import nn

import specc

SPEC = Path(__file__).parent.parent / "examples" / "network.toml"
EPOCHS = 200


def by_hand(seed: int) -> float:
    """The loss before the last step of a loop as a tutorial has it."""
    rows, classes = make_classification(
        n_samples=100, n_features=5, n_informative=3, random_state=101
    )
    x = torch.tensor(rows, dtype=torch.float32)
    y = torch.tensor(classes, dtype=torch.float32).reshape(-1, 1)
    torch.manual_seed(seed)
    model = nn.Sequential(
        nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 1), nn.Sigmoid()
    )
    loss_fn = nn.BCELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loss = torch.zeros(())
    for _ in range(EPOCHS):
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
    return loss.item()


def main() -> None:
    """Prints a line a seed, then the range and the median."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10, help="how many, counted from 0")
    seeds = range(parser.parse_args().seeds)
    network = specc.load(SPEC)
    print("seed  generated  by hand   equal")
    finals = []
    for seed in seeds:
        generated = network.train(seed=seed, epochs=EPOCHS).history[-1]["train_loss"]
        plain = by_hand(seed)
        finals.append(generated)
        print(f"{seed:4}  {generated:9.4f}  {plain:7.4f}   {generated == plain}")
    print(f"range {min(finals):.4f} to {max(finals):.4f}, median {median(finals):.4f}")


if __name__ == "__main__":
    main()
