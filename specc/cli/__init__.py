"""The command line: one file a command, imported when it is called."""

from __future__ import annotations

import sys
from importlib import import_module
from io import TextIOWrapper
from typing import Final

import click

from .errors import Stop

COMMANDS: Final = {
    "check": "Say what is wrong with specs.",
    "build": "Write the package of a spec.",
    "summary": "Show layers, shapes, parameters and cost.",
    "verify": "Prove what a spec promises on the installed torch.",
    "run": "Build, then train.",
    "diff": "Say what changes from one spec to another.",
    "init": "Write a first spec to start from.",
    "explain": "Say what the code of a problem means.",
    "schema": "Print the language's JSON Schema for editors.",
}


class _Lazy(click.Group):
    """Knows the commands' names and first lines without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f".{cmd_name}", __name__).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from ..spec.registry import closest

            close = closest(args[0], COMMANDS)
            hint = f" Did you mean {close}?" if close else ""
            ctx.fail(f"There is no command {args[0]}.{hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="specc-torch", prog_name="specc")
def specc() -> None:
    """Compile network descriptions to standalone PyTorch packages."""


def main() -> None:
    """The entry point. Exit status: 0 clean; 1 findings; 2 usage, unreadable input, a bug here."""
    for stream in (sys.stdout, sys.stderr):
        # What a terminal's encoding lacks is escaped rather than fatal.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        specc.main(prog_name="specc", standalone_mode=False)
    except Stop as stop:
        sys.exit(stop.status)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        # The reader went away: there is nobody left to tell.
        sys.stderr.close()
        sys.exit(1)
    except Exception as error:
        print(f"specc: internal error: {type(error).__name__}: {error}", file=sys.stderr)
        print("This is a bug in specc: please report it with the spec.", file=sys.stderr)
        sys.exit(2)
