"""A plain interpreter of the language's networks, to hold the compiler to.

It shares no code with the compiler: it reads the raw tree of a spec, evaluates numbers and
expressions with Python's own `eval`, and makes the layers with torch at the first run, from the
values that reach them. It accepts sound specs only, and reports nothing.
"""

from __future__ import annotations

import ast
import itertools
import math
import re
from collections import ChainMap, Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from reference_names import Frame, Functions, Layer, LayerNames, Names, grad
from torch import Tensor, nn

Tree = Mapping[str, Any]
# Outputs, and values and layers inside by name.
Ran = tuple[tuple[Any, ...], Mapping[str, Any], Mapping[str, Any]]

# Names of unnamed layers: snake_case of the type, with torch's words kept whole.
SNAKE_CASE = {
    **{"ReLU": "relu", "ELU": "elu", "GELU": "gelu", "SiLU": "silu", "Tanh": "tanh"},
    **{"LeakyReLU": "leaky_relu", "Sigmoid": "sigmoid", "Softplus": "softplus"},
    **{"Hardtanh": "hardtanh", "Identity": "identity", "Linear": "linear", "Dropout": "dropout"},
    **{"LayerNorm": "layer_norm", "GroupNorm": "group_norm", "Embedding": "embedding"},
    **{"RMSNorm": "rms_norm", "Softsign": "softsign", "Mish": "mish", "Softmax": "softmax"},
    **{"Conv1d": "conv1d", "Conv2d": "conv2d", "ConvTranspose2d": "conv_transpose2d"},
    **{"BatchNorm1d": "batch_norm1d", "BatchNorm2d": "batch_norm2d", "Flatten": "flatten"},
    **{"MaxPool1d": "max_pool1d", "MaxPool2d": "max_pool2d", "AvgPool2d": "avg_pool2d"},
    **{"AdaptiveAvgPool1d": "adaptive_avg_pool1d", "AdaptiveAvgPool2d": "adaptive_avg_pool2d"},
    **{"Dropout2d": "dropout2d", "Upsample": "upsample", "ZeroPad2d": "zero_pad2d"},
    **{"InstanceNorm2d": "instance_norm2d", "PixelUnshuffle": "pixel_unshuffle"},
    **{"RNN": "rnn", "LSTM": "lstm", "GRU": "gru", "GRUCell": "gru_cell"},
}

# Arguments that follow from the input: their name and the dimension.
LEFT_OUT = {
    **{"Linear": ("in_features", -1), "LayerNorm": ("normalized_shape", -1)},
    **{f"Conv{n}d": ("in_channels", 1) for n in (1, 2, 3)},
    **{f"ConvTranspose{n}d": ("in_channels", 1) for n in (1, 2, 3)},
    **{f"BatchNorm{n}d": ("num_features", 1) for n in (1, 2, 3)},
    **{f"InstanceNorm{n}d": ("num_features", 1) for n in (1, 2, 3)},
    **{"GroupNorm": ("num_channels", 1), "RMSNorm": ("normalized_shape", -1)},
    **dict.fromkeys(("RNN", "LSTM", "GRU"), ("input_size", -1)),
    **dict.fromkeys(("RNNCell", "LSTMCell", "GRUCell"), ("input_size", -1)),
}

# Modules of several values: what they are called, nested as they are returned.
SEVERAL: dict[str, tuple[Any, ...]] = {
    **{"RNN": ("output", "h_n"), "GRU": ("output", "h_n"), "LSTM": ("output", ("h_n", "c_n"))},
    **{"LSTMCell": ("h_1", "c_1"), "MaxPool1d": ("output", "indices")},
}

# Arguments in which torch takes certain strings.
LITERALS = {"padding_mode", "mode", "approximate"}


class Holder(nn.Module):
    """The model, a block, a container or a repeat: it holds layers and does nothing."""


class Interpreter:
    """The network of a spec. The first call makes its layers; `root` holds them."""

    def __init__(self, tree: Tree, *sample: Tensor) -> None:
        """Makes the layers by running `sample` through, in eval mode."""
        self.model = tree["model"]
        self.blocks = tree.get("blocks", {})
        self.root = Holder().eval()
        with torch.no_grad():
            self(*sample)
        for name, target in self.model.get("tie", {}).items():
            owner, _, last = name.rpartition(".")
            setattr(self.root.get_submodule(owner), last, self.root.get_parameter(target))
        self.root.train()

    def __call__(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """What the model returns, in order."""
        frame = Frame(ChainMap({}))
        for name, param in self.model.get("params", {}).items():
            frame.values[name] = self._param(param, frame)
        self.params = dict(frame.values)
        return tuple(self._scope(self.model, self.root, frame, inputs).values())

    def _param(self, param: Any, frame: Frame) -> Any:
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
        functions |= {"linalg": torch.linalg, "special": torch.special, "fft": torch.fft}
        names = {
            "_layers": frame.layers,
            "_functions": functions,
            "_dtypes": vars(torch),
            "training": self.root.training,
        }
        found = ChainMap(names, *frame.values.maps, functions)
        return eval(compile(ast.fix_missing_locations(tree), "spec", "eval"), {}, Names(found))

    def _scope(
        self, section: Tree, holder: nn.Module, frame: Frame, inputs: Sequence[Any]
    ) -> dict[str, Any]:
        """Runs the model or a block on its inputs; its outputs by name."""
        declared = section.get("inputs", ["x"])
        for name, value in zip(declared, inputs, strict=True):
            frame.values[name] = value
            shape = declared[name] if isinstance(declared, dict) else ()
            shape = shape.get("shape", ()) if isinstance(shape, dict) else shape
            for place, size in enumerate(shape):
                self._bind_size(size, value.shape[place], frame)
        entries = [e if isinstance(e, dict) else {"type": e} for e in section["layers"]]
        names = _attributes(entries, self._taken(section))
        last = self._entries(entries, names, holder, frame, inputs[0] if inputs else None)
        if not section.get("outputs"):
            return {"": last}
        return {text.split(".")[-1]: self.evaluate(text, frame) for text in section["outputs"]}

    def _taken(self, section: Tree) -> set[str]:
        return {*self.params, *section.get("params", {})}

    def _bind_size(self, size: Any, value: int, frame: Frame) -> None:
        if not isinstance(size, str):
            return
        if size.isidentifier():
            frame.values.setdefault(size, value)
            return
        # "16*h": the number that makes it so.
        name = next(
            node.id for node in ast.walk(ast.parse(size, mode="eval")) if isinstance(node, ast.Name)
        )
        if name not in frame.values:
            frame.values[name] = next(n for n in range(value + 1) if eval(size, {name: n}) == value)

    def _entries(
        self,
        entries: Sequence[Tree],
        names: Sequence[str],
        holder: nn.Module,
        frame: Frame,
        before: Any,
    ) -> Any:
        for entry, name in zip(entries, names, strict=True):
            frame.values["_"] = before
            value = self._entry(entry, name, holder, frame, before)
            if "Parameter" != entry.get("type") != "Buffer" and entry.get("call", True):
                before = value
        return before

    def _entry(self, entry: Tree, name: str, holder: nn.Module, frame: Frame, before: Any) -> Any:
        """Runs an entry, binds its names and returns its (first) value."""
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
        args, keywords = self._arguments(entry, frame, before)
        if entry.get("type") in self.blocks:
            declared = self.blocks[entry["type"]].get("inputs", ["x"])
            args += [keywords.pop(key) for key in declared if key in keywords]
        present = self.number(entry.get("when", True), frame)
        if not present:
            return [*args, *keywords.values()][0]
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
                args = [*outputs[: len(args)], *args[len(outputs) :]]
            else:
                members, inside = {}, {}
                self._make(entry, at, place, inner, ())
        if entry.get("name") is not None and "{" not in entry["name"]:
            frame.layers[entry["name"]] = Layer(
                lambda *args: run(*args)[0],
                place._modules.get(at),
                members,
                inside,
                "layers" not in entry,
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
            made = self._make(entry, name, holder, frame, (*args, *keywords.values()))
            outputs = made(*args, **keywords)
            outputs = outputs if isinstance(outputs, tuple) else (outputs,)
            return outputs, dict(_named(SEVERAL.get(entry["type"], ()), outputs)), {}

        def block(*args: Any, **keywords: Any) -> Ran:
            section = self.blocks[entry["type"]]
            inner = self._block_frame(entry, section, frame)
            inner.values.update(zip(section.get("inputs", ["x"]), args, strict=True))
            self._block_params(entry, section, inner, frame)
            outputs = self._scope(section, self._hold(name, holder), inner, args)
            return tuple(outputs.values()), outputs, {}

        def container(*args: Any, **keywords: Any) -> Ran:
            inner = frame.child()
            entries = [e if isinstance(e, dict) else {"type": e} for e in entry["layers"]]
            value = self._children(entries, self._hold(name, holder), inner, args[0])
            return (value,), inner.values.maps[0], inner.layers.maps[0]

        if "layers" in entry:
            return container
        return block if entry["type"] in self.blocks else module

    def _hold(self, name: str, holder: nn.Module) -> nn.Module:
        if name not in holder._modules:
            holder.add_module(name, Holder())
        return holder.get_submodule(name)

    def _children(
        self, entries: Sequence[Tree], holder: nn.Module, frame: Frame, before: Any
    ) -> Any:
        """Runs the children of a container; the unnamed ones take the next numbers."""
        number = 0
        for entry in entries:
            name = entry.get("name")
            unnamed = not isinstance(name, str)
            attribute = str(number if unnamed else name)
            frame.values["_"] = before
            present = self.number(entry.get("when", True), frame)
            value = self._entry(entry, attribute, holder, frame, before)
            if entry.get("call", True):
                before = value
            if unnamed and name is None and present:
                shared = entry.get("shared", False)
                number += 1 if shared else self.number(entry.get("repeat", 1), frame)
        return before

    def _block_frame(self, entry: Tree, section: Tree, frame: Frame) -> Frame:
        return Frame(ChainMap({}, dict(self.params)))

    def _block_params(self, entry: Tree, section: Tree, inner: Frame, frame: Frame) -> None:
        for name, param in section.get("params", {}).items():
            if name in entry:
                value = entry[name]
                literal = isinstance(param, dict) or param in ("str", "module")
                inner.values[name] = value if literal else self.number(value, frame)
            else:
                inner.values[name] = self._param(param, inner)

    def _make(
        self, entry: Tree, name: str, holder: nn.Module, frame: Frame, inputs: Sequence[Any]
    ) -> nn.Module:
        """The module of an entry, made once."""
        if name not in holder._modules:
            keys = ("type", "name", "inputs", "when", "repeat", "shared", "call", "keep")
            arguments = {
                key: value if key in LITERALS else self._argument(key, value, frame)
                for key, value in entry.items()
                if key not in keys
            }
            kind = entry["type"]
            field_name, dim = LEFT_OUT.get(kind, ("", 0))
            if field_name and field_name not in arguments:
                arguments[field_name] = inputs[0].shape[dim]
            made = getattr(nn, kind)(**arguments)
            holder.add_module(name, made.train(self.root.training))
        return holder.get_submodule(name)

    def _argument(self, key: str, value: Any, frame: Frame) -> Any:
        if key == "padding" and value in ("same", "valid"):
            return value
        return self.number(value, frame)


def _attributes(entries: Sequence[Tree], params: set[str]) -> list[str]:
    """Attributes of a model's or block's entries: names, else types, numbered if several."""
    taken = params | {str(e["name"]) for e in entries if "name" in e and "expr" not in e}
    kinds = [
        None if "name" in e or "type" not in e else SNAKE_CASE.get(e["type"]) or snake(e["type"])
        for e in entries
    ]
    totals = Counter(kinds)
    found = []
    for entry, kind in zip(entries, kinds, strict=True):
        if kind is None:
            found.append(str(entry.get("name", "")))
        elif totals[kind] == 1 and kind not in taken:
            found.append(kind)
        else:
            numbered = (f"{kind}{number}" for number in itertools.count(1))
            found.append(next(name for name in numbered if name not in taken))
            taken.add(found[-1])
    return found


def _named(names: Sequence[Any], values: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """Values by their names, those of groups too."""
    for name, value in zip(names, values, strict=False):
        if isinstance(name, tuple):
            yield from _named(name, value)
        else:
            yield name, value


def snake(name: str) -> str:
    """`WideBlock` -> `wide_block`."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
