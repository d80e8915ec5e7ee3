"""What becomes of steps whose loss or gradients are not finite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...emit import code
from ...emit.quote import quote, quoted
from .addition import Addition, Import, Statements


class OnNan(Addition):
    """`on_nan` of `[training]`; where updates are made, `nan` is asked about them."""

    @property
    def _skips(self) -> bool:
        return self.spec.training.on_nan == "skip"

    @property
    def _kind(self) -> str:
        return "SkipOnNan" if self._skips else "RaiseOnNan"

    def imports(self) -> Iterator[Import]:
        yield code.ImportFrom(f".{self._module}", (self._kind,))
        if self.spec.is_distributed:
            yield code.ImportFrom(".shared_finite", ("shared_finite",))

    def modules(self) -> Iterator[str]:
        yield "finite"
        yield self._module
        if self.spec.is_distributed:
            yield "shared_finite"

    @property
    def _module(self) -> str:
        return "skip_on_nan" if self._skips else "raise_on_nan"

    def problems(self) -> tuple[str, ...]:
        return () if self._skips else ("FloatingPointError",)

    def after_optimizer(self, rows: str) -> Statements:
        given = "shared_finite" if self.spec.is_distributed else ""
        return quote(f"on_nan = KIND({given})", KIND=self._kind)

    def stateful(self) -> Mapping[str, str]:
        return {"on_nan": "on_nan"}

    def passed(self) -> tuple[code.Arg, ...]:
        return (code.Arg("on_nan", code.Name(self._kind)),)

    def after_steps(self) -> Statements:
        return () if self._skips else quote("on_nan.check()")

    def logged(self) -> Mapping[str, code.Expression]:
        return {"skipped": quoted("on_nan.skipped")} if self._skips else {}
