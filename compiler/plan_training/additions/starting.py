"""Starting weights: a new model begins with what another training has left."""

from __future__ import annotations

from collections.abc import Iterator

from ....spec.training import Start
from ...emit import code
from ...emit.quote import quote
from ...plan.values import constant
from ...training.training_spec import StartTerm
from .addition import Addition, Import, Statements


class Starting(Addition):
    """`start` of `[training]`; a run that goes on has its weights from a checkpoint."""

    def imports(self) -> Iterator[Import]:
        yield code.ImportFrom(".starting_weights", ("start_from",))
        if self.spec.training.checkpoint is not None:
            yield code.ImportFrom(".checkpoints", ("has_checkpoint",))

    def modules(self) -> Iterator[str]:
        yield from ("library", "starting_weights")

    def after_model(self) -> Statements:
        started = tuple(code.Expr(_call(term)) for term in self.spec.starts)
        if self.spec.training.checkpoint is None:
            return started
        return quote("if not (resume and has_checkpoint(run)):\n    STARTED", STARTED=started)


def _call(term: StartTerm) -> code.Expression:
    keywords: list[code.Keyword] = []
    if term.globs:
        keywords.append(code.Keyword("match", constant(term.globs)))
    if term.rename:
        items = ((code.Constant(old), code.Constant(new)) for old, new in term.rename.items())
        keywords.append(code.Keyword("rename", code.Dict(tuple(items))))
    if term.strict != Start.model_fields["strict"].default:
        keywords.append(code.Keyword("strict", constant(term.strict)))
    given = (code.Name("model"), code.Constant(term.path))
    return code.Call(code.Name("start_from"), given, tuple(keywords))
