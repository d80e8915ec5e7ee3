"""Any sound spec compiles to the network that it describes; the interpreter says which that is."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from pprint import pformat
from random import Random, SystemRandom
from typing import Any

import pytest
import torch
from spec_holds import holds
from spec_smaller import smallest
from spec_statistics import accepted, drawn_specs, features
from spec_strategies import Drawn, drawn_spec

import specc

ROOT = Path(__file__).parent.parent
RUFF = ROOT / "templates" / "runtime" / "ruff.toml"
STYLE = "RET504,N812,N806"
"""What is meant so: a typed variable before return, torch's F, and the names of the spec."""
FIRST = SystemRandom().getrandbits(32) if os.environ.get("HYPOTHESIS_RANDOM") else 0
CHUNK, FEW, MANY = 25, 75, 2000
"""How many seeds a test takes, how many are tried soon, and how many in all."""

EXPECTED = (
    *("several inputs", "several outputs", "model params", "block params", "block inputs"),
    *("block", "block in a block", "block in a container", "container in a container"),
    *("own Parameter", "own Buffer", "repeat of module", "repeat of block", "repeat of container"),
    *("shared of module", "when of module", "when of container", "inputs of block", "grad"),
    *("sequential block", "module param", "optional input", "block as a function", "template"),
    *("recompute of module", "training alone", "call of module", "unpacked names"),
    *("reading inside", "index", "2 blocks", "3 blocks"),
)
"""What a hundred drawn specs show."""


def check(first: int) -> None:
    """Holds the specs of a chunk of seeds to the promises; tells of one that fails the smallest
    one that fails likewise."""
    seeds = range(FIRST + first, FIRST + first + CHUNK)
    drawn = {seed: spec for seed in seeds if (spec := drawn_spec(Random(seed)))}
    failed = [seed for seed, spec in drawn.items() if failure(spec)]
    if not failed:
        return
    spec = drawn[failed[0]]
    kind = kind_of(failure(spec))
    small = smallest(spec, lambda other: kind_of(failure(other)) == kind)
    said = pformat(small.tree, sort_dicts=False)
    raise AssertionError(f"the seeds {failed}; the first one:\n{said}\n{failure(small)}")


def failure(spec: Drawn) -> Exception | None:
    """How a spec fails, if it does: whatever was tried before it."""
    torch.manual_seed(0)
    try:
        holds(spec)
    except Exception as error:
        return error
    return None


def kind_of(error: Exception | None) -> tuple[type, str]:
    """What failures have in common: their type, and the code of a problem."""
    code = re.search(r"error\[[a-z-]+\]", str(error)[:300])
    return type(error), code[0] if code else ""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("first", range(0, FEW, CHUNK))
def test_sound_specs_become_the_networks_they_describe(first: int) -> None:
    check(first)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("first", range(FEW, MANY, CHUNK))
def test_many_sound_specs_become_the_networks_they_describe(first: int) -> None:
    check(first)


def test_toml_and_json_mean_the_same() -> None:
    for spec in accepted(20):
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


def test_most_drawn_specs_are_accepted_and_show_much() -> None:
    assert len(accepted(150)) > 0.85 * 150
    shown = Counter(name for spec in drawn_specs(150) for name in features(spec))
    assert all(shown[name] for name in EXPECTED), shown


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
    trees = json.dumps([spec.tree for spec in accepted(15)])
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
    for number, spec in enumerate(accepted(count)):
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
