"""Which functions and methods torch gives no types: mypy's word, against the planner's lists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from specc.compiler.plan.nest import UNTYPED
from specc.compiler.plan.translate import UNKNOWN_CASTS, UNTYPED_METHODS
from specc.spec.ops.base import Function
from specc.spec.ops.refused import RefusedFunction
from specc.spec.registry import families, load

HEAD = "import torch\nimport torch.nn.functional as F\n\nx = torch.zeros(1)\n"


def written() -> list[str]:
    """Every function of torch and torch.nn.functional, and every method, as the code calls them."""
    found = []
    for name in sorted(families("ops")):
        function = load("ops", name)
        if not isinstance(function, Function) or isinstance(function, RefusedFunction):
            continue
        if function.namespace in ("torch", "F"):
            found.append(f"{function.namespace}.{name}")
        if function.method:
            found.append(f"x.{name.removeprefix('method_')}")
    return found


@pytest.mark.slow
def test_what_gives_no_type_is_known(tmp_path: Path) -> None:
    names = written()
    program = tmp_path / "program.py"
    program.write_text(HEAD + "".join(f"reveal_type({name})\n" for name in names), "utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", str(program)]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    first = HEAD.count("\n") + 1
    told = {int(line) - first: text for line, text in re.findall(r"py:(\d+): note: (.*)", said)}
    assert len(told) == len(names), said[:2000]
    untyped = {
        names[place]
        for place, text in told.items()
        if '"Any"' in text or re.search(r"-> Any\b", text)
    }
    known = {*UNTYPED, *(f"x.{name}" for name in (*UNTYPED_METHODS, *UNKNOWN_CASTS))}
    assert {"torch.norm", "x.split"} <= untyped <= known
