"""Import what only some sources of data need."""

from importlib import import_module
from typing import Any


class LibraryError(ImportError):
    """A library that is not installed."""


def needed(module: str, extra: str) -> Any:
    """Return a module of another library.

    Args:
        extra: what installs it

    Raises:
        LibraryError: it is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        library = module.partition(".")[0]
        said = f"{library} is needed: pip install 'specc-torch[{extra}]'"
        raise LibraryError(f"{said} ({error})") from error
