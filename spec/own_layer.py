"""Layers whose classes stand in a file of the user's own: what is known of them was declared."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from .kinds import Boolean, DTypeName, Integer, Kind, Optional, Real, describe
from .layers.base import Layer
from .schema import MISSING, Field
from .tensor.dim import Dim
from .tensor.type import TensorType

Rule = Callable[[Mapping[str, Any]], tuple[TensorType, ...]]
"""What forward gives, from what it is given by name. Raises `Refusal`."""


class OwnLayer(Layer):
    """A class of the user's own, made by `own_layer` for each entry that uses one."""

    is_own: ClassVar[bool] = True

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.__dict__["rule"] = None

    @classmethod
    def code_name(cls) -> str:
        return cls.__name__

    def ruled(self, rule: Rule) -> OwnLayer:
        """The layer with the rule of what it gives, as declared where it stands."""
        return self.model_copy({"rule": rule})

    def output(self, *inputs: Any, **by_name: Any) -> TensorType | tuple[TensorType | None, ...]:
        required = (name for name in self.forward_inputs if not name.endswith("?"))
        rule: Rule = self.__dict__["rule"]
        outputs = rule({**dict(zip(required, inputs, strict=True)), **by_name})
        return outputs if len(outputs) > 1 else outputs[0]

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and [*self] == [*other]

    __hash__ = Layer.__hash__


def own_layer(
    name: str,
    kinds: Mapping[str, Kind],
    inputs: Mapping[str, Kind | None],
    keyword_inputs: frozenset[str],
    outputs: tuple[str, ...],
) -> type[OwnLayer]:
    """The class that stands for one of the user's own in the compiler.

    kinds: of the constructor's arguments that are given. inputs: forward's arguments as `Layer`
    names them, each with its kind, None for a tensor. outputs: the names of what it returns.
    """
    given = {key.rstrip("?"): kind for key, kind in inputs.items() if kind is not None}
    members = {
        "_fields": {key: Field(Any, (kind,), MISSING) for key, kind in kinds.items()},
        "forward_inputs": tuple(inputs),
        "forward_kinds": given,
        "keyword_inputs": keyword_inputs,
        "forward_outputs": outputs,
    }
    return type(name, (OwnLayer,), members)


class _Everything(frozenset[str]):
    """The set of all strings."""

    def __contains__(self, _: object) -> bool:
        return True


class Text(Kind):
    """A string, which stands for itself; with `others` also another value."""

    expects = "a string"
    strings = _Everything()

    def __init__(self, *, others: bool = False) -> None:
        self.others = others

    def read(self, value: object) -> Any:
        if isinstance(value, str):
            return value
        if self.others:
            return _PLAIN.read(value)
        raise self.refused(value)


class Plain(Kind):
    """A number, a flag, or a list of these."""

    expects = "a number, true or false, or a list of these"

    def __init__(self, *, listed: bool = False) -> None:
        self.listed = listed

    def read(self, value: object) -> Any:
        if isinstance(value, tuple):
            return tuple(map(self.read, value))
        if isinstance(value, Dim):
            return Integer().read(value)
        if isinstance(value, bool | int | float | str):
            return value
        raise self.refused(value)


class AnyInput(Kind):
    """Whatever an expression may give: of a method without annotations nothing is known."""

    expects = "a tensor, a number, true or false, or some of them"

    def read(self, value: object) -> Any:
        if value is None or isinstance(value, TensorType | bool | int | float | str | Dim | tuple):
            return value
        raise ValueError(f"must be {self.expects}, not {describe(value)}")


_PLAIN: Final = Plain()
_EXACT: Final[Mapping[str, Kind]] = {
    "int": Integer(),
    "float": Real(finite=False),
    "bool": Boolean(),
    "str": Text(),
    "dtype": DTypeName(),
}


def argument_kind(annotation: str | None) -> Kind:
    """What an argument may be, from its annotation in the constructor."""
    if annotation is None:
        return _PLAIN
    bare = re.sub(r"\b(?:torch|typing|t)\.", "", annotation).replace(" ", "")
    inner = bare.removesuffix("|None").removeprefix("None|")
    if inner.startswith("Optional[") and inner.endswith("]"):
        inner = inner[len("Optional[") : -1]
    if inner in _EXACT:
        kind = _EXACT[inner]
        return kind if inner == bare else Optional(kind)
    if re.search(r"\b(?:str|Literal)\b", inner):
        return Text(others=True)
    return Plain(listed=re.match(r"list\b", inner, re.IGNORECASE) is not None)


def input_kind(annotation: str | None) -> Kind | None:
    """What an argument of forward may be, from its annotation; None for a tensor."""
    bare = (annotation or "").replace("torch.", "").replace(" ", "")
    is_tensor = bare in ("Tensor", "Tensor|None", "None|Tensor", "Optional[Tensor]")
    return None if is_tensor else AnyInput()
