"""What must hold of any text that is given to `check`, and of what it accepts; without torch."""

from __future__ import annotations

import ast
import re
import signal
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time
from types import FrameType
from typing import TypeVar

from specc import render
from specc.compiler.compile import Checked, package
from specc.compiler.compile import check as check_document
from specc.compiler.elaborate.summarize import summarize
from specc.compiler.gather import gather
from specc.explain import codes
from specc.spec.diagnostic import Diagnostic, SpecError
from specc.spec.source import Document, Folder, Unreadable, decoded, parse_json, parse_toml

from .corpus import tree_of
from .trees import as_json, as_toml, fits_both

T = TypeVar("T")
SECONDS = 2.0
"""Of the processor, for each command."""
_WALL = 60
_GARBAGE = re.compile(
    r"<[\w.]+ object at|<class '|Traceback|(?:Posix|Windows)Path\(|mappingproxy|"
    r"\bDim\(|Symbol\(|TensorType\(|NoneType|<function|\{\}\{|%\(\w+\)s"
)
_FIRST_LINES = 2
"""Of a generated file: they name the spec."""


class Hang(BaseException):
    """Something did not end; no `except Exception` may catch it."""


@dataclass(frozen=True)
class Fault:
    """A promise that a spec shows to be broken. kind: faults of one kind have one cause."""

    kind: str
    text: str


@dataclass
class Verdict:
    """What became of a spec.

    features: what it shows that others may not. outcome: what torch made of it, where it was run.
    """

    accepted: bool = False
    faults: list[Fault] = field(default_factory=list)
    features: set[str] = field(default_factory=set)
    seconds: float = 0.0
    outcome: str = ""
    document: Document | None = None
    checked: Checked | None = None
    files: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Ends what takes long. Raises Hang."""

    def stop(_: int, __: FrameType | None) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def fault_of(error: BaseException) -> Fault:
    """An exception that nobody should see; its kind is where it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "/fuzz/" not in f.filename or "specc-" in f.filename]
    last = own[-1] if own else frames[-1]
    kind = f"{type(error).__name__} in {Path(last.filename).name}:{last.name}"
    return Fault(kind, "".join(traceback.format_exception(error))[-4000:])


def timed(what: str, verdict: Verdict, run: Callable[[], T]) -> T:
    """What a function gives, that must not take long; a stall of the machine is no fault."""
    spent = []
    for _ in range(2):
        start = process_time()
        with limited(_WALL):
            found = run()
        spent.append(process_time() - start)
        if spent[-1] < SECONDS:
            break
    verdict.seconds += spent[0]
    if min(spent) >= SECONDS:
        verdict.faults.append(Fault(f"slow {what}", f"{what} takes {min(spent):.1f} s"))
    return found


def examine(data: bytes, format: str, folder: Path) -> Verdict:
    """Everything that is promised of a spec without torch. folder: where files lie beside it."""
    verdict = Verdict()
    try:
        _examine(data, format, folder, verdict)
    except (Exception, Hang) as error:
        verdict.faults.append(fault_of(error))
    return verdict


Read = tuple[Document | None, Checked | None, list[Diagnostic], dict[str, str]]


def _read(text: str, format: str, folder: Path) -> Read:
    """As the command line reads a file."""
    name = f"spec.{format}"
    try:
        document = (parse_json if format == "json" else parse_toml)(text, name)
    except SpecError as error:
        return None, None, error.diagnostics, {name: text}
    document, problems = gather(document.replace(folder=Folder(str(folder))), ())
    if problems:
        return document, None, problems, dict(document.texts)
    checked, problems = check_document(document)
    return document, checked, problems, dict(document.texts)


def _examine(data: bytes, format: str, folder: Path, verdict: Verdict) -> None:
    try:
        text = decoded(data, f"spec.{format}")
    except Unreadable as error:
        verdict.features.add("unreadable")
        verdict.faults += _of_words(str(error))
        return
    read = timed("check", verdict, lambda: _read(text, format, folder))
    document, checked, problems, texts = read
    for problem in problems:
        verdict.features.add(f"{problem.code} at {re.split(r'[.[]', problem.where)[0]}")
        verdict.faults += _of_problem(problem, texts)
    render.as_text(problems, texts, color=True)
    render.as_sarif(problems, texts)
    if (checked is None) != bool(problems):
        verdict.faults.append(Fault("neither sound nor refused", ""))
    if checked is None or document is None:
        _same_in_other_format(text, format, folder, problems, verdict)
        return
    verdict.accepted = True
    verdict.document, verdict.checked = document, checked
    verdict.files = timed("build", verdict, lambda: _built(checked, document))
    verdict.faults += _of_files(verdict.files)
    verdict.features |= _shown(verdict.files)
    other = _read(text, format, folder)
    if other[0] is None or other[1] is None or _built(other[1], other[0]) != verdict.files:
        verdict.faults.append(Fault("not the same bytes twice", ""))
    summary = summarize(checked.typed)
    as_json(summary)
    _same_in_other_format(text, format, folder, problems, verdict)


def _built(checked: Checked, document: Document) -> Mapping[str, str]:
    return package(checked, document, "spec", ())


def _of_words(text: str) -> Iterator[Fault]:
    found = _GARBAGE.search(text)
    if found or not text.strip():
        yield Fault(f"words of Python: {found[0] if found else 'none'}", text[:1000])
    if len(text) > 1_100:
        yield Fault("a long message", text[:1500])


def _of_problem(problem: Diagnostic, texts: Mapping[str, str]) -> Iterator[Fault]:
    """What a diagnostic must be."""
    told = f"{problem.code}: {problem.message}"
    if problem.code not in codes():
        yield Fault(f"code without a page: {problem.code}", told)
    yield from _of_words(problem.message)
    for text in (problem.help, *(label.message for label in problem.labels)):
        yield from _of_words(text) if text is not None else ()
    spans = [problem.span, *(label.span for label in problem.labels)]
    spans += [problem.fix.span] if problem.fix else []
    for span in spans:
        if span is None:
            yield Fault(f"no place: {problem.code}", told)
        elif not (span.file in texts and 0 <= span.start <= span.end <= len(texts[span.file])):
            yield Fault(f"a place outside of the file: {problem.code}", told)


def _of_files(files: Mapping[str, str]) -> Iterator[Fault]:
    for path, content in files.items():
        if not path.endswith(".py"):
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                compile(content, path, "exec")
        except (SyntaxError, ValueError, Warning) as error:
            yield Fault(f"Python refuses {path}: {type(error).__name__}", f"{error}\n{content}")


def _shown(files: Mapping[str, str]) -> set[str]:
    """What the code of a package is made of: statements, and the functions that it calls."""
    found = set()
    for path, content in files.items():
        if not path.endswith(".py") or path == "test_network.py":
            continue
        found.add(path)
        if path not in ("model.py", "train.py", "data.py"):
            continue
        for node in ast.walk(ast.parse(content)):
            found.add(f"{path}: {type(node).__name__}")
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                found.add(f"{path}: {node.func.attr}")
    return found


def _same_in_other_format(
    text: str, format: str, folder: Path, problems: list[Diagnostic], verdict: Verdict
) -> None:
    """The same tree in the other format is the same spec."""
    tree = tree_of(text, format)
    if tree is None or not fits_both(tree):
        return
    other = "toml" if format == "json" else "json"
    written = as_toml(tree) if other == "toml" else as_json(tree)
    if tree_of(written, other) != tree:
        return
    document, checked, found, _ = _read(written, other, folder)
    said = {(p.code, p.message, p.where) for p in problems}
    others = {(p.code, p.message, p.where) for p in found}
    if said != others:
        verdict.faults.append(Fault("formats differ", f"{sorted(said ^ others)}\n{written}"))
    elif checked is not None and document is not None:
        built = _built(checked, document)
        if _bodies(built) != _bodies(verdict.files):
            verdict.faults.append(Fault("formats build differently", written))


def _bodies(files: Mapping[str, str]) -> dict[str, list[str]]:
    return {path: content.split("\n")[_FIRST_LINES:] for path, content in files.items()}
