"""The rows of the log in MLflow."""

from collections.abc import Mapping
from pathlib import Path

from .library import needed


class MLflowLog:
    """Sends rows to an experiment; without a folder for the run, nothing.

    Where to says MLflow's own environment variable MLFLOW_TRACKING_URI.
    """

    def __init__(self, run: str | Path | None, experiment: str) -> None:
        """Raises LibraryError where mlflow is not installed."""
        self.mlflow = needed("mlflow", "mlflow")
        self.is_on = run is not None
        if self.is_on:
            self.mlflow.set_experiment(experiment)
            self.mlflow.start_run()

    def write(self, row: Mapping[str, float]) -> None:
        """Send a row, which begins with its number."""
        if self.is_on:
            (_, number), *measured = row.items()
            self.mlflow.log_metrics(dict(measured), step=int(number))

    def end(self) -> None:
        """Say that the run is over."""
        if self.is_on:
            self.mlflow.end_run()
