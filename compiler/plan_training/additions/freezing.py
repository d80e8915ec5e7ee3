"""Frozen parameters: they have no gradients, so that no optimizer changes them."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ...emit import code
from ...emit.names_read import names_read
from ...emit.quote import quote, quoted
from ...training.training_spec import FrozenTerm
from ..plan_optimizers import condition_imports, condition_test
from .addition import Addition, Import, Statements

_FEW = 2
"""How many statements in a row are not worth a loop."""


class Freezing(Addition):
    """`freeze` of `[training]`: once for all, or anew each time that the model learns."""

    @property
    def _thaws(self) -> bool:
        return any(term.until is not None for term in self.spec.frozen)

    @property
    def _is_fixed(self) -> bool:
        """Whether it is done once: train mode takes nothing of it back."""
        return not (self._thaws or any(term.modules for term in self.spec.frozen))

    @property
    def _count(self) -> str:
        return "step" if self.spec.counts_steps else "epoch"

    def imports(self) -> Iterator[Import]:
        yield from condition_imports([term.condition for term in self.spec.frozen])

    def functions(self) -> Statements:
        args = [code.Arg("model", code.Name(self.model.class_name))]
        says = "Freeze parameters: without a gradient no step changes them."
        if self._thaws:
            args.append(code.Arg(self._count, code.Name("int")))
            when = "in this epoch"
            if self.spec.counts_steps:
                when = "once so many steps are made"
            says = f"Freeze the parameters that do not learn {when}."
        body = (*self._parameters(), *self._modules())
        return (code.FunctionDef("freeze", tuple(args), code.Constant(None), says, body),)

    def _parameters(self) -> Statements:
        # What several entries match is frozen as long as the longest of them says.
        chain: Statements = ()
        for term in sorted(self.spec.frozen, key=_length):
            learns = code.Constant(False) if term.until is None else self._is_over(term.until)
            kept = quote("parameter.requires_grad_(LEARNS)", LEARNS=learns)
            test = condition_test(term.condition, self.model.class_name)
            chain = (code.If(test, kept, chain),)
        has_owner = "owner" in {name for one in chain for name in names_read(one)}
        owner = 'owner = model.get_submodule(name.rpartition(".")[0])'
        return quote(
            """
            for name, parameter in model.named_parameters():
                OWNER
                CHAIN
            """,
            OWNER=quote(owner) if has_owner else (),
            CHAIN=chain,
        )

    def _modules(self) -> Statements:
        found: Statements = ()
        for term in self.spec.frozen:
            if not term.modules:
                continue
            made = _in_eval_mode(term)
            if term.until is not None:
                made = (code.If(self._is_under_way(term.until), made),)
            found += made
        return found

    def _is_over(self, until: int) -> code.Expression:
        # An epoch is called by its number, which counts from 1; steps are counted once made.
        relation = ">=" if self.spec.counts_steps else ">"
        return quoted(f"{self._count} {relation} N", N=code.Constant(until))

    def _is_under_way(self, until: int) -> code.Expression:
        relation = "<" if self.spec.counts_steps else "<="
        return quoted(f"{self._count} {relation} N", N=code.Constant(until))

    def _call(self) -> Statements:
        if not self._thaws:
            return quote("freeze(model)")
        count = "batches.step" if self.spec.counts_steps else "epoch"
        return quote(f"freeze(model, {count})")

    def after_model(self) -> Statements:
        return self._call() if self._is_fixed else ()

    def passed(self) -> tuple[code.Arg, ...]:
        if not self._thaws or self.spec.counts_steps:
            return ()
        return (code.Arg("epoch", code.Name("int")),)

    def in_train_mode(self) -> Statements:
        return () if self._is_fixed else self._call()

    def after_batch(self) -> Statements:
        """Where steps are counted, the time of a parameter comes between two rows of the log."""
        if not (self._thaws and self.spec.counts_steps):
            return ()
        times = sorted({term.until for term in self.spec.frozen if term.until is not None})
        is_time = quoted("batches.step == N", N=code.Constant(times[0]))
        if len(times) > 1:
            is_time = quoted("batches.step in N", N=code.Tuple(tuple(map(code.Constant, times))))
        modes = any(term.modules for term in self.spec.frozen)
        return quote(
            """
            if ITS_TIME:
                MODE
                FREEZE
            """,
            ITS_TIME=is_time,
            MODE=quote("model.train()") if modes else (),
            FREEZE=self._call(),
        )


def _length(term: FrozenTerm) -> float:
    return math.inf if term.until is None else term.until


def _in_eval_mode(term: FrozenTerm) -> Statements:
    if len(term.modules) > _FEW:
        listed = code.Tuple(tuple(map(code.Constant, term.modules)))
        text = "for name in NAMES:\n    model.get_submodule(name).eval()"
        return quote(text, NAMES=listed)
    return tuple(
        statement
        for module in term.modules
        for statement in quote("model.get_submodule(NAME).eval()", NAME=code.Constant(module))
    )
