"""A picture of the loss over the epochs."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure


def plot_loss(history: Sequence[Mapping[str, float]], path: Path) -> None:
    """Draw every loss in `history`, a row an epoch, and write the picture to `path`."""
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    epochs = [row["epoch"] for row in history]
    for name in history[0]:
        if name.endswith("_loss"):
            label = name.removesuffix("_loss")
            axes.plot(epochs, [row[name] for row in history], label=label)
    axes.set(xlabel="epoch", ylabel="loss")
    axes.locator_params(axis="x", integer=True)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=150)
