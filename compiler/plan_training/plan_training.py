"""TrainingSpec -> the files of a package that train, measure and use its model."""

from __future__ import annotations

from collections.abc import Sequence

from ..elaborate.interface import ModelInterface
from ..emit.package import Copied, Rendered
from ..plan_data.plan_data import plan_data
from ..training.read_plots import Curves
from ..training.training_spec import TrainingSpec
from .plan_main import plan_main
from .plan_predict import plan_predict
from .plan_train import plan_train


def plan_training(
    spec: TrainingSpec, model: ModelInterface, curves: Sequence[Curves] = ()
) -> tuple[Rendered | Copied, ...]:
    """Every file of the package beside the model's own, its test and `__init__.py`."""
    parts = (plan_data, plan_train, plan_predict)
    planned = [file for plan in parts for file in plan(spec, model)]
    return (*planned, *plan_main(spec, model, curves))
