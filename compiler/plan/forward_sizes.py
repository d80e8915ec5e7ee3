"""The sizes that `forward` reads off its inputs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...spec.tensor.dim import Dim
from ..emit import code
from ..emit.names_read import names_read
from ..emit.replaced import replaced
from ..resolve.bound import Param, Size
from ..resolve.problems import Problems
from .class_plan import ClassPlan


def size_statements(
    plan: ClassPlan, names: Iterable[str], problems: Problems
) -> list[code.Statement]:
    """`batch, time, _ = x.shape` for the sizes that forward reads."""
    statements: list[code.Statement] = []
    wanted = dict.fromkeys(names)
    for item in plan.scope.inputs:
        if item.optional:
            continue
        parts: list[str] = []
        for argument in item.shape or ():
            size = argument.value
            name = size.name if isinstance(size, Size) else "_"
            parts.append(name if name in wanted else "_")
            wanted.pop(name, None)
        found = [name for name in parts if name != "_"]
        shape = code.Name(f"{item.name}.shape")
        if len(found) == 1:
            place = code.Constant(parts.index(found[0]))
            statements.append(code.Assign(code.Name(found[0]), code.Subscript(shape, place)))
        elif found:
            target = code.Tuple(tuple(map(code.Name, parts)))
            statements.append(code.Assign(target, shape))
    return statements + [_solved(plan, name, problems) for name in wanted]


def params_unpacked(
    plan: ClassPlan, unpacked: Sequence[code.Statement], body: Sequence[code.Statement]
) -> tuple[list[code.Statement], list[code.Statement]]:
    """`batch, time, width = x.shape`, where forward reads a param that is a size there."""
    read = {*names_read(tuple(body))}
    inputs = {item.name: item.shape or () for item in plan.scope.inputs}
    found: list[code.Statement] = []
    local: dict[str, code.Expression] = {}
    for statement in unpacked:
        match statement:
            case code.Assign(code.Tuple(parts), code.Name(shape)):
                dims = [argument.value for argument in inputs[shape.removesuffix(".shape")]]
                sizes = [dim.name if isinstance(dim, Param) else "" for dim in dims]
                for place, name in enumerate(sizes):
                    if f"self.{name}" in read and f"self.{name}" not in local:
                        parts = (*parts[:place], code.Name(name), *parts[place + 1 :])
                        local[f"self.{name}"] = code.Name(name)
                        del plan.kept[name]
                statement = code.Assign(code.Tuple(parts), statement.value)
        found.append(statement)
    return found, list(replaced(tuple(body), local))


def optional_place(plan: ClassPlan, name: str) -> tuple[str, int] | None:
    """The optional input that alone has a size as it is declared, and the size's place in it."""
    places = [
        (item, place)
        for item in plan.scope.inputs
        for place, argument in enumerate(item.shape or ())
        if isinstance(argument.value, Size) and argument.value.name == name
    ]
    if not places or any(not item.optional for item, _ in places):
        return None
    item, place = places[0]
    return item.name, place


def _solved(plan: ClassPlan, name: str, problems: Problems) -> code.Statement:
    """`h = image.shape[2] // 16`, for a size that is declared as part of another."""
    use = plan.uses[0]
    size = use.sizes[name]
    required = [item.name for item in plan.scope.inputs if not item.optional]
    for owner in required:
        for place, dim in enumerate(use.inputs[owner].shape):
            linear = _linear(dim, size)
            if linear is None:
                continue
            factor, rest = linear
            held: code.Expression = code.Subscript(
                code.Name(f"{owner}.shape"), code.Constant(place)
            )
            if rest:
                held = code.BinOp(held, "-" if rest > 0 else "+", code.Constant(abs(rest)))
            if factor != 1:
                held = code.BinOp(held, "//", code.Constant(factor))
            return code.Assign(code.Name(name), held)
    problems.error(
        "size-not-readable",
        f"the size {name} can't be read off the inputs: no declared size is a multiple of it"
        " plus a constant",
        (*plan.scope.path, "inputs"),
        part="key",
    )
    return code.Assign(code.Name(name), code.Constant(0))


def _linear(dim: Dim, size: Dim) -> tuple[int, int] | None:
    """a and b where `dim == a * size + b` with a positive whole number a."""
    if dim.symbols != size.symbols or not size.symbols:
        return None
    zeros = dict.fromkeys((symbol.name for symbol in dim.symbols), 0)
    ones = dict.fromkeys(zeros, 1)
    step = size.evaluate(ones) - size.evaluate(zeros)
    if step == 0 or (dim.evaluate(ones) - dim.evaluate(zeros)) % step:
        return None
    factor = (dim.evaluate(ones) - dim.evaluate(zeros)) // step
    rest = dim.evaluate(zeros) - factor * size.evaluate(zeros)
    return (factor, rest) if factor > 0 and dim == factor * size + rest else None
