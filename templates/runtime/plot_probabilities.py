"""A picture of the output probabilities before and after training."""

from pathlib import Path

from matplotlib.figure import Figure
from torch import Tensor


def plot_probabilities(
    before: Tensor, after: Tensor, target: Tensor, path: Path
) -> None:
    """Draw how the probabilities of each class's rows are spread; write to `path`.

    Shape:
        before, after: the probability of class 1 for each row, (rows, 1)
        target: the class of each row, 0 or 1, (rows, 1)
    """
    figure = Figure(figsize=(8, 4), layout="constrained")
    panels = figure.subplots(1, 2, sharex=True, sharey=True)
    for axes, probability, title in zip(
        panels, (before, after), ("before training", "after training"), strict=True
    ):
        by_class = [probability[target == label].tolist() for label in (0, 1)]
        axes.hist(by_class, bins=20, range=(0, 1), label=["class 0", "class 1"])
        axes.set(title=title, xlabel="probability of class 1")
    panels[0].set_ylabel("rows")
    panels[0].legend()
    figure.savefig(path, dpi=150)
