"""TrainingSpec -> `data.py`: where the rows come from, how they are split and prepared."""

from __future__ import annotations

from collections.abc import Iterator

from ...spec.data.base import Columns, Known
from ...spec.data.lists import Lists
from ...spec.data.own import OwnFunction
from ...spec.data.random import Random
from ...spec.data.text import Text
from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.imports import arranged
from ..emit.package import Copied, Rendered, Slot
from ..training.training_spec import TrainingSpec
from .data_classes import DataFields, data_class, data_fields
from .plan_images import image_constant, image_imports
from .plan_known import load_known
from .plan_lists import list_constant, list_loading
from .plan_preparation import preparation_class, preparation_imports, preparation_modules
from .plan_random import random_imports, random_statements
from .plan_split import load_parts, parts_class, split_imports
from .plan_table import load_table, table_constants, table_imports
from .plan_text import text_imports, text_statements
from .rows import needs_library
from .target_code import target_imports


def plan_data(spec: TrainingSpec, model: ModelInterface) -> Iterator[Rendered | Copied]:
    """`data.py` and the modules that it imports."""
    fields, source = data_fields(spec, model), spec.data.source
    if isinstance(source, Random):
        imports = arranged(random_imports(source))
        body = (*imports, *random_statements(source, model, fields))
        yield Rendered("data.py", "data.py.jinja", {"body": Slot(body)})
        return
    if isinstance(source, Text):
        yield from _plan_text(spec, source, model, fields)
        return
    classes = (
        *data_class(spec, model, fields),
        *parts_class(spec.data),
        *preparation_class(spec, model, fields),
    )
    imports = arranged(_imports(spec, model, fields))
    parted = load_parts(spec, fields)
    if isinstance(source, Known):
        slots = {
            "body": Slot((*imports, *classes)),
            "load": Slot(load_known(source, fields), indent=4),
            "splits": Slot(parted),
        }
        yield Rendered("data.py", "data_sklearn.py.jinja", slots)
    else:
        constants, loading = _loading(spec, model, fields)
        body = (*imports, *constants, *classes, *loading, *parted)
        yield Rendered("data.py", "data.py.jinja", {"body": Slot(body)})
    yield from map(Copied, sorted(_modules(spec, imports)))


def _plan_text(
    spec: TrainingSpec, source: Text, model: ModelInterface, fields: DataFields
) -> Iterator[Rendered | Copied]:
    imports = arranged(
        (
            code.ImportFrom("__future__", ("annotations",)),
            code.ImportFrom("collections.abc", ("Iterator",)),
            code.ImportFrom("dataclasses", ("dataclass",)),
            code.Import("torch"),
            code.ImportFrom("torch", ("Tensor",)),
            *text_imports(spec, source),
        )
    )
    body = (*imports, *text_statements(spec, source, fields, model.smallest_batch))
    yield Rendered("data.py", "data.py.jinja", {"body": Slot(body)})
    yield from map(Copied, sorted(_modules(spec, imports)))


def _loading(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[tuple[code.Statement, ...], tuple[code.Statement, ...]]:
    """The constants that say where the rows are, or hold them, and the functions that load them."""
    source = spec.data.source
    if isinstance(source, Columns):
        constants = (*table_constants(spec, source), *image_constant(spec, model))
        return constants, load_table(spec, source)
    assert isinstance(source, Lists)
    return list_constant(source, model, fields), list_loading(source, model, fields)


def _imports(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> Iterator[code.Import | code.ImportFrom]:
    yield code.ImportFrom("__future__", ("annotations",))
    yield code.ImportFrom("dataclasses", ("dataclass",))
    if not (spec.data.is_images and spec.data.streams and fields.target is None):
        yield code.Import("torch")
    yield code.ImportFrom("torch", ("Tensor",))
    if not (spec.full_batch or spec.data.streams):
        yield code.ImportFrom("collections.abc", ("Iterator",))
    if isinstance(spec.data.source, Lists):
        yield code.ImportFrom("typing", ("Any",))
    if isinstance(spec.data.source, Columns):
        yield from table_imports(spec, spec.data.source)
    yield from image_imports(spec, model)
    yield from split_imports(spec, fields)
    yield from preparation_imports(spec)
    yield from target_imports(spec)


def _modules(spec: TrainingSpec, imports: tuple[code.Import | code.ImportFrom, ...]) -> set[str]:
    """The files that are copied for `data.py`."""
    found = {
        f"{statement.module[1:]}.py" for statement in imports if statement.module.startswith(".")
    }
    if isinstance(spec.data.source, OwnFunction):
        # It is copied as the user's own.
        found -= {f"{spec.data.source.file.module}.py"}
        found |= {"csv_table.py", "kinds.py"}
    if "huggingface_table.py" in found:
        found.add("parquet_table.py")
    found |= {f"{name}.py" for name in preparation_modules(spec)}
    if spec.data.is_table:
        found.add("table.py")
    if needs_library(spec):
        found.add("library.py")
    if "time_split.py" in found:
        found.add("in_order.py")
    return found
