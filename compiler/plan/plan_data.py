"""TrainingSpec -> `data.py`: where the rows come from, how they are split and prepared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ...spec.data.base import Known
from ...spec.data.lists import Lists
from ...spec.data.tables import Csv
from ...spec.losses.base import Targets
from ...spec.tensor.type import TensorType, product
from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.imports import arranged
from ..emit.package import Copied, Rendered, Slot
from ..emit.quote import quote, quoted
from ..training.training_spec import TrainingSpec
from .data_classes import (
    PREPARATIONS,
    DataFields,
    data_class,
    data_fields,
    local_name,
    parts_class,
    preparation_class,
    row_type,
)
from .plan_lists import list_constant, list_loading
from .values import constant


def plan_data(spec: TrainingSpec, model: ModelInterface) -> Iterator[Rendered | Copied]:
    """`data.py` and the modules that it imports."""
    fields = data_fields(spec, model)
    classes = (
        *data_class(spec, model, fields),
        *parts_class(spec),
        *preparation_class(spec, fields),
    )
    imports = [*_imports(spec)]
    if isinstance(spec.source, Csv):
        table = (*_constants(spec.source), *classes, *_table_functions(spec, model, fields))
        body = (*arranged(imports), *table, *_load_parts(spec, fields))
        yield Rendered("data.py", "data.py.jinja", {"body": Slot(body)})
        yield Copied("csv_table.py")
        if _has_bounds(spec):
            yield Copied("bounded_column.py")
    elif isinstance(spec.source, Lists):
        listed = (*list_constant(spec.source, model, fields), *classes)
        listed += list_loading(spec.source, model, fields)
        body = (*arranged(imports), *listed, *_load_parts(spec, fields))
        yield Rendered("data.py", "data.py.jinja", {"body": Slot(body)})
    elif isinstance(spec.source, Known):
        slots = {
            "body": Slot((*arranged(imports), *classes)),
            "load": Slot(_load_known(spec.source, fields), indent=4),
            "splits": Slot(_load_parts(spec, fields)),
        }
        yield Rendered("data.py", "data_sklearn.py.jinja", slots)
    if spec.split is not None:
        yield Copied(f"{spec.split.by}_split.py")
    for name in sorted(set(spec.prepared.values())):
        yield Copied(f"{name}.py")


def _imports(spec: TrainingSpec) -> Iterator[code.Import | code.ImportFrom]:
    yield code.ImportFrom("__future__", ("annotations",))
    yield code.ImportFrom("dataclasses", ("dataclass",))
    yield code.Import("torch")
    yield code.ImportFrom("torch", ("Tensor",))
    if not spec.full_batch:
        yield code.ImportFrom("collections.abc", ("Iterator",))
    if spec.split is not None:
        yield code.ImportFrom("typing", ("NamedTuple",))
        yield code.ImportFrom(f".{spec.split.by}_split", (f"{spec.split.by}_split",))
    if isinstance(spec.source, Lists):
        yield code.ImportFrom("typing", ("Any",))
    if isinstance(spec.source, Csv):
        yield code.ImportFrom("pathlib", ("Path",))
        names = ["Table", "numbers", "read_csv"]
        names += ["labels"] if spec.targets.only is not None else []
        names += ["feature_names"] if spec.finds_columns else []
        yield code.ImportFrom(".csv_table", tuple(names))
        if _has_bounds(spec):
            yield code.ImportFrom(".bounded_column", ("bounded",))
        if spec.finds_columns:
            yield code.ImportFrom("collections.abc", ("Sequence",))
    for module in set(spec.prepared.values()):
        yield code.ImportFrom(f".{module}", (PREPARATIONS[module],))


def _load_known(source: Known, fields: DataFields) -> tuple[code.Statement, ...]:
    """The body of `load_data` for a function of sklearn.datasets."""
    ((name, tensor),) = fields.inputs.items()
    arguments = [code.Keyword(key, constant(value)) for key, value in source.given().items()]
    if source.type_name().startswith("load_"):
        arguments.append(code.Keyword("return_X_y", code.Constant(True)))
    call = code.Call(code.Name(f"datasets.{source.type_name()}"), (), tuple(arguments))
    made = [code.Keyword(name, _shaped(name, tensor, source.features()))]
    if fields.target is not None:
        made.append(code.Keyword("target", _shaped("target", fields.target, source.targets())))
    return quote(
        """
        NAMES = CALL
        return MADE
        """,
        NAMES=quoted("NAME, TARGET", NAME=name, TARGET="target" if fields.target else "_"),
        CALL=call,
        MADE=code.Call(code.Name("Data"), (), tuple(made)),
    )


def _shaped(name: str, tensor: TensorType, columns: int) -> code.Expression:
    """A tensor of a row's shape, made of the library's array: (rows,) or (rows, columns)."""
    made = quoted("torch.tensor(NAME, dtype=DTYPE)", NAME=name, DTYPE=f"torch.{tensor.dtype}")
    is_target = name == "target"
    flat = is_target and columns == 1
    if tensor.rank == (1 if flat else 2):
        return made
    if flat and tensor.rank == 2:
        return quoted("MADE.unsqueeze(1)", MADE=made)
    sizes = tuple(code.Constant(int(size)) for size in tensor.shape[1:])
    return code.Call(code.Attribute(made, "reshape"), (quoted("-1"), *sizes))


def _constants(source: Csv) -> tuple[code.Statement, ...]:
    return quote("PATH = Path(FILE)  # below the current folder", FILE=code.Constant(source.path))


def _table_functions(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    """How the inputs and all rows are read from a CSV file."""
    statements = _find_columns(spec, model)
    for name, tensor in model.inputs:
        statements += _read_input(spec, name, tensor)
    read = [
        code.Keyword(n, quoted(f"READ({READ_FROM[spec.finds_columns]})", READ=f"read_{n}"))
        for n in fields.inputs
    ]
    if fields.target is not None:
        target = _read_target(spec, fields.target)
        if fields.target.rank != 2:
            target = _reshaped(target, fields.target)
        read.append(code.Keyword("target", target))
    made = code.Call(code.Name("Data"), (), tuple(read))
    found: tuple[code.Statement, ...] = ()
    says = "Return all rows of a CSV file."
    if spec.finds_columns:
        found = quote("columns = columns or feature_columns(table)")
        says += f"\n\nArgs:\n    {_COLUMNS}"
    says += (
        "\n\nRaises:\n    TableError: a column is missing, or holds something else than numbers."
    )
    body = quote("table = read_csv(path)\nFOUND\nreturn MADE", FOUND=found, MADE=made)
    load = code.FunctionDef("load_data", _load_args(spec), code.Name("Data"), says, body)
    return (*statements, load)


READ_FROM: Final = {False: "table", True: "table, columns"}
"""What an input is read from, by whether the spec leaves its columns to the table."""
_COLUMNS: Final = "columns: those of the features; by default all but the target's"


def _has_bounds(spec: TrainingSpec) -> bool:
    """Whether a table's target must lie within bounds."""
    is_table = isinstance(spec.source, Csv) and spec.target is not None
    return is_table and (spec.targets.low, spec.targets.high) != (None, None)


def _read_target(spec: TrainingSpec, target: TensorType) -> code.Expression:
    targets, column = spec.targets, code.Constant(spec.target)
    dtype = code.Name(f"torch.{target.dtype}")
    if targets.only is not None:
        args = (code.Name("table"), column, _allowed(targets), dtype)
        return code.Call(code.Name("labels"), args)
    if not _has_bounds(spec):
        return quoted("numbers(table, [COLUMN], DTYPE)", COLUMN=column, DTYPE=dtype)
    bounds = {"low": targets.low, "high": targets.high}
    given = tuple(code.Keyword(k, constant(v)) for k, v in bounds.items() if v is not None)
    return code.Call(code.Name("bounded"), (code.Name("table"), column, dtype), given)


def _allowed(targets: Targets) -> code.Expression:
    """The numbers of the classes."""
    only = targets.only
    if not isinstance(only, range):
        return constant(only)
    bounds = (only.start, only.stop) if only.start else (only.stop,)
    numbers = code.Call(code.Name("range"), tuple(map(constant, bounds)))
    if not targets.also:
        return numbers
    return code.Tuple((*map(constant, targets.also), code.Starred(numbers)))


def _find_columns(spec: TrainingSpec, model: ModelInterface) -> tuple[code.Statement, ...]:
    """The function that says which columns reach the only input."""
    if not spec.finds_columns:
        return ()
    ((_, tensor),) = model.inputs
    return quote(
        '''
        def feature_columns(table: Table) -> list[str]:
            """Return the names of all columns{BUT}.

            Raises:
                TableError: these are not {WIDTH}.
            """
            return feature_names(table, target=TARGET, expected=COUNT)
        ''',
        BUT=" but the target's" * (spec.target is not None),
        WIDTH=str(product(tensor.shape[1:])),
        TARGET=code.Constant(spec.target),
        COUNT=code.Constant(int(product(tensor.shape[1:]))),
    )


def _load_args(spec: TrainingSpec) -> tuple[code.Arg, ...]:
    """What the functions that load a table take."""
    args: tuple[code.Arg, ...] = (code.Arg("path", quoted("str | Path"), code.Name("PATH")),)
    if spec.finds_columns:
        kind = quoted("Sequence[str] | None")
        args += (code.Arg("columns", kind, code.Constant(None)),)
    return args


def _read_input(spec: TrainingSpec, name: str, tensor: TensorType) -> tuple[code.Statement, ...]:
    names: tuple[code.Statement, ...] = ()
    args: tuple[code.Arg, ...] = (code.Arg("table", code.Name("Table")),)
    if spec.finds_columns:
        args += (code.Arg("columns", quoted("Sequence[str]")),)
    else:
        given = spec.inputs[name].columns or ()
        names = quote("columns = NAMES", NAMES=code.List(tuple(map(code.Constant, given))))
    made = quoted("numbers(table, columns, DTYPE)", DTYPE=f"torch.{tensor.dtype}")
    if tensor.rank != 2:
        made = _reshaped(made, tensor)
    says = f"Return the input `{name}` of all rows: {row_type(tensor)}."
    body = quote("NAMES\nreturn MADE", NAMES=names, MADE=made)
    return (code.FunctionDef(f"read_{local_name(name)}", args, code.Name("Tensor"), says, body),)


def _reshaped(made: code.Expression, tensor: TensorType) -> code.Expression:
    if tensor.rank == 1:
        return quoted("MADE.squeeze(1)", MADE=made)
    sizes = tuple(code.Constant(int(size)) for size in tensor.shape[1:])
    return code.Call(code.Attribute(made, "reshape"), (quoted("-1"), *sizes))


def _load_parts(spec: TrainingSpec, fields: DataFields) -> tuple[code.Statement, ...]:
    if spec.split is None:
        return ()
    parts = list(spec.parts)
    shares = tuple(code.Constant(share) for share in spec.parts.values())
    of: code.Expression = quoted("len(data)")
    if spec.split.by == "stratified":
        assert fields.target is not None
        of = quoted("data.target" if fields.target.rank == 1 else "data.target.flatten()")
    load = quoted("load_data()")
    args: tuple[code.Arg, ...] = ()
    if isinstance(spec.source, Csv):
        load = quoted("load_data(path, columns)" if spec.finds_columns else "load_data(path)")
        args = _load_args(spec)
    divided = quoted(
        "SPLIT(OF, SHARES, seed=SEED)",
        SPLIT=f"{spec.split.by}_split",
        OF=of,
        SHARES=code.Tuple(shares),
        SEED=code.Constant(spec.split.seed),
    )
    made = code.Call(code.Name("Parts"), tuple(quoted("data[PART]", PART=name) for name in parts))
    body = quote(
        """
        data = LOAD
        PARTS = DIVIDED
        return MADE
        """,
        LOAD=load,
        PARTS=code.Tuple(tuple(map(code.Name, parts))),
        DIVIDED=divided,
        MADE=made,
    )
    says = "Return all rows, split by what they are used for."
    if spec.finds_columns:
        says += f"\n\nArgs:\n    {_COLUMNS}"
    return (code.FunctionDef("load_parts", args, code.Name("Parts"), says, body),)
