"""`layers` of `[loss]`: values that exist only in training, read as those of a model."""

from __future__ import annotations

from collections.abc import Iterator

from ...spec.kinds import describe
from ...spec.names import names_file
from ...spec.source import Path
from ..elaborate.typed import TypedGraph, state
from ..resolve.arguments import ArgumentReader
from ..resolve.bind import Names
from ..resolve.bound import Gradient, Input
from ..resolve.dependence import all_nodes
from ..resolve.entries import EntryReader
from ..resolve.graph import Argument, Formula, InputDeclaration, Node, Recurrence, Scope, parts
from ..resolve.problems import Problems
from ..resolve.sequential import with_chains
from ..resolve.validate import read_entries
from .loss_names import LossWords
from .training_spec import LossTerm


class LayersReader:
    """Reads the layers of a loss; losses are read afterwards, in the same scope.

    names: the meanings of all names, those of the layers among them.
    first: the output that the first layer takes, where there is one.
    """

    def __init__(self, path: Path, names: Names, typed: TypedGraph, problems: Problems) -> None:
        self.path = path
        self.names = names
        self.typed = typed
        self.problems = problems
        self.nodes: tuple[Node, ...] = ()
        self.arguments = ArgumentReader(names, problems)
        self.entries = EntryReader(names, self.arguments, problems, {})

    def read(self, first: str | None) -> None:
        """Reads the entries. first: the output that the first one takes, if it takes one."""
        place = (*self.path, "layers")
        written = self.problems.raw(place)
        if not isinstance(written, list):
            said = f"layers must be a list, not {describe(written)}"
            self.problems.error("wrong-type", said, place)
        elif not _refuse(written, place, self.typed, self.problems):
            entries = read_entries(written, place, self.problems)
            if entries:
                self.nodes = self.entries.scope(entries, place, first)
        # Losses say what they read.
        self.names.before = None

    def scope(self, terms: tuple[LossTerm, ...], words: LossWords) -> Scope:
        """The layers as those of a model; reports what none of the losses reads.

        words: what losses speak of.
        """
        self.entries.report_unread(self.nodes)
        read = [Argument(term.path, part) for term in terms for part in term.expressions]
        nodes = with_chains(self.nodes, read, set())
        for node in all_nodes(nodes):
            said = _unsupported(node)
            if said is not None:
                said = f"{said} among the layers of a loss: not in this version"
                self.problems.error("not-supported", said, node.path)
        root = self.typed.root.scope
        params = tuple(param for param in root.params if param.type != "module")
        declared = tuple(
            InputDeclaration(name, self.path, None, None, (), optional=False)
            for name in (*words.names, *state(self.typed.root))
            if name in self.names.read
        )
        # What they give is what losses read: a scope gives something in any case.
        outputs = (("", Argument(self.path, Input(words.output, (0, 0)))),)
        return Scope(
            "Loss",
            ("model",),
            params,
            declared,
            (),
            (),
            nodes,
            outputs,
            frozenset(),
            root.dtype,
        )


def _unsupported(node: Node) -> str | None:
    """What an entry has that layers of a loss can't have, if it has any."""
    if isinstance(node.action, Recurrence) or node.repeat is not None:
        return "a repeat"
    if node.in_training:
        return "a value that is None in eval mode"
    if isinstance(node.action, Formula):
        read = parts(node.action.expression)
        return "grad" if any(isinstance(part, Gradient) for part in read) else None
    return None


def _refuse(written: object, path: Path, typed: TypedGraph, problems: Problems) -> bool:
    """Reports what layers of a loss can't be; whether there is any."""
    found = False
    modules = {param.name for param in typed.root.scope.params if param.type == "module"}
    for place, kind in _types(written, path):
        what = "a class of one's own"
        if not names_file(kind):
            what = "a block" if kind in typed.blocks else "a param"
        if kind in typed.blocks or kind in modules or names_file(kind):
            said = f"{kind} is {what}: not among the layers of a loss, in this version"
            problems.error("not-supported", said, place)
            found = True
    return found


def _types(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    """The types of entries, those in containers included, with their places."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _types(item, (*path, index))
    elif isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        if isinstance(value.get("type"), str):
            yield (*path, "type"), value["type"]
        if isinstance(value.get("layers"), list):
            yield from _types(value["layers"], (*path, "layers"))
