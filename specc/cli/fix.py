"""`specc check --fix` and `specc check --diff`"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from ..compiler.write import WriteError, rewrite, unified
from ..fix import Texts, fixed
from ..render import as_fixed
from ..spec.diagnostic import Diagnostic
from .common import STDIN, fail, read_spec


def fix(
    file: str, settings: Sequence[str], only_diff: bool
) -> tuple[Sequence[Diagnostic], Mapping[str, str], bool]:
    """Mends a spec and what it includes, or shows how.

    Gives the problems that are left, with their texts, and whether there was anything to mend.
    Raises `Stop` where a file can't be read, or written.
    """
    # Standard input is read but once.
    kept: dict[str, str] = {}

    def check(edited: Texts) -> tuple[Sequence[Diagnostic], Texts]:
        read = read_spec(file, settings, {**kept, **edited})
        kept.update({name: text for name, text in read.texts.items() if name == STDIN})
        return read.diagnostics, read.texts

    result = fixed(check)
    for name, text in result.after.items():
        if only_diff:
            click.echo(unified(Path(name).as_posix(), result.before[name], text), nl=False)
            continue
        try:
            rewrite(Path(name), result.before[name], text)
        except WriteError as error:
            fail(str(error))
    for problem, texts in () if only_diff else result.made:
        click.echo(as_fixed(problem, texts), err=True, nl=False)
    return *result.left, bool(result.after)
