"""Windows of a text fit the model."""

from __future__ import annotations

from typing import Final

from ...spec.data.base import Source
from ...spec.data.text import Text
from ...spec.names import is_identifier
from ...spec.source import Path
from ...spec.tensor.type import TensorType, shape_text
from ..elaborate.interface import ModelInterface
from ..elaborate.typed import TypedGraph
from ..resolve.bound import Input
from ..resolve.problems import Problems
from .data_spec import Data
from .training_spec import TrainingSpec

_BYTES: Final = 256


def check_text(
    spec: TrainingSpec, model: ModelInterface, typed: TypedGraph, problems: Problems
) -> None:
    """Reports a model, a window or a split that a text can't be brought to."""
    if len(model.inputs) > 1:
        said = f"a text feeds one input, the model has {len(model.inputs)}"
        problems.error("several-inputs", said, ("data", "type"))
        return
    ((name, tensor),) = model.inputs
    place: Path = ("model", "inputs", name)
    if tensor.dtype != "int64" or tensor.rank != 2:
        said = f"{name} is {tensor}: a text gives tokens, (batch, time) int64"
        problems.error("shape-mismatch", said, place, labels=[(("data", "type"), None, "the text")])
    elif spec.data.window is None:
        said = "[data] of type text needs window: how many tokens the model sees at once"
        problems.error("missing-key", said, ("data",), help="window = { length = 64 }")
    else:
        _check_length(name, tensor, spec.data.window.length, model, typed, problems)
    written = problems.raw(("data", "inputs", name))
    if isinstance(written, dict):
        for key in written:
            said = f"a text has no columns: {key} is for tables"
            problems.error("no-columns", said, ("data", "inputs", name, key), part="key")
    _check_vocabulary(name, spec.data.source, typed, problems)
    _check_split(spec.data, problems)
    if spec.full_batch:
        said = 'the windows of a text are read in batches: batch_size is a number, not "all"'
        problems.error("invalid-value", said, ("training", "batch_size"))


def _check_length(
    name: str,
    tensor: TensorType,
    length: int,
    model: ModelInterface,
    typed: TypedGraph,
    problems: Problems,
) -> None:
    """Whether the model takes windows of a length."""
    place: Path = ("model", "inputs", name)
    said, size = None, tensor.shape[1]
    if size.is_constant:
        said = None if int(size) == length else f"{name} takes {size} tokens"
    elif not is_identifier(str(size)):
        said = f"{name} is {shape_text(tensor.shape)}: windows need a name alone for their length"
    else:
        sizes = {str(tensor.shape[0]): model.smallest_batch, str(size): length}
        facts = typed.facts
        if facts is not None and {symbol.name for symbol in facts.symbols} <= sizes.keys():
            broken = [str(c) for c in facts.conditions if not c.holds(sizes)]
            said = f"the model demands {broken[0]}" if broken else None
            sizes = sizes if broken else {**sizes, **facts.new_sizes(sizes)}
        for need in typed.needs if said is None else ():
            known = {symbol.name for symbol in need.bound.dim.symbols} <= sizes.keys()
            if known and not need.bound.holds(sizes):
                said = f"the model demands {need.bound}"
    if said is not None:
        written = problems.raw(("data", "window", "length"))
        problems.error(
            "window-length",
            f"windows have {length} tokens, {said}",
            ("data", "window", "length") if written is not None else ("data", "window"),
            labels=[(place, None, "declared here")],
        )


def _check_vocabulary(name: str, source: Source, typed: TypedGraph, problems: Problems) -> None:
    """Whether an embedding of the tokens has a row for each byte."""
    if not isinstance(source, Text) or source.tokenizer != "bytes":
        return
    for node in typed.root.nodes:
        count = getattr(node.layer, "num_embeddings", None)
        call = node.node.call
        read = [argument.value for _, argument in call.arguments] if call is not None else []
        is_first = any(isinstance(value, Input) and value.name == name for value in read)
        if count is not None and is_first and int(count) < _BYTES:
            problems.error(
                "wrong-vocabulary",
                f"there are {_BYTES} bytes, {node.name} has {count} embeddings",
                ("data", "tokenizer"),
                labels=[(node.node.path, None, "the embeddings")],
            )


def _check_split(data: Data, problems: Problems) -> None:
    path: Path = ("data", "split")
    if data.folds is not None:
        said = "a text has no folds: windows of one would be between those of others"
        problems.error("wrong-split", said, ("data", "folds"), part="key")
    elif data.split is not None and data.split.by not in (None, "time"):
        said = "the parts of a text follow each other, so that no window is in two of them"
        problems.error("wrong-split", said, (*path, "by"), help='leave it out, or by = "time"')
    elif data.split is not None and data.split.column is not None:
        problems.error("no-columns", "text has no columns with names", (*path, "column"))
    elif data.has_files and problems.raw(("data", "path")) is not None:
        said = "the parts have files of their own: there is no path beside them"
        problems.error("conflict", said, ("data", "path"), labels=[(path, None, "the files")])
