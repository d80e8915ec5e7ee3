"""What `[budget] optimizer_state` counts is what the installed torch keeps after its steps."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

import specc
from specc.spec.optimizers.base import Optimizer
from specc.spec.registry import families, load
from specc.spec.tensor.type import TensorType

SHAPES = ((6, 5), (3, 2, 4, 4), (7,), ())
OFTEN: dict[str, list[dict[str, Any]]] = {
    "SGD": [{"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}],
    "Adam": [{"amsgrad": True}],
    "AdamW": [{"amsgrad": True}],
    "RMSprop": [{"momentum": 0.5}, {"centered": True}, {"momentum": 0.5, "centered": True}],
    "LBFGS": [{"history_size": 4, "max_iter": 2}],
}
CASES = [
    *((name, {}) for name in sorted(families("optimizers")) if name != "LBFGS"),
    *((name, arguments) for name, found in OFTEN.items() for arguments in found),
]


def kept(value: object) -> int:
    """The bytes of all tensors within a value."""
    if isinstance(value, torch.Tensor):
        return value.numel() * value.element_size()
    if isinstance(value, dict):
        return sum(map(kept, value.values()))
    return sum(map(kept, value)) if isinstance(value, list | tuple) else 0


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("name", "arguments"), CASES, ids=str)
def test_counts_what_torch_keeps(name: str, arguments: dict[str, Any], dtype: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(0)
    shapes = SHAPES[:1] if name == "Muon" else SHAPES
    parameters = [nn.Parameter(torch.randn(s, generator=generator, dtype=dtype)) for s in shapes]
    hold_count(name, arguments, parameters)


@pytest.mark.parametrize("dtypes", ["float32 float64", "bfloat16 float16", "float32 complex64"])
def test_a_vector_of_all_gradients_has_the_type_that_they_are_promoted_to(dtypes: str) -> None:
    generator = torch.Generator().manual_seed(0)
    types = [getattr(torch, dtype) for dtype in dtypes.split()]
    parameters = [nn.Parameter(torch.randn(5, generator=generator).to(one)) for one in types]
    hold_count("LBFGS", {"history_size": 2, "max_iter": 2}, parameters)


def hold_count(name: str, arguments: dict[str, Any], parameters: list[nn.Parameter]) -> None:
    """Counts what torch has kept after some steps."""
    theirs = getattr(torch.optim, name)(parameters, **arguments)

    def closure() -> torch.Tensor:
        theirs.zero_grad()
        sizes = [one.abs().float() if one.is_complex() else one for one in parameters]
        loss = torch.stack([((one**4).sum() + one.sum() ** 2).double() for one in sizes]).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        for one in parameters:
            assert one.grad is not None
            one.grad = one.grad.to_sparse() if name == "SparseAdam" and one.dim() else one.grad
        return loss

    if name == "SparseAdam":
        parameters = [one for one in parameters if one.dim()]
        theirs = torch.optim.SparseAdam(parameters)
    for _ in range(6):
        theirs.step(closure) if name == "LBFGS" else (closure(), theirs.step())
    optimizer = load("optimizers", name)
    assert isinstance(optimizer, type)
    assert issubclass(optimizer, Optimizer)
    ours = optimizer(**arguments)
    dtypes: list[Any] = [str(one.dtype).removeprefix("torch.") for one in parameters]
    types = [
        TensorType.of(tuple(one.shape), dtype)
        for one, dtype in zip(parameters, dtypes, strict=True)
    ]
    counted = sum(int(ours.state_bytes(one)) for one in types) + int(ours.shared_bytes(types))
    assert counted == kept(dict(theirs.state))


SPEC = """
[model]
name = "Net"
inputs.x = ["batch", 5]
layers = [
  { name = "a", type = "Linear", out_features = 40 },
  { name = "norm", type = "LayerNorm" },
  { name = "still", type = "Linear", out_features = 9, inputs = "x", keep = true },
  { name = "y", type = "Linear", out_features = 1, inputs = "norm" },
]
[data]
type = "make_regression"
n_features = 5
random_state = 0
[loss]
type = "MSELoss"
[[optimizer]]
type = "AdamW"
match = ["*.weight"]
param_groups = [{ match = "norm.*", amsgrad = true }]
[[optimizer]]
type = "SGD"
lr = 0.1
[training]
epochs = 1
batch_size = 8
FREEZE
[budget]
optimizer_state = "LIMIT"
"""


def state_of(spec: str) -> int:
    """What the message counts."""
    [problem] = specc.check(spec.replace("LIMIT", "< 1B"), format="toml")
    assert problem.code == "over-budget"
    return int(problem.message.split(" keep ")[1].split(" ")[0].replace(",", ""))


def test_a_budget_counts_groups_and_several_optimizers() -> None:
    # a.weight, y.weight, still.weight: two averages each, and a step; norm.weight a third one.
    expected = (2 * 4 * (200 + 40 + 45) + 3 * 4) + (3 * 4 * 40 + 4)
    spec = SPEC.replace("FREEZE\n", "")
    assert state_of(spec) == expected
    assert specc.check(spec.replace("LIMIT", f"<= {expected}B"), format="toml") == []


def test_what_never_learns_needs_no_state() -> None:
    spec = SPEC.replace("FREEZE", 'freeze = [{ match = "still.*" }]')
    assert state_of(spec) == (2 * 4 * (200 + 40) + 2 * 4) + (3 * 4 * 40 + 4)


def test_a_model_alone_has_no_optimizer() -> None:
    alone = SPEC[: SPEC.index("[data]")] + SPEC[SPEC.index("[budget]") :].replace("LIMIT", "< 1K")
    [problem] = specc.check(alone, format="toml")
    assert problem.code == "missing-section"


MEMORY = """
[model]
name = "Net"
inputs.x = ["batch", 5]
layers = [
  { name = "a", type = "Linear", out_features = 40 },
  { name = "norm", type = "BatchNorm1d" },
  { name = "act", type = "Tanh" },
  { name = "y", type = "Linear", out_features = 3 },
]
[data]
type = "make_classification"
n_classes = 3
n_informative = 4
n_redundant = 0
n_features = 5
random_state = 0
[loss]
type = "CrossEntropyLoss"
weight = [1, 2, 3]
inputs.input = "more"
layers = [{ name = "more", type = "Linear", out_features = 3, inputs = "y" }]
[optimizer]
OPTIMIZER
[training]
epochs = 1
batch_size = 8
freeze = [{ match = "norm.*" }]
[budget]
training_memory = "LIMIT"
at = { batch = BATCH }
"""


class Plain(nn.Module):
    """MEMORY by hand, with its loss."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(5, 40), nn.BatchNorm1d(40), nn.Tanh(), nn.Linear(40, 3), nn.Linear(3, 3)
        )
        self.layers[1].requires_grad_(False)
        self.loss = nn.CrossEntropyLoss(torch.tensor([1.0, 2.0, 3.0]))

    def forward(self, x: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        loss: torch.Tensor = self.loss(self.layers(x), target)
        return loss


@pytest.mark.parametrize("batch", [2, 8])
@pytest.mark.parametrize("name", ["SGD", "AdamW"])
def test_the_memory_of_training_is_what_torch_holds(name: str, batch: int) -> None:
    plain = Plain()
    given: list[torch.Tensor] = []
    saved: dict[int, int] = {}
    for layer in plain.layers:
        layer.register_forward_hook(lambda _, __, output: given.append(output))
    x = torch.randn(batch, 5)

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        saved[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    optimizer = getattr(torch.optim, name)(p for p in plain.parameters() if p.requires_grad)
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        loss = plain(x, torch.zeros(batch, dtype=torch.int64))
    loss.backward()
    optimizer.step()
    held = [*plain.parameters(), *plain.buffers()]
    gradients = [one.grad for one in plain.parameters() if one.grad is not None]
    expected = sum(map(kept, [held, gradients, dict(optimizer.state), given]))
    spec = MEMORY.replace("OPTIMIZER", f'type = "{name}"').replace("BATCH", str(batch))
    [problem] = specc.check(spec.replace("LIMIT", f"< {expected}B"), format="toml")
    assert problem.code == "over-budget"
    assert f"takes {expected:,} bytes of memory" in problem.message
    assert specc.check(spec.replace("LIMIT", f"<= {expected}B"), format="toml") == []
    # What autograd keeps is no more than what layers are given and give, and what a loss makes.
    known = {one.untyped_storage().data_ptr() for one in (*held, *given, x)}
    others = sum(size for place, size in saved.items() if place not in known)
    assert others <= kept(given)


def test_what_is_tied_is_in_memory_once() -> None:
    spec = """
[model]
name = "Net"
inputs.x = ["batch", 5]
layers = [
  { name = "a", type = "Linear", out_features = 5 },
  { name = "b", type = "Linear", out_features = 5 },
]
tie = { "b.weight" = "a.weight" }
[budget]
weights = "<= 140B"
"""
    assert specc.check(spec, format="toml") == []
    [problem] = specc.check(spec.replace("<=", "<"), format="toml")
    assert "140 bytes of weights" in problem.message
