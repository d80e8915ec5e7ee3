"""`specc summary FILE`"""

from __future__ import annotations

import json
import re
from typing import Final

import click

from .common import checked_or_stop, file_argument, read_spec, set_option

_NUMBER: Final = re.compile("[0-9]{1,18}")


@click.command(name="summary")
@file_argument
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("--at", metavar="SIZE=N,…", help="Sizes to compute with: batch=32,height=224.")
@set_option
def command(file: str, form: str, at: str | None, settings: tuple[str, ...]) -> None:
    """Show layers, shapes, parameters and cost."""
    from ..compiler.compile import data_summary
    from ..compiler.elaborate.summarize import rows, summarize

    sizes = _sizes(at)
    checked, _ = checked_or_stop(read_spec(file, settings))
    unknown = set(sizes) - set(checked.graph.model.sizes)
    if unknown:
        known = ", ".join(checked.graph.model.sizes) or "none"
        raise click.BadParameter(f"{', '.join(sorted(unknown))}: the model's sizes are {known}")
    summary = summarize(checked.typed, sizes) | data_summary(checked)
    if form == "json":
        click.echo(json.dumps(summary, indent=2))
        return
    from ..table import as_table

    click.echo(as_table(summary, rows(checked.typed, sizes)))


def _sizes(text: str | None) -> dict[str, int]:
    sizes = {}
    for part in (text or "").split(",") if text else []:
        name, _, number = part.partition("=")
        if not _NUMBER.fullmatch(number.strip()):
            raise click.BadParameter(f"{part!r} is not of the form size=number", param_hint="--at")
        sizes[name.strip()] = int(number)
    return sizes
