"""`specc verify FILE`"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from .common import checked_or_stop, fail, file_argument, read_spec, set_option, use_color
from .errors import Stop

if TYPE_CHECKING:
    from ..verify.finding import Finding

_MARKS = {"passed": ("ok", "green"), "failed": ("FAILED", "red"), "skipped": ("-", "yellow")}


@click.command(name="verify")
@file_argument
@click.option(
    "--against",
    metavar="MODULE:NAME",
    help="Prove equality with a module of yours: a class, or a function that makes one.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@set_option
def command(file: str, against: str | None, form: str, settings: tuple[str, ...]) -> None:
    """Prove what a spec promises on the installed torch."""
    checked, document = checked_or_stop(read_spec(file, settings))
    try:
        import torch  # noqa: F401
    except ImportError:
        fail("verify needs torch: pip install torch")
    from ..verify.verify import verify

    name = os.path.basename(file) if file != "-" else "<stdin>"
    found = verify(checked, document, name, against)
    findings = list(found) if form == "json" else list(_told(found))
    if form == "json":
        click.echo(json.dumps({"findings": [finding.as_json() for finding in findings]}, indent=2))
    if any(finding.verdict == "failed" for finding in findings):
        raise Stop(1)


def _told(findings: Iterable[Finding]) -> Iterable[Finding]:
    """The findings, each printed when it is there."""
    color = use_color(sys.stdout)
    for finding in findings:
        mark, hue = _MARKS[finding.verdict]
        styled = click.style(f"{mark:6}", fg=hue if color else None)
        click.echo(f"{styled}  {finding.examination:12}  {finding.says}")
        for detail in finding.details:
            click.echo(f"{'':22}{detail}")
        yield finding
