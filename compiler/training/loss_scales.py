"""Scales of losses that are expressions: numbers that change as training goes on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from ...spec.record import Record
from ...spec.source import Path
from ...spec.tensor.dim import Dim
from ..elaborate.describe import describe
from ..elaborate.evaluate import Located, Unknown
from ..resolve.bind import Names
from ..resolve.bound import Bound, Param, walk
from ..resolve.problems import Problems
from .loss_formula import Types, evaluate, read_formula

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...spec.training import Training
    from ..elaborate.typed import Known
    from .loss_names import LossWords
    from .training_spec import LossTerm

COUNTS: Final = ("epoch", "step")
"""What changes: the numbers of the epoch and of the step, from 1 on."""
_MOST: Final = 1000
"""Of how many epochs or steps the scale is computed to be checked."""


class Scale(Record):
    """A scale that is computed. text: as it is written."""

    text: str
    expression: Bound

    @property
    def counted(self) -> str | None:
        """What it follows: `epoch` or `step`."""
        read = (part.name for part in walk(self.expression) if isinstance(part, Param))
        return next((name for name in read if name in COUNTS), None)


def read_scale(text: str, path: Path, words: LossWords, problems: Problems) -> float | Scale:
    """A scale that is an expression. What was wrong is 1, and has been reported."""
    params = words.typed.root.params
    scope = Names((), dict.fromkeys((*COUNTS, *params), "model"), (), {})
    expression = read_formula(text, path, scope, problems)
    return 1.0 if expression is None else Scale(text, expression)


def check_scales(
    terms: Sequence[LossTerm],
    training: Training | None,
    params: Mapping[str, Known],
    problems: Problems,
) -> None:
    """Reports scales that are no number at some time of training."""
    for term in terms:
        scale = term.scale
        if isinstance(scale, Scale) and training is not None:
            path = (*term.path, "scale")
            if _knows_count(scale, path, terms, training, params, problems):
                _check_values(scale, path, training, params, problems)


def _knows_count(
    scale: Scale,
    path: Path,
    terms: Sequence[LossTerm],
    training: Training,
    params: Mapping[str, Known],
    problems: Problems,
) -> bool:
    """Whether a scale follows what training counts, and nothing else has its name."""
    found = len(problems.found)
    counted = "step" if training.steps is not None else "epoch"
    read = {part.name for part in walk(scale.expression) if isinstance(part, Param)}
    for name in sorted(read & {*COUNTS}):
        if name != counted:
            problems.error(
                "unknown-name",
                f"training counts {counted}s: the {name} is not known",
                path,
                labels=[(("training", f"{counted}s"), None, "counted here")],
                help=f"a scale may follow {counted}",
            )
        if name in params:
            said = f"{name} here is both a param of the model and what training counts"
            problems.error("name-clash", said, path)
        for term in terms:
            if term.name == name:
                said = f"{name} is what training counts, and the name of a loss"
                problems.error("name-clash", said, (*term.path, "name"))
    return len(problems.found) == found


def _check_values(
    scale: Scale, path: Path, training: Training, params: Mapping[str, Known], problems: Problems
) -> None:
    length = training.steps or training.epochs or 1
    counts = range(1, length + 1, -(-length // _MOST)) if scale.counted else range(1, 2)
    for count in (*counts, length):
        known = {**params, scale.counted: count} if scale.counted else params
        when = f" in {scale.counted} {count}" if scale.counted else ""
        try:
            value = evaluate(scale.expression, Types({}, known))
        except Unknown:
            return
        except Located as fault:
            refusal, at = fault.refusal, fault.at if fault.at != (0, 0) else None
            problems.error(refusal.code, f"{refusal.message}{when}", path, within=at)
            return
        number = value.constant if isinstance(value, Dim) else value
        if not _is_finite(number):
            said = f"a scale is a number, this is {describe(value)}{when}"
            problems.error("not-a-number", said, path)
            return


def _is_finite(value: object) -> bool:
    """Whether a value is a number, neither infinite nor nan."""
    return not isinstance(value, bool) and isinstance(value, int | float) and math.isfinite(value)
