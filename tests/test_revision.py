"""`git:REV`: specs as they were, read from a repository's objects and in no other way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from test_diff import diff

from specc import Unreadable
from specc.revision import at_revision

SPEC = """\
include = ["parts/blocks.toml"]

[model]
name = "Net"
inputs.x = ["batch", 8]
layers = [{ name = "unit", type = "Unit" }, { name = "fc", type = "Linear", out_features = 3 }]
"""
BLOCKS = """\
[blocks.Unit]
layers = [{ name = "own", type = "./own.py:Twice", output = ["x.shape[0]", "x.shape[1]"] }]
"""
OWN = """\
from torch import Tensor, nn


class Twice(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return 2 * x
"""


def git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=A", "-c", "user.email=a@b", *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a spec in a folder, in its one commit."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    git("init", "-q")
    folder = tmp_path / "nets"
    (folder / "parts").mkdir(parents=True)
    (folder / "net.toml").write_text(SPEC, "utf-8")
    (folder / "parts" / "blocks.toml").write_text(BLOCKS, "utf-8")
    (folder / "parts" / "own.py").write_text(OWN, "utf-8")
    git("add", ".")
    git("commit", "-q", "-m", "one")
    return tmp_path


def test_nothing_has_changed(repository: Path) -> None:
    told = "nets/net.toml, which was git:HEAD:nets/net.toml\n\nNothing changes for"
    for arguments in (["nets/net.toml"], ["git:HEAD", "nets/net.toml"]):
        status, said = diff(*arguments)
        assert (status, said.startswith(told)) == (0, True), said


def test_a_rename_is_found_at_its_places(repository: Path) -> None:
    Path("nets/net.toml").write_text(SPEC.replace('"fc"', '"head"'), "utf-8")
    status, said = diff("nets/net.toml")
    assert status == 1
    assert "fc is gone, and head stands in its place" in said
    assert "at nets/net.toml:6:54, was at git:HEAD:nets/net.toml:6:54" in said
    git("commit", "-qam", "two")
    assert diff("git:HEAD~1", "nets/net.toml")[0] == 1
    assert diff("git:HEAD", "nets/net.toml")[0] == 0
    assert diff("git:HEAD~1:nets/net.toml", "git:HEAD:nets/net.toml") == diff(
        "git:HEAD~1:./nets/net.toml", "git:HEAD:./nets/net.toml"
    )


@pytest.mark.parametrize("path", ["nets/parts/blocks.toml", "nets/parts/own.py"])
def test_files_that_a_spec_names_are_those_of_the_revision(repository: Path, path: str) -> None:
    text = Path(path).read_text("utf-8")
    if path.endswith(".py"):
        Path(path).write_text(text.replace("2 * x", "3 * x"), "utf-8")
    else:
        Path(path).write_text(text.replace('"own"', '"another"'), "utf-8")
    status, said = diff("nets/net.toml")
    assert status == 1
    assert "nets/net.toml" in said
    git("stash", "-q")
    assert diff("nets/net.toml")[0] == 0


def test_it_reads_from_any_folder(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = Path("nets/net.toml").resolve()
    monkeypatch.chdir(repository / "nets" / "parts")
    assert diff("git:HEAD", "../net.toml")[0] == 0
    assert diff("git:HEAD:./../net.toml", "../net.toml")[0] == 0
    assert diff("git:HEAD:nets/net.toml", str(spec))[0] == 0
    monkeypatch.chdir("/")
    assert diff(str(spec))[0] == 0
    assert diff("git:HEAD:nets/net.toml", str(spec))[0] == 2


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("git:", "expected a revision behind git:"),
        ("git:--help", "expected a revision behind git:"),
        ("git:--output=out.txt", "expected a revision behind git:"),
        ("git:-c:nets/net.toml", "expected a revision behind git:"),
        ("git:HEAD\n", "expected a revision behind git:"),
        ("git:nowhere", "there is no such revision"),
        ("git:HEAD^{tree}", "git says"),
        ("git:HEAD;touch made", "git says"),
        ("git:$(touch made)", "git says"),
        ("git:HEAD:", "it is empty"),
        ("git:HEAD:/etc/passwd", "must be relative"),
        ("git:HEAD:../out.toml", "leads out of the repository"),
        ("git:HEAD:nets/../../out.toml", "leads out of the repository"),
        ("git:HEAD:./../out.toml", "leads out of the repository"),
        ("git:HEAD:nets", "this is a folder"),
        ("git:HEAD:nets/no.toml", "there is no such file"),
        ("git:HEAD:--help", "there is no such file"),
        ("git:HEAD:nets/*.toml", "no path holds one of"),
        ("git:HEAD::(top)nets/net.toml", "must be relative"),
        ("git:HEAD:nets/parts/own.py", "expected a file that ends in"),
        ("git:HEAD:nets/link.toml", "this is a symbolic link"),
    ],
)
def test_what_cannot_be_read_says_why(repository: Path, source: str, said: str) -> None:
    (repository / "nets" / "link.toml").symlink_to("/etc/passwd")
    git("add", ".")
    git("commit", "-qm", "a link")
    before = sorted(map(str, repository.rglob("*")))
    status, text = diff(source, "nets/net.toml")
    assert status == 2
    assert said in text or (said == "git says" and "there is no such revision" in text), text
    assert text.startswith("specc: ")
    assert len(text.strip().split("\n")) == 1
    assert sorted(map(str, repository.rglob("*"))) == before


def test_an_included_link_is_not_followed(repository: Path) -> None:
    blocks = repository / "nets" / "parts" / "blocks.toml"
    blocks.unlink()
    blocks.symlink_to("../../../secret.toml")
    git("add", ".")
    git("commit", "-qm", "a link")
    status, said = diff("git:HEAD:nets/net.toml", "git:HEAD~1:nets/net.toml")
    assert status == 1
    assert "this is a symbolic link" in said


def test_both_sides_need_a_path(repository: Path) -> None:
    status, said = diff("git:HEAD", "git:HEAD")
    assert status == 2
    assert "which file is meant?" in said


def test_without_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "net.toml").write_text(SPEC, "utf-8")
    monkeypatch.chdir(tmp_path)
    status, said = diff("net.toml")
    assert status == 2
    assert "not a git repository" in said


def test_without_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository / "nowhere"))
    with pytest.raises(Unreadable, match="git is not installed"):
        at_revision("git:HEAD", "nets/net.toml")


@pytest.mark.skipif(sys.platform == "win32", reason="the traps are shell scripts")
def test_nothing_of_the_repositorys_own_runs(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Drivers, filters, monitors, hooks, pagers and helpers that its configuration names."""
    trap = repository / "trap.sh"
    sprung = repository / "sprung"
    trap.write_text(f'#!/bin/sh\necho "$0 $*" >> "{sprung}"\nexit 0\n', "utf-8")
    trap.chmod(0o755)
    for key in (
        *("core.fsmonitor", "core.pager", "core.sshCommand", "core.gitProxy", "core.editor"),
        *("diff.external", "diff.own.textconv", "diff.own.command", "filter.own.smudge"),
        *("filter.own.clean", "filter.own.process", "credential.helper", "pager.cat-file"),
        *("gpg.program", "uploadpack.packObjectsHook", "core.alternateRefsCommand"),
    ):
        git("config", key, str(trap))
    for alias in ("rev-parse", "ls-tree", "cat-file"):
        git("config", f"alias.{alias}", f"!{trap}")
    (repository / ".gitattributes").write_text("* diff=own filter=own\n", "utf-8")
    hooks = repository / ".git" / "hooks"
    for name in ("post-checkout", "post-index-change", "reference-transaction"):
        (hooks / name).write_bytes(trap.read_bytes())
        (hooks / name).chmod(0o755)
    monkeypatch.setenv("GIT_PAGER", str(trap))
    assert diff("git:HEAD", "nets/net.toml")[0] == 0
    assert not sprung.exists(), sprung.read_text("utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="the traps are shell scripts")
def test_what_is_missing_is_not_fetched(repository: Path) -> None:
    """A partial clone names where the rest comes from, and how: nothing of that runs."""
    trap, sprung = repository / "trap.sh", repository / "sprung"
    trap.write_text(f'#!/bin/sh\necho "$0 $*" >> "{sprung}"\nexit 1\n', "utf-8")
    trap.chmod(0o755)
    blob = git("rev-parse", "HEAD:nets/net.toml")
    for key, value in {
        "core.repositoryformatversion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": f"ext::{trap}",
        "remote.origin.uploadpack": str(trap),
        "protocol.ext.allow": "always",
    }.items():
        git("config", key, value)
    (repository / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    status, said = diff("git:HEAD", "nets/net.toml")
    assert status == 2, said
    assert not sprung.exists(), sprung.read_text("utf-8")
