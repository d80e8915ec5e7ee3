"""Draws the entries of a model or a block, sound by construction.

A value's shape is tracked as formulas, in the words of its scope: a size is a text such as `8`,
`height`, `(height + 1) // 2` or, in a block, `x.shape[1]`. Equal texts are equal sizes; nothing
is ever concluded from texts that differ.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from hypothesis import strategies as st
from spec_images import conv, joined_channels, norm_2d, pool, to_features
from spec_words import (
    ACTIVATIONS,
    ATOM,
    ELEMENTWISE,
    NAMES,
    BlockPlan,
    Callee,
    Entry,
    Shape,
    Value,
    atoms,
    computed,
    substitute,
)

T = TypeVar("T")


class Scope:
    """Draws the entries of the model or a block, one after the other."""

    def __init__(
        self,
        draw: Callable[[st.SearchStrategy[Any]], Any],
        shape: Shape,
        first: str,
        static: set[str],
        sizes: Mapping[str, int],
        blocks: Sequence[BlockPlan],
        taken: set[str],
    ) -> None:
        """static: words that are numbers at build. sizes: what the words may stand for."""
        self.draw = draw
        self.shape = shape
        self.static = static
        self.sizes = dict(sizes)
        self.blocks = blocks
        self.taken = set(taken)
        self.entries: list[Entry] = []
        self.values = [Value(first, shape)]
        self.current: str | None = first
        self.callees: list[Callee] = []
        self.unread: list[str] = []
        self.depth = 0
        self.flags: tuple[str, ...] = ()
        self.is_block = False

    def pick(self, items: Sequence[T]) -> T:
        """One of some."""
        return self.draw(st.sampled_from(items))  # type: ignore[no-any-return]

    def chance(self, percent: int) -> bool:
        """Whether something happens that does in so many of 100 cases."""
        return bool(self.draw(st.integers(1, 100)) <= percent)

    def fresh(self) -> str:
        """A name that is not taken."""
        wish = self.pick(NAMES)
        name = next(
            n for n in (wish, *(f"{wish}_{i}" for i in range(2, 99))) if n not in self.taken
        )
        self.taken.add(name)
        return name

    def is_static(self, size: str) -> bool:
        """Whether a size is a number at build."""
        return atoms(size) <= self.static

    def amount(self, size: str) -> int:
        """A size, where every word stands for its sample."""
        made = ATOM.sub(lambda match: str(self.sizes[match[0]]), size)
        return int(eval(made))

    def width(self) -> int | str:
        """A number of features or channels."""
        params = [name for name in sorted(self.static) if "." not in name]
        if params and self.chance(40):
            return self.pick([*params, *(f"2 * {name}" for name in params)])
        return self.pick((4, 6, 8, 12))

    def add(self, entry: Entry, shape: Shape) -> None:
        """Appends an entry that follows on the current value."""
        self.entries.append(entry)
        self.shape = shape
        self.current = None
        if "name" in entry and isinstance(entry["name"], str):
            self._named(entry["name"])
        elif self.chance(25):
            self.name_current()

    def _named(self, name: str) -> None:
        self.current = name
        self.values.append(Value(name, self.shape))
        self.unread.append(name)

    def name_current(self) -> str:
        """The name of the current value, given now where it has none."""
        if self.current is None:
            self.entries[-1]["name"] = self.fresh()
            self._named(self.entries[-1]["name"])
        assert self.current is not None
        return self.current

    def read(self, name: str) -> str:
        """Notes that a value is read."""
        if name in self.unread:
            self.unread.remove(name)
        return name

    def follow(self, entry: Entry, shape: Shape) -> None:
        """An entry that takes the current value, by place or by name."""
        if self.current is not None:
            if self.chance(30):
                entry = {**entry, "inputs": self.current}
            self.read(self.current)
        self.add(entry, shape)

    def expression(self, text: str, shape: Shape) -> None:
        """An expression of the current value, which it calls `_`."""
        if self.current is not None:
            if self.chance(40):
                text = re.sub(r"\b_\b", self.current, text)
            self.read(self.current)
        self.add({"expr": text}, shape)

    def step(self) -> None:
        """Draws one more entry, or some."""
        choices: list[Callable[[], None]] = [
            *(self.activation, self.elementwise, self.skip, self.scale, self.second_call),
            *(self.branch, self.sometimes, self.repeated, self.gather),
        ]
        if self.depth < 2:
            choices += [self.container]
        if self.blocks:
            choices += [self.block, self.block]
        choices += self.by_shape()
        before = len(self.entries)
        self.pick(choices)()
        if len(self.entries) == before:
            self.pick((self.activation, self.elementwise))()

    def by_shape(self) -> list[Callable[[], None]]:
        """What only some shapes allow."""
        found: list[Callable[[], None]] = []
        if len(self.shape) >= 2 and self.is_static(self.shape[-1]):
            found += [self.linear, self.linear, self.layer_norm, self.halves, self.joined]
            found += [self.matrix, self.widening]
        if len(self.shape) == 4 and self.is_static(self.shape[1]):
            steps = (conv, conv, norm_2d, pool, to_features, joined_channels)
            found += [partial(step, self) for step in steps]
        if len(self.shape) == 3:
            found += [self.swap]
        return found

    def activation(self) -> None:
        """An activation by module; without arguments often by its bare name."""
        self.follow(dict(self.pick(ACTIVATIONS)), self.shape)

    def elementwise(self) -> None:
        """Mathematics that keeps the shape."""
        self.expression(self.pick(ELEMENTWISE), self.shape)

    def skip(self) -> None:
        """Adds an earlier value of the same shape."""
        same = [value.name for value in self.values if value.shape == self.shape]
        if same:
            other = self.read(self.pick(same))
            self.expression(f"_ + {other}", self.shape)

    def scale(self) -> None:
        """A parameter or buffer of the scope's own."""
        if self.depth or not self.is_static(self.shape[-1]):
            return
        name = self.fresh()
        size = int(self.shape[-1]) if self.shape[-1].isdigit() else self.shape[-1]
        kind = self.pick((0, 1, 2, 3))
        tensor: Entry = {"name": name, "type": "Parameter", "shape": [size], "init": "ones_"}
        if kind == 1:
            tensor = {"name": name, "type": "Buffer", "value": [0.5], "persistent": self.chance(50)}
        elif kind == 2:
            tensor = {"name": name, "type": "Parameter", "value": [[1.5]], "requires_grad": False}
            if len(self.shape) < 2:
                return
        elif kind == 3:
            tensor = {"name": name, "type": "Parameter", "shape": [], "init": "zeros_"}
        operator = self.pick(("+", "*", "-"))
        # It stands before the expression, and does not become the value before.
        keep = self.current
        if keep is None:
            keep = self.name_current()
        self.entries.append(tensor)
        self.read(keep)
        self.add({"expr": f"{keep} {operator} {name}"}, self.shape)

    def second_call(self) -> None:
        """Calls an earlier layer again, with the same weights."""
        able = [callee for callee in self.callees if callee.takes == self.shape]
        if able:
            callee = self.pick(able)
            self.read(callee.name)
            self.expression(f"{callee.name}(_)", callee.gives)

    def branch(self) -> None:
        """Two ways from one value, joined again by a sum."""
        start, shape = self.read(self.name_current()), self.shape
        for _ in range(self.draw(st.integers(1, 2))):
            self.pick((self.activation, self.elementwise))()
        left = self.read(self.name_current())
        self.entries.append({**self.pick(ACTIVATIONS), "inputs": start})
        self.current, self.shape = None, shape
        self.expression(f"_ * 0.5 + {left}", shape)

    def sometimes(self) -> None:
        """An entry that a condition may remove."""
        conditions = ["true", "false", "2 > 3", "1 <= 2"]
        if self.flags:
            conditions = [*self.flags, *(f"not {flag}" for flag in self.flags)]
        when: Any = self.pick(conditions)
        if when in ("true", "false"):
            when = when == "true"
        self.follow({**self.pick(ACTIVATIONS), "when": when}, self.shape)

    def repeated(self) -> None:
        """The same layer several times."""
        count = self.draw(st.integers(1, 3))
        entry: Entry = dict(self.pick(ACTIVATIONS))
        if self.is_static(self.shape[-1]) and len(self.shape) >= 2 and self.chance(60):
            entry = {"type": "LayerNorm"}
        if len(self.shape) == 4 and self.is_static(self.shape[1]) and self.chance(60):
            entry = {"type": "Conv2d", "out_channels": self.number(self.shape[1]), "kernel_size": 3}
            entry["padding"] = self.pick((1, "same"))
        entry["repeat"] = count
        if self.chance(25):
            entry["shared"] = True
        self.follow(entry, self.shape)

    def number(self, size: str) -> int | str:
        """A static size as an argument."""
        return int(size) if size.isdigit() else size

    def gather(self) -> None:
        """Reads any value at all."""
        if self.unread:
            self.expression(f"_ + {self.read(self.pick(self.unread))}.mean()", self.shape)

    def container(self) -> None:
        """A container with some children."""
        outer, self.entries = self.entries, []
        before, mark, unread = self.current, len(self.values), list(self.unread)
        callees = len(self.callees)
        self.read(before) if before else None
        self.depth += 1
        self.activation()
        for _ in range(self.draw(st.integers(0, 3))):
            self.step()
        while inner := [
            name for name in self.unread if name not in unread and name != self.current
        ]:
            self.expression(f"_ + {self.read(inner[0])}.mean()", self.shape)
        self.depth -= 1
        children, self.entries = self.entries, outer
        del self.values[mark:], self.callees[callees:]
        self.unread = [name for name in self.unread if name in unread]
        entry: Entry = {"layers": children}
        if self.depth == 0 or self.chance(50):
            entry["name"] = self.fresh()
        if before is not None and self.chance(30) and before in {v.name for v in self.values}:
            entry["inputs"] = before
        self.add(entry, self.shape)

    def linear(self) -> None:
        """A linear layer over the last dimension."""
        entry: Entry = {"type": "Linear", "out_features": self.width()}
        if self.chance(20):
            entry["bias"] = False
        if self.chance(20):
            entry["in_features"] = self.number(self.shape[-1])
        before = self.shape
        self.follow(entry, (*before[:-1], computed(str(entry["out_features"]))))
        if self.current is not None and self.entries[-1].get("name") == self.current:
            self.callees.append(Callee(self.current, before, self.shape))

    def widening(self) -> None:
        """A repeat whose numbers vary with its index."""
        if not self.shape[-1].isdigit():
            return
        count = self.draw(st.integers(2, 3))
        step = self.pick((2, 3))
        entry: Entry = {"type": "Linear", "repeat": count, "out_features": f"4 + {step} * index"}
        self.follow(entry, (*self.shape[:-1], str(4 + step * (count - 1))))

    def layer_norm(self) -> None:
        """Normalization over the last dimension."""
        self.follow({"type": self.pick(("LayerNorm", "RMSNorm"))}, self.shape)

    def halves(self) -> None:
        """Two halves of the last dimension, multiplied."""
        size = self.shape[-1]
        if not size.isdigit() or int(size) % 2:
            return
        names = [self.fresh(), self.fresh()]
        text = self.pick(("chunk(_, 2, dim=-1)", f"split(_, {int(size) // 2}, dim=-1)"))
        if self.current is not None:
            self.read(self.current)
        self.entries.append({"name": names, "expr": text})
        self.current = None
        self.shape = (*self.shape[:-1], str(int(size) // 2))
        self.values += [Value(name, self.shape) for name in names]
        self.entries.append({"expr": f"{names[0]} * sigmoid({names[1]})"})

    def joined(self) -> None:
        """Concatenates earlier values along the last dimension."""
        able = [v for v in self.values if v.shape[:-1] == self.shape[:-1]]
        able = [v for v in able if v.shape[-1].isdigit() and self.shape[-1].isdigit()]
        if able:
            other = self.pick(able)
            self.read(other.name)
            total = str(int(other.shape[-1]) + int(self.shape[-1]))
            self.expression(f"cat([_, {other.name}], dim=-1)", (*self.shape[:-1], total))

    def matrix(self) -> None:
        """A matrix product with a parameter."""
        if self.depth:
            return
        name, keep, size = self.fresh(), self.read(self.name_current()), self.width()
        shape = [self.number(self.shape[-1]), size]
        init = {"type": "normal_", "std": 0.1}
        self.entries.append({"name": name, "type": "Parameter", "shape": shape, "init": init})
        self.add({"expr": f"{keep} @ {name}"}, (*self.shape[:-1], computed(str(size))))

    def block(self) -> None:
        """Uses a block."""
        plan = self.pick(self.blocks)
        if len(plan.shape) != len(self.shape):
            return
        for own, word in zip(self.shape, plan.shape, strict=True):
            needs_static = word in plan.static
            if needs_static and not self.is_static(own):
                return
            if not needs_static and self.amount(own) < 8 and word not in ("x.shape[0]", "rows"):
                return
        given = {
            name: self.pick(values)
            for name, values in plan.params.items()
            if name in plan.required or self.chance(50)
        }
        defaults = {name: values[0] for name, values in plan.params.items()}
        words = dict(zip(plan.shape, self.shape, strict=True))
        words |= {name: str(int(value)) for name, value in (defaults | given).items()}
        for name, formula in plan.constants.items():
            words[name] = substitute(formula, words)
        entry: Entry = {"type": plan.name, **given}
        outputs = [tuple(substitute(size, words) for size in shape) for _, shape in plan.outputs]
        if len(plan.inputs) == 2:
            same = [v.name for v in self.values if v.shape == self.shape]
            if not same:
                return
            first, second = self.read(self.name_current()), self.read(self.pick(same))
            entry["inputs"] = (
                [first, second]
                if self.chance(60)
                else dict(zip(plan.inputs, (first, second), strict=True))
            )
            self.add(entry, outputs[0])
        else:
            if outputs == [self.shape] and self.chance(40):
                entry["repeat"] = self.draw(st.integers(1, 3))
            self.follow(entry, outputs[0])
        if len(outputs) > 1:
            name = self.read(self.name_current())
            second = plan.outputs[1][0]
            self.expression(f"_ + {name}.{second}.mean()", self.shape)

    def swap(self) -> None:
        """Exchanges time and features."""
        self.expression("_.transpose(1, 2)", (self.shape[0], self.shape[2], self.shape[1]))
