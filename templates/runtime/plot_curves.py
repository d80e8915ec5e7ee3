"""A picture of values over one variable."""

from collections.abc import Mapping
from pathlib import Path

from matplotlib.figure import Figure
from torch import Tensor


def plot_curves(name: str, x: Tensor, curves: Mapping[str, Tensor], path: Path) -> None:
    """Draw every curve over `x`, which is called `name`; write the picture to `path`.

    Shape:
        x, curves: (points,)
    """
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    for label, y in curves.items():
        axes.plot(x.detach(), y.detach(), label=label)
    axes.set(xlabel=name)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=150)
