"""The part of a package's test that holds layers from files of one's own to what is declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ...spec.tensor.type import TensorType
from ..elaborate.sample_sizes import sample_sizes
from ..elaborate.typed import Leaf, TypedGraph, own_leaves, where_given
from ..emit import code
from ..emit.quote import quote, quoted
from .sample_inputs import sample_inputs


def plan_own_test(typed: TypedGraph) -> tuple[code.Statement, ...]:
    """The function; none where no such layer is called."""
    leaves = _distinct(own_leaves(typed.root))
    # In training all of them run.
    samples = sample_sizes(typed, 2, training=True)
    if not leaves or not samples:
        return ()
    body: list[code.Statement] = []
    for place, sizes in enumerate(samples):
        inputs = sample_inputs(typed, sizes)
        if inputs is None:
            return ()
        body += quote("given.clear()") if place else ()
        body.append(code.Expr(code.Call(code.Name("model"), inputs)))
        for leaf in leaves:
            body += _assertions(leaf, sizes)
    names = tuple(code.Constant(leaf.path) for leaf in leaves)
    hooked = (
        quote(_ONE, NAME=names[0]) if len(names) == 1 else quote(_EACH, NAMES=code.Tuple(names))
    )
    return quote(_TEST, Model=typed.root.scope.name, HOOKED=hooked, BODY=body)


def _distinct(leaves: Sequence[Leaf]) -> list[Leaf]:
    """One layer for each entry and each type of what it gives."""
    found: dict[object, Leaf] = {}
    for leaf in leaves:
        if leaf.typed.outputs:
            found.setdefault((leaf.typed.node.path, leaf.typed.outputs), leaf)
    return list(found.values())


def _assertions(leaf: Leaf, sizes: Mapping[str, int]) -> Iterator[code.Statement]:
    """The shape and dtype of each value that a layer gives."""
    yield from quote("output = given[model.get_submodule(NAME)]", NAME=code.Constant(leaf.path))
    several = len(leaf.typed.outputs) > 1
    for place, value in enumerate(leaf.typed.outputs):
        tensor = where_given(value)
        assert isinstance(tensor, TensorType)
        held = quoted("output[PLACE]", PLACE=code.Constant(place)) if several else "output"
        shape = code.Tuple(tuple(code.Constant(size.evaluate(sizes)) for size in tensor.shape))
        yield from quote("assert HELD.shape == SHAPE", HELD=held, SHAPE=shape)
        dtype = code.Name(f"torch.{tensor.dtype}")
        yield from quote("assert HELD.dtype == DTYPE", HELD=held, DTYPE=dtype)


_ONE: Final = "model.get_submodule(NAME).register_forward_hook(keep)"
_EACH: Final = """
for name in NAMES:
    model.get_submodule(name).register_forward_hook(keep)
"""
_TEST: Final = '''
def test_own_layers() -> None:
    """Layers from files of one's own give what the spec declares of them."""
    model = Model()
    given: dict[nn.Module, Any] = {}

    def keep(layer: nn.Module, _: object, output: Any) -> None:
        given.setdefault(layer, output)

    HOOKED
    BODY
'''
