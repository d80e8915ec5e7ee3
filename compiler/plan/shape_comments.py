"""The comments behind the statements of `forward`: shapes, where they change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...spec.expression import nodes
from ...spec.tensor.type import PackedType, Shape, TensorType, shape_text
from ..elaborate.typed import Known, where_given
from ..resolve.bound import Input, Value
from ..resolve.graph import Formula, Recurrence
from .class_plan import ClassPlan
from .steps import Step, expressions


class ShapeComments:
    """Comments in the words of one class: its params, its sizes."""

    def __init__(self, plan: ClassPlan, steps: Sequence[Step]) -> None:
        self.plan = plan
        self.steps = steps

    def comment(self, step: Step, read: Sequence[int] | None = None) -> str | None:
        """The shape, where it differs from that of what the step takes.

        read: which of a module's several values are meant; all, if not given.
        """
        # Where nothing runs, there is nothing to say; what passes through has a shape.
        there = [i for i, one in enumerate(step.typed) if not (one.absent and step.conditions)]
        outputs = [_chosen(step.typed[place].outputs, read) for place in there]
        shapes = {self._text(each) for each in outputs}
        if len(shapes) != 1 or None in shapes or not outputs[0]:
            return None
        if len(outputs[0]) == 1 and all(
            _first_shape(each) == self._before(step, place)
            for place, each in zip(there, outputs, strict=True)
        ):
            return None
        return shapes.pop()

    def _before(self, step: Step, place: int) -> Shape | PackedType | None:
        """The shape of the first tensor that a step reads, in one use of the class, or one time
        of a loop in it."""
        if not isinstance(step.node.action, Formula):
            return _first_shape(step.typed[place].inputs)
        for node in _values(expressions(step.node)):
            shapes: list[Shape | PackedType | None] = []
            if isinstance(node, Input):
                given = (use.inputs.get(node.name) for use in self.plan.uses)
                shapes = [_first_shape([tensor]) for tensor in given]
            elif isinstance(node, Value):
                shapes = self._made(node)
            if len(shapes) == len(step.typed):
                return shapes[place]
            if shapes:
                # What is read in a loop was made once before it.
                return shapes[0] if len(set(shapes)) == 1 else None
        return None

    def _made(self, value: Value) -> list[Shape | PackedType | None]:
        """The shapes of what a node reads, as each use or time has it."""
        for step in self.steps:
            if step.node.path == value.entry:
                place = _place(value, step)
                return [_first_shape(one.outputs[place:]) for one in step.typed]
            if any(value.entry in one.heads for one in step.typed):
                return [_first_shape([one.heads.get(value.entry)]) for one in step.typed]
        return []

    def _text(self, outputs: Sequence[Known]) -> str | None:
        """A shape in the class's words; None where it has no words for it."""
        shapes = []
        for output in map(where_given, outputs):
            packed = "packed " if isinstance(output, PackedType) else ""
            tensor = output.padded if isinstance(output, PackedType) else output
            if not isinstance(tensor, TensorType):
                return None
            sizes = [self.plan.in_words(size) for size in tensor.shape]
            known = [size for size in sizes if size is not None]
            if len(known) < len(sizes):
                return None
            shapes.append(packed + shape_text(known))
        unique = list(dict.fromkeys(shapes))
        return f"each {unique[0]}" if len(shapes) > 1 and len(unique) == 1 else ", ".join(shapes)


def _values(part: object) -> Iterator[nodes.Node]:
    """The parts of expressions in the order written, without what they only depend on."""
    if isinstance(part, nodes.Conditional):
        part = (part.body, part.orelse)
    if isinstance(part, tuple):
        for item in part:
            yield from _values(item)
    elif isinstance(part, nodes.Node):
        yield part
        yield from _values(tuple(nodes.children(part)))


def _place(value: Value, step: Step) -> int:
    """Which of a step's values a node reads."""
    if isinstance(value.output, int):
        return value.output
    names = step.node.action.names if isinstance(step.node.action, Recurrence) else ()
    return names.index(value.output) if value.output in names else 0


def _chosen(outputs: Sequence[Known], places: Sequence[int] | None) -> Sequence[Known]:
    if places is None or len(outputs) == 1:
        return outputs
    return [outputs[place] for place in places]


def _first_shape(values: Sequence[Known]) -> Shape | PackedType | None:
    first = where_given(values[0]) if values else None
    if isinstance(first, PackedType):
        return first
    return first.shape if isinstance(first, TensorType) else None
