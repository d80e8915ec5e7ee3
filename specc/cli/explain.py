"""`specc explain [CODE]`"""

from __future__ import annotations

import click

from .common import fail


@click.command(name="explain")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Say what the code of a problem means, by an example.

    Without CODE, the codes that have a page.
    """
    from ..explain import codes, page

    if code is None:
        click.echo("\n".join(codes()))
        return
    found = page(code)
    if found is None:
        from ..spec.registry import closest

        close = closest(code, codes())
        fail(f"there is no page for {code}{f'; did you mean {close}?' if close else ''}")
    click.echo(found, nl=False)
