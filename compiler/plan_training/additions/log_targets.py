"""Where the rows of the log go beside the file: TensorBoard, Weights & Biases, MLflow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ...emit import code
from ...emit.quote import quote
from .addition import Addition, Import, Statements

_CLASSES: Final = {
    "tensorboard": "TensorBoardLog",
    "wandb": "WandbLog",
    "mlflow": "MLflowLog",
}
"""The class of each, in the module of its name with `_log`."""


class LogTargets(Addition):
    """`log.to` of `[training]`."""

    def imports(self) -> Iterator[Import]:
        for name in self._names:
            yield code.ImportFrom(f".{name}_log", (_CLASSES[name],))

    def modules(self) -> Iterator[str]:
        for name in self._names:
            yield f"{name}_log"

    def after_optimizer(self, rows: str) -> Statements:
        found: Statements = ()
        for name in self._names:
            given = "(run)" if name == "tensorboard" else "(run, PACKAGE)"
            made = quote(
                f"{name} = {_CLASSES[name]}{given}", PACKAGE=code.Constant(self.model.package)
            )
            found += made
        return found

    def after_epoch(self) -> Statements:
        return self._each("NAME.write(log.rows[-1])")

    def at_end(self) -> Statements:
        return self._each("NAME.end()")

    @property
    def _names(self) -> tuple[str, ...]:
        return self.spec.training.log_to

    def _each(self, written: str) -> Statements:
        return tuple(s for name in self._names for s in quote(written.replace("NAME", name)))
