"""Calls of functions: mostly legal, often at the edge, some illegal. A file holds a family."""

from importlib import import_module
from pkgutil import iter_modules

from op_calls.base import CALLS, INDEXED, Call

for _file in iter_modules(__path__):
    import_module(f"{__name__}.{_file.name}")

__all__ = ["CALLS", "INDEXED", "Call"]
