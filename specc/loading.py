"""Imports a package that exists only as texts."""

from __future__ import annotations

import atexit
import importlib.util
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType


def import_package(name: str, files: Mapping[str, str]) -> ModuleType:
    """The package as a module of its own, whatever else is called so."""
    holder = tempfile.TemporaryDirectory(prefix="specc-")
    atexit.register(holder.cleanup)
    folder = Path(holder.name) / name
    folder.mkdir()
    for path, text in files.items():
        (folder / path).write_text(text, "utf-8", newline="\n")
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"the package {name} has no __init__.py")
    module = importlib.util.module_from_spec(spec)
    # Its own modules import each other through this name.
    for known in [key for key in sys.modules if key == name or key.startswith(f"{name}.")]:
        del sys.modules[known]
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
