"""How long the specs of the zoo and their generated models are, against the same written by hand.

    python benchmarks/zoo_length.py

Lines of code: blank lines, comments and docstrings do not count. What is written by hand is laid
out by ruff at 88 columns, as generated models are. Since lines of a spec may be longer than lines
of Python, their characters are compared as well, spaces left out.
"""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import tokenize
from pathlib import Path
from statistics import median

import specc

ROOT = Path(__file__).parent.parent
SPECS = {path.stem: path for path in sorted((ROOT / "examples" / "zoo").glob("*.toml"))}
BY_HAND = {name: ROOT / "tests" / "reference" / "zoo" / f"{name}.py" for name in SPECS}
SPECS["resnet18"] = ROOT / "examples" / "resnet18.toml"
BY_HAND["resnet18"] = ROOT / "tests" / "reference" / "resnet.py"
_LAYOUT = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)


def python_lines(source: str) -> list[str]:
    """The lines of Python that are neither blank nor comments nor docstrings."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    used = {
        number
        for token in tokens
        if token.type not in _LAYOUT
        for number in range(token.start[0], token.end[0] + 1)
    }
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                used -= {*range(first.lineno, (first.end_lineno or first.lineno) + 1)}
    return [line for number, line in enumerate(source.splitlines(), 1) if number in used]


def laid_out(source: str) -> str:
    """The source as ruff formats it, at the width of generated models."""
    command = [sys.executable, "-m", "ruff", "format", "--line-length", "88", "-"]
    return subprocess.run(command, input=source, capture_output=True, text=True, check=True).stdout


def spec_lines(source: str) -> list[str]:
    """The lines of a spec that are neither blank nor comments."""
    lines = (line.strip() for line in source.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def characters(lines: list[str]) -> int:
    """How many there are, spaces left out."""
    return sum(len("".join(line.split())) for line in lines)


def main() -> None:
    """Prints the ratios for each network, and their medians."""
    rows: list[tuple[float, float, float]] = []
    print(f"{'':24} {'spec':>5} {'hand':>5} {'model':>6}   spec/hand  by characters  model/hand")
    for name, path in sorted(SPECS.items()):
        spec = spec_lines(path.read_text("utf-8"))
        hand = python_lines(laid_out(BY_HAND[name].read_text("utf-8")))
        model = python_lines(specc.compile(path).files["model.py"])
        row = (
            len(spec) / len(hand),
            characters(spec) / characters(hand),
            len(model) / len(hand),
        )
        rows.append(row)
        counts = f"{len(spec):5} {len(hand):5} {len(model):6}"
        print(f"{name:24} {counts}   {row[0]:9.2f}  {row[1]:13.2f}  {row[2]:10.2f}")
    middle = [median(column) for column in zip(*rows, strict=True)]
    most = [max(column) for column in zip(*rows, strict=True)]
    for word, (lines, text, model_lines) in (("median", middle), ("most", most)):
        print(f"{word:24} {'':18}   {lines:9.2f}  {text:13.2f}  {model_lines:10.2f}")


if __name__ == "__main__":
    main()
