"""Graph -> TypedGraph: conditions, repeats, blocks, sizes and types, settled together in order."""

from __future__ import annotations

from collections.abc import Mapping

from ...spec.model import MAX_LAYERS
from ...spec.source import Path
from ...spec.tensor.check import collecting_needs
from ...spec.tensor.dim import Dim
from ...spec.tensor.dtype import DTYPES, DType
from ...spec.tensor.facts import Facts
from ..resolve.graph import (
    BlockUse,
    Graph,
    Node,
    Scope,
)
from ..resolve.problems import Problems
from .declare import constants, declare_model_inputs, param_values, unknown_dtype
from .declare_block import bind_block_inputs, check_declared
from .elaborate_scope import ScopeElaborator
from .environment import Environment
from .evaluate import Evaluator, Unknown
from .repeats import Place
from .typed import Known, TypedGraph, TypedScope, count_leaves, leaves, own_leaves, state


def elaborate(graph: Graph, settings: Mapping[str, Known], problems: Problems) -> TypedGraph | None:
    """The typed model, or None after reporting why there is none.

    settings: values for the model's params that replace their defaults.
    """
    before = len(problems.found)
    with collecting_needs() as needs:
        elaborator = _Elaborator(graph, problems, {})
        root = elaborator.model(settings)
    found = {path: frozenset(places) for path, places in elaborator.changing.items() if places}
    if found and len(problems.found) == before:
        # Once more, with names for the sizes that change within repeats.
        with collecting_needs() as needs:
            elaborator = _Elaborator(graph, problems, found)
            root = elaborator.model(settings)
    if len(problems.found) > before or root is None:
        return None
    ties, late = _initialisation(graph, root, elaborator.model_params, problems)
    if len(problems.found) > before:
        return None
    blocks = {
        name: tuple(t for key, t in elaborator.made.items() if key[0] == name and t is not None)
        for name in graph.blocks
    }
    unique = tuple(dict.fromkeys(needs))
    return TypedGraph(root, blocks, elaborator.facts, unique, graph.model.init, ties, late)


def elaborate_layers(
    scope: Scope, values: Mapping[str, Known], params: Mapping[str, Known], problems: Problems
) -> tuple[TypedGraph | None, Environment]:
    """A scope that stands alone, of typed inputs and known params; with it what its names mean.

    What of it can't be typed is reported, or follows from what is not known.
    values: what it takes, by name.
    """
    running: dict[Path, frozenset[Place]] = {}
    while True:
        elaborator = _Elaborator(Graph(scope, {}), problems, running)
        elaborator.dtype = scope.dtype if scope.dtype in DTYPES else None
        elaborator.model_params = dict(params)
        environment = constants(elaborator.model_params, params, values)
        with collecting_needs() as needs:
            root = ScopeElaborator(elaborator, scope, environment).run()
        found = {path: frozenset(places) for path, places in elaborator.changing.items() if places}
        if not found or running or root is None:
            break
        running = found
    typed = None if root is None else TypedGraph(root, {}, None, tuple(dict.fromkeys(needs)))
    return typed, environment


def _initialisation(
    graph: Graph, root: TypedScope, params: dict[str, Known], problems: Problems
) -> tuple[dict[str, str], frozenset[Path]]:
    """The ties of parameters, and the entries that are parametrized after their first values;
    reports rules and ties that do not fit the model."""
    if not (graph.model.init or graph.model.ties):
        return {}, frozenset()
    from .settle_init import settle_rules, settle_ties

    own = [leaf.path for leaf in own_leaves(root)]
    ties = settle_ties(graph.model.ties, state(root), own, problems)
    exclusive = isinstance(problems.raw(("model", "init")), dict)
    evaluator = Evaluator(constants(params))
    found = list(leaves(root))
    settle_rules(graph.model.init, exclusive, found, ties, evaluator, problems)
    parametrized = [leaf for leaf in found if leaf.typed.parametrized]
    if not parametrized:
        return ties, frozenset()
    from .parametrize import filled_before

    return ties, filled_before(graph.model.init, parametrized, graph, problems)


class _Elaborator:
    """Holds what is shared by all scopes of one model."""

    def __init__(
        self, graph: Graph, problems: Problems, running: Mapping[Path, frozenset[Place]]
    ) -> None:
        self.graph = graph
        self.problems = problems
        self.running = running
        self.changing: dict[Path, set[Place]] = {}
        self.made: dict[tuple[object, ...], TypedScope | None] = {}
        self.inside: list[str] = []
        self.layers = 0
        self.depth = 0
        self.facts: Facts | None = None
        self.model_params: dict[str, Known] = {}
        self.dtype: DType | None = None

    def model(self, settings: Mapping[str, Known]) -> TypedScope | None:
        scope = self.graph.model
        if scope.dtype is not None and scope.dtype not in DTYPES:
            unknown_dtype(scope.dtype, ("model", "dtype"), self.problems)
        else:
            self.dtype = scope.dtype
        self.model_params = param_values(scope, settings, {}, self.problems)
        sizes, inputs, self.facts = declare_model_inputs(
            scope, self.model_params, self.dtype, self.problems
        )
        environment = constants(self.model_params, self.model_params, inputs, sizes)
        root = ScopeElaborator(self, scope, environment).run()
        if root is not None and count_leaves(root.nodes) > MAX_LAYERS:
            self._too_many(("model", "layers"))
        return root

    def block(
        self, use: BlockUse, given: Mapping[str, Known], inputs: Mapping[str, Known], node: Node
    ) -> TypedScope | None:
        """A block's body for given params and input types, made once for each."""
        scope = self.graph.blocks[use.block]
        key = (use.block, tuple(given.items()), tuple(inputs.items()))
        if use.block in self.inside:
            # Only a param of type module leads here: all others were followed when names were.
            circle = " contains ".join([*self.inside[self.inside.index(use.block) :], use.block])
            self.problems.error("recursion", f"a block can't contain itself: {circle}", node.path)
            raise Unknown
        if key not in self.made:
            self.made[key] = None
            sizes: dict[str, Dim] = {}
            local = bind_block_inputs(scope, inputs, sizes, self.problems, node)
            if local is None:
                return None
            places = {key: argument.path for key, argument in use.arguments.items()}
            params = param_values(
                scope, given, self.model_params, self.problems, local, sizes, places
            )
            environment = constants(params, self.model_params, local, sizes)
            if self._fits(scope, local, Evaluator(environment), node):
                self.inside.append(use.block)
                with self.problems.around(node.path, f"in this use of {use.block}"):
                    self.made[key] = ScopeElaborator(self, scope, environment).run()
                self.inside.pop()
        return self.made[key]

    def _fits(
        self, scope: Scope, inputs: dict[str, Known], evaluator: Evaluator, node: Node
    ) -> bool:
        """Whether a block's inputs are as it declares them."""
        if not check_declared(scope, inputs, evaluator, self.problems, node):
            return False
        if not any(item.conditions for item in scope.inputs):
            return True
        # Imported where a block has such conditions: most have none.
        from .block_conditions import check_conditions

        return check_conditions(scope, evaluator, self.problems, node)

    def count_layer(self, node: Node) -> None:
        self.layers += 1
        if self.layers > MAX_LAYERS:
            self._too_many(node.path)
            raise Unknown

    def _too_many(self, path: Path) -> None:
        self.problems.error(
            "too-many-layers", f"a model has at most {MAX_LAYERS:,} layers", path, part="key"
        )
