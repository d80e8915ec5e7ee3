"""The sizes of inputs that the constructor of a class needs: its arguments, formulas, numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ...spec.expression import nodes as expression
from ...spec.layers.base import Layer
from ...spec.tensor.dim import Dim
from ..elaborate.places import said, size_place
from ..elaborate.typed import TypedNode, TypedScope
from ..emit import code
from ..resolve.bound import Input, Property, Size, State, Value
from ..resolve.graph import Argument, BlockUse, Container, LayerUse, ModuleUse, Node, TensorUse
from ..resolve.problems import Problems
from .class_plan import ClassPlan, block_uses, input_size
from .translate import size_code


def find_arguments(
    plan: ClassPlan,
    classes: dict[str, ClassPlan],
    model_params: Sequence[str],
    problems: Problems,
) -> None:
    """Finds the sizes of inputs that the constructor needs, naming each by its first reader."""
    own = {param.name for param in plan.scope.params}
    inner_params: set[str] = set(plan.scope.model_params)
    for text, wish in _sizes_needed(plan, classes):
        if not _has_one_rank(plan, text):
            problems.error(
                "uses-differ",
                "the uses of this block need different code: it needs sizes of an input that has"
                " another number of dimensions in other uses",
                plan.scope.path,
                part="key",
                help="make the number a param of the block, or use two blocks",
            )
            return
        if text not in plan.sizes:
            owner = text.partition(".")[0]
            name = next(
                name
                for name in (wish, f"{owner}_{wish}", *(f"{wish}_{i}" for i in range(2, 99)))
                if name not in own and name not in plan.arguments.values()
            )
            plan.arguments[text] = name
            plan.sizes[text] = code.Name(name)
    for use in plan.uses:
        for typed in block_uses(use.nodes):
            assert typed.scope is not None
            inner_params |= set(classes[typed.scope.scope.name].model_params)
    plan.model_params = tuple(name for name in model_params if name in inner_params)
    _report_clashes(plan, problems)


def _report_clashes(plan: ClassPlan, problems: Problems) -> None:
    """Reports a param of the class that is called as one of the model that it needs."""
    own = {param.name for param in plan.scope.params}
    for name in sorted(own & set(plan.model_params)):
        problems.error(
            "name-clash",
            f"{name} is the name of a param of the model too, which a block in this one reads",
            (*plan.scope.path, "params", name),
            part="key",
            labels=[(("model", "params", name), None, "the model's param")],
            help="give one of them another name",
        )


def _has_one_rank(plan: ClassPlan, text: str) -> bool:
    """Whether the input that a size belongs to has as many dimensions in all uses."""
    owner, _ = size_place(plan.scope, text)
    return len({use.inputs[owner].rank for use in plan.uses if owner in use.inputs}) == 1


def _sizes_needed(plan: ClassPlan, classes: dict[str, ClassPlan]) -> list[tuple[str, str]]:
    """Sizes of inputs by their text, with the name of the argument that needs them."""
    found: list[tuple[str, str]] = []
    inputs = {item.name for item in plan.scope.inputs}

    def note(size: object, wish: str) -> None:
        if isinstance(size, tuple):
            for item in size:
                note(item, wish)
        if isinstance(size, Layer):
            for name, value in size:
                note(value, name)
        if isinstance(size, Dim) and size.origin is not None:
            for symbol in sorted(size.origin.symbols, key=lambda symbol: symbol.name):
                if symbol.name.partition(".shape[")[0] in inputs and "[" in symbol.name:
                    exact = str(size.origin) == symbol.name
                    found.append((symbol.name, wish if exact else _place_name(symbol.name)))
                elif symbol.name in plan.uses[0].sizes:
                    found.append((symbol.name, symbol.name))

    def visit(typed: Sequence[TypedNode]) -> None:
        for one in typed:
            action = one.node.action
            if one.layer is not None and isinstance(action, ModuleUse):
                note(one.layer, "")
            if one.scope is not None and isinstance(action, BlockUse):
                for text, wish in classes[action.block].arguments.items():
                    note(input_size(one, text), wish)
            visit(one.children)
            visit(one.times)

    for use in plan.uses:
        visit(use.nodes)
    for node in _all_nodes(plan.scope.nodes):
        for argument in _build_time_arguments(node):
            found += _named(sizes_read(argument, plan.uses[0]))
    for param in plan.scope.params:
        if param.default is not None:
            found += _named(sizes_read(param.default, plan.uses[0]))
    return found


def _named(texts: Iterable[str | None]) -> list[tuple[str, str]]:
    return [(text, _place_name(text)) for text in texts if text is not None]


def _place_name(text: str) -> str:
    """A name for a size of an input where no argument of a layer lends one."""
    owner, bracket, rest = text.partition(".shape[")
    if not bracket:
        return text
    # Of images and volumes, and of what linear layers pass on, dimension 1 has a name.
    return f"{owner}_{'channels' if rest == '1]' else f'size{rest[:-1]}'}"


def _build_time_arguments(node: Node) -> list[Argument]:
    arguments = [item for item in (node.when, node.repeat) if item is not None]
    if isinstance(node.action, LayerUse):
        arguments += node.action.all_arguments()
    if isinstance(node.action, TensorUse):
        arguments += [item for item in (node.action.shape, node.action.value) if item is not None]
        arguments += node.action.init.arguments.values() if node.action.init is not None else ()
    return arguments


def sizes_read(argument: Argument, scope: TypedScope) -> Iterator[str | None]:
    """The sizes of inputs that an argument reads, by their text: `x.shape[1]`, `time`.

    None for what only the typed model knows: a shape as a whole, or that of another value.
    """
    if isinstance(argument.value, tuple):
        for item in argument.value:
            yield from sizes_read(item, scope)
    elif isinstance(argument.value, ModuleUse | BlockUse):
        for item in argument.value.all_arguments():
            yield from sizes_read(item, scope)
    else:
        yield from _sizes_in(argument.value, scope)


def _sizes_in(node: expression.Node, scope: TypedScope) -> Iterator[str | None]:
    text = size_text(node, scope)
    if text is not None or isinstance(node, Property | Value | Input | State):
        yield text
        return
    for child in expression.children(node):
        yield from _sizes_in(child, scope)


def size_text(node: object, scope: TypedScope) -> str | None:
    """The text of a size of an input, where a node is one."""
    match node:
        case Size(name):
            return name
        case expression.Subscript(Property(Input(name), "shape"), index) if name in scope.inputs:
            rank = scope.inputs[name].rank
            match index:
                case expression.Constant(int(dim)):
                    return f"{name}.shape[{dim}]"
                case expression.Unary("-", expression.Constant(int(dim))):
                    return f"{name}.shape[{rank - dim}]"
    return None


def _all_nodes(nodes: Sequence[Node]) -> list[Node]:
    found: list[Node] = []
    for node in nodes:
        found.append(node)
        if isinstance(node.action, Container):
            found += _all_nodes(node.action.children)
    return found


def settle_arguments(
    plan: ClassPlan, callers: Sequence[ClassPlan], model_params: Sequence[str]
) -> None:
    """A size that is the same for all uses is no argument: it is a formula over the model's
    params where all callers say so, else a number."""
    for text in list(plan.arguments):
        sizes = [
            (caller, input_size(node, text))
            for caller in callers
            for use in caller.uses
            for node in block_uses(use.nodes)
            if node.scope is not None and node.scope.scope is plan.scope
        ]
        values = {_value(use, text) for use in plan.uses}
        if len(values) > 1 or None in values:
            continue
        formulas = {str(_in_model_words(caller, size, model_params)) for caller, size in sizes}
        del plan.arguments[text]
        first = _in_model_words(*sizes[0], model_params)
        if len(formulas) == 1 and first is not None:
            plan.sizes[text] = size_code(first, {})
            plan.formulas[text] = first
            read = {symbol.name for symbol in first.symbols}
            plan.model_params = tuple(
                name for name in model_params if name in {*plan.model_params, *read}
            )
        else:
            plan.sizes[text] = code.Constant(values.pop())


def _value(use: TypedScope, text: str) -> int | None:
    name, dim = size_place(use.scope, text)
    return use.inputs[name].shape[dim].constant


def _in_model_words(caller: ClassPlan, size: Dim, model_params: Sequence[str]) -> Dim | None:
    """A size's formula where it reads nothing but the model's params."""
    formula = said(size).substitute(caller.formulas)
    names = {symbol.name for symbol in formula.symbols}
    own = {param.name for param in caller.scope.params}
    is_model = caller.scope.path == ("model",)
    if names and names <= set(model_params) and (is_model or not names & own):
        return formula
    return None
