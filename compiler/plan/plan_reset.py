"""The body of `init_weights`: the first values that differ from torch's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from ..emit import code
from ..emit.names_read import names_read
from ..emit.quote import quote
from ..resolve.graph import InitRule, ModuleUse, Node, Recurrence, TensorUse
from ..resolve.patterns import Pattern
from .pattern_code import class_code, instance_test, owner_test, pattern_test
from .plan_tensors import ArgumentWords, init_call, is_declared, is_filled_at_once
from .reset_order import entry_covered, goes_by_modules, split_alone
from .sure_parameters import SureParameters

MAYBE_NONE: Final = (
    *("bias", "bias_ih", "bias_hh", "in_proj_weight", "in_proj_bias", "bias_k", "bias_v"),
    *("q_proj_weight", "k_proj_weight", "v_proj_weight"),
)
"""Parameters that some layers of a type have not."""


def reset_statements(
    nodes: Sequence[Node],
    rules: Sequence[InitRule],
    words: ArgumentWords,
    model: str,
    closed: Sequence[str],
    sure: SureParameters,
) -> tuple[code.Statement, ...]:
    """The body of `init_weights`: tensors of one's own, then the model's rules.

    model: the class of the model. closed: the classes of layers from files of one's own, into
    which no rule reaches.
    """
    own = [
        init_call(node.action.init, code.Name(f"self.{node.attribute}"), words)
        for node in nodes
        if isinstance(node.action, TensorUse)
        and node.action.init is not None
        and not is_filled_at_once(node.action)
    ]
    if not closed:
        alone, rules = split_alone(rules, sure.owned, partial(_is_told, nodes))
        own += [made for rule in alone for made in _alone(nodes, rule, words)]
    if not rules:
        return tuple(own)
    patterns = [pattern for rule in rules for _, pattern in rule.patterns]
    named = _named(nodes, patterns)
    if named is not None:
        return (*own, *_by_name(named, rules, words))
    made = (
        _over_modules(rules, words, sure)
        if goes_by_modules(patterns, sure.owned)
        else _over_parameters(rules, words, model, sure)
    )
    return (*own, *(_around(made, closed) if closed else (made,)))


def _is_told(nodes: Sequence[Node], rule: InitRule) -> bool:
    """Whether all patterns of a rule name one parameter each, or all name entries."""
    patterns = [pattern for _, pattern in rule.patterns]
    fixed = {
        node.attribute
        for node in nodes
        if node.repeat is None
        and not node.may_be_absent
        and not isinstance(node.action, TensorUse | Recurrence)
    }
    return _named(nodes, patterns) is not None or {*map(entry_covered, patterns)} <= fixed - {None}


def _shortened(pattern: Pattern, sure: SureParameters) -> Pattern:
    """The pattern, without the parameter's own name where its owners have no other."""
    is_needless = pattern.type is not None and sure.has_only(pattern.type, pattern.parameter)
    return Pattern(pattern.glob, pattern.type) if is_needless else pattern


def _alone(nodes: Sequence[Node], rule: InitRule, words: ArgumentWords) -> Iterator[code.Statement]:
    """What fills the parameters that a rule names, or all of an entry."""
    patterns = [pattern for _, pattern in rule.patterns]
    named = _named(nodes, patterns)
    if named is not None:
        yield from _by_name(named, [rule], words)
        return
    for pattern in patterns:
        found = code.Call(code.Name(f"self.{entry_covered(pattern)}.parameters"))
        parameter = code.Name("parameter")
        yield code.For(parameter, found, (init_call(rule, parameter, words),))


def _around(loop: code.For, closed: Sequence[str]) -> tuple[code.Statement, ...]:
    """A loop over modules or parameters that passes by what some classes hold."""
    (chain,) = loop.body
    named = loop.target.items if isinstance(loop.target, code.Tuple) else (loop.target,)
    is_parameter = code.Name("parameter") in named
    item = code.Name("parameter" if is_parameter else "module")
    outside = code.Compare(item, ("not in",), (code.Name("own"),))
    if isinstance(chain, code.If) and not chain.orelse:
        chain = code.If(code.BoolOp("and", (outside, chain.test)), chain.body)
    else:
        chain = code.If(outside, (chain,))
    return quote(
        """
        own: set[HELD] = set()  # what has first values of its own
        for module in self.modules():
            if CLOSED:
                own.update(module.FOUND())
        LOOP
        """,
        HELD="nn.Parameter" if is_parameter else "nn.Module",
        CLOSED=instance_test("module", closed),
        FOUND="parameters" if is_parameter else "modules",
        LOOP=(replace(loop, body=(chain,)),),
    )


def _named(nodes: Sequence[Node], patterns: Sequence[Pattern]) -> dict[str, code.Expression] | None:
    """The code of the one parameter that each pattern names; None where one names several, or
    what is there under a condition alone."""
    fixed = {
        node.attribute: node for node in nodes if node.repeat is None and not node.may_be_absent
    }
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
    rules: Sequence[InitRule], words: ArgumentWords, sure: SureParameters
) -> code.For:
    """`for module in self.modules(): if isinstance(module, nn.Conv2d): …`"""
    bodies: dict[tuple[str | None, str], tuple[code.Statement, ...]] = {}
    seen: set[Pattern] = set()
    for rule in rules:
        for _, pattern in rule.patterns:
            assert pattern.type is not None
            if pattern in seen:
                continue
            seen.add(pattern)
            tensor = code.Name(f"module.{pattern.parameter}")
            call = init_call(rule, tensor, words)
            if pattern.parameter in MAYBE_NONE and not sure.has(pattern.type, pattern.parameter):
                call = code.If(code.Compare(tensor, ("is not",), (code.Constant(None),)), (call,))
            owner = (pattern.glob, class_code(pattern.type))
            bodies[owner] = (*bodies.get(owner, ()), call)
    alike: dict[tuple[str | None, tuple[code.Statement, ...]], list[str]] = {}
    for (glob, name), body in bodies.items():
        alike.setdefault((glob, body), []).append(name)
    chain: tuple[code.Statement, ...] = ()
    for (glob, body), names in reversed(alike.items()):
        chain = (code.If(owner_test("module", names, glob), body, chain),)
    module = code.Name("module")
    if all(glob is None for glob, _ in alike):
        return code.For(module, code.Call(code.Name("self.modules")), chain)
    target = code.Tuple((code.Name("name"), module))
    return code.For(target, code.Call(code.Name("self.named_modules")), chain)


def _over_parameters(
    rules: Sequence[InitRule], words: ArgumentWords, model: str, sure: SureParameters
) -> code.For:
    """A loop over all parameters in which the first rule that matches counts."""
    chain: tuple[code.Statement, ...] = ()
    for rule in reversed(rules):
        patterns = [_shortened(pattern, sure) for _, pattern in rule.patterns]
        test = pattern_test(patterns, "module", model)
        chain = (code.If(test, (init_call(rule, code.Name("parameter"), words),), chain),)
    if "fnmatchcase" in names_read(chain):
        words.modules.add("fnmatchcase")
    target = code.Tuple((code.Name("name"), code.Name("parameter")))
    if all(pattern.type is None for rule in rules for _, pattern in rule.patterns):
        return code.For(target, code.Call(code.Name("self.named_parameters")), chain)
    own = code.Call(
        code.Name("module.named_parameters"),
        (code.Name("path"),),
        (code.Keyword("recurse", code.Constant(False)),),
    )
    return code.For(
        code.Tuple((code.Name("path"), code.Name("module"))),
        code.Call(code.Name("self.named_modules")),
        (code.For(target, own, chain),),
    )
