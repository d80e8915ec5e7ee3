"""Changes in place: what is accepted computes the same as without them."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from compared import Network, assert_same, assert_same_tensor
from spec_strategies import OTHERS, Drawn, drawn_spec
from torch import Tensor, nn
from torch.nn.utils import rnn

import specc
from specc.compiler.elaborate import storage
from specc.spec import registry

INPLACE = ("ReLU", "LeakyReLU", "ELU", "SiLU", "Mish", "Dropout")
H = '[model]\nname = "M"\ninputs.x = ["batch", 6]\n'
LINEAR = '{ name = "h", type = "Linear", out_features = 4 }'
RELU = '{ type = "ReLU", inplace = true }'


def breaks(run: Callable[[], Any]) -> bool:
    """Whether the backward pass of what a function gives fails."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            run().sum().backward()
        except RuntimeError:
            return True
    return False


def leaf(shape: tuple[int, ...]) -> Tensor:
    """Positive numbers that are derived by, away from where functions are not smooth."""
    return (torch.rand(shape) + 0.25).requires_grad_() + 0


ARGUMENTS: dict[str, dict[str, Any]] = {
    **{"Linear": {"in_features": 8, "out_features": 8}, "GroupNorm": {"num_groups": 2}},
    **{"Conv": {"in_channels": 4, "out_channels": 4, "kernel_size": 3}},
    **{"BatchNorm": {"num_features": 4}, "InstanceNorm": {"num_features": 4, "affine": True}},
    **{"MaxPool": {"kernel_size": 2}, "AvgPool": {"kernel_size": 2}},
    **{"LPPool": {"norm_type": 2, "kernel_size": 2}, "Adaptive": {"output_size": 2}},
    **{"Reflection": {"padding": 1}, "Replication": {"padding": 1}, "ZeroPad": {"padding": 1}},
    **{"ConstantPad": {"padding": 1, "value": 1.0}, "CircularPad": {"padding": 1}},
    **{"LayerNorm": {"normalized_shape": 8}, "RMSNorm": {"normalized_shape": 8}},
    **{"LogSoftmax": {"dim": 1}, "Softmax": {"dim": 1}, "Softmin": {"dim": 1}, "Softmax2d": {}},
    **{"Threshold": {"threshold": 0.5, "value": 0.2}, "LocalResponseNorm": {"size": 2}},
    **{"Upsamp": {"scale_factor": 2}, "PixelShuffle": {"upscale_factor": 2}},
    **{"PixelUnshuffle": {"downscale_factor": 2}, "ChannelShuffle": {"groups": 2}},
    **{"Unflatten": {"dim": 1, "unflattened_size": (2, 2)}},
    **{name: {"input_size": 8, "hidden_size": 8} for name in ("RNN", "LSTM", "GRU")},
    **{"Unfold": {"kernel_size": 2}, "SyncBatchNorm": {"num_features": 4}},
    **{"Fold": {"output_size": (3, 5), "kernel_size": (2, 2)}, "CrossMapLRN2d": {"size": 2}},
    **{"MaxUnpool": {"kernel_size": 2}, "FractionalMaxPool": {"kernel_size": 2, "output_size": 2}},
}


class Repeated(nn.Module):
    """A module that takes one tensor for each of its inputs."""

    def __init__(self, inner: nn.Module, count: int) -> None:
        super().__init__()
        self.inner, self.count = inner, count

    def forward(self, h: Tensor) -> Any:
        return self.inner(*[h] * self.count)


class Unpooled(nn.Module):
    """Unpooling from the places that pooling would have chosen."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, h: Tensor) -> Any:
        return self.inner(h, torch.arange(h[0, 0].numel()).view(h[0, 0].shape).expand(h.shape))


ENCODER = partial(nn.TransformerEncoderLayer, 8, 2, dim_feedforward=8)
DECODER = partial(nn.TransformerDecoderLayer, 8, 2, dim_feedforward=8)
ATTENTION: dict[str, Callable[[], nn.Module]] = {
    "MultiheadAttention": lambda: Repeated(nn.MultiheadAttention(8, 2), 3),
    "TransformerEncoderLayer": ENCODER,
    "TransformerDecoderLayer": lambda: Repeated(DECODER(), 2),
    "TransformerEncoder": lambda: nn.TransformerEncoder(ENCODER(), 2),
    "TransformerDecoder": lambda: Repeated(nn.TransformerDecoder(DECODER(), 2), 2),
    "Transformer": lambda: Repeated(nn.Transformer(8, 2, 1, 1, 8), 2),
}


class Compared(nn.Module):
    """A loss with all its inputs but the first. A loss for each row is what backward may need."""

    def __init__(self, name: str, *others: Any, **arguments: Any) -> None:
        super().__init__()
        reduction = {} if name.startswith("Adaptive") else {"reduction": "none"}
        self.inner, self.others = getattr(nn, name)(**arguments, **reduction), others

    def forward(self, h: Tensor) -> Any:
        # The numbers of a leaf are from 0.25 on, and of a probability below 1.
        return self.inner(h - 0.25 if isinstance(self.inner, nn.BCELoss) else h, *self.others)


ROWS = torch.rand(4, 8)
CLASSES = torch.tensor([0, 1, 2, 1])
SIGNS = torch.tensor([1.0, -1.0, 1.0, -1.0])
LOSSES: dict[str, Callable[[str], nn.Module]] = {
    **dict.fromkeys(
        [name for name, file in registry.families("losses").items() if "embedding" not in file],
        lambda name: Compared(name, ROWS),
    ),
    **dict.fromkeys(
        ("NLLLoss", "CrossEntropyLoss", "MultiMarginLoss"), lambda name: Compared(name, CLASSES)
    ),
    "MultiLabelMarginLoss": lambda name: Compared(name, torch.tensor([[0, *[-1] * 7]] * 4)),
    "LinearCrossEntropyLoss": lambda name: Compared(name, CLASSES, in_features=8, num_classes=3),
    "GaussianNLLLoss": lambda name: Compared(name, ROWS, ROWS),
    "TripletMarginLoss": lambda name: Compared(name, ROWS, ROWS + 0.1),
    "TripletMarginWithDistanceLoss": lambda name: Compared(name, ROWS, ROWS + 0.1),
    "CosineEmbeddingLoss": lambda name: Compared(name, ROWS, SIGNS),
    "MarginRankingLoss": lambda name: Compared(name, ROWS, torch.sign(ROWS - 0.5)),
    "CTCLoss": lambda name: Compared(name, CLASSES[:1] + 1, (4,), (1,)),
    "AdaptiveLogSoftmaxWithLoss": lambda name: Compared(
        name, CLASSES, in_features=8, n_classes=3, cutoffs=[2]
    ),
}


def layer(name: str) -> tuple[nn.Module, tuple[int, ...]]:
    """A layer of torch with the shape of an input for it."""
    if name in LOSSES:
        return LOSSES[name](name), (4, 8)
    if name in ATTENTION:
        return ATTENTION[name](), (2, 4, 8)
    known = [key for key in ARGUMENTS if name.startswith(key)]
    arguments = dict(ARGUMENTS[max(known, key=len)]) if known else {}
    if name == "GroupNorm":
        arguments["num_channels"] = 4
    if name == "Softmax2d":
        arguments = {}
    ranks = {"1d": (2, 4, 8), "3d": (2, 4, 4, 4, 4), "ll": (4, 8)}
    ranks |= dict.fromkeys(("NN", "TM", "RU"), (2, 4, 8))
    made = getattr(nn, name)(**arguments)
    shape = (2, 4, 8) if name == "Fold" else ranks.get(name[-2:], (2, 4, 8, 8))
    if name in ("CosineSimilarity", "PairwiseDistance"):
        made = Repeated(made, 2)
    return Unpooled(made) if name.startswith("MaxUnpool") else made, shape


def flat(values: Any) -> list[Tensor]:
    """The tensors that a module gives, those within tuples too."""
    return (
        [values] if isinstance(values, Tensor) else [one for part in values for one in flat(part)]
    )


LAYERS = sorted(set(registry.families("layers")) - {"Embedding", "EmbeddingBag", "Bilinear"})


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("training", [True, False])
def test_what_layers_keep(name: str, training: bool) -> None:
    made, shape = layer(name)
    made.train(training)
    h = leaf(shape)
    given = flat(made(h))
    memory = [tensor.untyped_storage().data_ptr() for tensor in (h, *given)]
    if memory[0] in memory[1:]:
        assert name in storage.ALIASING_LAYERS
        return
    assert len(set(memory)) == len(memory)

    def changed(place: int) -> Tensor:
        outputs = flat(made(leaf(shape)))
        torch.relu_(outputs[place])
        return torch.stack([output.sum() for output in outputs])

    if any(breaks(lambda: changed(place)) for place in range(len(given))):  # noqa: B023
        assert name in storage.LAYERS_KEEPING_OUTPUT
    else:
        assert name not in storage.LAYERS_KEEPING_OUTPUT

    def read_first() -> Tensor:
        h = leaf(shape)
        y = flat(made(h))[0]
        torch.relu_(h)
        return y

    if breaks(read_first):
        assert name not in storage.LAYERS_LEAVING_INPUT


@pytest.mark.parametrize("name", INPLACE)
def test_what_layers_keep_that_change_in_place(name: str) -> None:
    kept = breaks(lambda: torch.relu_(getattr(nn, name)(inplace=True)(leaf((2, 4)))))
    assert kept == (name in storage.INPLACE_KEEPING_OUTPUT)


M = torch.rand(4, 4) + 0.5
IMAGE = torch.rand(1, 1, 4, 4, 4)
# Further arguments with which a function takes a matrix (4, 4); tried in this order.
FURTHER: tuple[tuple[Any, ...], ...] = (
    *((), (0,), (1,), (2,), (M,), (M, M), (0, 1), (0.1, 0.2), ((4, 4),), ((1, 2, 3, 4),)),
    *((0, 1, 2), (-1, 1), (M > 0.7, 0.0), ((1, 1),), (M, M, 0.5), ((4,),), (torch.ones(4),)),
    *((0, (2, 2)), (0, torch.tensor([0, 1])), (1, torch.zeros(4, 4, dtype=torch.long))),
)


def joining(name: str) -> Callable[[Tensor], Tensor]:
    """A function that joins a matrix with itself."""
    return lambda h: getattr(torch, name)([h, h])


def convolution(kind: str, n: int) -> Callable[[Tensor], Tensor]:
    """A convolution of n dimensions over a matrix."""
    shape = {1: (16,), 2: (4, 4), 3: (4, 2, 2)}[n]
    weight = torch.ones((1, 1) + (1,) * n)
    function = getattr(F, f"{kind}{n}d")
    return lambda h: function(h.reshape(1, 1, *shape), weight)


def pack(h: Tensor) -> rnn.PackedSequence:
    return rnn.pack_padded_sequence(h, [1, 4, 2, 3], enforce_sorted=False)


SPECIAL: dict[str, Callable[[Tensor], Any]] = {
    **{name: joining(name) for name in ("cat", "concat", "stack", "hstack", "vstack")},
    "where": lambda h: torch.where(M > 0.7, h, h * 2),
    "einsum": lambda h: torch.einsum("ij,jk->ik", h, M),
    "embedding": lambda h: F.embedding(torch.tensor([0, 1]), h),
    "flip": lambda h: h.flip(0),
    "ones": lambda h: h + torch.ones(4, 4),
    "zeros": lambda h: h + torch.zeros(4, 4),
    "rand": lambda h: h + torch.rand(4, 4),
    "randn": lambda h: h + torch.randn(4, 4),
    "interpolate": lambda h: F.interpolate(h[None, None], scale_factor=2),
    "pad": lambda h: F.pad(h, (1, 1)),
    "pad_packed_sequence": lambda h: rnn.pad_packed_sequence(pack(h))[0],
    "pack_padded_sequence": lambda h: pack(h).data,
    "pack_sequence": lambda h: rnn.pack_sequence([h, h[1:]]).data,
    "pad_sequence": lambda h: rnn.pad_sequence([h, h[1:]]),
    "bmm": lambda h: torch.bmm(h[None], M[None]),
    "prelu": lambda h: F.prelu(h, torch.tensor(0.1)),
    "instance_norm": lambda h: F.instance_norm(h[None]),
    "batch_norm": lambda h: F.batch_norm(h, None, None, training=True),
    "group_norm": lambda h: F.group_norm(h, 2),
    "masked_fill": lambda h: h.masked_fill(M > 0.7, 0.0),
    "leaky_relu": lambda h: F.leaky_relu(h),
    "repeat": lambda h: h.repeat(2, 1),
    "addmm": lambda h: torch.addmm(M, h, M),
    "avg_pool2d": lambda h: F.avg_pool2d(h[None], 2),
    "float": lambda h: h.float(),
    "double": lambda h: h.double(),
    "half": lambda h: h.half(),
    "bfloat16": lambda h: h.bfloat16(),
    "permute": lambda h: h.permute(1, 0),
    "pixel_shuffle": lambda h: F.pixel_shuffle(h[:, :, None, None], 2),
    "pixel_unshuffle": lambda h: F.pixel_unshuffle(h[None, None], 2),
    "channel_shuffle": lambda h: F.channel_shuffle(h[None, :, :, None], 2),
    **{
        f"{kind}{n}d": convolution(kind, n)
        for kind in ("conv", "conv_transpose")
        for n in (1, 2, 3)
    },
}


def function(name: str) -> Callable[[Tensor], Tensor]:
    """A function or method, with what else it takes."""
    if name in SPECIAL:
        return SPECIAL[name]
    found = getattr(F, name, None) or getattr(torch, name, None) or getattr(Tensor, name)
    for further in FURTHER:
        try:
            if isinstance(found(M.clone(), *further), Tensor):
                return lambda h: found(h, *further)
        except (TypeError, RuntimeError, IndexError, ValueError, AttributeError):
            continue
    raise AssertionError(f"no arguments found for {name}")


@pytest.mark.parametrize("name", sorted(storage.FUNCTIONS_LEAVING_OUTPUT))
def test_what_functions_leave_of_their_output(name: str) -> None:
    run = function(name)
    assert not breaks(lambda: torch.relu_(run(leaf((4, 4)))))


@pytest.mark.parametrize("name", sorted(storage.FUNCTIONS_LEAVING_INPUT))
def test_what_functions_leave_of_their_input(name: str) -> None:
    def read_first() -> Tensor:
        h = leaf((4, 4))
        y = function(name)(h)
        torch.relu_(h)
        return y

    assert not breaks(read_first)


@pytest.mark.parametrize("name", sorted(storage.FUNCTIONS_LEAVING_OUTPUT))
def test_what_functions_give_is_no_view(name: str) -> None:
    h = leaf((4, 4))
    y = function(name)(h)
    assert y.untyped_storage().data_ptr() != h.untyped_storage().data_ptr()


def with_inplace(entries: list[Any], chosen: Callable[[], bool]) -> list[Any]:
    """The entries, with `inplace = true` in some of those that know it."""
    found = []
    for entry in entries:
        entry = {"type": entry} if isinstance(entry, str) else dict(entry)
        if entry.get("type") in INPLACE and chosen():
            entry["inplace"] = True
        if "layers" in entry:
            entry["layers"] = with_inplace(entry["layers"], chosen)
        found.append(entry)
    return found


@pytest.mark.filterwarnings("ignore")
def test_what_is_accepted_computes_the_same() -> None:
    assert sum(map(computes_the_same, range(150))) > 20


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_much_of_what_is_accepted_computes_the_same() -> None:
    assert sum(map(computes_the_same, range(150, 750))) > 80


def computes_the_same(seed: int) -> bool:
    """Whether the spec of a seed can be changed to compute in place; it then computes the same."""
    random = Random(seed)
    spec = drawn_spec(random)
    if spec is None or specc.check(spec.tree):
        return False
    tree = copy.deepcopy(spec.tree)
    sections = [tree["model"], *tree.get("blocks", {}).values()]
    for section in sections:
        section["layers"] = with_inplace(section["layers"], lambda: random.random() < 0.75)
    problems = specc.check(tree)
    assert {problem.code for problem in problems} <= {"inplace"}, seed
    if tree == spec.tree or problems:
        return False
    assert_computes_the_same(spec, tree)
    return True


def assert_computes_the_same(spec: Drawn, tree: dict[str, Any]) -> None:
    changed, plain = Network(tree), Network(spec.tree)

    def run(*inputs: Tensor) -> tuple[Tensor, ...]:
        return plain(*inputs)

    samples = [spec.sample(sizes) for sizes in OTHERS[:2]]
    assert_same(changed, plain.module, run, samples, exact=False)
    kept = [None if tensor is None else tensor.clone() for tensor in samples[0]]
    with torch.no_grad():
        changed(*samples[0])
    for one, other in zip(kept, samples[0], strict=True):
        assert_same_tensor(one, other, "an input")


ACCEPTED = {
    "after a layer": f"layers = [{LINEAR}, {RELU}]",
    "after a sum was made of it": f"""layers = [{LINEAR}, {{ name = "s", expr = "h + 1" }},
        {{ type = "ReLU", inplace = true, inputs = "h" }}, {{ expr = "_ + s" }}]""",
    "in a container": f'layers = [{{ name = "c", layers = [{LINEAR}, {RELU}] }}]',
    "after a block": f"""layers = [{LINEAR}, "B", {RELU}]
        [blocks.B]
        layers = [{{ type = "Linear", out_features = 4 }}]""",
    "a second call on a new value": f"""layers = [{LINEAR},
        {{ name = "r", type = "ReLU", inplace = true }},
        {{ type = "Linear", out_features = 4 }}, {{ expr = "r(_ + r)" }}]""",
    "only the shape is read later": f"""layers = [{LINEAR}, {RELU},
        {{ expr = "_ * h.shape[1]" }}]""",
}

# With the places that the message names: the change, and its other half.
REFUSED = {
    "on an input": (f"layers = [{RELU}]", "layers[0].inplace", None),
    "on a block's input": (
        f'layers = [{LINEAR}, "B"]\n[blocks.B]\nlayers = [{RELU}]',
        "layers[0].inplace",
        None,
    ),
    "on what is read later": (
        f'layers = [{LINEAR}, {RELU}, {{ expr = "_ + h" }}]',
        "layers[1].inplace",
        "read here",
    ),
    "on what is returned too": (
        f'layers = [{LINEAR}, {{ name = "r", type = "ReLU", inplace = true }}]\n',
        "layers[1].inplace",
        "read here",
    ),
    "on a view of what is read later": (
        f'layers = [{LINEAR}, {{ expr = "h.view(-1, 2)" }}, {RELU}, {{ expr = "_.sum() + h" }}]',
        "layers[2].inplace",
        "read here",
    ),
    "on dropout's output, which eval mode passes on": (
        f'layers = [{LINEAR}, "Dropout", {RELU}, {{ expr = "_ + h" }}]',
        "layers[2].inplace",
        "read here",
    ),
    "on what a block passes on": (
        f"""layers = [{LINEAR}, "B", {RELU}, {{ expr = "_ + h" }}]
        [blocks.B]
        layers = ["Identity"]""",
        "layers[2].inplace",
        "read here",
    ),
    "on what sigmoid keeps": (
        f'layers = [{LINEAR}, "Sigmoid", {RELU}]',
        "layers[2].inplace",
        "keeps",
    ),
    "on what a product keeps": (
        f"""layers = [{LINEAR}, {{ name = "s", expr = "h * h" }},
        {{ type = "ReLU", inplace = true, inputs = "h" }}, {{ expr = "_ + s" }}]""",
        "layers[2].inplace",
        "keeps",
    ),
    "on what a block keeps": (
        f'layers = [{LINEAR}, "B", {RELU}]\n[blocks.B]\nlayers = ["Sigmoid"]',
        "layers[2].inplace",
        "keeps",
    ),
    "twice": (
        f"layers = [{LINEAR}, {{ type = 'ReLU', inplace = true, repeat = 2 }}]",
        "layers[1].inplace",
        "keeps",
    ),
    "on one of several views": (
        f"""layers = [{LINEAR}, {{ name = ["a", "b"], expr = "chunk(_, 2, dim=1)" }},
        {{ type = "ReLU", inplace = true, inputs = "a" }}, {{ expr = "_ + b" }}]""",
        "layers[2].inplace",
        None,
    ),
    "on a parameter": (
        """layers = [{ name = "w", type = "Parameter", shape = [6], init = "ones_" },
        { type = "ReLU", inplace = true, inputs = "w" }, { expr = "_ + x" }]""",
        "layers[1].inplace",
        None,
    ),
    "by a function": (
        f'layers = [{LINEAR}, {{ expr = "relu(h, inplace=True)" }}, {{ expr = "_ + h" }}]',
        "layers[1]",
        "read here",
    ),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_change_in_place_that_nobody_sees(name: str) -> None:
    assert specc.check(H + ACCEPTED[name], format="toml") == []


@pytest.mark.parametrize("name", REFUSED)
def test_a_change_in_place_that_is_seen(name: str) -> None:
    text, place, label = REFUSED[name]
    head = H.replace("name", 'outputs = ["r", "h"]\nname', 1) if "returned" in name else H
    [problem] = specc.check(head + text, format="toml")
    assert problem.code == "inplace"
    assert str(problem.where).endswith(place)
    assert len(problem.labels) == (label is not None)
    assert (label or "") in "".join(found.message for found in problem.labels)
