"""TypedGraph -> the test that comes with the package: it needs nothing but torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from ...spec.tensor.dtype import is_floating_point
from ...spec.tensor.type import TensorType
from ..elaborate.sample_sizes import sample_sizes
from ..elaborate.sample_values import sample_fills
from ..elaborate.typed import OptionalType, TypedGraph, state
from ..emit import code
from ..emit.imports import arranged
from ..emit.quote import quote, quoted
from .learned import learned_outputs, learns_everything
from .plan_curves import sample


def plan_test(typed: TypedGraph) -> tuple[code.Statement, ...]:
    """The imports and functions of `test_<package>.py`."""
    name = typed.root.scope.name
    entries = state(typed.root)
    parameters = [entry.type for entry in typed.parameters().values()]
    statements: tuple[code.Statement, ...] = arranged(
        (code.Import("torch"), code.ImportFrom(".model", (name,)))
    )
    if entries:
        shapes = {key: entry.type.shape for key, entry in entries.items() if entry.persistent}
        statements += quote(
            '''
            STATE_DICT = SHAPES

            def test_state_dict() -> None:
                """A checkpoint has these tensors, by these names, of these shapes."""
                state = Model().state_dict()
                assert list(state) == list(STATE_DICT)
                for name, shape in STATE_DICT.items():
                    assert state[name].shape == shape
            ''',
            Model=name,
            SHAPES=_shapes(shapes),
        )
    if parameters:
        count = sum(int(tensor.numel()) for tensor in parameters)
        statements += quote(
            '''
            def test_parameter_count() -> None:
                """The model learns this many numbers."""
                assert sum(p.numel() for p in Model().parameters()) == COUNT
            ''',
            Model=name,
            COUNT=code.Constant(count),
        )
    statements += _output_test(typed)
    if learned_outputs(typed.root):
        statements += _backward_test(typed)
    return statements


def _shapes(shapes: Mapping[str, Sequence[object]]) -> code.Dict:
    return code.Dict(
        tuple(
            (code.Constant(name), _shape([int(size) for size in shape]))  # type: ignore[call-overload]
            for name, shape in shapes.items()
        )
    )


def _shape(sizes: Sequence[int]) -> code.Tuple:
    return code.Tuple(tuple(map(code.Constant, sizes)))


def _output_test(typed: TypedGraph) -> tuple[code.Statement, ...]:
    """The shapes and dtypes of the outputs at several sizes."""
    body: list[code.Statement] = []
    outputs = typed.root.outputs
    calls: list[tuple[dict[str, int], tuple[code.Expression, ...]]] = []
    for sizes in sample_sizes(typed, 3):
        inputs = _inputs(typed, sizes)
        if inputs is None:
            return ()
        calls.append((sizes, inputs))
    required = sum(not item.optional for item in typed.root.scope.inputs)
    # The last of them without what may be left out, too.
    calls += [(sizes, given[:required]) for sizes, given in calls[-1:] if given[required:]]
    for sizes, given in calls:
        call = code.Call(code.Name("model"), given)
        body.append(code.Assign(code.Name("output"), call))
        for name, tensor in outputs:
            held: code.Expression = code.Name("output" if len(outputs) == 1 else f"output.{name}")
            if isinstance(tensor, OptionalType):
                body += quote("assert HELD is None", HELD=held)
                continue
            shape = _shape([size.evaluate(sizes) for size in tensor.shape])
            body += quote("assert HELD.shape == SHAPE", HELD=held, SHAPE=shape)
            dtype = code.Name(f"torch.{tensor.dtype}")
            body += quote("assert HELD.dtype == DTYPE", HELD=held, DTYPE=dtype)
    if not body:
        return ()
    return quote(
        '''
        def test_outputs() -> None:
            """The outputs have the shapes and types that follow from the inputs."""
            model = Model().eval()
            BODY
        ''',
        Model=typed.root.scope.name,
        BODY=body,
    )


def _backward_test(typed: TypedGraph) -> tuple[code.Statement, ...]:
    made = sample_sizes(typed, 2, training=True)
    inputs = _inputs(typed, made[-1]) if made else None
    if inputs is None:
        return ()
    call = code.Call(code.Name("model"), inputs)
    outputs = typed.root.outputs
    learned = learned_outputs(typed.root)
    derivable = [
        code.Name("output" if len(outputs) == 1 else f"output.{name}")
        for name, _ in outputs
        if name in learned
    ]
    total: code.Expression = code.Call(code.Attribute(derivable[0], "sum"))
    for held in derivable[1:]:
        total = code.BinOp(total, "+", code.Call(code.Attribute(held, "sum")))
    backward = code.Expr(code.Call(code.Attribute(total, "backward")))
    frozen = any(entry.frozen for entry in state(typed.root).values())
    every = learns_everything(typed.root) and not frozen
    return quote(
        _EVERY if every else _SOME,
        Model=typed.root.scope.name,
        CALL=call,
        BACKWARD=(backward,),
    )


_EVERY: Final = """
def test_backward() -> None:
    '''A gradient reaches every parameter.'''
    model = Model()
    output = CALL
    BACKWARD
    for parameter in model.parameters():
        assert parameter.grad is not None
"""
_SOME: Final = """
def test_backward() -> None:
    '''A gradient reaches the parameters.'''
    model = Model()
    output = CALL
    BACKWARD
    assert any(p.grad is not None for p in model.parameters())
"""


def _inputs(typed: TypedGraph, sizes: Mapping[str, int]) -> tuple[code.Expression, ...] | None:
    """A sample of each input; None where it is not known what the model can take."""
    fills = sample_fills(typed, sizes)
    if fills is None:
        return None
    inputs = typed.root.inputs.items()
    return tuple(_sample(tensor, sizes, fills.get(name, 0)) for name, tensor in inputs)


def _sample(tensor: TensorType, sizes: Mapping[str, int], fill: int) -> code.Expression:
    """Random numbers, which may be probabilities, or zeros where they may be indices or flags.

    fill: another number than zero, for lengths.
    """
    if fill:
        return sample([size.evaluate(sizes) for size in tensor.shape], tensor.dtype, fill)
    shape = [code.Constant(size.evaluate(sizes)) for size in tensor.shape]
    if not is_floating_point(tensor.dtype):
        dtype = code.Name(f"torch.{tensor.dtype}")
        return quoted(
            "torch.zeros(SHAPE, dtype=DTYPE)", SHAPE=code.Tuple(tuple(shape)), DTYPE=dtype
        )
    if tensor.dtype == "float32" and shape:
        return code.Call(code.Name("torch.rand"), tuple(shape))
    dtype = code.Name(f"torch.{tensor.dtype}")
    made = quoted("torch.rand(SHAPE)", SHAPE=code.Tuple(tuple(shape)))
    if tensor.dtype == "float32":
        return made
    return quoted("MADE.to(DTYPE)", MADE=made, DTYPE=dtype)
