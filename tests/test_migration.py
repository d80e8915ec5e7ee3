"""Weights that were kept are carried over to renamed layers, and to nothing else."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
from compared import Network
from diff_edits import are_same, changes, comparison, edited, outputs
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from spec_strategies import OTHERS
from test_diff import diff
from test_diff_drawn import accepted
from test_revision import git, repository
from torch import Tensor

import specc
from specc.compiler.diff.migrate import migrate
from specc.compiler.diff.migration import NotCarriedError
from specc.interface import checked_spec
from specc.loading import import_package

__all__ = ["repository"]
ROOT = Path(__file__).parent.parent
Tree = dict[str, Any]
SPEC = """\
[model]
name = "Net"
inputs.x = ["batch", 8]
layers = [
  { name = "stem", type = "Linear", out_features = 8 },
  "Tanh",
  { name = "stage", layers = [{ type = "Linear", out_features = 8 }, "ReLU"] },
  { name = "fc", type = "Linear", out_features = 1 },
]

[data]
type = "make_regression"
n_features = 8
random_state = 0
INPUTS

[loss]
type = "MSELoss"

[optimizer]
type = "SGD"
lr = 0.1

[training]
epochs = 1
batch_size = 16
"""
RENAMED = (
    SPEC.replace('name = "stem"', 'name = "first", renamed_from = "stem"')
    .replace('name = "stage"', 'name = "body", renamed_from = ["layer1", "stage"]')
    .replace('name = "fc"', 'name = "head", renamed_from = "fc"')
)
KINDS = {"weights": "", "weights and more": 'inputs.x = { prepare = ["standard"] }'}


def program(
    old: Tree, new: Tree, fresh: tuple[str, ...] = (), drop: tuple[str, ...] = ()
) -> dict[str, Any]:
    """What `migrate.py` defines."""
    one, other = checked_spec(old, None, ())[0], checked_spec(new, None, ())[0]
    text = migrate(one, other, comparison(old, new), "new.toml", fresh, drop)
    assert text is not None
    names: dict[str, Any] = {"__name__": "migrate"}
    exec(compile(text, "migrate.py", "exec"), names)
    return names


def model(*layers: Any, **keys: Any) -> Tree:
    return {"model": {"name": "Net", "inputs": {"x": ["batch", 8]}, "layers": [*layers], **keys}}


def linear(name: str, size: int = 8, **keys: Any) -> Tree:
    return {"name": name, "type": "Linear", "out_features": size, **keys}


@pytest.mark.filterwarnings("ignore")
@settings(
    max_examples=25, phases=(Phase.explicit, Phase.generate), suppress_health_check=[*HealthCheck]
)
@given(st.integers(0, 2**32))
def test_renamed_weights_give_the_same_outputs(seed: int) -> None:
    random = Random(seed)
    spec = accepted(random)
    new_tree = edited(spec.tree, "renamed", random)
    if new_tree is None:
        return
    old, new = Network(spec.tree), Network(new_tree)
    found = changes(spec.tree, new_tree)
    if not any(change.code == "renamed" for change in found):
        return
    weights = program(spec.tree, new_tree)["migrated"](old.module.state_dict())
    new.module.load_state_dict(weights)
    if any(change.kind in ("callers", "numerics") for change in found):
        return
    samples = [spec.sample(sizes, seed) for seed, sizes in enumerate(OTHERS)]
    for training in (False, True):
        mine, others = (outputs(one, samples, training=training) for one in (old, new))
        assert are_same(mine, others)


def test_what_is_said_counts_before_the_same_name() -> None:
    """The earlier b is gone, and a has its name."""
    old, new = model(linear("a"), linear("b")), model(linear("b", renamed_from="a"))
    before = Network(old).module.state_dict()
    with pytest.raises(NotCarriedError):
        program(old, new)
    weights = program(old, new, drop=("b.*",))["migrated"](before)
    assert torch.equal(weights["b.weight"], before["a.weight"])
    assert [*weights] == ["b.weight", "b.bias"]


def test_inside_blocks_containers_and_repeats() -> None:
    def tree(outer: Tree, inner: Tree, repeated: Tree) -> Tree:
        found = model({"layers": ["Unit", {"type": "Unit", "repeat": 2}], **outer})
        found["model"]["layers"].append({"type": "Unit", "repeat": 3, **repeated})
        return {**found, "blocks": {"Unit": {"layers": [linear("fc") | inner]}}}

    old = tree({"name": "stage"}, {}, {"name": "tail"})
    new = tree(
        {"name": "body", "renamed_from": "stage"},
        {"name": "proj", "renamed_from": ["linear", "fc"]},
        {"name": "end", "renamed_from": "tail"},
    )
    before, after = Network(old), Network(new)
    weights = program(old, new)["migrated"](before.module.state_dict())
    after.module.load_state_dict(weights)
    x = torch.randn(3, 8)
    assert torch.equal(before(x)[0], after(x)[0])
    assert torch.equal(weights["end.2.proj.bias"], before.module.state_dict()["tail.2.fc.bias"])


REFUSED: dict[str, tuple[Tree, Tree, str]] = {
    "another shape": (model(linear("fc", 3)), model(linear("fc", 5)), "fc.weight (5, 8), was (3"),
    "nothing like it": (model(linear("fc")), model(linear("fc"), linear("more")), "more.weight"),
    "no place": (model(linear("fc"), linear("more")), model(linear("fc")), "no place any more"),
    "not said": (model(linear("fc")), model(linear("head")), "say what they were called"),
    "turned": (
        model(linear("fc", 3), linear("out", 8)),
        model(linear("fc", 8), linear("out", 3)),
        "fc.weight (8, 8), was (3, 8)",
    ),
    "a tie": (
        model(linear("a", bias=False), linear("b", bias=False)),
        model(linear("a", bias=False), linear("b", bias=False), tie={"b.weight": "a.weight"}),
        "b.weight (8, 8)",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_nothing_is_guessed(name: str) -> None:
    old, new, said = REFUSED[name]
    with pytest.raises(NotCarriedError) as refused:
        program(old, new)
    assert said in str(refused.value)


def test_what_begins_anew_is_chosen() -> None:
    old, new = REFUSED["another shape"][:2]
    names = program(old, new, fresh=("fc.*",))
    before, made = Network(old).module.state_dict(), Network(new).module.state_dict()
    weights = names["migrated"](before, made)
    assert all(torch.equal(weights[name], tensor) for name, tensor in made.items())
    with pytest.raises(names["MigrationError"]):
        names["migrated"](before, before)
    with pytest.raises(names["MigrationError"]):
        names["migrated"](made, made)


def test_what_is_lost_is_chosen() -> None:
    old, new = REFUSED["no place"][:2]
    weights = program(old, new, drop=("more.*",))["migrated"](Network(old).module.state_dict())
    Network(new).module.load_state_dict(weights)
    old, new = REFUSED["a tie"][:2]
    before, after = Network(old).module.state_dict(), Network(new).module
    after.load_state_dict(program(old, new, drop=("b.weight",))["migrated"](before))
    assert torch.equal(after.state_dict()["b.weight"], before["a.weight"])


@pytest.mark.parametrize(("fresh", "drop"), [(("nothing*",), ()), ((), ("fc.weight",))])
def test_patterns_that_match_nothing(fresh: tuple[str, ...], drop: tuple[str, ...]) -> None:
    old, new = model(linear("fc")), model(linear("head", renamed_from="fc"))
    with pytest.raises(NotCarriedError, match="matches nothing"):
        program(old, new, fresh, drop)


@pytest.mark.parametrize("change", ["a further", "one less", "another shape", "no tensors"])
def test_other_weights_are_refused(change: str) -> None:
    old, new = model(linear("fc")), model(linear("head", renamed_from="fc"))
    weights: dict[str, Tensor] = dict(Network(old).module.state_dict())
    if change == "a further":
        weights["extra"] = torch.zeros(1)
    elif change == "one less":
        del weights["fc.bias"]
    elif change == "another shape":
        weights["fc.weight"] = weights["fc.weight"][:4]
    else:
        weights = {}
    names = program(old, new)
    with pytest.raises(names["MigrationError"]):
        names["migrated"](weights)


def built(text: str) -> Any:
    """The package of a spec, imported."""
    compiled = specc.compile(text, format="toml")
    return import_package(compiled.package, compiled.files)


def run(*arguments: object) -> tuple[int, str]:
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_a_kept_model_is_carried_over_in_a_repository(repository: Path, kind: str) -> None:
    """From the broken checkpoint to the model that answers as before."""
    spec = repository / "model.toml"
    spec.write_text(SPEC.replace("INPUTS", KINDS[kind]), "utf-8")
    git("add", ".")
    git("commit", "-qm", "a model")
    before = built(spec.read_text("utf-8")).Net()
    torch.save(kept(before, kind), "old.pt")
    spec.write_text(RENAMED.replace("INPUTS", KINDS[kind]), "utf-8")
    status, said = diff("model.toml")
    assert status == 1
    assert "stem is first now" in said
    new = built(spec.read_text("utf-8"))
    with pytest.raises(new.checkpoint.CheckpointError):
        new.load("old.pt")
    status, said = diff("--migrate", "migrate.py", "model.toml")
    assert (status, "migrate.py is written" in said) == (0, True), said
    assert run("migrate.py", "old.pt", "new.pt") == (0, "")
    after = new.load("new.pt")
    x = torch.randn(4, 8)
    assert torch.equal(before.eval()(x), after(x))
    carried = torch.load("new.pt", weights_only=True)
    assert kind == "weights" or carried["preparation"] == {"kept": 1}


def kept(net: Any, kind: str) -> Mapping[str, Any]:
    """A file's content, as the package keeps it."""
    weights: dict[str, Any] = net.state_dict()
    return weights if kind == "weights" else {"model": weights, "preparation": {"kept": 1}}


def test_the_program_says_what_it_cannot_read(repository: Path) -> None:
    Path("old.toml").write_text(SPEC.replace("INPUTS", ""), "utf-8")
    Path("new.toml").write_text(RENAMED.replace("INPUTS", ""), "utf-8")
    assert diff("old.toml", "new.toml", "--migrate", "migrate.py")[0] == 0
    torch.save([1, 2], "list.pt")
    torch.save({"a": torch.zeros(1)}, "other.pt")
    Path("text.pt").write_text("no weights", "utf-8")
    for file in ("absent.pt", "list.pt", "other.pt", "text.pt", "."):
        status, said = run("migrate.py", file, "new.pt")
        assert status == 2, said
        assert "Traceback" not in said
        assert not Path("new.pt").exists()


def test_the_file_is_written_with_care(repository: Path) -> None:
    Path("old.toml").write_text(SPEC.replace("INPUTS", ""), "utf-8")
    Path("new.toml").write_text(RENAMED.replace("INPUTS", ""), "utf-8")
    both = ("old.toml", "new.toml")
    assert diff("old.toml", "old.toml", "--migrate", "migrate.py")[0] == 0
    assert not Path("migrate.py").exists()
    assert diff(*both, "--migrate", "migrate.txt")[0] == 2
    assert diff(*both, "--fresh", "*")[0] == 2
    assert diff(*both, "--migrate", "nowhere/migrate.py")[0] == 2
    Path("migrate.py").write_text("mine = 1\n", "utf-8")
    assert diff(*both, "--migrate", "migrate.py")[0] == 1
    assert Path("migrate.py").read_text("utf-8") == "mine = 1\n"
    specc.build("new.toml", "package")
    files = sorted(Path("package").iterdir())
    assert diff(*both, "--migrate", "package/migrate.py")[0] == 0
    assert sorted(Path("package").iterdir()) == sorted([*files, Path("package/migrate.py")])


def test_the_program_is_formatted_clean_and_typed(tmp_path: Path) -> None:
    plain, renamed = SPEC.replace("INPUTS", ""), RENAMED.replace("INPUTS", "")
    more = KINDS["weights and more"]
    inner = '{ type = "Linear", out_features = 8 }, "ReLU"'
    anew = plain.replace('"fc", type', '"fc", bias = false, type')
    cases: dict[str, tuple[str, str, tuple[str, ...]]] = {
        "renamed": (plain, renamed, ()),
        "more": (SPEC.replace("INPUTS", more), RENAMED.replace("INPUTS", more), ()),
        "less": (plain, plain.replace(inner, '"ReLU"'), ("--drop", "stage.*")),
        "anew": (
            plain,
            anew.replace(inner, f'{inner}, "BatchNorm1d"'),
            ("--drop", "fc.bias", "--fresh", "stage.2.*"),
        ),
    }
    for name, (old, new, options) in cases.items():
        (tmp_path / "old.toml").write_text(old, "utf-8")
        (tmp_path / "new.toml").write_text(new, "utf-8")
        paths = [str(tmp_path / f"{side}.toml") for side in ("old", "new")]
        made = tmp_path / f"{name}.py"
        said = diff(*paths, "--migrate", str(made), *options)[1]
        assert made.exists(), said
    config = str(ROOT / "templates" / "runtime" / "ruff.toml")
    for command in (["check"], ["format", "--check"]):
        status, said = run("-m", "ruff", *command, "--config", config, tmp_path)
        assert status == 0, said
    for name in cases:
        status, said = run("-m", "mypy", "--strict", tmp_path / f"{name}.py")
        assert status == 0, said
