"""What the names of a scope stand for while it is elaborated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ...spec.refusal import Refusal
from ...spec.source import Path
from ...spec.tensor.dim import Dim
from ...spec.tensor.dtype import DType
from ..resolve.bound import BlockCall, Each, Key, LayerCall, State
from .typed import Known


def known_at_run_time(what: str) -> Refusal:
    """The refusal of a question that nothing answers when the model is built."""
    return Refusal(
        f"whether {what} is known only when the model runs",
        code="not-constant",
        help='expressions on values may depend on it; when = "training" stands alone',
    )


@dataclass
class Environment:
    """What the names of a scope stand for while it is elaborated.

    values: the outputs of each entry by its path; absent where it failed.
    state: types a parameter or buffer of an earlier entry, or the list of what its times give.
    call_layer: types what a second call of an entry's layer gives, or a block as a function.
    place: where what is being read is written.
    dtype: the model's own element type, if it has one.
    made_as_model: calls of factories that give that type, as text, since 6 is a node equal to 6.0.
    owners: of the sizes that only an optional input has, by the size's name.
    training: where it says that all that is typed now runs in training only, if it does.
    case: what is taken to be so when the model runs: `training`, and which optional values are
        given; empty where nothing of that is known, as when the model is built.
    sides: what each side of a conditional expression gave in the cases that took it; by its text.
    decided: which sides of those of `forward` are taken at all.
    """

    inputs: Mapping[str, Known]
    params: dict[str, Known]
    model_params: Mapping[str, Known]
    sizes: dict[str, Dim]
    call_layer: Callable[[LayerCall | BlockCall, Sequence[Known], Mapping[str, Known]], Known]
    state: Callable[[State | Each], Known]
    place: Path = ()
    values: dict[Path, tuple[tuple[str, ...], tuple[Known, ...]]] = field(default_factory=dict)
    index: Dim | None = None
    dtype: DType | None = None
    made_as_model: set[str] = field(default_factory=set)
    owners: Mapping[str, str] = field(default_factory=dict)
    training: Path | None = None
    case: Mapping[Key, bool] = field(default_factory=dict)
    sides: dict[str, dict[bool, list[Known]]] = field(default_factory=dict)
    decided: dict[str, set[bool]] = field(default_factory=dict)
