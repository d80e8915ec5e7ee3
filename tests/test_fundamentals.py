"""The page on the fundamentals is true: its specs, its code, what is printed, its pictures.

The first line of a code block says what it is:

- `toml FILE`: the whole file. `toml lines FILE`, `python generated/…`: lines of that file.
- `python FILE`: a program, which the commands call by that name.
- `pycon`: a session, and what it shows; all of the page are one, after the commands.
- `text`: commands, each after `$ `, and what they say on standard output.

`python tests/test_fundamentals.py` writes the pictures, and what commands say, into the page.
"""

from __future__ import annotations

import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from test_docs import DOCS, ROOT, Fence, fences

PAGE = DOCS / "fundamentals.md"
PICTURES = DOCS / "pictures"
FENCES = list(fences("docs/fundamentals.md"))
SHOWN = re.findall(r"!\[[^]]+\]\(pictures/(.+?)\)", PAGE.read_text("utf-8"))
NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")


def is_excerpt(fence: Fence) -> bool:
    return "lines" in fence.words or fence.words[-1].startswith("generated/")


def commands(fence: Fence) -> list[str]:
    """The commands of a block, each with what it is shown to say."""
    return re.split(r"^\$ ", fence.text, flags=re.MULTILINE)[1:]


def run(command: str, folder: Path) -> str:
    """What a command says on standard output, with this Python's programs first in the path."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=os.environ | {"PATH": path, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def prepared(folder: Path) -> Path:
    """The folder with all that the page takes for given."""
    shutil.copytree(ROOT / "examples", folder / "examples")
    for fence in FENCES:
        if fence.words[0] == "python" and not is_excerpt(fence):
            (folder / fence.words[1]).write_text(fence.text, "utf-8")
    return folder


@pytest.mark.parametrize("fence", FENCES, ids=str)
def test_what_is_quoted_stands_in_the_file(fence: Fence) -> None:
    if fence.words[0] == "toml" or is_excerpt(fence):
        text = (ROOT / fence.words[-1]).read_text("utf-8")
        assert fence.text in text if is_excerpt(fence) else fence.text == text
    else:
        assert fence.words[0] in ("python", "pycon", "text")


def test_specs_of_both_regressions_differ_in_name_and_loss() -> None:
    one, other = (
        (ROOT / "examples" / name).read_text("utf-8").splitlines()[1:]
        for name in ("regression.toml", "quartic_regression.toml")
    )
    assert [line.split(" = ")[0] for line, its in zip(one, other, strict=True) if line != its] == [
        "name",
        "type",
    ]


def test_pictures_are_small() -> None:
    found = {str(path.relative_to(PICTURES)): path for path in PICTURES.rglob("*.png")}
    assert found.keys() == set(SHOWN)
    assert sum(path.stat().st_size for path in found.values()) < 150_000


@pytest.mark.slow
def test_the_page_runs_and_says_what_is_shown(tmp_path: Path) -> None:
    folder = prepared(tmp_path)
    for fence in FENCES:
        for told in commands(fence) if fence.words[0] == "text" else ():
            command, _, shown = told.partition("\n")
            said = run(command, folder)
            assert NUMBER.sub("#", said) == NUMBER.sub("#", shown), command
            numbers = zip(NUMBER.findall(said), NUMBER.findall(shown), strict=True)
            for found, expected in numbers:
                assert math.isclose(float(found), float(expected), rel_tol=1e-3), command
    session = "\n".join(fence.text for fence in FENCES if fence.words == ("pycon",))
    (folder / "session.txt").write_text(session, "utf-8")
    run(f"{sys.executable} -m doctest -o ELLIPSIS session.txt", folder)
    for picture in SHOWN:
        assert (folder / "runs" / picture).stat().st_size > 0


def write() -> None:
    """Run the page; write its pictures, in few colours, and what its commands say."""
    from PIL import Image

    text = PAGE.read_text("utf-8")
    with tempfile.TemporaryDirectory() as name:
        folder = prepared(Path(name))
        for fence in FENCES:
            for told in commands(fence) if fence.words[0] == "text" else ():
                command = told.partition("\n")[0]
                text = text.replace(f"$ {told}", f"$ {command}\n{run(command, folder)}")
        shutil.rmtree(PICTURES, ignore_errors=True)
        for picture in SHOWN:
            image = Image.open(folder / "runs" / picture).convert("RGB").quantize(24)
            (PICTURES / picture).parent.mkdir(parents=True, exist_ok=True)
            image.save(PICTURES / picture, optimize=True)
    PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    write()
