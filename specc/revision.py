"""Specs as they were: `git:REV` and `git:REV:PATH`, read from the repository's objects.

Only plumbing that reads is run, without a shell: nothing is checked out, no filter, driver or hook
of the repository runs, and nothing is fetched.
"""

from __future__ import annotations

import os
import posixpath
import subprocess
from typing import Final

from .spec.paths import refused_as_path, shown_path
from .spec.record import Record
from .spec.refusal import Refusal
from .spec.source import MAX_BYTES, Folder, Unreadable, decoded
from .spec.source.beneath import NO_FILE, FileId, Found, check_length, unreadable

PREFIX: Final = "git:"
_COMMAND: Final = (
    "git",
    "--no-pager",
    "--literal-pathspecs",
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "safe.bareRepository=explicit"),
)
_ENVIRONMENT: Final = {
    # No protocol is of this name: nothing is fetched, whatever a repository allows itself.
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_SECONDS: Final = 60


class Revision(Folder):
    """A folder as it was at a commit.

    inner: the same folder, from the root of the repository, with a slash behind it unless it is
        the root. around: a folder within the repository. commit: its hash.
    """

    inner: str
    around: str
    commit: str

    def name(self, path: str) -> str:
        return f"{self.path}{path}"

    def relative(self, name: str) -> str:
        return name.removeprefix(self.path)

    def id(self, name: str) -> FileId | None:
        return (self.commit, self.inner + self.relative(name))

    def read(self, path: str, limit: int) -> Found:
        place = self.inner + path
        try:
            return Found(self._blob(path, place, limit), (self.commit, place))
        except Unreadable as error:
            raise unreadable(path, str(error)) from None

    def _blob(self, path: str, place: str, limit: int) -> bytes:
        listed = _git(self.around, "ls-tree", "-z", "--full-tree", self.commit, "--", place)
        about, tab, _ = listed.partition(b"\t")
        if not tab:
            raise unreadable(path, NO_FILE)
        mode, kind, object = about.decode("ascii").split()
        if mode == "120000":
            raise unreadable(path, "this is a symbolic link")
        if kind != "blob":
            raise unreadable(path, f"this is a {'folder' if kind == 'tree' else 'submodule'}")
        check_length(path, int(_git(self.around, "cat-file", "-s", object)), limit)
        return _git(self.around, "cat-file", "blob", object)


class Was(Record):
    """A spec at a revision.

    name: what messages call it. file: its path beneath the folder.
    """

    name: str
    file: str
    folder: Revision

    def text(self) -> str:
        """What stands in it. Raises `Unreadable`."""
        try:
            data = self.folder.read(self.file, MAX_BYTES).data
        except Refusal as refusal:
            said = refusal.message.removeprefix(f"{shown_path(self.file)}: ")
            raise Unreadable(f"{self.name}: {said}") from None
        return decoded(data, self.name)


def at_revision(source: str, beside: str | None) -> Was:
    """The spec that `git:REV` or `git:REV:PATH` means. Raises `Unreadable`.

    beside: the file that is meant where there is no path; a PATH counts from the root of the
    repository, and one that begins with `./` from the current folder.
    """
    revision, colon, path = source.removeprefix(PREFIX).partition(":")
    around = "."
    if not colon:
        if beside is None:
            said = "which file is meant? Write git:REV:PATH, or give a file as the other one"
            raise Unreadable(f"{source}: {said}")
        around, path = os.path.dirname(beside) or ".", f"./{os.path.basename(beside)}"
    commit = _commit(source, revision, around)
    prefix = ""
    if path.startswith("./"):
        prefix = os.fsdecode(_git(around, "rev-parse", "--show-prefix").removesuffix(b"\n"))
        path = path.removeprefix("./")
    whole = _beneath_root(source, prefix, path)
    inner, _, file = whole.rpartition("/")
    inner = f"{inner}/" if inner else ""
    folder = Revision(f"{PREFIX}{revision}:{inner}", inner, around, commit)
    return Was(folder.name(file), file, folder)


def _beneath_root(source: str, prefix: str, path: str) -> str:
    reason = refused_as_path(path)
    whole = posixpath.normpath(prefix + path)
    if reason is None and whole.split("/")[0] == "..":
        reason = "it leads out of the repository"
    if reason is not None:
        raise Unreadable(f"{source}: {shown_path(path)} is no path here: {reason}")
    return whole


def _commit(source: str, revision: str, around: str) -> str:
    """The hash of the commit that a revision names."""
    if not revision or revision.startswith("-") or not revision.isprintable():
        said = "expected a revision behind git:, such as git:HEAD or git:v1.0"
        raise Unreadable(f"{shown_path(source)}: {said}")
    try:
        found = _git(around, "rev-parse", "--verify", f"{revision}^{{commit}}")
    except Unreadable as error:
        needed = "Needed a single revision" in str(error)
        said = "there is no such revision" if needed else str(error)
        raise Unreadable(f"{source}: {said}") from None
    return found.decode("ascii").strip()


def _git(around: str, *arguments: str) -> bytes:
    """What a command of git's plumbing prints. Raises `Unreadable` where it fails."""
    try:
        done = subprocess.run(
            [*_COMMAND, *arguments],
            cwd=around,
            env=os.environ | _ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except NotADirectoryError:
        raise Unreadable(f"{around}: this is no folder") from None
    except FileNotFoundError as error:
        missing = "there is no such folder" if error.filename == around else "git is not installed"
        raise Unreadable(f"{around}: {missing}") from None
    except (OSError, ValueError) as error:
        raise Unreadable(f"git can't be run: {error}") from None
    except subprocess.TimeoutExpired:
        raise Unreadable(f"git does not answer within {_SECONDS} seconds") from None
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
        raise Unreadable(f"git says: {said.removeprefix('fatal: ') or 'nothing'}")
    return done.stdout
