"""`specc check FILE…`"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import click

from ..spec.diagnostic import Diagnostic
from .common import files_argument, named_files, read_spec, set_option, show, use_color
from .errors import Stop


@click.command(name="check")
@files_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    help="How problems are told.",
)
@click.option("--fix", "is_fixed", is_flag=True, help="Mend in the files what is sure.")
@click.option("--diff", "only_diff", is_flag=True, help="Write nothing; show what --fix would.")
@set_option
def command(
    files: tuple[str, ...], form: str, is_fixed: bool, only_diff: bool, settings: tuple[str, ...]
) -> None:
    """Say what is wrong with specs; nothing means that each builds and runs."""
    files = named_files(files)
    if is_fixed or only_diff:
        _check_options(files, form, is_fixed, only_diff)
    diagnostics: list[Diagnostic] = []
    texts: dict[str, str] = {}
    status = 0
    for file in files:
        try:
            if is_fixed or only_diff:
                from .fix import fix

                found, its_texts, changed = fix(file, settings, only_diff)
                status = max(status, int(changed and only_diff))
            else:
                read = read_spec(file, settings)
                found, its_texts = read.diagnostics, read.texts
        except Stop as stop:
            status = max(status, stop.status)
            continue
        diagnostics += found
        texts |= its_texts
    if only_diff:
        show(diagnostics, texts)
    else:
        _tell(diagnostics, texts, form)
    if status or diagnostics:
        raise Stop(status or 1)


def _check_options(files: Sequence[str], form: str, is_fixed: bool, only_diff: bool) -> None:
    if is_fixed and only_diff:
        raise click.UsageError("--fix and --diff exclude each other")
    if is_fixed and "-" in files:
        raise click.UsageError("--fix changes files: of standard input, --diff shows the changes")
    if only_diff and form != "text":
        raise click.UsageError("--diff shows lines that change: --format is for problems")


def _tell(diagnostics: Sequence[Diagnostic], texts: Mapping[str, str], form: str) -> None:
    if form == "text" and not diagnostics:
        return
    from .. import render

    if form == "text":
        click.echo(render.as_text(diagnostics, texts, color=use_color(sys.stdout)), nl=False)
        return
    told = {"json": render.as_json, "github": render.as_github, "sarif": render.as_sarif}[form]
    click.echo(told(diagnostics, texts), nl=False)
