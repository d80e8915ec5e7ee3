"""A picture of the learning rate over the epochs, or over the steps."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure


def plot_learning_rate(history: Sequence[Mapping[str, float]], path: Path) -> None:
    """Draw the learning rate in `history`, whose rows begin with the number of their
    epoch or step, and write the picture to `path`.
    """
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    unit = next(iter(history[0]))
    numbers = [row[unit] for row in history]
    rates = [row["learning_rate"] for row in history]
    axes.plot(numbers, rates, marker="." if len(rates) < 30 else None)
    axes.set(xlabel=unit, ylabel="learning rate")
    axes.locator_params(axis="x", integer=True)
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=150)
