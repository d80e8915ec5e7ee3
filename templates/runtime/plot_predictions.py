"""A picture of predictions beside what they should be."""

from pathlib import Path

from matplotlib.figure import Figure
from torch import Tensor


def plot_predictions(predicted: Tensor, target: Tensor, path: Path) -> None:
    """Draw each prediction over its target, and where both are equal; write to `path`.

    Shape:
        predicted, target: any, the same
    """
    predicted, target = predicted.flatten(), target.flatten()
    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    # Many points are small and faint, so that it shows where they are dense.
    faint = len(target) > 1000
    axes.plot(
        target.tolist(),
        predicted.tolist(),
        linestyle="none",
        marker="o",
        markersize=2 if faint else 4,
        alpha=0.3 if faint else 0.6,
        markeredgewidth=0,
        rasterized=True,
    )
    axes.axline((float(target[0]),) * 2, slope=1, color="black", linewidth=1)
    axes.set(xlabel="target", ylabel="prediction", aspect="equal", adjustable="datalim")
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=150)
