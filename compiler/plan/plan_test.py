"""TypedGraph -> the test that comes with the package: it needs nothing but torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from ..elaborate.derive import derive_outputs
from ..elaborate.sample_sizes import sample_sizes
from ..elaborate.typed import OptionalType, TypedGraph, own_leaves, state
from ..emit import code
from ..emit.imports import arranged
from ..emit.quote import quote
from .learned import learned_outputs, learns_everything
from .plan_own_test import plan_own_test
from .sample_inputs import sample_inputs


def plan_test(typed: TypedGraph) -> tuple[code.Statement, ...]:
    """The imports and functions of `test_<package>.py`."""
    name = typed.root.scope.name
    held_to = plan_own_test(typed)
    imported: list[code.Import | code.ImportFrom] = [code.Import("torch")]
    if held_to:
        imported += [code.ImportFrom("torch", ("nn",)), code.ImportFrom("typing", ("Any",))]
    statements: tuple[code.Statement, ...] = arranged(
        (*imported, code.ImportFrom(".model", (name,)))
    )
    statements += (*_state_tests(typed), *_output_test(typed), *held_to)
    learned = learned_outputs(typed)
    derivable = tuple(name for name in learned if name not in _underivable(typed))
    if derivable:
        statements += _backward_test(typed, derivable, is_whole=derivable == learned)
    return statements


def _underivable(typed: TypedGraph) -> list[str]:
    """The outputs that torch has no gradient of."""
    traces, _ = derive_outputs(typed)
    return [name for name, trace in traces.items() if trace.obstacles()]


def _state_tests(typed: TypedGraph) -> tuple[code.Statement, ...]:
    """The names and shapes of what the model holds, and how many numbers it learns."""
    name = typed.root.scope.name
    own = own_leaves(typed.root)
    shapes = {key: held.type.shape for key, held in state(typed.root).items() if held.persistent}
    parameters = [entry.type for entry in typed.parameters().values()]
    statements: tuple[code.Statement, ...] = ()
    if state(typed.root):
        statements += quote(
            '''
            STATE_DICT = SHAPES

            def test_state_dict() -> None:
                """A checkpoint has these tensors, by these names, of these shapes."""
                state = Model().state_dict()
                COMPLETE
                for name, shape in STATE_DICT.items():
                    assert state[name].shape == shape
            ''',
            Model=name,
            SHAPES=_shapes(shapes),
            # What layers of one's own hold comes in between.
            COMPLETE=() if own else quote("assert list(state) == list(STATE_DICT)"),
        )
    if parameters and not own:
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
        inputs = sample_inputs(typed, sizes)
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


def _backward_test(
    typed: TypedGraph, learned: Sequence[str], *, is_whole: bool
) -> tuple[code.Statement, ...]:
    made = sample_sizes(typed, 2, training=True)
    inputs = sample_inputs(typed, made[-1]) if made else None
    if inputs is None:
        return ()
    call = code.Call(code.Name("model"), inputs)
    outputs = typed.root.outputs
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
    every = is_whole and learns_everything(typed.root, typed.blocks) and not frozen
    every = every and not own_leaves(typed.root)
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
