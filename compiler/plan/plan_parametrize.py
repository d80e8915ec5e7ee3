"""The code of parametrizations: `weight_norm(nn.Linear(3, 4), dim=1)`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from ...spec.kinds import Kind
from ...spec.source import Path
from ..elaborate.typed import TypedNode, TypedScope
from ..emit import code
from ..resolve.graph import Container, Node, Parametrized, Scope
from .plan_tensors import ArgumentWords

PARAMETRIZATIONS: Final = "torch.nn.utils.parametrizations."


def parametrized(node: Node, module: code.Expression, words: ArgumentWords) -> code.Expression:
    """A module with its tensors parametrized; what parametrizes gives the module back."""
    for one in node.parametrized:
        module = _call(one, module, words)
    return module


def late_statements(
    scope: Scope, uses: Sequence[TypedScope], late: Collection[Path], words: ArgumentWords
) -> list[code.Statement]:
    """What parametrizes a class's own modules once they have their first values."""
    found: list[code.Statement] = []
    for index, node in enumerate(scope.nodes):
        typed = uses[0].nodes[index]
        if node.path in late and node.repeat is not None and not node.shared:
            body = code.Expr(_made(node, code.Name("layer"), words))
            found.append(code.For(code.Name("layer"), _place(typed, ""), (body,)))
        elif node.path in late:
            found.append(code.Expr(_made(node, _place(typed, ""), words)))
        elif isinstance(node.action, Container):
            found += _inside(typed, "", late, words)
    return found


def _inside(
    typed: TypedNode, prefix: str, late: Collection[Path], words: ArgumentWords
) -> Iterator[code.Statement]:
    # A recurrence without a name leaves its layers to what it stands in.
    prefix += f"{typed.name}." if typed.name is not None else ""
    for child in typed.children:
        if child.node.path in late:
            yield code.Expr(_made(child.node, _place(child, prefix), words))
        yield from _inside(child, prefix, late, words)


def _place(typed: TypedNode, prefix: str) -> code.Expression:
    """`self.conv`, `self.get_submodule("body.0")`"""
    name = typed.name or ""
    if not prefix and not name.isdigit():
        return code.Name(f"self.{name}")
    path = code.Constant(f"{prefix}{name}")
    return code.Call(code.Name("self.get_submodule"), (path,))


def _made(node: Node, module: code.Expression, words: ArgumentWords) -> code.Call:
    made = parametrized(node, module, words)
    assert isinstance(made, code.Call)
    return made


def parametrize_method(body: Sequence[code.Statement]) -> code.FunctionDef:
    """The method of a block whose weights the model fills before they are parametrized."""
    return code.FunctionDef(
        "parametrize_weights",
        (code.Arg("self"),),
        code.Constant(None),
        "Parametrize the weights that have their first values now.",
        tuple(body),
    )


def parametrize_blocks(names: Sequence[str]) -> code.Statement:
    """`for module in self.modules(): if isinstance(module, Residual): …`"""
    module = code.Name("module")
    classes: code.Expression = code.Name(names[0])
    for name in names[1:]:
        classes = code.BinOp(classes, "|", code.Name(name))
    test = code.Call(code.Name("isinstance"), (module, classes))
    call = code.Expr(code.Call(code.Name("module.parametrize_weights")))
    modules = code.Call(code.Name("self.modules"))
    return code.For(module, modules, (code.If(test, (call,)),))


def _call(one: Parametrized, module: code.Expression, words: ArgumentWords) -> code.Expression:
    name = one.function.torch_name()
    words.modules.add(PARAMETRIZATIONS + name)
    args: tuple[code.Expression, ...] = (module,)
    if one.tensor != "weight":
        args = (module, code.Constant(one.tensor))
    fields = one.function.model_fields
    keywords = []
    for key, field in fields.items():
        argument = one.arguments.get(key)
        if argument is None:
            continue
        kind = next((mark for mark in field.metadata if isinstance(mark, Kind)), None)
        made = words.argument(argument, kind)
        if made != code.Constant(field.default):
            keywords.append(code.Keyword(key, made))
    return code.Call(code.Name(name), args, tuple(keywords))
