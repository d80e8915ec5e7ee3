"""A plain interpreter of the language's networks, to hold the compiler to.

It shares no code with the compiler: it reads the raw tree of a spec, evaluates numbers and
expressions with Python's own `eval`, and makes the layers with torch at the first run, from the
values that reach them. It accepts sound specs only, and reports nothing.
"""

from __future__ import annotations

import ast
import math
import re
from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any

import torch
from reference_layers import KEYS, LITERALS, SEVERAL, attributes, named, parametrize, sized
from reference_names import Frame, Functions, Layer, LayerNames, Names, grad
from reference_sizes import bind_inputs
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

Tree = Mapping[str, Any]
# Outputs, and values and layers inside by name.
Ran = tuple[tuple[Any, ...], Mapping[str, Any], Mapping[str, Any]]


class Holder(nn.Module):
    """The model, a block, a container or a repeat: it holds layers and does nothing."""


class Interpreter:
    """The network of a spec. The first run makes its layers; `root` holds them."""

    def __init__(self, tree: Tree) -> None:
        self.model = tree["model"]
        self.blocks = tree.get("blocks", {})
        self.root = Holder()
        self.times: list[Any] = []
        self.next_number = 0
        self.made: dict[nn.Module, dict[str, Any]] = {}
        frame = Frame(ChainMap({}))
        for name, param in self.model.get("params", {}).items():
            frame.values[name] = self._param(param, frame)
        self.params = dict(frame.values)

    def make(self, *sample: Tensor | None) -> None:
        """Makes the layers by running `sample` through, in training mode, which has them all."""
        self(*sample)
        for name, target in self.model.get("tie", {}).items():
            owner, _, last = name.rpartition(".")
            setattr(self.root.get_submodule(owner), last, self.root.get_parameter(target))

    def __call__(self, *inputs: Tensor | None) -> tuple[Tensor, ...]:
        """What the model returns, in order."""
        frame = Frame(ChainMap(dict(self.params)))
        return tuple(self._scope(self.model, self.root, frame, inputs).values())

    def _module(self, value: Any, frame: Frame) -> Any:
        """A module that a param of this type stands for: a table with its type and arguments."""
        if isinstance(value, str):
            given = frame.values.get(value)
            return given if isinstance(given, dict) else {"type": value}
        return self._argument("", value, frame)

    def _param(self, param: Any, frame: Frame) -> Any:
        if isinstance(param, dict) and param["type"] == "module":
            return self._module(param["default"], frame)
        if isinstance(param, dict):
            return param["default"]
        return self.number(param, frame)

    def number(self, value: Any, frame: Frame) -> Any:
        """A number, or what an expression in a string gives; lists as tuples."""
        if isinstance(value, list):
            return tuple(self.number(item, frame) for item in value)
        return self.evaluate(value, frame) if isinstance(value, str) else value

    def evaluate(self, text: str, frame: Frame) -> Any:
        """What an expression gives."""
        tree = LayerNames(frame.layers).visit(ast.parse(f"({text}\n)", mode="eval"))
        functions = Functions(pi=math.pi, e=math.e, inf=math.inf, nan=math.nan, grad=grad)
        functions |= {name: partial(self._function, name) for name in self.blocks}
        functions |= {"linalg": torch.linalg, "special": torch.special, "fft": torch.fft}
        names = {
            "_layers": frame.layers,
            "_functions": functions,
            "_dtypes": vars(torch),
            "training": self.root.training,
        }
        found = ChainMap(names, *frame.values.maps, functions)
        return eval(compile(ast.fix_missing_locations(tree), "spec", "eval"), {}, Names(found))

    def _function(self, block: str, *args: Any, **keywords: Any) -> Any:
        """What a block of nothing but expressions gives where it is called as a function."""
        section = self.blocks[block]
        names = list(section.get("inputs", ["x"]))[len(args) :]
        inputs = [*args, *(keywords[name] for name in names)]
        frame = Frame(ChainMap({}, dict(self.params)))
        bind_inputs(section, frame, inputs)
        self.bind_params({}, section, frame, frame)
        outputs = tuple(self._scope(section, Holder(), frame, inputs).values())
        return outputs[0] if len(outputs) == 1 else outputs

    def _scope(
        self, section: Tree, holder: nn.Module, frame: Frame, inputs: Sequence[Any]
    ) -> dict[str, Any]:
        """Runs the model or a block on its inputs; its outputs by name."""
        # torch derives its fused attention only once.
        with sdpa_kernel(SDPBackend.MATH) if "grad(" in repr(section) else nullcontext():
            return self._outputs(section, holder, frame, inputs)

    def _outputs(
        self, section: Tree, holder: nn.Module, frame: Frame, inputs: Sequence[Any]
    ) -> dict[str, Any]:
        bind_inputs(section, frame, inputs)
        entries = [e if isinstance(e, dict) else {"type": e} for e in section["layers"]]
        if section.get("sequential"):
            return {"": self._children(entries, holder, frame, inputs[0])}
        names = attributes(entries, {*self.params, *section.get("params", {})})
        last = self._entries(entries, names, holder, frame, inputs[0] if inputs else None)
        if not section.get("outputs"):
            return {"": last}
        return {text.split(".")[-1]: self.evaluate(text, frame) for text in section["outputs"]}

    def _entries(
        self,
        entries: Sequence[Tree],
        names: Sequence[str],
        holder: nn.Module,
        frame: Frame,
        before: Any,
    ) -> Any:
        for entry, name in zip(entries, names, strict=True):
            value = self.entry(entry, name, holder, frame, before)
            if "Parameter" != entry.get("type") != "Buffer" and entry.get("call", True):
                before = value
        return before

    def entry(self, entry: Tree, name: str, holder: nn.Module, frame: Frame, before: Any) -> Any:
        """Runs an entry, binds its names and returns its (first) value."""
        frame.values["_"] = before
        if entry.get("type") in ("Parameter", "Buffer"):
            value = self._tensor(entry, holder, frame)
        elif "expr" in entry:
            value = self.evaluate(entry["expr"], frame)
        else:
            value = self._called(entry, name, holder, frame, before)
        given = entry.get("name")
        if isinstance(given, str) and "{" in given:
            return value
        if isinstance(given, list):
            frame.values.update(zip(given, value, strict=True))
            return value[0]
        if given is not None:
            frame.values[given] = value
        return value

    def _tensor(self, entry: Tree, holder: nn.Module, frame: Frame) -> Tensor:
        name = entry["name"]
        if not hasattr(holder, name):
            dtype = getattr(torch, entry["dtype"]) if "dtype" in entry else None
            if "shape" in entry:
                made = torch.zeros(self.number(entry["shape"], frame), dtype=dtype)
            else:
                value = self.number(entry["value"], frame)
                made = torch.as_tensor(value).to(dtype) if dtype else torch.as_tensor(value)
            if entry["type"] == "Parameter":
                made_parameter = nn.Parameter(made, requires_grad=entry.get("requires_grad", True))
                holder.register_parameter(name, made_parameter)
            else:
                holder.register_buffer(name, made, persistent=entry.get("persistent", True))
        return getattr(holder, name)  # type: ignore[no-any-return]

    def _called(self, entry: Tree, name: str, holder: nn.Module, frame: Frame, before: Any) -> Any:
        chosen = frame.values.get(entry.get("type", ""))
        if isinstance(chosen, dict):
            entry = {**entry, **chosen}
        args, keywords = self._arguments(entry, frame, before)
        if entry.get("type") in self.blocks:
            declared = self.blocks[entry["type"]].get("inputs", ["x"])
            args += [keywords.pop(key, None) for key in declared] if keywords else []
        if entry.get("when") == "training" and not self.root.training:
            return None
        present = self.number(entry.get("when", True), frame)
        self.times = []
        if not present:
            return [*args, *keywords.values()][0]
        firsts = []
        count = self.number(entry.get("repeat", 1), frame)
        outputs: tuple[Any, ...] = ()
        for index in range(count):
            inner = frame.child()
            place, at = holder, name
            if "repeat" in entry:
                inner.values["index"] = index
                place, at = self._time(entry, name, holder, frame, index)
            run = self._runner(entry, at, place, inner)
            if entry.get("call", True):
                made, members, inside = run(*args, **keywords)
                outputs = made
                firsts.append(outputs[0])
                args = [*outputs[: len(args)], *args[len(outputs) :]]
            else:
                members, inside = {}, {}
                self._make(entry, at, place, inner, (), {})
        self.times = firsts
        if entry.get("name") is not None and "{" not in entry["name"]:
            frame.layers[entry["name"]] = Layer(
                lambda *args: run(*args)[0],
                place._modules.get(at),
                members,
                inside,
                "layers" not in entry,
                firsts if "repeat" in entry else inner.each,
            )
        return outputs[0] if outputs else None

    def _time(
        self, entry: Tree, name: str, holder: nn.Module, frame: Frame, index: int
    ) -> tuple[nn.Module, str]:
        """Where the layers of one time of a repeat are held."""
        if entry.get("shared"):
            return holder, name
        if "{" in name:
            frame = frame.child()
            frame.values["index"] = index
            return holder, re.sub(r"{(.*?)}", lambda m: str(self.evaluate(m[1], frame)), name)
        if entry.get("name") is None and name.isdigit():
            return holder, str(int(name) + index)
        if name not in holder._modules:
            holder.add_module(name, Holder())
        return holder.get_submodule(name), str(index)

    def _arguments(
        self, entry: Tree, frame: Frame, before: Any
    ) -> tuple[list[Any], dict[str, Any]]:
        inputs = entry.get("inputs")
        if "scan" in entry:
            scan = entry["scan"]
            scanned = list(scan.values()) if isinstance(scan, dict) else []
            return [self.evaluate(text, frame) for text in scanned], {}
        if inputs is None:
            return [before], {}
        if isinstance(inputs, dict):
            return [], {key: self.number(value, frame) for key, value in inputs.items()}
        several = inputs if isinstance(inputs, list) else [inputs]
        return [self.number(value, frame) for value in several], {}

    def _runner(
        self, entry: Tree, name: str, holder: nn.Module, frame: Frame
    ) -> Callable[..., Ran]:
        """What runs an entry once: its outputs, and what is inside of it by name."""

        def module(*args: Any, **keywords: Any) -> Ran:
            made = self._make(entry, name, holder, frame, args, keywords)
            outputs = made(*args, **keywords)
            outputs = outputs if isinstance(outputs, tuple) else (outputs,)
            return outputs, dict(named(SEVERAL.get(entry["type"], ()), outputs)), {}

        def block(*args: Any, **keywords: Any) -> Ran:
            section = self.blocks[entry["type"]]
            inner = Frame(ChainMap({}, dict(self.params)))
            bind_inputs(section, inner, args)
            self.bind_params(entry, section, inner, frame)
            outputs = self._scope(section, self._hold(name, holder), inner, args)
            return tuple(outputs.values()), outputs, {}

        def container(*args: Any, **keywords: Any) -> Ran:
            inner = frame.child()
            entries = [e if isinstance(e, dict) else {"type": e} for e in entry["layers"]]
            value = self._children(entries, self._hold(name, holder), inner, args[0])
            frame.each = inner.each
            return (value,), inner.values.maps[0], inner.layers.maps[0]

        def recurrence(*args: Any) -> Ran:
            given = dict(zip(entry["scan"], args, strict=True)) if args else {}
            if "name" in entry or "repeat" in entry:
                return self._recurrence(entry, given, self._hold(name, holder), frame, 0)
            # Without a name, its layers are those of what it stands in.
            return self._recurrence(entry, given, holder, frame, int(name))

        if "scan" in entry:
            return recurrence
        if "layers" in entry:
            return container
        return block if entry["type"] in self.blocks else module

    def _recurrence(
        self,
        entry: Tree,
        scanned: dict[str, Tensor],
        holder: nn.Module,
        frame: Frame,
        number: int,
    ) -> Ran:
        """Runs the layers for each slice, or so many times. number: of the first one unnamed."""
        dim = self.number(entry.get("dim", 0), frame)
        carried = {key: self.evaluate(text, frame) for key, text in entry.get("carry", {}).items()}
        entries = [e if isinstance(e, dict) else {"type": e} for e in entry["layers"]]
        texts = entry.get("outputs", [])
        texts = [texts] if isinstance(texts, str) else texts
        found: list[list[Tensor]] = []
        times: list[tuple[Tensor, ...]] = []
        if scanned:
            times = list(zip(*(one.unbind(dim) for one in scanned.values()), strict=True))
        else:
            times = [()] * self.number(entry["scan"], frame)
        for index, slices in enumerate(times):
            outer = frame.child()
            outer.values.update(carried, index=index)
            outer.values.update(zip(scanned, slices, strict=True))
            inner = outer.child()
            first = [*slices, *carried.values(), frame.values["_"]][0]
            last = self._children(entries, holder, inner, first, number)
            found.append([self.evaluate(text, inner) for text in texts] or [last])
            carried = {key: inner.values[key] for key in carried}
        stacked = [torch.stack(parts, dim) for parts in zip(*found, strict=True)]
        return tuple(stacked), {**dict(zip(texts, stacked, strict=False)), **carried}, {}

    def _hold(self, name: str, holder: nn.Module) -> nn.Module:
        if name not in holder._modules:
            holder.add_module(name, Holder())
        return holder.get_submodule(name)

    def _children(
        self,
        entries: Sequence[Tree],
        holder: nn.Module,
        frame: Frame,
        before: Any,
        number: int = 0,
    ) -> Any:
        """Runs the children of a container; the unnamed ones take the next numbers."""
        for entry in entries:
            name = entry.get("name")
            unnamed = not isinstance(name, str)
            attribute = str(number if unnamed else name)
            frame.values["_"] = before
            present = self.number(entry.get("when", True), frame)
            value = self.entry(entry, attribute, holder, frame, before)
            if entry.get("call", True):
                before = value
                frame.each += [value] if "expr" in entry else self.times
            if unnamed and "scan" in entry and "repeat" not in entry:
                number = self.next_number
            elif unnamed and name is None and present:
                shared = entry.get("shared", False)
                number += 1 if shared else self.number(entry.get("repeat", 1), frame)
        self.next_number = number
        return before

    def bind_params(self, entry: Tree, section: Tree, inner: Frame, frame: Frame) -> None:
        """Binds the params of a block, as a use gives them in the frame around it."""
        for name, param in section.get("params", {}).items():
            if name in entry:
                value = entry[name]
                kind = param["type"] if isinstance(param, dict) else param
                if kind == "module":
                    inner.values[name] = self._module(value, frame)
                else:
                    inner.values[name] = value if kind == "str" else self.number(value, frame)
            else:
                inner.values[name] = self._param(param, inner)

    def _make(
        self,
        entry: Tree,
        name: str,
        holder: nn.Module,
        frame: Frame,
        inputs: Sequence[Any],
        by_name: Mapping[str, Any],
    ) -> nn.Module:
        """The module of an entry, made once."""
        arguments = {
            key: self._argument(key, value, frame)
            for key, value in entry.items()
            if key not in KEYS
        }
        if name not in holder._modules:
            kind = entry["type"]
            made = getattr(nn, kind)(**sized(kind, arguments, inputs, by_name))
            parametrize(made, entry.get("parametrize", {}))
            holder.add_module(name, made.train(self.root.training))
            self.made[made] = arguments
        found = holder.get_submodule(name)
        if self.made[found] != arguments:
            raise ValueError("one layer has two sets of arguments")
        return found

    def _argument(self, key: str, value: Any, frame: Frame) -> Any:
        if isinstance(value, dict):
            return {name: self._argument(name, item, frame) for name, item in value.items()}
        if key in LITERALS or (key == "padding" and value in ("same", "valid")) or key == "type":
            return value
        return self.number(value, frame)
