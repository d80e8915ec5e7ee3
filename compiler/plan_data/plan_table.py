"""Sources with named columns -> the statements of `data.py` that read them."""

from __future__ import annotations

from collections.abc import Iterator

from ...spec.data.base import Columns
from ...spec.data.own import OwnFunction
from ..emit import code
from ..emit.quote import quote
from ..plan.values import constant
from ..training.training_spec import TrainingSpec
from .rows import place_type


def table_imports(spec: TrainingSpec, source: Columns) -> Iterator[code.ImportFrom]:
    """What `load_table` needs."""
    if source.place == "path":
        yield code.ImportFrom("pathlib", ("Path",))
    yield code.ImportFrom(".table", ("Table",))
    if isinstance(source, OwnFunction):
        yield code.ImportFrom(f".{source.file.module}", (source.name,))
    yield code.ImportFrom(f".{source.module}", (source.function,))


def table_constants(spec: TrainingSpec, source: Columns) -> tuple[code.Statement, ...]:
    """Where the rows are."""
    if source.place is None:
        return ()
    if spec.data.has_files:
        return quote("FOLDER = Path()  # the current one")
    where = code.Constant(getattr(source, source.place))
    if source.place == "url":
        return quote("URL = WHERE", WHERE=where)
    return quote("PATH = Path(WHERE)  # below the current folder", WHERE=where)


def load_table(spec: TrainingSpec, source: Columns) -> tuple[code.Statement, ...]:
    """`load_table`."""
    if isinstance(source, OwnFunction):
        return _own(source)
    assert source.place is not None
    default = None if spec.data.has_files else code.Name(source.place.upper())
    options = tuple(code.Keyword(key, constant(value)) for key, value in source.options().items())
    read = code.Call(code.Name(source.function), (code.Name(source.place),), options)
    body = quote("return READ", READ=read)
    says = f"Return all rows of the {source.said}."
    arg = code.Arg(source.place, place_type(spec.data), default)
    return (code.FunctionDef("load_table", (arg,), code.Name("Table"), says, body),)


def _own(source: OwnFunction) -> tuple[code.Statement, ...]:
    name = f"{source.file.module}.py:{source.name}"
    return quote(
        '''
        def load_table() -> Table:
            """Return all rows that a function of our own gives."""
            return own_table(NAME, CALLED())
        ''',
        NAME=code.Constant(name),
        CALLED=source.name,
    )
