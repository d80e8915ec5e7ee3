"""What single keys of `[training]` promise beyond the loop: errors, limits, layouts, types."""

from __future__ import annotations

import functools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from plain_training import Keys, open_flags
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from training_package import built, files_of

TOOLS = Path(sys.executable).parent
RUFF = Path(__file__).parent.parent / "templates" / "runtime" / "ruff.toml"
ROWS = """
[model]
name = "Net"
inputs.x = ["batch", 1]
layers = [{ name = "output", type = "Linear", out_features = 1, bias = false }]

[data]
type = "lists"
x = [[1.0], [2.0], [3.0e38], [4.0], [5.0]]
target = [[1.0], [2.0], [-3.0e38], [4.0], [5.0]]

[loss]
type = "MSELoss"

[optimizer]
type = "SGD"
lr = 0.01
momentum = 0.9

[training]
seed = 5
batch_size = 1
"""


@pytest.fixture(autouse=True, scope="module")
def flags() -> Iterator[None]:
    with open_flags():
        yield


def submodule(package: ModuleType, name: str) -> Any:
    return sys.modules[f"{package.__name__}.{name}"]


@pytest.mark.parametrize("length", ["epochs = 3", "steps = 12\nlog = { every = 5 }"])
def test_a_step_that_is_not_finite_is_named(tmp_path: Path, length: str) -> None:
    package = built(f'{ROWS}{length}\non_nan = "raise"\n', tmp_path)
    order = torch.randperm(5, generator=torch.Generator().manual_seed(5)).tolist()
    with pytest.raises(FloatingPointError, match=rf"not finite in step {order.index(2) + 1}:"):
        package.train()


def test_the_command_line_tells_it_in_a_line(tmp_path: Path) -> None:
    built(f'{ROWS}epochs = 3\non_nan = "raise"\n', tmp_path)
    command = (sys.executable, "-m", "net", "train", "--run", "run")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("python -m net: the loss or a gradient is not")


@pytest.mark.parametrize("accumulate", [1, 2])
def test_a_step_that_is_not_finite_is_left_out(tmp_path: Path, accumulate: int) -> None:
    text = f'{ROWS}epochs = 3\non_nan = "skip"\naccumulate = {accumulate}\nclip_grad_value = 1.0\n'
    package = built(text, tmp_path)
    trained = package.train()
    assert [row["skipped"] for row in trained.history] == [1, 2, 3]

    torch.manual_seed(5)
    model = nn.Linear(1, 1, bias=False)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    generator = torch.Generator().manual_seed(5)
    x = torch.tensor([[1.0], [2.0], [3.0e38], [4.0], [5.0]])
    for _ in range(3):
        order = torch.randperm(5, generator=generator)
        for rows in torch.split(order, accumulate):
            if 2 in rows.tolist():
                continue
            optimizer.zero_grad()
            for row in rows:
                loss = nn.functional.mse_loss(model(x[row]), x[row])
                loss = loss * (1 / len(rows)) if accumulate > 1 else loss
                loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_value_(model.parameters(), 1.0)
            optimizer.step()
    assert torch.equal(trained.model.output.weight, model.weight)


def test_infinite_gradients_don_t_pass_for_clipped_ones(tmp_path: Path) -> None:
    text = f'{ROWS}epochs = 1\non_nan = "raise"\nclip_grad_value = 1.0\n'
    with pytest.raises(FloatingPointError):
        built(text, tmp_path).train()


@pytest.mark.parametrize(
    ("length", "made"), [("epochs = 50", "epoch"), ("steps = 50\nlog = { every = 20 }", "step")]
)
def test_training_ends_when_its_time_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: str, made: str
) -> None:
    package = built(f'{ROWS}{length}\ntime_limit = "1h"\n', tmp_path)
    seconds = iter(range(0, 10_000_000, 500))
    limit = submodule(package, "time_limit")
    clock = type("Clock", (), {"monotonic": staticmethod(lambda: next(seconds))})
    monkeypatch.setattr(limit, "time", clock)
    # It is asked after each epoch or step, once more at the end of a row.
    history = package.train(run=tmp_path / "run").history
    assert [row[made] for row in history] == ([8] if made == "step" else [*range(1, 9)])


@pytest.mark.parametrize("given", ["90", '"90s"', '"1m 30s"', '"1m30s"'])
def test_times(given: str) -> None:
    _, files = files_of(f"{ROWS}epochs = 1\ntime_limit = {given}\n")
    assert "TIME_LIMIT = 90" in files["train.py"]


def test_determinism_lasts_as_long_as_training(tmp_path: Path) -> None:
    package = built(f"{ROWS}epochs = 1\ndeterministic = true\n", tmp_path)
    train = submodule(package, "train")
    seen = []
    before = train.build_optimizer

    def build_optimizer(model: Any, lr: float) -> Any:
        seen.append(torch.are_deterministic_algorithms_enabled())
        return before(model, lr)

    train.build_optimizer = build_optimizer
    package.train()
    assert seen == [True]
    assert not torch.are_deterministic_algorithms_enabled()
    train.build_optimizer = None
    with pytest.raises(TypeError):
        package.train()
    assert not torch.are_deterministic_algorithms_enabled()


IMAGES = """
[model]
name = "Net"
inputs.image = ["batch", 3, 8, 8]
inputs.scale = ["batch", 1]
layers = [
  { name = "conv", type = "Conv2d", out_channels = 4, kernel_size = 3, padding = 1, inputs = "image" },
  { name = "norm", type = "BatchNorm2d" },
  { name = "both", expr = "norm.view(batch, 256) * scale + image.view(batch, 192).mean()" },
  { name = "output", type = "Linear", out_features = 1 },
]

[data]
type = "random"
rows = 64
image = "rand(batch, 3, 8, 8)"
scale = "rand(batch, 1)"
target = "rand(batch, 1)"

[loss]
type = "MSELoss"

[optimizer]
type = "SGD"

[training]
epochs = 2
batch_size = 16
seed = 5
"""  # noqa: E501


def test_channels_last(tmp_path: Path) -> None:
    package = built(f"{IMAGES}channels_last = true\n", tmp_path)
    seen = []

    def look(module: nn.Module, given: tuple[Tensor, ...]) -> None:
        seen.append(given[0].is_contiguous(memory_format=torch.channels_last))

    handle = nn.modules.module.register_module_forward_pre_hook(
        lambda module, given: look(module, given) if isinstance(module, nn.Conv2d) else None
    )
    trained = package.train()
    handle.remove()
    assert seen == [True] * 8
    assert trained.model.conv.weight.is_contiguous(memory_format=torch.channels_last)
    (tmp_path / "plain").mkdir()
    plain = built(IMAGES, tmp_path / "plain").train()
    for row, expected in zip(trained.history, plain.history, strict=True):
        assert row["train_loss"] == pytest.approx(expected["train_loss"], rel=1e-4)


def test_compilation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a backend that changes nothing: the names and bits stay, the model is compiled."""
    monkeypatch.setattr(torch, "compile", functools.partial(torch.compile, backend="eager"))
    keys = Keys(ema=0.9, accumulate=2, patience=2)
    package = built(f"{keys.spec()}\ncompile = true\n", tmp_path)
    trained = package.train()
    assert trained.model._compiled_call_impl is not None
    plain = package.train(compiled=False)
    assert plain.model._compiled_call_impl is None
    assert trained.history == plain.history
    ours, theirs = trained.model.state_dict(), plain.model.state_dict()
    assert list(ours) == list(theirs)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    package.save(trained.model, tmp_path / "net.pt")
    assert list(package.load(tmp_path / "net.pt").state_dict()) == list(ours)


@pytest.mark.slow
def test_compilation_as_torch_does_it(tmp_path: Path) -> None:
    package = built(f"{Keys().spec()}\ncompile = true\n", tmp_path)
    compiled, plain = package.train(), package.train(compiled=False)
    for row, expected in zip(compiled.history, plain.history, strict=True):
        assert row["train_loss"] == pytest.approx(expected["train_loss"], rel=1e-4)


def test_lbfgs_in_mixed_precision_with_an_average(tmp_path: Path) -> None:
    text = (
        Keys(epochs=2, validates=False, ema=0.5, precision="bf16-mixed")
        .spec()
        .replace('type = "SGD"\nlr = 0.1\nmomentum = 0.9', 'type = "LBFGS"\nmax_iter = 3')
        .replace("batch_size = 20", 'batch_size = "all"')
    )
    package = built(text, tmp_path)
    trained = package.train()
    data = submodule(package, "data").load_data()
    torch.manual_seed(5)
    model = package.Net()
    average = AveragedModel(
        model,
        multi_avg_fn=get_ema_multi_avg_fn(0.5),  # type: ignore[no-untyped-call]
    )
    optimizer: Any = torch.optim.LBFGS(model.parameters(), max_iter=3)

    def closure() -> Tensor:
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            output = model(data.features)
            loss = nn.functional.binary_cross_entropy_with_logits(output, data.target)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    losses = []
    for _ in range(2):
        losses.append(optimizer.step(closure).item())
        average.update_parameters(model)
    assert [row["train_loss"] for row in trained.history] == losses
    for ours, theirs in zip(trained.model.parameters(), average.module.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_whole_numbers_in_buffers_survive_an_average(tmp_path: Path) -> None:
    text = ROWS.replace(
        '{ name = "output"',
        '{ name = "index", type = "Buffer", value = [[5], [7]], dtype = "int64" },\n'
        '  { name = "norm", type = "BatchNorm1d" },\n'
        '  { name = "moved", expr = "norm + index.sum() * 0.0" },\n  { name = "output"',
    ).replace("batch_size = 1", "batch_size = 2")
    trained = built(f"{text}epochs = 3\nema = {{ decay = 0.9 }}\n", tmp_path).train()
    assert trained.model.index.tolist() == [[5], [7]]


KEYS = [
    Keys(accumulate=2, precision="fp16-mixed", clip_grad_norm=1.0, clip_grad_value=0.5, ema=0.9),
    Keys(epochs=None, steps=4, on_nan="skip", swa=2, swa_lr=0.1, scheduler=None, optimizer="two"),
    Keys(loss="weighed", accumulate=3, on_nan="raise", norm="BatchNorm1d", swa=1, patience=1),
    Keys(epochs=None, steps=4, accumulate=2, precision="bf16-mixed", scheduler="step"),
]


@pytest.mark.slow
@pytest.mark.parametrize("keys", KEYS)
def test_packages_are_formatted_linted_and_typed(tmp_path: Path, keys: Keys) -> None:
    text = keys.spec() + 'compile = true\ndeterministic = true\ntime_limit = "2h"\n'
    _, files = files_of(text)
    (tmp_path / "net").mkdir()
    for path, content in files.items():
        (tmp_path / "net" / path).write_text(content)
    ruff, mypy = str(TOOLS / "ruff"), str(TOOLS / "mypy")
    for command in (
        (ruff, "format", "--diff", "--config", str(RUFF), "net"),
        (ruff, "check", "--config", str(RUFF), "net"),
        (mypy, "--strict", "--no-error-summary", "-p", "net"),
    ):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
