"""What the generated code calls the rows on their way: loaded, split, prepared."""

from __future__ import annotations

from collections.abc import Iterator

from ...spec.data.base import Columns
from ..emit import code
from ..emit.quote import quoted
from ..training.data_spec import Data
from ..training.training_spec import TrainingSpec


def place(data: Data) -> str | None:
    """What functions call the argument that leads to the rows; None where nothing does."""
    if data.has_files:
        return "folder"
    return data.source.place


def place_args(data: Data) -> tuple[code.Arg, ...]:
    """The arguments that lead to the rows, as functions declare them."""
    name = place(data)
    if name is None:
        return ()
    return (code.Arg(name, place_type(data), code.Name(name.upper())),)


def place_type(data: Data) -> code.Expression:
    """The type of what leads to the rows."""
    return code.Name("str") if data.source.place == "url" else quoted("str | Path")


def fold_args(data: Data) -> tuple[code.Arg, ...]:
    """The argument that says which fold is held out, as functions declare it."""
    if data.folds is None:
        return ()
    return (code.Arg("fold", code.Name("int"), code.Constant(0)),)


def loader(data: Data) -> str:
    """The function that loads the rows, or the parts of them."""
    if data.is_split:
        return "load_parts"
    return f"load_{data.rows}"


def loaded(data: Data, given: str = "") -> code.Expression:
    """The call that loads them. given: what stands before the names of the arguments."""
    names = [place(data), *(arg.name for arg in fold_args(data))]
    # On a command line the place of the rows is called data.
    said = [f"{given}{'data' if given and n != 'fold' else n}" for n in names if n is not None]
    return code.Call(code.Name(loader(data)), tuple(map(code.Name, said)))


def data_imports(spec: TrainingSpec) -> Iterator[code.ImportFrom]:
    """What the functions that load rows by default need."""
    name = place(spec.data)
    if name is not None:
        yield code.ImportFrom(".data", (name.upper(),))
        if name != "url":
            yield code.ImportFrom("pathlib", ("Path",))
    if spec.data.source.tokenizer_path is not None:
        yield code.ImportFrom(".data", ("TOKENIZER",))


def rows_type(spec: TrainingSpec) -> str:
    """What the functions of training take: prepared rows, or what gives them batch by batch."""
    return "Stream" if spec.data.streams else "Data"


def needs_library(spec: TrainingSpec) -> bool:
    """Whether a library that may be missing reads the rows, or shows the log."""
    source = spec.data.source
    reads = isinstance(source, Columns) and source.library
    return reads or source.tokenizer_path is not None or bool(spec.training.log_to)
