"""The distribution: complete, nothing generic in it, and at work where nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
PROJECT: Mapping[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SETUPTOOLS: Mapping[str, Any] = PROJECT["tool"]["setuptools"]
FOLDERS = ("specc", "spec", "compiler", "templates", "examples")
"""The top-level folders that are installed."""


def installed_name(path: Path) -> str:
    """The package of a folder below the project's root."""
    name = ".".join(path.relative_to(ROOT).parts)
    return name if name.split(".")[0] == "specc" else f"specc.{name}"


def expected_files() -> set[str]:
    """Each file that must be installed, relative to site-packages."""
    found = {"specc/py.typed"}
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            is_code = path.suffix in (".py", ".jinja")
            is_example = folder == "examples" and path.name in shipped_examples()
            is_page = path.parent == ROOT / "specc" / "codes"
            if is_code or is_example or is_page:
                found.add(f"{installed_name(path.parent).replace('.', '/')}/{path.name}")
    return found


def shipped_examples() -> set[str]:
    from specc.cli.init import EXAMPLES

    return set(EXAMPLES.values())


def test_every_folder_with_code_is_listed() -> None:
    with_code = {
        installed_name(path.parent)
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        # Its modules are data: they are copied, not imported.
        if path.parent != ROOT / "templates" / "runtime"
    }
    assert set(SETUPTOOLS["packages"]) == with_code


def test_every_package_is_more_than_a_folder() -> None:
    """Without an `__init__.py` an editable install would not find it."""
    places = SETUPTOOLS["package-dir"]
    for package in SETUPTOOLS["packages"]:
        top = max((p for p in places if f"{package}.".startswith(f"{p}.")), key=len)
        inner = package.removeprefix(top).strip(".").replace(".", "/")
        assert (ROOT / places[top] / inner / "__init__.py").is_file(), package


def test_the_base_needs_four_libraries() -> None:
    names = {requirement.split(">")[0] for requirement in PROJECT["project"]["dependencies"]}
    assert names == {"pydantic", "jinja2", "click", "tomli"}


def test_one_torch_everywhere() -> None:
    """The Makefile names the torch that the tests run with."""
    [asked] = [p for p in PROJECT["dependency-groups"]["dev"] if p.startswith("torch==")]
    assert f" {asked} " in (ROOT / "Makefile").read_text("utf-8")


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an sdist, and with the wheel that is built from it."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    # A copy, since a build leaves its folders behind.
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(source)]
    run(build, cwd=out)
    return out


def run(command: list[str], cwd: Path, **environment: str) -> str:
    """Standard output. The environment tells Python nothing of other folders."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV", "VIRTUAL"))}
    result = subprocess.run(
        command, cwd=cwd, env=clean | environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]
    return result.stdout


def test_the_wheel_is_complete(distributions: Path) -> None:
    [wheel] = distributions.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
    about = {name for name in names if name.split("/")[0].endswith(".dist-info")}
    assert {name.split("/")[0] for name in names - about} == {"specc"}
    assert names - about == expected_files()
    assert any(name.endswith("/LICENSE") for name in about)
    assert any(name.startswith("specc/templates/runtime/") for name in names)
    assert any(name.endswith(".jinja") for name in names)


def test_the_sdist_is_complete(distributions: Path) -> None:
    """The wheel was built from it, so that what the wheel has need not be looked for."""
    [sdist] = distributions.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE"} <= names
    assert not any(name.startswith((".venv", ".git/", "generated")) for name in names)


@pytest.mark.slow
def test_the_wheel_works_where_nothing_else_is(distributions: Path, tmp_path: Path) -> None:
    """A fresh environment that sees the libraries, but not this project's folders."""
    venv.create(tmp_path / "venv", with_pip=True, symlinks=os.name != "nt")
    scripts = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    python = str(scripts / "python")
    [wheel] = distributions.glob("*.whl")
    run([python, "-m", "pip", "install", "--no-deps", "--no-index", str(wheel)], tmp_path)
    # PYTHONPATH adds the libraries' folder without its .pth files, so without the editable install.
    libraries = {"PYTHONPATH": sysconfig.get_path("purelib")}
    where = [python, "-c", "import specc, specc.compiler as c; print(specc.__file__, c.__file__)"]
    assert run(where, tmp_path, **libraries).count(str(tmp_path)) == 2

    specc = str(scripts / "specc")
    for example, package in (("classifier", "network"), ("digits", "digits")):
        run([specc, "init", "--example", example], tmp_path, **libraries)
        run([specc, "check", "model.toml"], tmp_path, **libraries)
        run([specc, "build", "model.toml"], tmp_path, **libraries)
        run([specc, "build", "--check", "model.toml"], tmp_path, **libraries)
        assert (tmp_path / "generated" / package / "model.py").is_file()
        (tmp_path / "model.toml").unlink()
