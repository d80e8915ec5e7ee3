"""Optimizers that make their steps one after another, each on losses of its own."""

from __future__ import annotations

from collections.abc import Sequence

from ...spec.record import Record
from ..emit import code
from ..emit.quote import quote, quoted
from ..training.training_spec import TrainingSpec
from .additions.addition import Statements
from .plan_learned_loss import all_parameters
from .plan_optimizers import optimizer_names


class Turn(Record):
    """Whose step it is.

    optimizer: its variable. losses: the names of those that it steps on; none where the model is
        trained by one step on all. is_last: whether no other follows on the same batch.
    """

    optimizer: str
    losses: tuple[str, ...] = ()
    is_last: bool = True

    def compared(self, call: code.Expression) -> Statements:
        """The third step. call: that of the loss."""
        if not self.losses:
            return quote("loss = CALL  # 3. compare with the truth", CALL=call)
        return quote(
            """
            parts = CALL  # 3. compare with the truth
            loss = TOTAL
            """,
            CALL=call,
            TOTAL=added([code.Name(f"parts.{name}") for name in self.losses]),
        )

    def backward(self, loss: code.Expression) -> Statements:
        """The fourth step: gradients of all parameters, or of those that this step changes."""
        inputs = (code.Keyword("inputs", self._own),) if self.losses else ()
        call = code.Call(code.Attribute(loss, "backward"), (), inputs)
        return (code.Expr(call, "4. gradients of the loss"),)

    def parameters(self, spec: TrainingSpec) -> code.Expression:
        """What has gradients then."""
        return self._own if self.losses else all_parameters(spec)

    @property
    def _own(self) -> code.Expression:
        return quoted(f"parameters_of({self.optimizer})")

    def kept(self) -> Statements:
        """How the losses are noted, each by its name."""
        if not self.losses:
            return ()
        values = [(code.Constant(name), code.Name(f"parts.{name}")) for name in self.losses]
        return quote("losses.note(VALUES)", VALUES=code.Dict(tuple(values)))


def turns(spec: TrainingSpec) -> list[Turn]:
    """The steps that are made on a batch; one where all losses are added up."""
    if not spec.takes_turns:
        return [Turn("optimizer")]
    names = optimizer_names(spec)
    named = zip(names, spec.optimizers, strict=True)
    return [Turn(name, term.losses, name == names[-1]) for name, term in named]


def added(values: Sequence[code.Expression]) -> code.Expression:
    """The sum of several values, from the left."""
    total, *others = values
    for value in others:
        total = code.BinOp(total, "+", value)
    return total


def unpacked(spec: TrainingSpec) -> Statements:
    """The statement that names the optimizers."""
    if not spec.takes_turns:
        return ()
    names = code.Tuple(tuple(code.Name(turn.optimizer) for turn in turns(spec)))
    return quote("NAMES = optimizers", NAMES=names)
