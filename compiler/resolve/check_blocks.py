"""Checks of the model and its blocks as classes: their names, and that none contains itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from ...spec import registry
from ...spec.model import Spec
from ...spec.names import STANDARD_LIBRARY, is_identifier, refused_as_name, shown, snake_case
from ...spec.package_words import PACKAGE_WORDS
from ...spec.source import Path
from .bound import Named
from .dependence import all_nodes, own_arguments
from .graph import Container, Formula, Node, Recurrence, Scope, parts
from .problems import Problems
from .sequential import unlinked

MAX_DEPTH: Final = 50
_LIBRARIES: Final = frozenset(
    [
        "torch",
        "numpy",
        "pandas",
        "sklearn",
        "scipy",
        "matplotlib",
        "tqdm",
        "yaml",
        "specc",
        "test",
        "tests",
        "train",
        "setup",
    ]
)


def check_class_names(spec: Spec, problems: Problems) -> None:
    """Reports names that can be no class, or not one of their own, or no package."""
    name = spec.model.name
    reason = refused_as_name(name) or _refused_as_package(snake_case(name))
    help = None
    if not reason and name in PACKAGE_WORDS:
        reason = "the package has a variable of this name"
        help = f"write it as classes are written: {name.title().replace('_', '')}"
    if reason:
        said = f"{shown(name)} can't be the model's name: {reason}"
        problems.error("bad-name", said, ("model", "name"), help=help)
    for block in spec.blocks:
        place: Path = ("blocks", block)
        reason = refused_as_name(block)
        if registry.families("layers").get(block):
            reason = f"torch.nn.{block} is called so"
        elif block in (name, f"{name}Output"):
            reason = "the model is called so"
        if reason:
            said = f"{shown(block)} can't be a block's name: {reason}"
            problems.error("bad-name", said, place, part="key")


def check_sequential(
    nodes: Sequence[Node], several: Collection[str], path: Path, problems: Problems
) -> None:
    """Reports what can't stand in a block whose class is an `nn.Sequential`."""
    where = [((*path, "sequential"), None, "an nn.Sequential, which is a chain")]
    if problems.raw((*path, "outputs")) is not None:
        said = "a sequential block returns its last value: it has no outputs of its own"
        problems.error("conflict", said, (*path, "outputs"), part="key", labels=where)
    child = unlinked(nodes, several)
    if child is None:
        return
    problems.error(
        "not-sequential",
        "each entry of a sequential block is a module of one value that takes the value before it"
        " and that only the next one reads",
        child.path,
        labels=where,
        help="leave out sequential: then forward is written out",
    )


def check_recomputed(nodes: Sequence[Node], problems: Problems) -> None:
    """Reports containers that are to be recomputed and are no module of their own."""
    for node in nodes:
        if not isinstance(node.action, Container):
            continue
        if node.recompute and not node.action.is_chain:
            problems.error(
                "conflict",
                "recompute is for a module, a block, or a container that is a chain of these",
                (*node.path, "recompute"),
                part="key",
                help="write a block in the container's place",
            )
        check_recomputed(node.action.children, problems)


def check_functions(
    called: Mapping[str, Path], blocks: Mapping[str, Scope], problems: Problems
) -> None:
    """Reports blocks that are called as functions and hold more than mathematics.

    called: with the place of a call.
    """
    for name, place in called.items():
        reason = _refused_as_function(blocks[name])
        if reason:
            problems.error(
                "not-callable",
                f"{name} can't be called as a function: {reason}",
                place,
                labels=[(("blocks", name), None, "the block")],
                help=f'write an entry of its own: {{ type = "{name}", inputs = […] }}',
            )


def _refused_as_function(scope: Scope) -> str | None:
    if any(not param.is_constant for param in scope.params):
        return "it has params"
    if any(item.optional for item in scope.inputs):
        return "it has an optional input"
    for node in all_nodes(scope.nodes):
        if not isinstance(node.action, Formula | Recurrence):
            return "it holds more than expressions"
        found = [part for argument in own_arguments(node) for part in parts(argument)]
        if any(isinstance(part, Named) and part.name == "training" for part in found):
            return "it depends on training"
    return None


def _refused_as_package(package: str) -> str | None:
    if not is_identifier(package):
        return f"its package would be called {shown(package)}"
    if package in _LIBRARIES or package in STANDARD_LIBRARY:
        return f"its package would hide Python's {package}"
    return None


def report_recursion(uses: Mapping[str, Mapping[str, Path]], problems: Problems) -> bool:
    """Whether a block contains itself, or too many within each other; each circle is reported once.

    uses: the blocks that a block uses, with the place of the first use.
    """
    depths: dict[str, int] = {}
    found = False
    for block in uses:
        try:
            _depth(block, uses, [], depths)
        except _Endless as error:
            found = True
            outer, inner = error.circle[-2:]
            names = " contains ".join(error.circle)
            said = f"a block can't contain itself: {names}"
            if error.circle[0] != inner:
                said = f"blocks may contain each other {MAX_DEPTH} deep, these go deeper: {names}"
            problems.error(error.code, said, uses[outer][inner])
    return found


class _Endless(Exception):
    """Blocks each of which contains the next; in a circle the last is the first."""

    def __init__(self, code: str, circle: list[str]) -> None:
        super().__init__(code)
        self.code = code
        self.circle = circle


def _depth(
    block: str, uses: Mapping[str, Mapping[str, Path]], above: list[str], depths: dict[str, int]
) -> int:
    """How many blocks are within each other from a block on. Raises `_Endless`."""
    if block in above:
        raise _Endless("recursion", [*above[above.index(block) :], block])
    if len(above) >= MAX_DEPTH:
        raise _Endless("too-deep", [*above[-2:], block])
    if block not in depths:
        # Whatever goes wrong below is told once.
        depths[block] = 0
        inner = [_depth(name, uses, [*above, block], depths) for name in uses.get(block, {})]
        depths[block] = 1 + max(inner, default=0)
    if len(above) + depths[block] > MAX_DEPTH:
        raise _Endless("too-deep", [*above[-2:], block])
    return depths[block]
