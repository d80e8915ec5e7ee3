"""`specc verify`: sound packages pass, and each examination finds what it is there to find."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from specc import testing
from specc.cli import specc
from specc.compiler.compile import package
from specc.compiler.elaborate.summarize import summarize
from specc.interface import checked_spec
from specc.loading import import_package
from specc.spec.diagnostic import SpecError
from specc.verify.against import compare
from specc.verify.behaviour import (
    examine_determinism,
    examine_export,
    examine_learning,
    examine_saving,
)
from specc.verify.finding import Finding
from specc.verify.gradients import examine_derivatives, examine_gradients
from specc.verify.structure import examine_parameters, examine_shapes, examine_state
from specc.verify.subject import Subject
from specc.verify.training import examine_training
from specc.verify.verify import Examination, examined

EXAMPLES = Path(__file__).parent.parent / "examples"
NETWORK = """
[model]
name = "Network"
inputs.x = ["batch", 4]
layers = [
  { name = "hidden", type = "Linear", out_features = 8 },
  { name = "act", type = "Tanh" },
  { name = "norm", type = "BatchNorm1d" },
  { name = "output", type = "Linear", out_features = 3 },
]
"""
TEXT = """
[model]
name = "Tagger"
inputs.tokens = { shape = ["batch", "time"], dtype = "int64" }
layers = [
  { name = "embedding", type = "Embedding", num_embeddings = 10, embedding_dim = 6 },
  { name = "lstm", type = "LSTM", hidden_size = 5, batch_first = true },
  { name = "drop", type = "Dropout" },
  { name = "output", type = "Linear", out_features = 4 },
]
"""
LARGE = """
[model]
name = "Large"
inputs.image = ["batch", 3, 8, 8]
layers = [
  "Flatten",
  { name = "hidden", type = "Linear", out_features = 600 },
  "ReLU",
  { name = "output", type = "Linear", out_features = 2 },
]
"""


def subject_of(text: str, *changes: tuple[str, str]) -> Subject:
    """What is examined, with changes to the text of its model.py."""
    checked, document = checked_spec(text, "toml", ())
    files = package(checked, document, "spec.toml", ())
    summary = summarize(checked.typed)
    for old, new in changes:
        assert old in files["model.py"]
        files["model.py"] = files["model.py"].replace(old, new)
    return Subject(checked, import_package(summary["package"], files), summary)


def verdict(examine: Examination, *changes: tuple[str, str], text: str = NETWORK) -> Finding:
    return examined("it", examine, subject_of(text, *changes))


@pytest.mark.parametrize("text", [NETWORK, TEXT, LARGE], ids=["network", "text", "large"])
def test_sound_specs_pass(text: str) -> None:
    testing.verify(text, format="toml")


@pytest.mark.parametrize("name", ["network", "gated", "derivatives", "matrix_algebra"])
def test_examples_pass(name: str) -> None:
    testing.verify(EXAMPLES / f"{name}.toml")


def test_a_spec_with_problems_is_refused() -> None:
    with pytest.raises(SpecError):
        testing.verify("[model]\n", format="toml")


@pytest.mark.parametrize(
    ("examine", "old", "new", "said"),
    [
        (examine_state, "self.hidden", "self.other", "hidden.bias"),
        (examine_state, "nn.Linear(8, 3)", "nn.Linear(8, 3, dtype=torch.float64)", "float64"),
        (examine_parameters, "nn.Linear(8, 3)", "nn.Linear(8, 3, bias=False)", "80"),
        (examine_shapes, "return x", "return x[:, :2]", "(1, 2), the spec says (1, 3)"),
        (examine_shapes, "return x", "return x.double()", "float64"),
        (examine_gradients, "return x", "return x.detach()", "none reaches any parameter"),
        (examine_gradients, "return x", "return x * float('nan')", "not finite"),
        (examine_derivatives, "return x", "return _Wrong.apply(x)", "Jacobian"),
        (examine_determinism, "return x", "return x + next(_COUNT)", "in training mode"),
        (examine_determinism, "return x", "return x + self.eval_noise()", "in eval mode"),
        (examine_saving, "super().__init__()", "super().__init__(); self.w = torch.rand(3)", ""),
        (examine_learning, "return x", "return _Wrong.apply(x)", "falls from"),
        (examine_export, "return x", "return x + torch.compiler.is_exporting()", "other results"),
    ],
)
def test_each_examination_finds(examine: Examination, old: str, new: str, said: str) -> None:
    assert verdict(examine).verdict == "passed"
    changes = [(old, new), ("class Network(nn.Module):", _HELPERS.strip("\n"))]
    if "self.w" in new:
        changes.append(("return x", "return x + self.w"))
    found = verdict(examine, *changes)
    assert found.verdict == "failed", found
    assert said in found.says


_HELPERS = """
import itertools
import torch

_COUNT = itertools.count()


class _Wrong(torch.autograd.Function):
    @staticmethod
    def forward(context, x):
        return x.clone()

    @staticmethod
    def backward(context, gradient):
        return -gradient


class Network(nn.Module):
    def eval_noise(self):
        return 0.0 if self.training else next(_COUNT)
"""


def test_why_a_parameter_has_no_gradient() -> None:
    text = NETWORK.replace(
        '{ name = "act"',
        '{ name = "kept", type = "Linear", out_features = 2, call = false, keep = true,'
        ' in_features = 4 },\n  { name = "act"',
    )
    found = verdict(examine_gradients, text=text)
    assert found.verdict == "passed"
    assert "6 of 8" in found.says
    assert list(found.details) == [
        "kept.weight: no output depends on it",
        "kept.bias: no output depends on it",
    ]
    hidden = verdict(examine_gradients, ("x = self.act(x)", "x = self.act(x).round()"))
    assert hidden.verdict == "passed"


TRAINED = (
    NETWORK
    + """
[data]
type = "make_classification"
n_features = 4
n_informative = 4
n_redundant = 0
n_classes = 3
random_state = 0
[loss]
type = "CrossEntropyLoss"
[optimizer]
type = "SGD"
lr = 0.1
[training]
epochs = 1
batch_size = 8
"""
)
PARTS = """
[[loss]]
type = "CrossEntropyLoss"
weight = [1, 2, 3]
inputs.input = "more"
layers = [{ name = "more", type = "Linear", out_features = 3, inputs = "output" }]
[[loss]]
name = "small"
expr = "hidden.weight.square().mean()"
scale = "min(1, epoch / 2)"
"""
SEVERAL = """
[[optimizer]]
type = "SGD"
lr = 0.1
match = "*.bias"
[[optimizer]]
type = "AdamW"
"""
PLAIN_LOSS = '[loss]\ntype = "CrossEntropyLoss"\n'
PLAIN_STEP = '[optimizer]\ntype = "SGD"\nlr = 0.1\n'


@pytest.mark.parametrize("loss", [PLAIN_LOSS, PARTS], ids=["plain", "parts"])
@pytest.mark.parametrize(
    ("optimizer", "names"),
    [
        (PLAIN_STEP, "SGD"),
        ('[optimizer]\ntype = "LBFGS"\nmax_iter = 2\n', "LBFGS"),
        (SEVERAL, "SGD and AdamW"),
    ],
    ids=["sgd", "lbfgs", "several"],
)
def test_the_loss_of_a_spec_falls_under_its_optimizer(
    loss: str, optimizer: str, names: str
) -> None:
    text = TRAINED.replace(PLAIN_LOSS, loss).replace(PLAIN_STEP, optimizer)
    found = verdict(examine_training, text=text)
    assert found.verdict == "passed", found
    assert found.says.endswith(f"steps of {names}")


@pytest.mark.parametrize(
    ("old", "new"),
    [("return x", "return _Wrong.apply(x)"), ("return x", "return x.detach().requires_grad_()")],
    ids=["reversed", "none"],
)
def test_a_loss_without_its_gradient_does_not_fall(old: str, new: str) -> None:
    helpers = ("class Network(nn.Module):", _HELPERS.strip("\n"))
    found = verdict(examine_training, (old, new), helpers, text=TRAINED)
    assert found.verdict == "failed", found


def test_steps_of_no_length_lower_no_loss() -> None:
    still = TRAINED.replace("lr = 0.1", "lr = 0.0")
    assert verdict(examine_training, text=still).verdict == "failed"
    assert verdict(examine_learning, text=still).verdict == "passed"
    scheduled = still + '[scheduler]\ntype = "ConstantLR"\n'
    assert verdict(examine_training, text=scheduled).verdict == "skipped"


def test_what_is_not_trained_has_no_loss_to_fall() -> None:
    found = verdict(examine_training, text=NETWORK)
    assert (found.verdict, "no loss" in found.says) == ("skipped", True)


class Plain(nn.Module):
    """NETWORK by hand, by other names."""

    def __init__(self) -> None:
        super().__init__()
        self.fc2 = nn.Linear(8, 3)
        self.bn = nn.BatchNorm1d(8)
        self.fc1 = nn.Linear(4, 8)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.fc2(self.bn(torch.tanh(self.fc1(x))))
        return made


class Otherwise(Plain):
    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.fc2(self.bn(torch.sigmoid(self.fc1(x))))
        return made


class Rounded(Plain):
    """Equal but for the order of sums."""

    def forward(self, x: Tensor) -> Tensor:
        hidden = sum(x[:, i : i + 1] * self.fc1.weight[:, i] for i in range(4)) + self.fc1.bias
        made: Tensor = self.fc2(self.bn(torch.tanh(hidden)))
        return made


class WithoutGradient(Plain):
    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.fc2(self.bn(torch.tanh(self.fc1(x))).detach())
        return made


class Wider(Plain):
    def __init__(self) -> None:
        super().__init__()
        self.fc2 = nn.Linear(8, 4)


def against(other: type[nn.Module]) -> list[Finding]:
    return list(compare(subject_of(NETWORK), other))


def test_an_equal_module_is_proved_equal_with_its_weights_by_other_names() -> None:
    weights, *modes = against(Plain)
    assert "in the order in which they are used" in weights.says
    assert "hidden.weight = fc1.weight" in weights.details
    assert [finding.verdict for finding in modes] == ["passed", "passed"]
    assert all("bit for bit" in finding.says for finding in modes)
    testing.verify(NETWORK, format="toml", against=Plain)


def test_a_module_that_sums_otherwise_is_equal_in_double() -> None:
    weights, *modes = against(Rounded)
    assert "by their shapes" in weights.says
    assert [finding.verdict for finding in modes] == ["passed", "passed"]
    assert any("float64" in finding.says for finding in modes)


def test_what_is_not_equal_is_told() -> None:
    assert "output 0 differs by up to" in against(Otherwise)[1].says
    assert against(Otherwise)[1].verdict == "failed"
    assert "there is none there" in against(WithoutGradient)[1].says
    (wider,) = against(Wider)
    assert wider.verdict == "failed"
    assert "shapes do not match" in wider.says
    with pytest.raises(AssertionError, match="output 0 differs"):
        testing.verify(NETWORK, format="toml", against=Otherwise)


def run(*arguments: str) -> tuple[int, str]:
    from click.testing import CliRunner

    result = CliRunner().invoke(specc, ["verify", *arguments], standalone_mode=False)
    status = getattr(result.exception, "status", 0 if result.exception is None else 3)
    return status, result.output


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = tmp_path / "network.toml"
    spec.write_text(NETWORK)
    (tmp_path / "mine.py").write_text(
        "from torch import nn\n\n\ndef make():\n"
        "    return nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.BatchNorm1d(8), nn.Linear(8, 3))\n"
    )
    monkeypatch.chdir(tmp_path)
    status, said = run(str(spec), "--against", "mine:make")
    assert status == 0
    assert "output.weight = 3.weight" in said
    assert "FAILED" not in said
    monkeypatch.delitem(sys.modules, "mine")
    status, said = run(str(spec), "--against", "mine:none", "--format", "json")
    assert status == 1
    findings = json.loads(said)["findings"]
    assert findings[-1]["verdict"] == "failed"
    assert "AttributeError" in findings[-1]["message"]
    assert "mine is not of the form module:Class" in run(str(spec), "--against", "mine")[1]
