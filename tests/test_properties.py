"""Any sound spec compiles to the network that it describes; the interpreter says which that is."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from compared import Network, assert_same, own_tests, state_of
from hypothesis import HealthCheck, Phase, given, settings
from reference_interpreter import Interpreter
from spec_strategies import OTHERS, SAMPLE, Drawn, shapes_at, specs

import specc

ROOT = Path(__file__).parent.parent
RUFF = ROOT / "templates" / "runtime" / "ruff.toml"
STYLE = "RET504,N812,N806"
"""What is meant so: a typed variable before return, torch's F, and the names of the spec."""
NO_HEALTH_CHECK = list(HealthCheck)


def drawn_specs(count: int) -> list[Drawn]:
    """Some specs, the same each time."""
    found: list[Drawn] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=NO_HEALTH_CHECK,
    )
    @given(specs())
    def draw(spec: Drawn) -> None:
        found.append(spec)

    draw()
    return found


def holds(spec: Drawn) -> None:
    """A spec's package is the network that the interpreter runs, and that the summary describes."""
    network = Network(spec.tree)
    reference = Interpreter(spec.tree, *spec.sample(SAMPLE))
    summary = network.summary
    assert state_of(network.module) == [
        (entry["name"], tuple(entry["shape"]), entry["dtype"]) for entry in summary["state_dict"]
    ]
    parameters = list(network.module.parameters())
    assert summary["parameters"] == sum(p.numel() for p in parameters)
    assert summary["trainable_parameters"] == sum(p.numel() for p in parameters if p.requires_grad)
    samples = [spec.sample(sizes, seed) for seed, sizes in enumerate(OTHERS)]
    assert_same(network, reference.root, reference, samples)
    network.module.eval()
    for sizes, sample in zip(OTHERS, samples, strict=True):
        for output, said in zip(network(*sample), summary["outputs"], strict=True):
            assert tuple(output.shape) == shapes_at(said["shape"], sizes)
            assert output.dtype == getattr(torch, said["dtype"])
    own_tests(network)


@settings(max_examples=60, deadline=None, suppress_health_check=NO_HEALTH_CHECK)
@given(specs())
def test_a_sound_spec_becomes_the_network_it_describes(spec: Drawn) -> None:
    holds(spec)


@pytest.mark.slow
@settings(max_examples=250, deadline=None, suppress_health_check=NO_HEALTH_CHECK)
@given(specs())
def test_many_sound_specs_become_the_networks_they_describe(spec: Drawn) -> None:
    holds(spec)


def test_toml_and_json_mean_the_same() -> None:
    for spec in drawn_specs(20):
        as_toml = specc.compile(toml(spec.tree), format="toml")
        as_json = specc.compile(json.dumps(spec.tree), format="json")
        for path, text in as_toml.files.items():
            # The first lines name the spec, and hash the rest.
            assert text.split("\n")[2:] == as_json.files[path].split("\n")[2:]
        assert as_toml.summary == as_json.summary


def toml(tree: Mapping[str, Any]) -> str:
    """A tree as TOML."""
    return "".join(f"{key} = {_toml(value)}\n" for key, value in tree.items())


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)


DIGEST = """
import hashlib, json, sys
import specc
digest = hashlib.sha256()
for tree in json.load(sys.stdin):
    for path, text in sorted(specc.compile(tree).files.items()):
        digest.update(f"{path}\\0{text}\\0".encode())
print(digest.hexdigest())
"""


def test_the_same_bytes_under_any_hash_seed() -> None:
    trees = json.dumps([spec.tree for spec in drawn_specs(15)])
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            input=trees,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(digests) == 1
    assert digests != {hashlib.sha256().hexdigest() + "\n"}


def packages(count: int, folder: Path) -> Path:
    """Some drawn packages, each in a folder of its own name."""
    for number, spec in enumerate(drawn_specs(count)):
        place = folder / f"net{number}"
        place.mkdir()
        for path, text in specc.compile(spec.tree).files.items():
            (place / path).write_text(text, "utf-8")
    return folder


def tool(*arguments: object) -> None:
    """Runs a module of Python that must find nothing."""
    command = [sys.executable, "-m", *map(str, arguments)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_output_is_formatted_and_clean(tmp_path: Path) -> None:
    folder = packages(60, tmp_path)
    tool("ruff", "format", "--check", "--diff", "--config", RUFF, folder)
    tool("ruff", "check", "--config", RUFF, "--ignore", STYLE, folder)


@pytest.mark.slow
def test_the_output_is_typed(tmp_path: Path) -> None:
    tool("mypy", "--strict", "--python-version", "3.11", packages(60, tmp_path))
