"""Values that are read once stand where they are read; what runs, and in which order, stays."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest
import tomli
import torch
from compared import Network, assert_same
from reference_interpreter import Interpreter

import specc

BODIES = {
    "a chain of a block: a statement for each shape": (
        """
        { name = "fc1", type = "Linear", out_features = 16 }, "GELU", { type = "Dropout", p = 0.5 },
        { name = "fc2", type = "Linear", out_features = 8 }, { type = "Dropout", p = 0.5 },
        """,
        """
        x = self.dropout1(self.gelu(self.fc1(x)))  # (batch, 16)
        x = self.dropout2(self.fc2(x))  # (batch, 8)
        return x
        """,
    ),
    "layers and a way around them": (
        """
        { name = "norm", type = "LayerNorm" },
        { name = "fc", type = "Linear", out_features = 8 },
        { expr = "x + fc" },
        """,
        """
        x = x + self.fc(self.norm(x))
        return x
        """,
    ),
    "what is read twice has a name": (
        """
        { name = "fc", type = "Linear", out_features = 8 },
        { expr = "fc * sigmoid(fc)" },
        """,
        """
        fc: Tensor = self.fc(x)
        return fc * torch.sigmoid(fc)
        """,
    ),
    "layers side by side, in one call": (
        """
        { name = "query", type = "Linear", out_features = 8, inputs = "x" },
        { name = "key", type = "Linear", out_features = 8, inputs = "x" },
        { name = "value", type = "Linear", out_features = 8, inputs = "x" },
        { name = "y", expr = '''scaled_dot_product_attention(
            query.view(batch, 1, 2, 4).transpose(1, 2),
            key.view(batch, 1, 2, 4).transpose(1, 2),
            value.view(batch, 1, 2, 4).transpose(1, 2))''' },
        { expr = "y.flatten(1)" },
        """,
        """
        batch = x.shape[0]
        # (batch, 2, 1, 4)
        y = F.scaled_dot_product_attention(
            self.query(x).view(batch, 1, 2, 4).transpose(1, 2),
            self.key(x).view(batch, 1, 2, 4).transpose(1, 2),
            self.value(x).view(batch, 1, 2, 4).transpose(1, 2),
        )
        return y.flatten(1)  # (batch, 8)
        """,
    ),
    "a gate in one line": (
        """
        { name = "gate", type = "Linear", out_features = 16 },
        { name = "up", type = "Linear", out_features = 16, inputs = "x" },
        { name = "down", type = "Linear", out_features = 8, inputs = "silu(gate) * up" },
        """,
        """
        out: Tensor = self.down(F.silu(self.gate(x)) * self.up(x))  # (batch, 8)
        return out
        """,
    ),
    "the shape that both sides of a gate have is said": (
        """
        { name = "gate", type = "Linear", out_features = 16 },
        { name = "up", type = "Linear", out_features = 16, inputs = "x" },
        { expr = "sigmoid(gate) * up" },
        """,
        """
        out: Tensor = torch.sigmoid(self.gate(x)) * self.up(x)  # (batch, 16)
        return out
        """,
    ),
    "gates of another shape": (
        """
        { name = "gate", type = "Linear", out_features = 1 },
        { name = "up", type = "Linear", out_features = 16, inputs = "x" },
        { expr = "sigmoid(gate) * up" },
        """,
        """
        gate: Tensor = self.gate(x)  # (batch, 1)
        up: Tensor = self.up(x)  # (batch, 16)
        return torch.sigmoid(gate) * up  # (batch, 16)
        """,
    ),
    "a gate that draws does so after both layers": (
        """
        { name = "a", type = "Dropout", p = 0.5, inputs = "x" },
        { name = "b", type = "Dropout", p = 0.5, inputs = "x" },
        { expr = "dropout(a, 0.5, training=training) * b" },
        """,
        """
        a: Tensor = self.a(x)
        b: Tensor = self.b(x)
        return F.dropout(a, 0.5, training=self.training) * b
        """,
    ),
    "a gate that changes what it takes does so after both layers": (
        """
        { name = "gate", type = "Linear", out_features = 8 },
        { name = "up", type = "Linear", out_features = 8, inputs = "x" },
        { expr = "relu(gate, inplace=True) * up" },
        """,
        """
        gate: Tensor = self.gate(x)
        up: Tensor = self.up(x)
        return F.relu(gate, inplace=True) * up
        """,
    ),
    "what is drawn first is drawn first": (
        """
        { name = "a", type = "Dropout", p = 0.5, inputs = "x" },
        { name = "b", type = "Dropout", p = 0.5, inputs = "x" },
        { expr = "b - a" },
        """,
        """
        a: Tensor = self.a(x)
        out: Tensor = self.b(x) - a
        return out
        """,
    ),
    "what is computed before a layer is computed before it": (
        """
        { name = "a", type = "Dropout", p = 0.5, inputs = "x" },
        { expr = "dropout(x, 0.5, training=training) + a" },
        """,
        """
        out: Tensor = self.a(x)
        return F.dropout(x, 0.5, training=self.training) + out
        """,
    ),
    "what runs sometimes only": (
        """
        { name = "a", type = "Dropout", p = 0.5, inputs = "x" },
        { expr = "a if training else x" },
        """,
        """
        out: Tensor = self.a(x)
        return out if self.training else x
        """,
    ),
    "shapes in between are said": (
        """
        { name = "squeeze", type = "AdaptiveAvgPool1d", output_size = 1 },
        { expr = "x * sigmoid(squeeze)" },
        """,
        """
        out: Tensor = self.squeeze(x)  # (batch, 1)
        return x * torch.sigmoid(out)
        """,
    ),
    "at most three": (
        """
        "ReLU", "Tanh", "Sigmoid", "GELU",
        """,
        """
        x = self.sigmoid(self.tanh(self.relu(x)))
        x = self.gelu(x)
        return x
        """,
    ),
    "what does not fit a line": (
        """
        { name = "the_first_of_the_activations", type = "Tanh" },
        { name = "the_second_of_the_activations", type = "Tanh" },
        { name = "the_third_of_the_activations", type = "Tanh" },
        """,
        """
        x = self.the_second_of_the_activations(self.the_first_of_the_activations(x))
        x = self.the_third_of_the_activations(x)
        return x
        """,
    ),
}
"""The entries of a block that takes (batch, 8), and the body of its `forward`."""

TYPES = [
    "tensordot(fc, fc, dims=2) + 1",
    "linalg.vector_norm(fc, dim=1)",
    "special.expit(fc)",
    "relu(fc).mean(1)",
    "fc.view(batch, 2, 4)",
    "1 - fc",
    "fc[:, :2] @ fc[:, :2].transpose(0, 1)",
    "norm(fc)",
]


def in_a_block(layers: str) -> dict[str, Any]:
    """A model that is one block."""
    return tomli.loads(f"""
        model.name = "Net"
        model.inputs.x = ["batch", 8]
        model.layers = ["Block"]
        blocks.Block.inputs.x = ["batch", 8]
        blocks.Block.layers = [{layers}]
    """)


def body(source: str, name: str) -> str:
    """The body of a class's `forward`."""
    text = source.partition(f"class {name}(")[2].partition("    def forward(")[2]
    return dedent(text.partition(":\n")[2].split("\n\n")[0]).strip()


@pytest.mark.parametrize("name", BODIES)
def test_blocks_read_well(name: str) -> None:
    layers, wanted = BODIES[name]
    tree = in_a_block(layers)
    network = Network(tree)
    assert body(network.files["model.py"], "Block") == dedent(wanted).strip()
    reference = Interpreter(tree)
    inputs = [torch.randn(6, 8)]
    reference.make(*inputs)
    assert_same(network, reference.root, reference, [inputs])


def test_the_model_has_a_statement_for_each_layer_but_for_those_in_formulas() -> None:
    source = Network(
        tomli.loads("""
        model.name = "Net"
        model.inputs.x = ["batch", 8]
        model.layers = [
          { name = "fc1", type = "Linear", out_features = 4 }, "ReLU",
          { name = "fc2", type = "Linear", out_features = 4 },
          { expr = "softmax(fc2, dim=1)" },
        ]
    """)
    ).files["model.py"]
    wanted = """
        x = self.fc1(x)  # (batch, 4)
        x = self.relu(x)
        return F.softmax(self.fc2(x), dim=1)
    """
    assert body(source, "Net") == dedent(wanted).strip()


def test_type_checkers_know_what_is_returned(tmp_path: Path) -> None:
    for place, formula in enumerate(TYPES):
        layers = f'{{ name = "fc", type = "Linear", out_features = 8 }}, {{ expr = "{formula}" }}'
        tree = in_a_block(layers)
        tree["model"]["name"] = f"Net{place}"
        specc.build(tree, tmp_path / f"net{place}")
    names = [f"net{place}" for place in range(len(TYPES))]
    command = [sys.executable, "-m", "mypy", "--strict", *(f"-p{name}" for name in names)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, indent(done.stdout, "  ")
