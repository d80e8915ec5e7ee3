"""What must hold of any drawn spec: it is the network that the interpreter runs, or it is none."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from compared import Network, assert_same, own_tests, state_of
from reference_interpreter import Interpreter
from spec_strategies import OTHERS, SAMPLE, Drawn, shapes_at
from torch import Tensor, nn

import specc

# What the language refuses though torch could run it: rules of form, not of shapes.
RULES = {
    "not-sequential": "what an nn.Sequential can't hold",
    "unread-value": "what nothing reads",
    "missing-argument": "what torch would choose itself, and warn",
    "unusable-condition": "conditions on sizes that can't be used exactly",
    "uses-differ": "uses of a block that need different code",
    "not-supported": "what this version does not have",
    "not-constant": "what must be known at build, and is not",
    "shape-depends-on-size": "as many values as a size says",
    "too-complex": "sizes beyond what can be proved",
    "conflict": "statistics that recomputing would renew twice",
    "no-dependence": "derivatives by what a value is not made from",
    "inplace": "what is changed and read",
}
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
            assert problem.code in RULES or fails_somewhere(spec), problem
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
