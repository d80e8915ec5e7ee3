"""Strategies for arguments and inputs of layers: mostly legal, often at the edge, some illegal.

A file holds a family; each registers its cases when it is imported.
"""

from importlib import import_module
from pkgutil import iter_modules

from layer_cases.base import CASES, Case

for _file in iter_modules(__path__):
    import_module(f"{__name__}.{_file.name}")

__all__ = ["CASES", "Case"]
