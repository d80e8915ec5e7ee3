"""What must hold of any drawn spec: it is the network that the interpreter runs, or it is none."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import torch
from compared import Network, assert_same, own_tests, state_of
from reference_interpreter import Interpreter
from reference_layers import LITERALS
from spec_strategies import OTHERS, SAMPLE, Drawn, shapes_at
from torch import Tensor, nn
from torch_reference import DEVIATIONS

import specc
from specc.spec.diagnostic import Diagnostic

# What the language refuses though torch could run it: rules of form, not of shapes. Each is the
# code of a problem and the whole of its message.
_DIFFERENT = "the uses of this block need different code: "
RULES: tuple[tuple[str, str], ...] = (
    (
        "not-sequential",
        "each entry of a sequential block is a module of one value that takes the value before it"
        " and that only the next one reads",
    ),
    ("unread-value", r"(\w+(, \w+)*( and \w+)?|the value of this entry) (is|are) never read"),
    ("unused-param", r"the param \w+ is never read"),
    ("unread-value", "no entry of this container reads the value that it takes"),
    ("unread-value", "what this recurrence stacks is never read"),
    ("unread-value", "the value of this entry is never read: what the recurrence stacks is not"),
    ("unread-value", r"the stacked \w+ is never read: a recurrence stands for its first output"),
    ("unread-value", r"\w+ is never read, neither by the next time nor after the last one"),
    ("missing-argument", "dim must be given: torch would choose one, and warn"),
    ("unusable-condition", "this condition can't be used exactly: .+"),
    (
        "uses-differ",
        _DIFFERENT + "an entry is present in some only, and names stand beside numbers",
    ),
    ("uses-differ", _DIFFERENT + "it needs sizes of an input that has another number of .+"),
    ("uses-differ", _DIFFERENT + "this entry has another number in some"),
    ("uses-differ", _DIFFERENT + "this repeat is present in some only"),
    ("uses-differ", _DIFFERENT + "with some numbers a tensor is of whole ones"),
    ("uses-differ", _DIFFERENT + r"what \w+ stands for takes other arguments in each"),
    ("uses-differ", _DIFFERENT + ".+ follows from sizes that no param of the block gives"),
    ("uses-differ", "whether this is present follows from sizes that no param of the block gives"),
    ("not-supported", "a loop over several entries that is run .+ is not part of this version"),
    ("not-supported", "each time takes the values of the one before: .+ gives .+"),
    ("not-supported", "a block in a repeat is called where it stands: its first call makes .+"),
    (
        "not-constant",
        r".+ (<|<=|>|>=|==|!=) .+ depends on sizes that vary: it is not decided at build",
    ),
    ("not-constant", r"\w+ of \w+ must be known at build, and the input's size .+ varies: .+"),
    ("not-constant", "whether .+ is known only when the model runs"),
    ("not-constant", "repeat needs a whole number known at build, this is the size .+"),
    ("not-constant", r"the param \w+ must be known at build, this is the size .+"),
    ("not-constant", ".+ needs a number that is known at build, and .+ varies"),
    ("shape-depends-on-size", ".+ is not surely a multiple of .+, so how many chunks there are .+"),
    ("shape-depends-on-size", "whether .+ is the smaller, and the diagonal's length, is not sure"),
    ("shape-depends-on-size", r"whether dimension -?\d+ is squeezed depends on .+, which may be 1"),
    (
        "shape-depends-on-size",
        "how many (bins|elements|pieces|pieces of .+|slices) there are depends .+",
    ),
    ("shape-depends-on-size", "whether dimension .+ is the first of size 3 hangs on .+"),
    ("shape-depends-on-size", "whether .+ holds vectors or matrices hangs on sizes that vary"),
    ("shape-depends-on-size", "which of the lengths .+ is the longest hangs on sizes"),
    ("shape-depends-on-size", r".+ \* .+ is rounded, so the size can't be told for all sizes"),
    ("shape-depends-on-size", "the .+ is the smaller of .+ and .+, which vary"),
    ("shape-depends-on-size", "whether there are residuals hangs on whether .+ is more than .+"),
    ("too-complex", "(this|the size) .+"),
    ("conflict", "recompute runs this twice in training, and .+ would be renewed twice"),
    (
        "no-dependence",
        r"grad\(y, x\) needs a y that is made from x; this one does not depend on it",
    ),
    ("no-derivative", "torch derives .+ only once: grad does so, and this grad derives that again"),
    ("inplace", "this changes a tensor in place: its old content is read later"),
    ("inplace", r"this changes a tensor in place: \w+ is an input, which belongs to the caller"),
    # What is not known to leave its inputs alone is taken to keep them: safe, but strict.
    (
        "inplace",
        "this changes a tensor in place: its old content is needed for the backward pass",
    ),
)


def is_of_form(problem: Diagnostic, spec: Drawn) -> bool:
    """Whether a refusal is one of the language's own: what it says of names is so."""
    if not any(
        problem.code == code and re.fullmatch(message, problem.message) for code, message in RULES
    ):
        return False
    said = re.fullmatch(r"(?:the param )?(\w+) is never read", problem.message)
    section = spec.tree["model"]
    if problem.where.startswith("blocks."):
        section = spec.tree["blocks"][problem.where.split(".")[1].split("[")[0]]
    return said is None or said[1] not in _read(section)


def is_deviation(problem: Diagnostic, spec: Drawn) -> bool:
    """Whether a refusal is one of those where a layer or function is known to be stricter."""
    said = repr(spec.tree)
    names = {*re.findall(r"\w+", said), *re.findall(r"\w+", said.replace(".", "_"))}
    return any(
        entry["message"]
        and entry["message"] in problem.message
        and re.search(entry.get("pattern", ""), problem.message)
        and entry["argument"] in ("*", *re.findall(r"\w+", f"{problem.where} {problem.message}"))
        and any(fnmatchcase(name, entry["name"]) for name in names)
        for entry in DEVIATIONS
    )


def _read(value: Any) -> set[str]:
    """The words of the expressions in a section, but for what is called."""
    if isinstance(value, dict):
        return {
            word
            for key, item in value.items()
            if key != "name" and key not in LITERALS
            for word in _read(item)
        }
    if isinstance(value, list):
        return {word for item in value for word in _read(item)}
    return set(re.findall(r"(?<![.\w])\w+\b(?!\()", value)) if isinstance(value, str) else set()


TINY: tuple[dict[str, int], ...] = (
    {},
    {"batch": 1},
    {"time": 1, "rows": 1},
    {"height": 8, "width": 8, "h": 1, "w": 1},
)


def holds(spec: Drawn) -> None:
    """An accepted spec's package is what the interpreter runs; a refused one is refused justly."""
    problems = specc.check(spec.tree)
    if problems:
        for problem in problems:
            is_meant = is_of_form(problem, spec) or is_deviation(problem, spec)
            assert is_meant or fails_somewhere(spec), problem
        return
    network = Network(spec.tree)
    reference = Interpreter(spec.tree)
    reference.make(*spec.sample(SAMPLE))
    summary = network.summary
    assert state_of(network.module) == [
        (entry["name"], tuple(entry["shape"]), entry["dtype"]) for entry in summary["state_dict"]
    ]
    parameters = list(network.module.parameters())
    assert summary["parameters"] == sum(p.numel() for p in parameters)
    assert summary["trainable_parameters"] == sum(p.numel() for p in parameters if p.requires_grad)
    all_sizes = [*OTHERS[:2], *others(spec, summary["needs"])]
    samples = [spec.sample(sizes, seed) for seed, sizes in enumerate(all_sizes)]
    assert_same(network, reference.root, reference, samples)
    network.module.eval()
    for sizes, sample in zip(all_sizes, samples, strict=True):
        assert_shapes(network, sizes, sample)
    own_tests(network)


def others(spec: Drawn, needs: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, int]]:
    """Two further samples of sizes, mostly small, for which the summary says that it works."""
    conditions = [*spec.where, *(str(need["condition"]) for need in needs)]
    draw = random.Random(repr(spec.tree))
    found = 0
    for _ in range(300):
        sizes = {name: draw.choice((1, 2, 3, 5, 8, 13, 18)) for name in SAMPLE}
        if found < 2 and all(eval(text, dict(sizes)) for text in conditions):
            found += 1
            yield sizes


def assert_shapes(network: Network, sizes: dict[str, int], sample: Sequence[Tensor | None]) -> None:
    """Every module's and every output's shape and element type are what the summary says."""
    seen: dict[str, list[tuple[tuple[int, ...], str]]] = {}

    def record(path: str) -> Any:
        def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
            first = output[0] if isinstance(output, tuple) else output
            seen.setdefault(path, []).append((tuple(first.shape), str(first.dtype)))

        return hook

    modules = dict(network.module.named_modules())
    handles = [modules[p].register_forward_hook(record(p)) for p in modules if p]
    outputs = network(*sample)
    for handle in handles:
        handle.remove()
    for output, said in zip(outputs, network.summary["outputs"], strict=True):
        if output is None:
            continue
        assert tuple(output.shape) == shapes_at(said["shape"], sizes)
        assert output.dtype == getattr(torch, said["dtype"])
    called = [layer for layer in network.summary["layers"] if layer["output"] is not None]
    for layer in called:
        for shape, dtype in seen.get(layer["path"], [])[:1]:
            assert shape == shapes_at(layer["output"], sizes), layer
            assert dtype == f"torch.{layer['dtype']}", layer


def fails_somewhere(spec: Drawn) -> bool:
    """Whether torch refuses the spec too, at some sizes that it declares."""
    draw = random.Random(0)
    for round in range(60):
        top = 4 if round % 2 else 40
        sizes = {name: draw.randint(1, top) for name in SAMPLE} | TINY[round % 4]
        if not all(eval(text, dict(sizes)) for text in spec.where):
            continue
        for training in (False, True):
            reference = Interpreter(spec.tree)
            try:
                reference.make(*spec.sample(SAMPLE))
                reference.root.train(training)
                reference(*spec.sample(sizes, round // 4))
            except Exception:
                return True
    return False
