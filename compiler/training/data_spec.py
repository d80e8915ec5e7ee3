"""`[data]`, read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...spec.data.images import Images
from ...spec.record import Record

if TYPE_CHECKING:
    from ...spec.data.base import Source
    from ...spec.data.inputs import TargetColumns
    from ...spec.data.split import Split
    from ...spec.preparations.base import Augmentation, Preparation


class Group(Record):
    """Columns that are prepared in the same way; None stands for all that the table has.

    steps: what is done to them, in order.
    """

    columns: tuple[str, ...] | None
    steps: tuple[Preparation, ...]


class Window(Record):
    """Places that follow each other, of which the model sees `length`; one begins each `stride`."""

    length: int
    stride: int


class InputRows(Record):
    """What reaches an input of the model.

    columns: as a spec names them, if it does.
    groups: the same columns, in order.
    augment: what is done by chance in training.
    """

    columns: tuple[str, ...] | None = None
    groups: tuple[Group, ...] = ()
    augment: tuple[Augmentation, ...] = ()

    @property
    def steps(self) -> tuple[Preparation, ...]:
        """All that is done to any column."""
        return tuple(step for group in self.groups for step in group.steps)


NOTHING = InputRows(None, (Group(None, ()),))
"""What is known of an input that a spec does not speak of."""


class Data(Record):
    """What `[data]` says.

    inputs: of each input that the spec speaks of.
    target: of a table, the target's columns.
    has_target: false where `target = false` says that the rows have none.
    folds: into how many parts the rows fall, of which each is the validation's once.
    window: what a row is of rows or tokens that follow each other.
    load: where rows are, in memory or read in a stream; None where the source decides.
    """

    source: Source
    inputs: Mapping[str, InputRows]
    target: TargetColumns | None
    has_target: bool
    split: Split | None
    folds: int | None
    window: Window | None
    load: str | None

    def input(self, name: str) -> InputRows:
        """What reaches an input of this name."""
        return self.inputs.get(name, NOTHING)

    @property
    def is_table(self) -> bool:
        """Whether the rows have columns with names."""
        return self.source.form == "table"

    @property
    def finds_columns(self) -> bool:
        """Whether a table says itself which columns it has."""
        return self.is_table and any(rows.columns is None for rows in self.inputs.values())

    @property
    def streams(self) -> bool:
        """Whether batches are read and prepared while training."""
        return self.source.streams if self.load is None else self.load == "stream"

    @property
    def is_images(self) -> bool:
        """Whether the rows are images in files."""
        return isinstance(self.source, Images)

    @property
    def is_text(self) -> bool:
        """Whether the rows are windows of a text."""
        return self.source.form == "text"

    @property
    def rows(self) -> str:
        """What the code calls the rows before they are prepared."""
        return {"tensors": "data"}.get(self.source.form, self.source.form)

    @property
    def has_files(self) -> bool:
        """Whether each part of the rows has a file of its own."""
        return self.split is not None and self.split.kind == "files"

    @property
    def path(self) -> str | None:
        """The file of the rows, or the folder of their files, below that of the spec."""
        return "" if self.has_files else getattr(self.source, "path", None)

    @property
    def target_columns(self) -> tuple[str, ...]:
        """The target's columns in a table."""
        return self.target.column if self.target is not None else ()

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of the rows, in order; all of them are for training without a split."""
        if self.folds is not None:
            return ("train", "validation")
        return tuple(self.split.parts()) if self.split is not None else ("train",)

    @property
    def is_split(self) -> bool:
        """Whether rows are kept from training."""
        return len(self.parts) > 1

    def share(self, part: str) -> float | None:
        """The share of the rows that a part has, where a spec says it."""
        if self.folds is not None:
            return (self.folds - 1 if part == "train" else 1) / self.folds
        if self.split is None:
            return 1.0
        share = self.split.parts()[part]
        return share if isinstance(share, float | int) else None


def summarized(data: Data) -> dict[str, object]:
    """What the summary says of the data: its source, where rows are kept, the parts of them."""
    source = data.source
    is_drawn = source.type_name() == "random"
    return {
        "type": source.said_type(),
        "load": "stream" if data.streams else "drawn" if is_drawn else "memory",
        "parts": {part: data.share(part) for part in data.parts},
        "folds": data.folds,
    }
