"""`specc check FILE…`"""

from __future__ import annotations

import sys

import click

from ..spec.diagnostic import Diagnostic
from .common import read_spec, set_option, use_color
from .errors import Stop


@click.command(name="check")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path())
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    help="How problems are told.",
)
@set_option
def command(files: tuple[str, ...], form: str, settings: tuple[str, ...]) -> None:
    """Say what is wrong with specs; nothing means that each builds and runs."""
    diagnostics: list[Diagnostic] = []
    texts: dict[str, str] = {}
    unreadable = 0
    for file in files:
        try:
            read = read_spec(file, settings)
        except Stop as stop:
            unreadable = stop.status
            continue
        diagnostics += read.diagnostics
        texts |= read.texts
    _tell(diagnostics, texts, form)
    if unreadable or diagnostics:
        raise Stop(unreadable or 1)


def _tell(diagnostics: list[Diagnostic], texts: dict[str, str], form: str) -> None:
    if form == "text" and not diagnostics:
        return
    from .. import render

    if form == "text":
        click.echo(render.as_text(diagnostics, texts, color=use_color(sys.stdout)), nl=False)
        return
    told = {"json": render.as_json, "github": render.as_github, "sarif": render.as_sarif}[form]
    click.echo(told(diagnostics, texts), nl=False)
