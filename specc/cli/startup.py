"""What makes a command answer sooner. Nothing here changes what it answers."""

from __future__ import annotations

import gc
import sys
from types import ModuleType


def start_quickly() -> None:
    """Called before anything of pydantic is imported."""
    # A command lives too briefly for its garbage to matter.
    gc.set_threshold(200_000)
    # When its first class is made, pydantic looks through all installed distributions for plugins,
    # and imports a third of the standard library for that. A command has no use for plugins.
    loader = ModuleType("pydantic.plugin._loader")
    loader.get_plugins = lambda: ()  # type: ignore[attr-defined]
    sys.modules.setdefault(loader.__name__, loader)
