"""`split` and `folds` -> the statements that part the rows by their use."""

from __future__ import annotations

from collections.abc import Iterator

from ...spec.data.split import Split
from ...spec.record import Record
from ..emit import code
from ..emit.quote import quote, quoted
from ..plan.values import constant
from ..training.data_spec import Data
from ..training.training_spec import TrainingSpec
from .data_classes import DataFields
from .rows import fold_args, place, place_args

_RANDOM = Split()
_USES = {"train": "to learn", "validation": "to watch the training", "test": "to judge it"}


class Division(Record):
    """How rows are parted: a call, with the functions and modules that it needs."""

    value: code.Expression
    imports: tuple[code.ImportFrom, ...]


def parts_class(data: Data) -> tuple[code.Statement, ...]:
    """`Parts`: what the rows are used for; nothing where they are not split."""
    if not data.is_split:
        return ()
    said = [_USES[name] for name in data.parts]
    listed = f"{', '.join(said[:-1])} and {said[-1]}" if len(said) > 1 else said[0]
    kind = code.Name(data.source.held)
    return quote(
        '''
        class Parts(NamedTuple):
            """All rows by their use: {LISTED}."""

            FIELDS
        ''',
        LISTED=listed,
        FIELDS=[code.Assign(code.Name(name), None, kind) for name in data.parts],
    )


def split_imports(spec: TrainingSpec, fields: DataFields) -> Iterator[code.ImportFrom]:
    """What `load_parts` needs."""
    if not spec.data.is_split:
        return
    yield code.ImportFrom("typing", ("NamedTuple",))
    if not spec.data.has_files:
        yield from _division(spec, fields).imports
    if spec.data.folds is not None:
        yield code.ImportFrom(".fold", ("hold_out",))


def load_parts(spec: TrainingSpec, fields: DataFields) -> tuple[code.Statement, ...]:
    """`load_parts`; nothing where the rows are not split."""
    data = spec.data
    if not data.is_split:
        return ()
    says = "Return all rows, split by what they are used for."
    if data.has_files:
        assert data.split is not None
        files = map(code.Constant, data.split.parts().values())
        tables = tuple(quoted("load_table(Path(folder) / FILE)", FILE=file) for file in files)
        body = quote("return MADE", MADE=code.Call(code.Name("Parts"), tables))
        says = "Return all rows, each part from its file."
        return (code.FunctionDef("load_parts", place_args(data), code.Name("Parts"), says, body),)
    if data.folds is not None:
        says += f"\n\nArgs:\n    fold: which of {data.folds} is held out for validation, from 0"
    rows = data.rows
    names = code.Tuple(tuple(map(code.Name, data.parts)))
    divided = _division(spec, fields).value
    parted = quote("NAMES = DIVIDED", NAMES=names, DIVIDED=divided)
    if data.folds is not None:
        parted = quote(
            "folds = DIVIDED\nNAMES = hold_out(folds, fold)", NAMES=names, DIVIDED=divided
        )
    made = tuple(quoted(f"{rows}[PART]", PART=name) for name in data.parts)
    where = place(data)
    load = quoted(f"load_{rows}({where or ''})")
    body = quote(
        f"""
        {rows} = LOAD
        PARTED
        return MADE
        """,
        LOAD=load,
        PARTED=parted,
        MADE=code.Call(code.Name("Parts"), made),
    )
    args = (*place_args(data), *fold_args(data))
    return (code.FunctionDef("load_parts", args, code.Name("Parts"), says, body),)


def _division(spec: TrainingSpec, fields: DataFields) -> Division:
    """The call that gives the row numbers of each part, or of each fold."""
    data = spec.data
    split = data.split or _RANDOM
    if split.kind == "values":
        return _by_values(split)
    shares = _shares(data, split)
    if split.kind == "time":
        return _by_time(split, data, shares)
    seed = code.Keyword("seed", code.Constant(split.seed))
    name = {"groups": "group_split"}.get(split.kind, f"{split.kind}_split")
    of, helpers = _told_apart(split, spec, fields)
    call = code.Call(code.Name(name), (of, shares), (seed,))
    return Division(call, (code.ImportFrom(f".{name}", (name,)), *helpers))


def _shares(data: Data, split: Split) -> code.Expression:
    if data.folds is None:
        return constant(tuple(float(share) for share in split.parts().values()))
    share = quoted("1 / FOLDS", FOLDS=code.Constant(data.folds))
    return code.BinOp(code.Tuple((share,)), "*", code.Constant(data.folds))


def _told_apart(
    split: Split, spec: TrainingSpec, fields: DataFields
) -> tuple[code.Expression, tuple[code.ImportFrom, ...]]:
    """By what a split tells rows apart: their count, or the class or group of each."""
    rows = spec.data.rows
    if split.kind == "random":
        return quoted(f"len({rows})"), ()
    if spec.data.is_table:
        column = split.column if split.kind == "groups" else spec.data.target_columns[0]
        cells = quoted("class_numbers(table.column(NAME))", NAME=code.Constant(column))
        return cells, (code.ImportFrom(".categories", ("class_numbers",)),)
    assert fields.target is not None
    return quoted("data.target" if fields.target.rank == 1 else "data.target.flatten()"), ()


def _by_values(split: Split) -> Division:
    parts = [(part,) if isinstance(part, str) else part for part in split.parts().values()]
    values = tuple(code.List(tuple(map(code.Constant, part))) for part in parts)
    call = code.Call(
        code.Name("value_split"), (code.Name("table"), code.Constant(split.column), *values)
    )
    return Division(call, (code.ImportFrom(".value_split", ("value_split",)),))


def _by_time(split: Split, data: Data, shares: code.Expression) -> Division:
    if split.column is None:
        rows = data.rows
        call = quoted(f"in_order(len({rows}), SHARES)", SHARES=shares)
        return Division(call, (code.ImportFrom(".in_order", ("in_order",)),))
    column = code.Constant(split.column)
    call = quoted("time_split(table, COLUMN, SHARES)", COLUMN=column, SHARES=shares)
    return Division(call, (code.ImportFrom(".time_split", ("time_split",)),))
