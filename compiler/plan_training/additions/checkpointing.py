"""Checkpoints: a training that is stopped goes on later as if it had not been."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ....spec.model import Section
from ....spec.training import CheckpointSettings, Freeze
from ...emit import code
from ...emit.quote import quote, quoted
from ...plan.values import constant
from ...training.training_spec import LossTerm
from ..plan_predict import kept
from .addition import Addition, Import, Statements, monitored

_FREE: Final = frozenset(
    "epochs steps batch_size seed device checkpoint log time_limit start".split()
)
"""What may be another one where training goes on, or is told by its value in `train`."""


class Checkpointing(Addition):
    """`checkpoint` of `[training]`."""

    def imports(self) -> Iterator[Import]:
        module = "shared_checkpoints" if self.spec.is_distributed else "checkpoints"
        yield code.ImportFrom(f".{module}", (self._kind,))
        yield code.ImportFrom(".random_state", ("RandomState",))
        if self._settings.best is not None and not self.spec.loss_learns:
            yield code.ImportFrom(".predict", ("save",))

    def modules(self) -> Iterator[str]:
        yield from ("checkpoints", "interruption", "library", "nested", "random_state")
        yield "whole_folder"
        if self.spec.is_distributed:
            yield from ("shared_checkpoints", "shared_folder")

    def constants(self) -> Mapping[str, object]:
        return {"CHECKPOINT_EVERY": self._settings.every}

    def after_log(self, rows: str, stateful: Mapping[str, str]) -> Statements:
        keywords: dict[str, code.Expression] = {"every": code.Name("CHECKPOINT_EVERY")}
        if self._settings.keep != type(self._settings).model_fields["keep"].default:
            keywords["keep"] = constant(self._settings.keep)
        parts = {name: quoted(value) for name, value in stateful.items()}
        made = code.Call(
            code.Name(self._kind),
            (code.Name("run"), _table(parts), _table(self._options(rows))),
            tuple(code.Keyword(name, value) for name, value in keywords.items()),
        )
        begun = quote("checkpoints = MADE\ncheckpoints.begin(resume)", MADE=made)
        if self._settings.best is None or not self.spec.loss_learns:
            return begun
        late = quote(
            """
            # Imported here: predict.py needs the loss of this module.
            from .predict import save

            """
        )
        return (*late, *begun)

    def _options(self, rows: str) -> dict[str, code.Expression]:
        """What must be the same to go on, beside what has a state."""
        training = self.spec.training
        found: dict[str, code.Expression] = {"rows": quoted("len(ROWS)", ROWS=rows)}
        if not self.spec.full_batch:
            found["batch_size"] = code.Name("batch_size")
        if training.seed is not None:
            found["seed"] = code.Name("seed")
        if self.spec.is_distributed:
            found["processes"] = code.Name("shares.count")
        if self.spec.data.folds is not None:
            found["fold"] = code.Name("fold")
        found["device"] = quoted("torch.device(device).type")
        found["loss"] = code.Constant(" + ".join(map(_said, self.spec.losses)))
        for name, value in training:
            if name in _FREE or value == type(training).model_fields[name].default:
                continue
            if isinstance(value, bool | int | float | str):
                found[name] = constant(value)
            elif isinstance(value, Section):
                said = ", ".join(f"{key} = {item}" for key, item in value)
                found[name] = code.Constant(said)
            elif name == "freeze":
                found[name] = _table({k: code.Constant(v) for k, v in _frozen(value).items()})
        return found

    def around(self, loop: Statements) -> Statements:
        return quote("with checkpoints:\n    LOOP", LOOP=loop)

    def passed(self) -> tuple[code.Arg, ...]:
        if self.spec.full_batch:
            return ()
        return (code.Arg("checkpoints", code.Name(self._kind)),)

    def after_batch(self) -> Statements:
        if self.spec.counts_steps:
            return quote("checkpoints.reached(batches.step)")
        return quote("checkpoints.pause()")

    def after_epoch(self) -> Statements:
        found: Statements = ()
        best = self._settings.best
        if best is not None:
            value = monitored(best)
            if self.spec.is_better_higher(best):
                value = code.UnaryOp("-", value)
            found = self._noted(value)
        if self.spec.counts_steps:
            return found
        return (*found, *quote("checkpoints.reached(epoch)"))

    def _noted(self, value: code.Expression) -> Statements:
        """How the best weights are kept as all the run's are, for whoever asks the model."""
        beside = "".join(f"{name}, " for name in kept(self.spec))
        saved = f"with checkpoints.best_weights() as weights:\n    save(KEPT, {beside}weights)"
        kept_model = self.spec.kept_model
        if self.spec.training.distributed != "fsdp":
            first = " and is_first()" if self.spec.is_distributed else ""
            return quote(
                f"if checkpoints.note(VALUE){first}:\n    SAVED",
                VALUE=value,
                SAVED=quote(saved, KEPT=kept_model),
            )
        return quote(
            f"""
            if checkpoints.note(VALUE):
                best = gathered({kept_model}, Model().to(device))
                if is_first():
                    SAVED
            """,
            VALUE=value,
            Model=self.model.class_name,
            SAVED=quote(saved, KEPT="best"),
        )

    @property
    def _kind(self) -> str:
        return "SharedCheckpoints" if self.spec.is_distributed else "Checkpoints"

    @property
    def _settings(self) -> CheckpointSettings:
        settings = self.spec.training.checkpoint
        assert settings is not None
        return settings


def _table(items: Mapping[str, code.Expression]) -> code.Dict:
    return code.Dict(tuple((code.Constant(name), value) for name, value in items.items()))


def _frozen(entries: Sequence[Freeze]) -> dict[str, str]:
    """How long what a pattern matches is frozen, and whether in eval mode, in words."""
    found: dict[str, str] = {}
    for entry in entries:
        mode = "in eval mode, " if entry.eval else ""
        until = "for ever" if entry.until is None else f"until {entry.until}"
        found |= dict.fromkeys(entry.match, mode + until)
    return found


def _said(term: LossTerm) -> str:
    """A loss in words, to tell it from another one."""
    said = term.name
    if term.loss is not None:
        given = [f"{name}={value}" for name, value in term.loss.given().items()]
        said = f"{type(term.loss).__name__}({', '.join(given)})"
    if not isinstance(term.scale, int | float):
        return f"({term.scale.text}) * {said}"
    return said if term.scale == 1 else f"{term.scale:g} * {said}"
