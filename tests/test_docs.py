"""What the documentation shows is true: its specs check, its mistakes are told as shown.

The first line of a code block says what it is:

- `toml`: a whole spec. `toml error`: one with problems.
- `toml entries NAMES`: entries of a model with the inputs of these names.
- `toml sections`: tables of a spec; those that are missing come from `SECTIONS`.
- `toml file NAME`, `python file NAME`: a file that lies beside every spec of the page.
- `python`: lines of a file that the spec above builds to; or, from `import specc` on, a program.
- a block that begins with `$ specc`: the command, run on the spec above, and what it says.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import tomli

import specc
from specc.spec import model
from specc.spec.data.inputs import InputColumns
from specc.spec.data.split import Split
from specc.spec.plot import Axis, Plot
from specc.spec.schema import Key, Schema
from specc.spec.training import CheckpointSettings, EarlyStopping, Freeze, Start, Training

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = {
    str(path.relative_to(ROOT)): path for path in (ROOT / "README.md", *sorted(DOCS.rglob("*.md")))
}
TOLD = ("README.md", "docs/changing.md", "docs/language.md")
"""Pages that a person wrote."""
REFERENCE = [page for page in PAGES if page.startswith(("docs/layers/", "docs/losses/"))]
FUNCTIONS = [page for page in PAGES if page.startswith("docs/functions/")]

INPUTS = {
    "x": 'inputs.x = ["batch", 8]',
    "left": 'inputs.left = ["batch", 8]',
    "right": 'inputs.right = ["batch", 8]',
    "image": 'inputs.image = ["batch", 3, "height", "width"]',
    "tokens": 'inputs.tokens = { shape = ["batch", "time"], dtype = "int64" }',
}
SECTIONS = {
    "model": """
[model]
name = "Classifier"
inputs.features = ["batch", 4]
layers = [
  { name = "hidden", type = "Linear", out_features = 16 },
  "ReLU",
  { name = "logit", type = "Linear", out_features = 1 },
]
""",
    "data": """
[data]
type = "make_classification"
n_features = 4
random_state = 0
""",
    "loss": '[loss]\ntype = "BCEWithLogitsLoss"\n',
    "optimizer": '[optimizer]\ntype = "SGD"\nlr = 0.1\n',
    "training": "[training]\nepochs = 2\nbatch_size = 10\n",
}


@dataclass(frozen=True)
class Fence:
    """A code block.

    words: what stands behind its opening quotes. line: of these, in the page.
    """

    page: str
    line: int
    words: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def command(self) -> list[str] | None:
        """The arguments of the command of specc that it shows, if any."""
        first = self.text.partition("\n")[0]
        return shlex.split(first.removeprefix("$ specc ")) if first.startswith("$ specc ") else None


def fences(page: str) -> Iterator[Fence]:
    opening: tuple[int, str] | None = None
    body: list[str] = []
    for number, line in enumerate(PAGES[page].read_text("utf-8").splitlines(), start=1):
        if not line.startswith("```"):
            body.append(line)
        elif opening is None:
            opening, body = (number, line[3:]), []
        else:
            text = "".join(f"{item}\n" for item in body)
            yield Fence(page, opening[0], tuple(opening[1].split()), text)
            opening = None
    assert opening is None, f"{page}: a block is never closed"


def spec_of(fence: Fence) -> str:
    """The whole spec that a block stands for."""
    match fence.words:
        case ("toml",) | ("toml", "error"):
            return fence.text
        case ("toml", "entries", *names):
            inputs = "\n".join(INPUTS[name] for name in names)
            return f'[model]\nname = "Net"\n{inputs}\nlayers = [\n{fence.text}]\n'
        case ("toml", "sections"):
            given = tomli.loads(fence.text)
            rest = [text for name, text in SECTIONS.items() if name not in given]
            return "\n".join([fence.text, *rest])
    raise AssertionError(f"{fence}: {' '.join(fence.words)} is no kind of block")


def with_specs(page: str) -> Iterator[tuple[Fence, Fence | None]]:
    """Each block of a page with the spec above it."""
    above: Fence | None = None
    for fence in fences(page):
        if fence.words[:1] == ("toml",) and "file" not in fence.words:
            above = fence
        yield fence, above


def written(fence: Fence, folder: Path, name: str = "model.toml") -> Path:
    """The file of the whole spec that a block stands for, with the page's files beside it."""
    folder.mkdir(exist_ok=True)
    for other in fences(fence.page):
        if other.words[1:2] == ("file",):
            (folder / other.words[2]).write_text(other.text, "utf-8")
    (folder / name).write_text(spec_of(fence), "utf-8")
    return folder / name


ALL = [pair for page in TOLD for pair in with_specs(page)]
SPECS = [fence for fence, above in ALL if fence is above]
SOUND = [fence for fence in SPECS if "error" not in fence.words]
COMMANDS = [pair for pair in ALL if pair[0].command is not None]
PYTHON = [pair for pair in ALL if pair[0].words == ("python",)]
EXCERPTS = [pair for pair in PYTHON if not pair[0].text.startswith("import specc")]
PROGRAMS = [pair for pair in PYTHON if pair[0].text.startswith("import specc")]


@pytest.mark.parametrize("fence", SOUND, ids=str)
def test_specs_build(fence: Fence, tmp_path: Path) -> None:
    assert specc.compile(written(fence, tmp_path)).files


@pytest.mark.parametrize("fence", [fence for fence in SPECS if fence not in SOUND], ids=str)
def test_mistakes_are_shown_with_what_is_said(fence: Fence) -> None:
    assert specc.check(fence.text, format="toml")
    following = next(
        other for other, _ in ALL if other.page == fence.page and other.line > fence.line
    )
    assert (following.command or [""])[0] == "check"


@pytest.mark.parametrize(("fence", "above"), COMMANDS, ids=str)
def test_commands_say_what_is_shown(fence: Fence, above: Fence | None, tmp_path: Path) -> None:
    assert above is not None
    assert fence.command is not None
    shown = fence.text.partition("\n")[2]
    *_, name = [word for word in fence.command if word.endswith(".toml")]
    path = written(above, tmp_path, name)
    if fence.page == "README.md":
        path.write_text(_with_quoted_lines(spec_of(above), shown), "utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "specc", *fence.command],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert run.stdout == shown


def _with_quoted_lines(spec: str, shown: str) -> str:
    """A spec with the lines that a report quotes in the place of its own."""
    lines = spec.splitlines()
    for number, line in re.findall(r"^ *(\d+) \| (.*)$", shown, re.MULTILINE):
        lines[int(number) - 1] = line
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize(("fence", "above"), EXCERPTS, ids=str)
def test_excerpts_stand_in_what_is_built(fence: Fence, above: Fence | None, tmp_path: Path) -> None:
    assert above is not None
    files = specc.compile(written(above, tmp_path)).files
    assert any(fence.text in text for text in files.values())


@pytest.mark.slow
@pytest.mark.parametrize(("fence", "above"), PROGRAMS, ids=str)
def test_programs_run(fence: Fence, above: Fence | None, tmp_path: Path) -> None:
    assert above is not None
    written(above, tmp_path, "network.toml")
    run = subprocess.run([sys.executable, "-c", fence.text], cwd=tmp_path, check=False)
    assert run.returncode == 0


@pytest.mark.slow
def test_packages_pass_their_own_tests(tmp_path: Path) -> None:
    for fence in SOUND:
        folder = f"{Path(fence.page).stem}_{fence.line}"
        specc.build(written(fence, tmp_path / "specs"), tmp_path / folder)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("page", REFERENCE)
def test_examples_of_layers_build_to_what_is_said(page: str) -> None:
    text = PAGES[page].read_text("utf-8")
    [fence] = fences(page)
    summary = specc.compile(fence.text, format="toml").summary
    gives = [f"({_sizes(one['shape'])}) {one['dtype']}" for one in summary["outputs"]]
    assert re.findall(r"^- gives (.*)$", text, re.M) == gives
    holds = [
        (one["name"], f"({_sizes(one['shape'])}) {one['dtype']}") for one in summary["state_dict"]
    ]
    assert re.findall(r"^- holds `(.*?)` (.*)$", text, re.M) == holds


def _sizes(shape: list[object]) -> str:
    return ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")


@pytest.mark.parametrize("page", FUNCTIONS)
def test_examples_of_functions_give_what_is_said(page: str) -> None:
    text = PAGES[page].read_text("utf-8")
    inputs = dict(re.findall(r"`(\w+)` (\(.*?\) \w+)", text.rpartition("In the examples: ")[2]))
    rows = re.findall(r"^\| `.*\| `([^`]+)` \| (.*) \|$", text, re.M)
    assert rows
    for expression, gives in rows:
        types = re.findall(r"\(.*?\) \w+", gives)
        assert _outputs(expression, inputs, len(types)) == types, expression


def _outputs(expression: str, inputs: dict[str, str], count: int) -> list[str]:
    """The types of what an expression gives, over inputs that are declared by their types."""
    names = [f"value{index}" for index in range(count)]
    layers = [
        {"name": "same", "expr": "x"},
        {"name": names if count > 1 else names[0], "expr": expression},
    ]
    declared: dict[str, object] = {"x": {"shape": ["batch", 8]}}
    for name, written in inputs.items():
        if re.search(rf"\b{name}\b", expression):
            sizes, dtype = re.findall(r"\w+", written.rpartition(" ")[0]), written.split()[-1]
            shape = [int(size) if size.isdigit() else size for size in sizes]
            declared[name] = {"shape": shape, "dtype": dtype}
    model = {"name": "Example", "inputs": declared, "layers": layers, "outputs": [*names, "same"]}
    outputs = specc.compile({"model": model}).summary["outputs"][:count]
    return [f"({_sizes(one['shape'])}) {one['dtype']}" for one in outputs]


def test_the_reference_is_fresh(tmp_path: Path) -> None:
    subprocess.run([sys.executable, DOCS / "make_reference.py", tmp_path], check=True)
    made = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.md")}
    note = b"<!-- Written by docs/make_reference.py"
    here = {path.relative_to(DOCS): path.read_bytes() for path in DOCS.rglob("*.md")}
    written = {path for path, text in here.items() if text.startswith(note)}
    assert written == made.keys()
    assert all(here[path] == text for path, text in made.items()), (
        "run python docs/make_reference.py"
    )


TABLES: tuple[type[Schema], ...] = (
    *(model.Spec, model.Model, model.Block, model.Budget, model.Input),
    *(model.ModuleEntry, model.ExpressionEntry, model.ContainerEntry, model.RecurrenceEntry),
    model.TensorEntry,
    *(InputColumns, Split, Training, CheckpointSettings, EarlyStopping, Start, Freeze, Plot, Axis),
)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_every_key_is_documented(table: type[Schema]) -> None:
    text = PAGES["docs/language.md"].read_text("utf-8")
    for name, field in table.model_fields.items():
        key = next((mark.name for mark in field.metadata if isinstance(mark, Key)), name)
        assert re.search(rf"\b{key}\b", text), key


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    prose = re.sub(r"^```.*?^```$", "", PAGES[page].read_text("utf-8"), flags=re.M | re.S)
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)", prose):
        path = PAGES[page].parent / target if target else PAGES[page]
        assert path.exists(), target
        if anchor:
            assert anchor in _anchors(path), f"{target}#{anchor}"


def _anchors(path: Path) -> set[str]:
    """What headings of a page are called in links."""
    headings = re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
