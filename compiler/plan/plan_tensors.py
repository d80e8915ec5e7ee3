"""Parameters and buffers of one's own, and the method that gives parameters their first values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

from ...spec.kinds import Kind
from ...spec.tensor.dtype import DEFAULT
from ...spec.tensor.type import TensorType
from ..emit import code
from ..resolve.graph import Argument, InitRule, ModuleUse, Node, TensorUse, Tie
from ..resolve.patterns import Pattern
from .translate import is_plain

RECURRENT: Final = ("RNN", "LSTM", "GRU")
MAYBE_NONE: Final = (
    *("bias", "bias_ih", "bias_hh", "in_proj_weight", "in_proj_bias", "bias_k", "bias_v"),
    *("q_proj_weight", "k_proj_weight", "v_proj_weight"),
)
"""Parameters that some layers of a type have not."""
"""Layers that name their parameters when they are made, one for each layer and direction."""


class ArgumentWords(Protocol):
    """What translates arguments at a place of the output."""

    modules: set[str]

    def argument(self, argument: Argument, kind: Kind | None = None) -> Any:
        """The code of an argument."""


def tensor_call(use: TensorUse, type: TensorType, words: ArgumentWords) -> code.Expression:
    """`nn.Parameter(torch.empty(3, 4))`, `nn.Buffer(torch.tensor([1.0, 2.0]))`."""
    words.modules.add("torch")
    if use.trainable:
        rest = () if use.requires_grad else (code.Keyword("requires_grad", code.Constant(False)),)
        return code.Call(code.Name("nn.Parameter"), (_filled(use, type, words),), rest)
    rest = () if use.persistent else (code.Keyword("persistent", code.Constant(False)),)
    return code.Call(code.Name("nn.Buffer"), (_filled(use, type, words),), rest)


def _filled(use: TensorUse, type: TensorType, words: ArgumentWords) -> code.Expression:
    dtype = (code.Keyword("dtype", code.Name(f"torch.{type.dtype}")),)
    if use.shape is not None:
        sizes = words.argument(use.shape)
        assert isinstance(sizes, code.Tuple)
        keywords = () if type.dtype == DEFAULT else dtype
        # Without sizes, only a tuple says that it is a scalar.
        args = sizes.items if sizes.items else (sizes,)
        return code.Call(code.Name("torch.empty"), args, keywords)  # type: ignore[arg-type]
    assert use.value is not None
    if not isinstance(use.value.value, tuple) and not is_plain(use.value.value):
        made = words.argument(use.value)
        if use.dtype is None:
            return made  # type: ignore[no-any-return]
        return code.Call(code.Attribute(made, "to"), (code.Name(f"torch.{use.dtype}"),))
    keywords = (
        dtype if use.dtype is not None or type.dtype not in (DEFAULT, "int64", "bool") else ()
    )
    return code.Call(code.Name("torch.tensor"), (_listed(use.value, words),), keywords)


def _listed(argument: Argument, words: ArgumentWords) -> code.Expression:
    """Nested lists of numbers as lists."""
    if isinstance(argument.value, tuple):
        return code.List(tuple(_listed(item, words) for item in argument.value))
    return words.argument(argument)  # type: ignore[no-any-return]


def is_declared(layer: str, name: str) -> bool:
    """Whether torch tells type checkers that this attribute of a module is a tensor."""
    if layer in RECURRENT or name.startswith(("running_", "num_batches_")):
        return False
    return name != "bias" or not layer.startswith("Conv")


def init_call(rule: InitRule, tensor: code.Expression, words: ArgumentWords) -> code.Statement:
    """`nn.init.normal_(self.scale, std=0.02)`"""
    fields = rule.function.model_fields
    args: list[code.Expression] = [tensor]
    keywords = []
    for place, name in enumerate(fields):
        if name not in rule.arguments:
            continue
        kind = next((m for m in fields[name].metadata if isinstance(m, Kind)), None)
        made = words.argument(rule.arguments[name], kind)
        if place < rule.function.positional:
            args.append(made)
        else:
            keywords.append(code.Keyword(name, made))
    function = code.Name(f"nn.init.{rule.function.torch_name()}")
    return code.Expr(code.Call(function, tuple(args), tuple(keywords)))


def reset_statements(
    nodes: Sequence[Node],
    rules: Sequence[InitRule],
    words: ArgumentWords,
    classes: Mapping[str, str],
) -> tuple[code.Statement, ...]:
    """The body of `init_weights`: tensors of one's own, then the model's rules.

    classes: the code of each type that a pattern may name.
    """
    own = [
        init_call(node.action.init, code.Name(f"self.{node.attribute}"), words)
        for node in nodes
        if isinstance(node.action, TensorUse) and node.action.init is not None
    ]
    if not rules:
        return tuple(own)
    patterns = [pattern for rule in rules for _, pattern in rule.patterns]
    named = _named(nodes, patterns)
    if named is not None:
        return (*own, *_by_name(named, rules, words))
    by_type = all(
        p.glob is None and "*" not in p.parameter and p.type not in RECURRENT for p in patterns
    )
    made = (
        _over_modules(rules, words, classes) if by_type else _over_parameters(rules, words, classes)
    )
    return (*own, made)


def _named(nodes: Sequence[Node], patterns: Sequence[Pattern]) -> dict[str, code.Expression] | None:
    """The code of the one parameter that each pattern names; None where one names several, or
    what is there under a condition alone."""
    fixed = {node.attribute: node for node in nodes if node.repeat is None and node.when is None}
    found: dict[str, code.Expression] = {}
    for pattern in patterns:
        owner, _, own = (pattern.glob or "").partition(".")
        action = fixed[owner].action if owner in fixed else None
        if not pattern.is_exact or not isinstance(action, ModuleUse | TensorUse):
            return None
        name = f"{owner}.{own}" if own else owner
        found[name] = code.Name(f"self.{name}")
        if isinstance(action, ModuleUse) and (
            own not in ("weight", "bias") or not is_declared(action.layer.__name__, own)
        ):
            getter = code.Name("self.get_parameter")
            found[name] = code.Call(getter, (code.Constant(name),))
    return found


def _by_name(
    parameters: Mapping[str, code.Expression], rules: Sequence[InitRule], words: ArgumentWords
) -> Iterator[code.Statement]:
    """`nn.init.zeros_(self.head.weight)`; the first rule that names a parameter counts."""
    left = dict(parameters)
    for rule in rules:
        for _, pattern in rule.patterns:
            tensor = left.pop(pattern.glob or "", None)
            if tensor is not None:
                yield init_call(rule, tensor, words)


def _over_modules(
    rules: Sequence[InitRule], words: ArgumentWords, classes: Mapping[str, str]
) -> code.Statement:
    """`for module in self.modules(): if isinstance(module, nn.Conv2d): …`"""
    bodies: dict[str, list[code.Statement]] = {}
    seen: set[tuple[str, str]] = set()
    for rule in rules:
        for _, pattern in rule.patterns:
            assert pattern.type is not None
            if (pattern.type, pattern.parameter) in seen:
                continue
            seen.add((pattern.type, pattern.parameter))
            tensor = code.Name(f"module.{pattern.parameter}")
            call = init_call(rule, tensor, words)
            if pattern.parameter in MAYBE_NONE:
                # Some layers of the type may have none.
                call = code.If(code.Compare(tensor, ("is not",), (code.Constant(None),)), (call,))
            bodies.setdefault(classes[pattern.type], []).append(call)
    chain: tuple[code.Statement, ...] = ()
    for name, body in reversed(bodies.items()):
        test = code.Call(code.Name("isinstance"), (code.Name("module"), code.Name(name)))
        chain = (code.If(test, tuple(body), chain),)
    return code.For(code.Name("module"), code.Call(code.Name("self.modules")), chain)


def _over_parameters(
    rules: Sequence[InitRule], words: ArgumentWords, classes: Mapping[str, str]
) -> code.Statement:
    """A loop over all parameters in which the first rule that matches counts."""
    chain: tuple[code.Statement, ...] = ()
    for rule in reversed(rules):
        tests = [_test(pattern, words, classes) for _, pattern in rule.patterns]
        test = tests[0] if len(tests) == 1 else code.BoolOp("or", tuple(tests))
        chain = (code.If(test, (init_call(rule, code.Name("parameter"), words),), chain),)
    parameters = code.Call(
        code.Name("module.named_parameters"),
        (code.Name("path"),),
        (code.Keyword("recurse", code.Constant(False)),),
    )
    inner = code.For(code.Tuple((code.Name("name"), code.Name("parameter"))), parameters, chain)
    return code.For(
        code.Tuple((code.Name("path"), code.Name("module"))),
        code.Call(code.Name("self.named_modules")),
        (inner,),
    )


def _test(pattern: Pattern, words: ArgumentWords, classes: Mapping[str, str]) -> code.Expression:
    tests: list[code.Expression] = []
    if pattern.type is not None:
        owner = code.Name(classes[pattern.type])
        tests.append(code.Call(code.Name("isinstance"), (code.Name("module"), owner)))
    globs = [pattern.glob] if pattern.glob is not None else []
    if pattern.type is not None and pattern.parameter != "*":
        globs.append(f"*.{pattern.parameter}")
    for glob in globs:
        words.modules.add("fnmatchcase")
        tests.append(code.Call(code.Name("fnmatchcase"), (code.Name("name"), code.Constant(glob))))
    return tests[0] if len(tests) == 1 else code.BoolOp("and", tuple(tests))


def tie_statements(ties: Sequence[Tie]) -> tuple[code.Statement, ...]:
    """`self.lm_head.weight = self.wte.weight`"""
    return tuple(
        code.Assign(_place(tie.name), _place(tie.target), comment="one parameter, two uses")
        for tie in ties
    )


def _place(name: str) -> code.Name | code.Attribute | code.Subscript:
    """A parameter by its name in the model, numbers as subscripts."""
    place: code.Name | code.Attribute | code.Subscript = code.Name("self")
    for part in name.split("."):
        if part.isdigit():
            place = code.Subscript(place, code.Constant(int(part)))
        elif isinstance(place, code.Name):
            place = code.Name(f"{place.id}.{part}")
        else:
            place = code.Attribute(place, part)
    return place
