"""TypedGraph -> `forward` of a class: straight-line code, one statement for each value."""

from __future__ import annotations

from collections import Counter

from ..spec.names import snake_case
from ..spec.source import Path
from ..spec.tensor.dim import Dim
from . import code
from .bound import Bound, Gradient, Input, LayerCall, Size, Value, walk
from .class_plan import ClassPlan, ModelPlanner
from .graph import BlockUse, Container, Formula, ModuleUse, Node, TensorUse
from .shape_comments import ShapeComments
from .steps import Key, Step, expressions, key, steps
from .translate import Words
from .typed import TypedNode

_TENSOR = code.Name("Tensor")
_CHAIN = ("x", "out", *(f"out{number}" for number in range(2, 1000)))


class ForwardPlanner:
    """Plans `forward` of one class."""

    def __init__(self, owner: ModelPlanner, plan: ClassPlan) -> None:
        self.owner = owner
        self.plan = plan
        scope = plan.scope
        self.steps = list(
            steps(scope.nodes, [use.nodes for use in plan.uses])
        )
        self.comments = ShapeComments(plan, self.steps)
        self.layers = {step.node.path: step.owner for step in self.steps}
        self.names: dict[Key, str] = {item.name: item.name for item in scope.inputs}
        self.aliases: dict[Path, Bound] = {}
        self.reads = self._count_reads()
        self.assigned = {item.name for item in scope.inputs}
        self.sizes_used: dict[str, None] = {}
        self.words = Words(
            value=self._value,
            param=self._param,
            size=self._size,
            layer=lambda path: self.layers[path],
            device=self._device,
            dtype=owner.dtype,
        )

    def _count_reads(self) -> Counter[Key]:
        """How often each value is read, by entries and by the outputs."""
        reads: Counter[Key] = Counter()
        for step in self.steps:
            for node in walk(expressions(step.node)):
                if isinstance(node, Value | Input):
                    reads[key(node)] += 1
        for _, argument in self.plan.scope.outputs:
            for node in walk(argument.value):
                if isinstance(node, Value | Input):
                    reads[key(node)] += 1
        return reads

    def body(self) -> tuple[code.Statement, ...]:
        """The statements of forward."""
        statements: list[code.Statement] = []
        for index, step in enumerate(self.steps):
            statements += self._statement(step, index)
        statements.append(self._return())
        unpacked = self._unpacked_sizes()
        if self.words.needs_derivative:
            return self._under_grad(unpacked, statements)
        self.owner.modules |= self.words.modules
        return (*unpacked, *statements)

    def _statement(self, step: Step, index: int) -> list[code.Statement]:
        node, typed = step.node, step.typed
        if isinstance(node.action, TensorUse):
            self.names[node.path] = f"self.{node.attribute}"
            return []
        if step.is_opened:
            self._pass_on_last(node, typed)
            return []
        if node.call is None and not isinstance(node.action, Formula):
            return []
        if all(one.absent for one in typed):
            self._pass_on_input(node)
            return []
        value = self._called(step)
        if node.repeat is not None and not node.shared:
            return self._loop(step, index)
        return [self._assign(step, index, value)]

    def _pass_on_last(self, node: Node, typed: tuple[TypedNode, ...]) -> None:
        assert isinstance(node.action, Container)
        last = node.action.children[-1]
        if typed[0].absent:
            self._pass_on_input(node)
        else:
            self.aliases[node.path] = Value(last.path, None, (0, 0))

    def _pass_on_input(self, node: Node) -> None:
        assert node.call is not None
        self.aliases[node.path] = node.call.arguments[0][1].bound

    def _called(self, step: Step) -> code.Expression:
        node = step.node
        if isinstance(node.action, Formula):
            return self.words.expression(node.action.expression.bound)
        return self._call(node, step.owner)

    def _call(self, node: Node, layer: code.Expression) -> code.Call:
        assert node.call is not None
        args: list[code.Expression] = []
        keywords: list[code.Keyword] = []
        for name, argument in node.call.arguments:
            made = self.words.expression(argument.bound)
            if name is None:
                args.append(made)
            else:
                keywords.append(code.Keyword(name, made))
        return code.Call(layer, tuple(args), tuple(keywords))

    def _loop(self, step: Step, index: int) -> list[code.Statement]:
        """A repeat: `for block in self.h: x = block(x)`."""
        node = step.node
        variable = self._loop_variable(node)
        before = self._call(node, code.Name(variable))
        statements: list[code.Statement] = []
        assert node.call is not None
        first = self.words.expression(node.call.arguments[0][1].bound)
        if isinstance(first, code.Name) and not self._is_alive(first.id, index):
            # What goes in is not read again: the loop may renew it in place.
            target: code.Name | code.Tuple = first
            self.names[node.path] = first.id
        else:
            target = self._target(step, index)
        if first != target and isinstance(target, code.Name):
            statements.append(code.Assign(target, first))
        rest = before.args[1:]
        call = code.Call(before.func, (target, *rest), before.keywords)
        self.assigned.add(target.id if isinstance(target, code.Name) else "")
        loop = code.For(code.Name(variable), step.owner, (code.Assign(target, call),))
        return [*statements, loop]

    def _loop_variable(self, node: Node) -> str:
        """A name for one time of a repeat that means nothing else here."""
        wish = snake_case(node.action.block) if isinstance(node.action, BlockUse) else "layer"
        scope = self.plan.scope
        taken = {*scope.sizes, *self.assigned, *(name for n in scope.nodes for name in n.names)}
        return wish if wish not in taken else f"{wish}_layer"

    def _assign(self, step: Step, index: int, value: code.Expression) -> code.Statement:
        target = self._target(step, index)
        annotation = None
        if isinstance(target, code.Name):
            untyped = not isinstance(step.node.action, Formula) or isinstance(
                step.node.action.expression.value, LayerCall
            )
            if untyped and target.id not in self.assigned:
                annotation = _TENSOR
            self.assigned.add(target.id)
        return code.Assign(target, value, annotation, self.comments.comment(step))

    def _target(self, step: Step, index: int) -> code.Name | code.Tuple:
        node = step.node
        if len(node.names) > 1:
            for place, name in enumerate(node.names):
                self.names[f"{node.path}[{place}]"] = name
            return code.Tuple(tuple(code.Name(name) for name in node.names))
        name = self._variable(step, index)
        self.names[node.path] = name
        outputs = step.typed[0].outputs
        if len(outputs) == 1 or isinstance(node.action, Formula):
            return code.Name(name)
        return self._several(step, name)

    def _several(self, step: Step, first: str) -> code.Tuple | code.Name:
        """Targets for a module's several outputs; those that nothing reads are `_`."""
        node = step.node
        if not isinstance(node.action, ModuleUse):
            return code.Name(first)
        items = [code.Name(first)]
        for output in node.action.layer.forward_outputs[1:]:
            key = f"{node.path}.{output}"
            if self.reads[key]:
                self.names[key] = f"{first}_{output}"
                items.append(code.Name(self.names[key]))
            else:
                items.append(code.Name("_"))
        return code.Tuple(tuple(items))

    def _variable(self, step: Step, index: int) -> str:
        """`x` along a chain; a branch has its own name."""
        node = step.node
        if isinstance(node.action, Formula) and node.names:
            return node.names[0]
        own = node.names[0] if node.names else step.typed[0].name or ""
        if not self._in_chain(index) and own and not own.isdigit():
            return own
        # `x` along a chain; another name where x still holds a value that is read later.
        return next(name for name in _CHAIN if not self._is_alive(name, index))

    def _in_chain(self, index: int) -> bool:
        """Whether the next step, or the return, is the only reader of this step's value."""
        path = self.steps[index].node.path
        if self.reads[path] > 1 or self._is_one_of_several_outputs(path):
            return False
        for step in self.steps[index + 1 :]:
            if step.is_opened:
                continue
            return self._reads_of(step, path) > 0 or self.reads[path] == 0
        return True

    def _is_one_of_several_outputs(self, path: Path) -> bool:
        outputs = self.plan.scope.outputs
        values = [argument.value for _, argument in outputs]
        return len(outputs) > 1 and any(
            isinstance(value, Value) and value.entry == path for value in values
        )

    def _reads_of(self, step: Step, path: Path) -> int:
        found = walk(expressions(step.node))
        return sum(isinstance(node, Value | Input) and key(node) == path for node in found)

    def _is_alive(self, variable: str, index: int) -> bool:
        """Whether a value that the variable holds is read after this step."""
        holders = {key for key, name in self.names.items() if name == variable}
        latest = [key for key in self.names if key in holders][-1:]
        later = [n for step in self.steps[index + 1 :] for n in expressions(step.node)]
        later += [
            argument.value
            for _, argument in self.plan.scope.outputs
            if not isinstance(argument.value, tuple)
        ]
        return any(
            isinstance(node, Value | Input) and self._resolved(node) in latest
            for node in walk(tuple(later))
        )

    def _resolved(self, node: Bound) -> Key:
        while isinstance(node, Value) and node.output is None and node.entry in self.aliases:
            node = self.aliases[node.entry]
        return key(node)

    def _value(self, node: Bound) -> code.Expression:
        if isinstance(node, Value) and node.output == "input":
            return self._container_input(node)
        if isinstance(node, Value) and node.entry in self.aliases and node.output is None:
            return self.words.expression(self.aliases[node.entry])
        if isinstance(node, Value) and isinstance(node.output, str):
            return self._output_of(node)
        return code.Name(self.names[key(node)])

    def _output_of(self, node: Value) -> code.Expression:
        key = f"{node.entry}.{node.output}"
        if key in self.names:
            return code.Name(self.names[key])
        held = code.Name(self.names[node.entry])
        step = next(step for step in self.steps if step.node.path == node.entry)
        if isinstance(step.node.action, BlockUse) and len(step.typed[0].outputs) > 1:
            return code.Attribute(held, str(node.output))
        return held

    def _container_input(self, node: Value) -> code.Expression:
        step = next(step for step in self.steps if step.node.path == node.entry)
        assert step.node.call is not None
        return self.words.expression(step.node.call.arguments[0][1].bound)

    def _param(self, name: str) -> code.Expression:
        self.plan.kept[name] = None
        return code.Name(f"self.{name}")

    def _size(self, name: str) -> code.Expression:
        self.sizes_used[name] = None
        return code.Name(name)

    def _device(self) -> code.Expression | None:
        inputs = self.plan.scope.inputs
        return code.Name(inputs[0].name) if inputs else None

    def _unpacked_sizes(self) -> list[code.Statement]:
        """`batch, time, _ = x.shape` for the sizes that forward reads."""
        statements: list[code.Statement] = []
        wanted = dict(self.sizes_used)
        for item in self.plan.scope.inputs:
            names: list[str] = []
            for argument in item.shape or ():
                size = argument.value
                name = size.name if isinstance(size, Size) else "_"
                names.append(name if name in wanted else "_")
                wanted.pop(name, None)
            found = [name for name in names if name != "_"]
            shape = code.Name(f"{item.name}.shape")
            if len(found) == 1:
                place = code.Constant(names.index(found[0]))
                statements.append(code.Assign(code.Name(found[0]), code.Subscript(shape, place)))
            elif found:
                target = code.Tuple(tuple(map(code.Name, names)))
                statements.append(code.Assign(target, shape))
        return statements + [self._solved_size(name) for name in wanted]

    def _solved_size(self, name: str) -> code.Statement:
        """`h = image.shape[2] // 16`, for a size that is declared as part of another."""
        use = self.plan.uses[0]
        size = use.sizes[name]
        for owner, tensor in use.inputs.items():
            for place, dim in enumerate(tensor.shape):
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
        self.owner.problems.error(
            "size-not-readable",
            f"the size {name} can't be read off the inputs: no declared size is a multiple of it"
            " plus a constant",
            (*self.plan.scope.path, "inputs"),
            part="key",
        )
        return code.Assign(code.Name(name), code.Constant(0))

    def _under_grad(
        self, unpacked: list[code.Statement], statements: list[code.Statement]
    ) -> tuple[code.Statement, ...]:
        """Derivatives need the graph even in eval mode, and leave the caller's tensors alone."""
        self.owner.needs_derivative = True
        self.words.modules.add("torch")
        derived = dict.fromkeys(
            self.names[key(node.by)]
            for step in self.steps
            for node in walk(expressions(step.node))
            if isinstance(node, Gradient)
        )
        inputs = [
            code.Assign(code.Name(name), code.Call(code.Name("differentiable"), (code.Name(name),)))
            for name in derived
            if name in {item.name for item in self.plan.scope.inputs}
        ]
        self.owner.modules |= self.words.modules
        context = code.WithItem(code.Call(code.Name("torch.enable_grad")))
        return (*unpacked, *inputs, code.With((context,), tuple(statements)))

    def _return(self) -> code.Statement:
        outputs = self.plan.scope.outputs
        values = [self.words.expression(argument.bound) for _, argument in outputs]
        if len(values) == 1:
            return code.Return(values[0])
        keywords = tuple(
            code.Keyword(name, value) for (name, _), value in zip(outputs, values, strict=True)
        )
        return code.Return(code.Call(code.Name(f"{self.plan.scope.name}Output"), keywords=keywords))


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
