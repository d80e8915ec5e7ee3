"""Diagnostics as text for a reader, and in the forms that other programs read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .snippet import Mark, Row, excerpt, visible, visible_lines
from .spec.diagnostic import Diagnostic, Fix, Label, Span, in_reading_order
from .spec.source import line_and_column

_RESET = "\x1b[0m"
_BOLD = "\x1b[1m"
_RED = "\x1b[1;31m"
_YELLOW = "\x1b[1;33m"
_BLUE = "\x1b[1;34m"
_CYAN = "\x1b[1;36m"
_LONGEST_QUOTE = 60
_ANNOTATIONS = 10
_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_text(
    diagnostics: Iterable[Diagnostic], texts: Mapping[str, str], *, color: bool = False
) -> str:
    """Each problem with its source line underlined, its labels, help and fix.

    texts: each file's text by its name; of other files no line is shown.
    Lines and columns count from 1, in code points. Ends in a newline unless there is no problem.
    """
    blocks = [_block(problem, texts, color) for problem in in_reading_order(diagnostics)]
    return "\n".join("\n".join(block) + "\n" for block in blocks)


def _block(problem: Diagnostic, texts: Mapping[str, str], color: bool) -> list[str]:
    tint = _RED if problem.severity == "error" else _YELLOW
    severity = _painted(f"{problem.severity}[{problem.code}]", tint, color)
    place = place_text(problem.span, texts) or visible(problem.where)
    lines = visible_lines(problem.message)
    head = f"{_painted(place + ':', _BOLD, color)} " if place else ""
    block = [f"{head}{severity}: {_painted(lines[0], _BOLD, color)}"]
    block += [f"  {line}" for line in lines[1:]]
    sections = _sections(problem, texts)
    numbers = [row.line for _, rows in sections for row in rows if row.line]
    margin = len(str(max(numbers, default=0)))
    for place, rows in sections:
        if place:
            block.append(_painted(" " * margin + "--> ", _BLUE, color) + place)
        block.append(_painted(" " * margin + " |", _BLUE, color))
        block += [_row(row, margin, tint, color) for row in rows]
    for word, text in _advice(problem, texts):
        gutter = _painted(" " * margin + " = ", _BLUE, color)
        first, *rest = visible_lines(text)
        block.append(f"{gutter}{_painted(word + ':', _CYAN, color)} {first}")
        block += [" " * (margin + 5 + len(word)) + line for line in rest]
    return block


def _sections(problem: Diagnostic, texts: Mapping[str, str]) -> list[tuple[str, list[Row]]]:
    """The excerpts of each file that the problem touches, its own first and without a heading."""
    marks: dict[str, list[Mark]] = {}
    if problem.span:
        marks[problem.span.file] = [Mark(problem.span, "", primary=True)]
    for label in problem.labels:
        marks.setdefault(label.span.file, []).append(Mark(label.span, label.message, primary=False))
    sections = []
    for file, its_marks in marks.items():
        if file not in texts:
            continue
        is_own = problem.span is not None and file == problem.span.file
        heading = "" if is_own else place_text(its_marks[0].span, texts)
        sections.append((heading, excerpt(texts[file], its_marks)))
    return sections


def _row(row: Row, margin: int, tint: str, color: bool) -> str:
    if row.kind == "gap":
        return _painted("." * 3, _BLUE, color)
    number = str(row.line or "").rjust(margin)
    text = row.text
    if row.kind != "source":
        text = _painted(text, tint if row.kind == "primary" else _BLUE, color)
    return f"{_painted(f'{number} |', _BLUE, color)} {text}".rstrip()


def _advice(problem: Diagnostic, texts: Mapping[str, str]) -> list[tuple[str, str]]:
    """What stands below the excerpts, by its heading."""
    unseen = [label for label in problem.labels if label.span.file not in texts]
    advice = [("note", f"{label.span.file}: {label.message}") for label in unseen]
    if problem.help:
        advice.append(("help", problem.help))
    if problem.fix:
        advice.append(("fix", _fix_in_words(problem.fix, problem.span, texts)))
    return advice


def as_fixed(problem: Diagnostic, texts: Mapping[str, str]) -> str:
    """A line that says where and how a problem was mended by its fix."""
    assert problem.fix is not None
    words = _edit_in_words(problem.fix, texts, past=True)
    return f"{place_text(problem.fix.span, texts)}: fixed[{problem.code}]: {words}\n"


def _fix_in_words(fix: Fix, at: Span | None, texts: Mapping[str, str]) -> str:
    words = _edit_in_words(fix, texts)
    return words if fix.span == at else f"{words} at {place_text(fix.span, texts)}"


def _edit_in_words(fix: Fix, texts: Mapping[str, str], *, past: bool = False) -> str:
    old = texts.get(fix.span.file, "")[fix.span.start : fix.span.end]
    if not fix.text:
        return f"remove{'d' * past} {_quoted(old)}"
    if fix.span.start == fix.span.end:
        return f"insert{'ed' * past} {_quoted(fix.text)}"
    return f"replace{'d' * past} {_quoted(old)} with {_quoted(fix.text)}"


def _quoted(text: str) -> str:
    short = text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "…"
    return "`" + short.replace("\n", "\\n") + "`"


def place_text(span: Span | None, texts: Mapping[str, str]) -> str:
    """A place as `model.toml:3:5`; nothing where there is none."""
    if span is None:
        return ""
    if span.file not in texts:
        return visible(span.file)
    line, column = line_and_column(texts[span.file], span.start)
    return f"{visible(span.file)}:{line}:{column}"


def _painted(text: str, style: str, color: bool) -> str:
    return f"{style}{text}{_RESET}" if color and text else text


def as_json(diagnostics: Iterable[Diagnostic], texts: Mapping[str, str]) -> str:
    """``{"diagnostics": [...]}``; a range's end is the place after its last character."""
    import json

    problems = [_json_problem(problem, texts) for problem in in_reading_order(diagnostics)]
    return json.dumps({"diagnostics": problems}, indent=2) + "\n"


def _json_problem(problem: Diagnostic, texts: Mapping[str, str]) -> dict[str, Any]:
    return {
        "code": problem.code,
        "severity": problem.severity,
        "message": _message(problem),
        **json_place(problem.span, texts),
        "labels": [
            {"message": label.message, **json_place(label.span, texts)} for label in problem.labels
        ],
        "help": problem.help,
        "fix": _json_fix(problem.fix, texts),
    }


def _message(problem: Diagnostic) -> str:
    """The message, which says where by itself if the problem has no place in a text."""
    elsewhere = problem.where and not problem.span
    return f"{problem.where}: {problem.message}" if elsewhere else problem.message


def _json_fix(fix: Fix | None, texts: Mapping[str, str]) -> dict[str, Any] | None:
    return {**json_place(fix.span, texts), "text": fix.text} if fix else None


def json_place(span: Span | None, texts: Mapping[str, str]) -> dict[str, Any]:
    """A place as a file and a range of lines and columns."""
    if span is None:
        return {"file": None, "range": None}
    return {"file": span.file, "range": _json_range(span, texts)}


def _json_range(span: Span, texts: Mapping[str, str]) -> dict[str, Any] | None:
    if span.file not in texts:
        return None
    text = texts[span.file]
    start, end = line_and_column(text, span.start), line_and_column(text, span.end)
    return {
        "start": {"line": start[0], "column": start[1]},
        "end": {"line": end[0], "column": end[1]},
    }


def as_github(diagnostics: Iterable[Diagnostic], texts: Mapping[str, str]) -> str:
    """Workflow commands of GitHub Actions: one line a problem, shown beside the changed lines.

    GitHub shows the first 10 errors and the first 10 warnings of a step, and drops the others:
    these are plain lines of the log, with a last line that says how many there are.
    """
    lines: list[str] = []
    rest: list[str] = []
    shown: Counter[str] = Counter()
    for problem in in_reading_order(diagnostics):
        shown[problem.severity] += 1
        if shown[problem.severity] <= _ANNOTATIONS:
            lines.append(_github_command(problem, texts))
        else:
            place = place_text(problem.span, texts) or visible(problem.where)
            said = visible_lines(problem.message)[0]
            # Begun so that no text of a spec can be taken for a command.
            rest.append(f"- {place}: {problem.severity}[{problem.code}]: {said}")
    if rest:
        total = shown.total()
        rest.append(f"specc: {total} problems, of which GitHub marks {len(lines)} in the files")
    return "".join(f"{line}\n" for line in (*lines, *rest))


def _github_command(problem: Diagnostic, texts: Mapping[str, str]) -> str:
    properties = {"title": f"specc {problem.code}"}
    if problem.span:
        properties = {"file": problem.span.file, **_github_range(problem.span, texts), **properties}
    message = [_message(problem)]
    message += [f"{place_text(label.span, texts)}: {label.message}" for label in problem.labels]
    message += [f"{word}: {text}" for word, text in _advice(problem, texts) if word != "note"]
    values = ",".join(f"{key}={_github_property(value)}" for key, value in properties.items())
    return f"::{problem.severity} {values}::{_github_data(chr(10).join(message))}"


def _github_range(span: Span, texts: Mapping[str, str]) -> dict[str, str]:
    """Columns are given within one line only: across lines GitHub refuses them."""
    if span.file not in texts:
        return {}
    line, column = line_and_column(texts[span.file], span.start)
    end_line, end_column = line_and_column(texts[span.file], span.end)
    if end_line > line:
        return {"line": str(line), "endLine": str(end_line)}
    return {
        "line": str(line),
        "endLine": str(line),
        "col": str(column),
        "endColumn": str(end_column),
    }


def _github_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _github_property(text: str) -> str:
    return _github_data(text).replace(":", "%3A").replace(",", "%2C")


def as_sarif(diagnostics: Iterable[Diagnostic], texts: Mapping[str, str]) -> str:
    """A log of the Static Analysis Results Interchange Format, version 2.1.0."""
    import json

    problems = in_reading_order(diagnostics)
    rules = sorted({problem.code for problem in problems})
    described = [_sarif_rule(rule, problems) for rule in rules]
    run = {
        "tool": {"driver": {"name": "specc", "rules": described}},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(problem, rules, texts) for problem in problems],
    }
    log = {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2) + "\n"


def _sarif_rule(code: str, problems: Sequence[Diagnostic]) -> dict[str, Any]:
    """What a code is about: its page, else the advice of its first problem that has any."""
    from .explain import page

    explained = page(code)
    advice = next((one.help for one in problems if one.code == code and one.help), None)
    help = {"text": advice or "Each result says what was seen and what was expected."}
    if explained is not None:
        help = {"text": explained, "markdown": explained}
    words = code.replace("-", " ").capitalize()
    return {"id": code, "shortDescription": {"text": words}, "help": help}


def _sarif_result(
    problem: Diagnostic, rules: list[str], texts: Mapping[str, str]
) -> dict[str, Any]:
    message = [_message(problem)]
    message += [f"help: {problem.help}"] if problem.help else []
    result: dict[str, Any] = {
        "ruleId": problem.code,
        "ruleIndex": rules.index(problem.code),
        "level": problem.severity,
        "message": {"text": "\n".join(message)},
        "locations": [_sarif_location(problem.span, texts)] if problem.span else [],
    }
    if problem.labels:
        result["relatedLocations"] = [_sarif_label(label, texts) for label in problem.labels]
    if problem.fix and problem.fix.span.file in texts:
        result["fixes"] = [_sarif_fix(problem.fix, texts)]
    return result


def _sarif_location(span: Span, texts: Mapping[str, str]) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(span.file)}}
    if span.file in texts:
        place["region"] = _sarif_region(span, texts)
    return {"physicalLocation": place}


def _sarif_label(label: Label, texts: Mapping[str, str]) -> dict[str, Any]:
    return {**_sarif_location(label.span, texts), "message": {"text": label.message}}


def _sarif_fix(fix: Fix, texts: Mapping[str, str]) -> dict[str, Any]:
    replacement = {
        "deletedRegion": _sarif_region(fix.span, texts),
        "insertedContent": {"text": fix.text},
    }
    artifact = {"uri": _uri(fix.span.file)}
    return {"artifactChanges": [{"artifactLocation": artifact, "replacements": [replacement]}]}


def _sarif_region(span: Span, texts: Mapping[str, str]) -> dict[str, int]:
    start = line_and_column(texts[span.file], span.start)
    end = line_and_column(texts[span.file], span.end)
    return {
        "startLine": start[0],
        "startColumn": start[1],
        "endLine": end[0],
        "endColumn": end[1],
    }


def _uri(file: str) -> str:
    from pathlib import Path
    from urllib.parse import quote

    return Path(file).as_uri() if Path(file).is_absolute() else quote(file.replace("\\", "/"))
