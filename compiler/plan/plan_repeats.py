"""The layers of a repeat in a constructor: a generator, or a loop that carries sizes along."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ...spec.names import snake_case
from ..elaborate.places import index_of
from ..elaborate.repeats import reads_index
from ..elaborate.typed import TypedNode, TypedScope
from ..emit import code
from ..emit.names_read import names_read
from ..resolve.graph import BlockUse, ModuleUse, Node
from .common_sizes import shared_formulas
from .loop_statements import Loop, assigned, begun, header
from .needed_sizes import Carried, SizeReader
from .template_names import joined

if TYPE_CHECKING:
    from .plan_init import InitPlanner


class RepeatPlanner:
    """Plans the repeats of one class.

    names: the variables of loops, with the size that each holds at this place.
    inner: those of a loop's body.
    """

    def __init__(self, init: InitPlanner) -> None:
        self.init = init
        self.plan = init.plan
        self.reader = SizeReader(init.plan, init.owner.classes)
        self.names = {name: text for text, name in self.plan.arguments.items()}
        self.inner: dict[str, str] = {}
        self.depth = 0
        self.last: tuple[Sequence[TypedNode], list[Carried]] | None = None

    def module_list(
        self, node: Node, typed: Sequence[TypedNode], target: code.Name | None
    ) -> code.Expression | None:
        """The `nn.ModuleList` of a repeat with a name; None where a loop has filled `target`."""
        short = self._short(node, typed)
        loop = None if short else self._loop(node, typed)
        if loop is None:
            return module_list(short or self._unrolled(node, typed))
        if loop.is_generator:
            return module_list([loop.generator()])
        held = target or self.local(node)
        append = code.Expr(code.Call(_attribute(held, "append"), (loop.made,)))
        self.init.before += [code.Assign(held, module_list([])), *loop.statements(append)]
        return None if target is not None else held

    def items(self, node: Node, typed: Sequence[TypedNode]) -> list[Any]:
        """The layers of a repeat as items of a list."""
        short = self._short(node, typed)
        loop = None if short else self._loop(node, typed)
        if loop is None:
            return short or self._unrolled(node, typed)
        if loop.is_generator:
            return [loop.generator()]
        held = self.local(node)
        kind = code.Subscript(code.Name("list"), code.Name("nn.Module"))
        append = code.Expr(code.Call(_attribute(held, "append"), (loop.made,)))
        self.init.before += [code.Assign(held, code.List(), kind), *loop.statements(append)]
        return [code.Starred(held)]

    def pairs(self, node: Node, typed: Sequence[TypedNode]) -> list[Any]:
        """The layers of a repeat with their names, as items of a list of pairs."""
        loop = self._loop(node, typed, is_named=True)
        if loop is None:
            return [
                code.Tuple((self._name(node, typed[0], index), self.at(node, typed, index)))
                for index in range(typed[0].count)
            ]
        if loop.is_generator:
            pair = code.Tuple((loop.name, loop.made))
            return [code.Starred(code.GeneratorExp(pair, loop.target, loop.times))]
        held = self.local(node)
        items = code.Tuple((code.Name("str"), code.Name("nn.Module")))
        kind = code.Subscript(code.Name("dict"), items)
        collect = code.Assign(code.Subscript(held, loop.name), loop.made)
        self.init.before += [code.Assign(held, code.Dict(), kind), *loop.statements(collect)]
        return [code.Starred(code.Call(_attribute(held, "items")))]

    def attributes(self, node: Node, typed: Sequence[TypedNode]) -> list[code.Statement]:
        """The layers of a repeat as attributes with names of their own."""
        loop = self._loop(node, typed, is_named=True)
        add = code.Name("self.add_module")
        if loop is not None:
            return [*loop.statements(code.Expr(code.Call(add, (loop.name, loop.made))))]
        return [
            code.Assign(code.Name(f"self.{name}"), self.at(node, typed, index))
            for index, name in enumerate(typed[0].named)
        ]

    def _name(self, node: Node, typed: TypedNode, index: int | None = None) -> code.Expression:
        """What a time is called among its siblings: any, or that of a number."""
        first = int(typed.number or 0)
        if index is not None:
            return code.Constant(typed.named[index] if typed.named else str(first + index))
        if node.template:
            return joined(node.template, self.init.words)
        number: Any = self.init.words.number
        if first:
            number = code.BinOp(number, "+", code.Constant(first))
        return code.Call(code.Name("str"), (number,))

    def _loop(self, node: Node, typed: Sequence[TypedNode], is_named: bool = False) -> Loop | None:
        """The loop that makes all times; None where they need different code.

        is_named: whether what is made is called by a name.
        """
        carried = self.reader.carried(typed)
        firsts = [self._common(node, [c.first(one) for one in typed], c.wish) for c in carried]
        index = self.free("index" if self.depth == 0 else "inner_index")
        self.names[index] = index_of(node.path)
        with self._inside(node, code.Name(index)):
            names = [self._variable(node, one, len(carried) == 1) for one in carried]
            self.plan.sizes |= {
                one.text: code.Name(name) for one, name in zip(carried, names, strict=True)
            }
            different = max(len(one.times) for one in typed)
            bodies = [self._body(node, at(typed, time)) for time in range(different)]
            if any(body != bodies[0] for body in bodies):
                bodies = self._together(node, typed) or bodies
            news = [self._renewed(one, typed) for one in carried]
            called = self._name(node, typed[0])
        del self.names[index]
        self.names |= self.inner
        if any(body != bodies[0] for body in bodies):
            self._forget(carried)
            return None
        self._forget([one for one, new in zip(carried, news, strict=True) if new is None])
        found = list(zip(names, firsts, news, strict=True))
        renewed = assigned([(name, new) for name, _, new in found if new is not None])
        values = {
            name: self._values(node, one, typed)
            for one, name, new in zip(carried, names, news, strict=True)
            if new is None
        }
        reads_index = index in names_read((bodies[0], renewed, called if is_named else ()))
        count = code.Call(code.Name("range"), (self._count(node, typed),))
        head = header(index if reads_index else None, values, count)
        return Loop(begun(found), *head, *bodies[0], renewed, called)

    @contextmanager
    def _inside(self, node: Node, index: code.Expression) -> Iterator[None]:
        """Within the times of a repeat, whose number has a name or is known."""
        outer, words = self.init.words.number, self.init.words
        self.plan.sizes[index_of(node.path)] = words.number = index
        self.depth += 1
        yield
        self.depth -= 1
        words.number = outer
        del self.plan.sizes[index_of(node.path)]

    def _body(
        self, node: Node, time: Sequence[TypedNode]
    ) -> tuple[tuple[code.Statement, ...], code.Expression]:
        """What stands before a time's layer, and the layer."""
        outer, self.init.before = self.init.before, []
        names, self.names = self.names, dict(self.names)
        inner, self.inner = self.inner, {}
        made = self.init.one(node, time)
        before, self.init.before = tuple(self.init.before), outer
        # Each time calls its own variables the same; what comes after the loop does not.
        self.inner = {**inner, **dict.fromkeys(self.names.keys() - names.keys(), "")}
        self.names = names
        return before, made

    def _together(
        self, node: Node, typed: Sequence[TypedNode]
    ) -> list[tuple[tuple[code.Statement, ...], code.Expression]]:
        """One code for all times, with conditions for what only some of them have; none if there
        is no such code."""
        times = [time for one in typed for time in one.times]
        uses, init = self.init.present, self.init
        init.present = [use for use, one in zip(uses, typed, strict=True) for _ in one.times]
        with init.owner.problems.tried() as found:
            body = self._body(node, times)
        init.present = uses
        return [] if found else [body]

    def _common(self, node: Node, sizes: Sequence[Any], what: str) -> code.Expression:
        return self.init.owner.common(self._codes(sizes, self.init.present), node.path, what)

    def _codes(self, sizes: Sequence[Any], uses: Sequence[TypedScope]) -> list[code.Expression]:
        """What a size is in each use, by one formula where one is right for all."""
        formulas = shared_formulas(sizes, uses, self.init.model_params)
        return [self.init.literal(size) for size in formulas]

    def _renewed(self, one: Carried, typed: Sequence[TypedNode]) -> code.Expression | None:
        """A size after each time; None where the times need different code for it."""
        sizes = [one.given(time) for use in typed for time in use.times]
        pairs = zip(self.init.present, typed, strict=True)
        codes = self._codes(sizes, [use for use, one in pairs for _ in one.times])
        return codes[0] if all(other == codes[0] for other in codes) else None

    def _values(self, node: Node, one: Carried, typed: Sequence[TypedNode]) -> code.Tuple:
        """A size for each time, as numbers."""
        found = []
        for use in typed:
            sizes = [one.taken(time).constant for time in use.times]
            sizes += sizes[-1:] * (use.count - len(sizes))
            found.append(code.Tuple(tuple(map(code.Constant, sizes))))
        made = self.init.owner.common(found, node.path, one.wish)
        assert isinstance(made, code.Tuple)
        return made

    def _short(self, node: Node, typed: Sequence[TypedNode]) -> list[Any]:
        """The first time and a generator for the others, where each is one call, these are alike
        and their number is plain; none where that does not say it, or nothing changes."""
        assert node.repeat is not None
        is_one_call = isinstance(node.action, ModuleUse | BlockUse) and not reads_index(node)
        if not is_one_call or not node.repeat.is_plain or not self.reader.carried(typed):
            return []
        different = max(len(one.times) for one in typed)
        before = len(self.init.before)
        with self.init.owner.problems.tried() as found:
            first, *others = [self.at(node, typed, time) for time in range(different)]
        is_alike = others and all(other == others[0] for other in others)
        if found or not is_alike or len(self.init.before) > before:
            del self.init.before[before:]
            return []
        if typed[0].count == 2:
            return [first, *others]
        times = code.Call(code.Name("range"), (code.Constant(typed[0].count - 1),))
        return [first, code.Starred(code.GeneratorExp(others[0], code.Name("_"), times))]

    def _unrolled(self, node: Node, typed: Sequence[TypedNode]) -> list[Any]:
        """The layers one by one; what stands for all further times by a generator."""
        different = max(len(one.times) for one in typed)
        items: list[Any] = [self.at(node, typed, index) for index in range(different)]
        if typed[0].count > different:
            count = self._count(node, typed)
            rest: code.Expression = code.BinOp(count, "-", code.Constant(different - 1))
            if isinstance(count, code.Constant):
                rest = code.Constant(typed[0].count - different + 1)
            times = code.Call(code.Name("range"), (rest,))
            items[-1] = code.Starred(code.GeneratorExp(items[-1], code.Name("_"), times))
        return items

    def at(self, node: Node, typed: Sequence[TypedNode], index: int) -> code.Expression:
        """One time of a repeat, with its number in the place of `index`."""
        carried = self._carried(typed)
        taken = {one.text: self._taken(node, one, typed, index) for one in carried}
        with self._inside(node, code.Constant(index)):
            self.plan.sizes |= taken
            made = self.init.one(node, at(typed, index))
        self._forget(carried)
        return made

    def _carried(self, typed: Sequence[TypedNode]) -> list[Carried]:
        """What a repeat carries along, found once for all of its times."""
        if self.last is None or self.last[0] is not typed:
            self.last = typed, self.reader.carried(typed)
        return self.last[1]

    def _taken(
        self, node: Node, one: Carried, typed: Sequence[TypedNode], index: int
    ) -> code.Expression:
        """What a size is for one time: what it begins with, or what the time before gives."""
        if index == 0:
            return self._common(node, [one.first(use) for use in typed], one.wish)
        with self._inside(node, code.Constant(index - 1)):
            given = [one.given(time) for time in at(typed, index - 1)]
            return self._common(node, given, one.wish)

    def _count(self, node: Node, typed: Sequence[TypedNode]) -> code.Expression:
        assert node.repeat is not None
        if self.init.is_sayable(node.repeat):
            return self.init.words.argument(node.repeat)
        codes = [code.Constant(one.count) for one in typed]
        return self.init.owner.common(codes, node.path, "the number of times")

    def _variable(self, node: Node, one: Carried, is_only: bool) -> str:
        """A name for a size that a loop carries along."""
        holds = self.names.get(one.wish)
        name = one.wish
        # The name of a size that nothing needs any more is free again.
        if not (is_only and self.depth == 1 and holds and not self._is_needed(holds, node)):
            name = self.free(one.wish)
        self.names[name] = one.text
        return name

    def _is_needed(self, text: str, node: Node) -> bool:
        """Whether a size is needed by something else than the beginning of a repeat."""
        found = self.reader.of_entries(self.init.position)
        return any(one.text == text and one.first_of != node.path for one in found)

    def _forget(self, carried: Sequence[Carried]) -> None:
        """Sizes that no variable holds are numbers."""
        for one in carried:
            self.plan.sizes.pop(one.text, None)

    def local(self, node: Node) -> code.Name:
        """A variable for the layers of a repeat."""
        wish = (
            f"{snake_case(node.action.block)}s" if isinstance(node.action, BlockUse) else "layers"
        )
        name = self.free(node.names[0] if node.names and node.names[0].isidentifier() else wish)
        self.names[name] = ""
        return code.Name(name)

    def free(self, wish: str) -> str:
        """A name for a variable of the constructor that means nothing here."""
        scope = self.plan.scope
        taken = {*self.names, *scope.sizes, *self.plan.model_params}
        taken |= {param.name for param in scope.params}
        wishes = (wish, wish.removeprefix("in_"), *(f"{wish}_{n}" for n in range(2, 1000)))
        return next(name for name in wishes if name not in taken)


def at(typed: Sequence[TypedNode], index: int) -> list[TypedNode]:
    """One time of a repeat, in each use; what is no repeat, as it is."""
    return [one.times[min(index, len(one.times) - 1)] if one.times else one for one in typed]


def module_list(items: Sequence[Any]) -> code.Call:
    """`nn.ModuleList([a, b])`, `nn.ModuleList(a for _ in range(depth))`, `nn.ModuleList()`"""
    callee = code.Name("nn.ModuleList")
    if len(items) == 1 and isinstance(items[0], code.Starred):
        return code.Call(callee, (items[0].value,))
    return code.Call(callee, (code.List(tuple(items)),) if items else ())


def _attribute(held: code.Name, name: str) -> code.Name:
    return code.Name(f"{held.id}.{name}")
