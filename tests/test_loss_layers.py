"""Losses as layers of a model: what is built is torch's module, with its state and its values."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from compared import Network, assert_same
from torch import Tensor, nn

Entry = dict[str, Any]
INT = "int64"
ROWS = ["batch", 3]
CASES: list[tuple[Entry, dict[str, Any], list[Tensor]]] = []
"""An entry without its inputs, the shapes of these by name, and what they are."""


def case(entry: Entry, *inputs: tuple[str, list[Any], Tensor]) -> None:
    declared = {
        name: {"shape": shape, "dtype": str(tensor.dtype).removeprefix("torch.")}
        for name, shape, tensor in inputs
    }
    CASES.append((entry, declared, [tensor for _, _, tensor in inputs]))


X, Y = torch.rand(4, 3), torch.rand(4, 3)
CLASSES = torch.tensor([0, 2, 1, 1])
SIGNS = torch.tensor([1.0, -1.0, 1.0, -1.0])
for name in ("MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "KLDivLoss", "PoissonNLLLoss"):
    case({"type": name, "reduction": "sum"}, ("x", ROWS, X), ("y", ROWS, Y))
for name in ("BCELoss", "BCEWithLogitsLoss", "MultiLabelSoftMarginLoss"):
    case({"type": name, "weight": [1, 0.5, 2]}, ("x", ROWS, X), ("y", ROWS, Y))
case(
    {"type": "BCEWithLogitsLoss", "weight": 2, "pos_weight": [[1, 2, 3]]},
    *(("x", ROWS, X.double()), ("y", ROWS, Y.double())),
)
for name in ("CrossEntropyLoss", "NLLLoss", "MultiMarginLoss"):
    for tensor in (X, X.double()):
        given = (("x", ROWS, tensor), ("y", ["batch"], CLASSES))
        case({"type": name, "weight": [1, -0.5, float("inf")], "reduction": "none"}, *given)
case({"type": "CrossEntropyLoss", "ignore_index": -1}, ("x", ROWS, X), ("y", ROWS, Y))
case({"type": "MultiLabelMarginLoss"}, ("x", ROWS, X), ("y", ROWS, torch.tensor([[2, 0, -1]] * 4)))
# torch derives it by no target: whole numbers ask for none.
case({"type": "SoftMarginLoss"}, ("x", ["batch"], X[:, 0]), ("y", ["batch"], SIGNS.long()))
case(
    {"type": "HingeEmbeddingLoss", "margin": 2}, ("x", ["batch"], X[:, 0]), ("y", ["batch"], SIGNS)
)
case({"type": "CosineEmbeddingLoss"}, ("a", ROWS, X), ("b", ROWS, Y), ("y", ["batch"], SIGNS))
case(
    {"type": "MarginRankingLoss"},
    *(("a", ["batch"], X[:, 0]), ("b", ["batch"], X[:, 1]), ("y", ["batch"], SIGNS)),
)
for name in ("TripletMarginLoss", "TripletMarginWithDistanceLoss"):
    case({"type": name, "swap": True}, ("a", ROWS, X), ("p", ROWS, Y), ("n", ROWS, X * Y))
case({"type": "GaussianNLLLoss"}, ("x", ROWS, X), ("y", ROWS, Y), ("v", ["batch", 1], X[:, :1]))
case(
    {"type": "CTCLoss", "zero_infinity": True},
    ("logs", [5, "batch", 3], torch.rand(5, 4, 3).log_softmax(2)),
    ("y", ["batch", 2], torch.ones(4, 2, dtype=torch.int64)),
    ("n", ["batch"], torch.full((4,), 5)),
    ("m", ["batch"], torch.tensor([1, 2, 2, 1])),
)
case(
    {"type": "LinearCrossEntropyLoss", "num_classes": 4, "bias": True, "weight": [1, 2, 3, 4]},
    *(("x", ROWS, X), ("y", ["batch"], CLASSES)),
)
case(
    {"type": "LinearCrossEntropyLoss", "num_classes": 4, "out_features": [2], "reduction": "none"},
    *(("x", ROWS, X), ("y", ["batch", 2], torch.stack((CLASSES, CLASSES), 1))),
)
case(
    {"type": "AdaptiveLogSoftmaxWithLoss", "n_classes": 6, "cutoffs": [1, 3], "head_bias": True},
    *(("x", ROWS, X), ("y", ["batch"], CLASSES)),
)
LITERALS = {"weight", "pos_weight"}


def by_hand(entry: Entry, first: Tensor) -> nn.ModuleDict:
    """torch's module by the arguments of an entry."""
    arguments = {key: value for key, value in entry.items() if key != "type"}
    for key in LITERALS & arguments.keys():
        arguments[key] = torch.tensor(arguments[key], dtype=first.dtype)
    if entry["type"] in ("LinearCrossEntropyLoss", "AdaptiveLogSoftmaxWithLoss"):
        arguments["in_features"] = 3
    return nn.ModuleDict({"loss": getattr(nn, entry["type"])(**arguments)})


def tree(entry: Entry, declared: dict[str, Any]) -> dict[str, Any]:
    layers = [{"name": "loss", **entry, "inputs": list(declared)}]
    return {"model": {"name": "Compared", "inputs": declared, "layers": layers}}


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda n: CASES[n][0]["type"])
def test_a_loss_is_torchs_module(number: int) -> None:
    entry, declared, inputs = CASES[number]
    module = by_hand(entry, inputs[0])

    def run(*given: Tensor) -> tuple[Tensor, ...]:
        made = module["loss"](*given)
        return (made[0],) if isinstance(made, tuple) else (made,)

    assert_same(Network(tree(entry, declared)), module, run, [inputs], exact=False)


def test_both_values_of_an_adaptive_softmax_are_read_by_their_names() -> None:
    declared = {"x": ["batch", 5], "y": {"shape": ["batch"], "dtype": INT}}
    entry = {"name": "top", "type": "AdaptiveLogSoftmaxWithLoss", "n_classes": 6, "cutoffs": [2]}
    layers = [{**entry, "inputs": {"input_": "x", "target_": "y"}}]
    model = {"name": "Adaptive", "inputs": declared, "layers": layers}
    network = Network({"model": {**model, "outputs": ["top.output", "top.loss"]}})
    x, y = torch.rand(3, 5), torch.tensor([0, 5, 1])
    output, loss = network(x, y)
    torch.testing.assert_close(loss, -output.mean())
    top = network.module.get_submodule("top")
    assert isinstance(top, nn.AdaptiveLogSoftmaxWithLoss)
    torch.testing.assert_close(output, top.log_prob(x)[range(3), y])


def test_a_weight_may_be_of_params_and_differ_between_uses_of_a_block() -> None:
    block = {
        "params": {"rare": "float", "weights": "list"},
        "inputs": ["x", "y"],
        "layers": [
            {"type": "CrossEntropyLoss", "weight": [1, "2 * rare", 0.5], "inputs": ["x", "y"],
             "name": "one"},
            {"type": "CrossEntropyLoss", "weight": "weights", "inputs": ["x", "y"], "name": "two"},
            {"expr": "one + two"},
        ],
    }  # fmt: skip
    uses = [
        {"name": "a", "type": "Both", "rare": 3.0, "weights": [1, 2, 3], "inputs": ["x", "y"]},
        {"name": "b", "type": "Both", "rare": 4.0, "weights": [3.0, 2, 1], "inputs": ["x", "y"]},
    ]
    declared = {"x": {"shape": ROWS, "dtype": "float64"}, "y": {"shape": ["batch"], "dtype": INT}}
    model = {"name": "Twice", "inputs": declared, "layers": [*uses, {"expr": "a + b"}]}
    network = Network({"model": model, "blocks": {"Both": block}})
    weights = [value.tolist() for value in network.module.state_dict().values()]
    assert weights == [[1, 6, 0.5], [1, 2, 3], [1, 8, 0.5], [3, 2, 1]]
    x = X.double()
    losses = [
        nn.CrossEntropyLoss(torch.tensor(w, dtype=torch.float64))(x, CLASSES) for w in weights
    ]
    torch.testing.assert_close(network(x, CLASSES)[0], torch.stack(losses).sum())
