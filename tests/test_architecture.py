"""The layout's promises: imports point one way, torch stays away, nothing grows too long."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from hypothesis.internal.conjecture.providers import HypothesisProvider

ROOT = Path(__file__).parent.parent
FOLDERS = ("spec", "compiler", "templates", "specc")
"""In the order of their dependence: each may import those before it."""
INSTALLED = {"spec": "specc.spec", "compiler": "specc.compiler", "templates": "specc.templates"}
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 40
RUNTIME_LIBRARIES = {"torch", "numpy", "sklearn", "matplotlib", "tqdm", "pandas", "PIL"}


@dataclass(frozen=True)
class Source:
    """A Python file of the project.

    module: its name where the project is installed.
    """

    path: Path
    module: str
    tree: ast.Module
    lines: int

    @property
    def package(self) -> str:
        is_package = self.path.name == "__init__.py"
        return self.module if is_package else self.module.rpartition(".")[0]


def sources(folder: str, root: Path = ROOT) -> list[Source]:
    found = []
    for path in sorted((root / folder).rglob("*.py")):
        inner = path.relative_to(root / folder).with_suffix("").parts
        parts = [INSTALLED.get(folder, folder), *inner]
        module = ".".join(part for part in parts if part != "__init__")
        text = path.read_text("utf-8")
        found.append(Source(path, module, ast.parse(text), len(text.splitlines())))
    return found


def imports(source: Source) -> Iterator[tuple[int, str]]:
    """Line and absolute name of each import, anywhere in the file.

    `from package import name` gives `package.name`, which may be a module or something in it.
    """
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = source.package.split(".")
                above = above[: len(above) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif _is_dynamic_import(node):
            assert isinstance(node, ast.Call)
            name = node.args[0]
            if isinstance(name, ast.Constant) and not str(name.value).startswith("."):
                yield node.lineno, str(name.value)


def _is_dynamic_import(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Call) and node.args):
        return False
    called = node.func
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return name in ("import_module", "__import__")


def folder_of(module: str) -> str | None:
    """The top-level folder of one of the project's modules."""
    for folder, name in INSTALLED.items():
        if module == name or module.startswith(f"{name}."):
            return folder
    return "specc" if module.split(".")[0] == "specc" else None


def wrong_ways(source: Source) -> list[str]:
    """Imports of what must not be known."""
    own = folder_of(source.module)
    assert own is not None
    allowed = FOLDERS[: FOLDERS.index(own) + 1]
    return [
        f"{source.path}:{line}: {name}"
        for line, name in imports(source)
        if (folder := folder_of(name)) is not None and folder not in allowed
    ]


def imports_torch(source: Source) -> list[str]:
    return [
        f"{source.path}:{line}: {name}"
        for line, name in imports(source)
        if name.split(".")[0] == "torch"
    ]


def too_long(source: Source) -> list[str]:
    """The file and the functions that exceed the bounds."""
    found = []
    if source.lines > MAX_FILE_LINES:
        found.append(f"{source.path}: {source.lines} lines")
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MAX_FUNCTION_LINES:
                found.append(f"{source.path}:{node.lineno}: {node.name}: {lines} lines")
    return found


@cache
def compiled() -> list[Source]:
    """All code but what is copied into generated packages."""
    every = [source for folder in FOLDERS for source in sources(folder)]
    return [source for source in every if "runtime" not in source.path.parts]


def test_imports_point_one_way() -> None:
    found = [found for source in compiled() for found in wrong_ways(source)]
    assert not found, "\n".join(found)


def test_torch_is_imported_where_packages_are_verified_alone() -> None:
    # Of the commands, verify alone looks whether torch is there, and then imports that folder.
    allowed = {ROOT / "specc" / "cli" / "verify.py"}
    others = [
        source
        for source in compiled()
        if source.path not in allowed and "verify" not in source.path.parent.parts
    ]
    found = [found for source in others for found in imports_torch(source)]
    assert not found, "\n".join(found)


def test_runtime_modules_know_nothing_of_specc() -> None:
    """They are copied into packages that must work without it."""
    runtime = [source for source in sources("templates") if "runtime" in source.path.parts]
    assert runtime
    beside = {source.module for source in runtime}
    known = sys.stdlib_module_names | RUNTIME_LIBRARIES
    wrong = [
        f"{source.path}:{line}: {name}"
        for source in runtime
        for line, name in imports(source)
        if name.split(".")[0] not in known and beside.isdisjoint((name, name.rpartition(".")[0]))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("folder", [*FOLDERS, "benchmarks"])
def test_files_and_functions_stay_short(folder: str) -> None:
    found = [found for source in sources(folder) for found in too_long(source)]
    assert not found, "\n".join(found)


def imported_modules(source: Source, names: Iterator[tuple[int, str]]) -> Iterator[Source]:
    """The project's modules among the names that a module imports."""
    every = {other.module: other for other in compiled()}
    for _, name in names:
        found = every.get(name) or every.get(name.rpartition(".")[0])
        if found is not None and found != source:
            yield found


def cycle_in(graph: dict[str, set[str]]) -> str | None:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return " -> ".join(error.args[1])
    return None


def test_modules_have_no_import_cycles() -> None:
    graph = {
        source.module: {m.module for m in imported_modules(source, loaded_imports(source))}
        for source in compiled()
    }
    assert cycle_in(graph) is None


def test_folders_have_no_import_cycles() -> None:
    """Between folders that stand beside each other, imports inside functions included.

    A folder's own files may serve the folders in it as well as use them.
    """
    graph: dict[str, set[str]] = {}
    for source in compiled():
        own = source.package
        needed = {other.package for other in imported_modules(source, imports(source))}
        apart = {p for p in needed if not f"{p}.".startswith(f"{own}.")}
        graph.setdefault(own, set()).update(p for p in apart if not own.startswith(f"{p}."))
    assert cycle_in(graph) is None


def test_cycles_are_found() -> None:
    assert cycle_in({"a": {"b"}, "b": {"c"}, "c": {"a"}})
    assert cycle_in({"a": {"b"}, "b": {"c"}, "c": set()}) is None


def loaded_imports(source: Source) -> Iterator[tuple[int, str]]:
    """The modules that are imported when this one is, rather than by a call or a type checker."""
    body = [node for node in source.tree.body if not _is_type_checking(node)]
    top = ast.Module([node for node in body if isinstance(node, ast.Import | ast.ImportFrom)], [])
    return imports(Source(source.path, source.module, top, source.lines))


def _is_type_checking(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


IN_PROCESS = """
import json, sys, tempfile
from pathlib import Path
sys.modules["torch"] = None  # importing it fails, whoever tries
import specc
from specc.cli import specc as commands
spec = sys.argv[1]
assert specc.check(spec) == []
compiled = specc.compile(spec)
with tempfile.TemporaryDirectory() as folder:
    out = str(Path(folder) / "package")
    for arguments in (["check", spec], ["build", spec, "-o", out],
                      ["build", "--check", spec, "-o", out], ["summary", spec],
                      ["summary", "--format", "json", spec], ["diff", spec, spec]):
        commands.main(arguments, prog_name="specc", standalone_mode=False)
print(json.dumps(sorted(m for m in sys.modules if m.split(".")[0] in (
    "torch", "numpy", "sklearn", "pandas", "matplotlib"))))
"""


@pytest.mark.parametrize("spec", sorted((ROOT / "examples").glob("*.toml")), ids=lambda p: p.stem)
def test_no_command_imports_torch(spec: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", IN_PROCESS, str(spec)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    # The entry that forbids the import is there; nothing else is.
    assert json.loads(run.stdout.splitlines()[-1]) == ["torch"]


WRONG = {
    "spec/uses_compiler.py": "from ..compiler import graph\n",
    "spec/uses_compiler_late.py": "def f() -> None:\n    from specc.compiler import compile\n",
    "spec/uses_face.py": "import specc.interface\n",
    "spec/uses_all.py": "import specc\n",
    "compiler/uses_face.py": "from ..cli import main\n",
    "compiler/uses_face_too.py": "from .. import interface\n",
    "compiler/uses_face_by_name.py": 'import_module("specc.cli")\n',
}


@pytest.mark.parametrize("path", WRONG)
def test_wrong_ways_are_found(path: str, tmp_path: Path) -> None:
    (tmp_path / path).parent.mkdir()
    (tmp_path / path).write_text(WRONG[path])
    [source] = sources(path.split("/")[0], tmp_path)
    assert wrong_ways(source)


@pytest.mark.parametrize(
    "text",
    [
        "import torch",
        "import torch.nn as nn",
        "from torch import nn",
        "def f() -> None:\n    from torch.nn import functional\n",
        "import importlib\nimportlib.import_module('torch')\n",
    ],
)
def test_torch_is_found(text: str, tmp_path: Path) -> None:
    (tmp_path / "spec").mkdir()
    (tmp_path / "spec" / "wrong.py").write_text(text)
    [source] = sources("spec", tmp_path)
    assert imports_torch(source)


@pytest.mark.skipif("HYPOTHESIS_RANDOM" in os.environ, reason="any examples are wanted")
def test_what_hypothesis_draws_hangs_on_no_imported_module() -> None:
    assert not list(HypothesisProvider(None)._local_constants)
