"""Networks in which a compiler could go wrong, each held to the interpreter; and refusals."""

from __future__ import annotations

import pytest
import tomli
import torch
from compared import Network, assert_same, own_tests
from reference_interpreter import Interpreter

import specc

X = '[model]\nname = "M"\ninputs.x = ["batch", 6]\n'
AB = '[model]\nname = "M"\ninputs = { a = ["batch", 6], b = ["batch", 6] }\n'
XT = '[model]\nname = "M"\ninputs.x = ["time", 3, 6]\n'
LINEAR = '[blocks.B]\nlayers = [{ type = "Linear", out_features = 6 }]'

# One input x (3, 6), after XT (2, 3, 6); or two, a and b.
NETWORKS = {
    "the value before is read by its sign": X + 'layers = [{ expr = "_ * 2" }, { expr = "_ + _" }]',
    "a size of an earlier value": X
    + """layers = [
      { name = "h", type = "Linear", out_features = 8 },
      { type = "Linear", out_features = "2 * h.shape[1]", inputs = "h" }]""",
    "sizes from the end": X + 'layers = [{ type = "Linear", out_features = "x.shape[-1]" }]',
    "a slice of a shape": X + 'layers = [{ type = "LayerNorm", normalized_shape = "x.shape[1:]" }]',
    "sizes of values in a block": X
    + """layers = ["B", { type = "Linear", out_features = 9 }, "B"]
      [blocks.B]
      layers = [
        { name = "h", type = "Linear", out_features = 8 },
        { type = "Linear", out_features = "2 * h.shape[1] + x.shape[-1]", inputs = "h" }]""",
    "a param from a value's size": X
    + """layers = [
        { name = "h", type = "Linear", out_features = 8 }, { type = "B", c = "h.shape[-1]" }]
      [blocks.B]
      params = { c = "int" }
      layers = [{ type = "Linear", out_features = "c" }]""",
    "repeats by a value's size": X + 'layers = [{ name = "h", type = "Linear", out_features = 2 },'
    ' { type = "Tanh", repeat = "h.shape[-1]" }]',
    "a condition on a value's size": X
    + 'layers = [{ name = "h", type = "Linear", out_features = 2 },'
    ' { type = "Tanh", when = "h.shape[-1] == 2" }]',
    "a size that where settles": """[model]
      name = "M"
      inputs.x = { shape = ["batch", "t"], where = "t == 6" }
      layers = [{ type = "Linear", out_features = "t" }]""",
    "constants of model and block": """[model]
      name = "M"
      params = { depth = 2, width = "3 * depth" }
      inputs.x = ["batch", 6]
      layers = [{ type = "B", c = 4 }, { type = "Linear", out_features = "width" }]
      [blocks.B]
      params = { c = "int", d = "2 * c", e = "d + x.shape[1]" }
      layers = [{ type = "Linear", out_features = "e" }, { expr = "_ * d + depth" }]""",
    "a repeat of two values": AB
    + """layers = [
        { name = "p", type = "B", repeat = 2, inputs = ["a", "b"] }, { expr = "p + p.v" }]
      [blocks.B]
      inputs = ["s", "t"]
      layers = [
        { name = "u", type = "Linear", out_features = 6, inputs = "s" },
        { name = "v", expr = "u + t" }]
      outputs = ["u", "v"]""",
    "a repeat's other inputs stay": AB
    + """layers = [{ name = "p", type = "B", repeat = 3, inputs = ["a", "b"] }, { expr = "p + a" }]
      [blocks.B]
      inputs = ["s", "t"]
      layers = [
        { name = "u", type = "Linear", out_features = 6, inputs = "s" }, { expr = "u * t" }]""",
    "a repeat renews the first input, however inputs are written": AB
    + """layers = [{ type = "B", repeat = 3, inputs = { t = "b", s = "a" } }]
      [blocks.B]
      inputs = ["s", "t"]
      layers = [
        { name = "u", type = "Linear", out_features = 6, inputs = "s" }, { expr = "u - t" }]""",
    "a repeat of one input and two outputs": X
    + """layers = [{ name = "p", type = "B", repeat = 3 }, { expr = "p + p.v" }]
      [blocks.B]
      layers = [{ name = "u", type = "Linear", out_features = 6 }, { name = "v", expr = "u * 2" }]
      outputs = ["u", "v"]""",
    "a repeat begins with a parameter": X
    + """layers = [
        { name = "w", type = "Parameter", shape = [6], init = "ones_" },
        { type = "Tanh", repeat = 2, inputs = "w" }, { expr = "_ + w + x" }]""",
    "a repeat's numbers vary": X
    + 'layers = [{ type = "Linear", repeat = 3, out_features = "4 + 2 * index" }]',
    "numbers from a list": """[model]
      name = "M"
      params = { widths = [4, 5] }
      inputs.x = ["batch", 6]
      layers = [{ type = "Linear", repeat = 2, out_features = "widths[index]" }]""",
    "a block's numbers vary": X
    + """layers = [{ name = "p", type = "B", c = "4 * (index + 1)", repeat = 3 }]
      [blocks.B]
      params = { c = "int" }
      layers = [{ type = "Linear", out_features = "c" }, "Tanh"]""",
    "the first time differs": """[model]
      name = "M"
      params = { depth = 4 }
      inputs.x = ["batch", 6]
      layers = [{ type = "Linear", repeat = "depth", out_features = 5 }]""",
    "shared weights": X
    + 'layers = [{ type = "Linear", out_features = 6, repeat = 3, shared = true }]',
    "shared weights in a container": X
    + """layers = [{ name = "c", layers = [
        { type = "Linear", out_features = 6, repeat = 3, shared = true }, "Tanh"] }]""",
    "a container takes an expression": X
    + """layers = [
        { name = "h", type = "Tanh" },
        { name = "c", inputs = "h * 2", layers = [{ expr = "_ * _" }, { expr = "_ + h" }] }]""",
    "a repeated container": X
    + """layers = [
        { name = "c", repeat = 2, layers = ["Tanh", { type = "Linear", out_features = 6 }] }]""",
    "a value inside a container is read": X
    + """layers = [
        { name = "c", layers = [
          { name = "a", type = "Tanh" }, { type = "Linear", out_features = 6 }] },
        { expr = "_ + c.a" }]""",
    "weights inside a container are read": X
    + """layers = [
        { name = "c", layers = [
          { name = "a", type = "Tanh" }, { name = "l", type = "Linear", out_features = 6 }] },
        { expr = "_ @ c.l.weight" }]""",
    "one name in two containers": X
    + """layers = [
        { name = "c", layers = [{ name = "a", type = "Tanh" }, { expr = "a * 2" }] },
        { name = "d", layers = [{ name = "a", type = "Sigmoid" }, { expr = "a * c.a" }] },
        { expr = "_ + c.a" }]""",
    "an outer name in a container": X
    + """layers = [
        { name = "a", type = "Tanh" },
        { name = "d", layers = [{ name = "a", type = "Sigmoid" }, { expr = "a * 2" }] },
        { expr = "_ + a" }]""",
    "named expressions take no number": X
    + """layers = [{ name = "c", layers = [
        "Tanh", { name = "h", expr = "_ * 2" }, { type = "Linear", out_features = 3 },
        { expr = "_ + 1" }, { type = "Linear", out_features = 2 }] }]""",
    "repeats in a container with gaps": X
    + """layers = [{ name = "c", layers = [
        { expr = "_ * 2" }, { type = "Linear", out_features = 6, repeat = 2 },
        { name = "last", type = "Linear", out_features = 6, repeat = 2 }] }]""",
    "repeats in a list": X
    + """layers = [{ name = "c", layers = [
        { type = "Linear", out_features = 6, repeat = 2 }, { type = "Linear", out_features = 4,
        inputs = "_ * 2" }, { type = "Linear", out_features = 4, repeat = 2 }] }]""",
    "a container in a container": X
    + """layers = [{ name = "c", layers = [
        { layers = [{ name = "a", type = "Linear", out_features = 6 }, { expr = "_ + a" }] },
        { name = "e", layers = [{ expr = "_ - 1" }, { type = "Tanh", repeat = 2 }] }] },
        { expr = "_ * c.e" }]""",
    "declared for later": X
    + """layers = [
        { name = "l", type = "Linear", in_features = 6, out_features = 6, call = false },
        { expr = "l(x) + l(2 * x)" }]""",
    "declared at a container's end": X
    + """layers = [{ name = "c", layers = ["Tanh",
        { type = "Linear", in_features = 6, out_features = 6, call = false, keep = true }] }]""",
    "a block called again": X
    + 'layers = [{ name = "b", type = "B" }, { expr = "b(2 * x) + b" }]\n'
    + LINEAR,
    "a container's name leaves the function": X
    + """layers = [
        { name = "relu", layers = ["Tanh", { expr = "_ - 1" }] }, { expr = "relu(relu - 0.5)" }]""",
    "unpacked values": X
    + 'layers = [{ name = ["p", "q"], expr = "chunk(x, 2, dim=1)" }, "Tanh", { expr = "_ + q" }]',
    "an unpacked value of the chain's own name": """[model]
      name = "M"
      inputs.a = ["batch", 6]
      layers = [
        { name = ["x", "b"], expr = "chunk(_, 2, dim=1)" }, { expr = "x * sigmoid(b)" },
        { expr = "_ + x" }]""",
    "digits as names": X
    + """layers = [{ name = "c", layers = [
        { name = "1", type = "Tanh" }, { name = "0", type = "Linear", out_features = 4 }] }]""",
    "attributes and values of one name": X
    + """layers = [
        { name = ["linear1", "linear"], expr = "chunk(x, 2, dim=1)" },
        { type = "Linear", out_features = 4, inputs = "linear1 + linear" },
        { type = "Linear", out_features = 4 }]""",
    "a size called as the compiler's own variables": """[model]
      name = "M"
      inputs.a = ["x", 6]
      layers = [{ type = "Tanh" }, { expr = "_ * x" }, { type = "Tanh" }, { expr = "_ + x" }]""",
    "a condition that differs": X
    + """layers = [{ type = "B", flag = true }, { type = "B", flag = false }]
      [blocks.B]
      params = { flag = "bool" }
      layers = [{ type = "Linear", out_features = 6, when = "flag" }, "Tanh"]""",
    "a condition on channels that differs": X
    + """layers = [{ type = "B", c = 8 }, { type = "B", c = 8 }]
      [blocks.B]
      params = { c = "int" }
      layers = [
        { name = "d", type = "Linear", out_features = "c", when = "x.shape[1] != c" },
        { type = "Linear", out_features = "c", inputs = "d" }, { expr = "_ + d" }]""",
    "blocks in blocks, with constants": """[model]
      name = "M"
      params = { w = 4 }
      inputs.x = ["batch", 6]
      layers = [{ type = "A", c = "w + 1" }, { type = "A", c = 3 }]
      [blocks.A]
      params = { c = "int" }
      layers = [{ type = "B", d = "2 * c" }, { type = "B", d = "w" }, { type = "B", d = "c" }]
      [blocks.B]
      params = { d = "int", e = "d * 2", f = 3 }
      layers = [{ type = "Linear", out_features = "e + f" }, { expr = "_ + w" }]""",
    "sizes of a param's own name in two blocks": X
    + """layers = [{ type = "A", d = 5 }, { type = "A", d = 7 }]
      [blocks.A]
      params = { d = "int" }
      layers = [{ type = "B", d = "d + 1" }, { type = "Linear", out_features = "d" }]
      [blocks.B]
      params = { d = "int" }
      layers = [{ type = "Linear", out_features = "2 * d" }]""",
    "an absent entry of an expression": X
    + 'layers = [{ type = "Tanh", when = false, inputs = "x * 2" }, { expr = "_ + x" }]',
    "init rules that read sizes": X
    + """layers = ["B", { type = "Linear", out_features = 4 }, "B"]
      [blocks.B]
      layers = [
        { name = "w", type = "Parameter", shape = ["x.shape[1]"],
          init = { type = "constant_", val = "1 / x.shape[1]" } },
        { expr = "x * w" }]""",
    "last states": XT
    + """layers = [
        { name = "lstm", type = "LSTM", hidden_size = 4, proj_size = 2 },
        { expr = "cat((lstm.h_n, lstm.c_n, lstm.h_n), dim=-1)" },
        { type = "Linear", out_features = 3 }]""",
    "one state of two": XT
    + """layers = [
        { type = "LSTM", hidden_size = 4 },
        { name = "lstm", type = "LSTM", hidden_size = 4, proj_size = 3 }, { expr = "lstm.c_n" }]""",
    "every value is called after its layer where two have it": XT
    + """layers = [
        { name = "a", type = "GRU", hidden_size = 4 },
        { name = "b", type = "GRU", hidden_size = 4, inputs = { input = "x", hx = "a.h_n" } },
        { expr = "a + b + a.h_n - b.h_n" }]""",
    "a value called as another layer's output": XT
    + """layers = [
        { name = "h_n", type = "GRU", hidden_size = 4 },
        { name = "b", type = "LSTM", hidden_size = 4, inputs = "h_n" },
        { expr = "h_n + b * b.h_n + h_n.h_n" }]""",
    "a repeated recurrence": XT
    + """layers = [
        { name = "p", type = "RNN", hidden_size = 6, repeat = 3 }, { expr = "p + p.h_n" }]""",
    "a repeated recurrence with its states": XT
    + """layers = [
        { name = "a", type = "LSTM", hidden_size = 6 },
        { name = "p", type = "LSTM", hidden_size = 6, repeat = 2,
          inputs = ["a * 2", "(a.h_n, a.c_n + 1)"] },
        { expr = "p + p.c_n" }]""",
    "a repeat of shared weights, of which the last state is read": XT
    + """layers = [
        { name = "p", type = "GRU", hidden_size = 6, repeat = 2, shared = true },
        { expr = "p.h_n" }]""",
    "a cell by hand": XT
    + """layers = [
        { name = "cell", type = "LSTMCell", input_size = 6, hidden_size = 5, call = false },
        { name = ["h", "c"], expr = "cell(x[0])" },
        { name = "pair", expr = "cell(x[1], (h, c))" },
        { expr = "cell(x[1], pair)[1] + pair[0]" }]""",
    "a recurrence called again with its state": XT
    + """layers = [
        { name = "lstm", type = "LSTM", hidden_size = 5 },
        { name = ["y", "state"], expr = "lstm(x, (lstm.h_n, lstm.c_n))" },
        { expr = "y + lstm(x, state)[1][1]" }]""",
    "a block of several values called again": XT
    + """layers = [
        { name = "b", type = "B" }, { name = ["p", "q"], expr = "b(x + 1)" },
        { expr = "p * q + b(2 * x)[0] + b + b.v" }]
      [blocks.B]
      layers = [
        { name = "u", type = "Linear", out_features = 6 }, { name = "v", expr = "u * 2" }]
      outputs = ["u", "v"]""",
    "a repeat's further inputs are computed once": AB
    + """layers = [
        { type = "B", repeat = 3, inputs = ["a", "dropout(b, 0.5, training=True)"] },
        { type = "B", repeat = 2, shared = true, inputs = { y = "_ * b", x = "_" } }]
      [blocks.B]
      inputs = ["x", "y"]
      layers = [{ type = "Linear", out_features = 6 }, { expr = "_ + y" }]""",
    "a repeat's further states are computed once": XT
    + """layers = [
        { name = "g", type = "GRU", hidden_size = 6 },
        { type = "GRU", hidden_size = 6, repeat = 2, inputs = ["_", "g.h_n * 2"] }]""",
    "the number of a layer that is shared": X
    + """layers = [
        { type = "Linear", out_features = "3 * (index + 2)", repeat = 1, shared = true },
        { name = "c", layers = [
          { type = "Dropout", p = "0.5 - index", repeat = 1, shared = true }] }]""",
    "blocks that are never present": X
    + """layers = [
        { type = "B", when = false }, { name = "c", when = false, layers = ["B", { expr = "-_" }] },
        "Tanh"]
      [blocks.B]
      layers = [{ type = "Linear", out_features = "x.shape[1]" }, { type = "C", c = 3 }]
      [blocks.C]
      params = { c = "int" }
      layers = [{ type = "Linear", out_features = "c" }]""",
    "no gradient within a block": X
    + """layers = [{ type = "Linear", out_features = 6 }, "B", { type = "B", repeat = 2 }]
      [blocks.B]
      layers = [
        { type = "Linear", out_features = 6 }, { expr = "(_ > 0).to('float32')" },
        { type = "Linear", out_features = 6 }]""",
    "no gradient within a container": X
    + """layers = [
        { name = "h", type = "Linear", out_features = 6 },
        { name = "c", layers = [
          { type = "Linear", out_features = 6 }, { expr = "_.detach()" },
          { type = "Linear", out_features = 6 }] },
        { expr = "_ + special.bessel_j0(h)" }]""",
    "a derivative that does not depend on what it is by": X
    + """layers = ["B", { type = "Linear", out_features = 3 }]
      [blocks.B]
      layers = ["PReLU", { name = "h", type = "GELU" }, { expr = "grad(x * h, h)" }]""",
    "a branch of a repeat whose times have names": X
    + """layers = [
        { name = "h", type = "Tanh" }, { name = "unit{index + 1}", type = "GELU", repeat = 2 },
        { expr = "_ + h" }]""",
    "an output of a block that nothing trains": X
    + """layers = [{ name = "b", type = "B" }, { expr = "b.w * x + 0 * b.detach()" }]
      [blocks.B]
      layers = [{ name = "v", type = "Linear", out_features = 6 }, { name = "w", expr = "x * 2" }]
      outputs = ["v", "w"]""",
    "recurrences in a container": XT
    + """layers = [
        { name = "c", layers = [
          { type = "GRU", hidden_size = 5 }, "Tanh", { name = "l", type = "LSTM", hidden_size = 4 },
        ] },
        { expr = "c + c.l.h_n @ c.l.weight_hh_l0.t()[:, :4]" }]""",
    "cells in a chain": XT
    + """layers = [{ expr = "_[0]" }, { name = "c", layers = [
        { type = "GRUCell", hidden_size = 5 }, { type = "RNNCell", hidden_size = 4 }] }]""",
    "weights of a recurrence": XT
    + """layers = [
        { name = "g", type = "GRU", hidden_size = 6 }, { expr = "_ @ g.weight_hh_l0[:6]" }]""",
    "indices of what was chosen": XT
    + """layers = [
        { name = "p", type = "MaxPool1d", kernel_size = 2, return_indices = true },
        { expr = "p + p.indices" }]""",
}

REFUSED = {
    "missing-name": X + 'layers = [{ layers = ["Tanh"] }]',
    "shape-mismatch": X
    + 'layers = [{ type = "Linear", out_features = 5, repeat = 3, shared = true }]',
    "not-callable": X
    + 'layers = [{ name = "b", type = "Tanh", when = false }, { expr = "b(2 * x) + b" }]',
    "name-clash": X
    + """layers = [{ name = "c", layers = [
        { name = "1", type = "Tanh" }, "Tanh", { type = "Linear", out_features = 4 }] }]""",
    "not-constant": X
    + 'layers = [{ name = "t", type = "Buffer", value = "x * 2" }, { expr = "x + t" }]',
    "wrong-arguments": X + 'layers = [{ name = "c", inputs = ["x", "x"], layers = ["Tanh"] }]',
    "unread-value": X + 'layers = [{ name = "a", type = "Tanh" }, { type = "Tanh", inputs = "x" }]',
}


@pytest.mark.parametrize("name", NETWORKS)
def test_it_is_the_network_it_describes(name: str) -> None:
    tree = tomli.loads(NETWORKS[name])
    shape = (2, 3, 6) if NETWORKS[name].startswith(XT) else (3, 6)
    inputs = [torch.randn(shape) for _ in tree["model"]["inputs"]]
    network, reference = Network(tree), Interpreter(tree)
    reference.make(*inputs)
    assert_same(network, reference.root, reference, [inputs])
    own_tests(network)


@pytest.mark.parametrize("code", REFUSED)
def test_what_means_nothing_is_refused(code: str) -> None:
    assert [problem.code for problem in specc.check(REFUSED[code], format="toml")] == [code]


def test_a_constant_is_not_given() -> None:
    text = (
        X
        + """layers = [{ type = "B", c = 4, d = 3 }]
      [blocks.B]
      params = { c = "int", d = "2 * c" }
      layers = [{ type = "Linear", out_features = "d" }]"""
    )
    assert [problem.code for problem in specc.check(text, format="toml")] == ["wrong-arguments"]


def test_a_repeats_index_is_no_other_name() -> None:
    text = """[model]
      name = "M"
      inputs.index = ["batch", 6]
      layers = [{ type = "Linear", repeat = 2, out_features = "4 + index" }]"""
    assert [problem.code for problem in specc.check(text, format="toml")] == ["name-clash"]


@pytest.mark.parametrize("value", ["x.shape[0]", "x", "h"])
def test_params_are_known_at_build(value: str) -> None:
    text = (
        X
        + f"""layers = [{{ name = "h", type = "Tanh" }}, {{ type = "B", c = "{value}" }}]
      [blocks.B]
      params = {{ c = "int" }}
      layers = [{{ expr = "_ * c" }}]"""
    )
    assert [problem.code for problem in specc.check(text, format="toml")] == ["not-constant"]


def test_a_block_that_needs_two_params_of_one_name() -> None:
    text = """[model]
      name = "M"
      params = { c = 4 }
      inputs.x = ["batch", 6]
      layers = [{ type = "A", c = 5 }]
      [blocks.A]
      params = { c = "int" }
      layers = [{ type = "B" }, { type = "Linear", out_features = "c" }]
      [blocks.B]
      layers = [{ type = "Linear", out_features = "c" }]"""
    assert [problem.code for problem in specc.check(text, format="toml")] == ["name-clash"]


def test_a_block_for_inputs_of_two_ranks_needs_no_size_of_them() -> None:
    text = """[model]
      name = "M"
      inputs = { x = ["batch", 6], y = ["batch", "time", 6] }
      layers = [
        { name = "a", type = "B", inputs = "x" }, { name = "b", type = "B", inputs = "y" },
        { expr = "a.sum() + b" }]
      [blocks.B]
      layers = [{ expr = "softmax(_, dim=-1) * x.shape[-1]" }]"""
    assert specc.check(text, format="toml") == []
    needy = text.replace('{ expr = "softmax(_, dim=-1) * x.shape[-1]" }', '{ type = "LayerNorm" }')
    assert [problem.code for problem in specc.check(needy, format="toml")] == ["uses-differ"]
