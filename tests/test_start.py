"""`start`: a new model begins with the weights of a file, all of them or none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from resumed import in_child, left, trained, uninterrupted
from safetensors.torch import save_file
from test_distributed import SPEC as PROCESSES
from test_training import run
from torch import Tensor
from training_package import built, problems_of

SPEC = """
[model]
name = "Net"
inputs.features = ["batch", 5]
layers = [
  { name = "body", layers = [
    { type = "Linear", out_features = 8 },
    { type = "BatchNorm1d" },
    "ReLU",
  ] },
  { name = "output", type = "Linear", out_features = 1 },
]

[data]
type = "make_classification"
n_samples = 50
n_features = 5
n_informative = 3
random_state = 101

[loss]
type = "BCEWithLogitsLoss"

[optimizer]
type = "SGD"
lr = 0.0
momentum = 0.0

[training]
epochs = 1
batch_size = "all"
seed = 5
"""
State = dict[str, Tensor]


def start(keys: str) -> str:
    return f"{SPEC}start = [{keys}]\n"


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """A package whose `start_from` is called as the package of a spec would call it."""
    return built(start('{ path = "old.pt" }'), tmp_path_factory.mktemp("package"))


@pytest.fixture
def old(module: ModuleType) -> State:
    """The weights of another model of the same kind."""
    torch.manual_seed(77)
    state: State = module.Net().state_dict()
    return {name: tensor + 1 for name, tensor in state.items()}


def started(module: ModuleType, path: Path, **keys: Any) -> State:
    """The state of a new model that starts from a file."""
    torch.manual_seed(5)
    model = module.Net()
    sys.modules["net.starting_weights"].start_from(model, path, **keys)
    state: State = model.state_dict()
    return state


def refused(module: ModuleType, path: Path, **keys: Any) -> str:
    """What is said of a file, which leaves the model as it was."""
    torch.manual_seed(5)
    model = module.Net()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with pytest.raises(sys.modules["net.checkpoint"].CheckpointError) as caught:
        sys.modules["net.starting_weights"].start_from(model, path, **keys)
    assert_same(model.state_dict(), before)
    return str(caught.value)


def assert_same(ours: State, theirs: State) -> None:
    assert list(ours) == list(theirs)
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


@pytest.mark.parametrize("key", [None, "model", "state_dict", "model_state_dict"])
def test_files_of_torch(tmp_path: Path, module: ModuleType, old: State, key: str | None) -> None:
    path = tmp_path / "old.pt"
    torch.save(old if key is None else {key: old, "epoch": 3}, path)
    assert_same(started(module, path), old)


def test_safetensors(tmp_path: Path, module: ModuleType, old: State) -> None:
    path = tmp_path / "old.safetensors"
    save_file(old, path)
    assert_same(started(module, path), old)


def test_what_the_package_itself_saves(tmp_path: Path, module: ModuleType, old: State) -> None:
    model = module.Net()
    model.load_state_dict(old)
    module.save(model, tmp_path / "weights.pt")
    assert_same(started(module, tmp_path / "weights.pt"), old)


def test_names_are_changed_by_patterns(tmp_path: Path, module: ModuleType, old: State) -> None:
    path = tmp_path / "old.pt"
    there = {f"module.{name.replace('body', 'stem')}": one for name, one in old.items()}
    torch.save(there, path)
    rename = {"module.stem.*.*": "body.*.*", "module.output.*": "output.*"}
    assert_same(started(module, path, rename=rename), old)


def test_a_part_is_taken(tmp_path: Path, module: ModuleType, old: State) -> None:
    path = tmp_path / "old.pt"
    others = {"output.weight": torch.zeros(7, 9), "head.weight": torch.zeros(3)}
    torch.save({name: one for name, one in old.items() if "body" in name} | others, path)
    torch.manual_seed(5)
    fresh = module.Net().state_dict()
    expected = {name: old[name] if "body" in name else fresh[name] for name in fresh}
    assert_same(started(module, path, match=["body.*"]), expected)


def test_what_is_not_strict_takes_what_is_there(
    tmp_path: Path, module: ModuleType, old: State
) -> None:
    path = tmp_path / "old.pt"
    torch.save({"output.bias": old["output.bias"], "head.weight": torch.zeros(3)}, path)
    torch.manual_seed(5)
    expected = module.Net().state_dict() | {"output.bias": old["output.bias"]}
    assert_same(started(module, path, strict=False), expected)


@pytest.mark.parametrize(
    ("change", "keys", "said"),
    [
        ({"output.bias": None}, {}, "missing: output.bias"),
        ({"head.bias": torch.zeros(1)}, {}, "not in the model: head.bias"),
        (
            {"output.bias": torch.zeros(2)},
            {"strict": False},
            "of another shape: output.bias is (2,) there and (1,) in the model",
        ),
        (
            {"output.bias": torch.zeros(1, dtype=torch.complex64)},
            {},
            "of another kind: output.bias is torch.complex64 there and torch.float32 in the model",
        ),
        ({}, {"rename": {"module.*": "*"}}, "rename matches nothing in"),
        ({}, {"rename": {"body.*": "*", "*.weight": "*.weight"}}, "rename is not clear"),
        ({}, {"rename": {"body.0.*": "body.1.*"}}, "would both be body.1.weight"),
        ({}, {"rename": {"*": "module.*"}, "strict": False}, "missing: body.0.weight"),
    ],
)
def test_what_does_not_fit_is_named(
    tmp_path: Path,
    module: ModuleType,
    old: State,
    change: dict[str, Tensor | None],
    keys: dict[str, Any],
    said: str,
) -> None:
    path = tmp_path / "old.pt"
    there = {name: one for name, one in (old | change).items() if one is not None}
    torch.save(there, path)
    assert said in refused(module, path, **keys)


@pytest.mark.parametrize("name", ["old.pt", "old.safetensors"])
def test_what_is_no_file_of_weights_is_told(tmp_path: Path, module: ModuleType, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"no weights at all")
    assert str(path) in refused(module, path)


def test_other_things_under_names_are_told(tmp_path: Path, module: ModuleType) -> None:
    path = tmp_path / "old.pt"
    torch.save({"epoch": 3, "weights": {}}, path)
    assert "there are epoch, weights" in refused(module, path)


TIED = SPEC.replace(
    '{ name = "output", type = "Linear", out_features = 1 }',
    '{ name = "first", type = "Linear", out_features = 8 },'
    ' { name = "second", type = "Linear", out_features = 8 },'
    ' { name = "output", type = "Linear", out_features = 1 }',
).replace("[data]", 'tie = { "second.weight" = "first.weight" }\n\n[data]')


def test_one_name_of_a_tied_weight_will_do(tmp_path: Path) -> None:
    package = built(f'{TIED}start = [{{ path = "old.pt" }}]\n', tmp_path)
    old = {name: tensor + 1 for name, tensor in package.Net().state_dict().items()}
    path = tmp_path / "old.pt"
    for left_out in ("first.weight", "second.weight"):
        torch.save({name: one for name, one in old.items() if name != left_out}, path)
        assert_same(started(package, path), old)
    torch.save(old | {"second.weight": old["first.weight"] + 1}, path)
    assert "first.weight and second.weight" in refused(package, path)


def test_training_starts_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: State, module: ModuleType
) -> None:
    """By a spec, from its folder; without a step to speak of the weights stay so."""
    monkeypatch.chdir(tmp_path)
    Path("weights").mkdir()
    save_file({f"module.{name}": one for name, one in old.items()}, "weights/old.safetensors")
    keys = 'path = "weights/old.safetensors", match = ["Linear.*", "BatchNorm1d.*"]'
    text = start(f'{{ {keys}, rename = {{ "module.*" = "*" }} }}')
    after = built(text, tmp_path).train().model.state_dict()
    for name, tensor in old.items():
        if "running" not in name and "num_batches" not in name:
            assert torch.equal(after[name], tensor), name
    mean = old["body.1.running_mean"]
    assert not torch.equal(after["body.1.running_mean"], mean)
    assert after["body.1.num_batches_tracked"] == 2


def test_the_command_line_tells_it_in_a_line(tmp_path: Path, old: State) -> None:
    built(start('{ path = "old.pt" }'), tmp_path)
    command = (sys.executable, "-m", "net", "train", "--run", "run")
    torch.save(old | {"head.bias": torch.zeros(1)}, tmp_path / "old.pt")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    said = "training can't start from old.pt: not in the model: head.bias"
    assert (done.returncode, done.stderr) == (2, f"python -m net: {said}\n")


def test_a_run_that_goes_on_does_not_read_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: State
) -> None:
    monkeypatch.chdir(tmp_path)
    text = start('{ path = "old.pt" }').replace("lr = 0.0", "lr = 0.1")
    text = text.replace("epochs = 1", "epochs = 6")
    package = built(f"{text}checkpoint = {{ every = 2 }}\n", tmp_path)
    torch.save(old, "old.pt")
    whole = uninterrupted(package, tmp_path / "whole")
    left_off = tmp_path / "run"
    assert in_child(lambda: trained(package, left_off, epochs=3)) == 0
    Path("old.pt").rename("elsewhere.pt")
    assert in_child(lambda: trained(package, left_off, True)) == 0
    assert left(left_off) == whole
    # Where there is nothing to go on from, training begins, and reads it.
    Path("elsewhere.pt").rename("old.pt")
    assert in_child(lambda: trained(package, tmp_path / "new", True)) == 0
    assert left(tmp_path / "new") == whole


def test_checkpoints_are_files_to_start_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "first").mkdir()
    first = built(f"{SPEC}checkpoint = {{ every = 1 }}\n".replace("0.0", "0.1"), tmp_path / "first")
    weights = first.train(run="run").model.state_dict()
    checkpoint = "run/checkpoints/checkpoint-000002/model.safetensors"
    second = built(start(f'{{ path = "{checkpoint}" }}'), tmp_path)
    after = second.train().model.state_dict()
    assert torch.equal(after["output.weight"], weights["output.weight"])


@pytest.mark.parametrize("kind", ["ddp", "fsdp"])
def test_several_processes_start_there(tmp_path: Path, kind: str) -> None:
    text = PROCESSES.replace('"ddp"', f'"{kind}"').replace("epochs = 3", "epochs = 1")
    text = text.replace('"AdamW"', '"SGD"').replace("lr = 0.01", "lr = 0.0")
    package = built(f'{text}start = [{{ path = "old.pt" }}]\n', tmp_path)
    torch.manual_seed(77)
    old = package.Par().state_dict()
    torch.save(old, tmp_path / "old.pt")
    torchrun = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "--")
    done = run(tmp_path, sys.executable, *torchrun, "par", "train", "--run", "run")
    assert done.returncode == 0, done.stderr
    assert_same(package.load(tmp_path / "run" / "weights.pt").state_dict(), old)


def test_complex_numbers_of_checkpoints(tmp_path: Path, module: ModuleType) -> None:
    model = torch.nn.Linear(2, 1, bias=False, dtype=torch.complex128)
    weight = model.weight.detach().clone() + 1
    save_file({"weight": torch.view_as_real(weight).contiguous()}, tmp_path / "old.safetensors")
    start_from = sys.modules["net.starting_weights"].start_from
    start_from(model, tmp_path / "old.safetensors")
    assert torch.equal(model.weight, weight)


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ('{ path = "/old.pt" }', "invalid-value"),
        ('{ path = "old.pt", match = "head.*" }', "no-match"),
        ('{ path = "old.pt" }, { path = "new.pt", match = "output.*" }', "covered-twice"),
        ('{ path = "old.pt", rename = { "a.*" = "b" } }', "invalid-value"),
        ('{ path = "old.pt", rename = { "a.?" = "b.?" } }', "invalid-value"),
        ('{ match = "output.*" }', "missing-key"),
    ],
)
def test_what_makes_no_sense_is_refused(keys: str, code: str) -> None:
    assert [problem.code for problem in problems_of(start(keys))] == [code]
