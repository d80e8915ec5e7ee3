"""Types the entries of one scope in order: conditions, repeats, calls, blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Protocol

from ...spec.source import Path
from ...spec.tensor.check import collecting_needs, state_needs
from ...spec.tensor.cost import counting
from ...spec.tensor.dtype import DType
from ...spec.tensor.type import TensorType
from ..resolve.bound import BlockCall, Each, LayerCall, State
from ..resolve.graph import (
    Argument,
    BlockUse,
    Container,
    Formula,
    Graph,
    ModuleUse,
    Node,
    ParamUse,
    Recurrence,
    Scope,
    TensorUse,
)
from ..resolve.problems import Problems
from .call_again import (
    call_again,
    first_call,
    is_pending,
    read_state,
    refuse_absent,
    with_first_calls,
)
from .call_block import call_block
from .callers import in_callers_words
from .cases import read_output, read_value, read_values
from .container_numbers import check_number
from .declare import declarations, owners_of_sizes
from .describe import describe
from .elaborate_repeat import count_of, elaborate_repeat
from .environment import Environment
from .evaluate import Evaluator, Unknown
from .instantiate import check_arguments
from .optional_inputs import made_in_each_case, named_block_inputs
from .read_argument import read_all, read_argument
from .repeats import Place, numbered
from .typed import (
    Known,
    TypedNode,
    TypedScope,
    numbers_taken,
    of_training,
    output_names,
    where_given,
)


class Owner(Protocol):
    """What all scopes of one model share.

    running: the sizes of each repeat that change from one time to the next. changing: those found.
    depth: how many recurrences are around what is typed.
    """

    graph: Graph
    problems: Problems
    dtype: DType | None
    running: Mapping[Path, frozenset[Place]]
    changing: dict[Path, set[Place]]
    depth: int

    def block(
        self, use: BlockUse, given: Mapping[str, Known], inputs: Mapping[str, Known], node: Node
    ) -> TypedScope | None:
        """A block's body for given params and input types."""

    def count_layer(self, node: Node) -> None:
        """Notes an entry. Raises `Unknown` after reporting that there are too many."""


class ScopeElaborator:
    """Types the entries of the model or of one use of a block, in order."""

    def __init__(self, owner: Owner, scope: Scope, environment: Environment) -> None:
        self.owner = owner
        self.scope = scope
        self.problems = owner.problems
        self.environment = environment
        self.evaluator = Evaluator(environment)
        self.made: dict[object, TypedNode] = {}
        environment.call_layer = self._call_again
        environment.state = self._state
        environment.dtype = owner.dtype
        environment.owners = owners_of_sizes(scope)

    def run(self) -> TypedScope | None:
        if not self._requirements_hold():
            return None
        made = self.nodes(self.scope.nodes, 0 if self.scope.is_sequential else None)
        outputs = []
        failed = False
        for name, argument in self.scope.outputs:
            try:
                outputs.append((name, read_output(argument, self.evaluator, self.problems)))
            except Unknown:
                failed = True
        nodes = with_first_calls(made, self.made, self.problems)
        if failed or not outputs:
            return None
        env = self.environment
        inputs = {name: where_given(value) for name, value in env.inputs.items()}
        return TypedScope(
            self.scope,
            env.params,
            {name: value for name, value in inputs.items() if isinstance(value, TensorType)},
            env.sizes,
            nodes,
            tuple(outputs),
            frozenset(env.made_as_model),
            {text: frozenset(taken) for text, taken in env.decided.items()},
        )

    def _requirements_hold(self) -> bool:
        count = len(self.problems.found)
        for argument in self.scope.require:
            try:
                value = self.value(argument)
            except Unknown:
                continue
            if value is True:
                continue
            said = "does not hold" if value is False else f"is no condition but {describe(value)}"
            self.problems.error("require", f"this requirement {said}", argument.path)
        # What a broken requirement leads to would only repeat it.
        return len(self.problems.found) == count

    def value(self, argument: Argument) -> Known:
        """What an argument gives. Raises `Unknown` where it gives nothing."""
        return read_argument(argument, self.evaluator, self.problems)

    def nodes(self, nodes: Sequence[Node], number: int | None) -> tuple[TypedNode, ...]:
        """Entries, typed in order, without those that failed.

        number: of the first one without a name, where such are numbered.
        """
        typed: list[TypedNode] = []
        for node in nodes:
            name = None
            if number is not None and not node.names and not node.template:
                check_number(nodes, node, number, self.problems)
                name = str(number)
            try:
                result = self._node(node, name)
            except Unknown:
                continue
            typed.append(result)
            if number is not None:
                number += numbers_taken(result)
        if any(one.named for one in typed):
            from .time_names import check_free

            check_free(typed, self.environment.params, self.problems)
        return tuple(typed)

    def _node(self, node: Node, number: str | None) -> TypedNode:
        if node.in_training:
            result = self._in_training(node, number)
        else:
            result = self._present_or_absent(node, number)
        self._remember(result)
        return result

    def _in_training(self, node: Node, number: str | None) -> TypedNode:
        """An entry that runs in training only: so far its needs go, and its values are."""
        env = self.environment
        outer, env.training = env.training, (*node.path, "when")
        try:
            with collecting_needs() as needs:
                result = self._present_or_absent(node, number)
        finally:
            source, env.training = env.training, outer
        state_needs(needs, training=True)
        return result.replace(outputs=of_training(result.outputs, source))

    def _present_or_absent(self, node: Node, number: str | None) -> TypedNode:
        try:
            inputs = self._inputs(node)
        except Unknown:
            self._check_alone(node)
            raise
        if not self._is_present(node):
            return TypedNode(node, inputs, inputs[:1], absent=True, number=number)
        if node.repeat is not None:
            return elaborate_repeat(self, node, inputs, number)
        return self.once(node, inputs, number)

    def _is_present(self, node: Node) -> bool:
        return node.when is None or node.in_training or self._condition(node.when)

    def _check_alone(self, node: Node) -> None:
        """Reports what is wrong with an entry whatever it is called with."""
        outer = self.environment.index
        if node.repeat is not None:
            self.environment.index = numbered(node.path, 0)
        with suppress(Unknown):
            self._is_present(node)
        with suppress(Unknown):
            if node.repeat is not None:
                count_of(node.repeat, self.evaluator, self.problems)
        with suppress(Unknown):
            if isinstance(node.action, ModuleUse):
                check_arguments(node, node.action, self.evaluator, self.problems)
        self.environment.index = outer

    def _remember(self, typed: TypedNode) -> None:
        self.made[typed.node.path] = typed
        outputs, source = typed.outputs, self.environment.training
        if source is not None:
            outputs = of_training(outputs, source)
        self.environment.values[typed.node.path] = (output_names(typed), outputs)

    def _inputs(self, node: Node) -> tuple[Known, ...]:
        if node.call is None:
            return ()
        arguments = dict(enumerate(argument for _, argument in node.call.arguments))
        return tuple(read_values(arguments, self.evaluator, self.problems).values())

    def _condition(self, when: Argument) -> bool:
        labels = [(path, None, "declared here") for path in declarations(self.scope, when)]
        value = read_argument(when, self.evaluator, self.problems, labels)
        if not isinstance(value, bool):
            self.problems.error(
                "wrong-type", f"when needs a condition, this is {describe(value)}", when.path
            )
            raise Unknown
        return value

    def _parametrized(self, made: TypedNode) -> TypedNode:
        from .parametrize import settle_parametrized

        assert made.layer is not None
        settled = settle_parametrized(made.node, made.layer, self.evaluator, self.problems)
        return made.replace(parametrized=settled)

    def once(self, node: Node, inputs: tuple[Known, ...], number: str | None) -> TypedNode:
        """An entry typed for one call, or one time of a repeat."""
        self.owner.count_layer(node)
        if isinstance(node.action, ParamUse):
            node = self._settled(node, node.action)
        match node.action:
            case ModuleUse():
                layer, outputs, flops = made_in_each_case(
                    node, node.action, inputs, self.owner.dtype, self.evaluator, self.problems
                )
                made = TypedNode(node, inputs, outputs, layer=layer, number=number, flops=flops)
                return self._parametrized(made) if node.parametrized else made
            case BlockUse() if node.call is None:
                # Its first call settles its sizes.
                return TypedNode(node, (), (), number=number)
            case BlockUse():
                return self._block(node, node.action, inputs, number)
            case Formula(expression):
                with counting() as spent:
                    values = self._formula(node, expression)
                return TypedNode(node, (), values, flops=spent.total())
            case Recurrence():
                from .recurrence import RecurrenceElaborator

                return RecurrenceElaborator(self, node, node.action, self.owner).run(inputs, number)
            case Container(children):
                return self._container(node, children, inputs, number)
            case TensorUse():
                from .own_tensor import own_tensor

                entry = own_tensor(
                    node, node.action, self.owner.dtype, self.evaluator, self.problems
                )
                return TypedNode(node, (), (entry.type,), tensor=entry)
        raise TypeError(type(node.action).__name__)

    def _settled(self, node: Node, use: ParamUse) -> Node:
        """An entry whose type is a param, with the module that the param stands for."""
        from .module_params import merged

        action = merged(use, self.owner.graph, self.evaluator, self.problems)
        return node.replace(action=action)

    def _formula(self, node: Node, expression: Argument) -> tuple[Known, ...]:
        value = read_value(expression, self.evaluator, self.problems)
        if len(node.names) <= 1:
            return (value,)
        if not isinstance(value, tuple) or len(value) != len(node.names):
            self.problems.error(
                "unpack",
                f"{len(node.names)} names need as many values, this is {describe(value)}",
                expression.path,
                labels=[((*node.path, "name"), None, f"{len(node.names)} names")],
            )
            raise Unknown
        return value

    def _container(
        self,
        node: Node,
        children: Sequence[Node],
        inputs: tuple[Known, ...],
        number: str | None,
    ) -> TypedNode:
        self.environment.values[node.path] = (("input",), inputs)
        made = self.nodes(children, 0)
        if len(made) < len(children):
            # What it takes is no longer its value: what reads the container keeps quiet.
            del self.environment.values[node.path]
            raise Unknown
        assert isinstance(node.action, Container)
        last = node.action.last
        place = last.path if last is not None else None
        outputs = next((one.outputs for one in made if one.node.path == place), inputs)
        return TypedNode(node, inputs, outputs, children=made, number=number)

    def _block(
        self, node: Node, use: BlockUse, inputs: tuple[Known, ...], number: str | None
    ) -> TypedNode:
        given = read_all(use.arguments, self.evaluator, self.problems)
        declared = self.owner.graph.blocks[use.block].inputs
        named = named_block_inputs(node, use, declared, inputs, self.problems)
        body = self.owner.block(use, given, named, node)
        if body is None:
            raise Unknown
        outputs = in_callers_words(body, given, named)
        return TypedNode(node, inputs, outputs, scope=body, number=number)

    def _call_again(
        self, call: LayerCall | BlockCall, args: Sequence[Known], keywords: Mapping[str, Known]
    ) -> Known:
        """Types a second call of an earlier layer, or the call of a block as a function."""
        if isinstance(call, BlockCall):
            return call_block(self.owner, self.environment.place, call, args, keywords)
        earlier = self.made.get(call.entry)
        if earlier is None:
            refuse_absent(call.entry, self.made)
            raise Unknown
        use = earlier.node.action
        declared = self.owner.graph.blocks[use.block].inputs if isinstance(use, BlockUse) else ()
        if is_pending(earlier):
            earlier = first_call(earlier, args, keywords, declared, self._body)
            self.made[call.entry] = earlier
        return call_again(earlier, args, keywords, declared, self._body)

    def _body(
        self, earlier: TypedNode, named: Mapping[str, Known]
    ) -> tuple[TypedScope | None, Mapping[str, Known]]:
        use = earlier.node.action
        assert isinstance(use, BlockUse)
        given = read_all(use.arguments, self.evaluator, self.problems)
        return self.owner.block(use, given, named, earlier.node), given

    def _state(self, state: State | Each) -> Known:
        if isinstance(state, Each):
            # Imported where a spec reads such a list: most do not.
            from .each_time import each

            return each(state, self.made)
        earlier = self.made.get(state.entry)
        if earlier is None:
            refuse_absent(state.entry, self.made)
            raise Unknown
        return read_state(earlier, state.name)
