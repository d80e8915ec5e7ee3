"""How well the examples with real data do on rows that they were not trained on.

    python benchmarks/accuracy.py [--seeds N]

A seed determines the initial weights and the order of the rows; the split stays that of the spec.
"""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path
from statistics import median
from types import ModuleType

import specc

EXAMPLES = Path(__file__).parent.parent / "examples"
WANTED = {"digits": 0.985, "breast_cancer": 0.97}
"""The accuracy that each example is there to reach."""


def accuracy(package: ModuleType, data: tuple[Path, ...], seed: int) -> float:
    """The share of right answers among the test rows, after a training with this seed."""
    train = import_module(f"{package.__name__}.train")
    test = import_module(f"{package.__name__}.data").load_parts(*data).test
    trained = package.train(*data, seed=seed)
    measured = train.evaluate(trained.model, train.build_loss(), trained.preparation(test))
    return float(measured["accuracy"])


def main() -> None:
    """Prints the accuracy of each example for each seed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="how many, counted from 0")
    seeds = range(parser.parse_args().seeds)
    for name, wanted in WANTED.items():
        package = specc.load(EXAMPLES / f"{name}.toml")
        table = EXAMPLES / f"{name}.csv"
        data = (table,) if table.exists() else ()
        found = [accuracy(package, data, seed) for seed in seeds]
        each = " ".join(f"{value:.4f}" for value in found)
        low, middle = min(found), median(found)
        print(f"{name:14} {each}  lowest {low:.4f}, median {middle:.4f}, wanted {wanted}")


if __name__ == "__main__":
    main()
