"""The pictures of training: whether the loss, the data and the optimizers give what they show."""

from __future__ import annotations

from ...spec.tensor.dtype import is_floating_point
from ...spec.training_tables import Picture
from ..elaborate.interface import ModelInterface
from ..resolve.problems import Problems
from .training_spec import TrainingSpec

_YES_OR_NO = ("probability", "logit")
_CLASSES = ("class logits", "class log-probabilities", "class scores", "class features")
_QUANTITIES = ("value", "rate", "log rate")


def check_pictures(spec: TrainingSpec, model: ModelInterface, problems: Problems) -> None:
    """Reports each picture that could not be drawn, or would show nothing."""
    for index, picture in enumerate(spec.pictures):
        path = ("training", "plots", index)
        said = _unfit(picture.type, spec, model)
        if said is not None:
            problems.error("wrong-plot", f"{picture.type} {said}", path)
        elif picture.every is not None:
            _check_every(picture, picture.every, index, spec, problems)


def _unfit(kind: str, spec: TrainingSpec, model: ModelInterface) -> str | None:
    """Why a picture does not fit."""
    if kind in ("probabilities", "confusion_matrix", "predictions"):
        return _without_answers(spec) or _of_other_meaning(kind, spec, model)
    if kind == "learning_rate":
        swa = spec.training.swa
        if spec.has_several_optimizers:
            return "is of one optimizer, there are several"
        if not spec.schedulers and (swa is None or swa.swa_lr is None):
            return "shows what a scheduler does, there is none"
    return None


def _without_answers(spec: TrainingSpec) -> str | None:
    """Why there are no answers for all rows at once."""
    if spec.is_drawn:
        return "needs rows that stay, these are drawn afresh"
    return "needs rows with an answer each, not a text" if spec.data.is_text else None


def _of_other_meaning(kind: str, spec: TrainingSpec, model: ModelInterface) -> str | None:
    meaning, target = spec.meaning, spec.target_type
    _, output = model.outputs[0]
    if kind == "probabilities" and meaning not in _YES_OR_NO:
        return "needs the probability of a yes or no"
    if kind == "confusion_matrix":
        has_numbers = target is not None and target.dtype == "int64"
        if meaning not in _YES_OR_NO and not (meaning in _CLASSES and has_numbers):
            return "needs classes, or a yes or no"
    if kind == "predictions":
        is_pair = len(model.outputs) == 1 and target == output
        if meaning not in _QUANTITIES or not is_pair or not is_floating_point(output.dtype):
            return "compares the one output, a quantity, with a target of its shape"
    return None


def _check_every(
    picture: Picture, every: int, index: int, spec: TrainingSpec, problems: Problems
) -> None:
    """Whether a picture can be drawn during training."""
    path = ("training", "plots", index, "every")
    if spec.is_distributed:
        problems.error(
            "not-supported",
            "pictures during training: not in several processes",
            path,
            labels=[(("training", "distributed"), None, "asked for here")],
        )
    elif spec.counts_steps and every % spec.training.log_every:
        problems.error(
            "invalid-value",
            f"pictures are drawn where a row is logged, after each {spec.training.log_every} steps:"
            f" {every} is not a multiple of that",
            path,
            help=f"log = {{ every = {every} }} in [training]",
        )
