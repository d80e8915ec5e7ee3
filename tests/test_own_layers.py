"""Layers from files of one's own: what is declared is checked, what is built is as by hand."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_include import OUTSIDE, problems, run, write
from torch import Tensor, nn

import specc

LAYERS = '''\
"""Layers of one's own."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class SwiGLU(nn.Module):
    """A gated feed-forward layer."""

    def __init__(self, width: int, hidden: int = 12) -> None:
        super().__init__()
        self.gate = nn.Linear(width, hidden)
        self.up = nn.Linear(width, hidden)
        self.down = nn.Linear(hidden, width)
        nn.init.constant_(self.gate.weight, 0.25)

    def forward(self, x: Tensor) -> Tensor:
        return self.down(F.silu(self.gate(x)) * self.up(x))


class Project(nn.Module):
    def __init__(self, *, inner: int, outer: int, kind: str = "sum", sizes: list[int]) -> None:
        super().__init__()
        assert isinstance(sizes, list)
        self.fc = nn.Linear(inner, outer)
        self.kind = kind

    def forward(self, x: Tensor, mask: Tensor | None = None, *, scale: float = 1.0) -> Tensor:
        out = self.fc(x) * scale
        return out if mask is None else out * mask


class Halves(nn.Module):
    """Two values: what is left, and where it was greatest."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x[..., : x.shape[-1] // 2], x.argmax(-1)


class Wide(SwiGLU):
    pass


def helper() -> None:
    pass
'''
MODEL = """
[model]
name = "Net"
params.width = 8
require = "width > 0"
inputs.x = ["batch", "time", 8]
"""


def project(folder: Path, model: str, layers: str = LAYERS) -> str:
    """A spec of a model with these lines, beside its file of layers; gives its path."""
    return write(folder, {"net.toml": MODEL + model, "layers.py": layers})


def built(spec: str) -> tuple[ModuleType, str]:
    """The package, imported, and its model's text."""
    return specc.load(spec), specc.compile(spec).files["model.py"]


def failing(spec: str) -> list[str]:
    """The tests that come with the package, and fail."""
    specc.load(spec)
    found = []
    for name, test in vars(import_module("net.test_net")).items():
        if name.startswith("test_"):
            try:
                test()
            except AssertionError:
                found.append(name)
    return found


# What is built


def test_the_package_imports_a_copy(tmp_path: Path) -> None:
    spec = project(
        tmp_path,
        """layers = [
  { name = "mlp", type = "./layers.py:SwiGLU", width = "width",
    output = ["batch", "time", "width"] },
  { type = "Linear", out_features = 3 },
]""",
    )
    files = specc.compile(spec).files
    assert files["layers.py"].endswith(LAYERS)
    assert files["layers.py"].splitlines()[0].endswith(" from layers.py")
    assert (
        files["model.py"].partition("\n\n")[2]
        == '''\
from torch import Tensor, nn

from .layers import SwiGLU


class Net(nn.Module):
    """Net: a network of 27 parameters and those of SwiGLU.

    Shape:
        x: (batch, time, 8) float32
        returns: (batch, time, 3) float32

    Requires:
        width > 0
    """

    def __init__(self, *, width: int = 8) -> None:
        super().__init__()
        if width <= 0:
            raise ValueError("width > 0 is required")
        self.mlp = SwiGLU(width=width)
        self.linear = nn.Linear(width, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.mlp(x)
        x = self.linear(x)  # (batch, time, 3)
        return x
'''
    )
    assert failing(spec) == []


class ByHand(nn.Module):
    """The model of `EVERYTHING`, as one would write it."""

    def __init__(self, layers: ModuleType) -> None:
        super().__init__()
        self.mlp = layers.SwiGLU(width=8)
        self.deep = nn.ModuleList(layers.SwiGLU(width=8, hidden=2 * i + 2) for i in range(3))
        self.body = nn.Sequential(layers.SwiGLU(width=8), nn.ReLU())
        self.block = nn.ModuleDict({"project": layers.Project(inner=8, outer=6, sizes=[1, 2])})
        self.halves = layers.Halves()
        self.head = nn.Linear(3, 2)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.mlp(x)
        for layer in self.deep:
            x = layer(x)
        x = self.body(x)
        x = x + self.mlp(x[:, :1])
        x = self.block["project"](x, torch.ones(6), scale=0.5)
        left, best = self.halves(x)
        return self.head(left), best


EVERYTHING = """
layers = [
  { name = "mlp", type = "./layers.py:SwiGLU", width = "width",
    input = ["n", "length", "width"], output = ["n", "length", "width"] },
  { name = "deep", type = "./layers.py:SwiGLU", width = 8, hidden = "2 * index + 2", repeat = 3,
    output = ["batch", "time", 8] },
  { name = "body", layers = [
    { type = "./layers.py:SwiGLU", width = 8, output = ["batch", "time", 8] },
    "ReLU",
  ] },
  { name = "both", expr = "body + mlp(_[:, :1])" },
  { name = "block", type = "Projected", outer = 6 },
  { name = "halves", type = "./layers.py:Halves", output = {
    left = ["batch", "time", 3], best = { shape = ["batch", "time"], dtype = "int64" } } },
  { name = "head", type = "Linear", out_features = 2 },
  { name = "best", expr = "halves.best" },
]
outputs = ["head", "best"]

[blocks.Projected]
params.outer = "int"
inputs.x = ["batch", "time", "d"]
layers = [
  { name = "ones", expr = "ones(outer)" },
  { name = "project", type = "./layers.py:Project", inner = "d", outer = "outer", sizes = [1, 2],
    inputs = { x = "x", scale = 0.5, mask = "ones" }, output = ["batch", "time", "outer"] },
]
"""


@pytest.mark.parametrize("mode", ["train", "eval"])
def test_everything_is_as_by_hand(tmp_path: Path, mode: str) -> None:
    spec = project(tmp_path, EVERYTHING)
    package, _ = built(spec)
    torch.manual_seed(0)
    ours = package.Net()
    theirs = ByHand(sys.modules["net.layers"])
    theirs.load_state_dict(ours.state_dict())
    assert [*ours.state_dict()] == [*theirs.state_dict()]
    getattr(ours, mode)()
    getattr(theirs, mode)()
    outputs = specc.compile(spec).summary["outputs"]
    for batch, time in ((1, 1), (2, 5), (3, 2)):
        x = torch.rand(batch, time, 8)
        found, wanted = ours(x), theirs(x)
        for one, other, said in zip(found, wanted, outputs, strict=True):
            assert torch.equal(one, other)
            assert [*one.shape] == [{"batch": batch, "time": time}.get(n, n) for n in said["shape"]]
            assert str(one.dtype) == f"torch.{said['dtype']}"
        ours.zero_grad()
        theirs.zero_grad()
        found[0].square().sum().backward()
        wanted[0].square().sum().backward()
        for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
            assert one.grad is not None
            assert other.grad is not None
            assert torch.equal(one.grad, other.grad)


def test_everything_passes_its_own_test(tmp_path: Path) -> None:
    assert failing(project(tmp_path, EVERYTHING)) == []


@pytest.mark.slow
def test_linters_find_nothing_in_it(tmp_path: Path) -> None:
    specc.build(project(tmp_path, EVERYTHING), tmp_path / "net")
    rules = Path(__file__).parents[1] / "templates" / "runtime" / "ruff.toml"
    files = [str(tmp_path / "net" / name) for name in ("model.py", "test_net.py")]
    for command in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--config", str(rules), *files]
        told = subprocess.run(ruff, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stdout
    types = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "net/model.py"]
    told = subprocess.run(types, cwd=tmp_path, capture_output=True, text=True, check=False)
    # The file of one's own is held by its owner.
    assert [line for line in told.stdout.splitlines() if "layers.py" not in line] == []


def test_a_bare_name_and_a_file_in_a_folder(tmp_path: Path) -> None:
    block = """
[blocks.Cut]
layers = [{ type = "./mine.py:Halves", output = { left = ["batch", "time", 4], best = {
  shape = ["batch", "time"], dtype = "int64" } }, input = ["batch", "time", 8] }]
"""
    included = block.replace('["batch", "time", 8]', '["batch", "time", "d"]').replace(
        "4]", '"d // 2"]'
    )
    files = {
        "net.toml": 'include = ["parts/cut.toml"]\n' + MODEL + 'layers = ["Cut"]\n',
        "parts/cut.toml": included,
        "parts/mine.py": LAYERS,
    }
    assert specc.check(write(tmp_path, files)) == []
    package, text = built(str(tmp_path / "net.toml"))
    assert "from .mine import Halves" in text
    assert package.Net().eval()(torch.rand(2, 3, 8)).shape == (2, 3, 4)


def test_state_inside_may_stand_anywhere(tmp_path: Path) -> None:
    """A checkpoint of known names is still held to, though others come in between."""
    spec = project(
        tmp_path,
        """layers = [
  { name = "a", type = "Linear", out_features = 8 },
  { name = "mlp", type = "./layers.py:Wide", width = 8, output = ["batch", "time", 8] },
  { name = "b", type = "Linear", out_features = 3 },
]""",
    )
    assert failing(spec) == []
    summary = specc.compile(spec).summary
    assert summary["unknown"] == ["mlp"]
    assert summary["parameters"] is None
    assert summary["trainable_parameters"] is None
    assert summary["flops"] == {"expr": None, "value": None}
    assert summary["memory"]["parameters_bytes"] is None
    assert [layer["parameters"] for layer in summary["layers"]] == [72, None, 27]
    assert [entry["name"] for entry in summary["state_dict"]] == [
        *("a.weight", "a.bias", "b.weight", "b.bias")
    ]
    told = run("summary", spec).stdout.splitlines()
    assert "  mlp    Wide    (batch, time, 8)  float32           ?" in told
    assert told[-2] == (
        "parameters   not known, nor the cost: those of mlp are in a file of one's own"
    )


WRONG_SHAPE = """layers = [
  { name = "mlp", type = "./layers.py:SwiGLU", width = 8, output = ["batch", "time", 1] },
  { expr = "_ + x" },
]"""


def test_the_package_tests_what_was_declared(tmp_path: Path) -> None:
    """Also where broadcasting hides it from the model's own outputs."""
    spec = project(tmp_path, WRONG_SHAPE)
    assert specc.check(spec) == []
    assert failing(spec) == ["test_own_layers"]


# Nothing of it is run


def test_nothing_of_it_is_run_before_the_package_is(tmp_path: Path) -> None:
    canary = f"open({str(tmp_path / 'canary')!r}, 'w').close()\n"
    spec = project(tmp_path, WRONG_SHAPE, LAYERS.replace("class SwiGLU", canary + "class SwiGLU"))
    assert specc.check(spec) == []
    specc.build(spec, tmp_path / "net")
    for arguments in (
        ["check", spec],
        ["summary", spec],
        ["build", spec, "-o", str(tmp_path / "o")],
    ):
        assert run(*arguments).returncode == 0
    assert not (tmp_path / "canary").exists()
    specc.load(spec)
    assert (tmp_path / "canary").exists()


def test_a_changed_file_is_stale_and_an_unused_one_goes(tmp_path: Path) -> None:
    spec, out = project(tmp_path, WRONG_SHAPE), tmp_path / "net"
    build = ["build", spec, "-o", str(out)]
    assert run(*build).returncode == 0
    assert run(*build, "--check").returncode == 0
    (tmp_path / "layers.py").write_text(LAYERS + "# more\n", "utf-8")
    stale = run(*build, "--check")
    assert (stale.returncode, stale.stdout) == (1, f"{out / 'layers.py'}: stale\n")
    assert run(*build).returncode == 0
    (out / "layers.py").write_text("# mine\n", "utf-8")
    assert "not written by specc" in run(*build).stderr
    assert run(*build, "--force").returncode == 0
    Path(spec).write_text(MODEL + 'layers = ["ReLU"]', "utf-8")
    assert run(*build).returncode == 0
    assert not (out / "layers.py").exists()


# First values, ties, budgets: what it holds is not known

RULES = [
    '[{ match = "Linear.weight", type = "zeros_" }]',
    '[{ match = "*.weight", type = "zeros_" }]',
    '[{ match = "*h*:Linear.weight", type = "zeros_" }]',
    '[{ match = ["a.weight", "*.weight"], type = "zeros_" }, { match = "*.bias", type = "ones_" }]',
    '[{ match = "Linear.weight", type = "zeros_" }, { match = "Linear.bias", type = "ones_" }]',
]


@pytest.mark.parametrize("rules", RULES)
def test_rules_do_not_reach_into_it(tmp_path: Path, rules: str) -> None:
    spec = project(
        tmp_path,
        f"""layers = [
  {{ name = "mlp", type = "./layers.py:SwiGLU", width = 8, output = ["batch", "time", 8] }},
  {{ name = "ah", type = "Linear", out_features = 3 }},
]
init = {rules.replace("a.weight", "ah.weight")}""",
    )
    package, _ = built(spec)
    model = package.Net()
    assert model.ah.weight.abs().sum() == 0
    assert (model.mlp.gate.weight == 0.25).all()
    assert model.mlp.up.weight.abs().sum() > 0
    assert (model.mlp.up.bias != 1).all()


REFUSED = {
    'init = [{ match = "mlp.gate.weight", type = "zeros_" }]': (
        "unmatched-pattern: this pattern matches no parameter",
        "what SwiGLU at mlp holds gets its first values in its own file",
    ),
    'init = [{ match = "SwiGLU.weight", type = "zeros_" }]': (
        "unmatched-pattern: this pattern matches no parameter",
        None,
    ),
    'tie = { "b.weight" = "mlp.up.weight" }': (
        "unknown-name: mlp.up.weight can't be tied: what mlp holds is known to its own file alone",
        None,
    ),
    '[budget]\nparameters = "<= 1M"': (
        "unknown-cost: a limit on parameters can't be held: those of mlp (SwiGLU, from a file of"
        " one's own) are not known",
        None,
    ),
}


@pytest.mark.parametrize("line", REFUSED)
def test_what_it_holds_is_not_known(tmp_path: Path, line: str) -> None:
    layers = """layers = [
  { name = "mlp", type = "./layers.py:SwiGLU", width = 8, output = ["batch", "time", 8] },
  { name = "b", type = "Linear", out_features = 3 },
]
"""
    [problem] = specc.check(project(tmp_path, layers + line))
    said, help = REFUSED[line]
    assert f"{problem.code}: {problem.message}" == said
    assert problem.help == help


# Training

TRAINED = """
[model]
name = "Net"
inputs.x = ["batch", 8]
layers = [
  { name = "mlp", type = "./layers.py:SwiGLU", width = 8, output = ["batch", 8] },
  { name = "out", type = "Linear", out_features = 1 },
]

[data]
type = "make_classification"
n_features = 8
random_state = 0

[loss]
type = "BCEWithLogitsLoss"

[training]
epochs = 1
batch_size = 10
"""


def optimizers(folder: Path, sections: str) -> Any:
    """What `build_optimizer` or `build_optimizers` of a trained model gives, by parameter names."""
    spec = write(folder, {"net.toml": TRAINED + sections, "layers.py": LAYERS})
    package = specc.load(spec)
    train = import_module("net.train")
    model = package.Net()
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    build = getattr(train, "build_optimizers", None) or (lambda m: [train.build_optimizer(m)])
    return [
        [sorted(names[id(p)] for p in group["params"]) for group in one.param_groups]
        for one in build(model)
    ]


INSIDE = sorted(
    f"mlp.{name}.{kind}" for name in ("gate", "up", "down") for kind in ("bias", "weight")
)
OPTIMIZERS = {
    '[optimizer]\ntype = "SGD"\nlr = 0.1': [[[*INSIDE, "out.bias", "out.weight"]]],
    # Patterns mean it as a whole or not at all.
    '[optimizer]\ntype = "SGD"\nlr = 0.1\nparam_groups = [{ match = "*.bias", lr = 0.2 }]': [
        [["out.bias"], [*INSIDE, "out.weight"]]
    ],
    '[optimizer]\ntype = "SGD"\nlr = 0.1\nparam_groups = [{ match = "Linear.weight", lr = 0.2 }]': [
        [["out.weight"], [*INSIDE, "out.bias"]]
    ],
    '[optimizer]\ntype = "SGD"\nlr = 0.1\nparam_groups = [{ match = "mlp.*", lr = 0.2 }]': [
        [INSIDE, ["out.bias", "out.weight"]]
    ],
    '[[optimizer]]\ntype = "SGD"\nlr = 0.1\nmatch = ["m*", "*.bias"]\n'
    '[[optimizer]]\ntype = "Adam"\nlr = 0.1': [[[*INSIDE, "out.bias"]], [["out.weight"]]],
}


@pytest.mark.parametrize("sections", OPTIMIZERS)
def test_optimizers_have_it_as_a_whole(tmp_path: Path, sections: str) -> None:
    assert optimizers(tmp_path, sections) == OPTIMIZERS[sections]


def test_it_may_be_all_that_is_trained_and_must_be_covered(tmp_path: Path) -> None:
    spec = {"net.toml": TRAINED + '[optimizer]\ntype = "SGD"\nlr = 0.1\nmatch = "out.*"\n'}
    [problem] = specc.check(write(tmp_path, {**spec, "layers.py": LAYERS}))
    assert (problem.code, problem.message) == ("uncovered", "no optimizer trains mlp.*")
    spec = {"net.toml": TRAINED + '[optimizer]\ntype = "SGD"\nlr = 0.1\nmatch = "mlp.up.*"\n'}
    found = specc.check(write(tmp_path, {**spec, "layers.py": LAYERS}))
    assert "there are out.weight, out.bias and mlp.*" in [one.help for one in found]
    alone = TRAINED.replace('\n  { name = "out", type = "Linear", out_features = 1 },', "")
    alone = alone.replace('output = ["batch", 8]', 'output = ["batch", 1]')
    spec = {"net.toml": alone + '[optimizer]\ntype = "SGD"\nlr = 0.1\n'}
    assert specc.check(write(tmp_path, {**spec, "layers.py": LAYERS})) == []


# Problems


def entry(text: str) -> str:
    return f"layers = [{text}]\n"


OUT = 'output = ["batch", "time", 8]'
SAID = {
    '{ type = "./layers.py:SwiGLU", width = 8 }': (
        "missing-argument: SwiGLU needs output: the shape of what it gives"
    ),
    f'{{ type = "./layers.py:SwiGLU", {OUT} }}': "missing-argument: SwiGLU needs width",
    f'{{ type = "./layers.py:SwiGLU", width = 8, hiden = 4, {OUT} }}': (
        "unknown-argument: SwiGLU has no argument hiden"
    ),
    f'{{ type = "./layers.py:SwiGLU", width = 8.5, {OUT} }}': (
        "invalid-value: width of SwiGLU must be a whole number, not 8.5"
    ),
    f'{{ type = "./layers.py:SwiGLU", width = "time", {OUT} }}': (
        "invalid-value: width of SwiGLU must be a whole number, not the size time, which is not"
        " constant"
    ),
    f'{{ type = "./layers.py:Halves", width = 8, {OUT} }}': (
        "unknown-argument: Halves has no argument width"
    ),
    f'{{ type = "./layers.py:Wide", widht = 8, {OUT} }}': (
        "unknown-argument: Wide has no argument widht"
    ),
    f'{{ type = "./layers.py:SwiGlu", width = 8, {OUT} }}': (
        "own-file: layers.py: it has no class SwiGlu at its top level"
    ),
    f'{{ type = "./layers.py:helper", {OUT} }}': (
        "own-file: layers.py: helper is not plainly a class there"
    ),
    f'{{ type = "./layers.py:", {OUT} }}': (
        'bad-path: "./layers.py:" must name a file and a class in it'
    ),
    f'{{ type = "./layers.py", {OUT} }}': (
        'bad-path: "./layers.py" must name a file and a class in it'
    ),
    f'{{ type = "layers.py:SwiGLU", {OUT} }}': 'bad-path: "layers.py" must begin with ./ or ../',
    f'{{ type = "./other.py:SwiGLU", {OUT} }}': 'unreadable: "other.py": there is no such file',
    '{ type = "./layers.py:SwiGLU", width = 8, output = 8 }': (
        "wrong-type: output must be a shape, or a table of shapes by name"
    ),
    '{ type = "./layers.py:SwiGLU", width = 8, output = ["batch", 2.5] }': (
        "wrong-type: this must be a shape, or a table of shape and dtype"
    ),
    '{ type = "./layers.py:SwiGLU", width = 8, output = ["batch", true] }': (
        "wrong-type: this must be a shape, or a table of shape and dtype"
    ),
    '{ type = "./layers.py:SwiGLU", width = 8, output = ["batch", -2] }': (
        "invalid-value: a size is a whole number of at least 0, this is the number -2"
    ),
    '{ type = "./layers.py:SwiGLU", width = 8, output = ["batch", "wide"] }': (
        "unknown-name: nothing is called wide here"
    ),
    '{ type = "./layers.py:SwiGLU", width = 8, output = { shape = [8], dtype = "float31" } }': (
        "invalid-value: float31 is no element type"
    ),
    '{ type = "./layers.py:SwiGLU", width = 4, output = ["batch", "width"] }': (
        "name-clash: width is an argument of this entry, and another value here too"
    ),
    f'{{ type = "./layers.py:SwiGLU", width = 8, input = "x", {OUT} }}': (
        "wrong-type: input must be a shape, or a table of shapes by name; what it is called with"
        " is inputs"
    ),
    f'{{ type = "./layers.py:SwiGLU", width = 8, input = {{ y = ["b", "t", 8] }}, {OUT} }}': (
        "bad-name: SwiGLU has no input y: it takes x"
    ),
    f'{{ type = "./layers.py:SwiGLU", width = 8, input = ["batch", 8], {OUT} }}': (
        "shape-mismatch: SwiGLU: x is declared with 2 dimensions, seen is (batch, time, 8)"
    ),
    f'{{ type = "./layers.py:SwiGLU", width = 8, input = ["batch", "time", 9], {OUT} }}': (
        "shape-mismatch: SwiGLU: another size 2 of x is declared: 8 is not 9"
    ),
    f'{{ type = "./layers.py:SwiGLU", width = 8, input = ["n", "n", 8], {OUT} }}': (
        "shape-mismatch: SwiGLU: another size 1 of x is declared: time is not batch (for batch = 1,"
        " time = 2 they are 2 and 1)"
    ),
    f'{{ type = "./layers.py:SwiGLU", width = 8, input = ["b", "widht", 8], {OUT} }}': (
        "unknown-name: widht is a new size here, and nearly the param width"
    ),
    '{ type = "./layers.py:Halves", output = { shape = [1], b = [2] } }': (
        "wrong-type: this must be a shape, or a table of shape and dtype"
    ),
    '{ type = "./layers.py:Halves", output = { class = [1], b = [2] } }': (
        "bad-name: class can't be an output's name: it is a word of Python's own"
    ),
    f'{{ type = "./layers.py:SwiGLU", width = 8, inputs = ["x", "x"], {OUT} }}': (
        "wrong-arguments: SwiGLU takes 1 input, not 2"
    ),
    f'{{ type = "./layers.py:SwiGLU", width = 8, inputs = {{ y = "x" }}, {OUT} }}': (
        "wrong-arguments: SwiGLU has no input y"
    ),
    f'{{ type = "./layers.py:SwiGLU", width = 8, inputs = "2", {OUT} }}': (
        "wrong-type: SwiGLU takes tensors, this is the number 2"
    ),
    '{ type = "./layers.py:Project", inner = 8, outer = 6, sizes = [1],'
    ' inputs = ["x", "x", 0.5], output = ["batch", "time", 6] }': (
        "wrong-arguments: Project takes scale by name alone"
    ),
    f'{{ type = "./layers.py:Wide", width = 8, {OUT},'
    ' parametrize = { weight = "weight_norm" } }': (
        "not-supported: what Wide holds is known to its own file alone"
    ),
    f'{{ name = "mlp", type = "./layers.py:SwiGLU", width = 8, {OUT} }},'
    ' { expr = "mlp * mlp.weight" }': (
        "unknown-attribute: weight can't be read: what SwiGLU holds is known to its own file alone"
    ),
    f'{{ name = "mlp", type = "./layers.py:SwiGLU", width = 8, input = ["b", "t", 8], {OUT} }},'
    ' { expr = "mlp(_[:, 0])" }': (
        "shape-mismatch: x is declared with 3 dimensions, seen is (batch, 8)"
    ),
}


@pytest.mark.parametrize("text", SAID)
def test_what_is_wrong_is_said(text: str, tmp_path: Path) -> None:
    spec = project(tmp_path, entry(text))
    unread = "unused-input: the input x is never read"
    found = [one.split(" ", 1)[1] for one in problems(spec, tmp_path)]
    assert [one for one in found if one != unread] == [SAID[text]]


FILES = {
    "class SwiGLU:\n    pass\n": "own-file: layers.py: SwiGLU is no nn.Module",
    "from torch import nn\nclass SwiGLU(nn.Module):\n    pass\n": (
        "own-file: layers.py: SwiGLU has no method forward"
    ),
    "SwiGLU = 3\n": "own-file: layers.py: SwiGLU is not plainly a class there",
    "def SwiGLU():\n    pass\n": "own-file: layers.py: SwiGLU is not plainly a class there",
    LAYERS + "SwiGLU = None\n": "own-file: layers.py: SwiGLU is not plainly a class there",
    LAYERS + "del SwiGLU\n": "own-file: layers.py: SwiGLU is not plainly a class there",
    "if True:\n    class SwiGLU:\n        pass\n": (
        "own-file: layers.py: SwiGLU is not plainly a class there"
    ),
    "from .other import SwiGLU\n": (
        "own-file: layers.py: it imports what stands beside it, and only the file itself is copied"
    ),
    LAYERS + "def late():\n    from . import other\n": (
        "own-file: layers.py: it imports what stands beside it, and only the file itself is copied"
    ),
    "class SwiGLU(\n": "own-file: layers.py: it is no valid Python: '(' was never closed",
    "# -*- coding: latin-1 -*-\n" + LAYERS: "own-file: layers.py: it says that it is in latin-1",
    LAYERS + "x = '\0'\n": (
        "own-file: layers.py: it is no valid Python: source code string cannot contain null bytes"
    ),
    "-" * 100_000 + "1": "own-file: layers.py: it is no valid Python that can be read",
    "\ufeff" + LAYERS: (
        "own-file: layers.py: it is no valid Python: invalid non-printable character U+FEFF"
    ),
}


@pytest.mark.parametrize("text", FILES, ids=range(len(FILES)))
def test_files_that_will_not_do(text: str, tmp_path: Path) -> None:
    line = '{ type = "./layers.py:SwiGLU", width = "width", output = ["batch", 8] }'
    spec = project(tmp_path, entry(line), text)
    assert [one.split(" ", 1)[1] for one in problems(spec, tmp_path)] == [FILES[text]]


def test_a_slip_is_shown_beside_the_constructor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = f'layers = [{{ type = "./layers.py:SwiGLU", width = 8, hiden = 4,\n  {OUT} }}]'
    project(tmp_path, line)
    monkeypatch.chdir(tmp_path)
    assert (
        run("check", "net.toml").stdout
        == """\
net.toml:7:53: error[unknown-argument]: SwiGLU has no argument hiden
   |
 7 | layers = [{ type = "./layers.py:SwiGLU", width = 8, hiden = 4,
   |                                                     ^^^^^
  --> layers.py:11:5
   |
11 |     def __init__(self, width: int, hidden: int = 12) -> None:
   |     --------------------------------------------------------- what it takes
   = help: did you mean hidden?
   = fix: replace `hiden` with `hidden`
"""
    )


ONE = f'{{ type = "./layers.py:SwiGLU", width = "width", {OUT} }}'
CLASHES = {
    ("parts/layers.py", "Halves"): (
        'name-clash: the package would have two of layers.py: of "layers.py" and "parts/layers.py"'
    ),
    ("parts/Layers.py", "Halves"): (
        'name-clash: the package would have two of Layers.py: of "layers.py" and "parts/Layers.py"'
    ),
    ("more.py", "SwiGLU"): (
        'name-clash: the package would have two of SwiGLU: of "layers.py" and "more.py"'
    ),
    ("model.py", "Halves"): (
        'bad-name: "model.py" can\'t be a file of the package: the package may have a file of its'
        " own called so"
    ),
    ("progress.py", "Halves"): (
        'bad-name: "progress.py" can\'t be a file of the package: the package may have a file of'
        " its own called so"
    ),
    ("Data.py", "Halves"): (
        'bad-name: "Data.py" can\'t be a file of the package: the package may have a file of its'
        " own called so"
    ),
    ("__main__.py", "Halves"): (
        'bad-name: "__main__.py" can\'t be a file of the package: the package has its own names of'
        " this kind"
    ),
    ("test_net.py", "Halves"): (
        'bad-name: "test_net.py" can\'t be a file of the package: the package has its own names of'
        " this kind"
    ),
    ("my-layers.py", "Halves"): (
        'bad-name: "my-layers.py" can\'t be a file of the package: modules are called by ASCII'
        " identifiers: letters, digits, underscores"
    ),
    ("class.py", "Halves"): (
        'bad-name: "class.py" can\'t be a file of the package: modules are called by ASCII'
        " identifiers: letters, digits, underscores"
    ),
    ("l\u0430yers.py", "Halves"): (
        'bad-name: "l\u0430yers.py" can\'t be a file of the package: modules are called by ASCII'
        " identifiers: letters, digits, underscores"
    ),
    (
        "more.py",
        "Linear",
    ): "bad-name: Linear can't be the class of a layer: torch.nn.Linear is called so",
    ("more.py", "Net"): (
        "bad-name: Net can't be the class of a layer: a class of the package is called so"
    ),
    ("more.py", "NetOutput"): (
        "bad-name: NetOutput can't be the class of a layer: a class of the package is called so"
    ),
    ("more.py", "width"): "bad-name: width can't be the class of a layer: a param is called so",
    ("more.py", "Tensor"): (
        "invalid-value: Tensor can't be the class of a layer: the generated code uses this name"
        " itself"
    ),
    ("more.py", "class"): (
        "invalid-value: class can't be the class of a layer: it is a word of Python's own"
    ),
    ("more.py", "__class__"): (
        "invalid-value: __class__ can't be the class of a layer: names with two leading underscores"
        " are Python's own"
    ),
    ("more.py", "SwiGLU()"): (
        'invalid-value: "SwiGLU()" can\'t be the class of a layer: names are ASCII identifiers:'
        " letters, digits, underscores, no digit first"
    ),
    ("more.py", "Sw\u0456GLU"): (
        'invalid-value: "Sw\u0456GLU" can\'t be the class of a layer: names are ASCII identifiers:'
        " letters, digits, underscores, no digit first"
    ),
    ("more.py", "a.b"): (
        'invalid-value: "a.b" can\'t be the class of a layer: names are ASCII identifiers: letters,'
        " digits, underscores, no digit first"
    ),
}


@pytest.mark.parametrize(("file", "name"), CLASHES)
def test_names_that_will_not_do(tmp_path: Path, file: str, name: str) -> None:
    other = f'{{ type = "./{file}:{name}", output = ["batch", "time", 8] }}'
    text = f"from torch import nn\nclass {name}(nn.Module):\n    def forward(self, x): return x\n"
    write(tmp_path, {file: text if name.isidentifier() else LAYERS})
    spec = project(tmp_path, entry(f"{ONE}, {other}"))
    found = [one.split(" ", 1)[1] for one in problems(spec, tmp_path)]
    assert found == [CLASHES[file, name]]


@pytest.mark.parametrize(("path", "why"), OUTSIDE)
def test_paths_that_are_refused(path: str, why: str, tmp_path: Path) -> None:
    write(tmp_path, {"secret.toml": LAYERS, "secret.py": LAYERS})
    layer = {"type": f"./{path.replace('.toml', '.py')}:SwiGLU", "width": 8, "output": ["batch", 8]}
    if path.startswith(("/", "~", "C:", "file:")):
        layer["type"] = str(layer["type"])[2:]
    spec = write(tmp_path / "specs", {"net.toml": MODEL + f"layers = [{toml(layer)}]"})
    found = specc.check(spec)
    assert found[0].code in ("bad-path", "unreadable")
    assert "secret" not in str(found) or found[0].code == "bad-path"
    assert all(problem.message.isprintable() for problem in found)


def toml(table: dict[str, object]) -> str:
    return "{ " + ", ".join(f"{key} = {json.dumps(value)}" for key, value in table.items()) + " }"


def test_links_that_lead_out_are_refused(tmp_path: Path) -> None:
    write(tmp_path, {"outside.py": LAYERS})
    spec = write(tmp_path / "specs", {"net.toml": MODEL + entry(ONE)})
    (tmp_path / "specs" / "layers.py").symlink_to(tmp_path / "outside.py")
    [problem] = specc.check(spec)
    assert problem.message == (
        '"layers.py" is a symbolic link that leads out of the spec\'s folder'
    )


def test_a_spec_without_a_folder_has_no_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    project(tmp_path, entry(ONE))
    text = (tmp_path / "net.toml").read_text("utf-8")
    assert [one.code for one in specc.check(text, format="toml")] == ["no-folder"]
    assert [one.code for one in specc.check(tomllib.loads(text))] == ["no-folder"]
    assert "no-folder" in run("check", "-", input=text).stdout


@pytest.mark.parametrize("count", [51])
def test_the_number_of_files_is_bounded(tmp_path: Path, count: int) -> None:
    text = "from torch import nn\nclass L{}(nn.Module):\n    def forward(self, x): return x\n"
    write(tmp_path, {f"l{index}.py": text.format(index) for index in range(count)})
    layers = [f'{{ type = "./l{index}.py:L{index}", {OUT} }}' for index in range(count)]
    spec = project(tmp_path, entry(", ".join(layers)))
    assert "a spec names at most 50 files of one's own" in str(specc.check(spec))


pieces = st.sampled_from(
    """class SwiGLU(nn.Module): \n def __init__(self , width : int = 8 * ** / ) -> None pass forward
    x @decorator = "" ' ( [ { lambda return import from . torch nn if True async yield \\ \t #
    coding Tensor | None \0 \f \r""".split(" ")
)
soups = st.lists(pieces, max_size=40).map(" ".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(soups | st.text(max_size=60))
def test_whatever_stands_in_the_file_check_answers(tmp_path: Path, text: str) -> None:
    spec = project(tmp_path, entry(ONE))
    for layers in (text, LAYERS + text, LAYERS.replace("width: int", text)):
        (tmp_path / "layers.py").write_bytes(layers.encode("utf-8", "surrogatepass"))
        for problem in specc.check(spec):
            for span in (problem.span, *(label.span for label in problem.labels)):
                assert span is not None
                size = len(Path(span.file).read_bytes().decode("utf-8", "replace"))
                assert 0 <= span.start <= span.end <= size


def test_what_runs_in_training_alone_is_tested_too(tmp_path: Path) -> None:
    spec = project(
        tmp_path,
        """layers = [
  { name = "aside", type = "./layers.py:SwiGLU", width = 8, when = "training",
    output = ["batch", "time", 8] },
  { name = "fc", type = "Linear", out_features = 3, inputs = "x" },
]
outputs = ["aside", "fc"]""",
    )
    assert failing(spec) == []
    wrong = Path(spec).read_text("utf-8").replace('output = ["batch", "time", 8]', "output = [7]")
    Path(spec).write_text(wrong, "utf-8")
    assert failing(spec) == ["test_own_layers"]


def test_the_example_is_as_by_hand() -> None:
    """Blocks from another file, which name a file of layers in the folder above."""
    package = specc.load(Path(__file__).parents[1] / "examples" / "gated.toml")
    own = import_module("gated.layers").SwiGLU

    class Residual(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer_norm = nn.LayerNorm(32)
            self.gated = own(32, 64)

        def forward(self, x: Tensor) -> Tensor:
            gated: Tensor = self.gated(self.layer_norm(x))
            return x + gated

    ours = package.Gated().eval()
    theirs = nn.Module()
    theirs.embed, theirs.norm, theirs.head = nn.Linear(12, 32), nn.LayerNorm(32), nn.Linear(32, 3)
    theirs.blocks = nn.Sequential(*(Residual() for _ in range(4)))
    theirs.load_state_dict(ours.state_dict())
    x = torch.rand(2, 5, 12)
    assert torch.equal(ours(x), theirs.head(theirs.norm(theirs.blocks(theirs.embed(x)))))


def test_arguments_are_sizes_by_their_names(tmp_path: Path) -> None:
    model = MODEL.replace("params.width = 8\n", "").replace('require = "width > 0"\n', "")
    layer = '{ type = "./layers.py:SwiGLU", width = 8, output = ["batch", "time", "width"] }'
    spec = write(tmp_path, {"net.toml": model + f"layers = [{layer}]", "layers.py": LAYERS})
    [output] = specc.compile(spec).summary["outputs"]
    assert output["shape"] == ["batch", "time", 8]


def test_a_constructor_from_elsewhere_takes_what_it_is_given(tmp_path: Path) -> None:
    """And what is derived from a layer of torch is reached by no rule for that layer."""
    layers = """from torch import Tensor, nn


class Doubled(nn.Linear):
    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input) * 2


class Plain(nn.Linear):
    pass
"""
    model = """layers = [
  { name = "a", type = "./layers.py:Doubled", in_features = 8, out_features = "width // 2",
    output = ["batch", "time", 4] },
  { name = "b", type = "./layers.py:Plain", in_features = 4, out_features = 2, bias = false,
    inputs = ["a"], output = ["batch", "time", 2] },
  { name = "c", type = "Linear", out_features = 2 },
]
init = [{ match = "Linear.weight", type = "zeros_" }]"""
    spec = project(tmp_path, model, layers)
    assert failing(spec) == []
    net = import_module("net").Net()
    assert net.a.weight.shape == (4, 8)
    assert net.b.bias is None
    assert net.c.weight.abs().sum() == 0
    assert net.a.weight.abs().sum() > 0
    named = model.replace('inputs = ["a"]', 'inputs = { input = "a" }')
    [problem] = specc.check(project(tmp_path, named, layers))
    assert problem.message == "what forward of Plain calls its arguments is not to be seen"


def test_a_type_may_be_set(tmp_path: Path) -> None:
    spec = project(tmp_path, WRONG_SHAPE)
    write(tmp_path, {"other.py": LAYERS})
    files = specc.compile(spec, settings=["model.layers.0.type=./other.py:SwiGLU"]).files
    assert "from .other import SwiGLU" in files["model.py"]
    [problem] = specc.check(spec, settings=["model.layers.0.type=../other.py:SwiGLU"])
    assert problem.code == "bad-path"


def test_it_may_keep_what_it_takes_and_gives(tmp_path: Path) -> None:
    model = """layers = [
  { name = "fc", type = "Linear", out_features = 8 },
  { name = "mlp", type = "./layers.py:SwiGLU", width = 8, output = ["batch", "time", 8] },
  { type = "ReLU", inplace = true, inputs = "%s" },%s
]"""
    found = []
    for changed, more in (("mlp", ""), ("fc", '{ expr = "_ + mlp" }')):
        found += problems(project(tmp_path, model % (changed, more)), tmp_path)
    assert [one.split(" ", 1)[1] for one in found] == [
        "inplace: this changes a tensor in place: its old content is needed for the backward pass"
    ] * 2
