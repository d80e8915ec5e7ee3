"""A picture of the output probabilities at some moments of training."""

from collections.abc import Mapping
from pathlib import Path

from matplotlib.figure import Figure
from torch import Tensor


def plot_probabilities(
    probabilities: Mapping[str, Tensor], target: Tensor, path: Path
) -> None:
    """Draw how the probabilities of each class's rows are spread; write to `path`.

    Shape:
        probabilities: that of class 1 for each row, by the moment, (rows, 1)
        target: the class of each row, 0 or 1, (rows, 1)
    """
    count = len(probabilities)
    figure = Figure(figsize=(4 * count, 4), layout="constrained")
    panels = figure.subplots(1, count, sharex=True, sharey=True, squeeze=False)[0]
    for axes, (moment, probability) in zip(panels, probabilities.items(), strict=True):
        by_class = [probability[target == label].tolist() for label in (0, 1)]
        axes.hist(by_class, bins=20, range=(0, 1), label=["class 0", "class 1"])
        axes.set(title=moment, xlabel="probability of class 1")
    panels[0].set_ylabel("rows")
    panels[0].legend()
    figure.savefig(path, dpi=150)
