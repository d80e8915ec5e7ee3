"""A picture of the loss over the epochs, or over the steps."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure


def plot_loss(history: Sequence[Mapping[str, float]], path: Path) -> None:
    """Draw every loss in `history`, whose rows begin with the number of their epoch or
    step, and write the picture to `path`.
    """
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    unit = next(iter(history[0]))
    numbers = [row[unit] for row in history]
    for name in history[0]:
        if name.endswith("_loss"):
            label = name.removesuffix("_loss")
            axes.plot(numbers, [row[name] for row in history], label=label)
    axes.set(xlabel=unit, ylabel="loss")
    axes.locator_params(axis="x", integer=True)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=150)
