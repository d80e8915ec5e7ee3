"""What torch derives only so often: known by name, refused where it is derived more often."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import pytest
import tomli
import torch
from compared import Network, assert_same
from derivative_orders import WHOLE, Derived, Order, of_module, of_operator, order_of
from module_database import layer_of
from operator_database import is_public, label, registered
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.testing._internal.common_methods_invocations import op_db
from torch.testing._internal.common_modules import module_db

from specc.compiler.elaborate import derivatives
from specc.spec.ops.refused import RefusedFunction
from specc.spec.registry import families, load

OPERATORS = {
    label(operator): operator
    for operator in op_db
    if is_public(operator)
    and registered(operator.name) in families("ops")
    and not isinstance(load("ops", registered(operator.name)), RefusedFunction)
}
MODULES = {
    info.module_cls.__name__: info.module_cls
    for info in module_db
    if layer_of(info.module_cls.__name__) and not info.module_cls.__name__.startswith("Lazy")
}


LAX = {("cross_entropy", "weight")}
"""What torch takes for some targets alone, and the tables never."""


def expected(derived: Derived, *orders: derivatives.Order | None) -> Order:
    """How often a call is derived, by the tables."""
    for order in orders:
        if order is None or order.given not in (None, *derived.given):
            continue
        if derived.by in (order.arguments or {derived.by}):
            return Order(order.again, order.times)
    return WHOLE


@pytest.mark.parametrize("which", OPERATORS)
def test_functions_are_derived_as_often_as_the_tables_say(which: str) -> None:
    operator = OPERATORS[which]
    name = registered(operator.name)
    tables = (derivatives.FUNCTIONS.get(name), derivatives.REFUSING.get(name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for derived in of_operator(operator):
            if (name, derived.by) not in LAX:
                assert derived.order == expected(derived, *tables), derived


@pytest.mark.parametrize("name", MODULES)
def test_modules_are_derived_as_often_as_the_tables_say(name: str) -> None:
    tables = (derivatives.LAYERS.get(name), derivatives.REFUSING_LAYERS.get(name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for derived in of_module(MODULES[name]):
            assert derived.order == expected(derived, *tables), derived


def small() -> Tensor:
    """Numbers between 0 and 1 that require a gradient."""
    return (torch.rand(1, 2, 3, 3) * 0.8 + 0.1).requires_grad_()


OTHERS: dict[str, tuple[Callable[[Tensor], Tensor], Order]] = {
    "bernoulli of itself": (torch.bernoulli, WHOLE),
    "bernoulli": (lambda x: torch.bernoulli(x, 0.5), Order(0, 0)),
    "detach_copy": (torch.detach_copy, Order(0, 0)),
    "native_channel_shuffle": (lambda x: torch.native_channel_shuffle(x, 2), Order(0, 0)),
    "special_gammainc": (lambda x: torch.special.gammainc(x, torch.ones(())), Order(0, 0)),
    "special_gammaincc": (lambda x: torch.special.gammaincc(x, torch.ones(())), Order(0, 0)),
    "special_gammainc of other": (lambda x: torch.special.gammainc(torch.ones(()), x), WHOLE),
    "view_as_complex_copy": (
        lambda x: torch.view_as_complex_copy(x[..., :2].contiguous()),
        Order(-1, -1),
    ),
    "CrossMapLRN2d": (nn.CrossMapLRN2d(2), Order(0, 1)),
    "Hardsigmoid": (nn.Hardsigmoid(), Order(1, 1)),
    "Hardswish": (nn.Hardswish(), WHOLE),
    "EmbeddingBag": (
        lambda x: nn.EmbeddingBag(3, 4, mode="sum")(
            torch.zeros(2, 9, dtype=torch.long), per_sample_weights=x.view(2, 9)
        ),
        Order(1, 1),
    ),
    "remainder of a number": (lambda x: 2.0 % x, Order(0, 0)),
    "remainder": (lambda x: x % torch.full((3,), 0.5), WHOLE),
    "LSTM": (lambda x: nn.LSTM(3, 3)(x[0])[0], WHOLE),
    "GRU": (lambda x: nn.GRU(3, 3)(x[0])[0], WHOLE),
}
"""What torch's own tests have no samples of, and what might be taken for limited."""


@pytest.mark.parametrize("name", OTHERS)
def test_others_are_derived_so_often(name: str) -> None:
    call, order = OTHERS[name]
    x = small()
    assert order_of(lambda: call(x * 1), [x]) == order


INTO_COMPLEX = (
    *("cumprod", "cumsum", "mean", "prod", "sum"),
    *(f"masked_{name}" for name in ("cumprod", "cumsum", "mean", "prod", "std", "sum", "var")),
)


@pytest.mark.parametrize("name", INTO_COMPLEX)
def test_real_numbers_that_become_complex_have_the_derivative_that_the_table_says(
    name: str,
) -> None:
    module = torch.masked if name.startswith("masked_") else torch
    x = torch.rand(2, 3, requires_grad=True)
    dim = [0] if "cum" in name else []
    result = getattr(module, name.removeprefix("masked_"))(x, *dim, dtype=torch.complex64)
    total = result.abs().sum()
    if name not in derivatives.REDUCING:
        torch.autograd.backward(total)
        return
    with pytest.raises(RuntimeError, match="input_is_complex"):
        torch.autograd.backward(total)


def test_every_row_is_tested() -> None:
    rows = {*derivatives.FUNCTIONS, *derivatives.REFUSING}
    known = {registered(operator.name) for operator in OPERATORS.values()} | {*OTHERS}
    assert rows <= known
    assert {*derivatives.LAYERS, *derivatives.REFUSING_LAYERS} <= {*MODULES, *OTHERS}


ATTENTIVE = """
[model]
name = "Attentive"
inputs.x = ["batch", 3, 8]
inputs.z = ["batch", 3, 8]
layers = [
  { name = "encoded", type = "TransformerEncoderLayer", nhead = 2, dim_feedforward = 5,
    batch_first = true, inputs = "x" },
  { name = "attn", type = "MultiheadAttention", num_heads = 2, batch_first = true,
    inputs = { query = "encoded", key = "z", value = "z", need_weights = "False" } },
  { name = "scored", expr = "scaled_dot_product_attention(attn, z, z)" },
  { name = "y", type = "Linear", out_features = 1 },
  { name = "slope", expr = "grad(y, x)" },
  { name = "bend", expr = "grad(slope, x)" },
]
outputs = ["y", "slope", "bend"]
"""


class Attentive(nn.Module):
    """The same by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.encoded = nn.TransformerEncoderLayer(8, 2, 5, batch_first=True)
        self.attn = nn.MultiheadAttention(8, 2, batch_first=True)
        self.y = nn.Linear(8, 1)

    def forward(self, x: Tensor, z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        with sdpa_kernel(SDPBackend.MATH):
            out = self.encoded(x)
            out, _ = self.attn(out, z, z, need_weights=False)
            y = self.y(nn.functional.scaled_dot_product_attention(out, z, z))
        (slope,) = torch.autograd.grad(y.sum(), x, create_graph=True)
        (bend,) = torch.autograd.grad(slope.sum(), x, create_graph=True)
        return y, slope, bend


def test_attention_is_derived_again() -> None:
    hand = Attentive()
    network = Network(tomli.loads(ATTENTIVE))
    samples = [[torch.randn(size, 3, 8), torch.randn(size, 3, 8)] for size in (1, 4)]
    assert_same(network, hand, hand, samples)
    network.module.eval()
    with torch.no_grad():
        found = network(*samples[0])
    assert all(one.requires_grad for one in found)


def test_only_what_is_derived_is_computed_step_by_step() -> None:
    tree = tomli.loads(ATTENTIVE)
    assert "sdpa_kernel" in Network(tree).files["model.py"]
    tree["model"]["layers"] = [
        {"name": "attn", "type": "MultiheadAttention", "num_heads": 2, "inputs": ["x", "z", "z"]},
        {"name": "slope", "expr": "grad(attn, x)"},
    ]
    tree["model"]["outputs"] = ["slope"]
    assert "sdpa_kernel" not in Network(tree).files["model.py"]
    tree["model"]["layers"][0]["type"] = "Attended"
    del tree["model"]["layers"][0]["num_heads"]
    tree["blocks"] = {
        "Attended": {
            "inputs": ["q", "k", "v"],
            "layers": [{"expr": "scaled_dot_product_attention(q, k, v)"}],
        }
    }
    files = Network(tree).files["model.py"]
    assert files.count("sdpa_kernel(") == 1
    assert "class Attended" in files


CALLED_AGAIN = """
[model]
name = "Net"
inputs.x = ["batch", 3]
inputs.y = ["batch", 3]
layers = [
  { name = "pair", type = "Pair", inputs = { x = "x", other = "y" } },
  { expr = "pair(y, _) + pair(x)" },
  "Hardsigmoid",
  { expr = "grad(_.sum(), x)" },
]

[blocks.Pair]
inputs.x = ["batch", 3]
inputs.other = { shape = ["batch", 3], optional = true }
layers = [{ expr = "x if other is None else x + 2 * other" }]
"""


class CalledAgain(nn.Module):
    def forward(self, x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
        y = nn.functional.hardsigmoid(y + 2 * (x + 2 * y) + x)
        return torch.autograd.grad(y.sum(), x, create_graph=True)


def test_a_block_is_derived_that_is_called_again_with_other_inputs() -> None:
    hand = CalledAgain()
    samples = [[torch.randn(4, 3, requires_grad=True), torch.randn(4, 3)]]
    assert_same(Network(tomli.loads(CALLED_AGAIN)), hand, hand, samples)
