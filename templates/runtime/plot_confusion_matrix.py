"""A picture of which classes are taken for which."""

from pathlib import Path

import torch
from matplotlib.figure import Figure
from torch import Tensor

MOST_NUMBERED = 20
"""The most classes for which each count is written out."""


def plot_confusion_matrix(
    predicted: Tensor,
    target: Tensor,
    path: Path,
    *,
    classes: int = 2,
    ignored: int | None = None,
) -> None:
    """Draw how many rows of each class are taken for which, and write it to `path`.

    Colours are shares of the rows of a class.

    Args:
        ignored: the target of rows that don't count

    Shape:
        predicted, target: numbers of classes, of one shape
    """
    predicted, target = predicted.flatten().long(), target.flatten().long()
    if ignored is not None:
        counted = target != ignored
        predicted, target = predicted[counted], target[counted]
    pairs = torch.bincount(target * classes + predicted, minlength=classes**2)
    counts = pairs.reshape(classes, classes)
    shares = counts / counts.sum(dim=1, keepdim=True).clamp(min=1)
    size = min(3 + 0.45 * classes, 9)
    figure = Figure(figsize=(size + 1, size), layout="compressed")
    axes = figure.subplots()
    image = axes.imshow(shares.numpy(), cmap="Blues", vmin=0, vmax=1)
    figure.colorbar(image, label="share of the class's rows", shrink=0.8)
    axes.set(xlabel="predicted class", ylabel="class")
    if classes <= MOST_NUMBERED:
        axes.set(xticks=range(classes), yticks=range(classes))
        for row, column in counts.nonzero().tolist():
            colour = "white" if shares[row, column] > 0.5 else "black"
            text = str(counts[row, column].item())
            axes.text(column, row, text, ha="center", va="center", color=colour)
    figure.savefig(path, dpi=150)
