"""The examinations of a spec, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch

from ..compiler.compile import Checked, package
from ..compiler.elaborate.summarize import summarize
from ..loading import import_package
from ..spec.source import Document
from .against import Reference, compare
from .behaviour import (
    examine_determinism,
    examine_export,
    examine_learning,
    examine_saving,
)
from .finding import Finding, failed, passed
from .gradients import examine_derivatives, examine_gradients
from .structure import examine_parameters, examine_shapes, examine_state
from .subject import Subject
from .training import examine_training

Examination = Callable[[Subject], Finding]

_EXAMINATIONS: tuple[tuple[str, Examination], ...] = (
    ("state_dict", examine_state),
    ("parameters", examine_parameters),
    ("shapes", examine_shapes),
    ("gradients", examine_gradients),
    ("gradcheck", examine_derivatives),
    ("determinism", examine_determinism),
    ("learning", examine_learning),
    ("training", examine_training),
    ("saving", examine_saving),
    ("export", examine_export),
)


def verify(
    checked: Checked, document: Document, name: str, against: Reference | None = None
) -> Iterator[Finding]:
    """Build, import and examine the package of a sound spec.

    name: the base name of the spec. against: a module written by hand that must be equal, as
    `package.module:Class`.
    """
    files = package(checked, document, name, ())
    summary = summarize(checked.typed)
    try:
        module = import_package(summary["package"], files)
    except Exception as error:
        # Whatever a layer of one's own does when it is imported.
        yield failed("build", f"{type(error).__name__}: {error}")
        return
    yield passed("build", f"{len(files)} files, imported with torch {torch.__version__}")
    subject = Subject(checked, module, summary)
    for what, examine in _EXAMINATIONS:
        yield examined(what, examine, subject)
    if against is not None:
        yield from compare(subject, against)


def examined(what: str, examine: Examination, subject: Subject) -> Finding:
    """What an examination finds; an error that it ends with is a finding, too."""
    try:
        return examine(subject)
    except Exception as error:
        said = " ".join(str(error).split())
        return failed(what, f"{type(error).__name__}: {said}")
