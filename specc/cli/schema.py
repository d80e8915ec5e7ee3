"""`specc schema`"""

from __future__ import annotations

import json

import click


@click.command(name="schema")
def command() -> None:
    """Print the language's JSON Schema, by which editors complete and check specs.

    A spec that begins with `#:schema ./specc.schema.json` is completed by editors that know TOML.
    """
    from ..spec.language_schema import language_schema

    click.echo(json.dumps(language_schema(), indent=1, ensure_ascii=False, allow_nan=False))
