"""What a key of `[training]`, or a section beside it, adds to the code that trains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ....spec.record import Record
from ...elaborate.interface import ModelInterface
from ...emit import code
from ...emit.quote import quoted
from ...training.training_spec import TrainingSpec

Import = code.Import | code.ImportFrom
Statements = tuple[code.Statement, ...]


class Option(Record):
    """A keyword argument of `train` and option of the command line.

    says: what it means. parse: the function that reads it on the command line.
    """

    says: str
    type: code.Expression
    default: code.Expression
    parse: str


class Kept(Record):
    """A field of `Trained`. value: what stands in it when training ends."""

    type: str
    says: str
    value: str


class Addition:
    """One thing that a spec asked for. Each method gives the code of one place; most give none.

    The places, in their order in `train`: `options`, `at_start`, `after_model`, `after_optimizer`,
    `after_log`, which is told what is `stateful`; `around` the loop, in which each epoch has
    `before_epoch`, in `train_one_epoch`, which takes `passed`, first `in_train_mode`, at each step
    `before_batch`, `after_update` and `after_batch`, then `after_steps` and `after_epoch`; last
    `at_end`. An epoch is what one row of the log measures, which `logged` adds to: where
    `[training]` counts steps, a number of them.
    """

    def __init__(self, spec: TrainingSpec, model: ModelInterface) -> None:
        self.spec = spec
        self.model = model

    def imports(self) -> Iterator[Import]:
        """What its code in `train.py` imports."""
        yield from ()

    def modules(self) -> Iterator[str]:
        """The modules of templates/runtime that it needs, by name."""
        yield from ()

    def constants(self) -> Mapping[str, object]:
        """The numbers of the spec that stand at the top of `train.py`."""
        return {}

    def functions(self) -> Statements:
        """Functions of `train.py` that it needs."""
        return ()

    def decorators(self) -> tuple[code.Expression, ...]:
        """What stands above `train`."""
        return ()

    def problems(self) -> tuple[str, ...]:
        """The errors of training that the command line tells in a line."""
        return ()

    def options(self) -> Mapping[str, Option]:
        """What a caller of `train` may choose."""
        return {}

    def kept(self) -> Mapping[str, Kept]:
        """What training leaves behind for it."""
        return {}

    def at_start(self) -> Statements:
        """Before anything else."""
        return ()

    def after_model(self) -> Statements:
        """Once the model is there."""
        return ()

    def after_optimizer(self, rows: str) -> Statements:
        """Once optimizers are there. rows: the variable of the rows that are trained on."""
        return ()

    def stateful(self) -> Mapping[str, str]:
        """What has a state that a resumed run needs: its variable in `train` by its name."""
        return {}

    def after_log(self, rows: str, stateful: Mapping[str, str]) -> Statements:
        """Once the log is there, too.

        rows: the variable of the rows that are trained on. stateful: what is to be kept of all.
        """
        return ()

    def around(self, loop: Statements) -> Statements:
        """The loop over the epochs with what stands around it."""
        return loop

    def passed(self) -> tuple[code.Arg, ...]:
        """What `train_one_epoch` takes for it, by the names that `train` knows it under."""
        return ()

    def before_epoch(self) -> Statements:
        return ()

    def in_train_mode(self) -> Statements:
        """Once the model is in train mode, before the first step of an epoch."""
        return ()

    def before_batch(self) -> Statements:
        """Before the steps on a batch."""
        return ()

    def after_update(self) -> Statements:
        """Once the weights are updated."""
        return ()

    def after_batch(self) -> Statements:
        """Once the loss of the batch is noted, too."""
        return ()

    def after_steps(self) -> Statements:
        """Once the steps of an epoch are made, before it is measured."""
        return ()

    def logged(self) -> Mapping[str, code.Expression]:
        """What else a row of the log says."""
        return {}

    def after_epoch(self) -> Statements:
        """Once an epoch is measured and logged."""
        return ()

    def at_end(self) -> Statements:
        """After the last epoch."""
        return ()


def monitored(monitor: str) -> code.Expression:
    """The value, in `train`, of what is measured in each epoch under a name."""
    if monitor == "train_loss":
        return code.Name("train_loss")
    if monitor.startswith("train_"):
        return quoted("train_losses[NAME]", NAME=code.Constant(monitor.removeprefix("train_")))
    name = code.Constant(monitor.removeprefix("validation_"))
    return quoted("validation[NAME]", NAME=name)
