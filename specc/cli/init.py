"""`specc init [NAME]`"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Final

import click

from ..spec.names import refused_as_name, snake_case
from .common import fail
from .errors import Stop

EXAMPLES: Final = {"classifier": "network.toml", "digits": "digits.toml"}
"""What a user calls it -> its file in `specc.examples`. Those that need no file of data."""


@click.command(name="init")
@click.argument("name", required=False)
@click.option("--example", default="classifier", metavar="E", help=f"One of {', '.join(EXAMPLES)}.")
def command(name: str | None, example: str) -> None:
    """Write a first spec to start from.

    NAME is the model's, and in snake_case the file's; left out, the file is model.toml.
    """
    text = _example(example)
    if name is not None:
        text = _renamed(text, name)
    path = Path(f"{snake_case(name or 'model')}.toml")
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        click.echo(f"specc: {path} exists already, and stays as it is", err=True)
        raise Stop(1) from None
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}")
    click.echo(f"{path} is written. Next:\n  specc check {path}\n  specc run {path}")


def _example(name: str) -> str:
    if name not in EXAMPLES:
        from ..spec.registry import closest

        close = closest(name, EXAMPLES)
        hint = f" Did you mean {close}?" if close else ""
        raise click.UsageError(
            f"There is no example {name}.{hint} The examples are {', '.join(EXAMPLES)}."
        )
    package = import_module("..examples", __package__)
    return (Path(next(iter(package.__path__))) / EXAMPLES[name]).read_text("utf-8")


def _renamed(text: str, name: str) -> str:
    """The example as a spec of a model of this name. Ends the command where it can't be one."""
    from ..compiler.compile import check
    from ..spec.source import parse_toml

    refused = refused_as_name(name)
    if refused is None:
        words = name.split("_")
        # A name with capitals has its style already.
        title = name if name != name.lower() else "".join(map(str.capitalize, words))
        start = text.index('name = "') + len('name = "')
        text = text[:start] + title + text[text.index('"', start) :]
        problems = check(parse_toml(text, name))[1]
        refused = problems[0].message if problems else None
    if refused is not None:
        fail(f"{name} cannot be the model's name: {refused}")
    return text
