"""Optimizers that take turns, each on its own losses: a GAN as one writes it by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from test_training import submodule
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as bce
from training_package import built, files_of, problems_of

GAN = """
[model]
name = "Gan"
inputs.noise = ["batch", 2]
inputs.points = ["batch", 1]
layers = [
  { name = "generator", type = "Generator", inputs = "noise" },
  { name = "discriminator", type = "Discriminator", inputs = "points" },
  { name = "of_made", expr = "discriminator(generator)" },
]
outputs = ["generator", "discriminator", "of_made"]

[blocks.Generator]
layers = [{ type = "Linear", out_features = 16 }, "ReLU", { type = "Linear", out_features = 1 }]

[blocks.Discriminator]
layers = [{ type = "Linear", out_features = 16 }, "ReLU", { type = "Linear", out_features = 1 }]

[data]
type = "random"
rows = 320
noise = "randn(batch, 2)"
points = "randn(batch, 1) * 0.5 + 3"

[[loss]]
name = "real"
type = "BCEWithLogitsLoss"
inputs = { input = "discriminator", target = "ones_like(discriminator)" }

[[loss]]
name = "fake"
type = "BCEWithLogitsLoss"
inputs = { input = "of_made", target = "zeros_like(of_made)" }

[[loss]]
name = "fooled"
type = "BCEWithLogitsLoss"
scale = 0.5
inputs = { input = "of_made", target = "ones_like(of_made)" }

[[optimizer]]
type = "Adam"
lr = 0.01
match = "discriminator.*"
loss = ["real", "fake"]

[[optimizer]]
type = "Adam"
lr = 0.002
match = "generator.*"
loss = "fooled"

[training]
epochs = 2
batch_size = 64
seed = 0
"""


class Plain(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.generator = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))
        self.discriminator = nn.Sequential(nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 1))


def plain(epochs: int, clip: float | None = None) -> tuple[Plain, list[dict[str, float]]]:
    """The loop of a GAN as textbooks have it: what is made is detached for the discriminator."""
    torch.manual_seed(0)
    model = Plain()
    of_generator = torch.optim.Adam(model.generator.parameters(), lr=0.002)
    of_discriminator = torch.optim.Adam(model.discriminator.parameters(), lr=0.01)
    history = []
    for _ in range(epochs):
        sums = dict.fromkeys(("real", "fake", "fooled"), 0.0)
        for _ in range(5):
            noise, points = torch.randn(64, 2), torch.randn(64, 1) * 0.5 + 3
            of_discriminator.zero_grad()
            on_real = model.discriminator(points)
            on_fake = model.discriminator(model.generator(noise).detach())
            real, fake = bce(on_real, torch.ones(64, 1)), bce(on_fake, torch.zeros(64, 1))
            torch.autograd.backward(real + fake)
            if clip is not None:
                nn.utils.clip_grad_norm_(model.discriminator.parameters(), clip)
            of_discriminator.step()
            of_generator.zero_grad()
            logits = model.discriminator(model.generator(noise))
            fooled = 0.5 * bce(logits, torch.ones(64, 1))
            torch.autograd.backward(fooled)
            if clip is not None:
                nn.utils.clip_grad_norm_(model.generator.parameters(), clip)
            of_generator.step()
            for name, value in {"real": real, "fake": fake, "fooled": fooled}.items():
                sums[name] += (value.detach() * 64).double().item()
        history.append({f"train_{name}": value / 320 for name, value in sums.items()})
    return model, history


def assert_as_by_hand(package: Any, clip: float | None = None) -> None:
    trained = package.train()
    model, history = plain(2, clip)
    for row, by_hand in zip(trained.history, history, strict=True):
        assert {key: row[key] for key in by_hand} == by_hand
        assert row["train_loss"] == sum(by_hand[f"train_{n}"] for n in ("real", "fake", "fooled"))
    ours, theirs = trained.model.state_dict().values(), model.state_dict().values()
    assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))


def test_each_optimizer_steps_on_its_own_losses(tmp_path: Path) -> None:
    assert_as_by_hand(built(GAN, tmp_path))


def test_each_norm_is_that_of_what_the_step_changes(tmp_path: Path) -> None:
    assert_as_by_hand(built(GAN + "clip_grad_norm = 0.05\n", tmp_path), clip=0.05)


def test_training_by_steps_logs_each_loss(tmp_path: Path) -> None:
    spec = GAN.replace("epochs = 2", "steps = 10\nlog = { every = 5 }")
    assert_as_by_hand(built(spec, tmp_path))


def test_a_frozen_parameter_takes_no_part(tmp_path: Path) -> None:
    package = built(GAN, tmp_path)
    parameters_of = submodule(package, "parameters_of").parameters_of
    parts = [torch.ones(2, requires_grad=True), torch.ones(3)]
    assert parameters_of(torch.optim.SGD(parts)) == parts[:1]


def test_no_gradient_reaches_what_another_optimizer_trains(tmp_path: Path) -> None:
    package = built(GAN.replace('loss = "fooled"', 'loss = ["fooled"]'), tmp_path)
    train = submodule(package, "train")
    model = submodule(package, "model").Gan()
    optimizers = train.build_optimizers(model)
    seen: list[bool] = []
    made = optimizers[0].step

    def step() -> None:
        seen.append(any(p.grad is not None for p in model.generator.parameters()))
        made()

    optimizers[0].step = step
    data = submodule(package, "data").load_data()
    losses = submodule(package, "named_losses").NamedLosses()
    train.train_one_epoch(model, train.Loss(), optimizers, type(data)(64), losses, 64)
    assert seen == [False]


FULL = """
[model]
name = "Two"
inputs.x = ["batch", 2]
layers = [
  { name = "a", type = "Linear", out_features = 1, inputs = "x" },
  { name = "b", type = "Linear", out_features = 1, inputs = "x" },
]
outputs = ["a", "b"]

[data]
type = "lists"
x = [[0.0, 1.0], [1.0, 0.5], [2.0, 1.0]]
target = [[1.0], [0.0], [2.0]]

[[loss]]
name = "first"
type = "MSELoss"
inputs.input = "a"

[[loss]]
name = "second"
type = "L1Loss"
inputs.input = "b + a"

[[optimizer]]
type = "SGD"
lr = 0.1
match = "a.*"
loss = ["first", "second"]

[[optimizer]]
type = "SGD"
lr = 0.1
loss = "second"

[scheduler]
type = "StepLR"
step_size = 1
gamma = 0.5

[training]
epochs = 3
batch_size = "all"
early_stopping = { monitor = "train_second", patience = 5 }
"""


def test_a_loss_may_be_stepped_on_by_several_optimizers(tmp_path: Path) -> None:
    package = built(FULL, tmp_path)
    torch.manual_seed(1)
    trained = package.train()
    torch.manual_seed(1)
    a, b = nn.Linear(2, 1), nn.Linear(2, 1)
    x = torch.tensor([[0.0, 1.0], [1.0, 0.5], [2.0, 1.0]])
    target = torch.tensor([[1.0], [0.0], [2.0]])

    def losses() -> tuple[Tensor, Tensor]:
        return nn.functional.mse_loss(a(x), target), nn.functional.l1_loss(b(x) + a(x), target)

    for epoch in range(3):
        lr = 0.1 * 0.5**epoch
        first, second = losses()
        grads = torch.autograd.grad(first + second, [*a.parameters()])
        for p, g in zip(a.parameters(), grads, strict=True):
            p.data.add_(g, alpha=-lr)
        second = losses()[1]
        for p, g in zip(
            b.parameters(), torch.autograd.grad(second, [*b.parameters()]), strict=True
        ):
            p.data.add_(g, alpha=-lr)
        assert trained.history[epoch]["train_first"] == pytest.approx(first.item(), abs=1e-6)
    assert torch.allclose(trained.model.a.weight, a.weight, atol=1e-6)
    assert torch.allclose(trained.model.b.weight, b.weight, atol=1e-6)


def test_what_is_made_comes_to_be_distributed_as_what_is_real(tmp_path: Path) -> None:
    lively = "lr = 0.005\nbetas = [0.5, 0.9]\n"
    spec = GAN.replace("scale = 0.5\n", "")
    spec = spec.replace("lr = 0.01\n", lively).replace("lr = 0.002\n", lively)
    package = built(spec.replace("rows = 320", "rows = 6400"), tmp_path)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    model = package.train(epochs=8).model
    torch.set_num_threads(threads)
    with torch.no_grad():
        made = model(torch.randn(4000, 2), torch.zeros(4000, 1)).generator
    assert made.mean().item() == pytest.approx(3, abs=0.3)
    assert made.std().item() == pytest.approx(0.5, abs=0.25)


def test_an_input_may_have_the_name_of_an_optimizer(tmp_path: Path) -> None:
    renamed = GAN.replace("noise", "generator_optimizer")
    assert_as_by_hand(built(renamed, tmp_path))


EDITS = [
    ('loss = "fooled"', 'loss = "foled"', "unknown-name", "did you mean fooled?"),
    ('loss = "fooled"', "loss = 3", "invalid-value", 'such as loss = ["real", "fake"]'),
    ('loss = "fooled"\n', "", "contradicting-keys", "loss = "),
    ('["real", "fake"]', '"real"', "uncovered", "add it to the loss"),
    ('["real", "fake"]', '["real", "fake", "real"]', "duplicate-name", None),
    ('name = "real"', 'name = "loss"', "invalid-name", None),
]


@pytest.mark.parametrize(("old", "new", "code", "help"), EDITS)
def test_what_is_refused(old: str, new: str, code: str, help: str | None) -> None:
    found = problems_of(GAN.replace(old, new))
    assert code in [one.code for one in found]
    (said,) = [one for one in found if one.code == code]
    assert help is None or (said.help or "").startswith(help)


def test_one_optimizer_may_name_all_losses() -> None:
    one = GAN[: GAN.index("[[optimizer]]")] + '[optimizer]\ntype = "SGD"\n'
    names = 'loss = ["real", "fake", "fooled"]\n'
    end = GAN[GAN.index("[training]") :]
    assert files_of(one + names + end)[1]["train.py"] == files_of(one + end)[1]["train.py"]
