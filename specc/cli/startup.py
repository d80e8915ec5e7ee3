"""Imported before all else, for what makes a command answer sooner.

Nothing here changes what it answers.
"""

from __future__ import annotations

import gc
import sys
from types import ModuleType

# A command lives too briefly for its garbage to matter.
gc.set_threshold(200_000)

# When its first class is made, pydantic looks through all installed distributions for plugins, and
# imports a third of the standard library for that. A command has no use for plugins.
_loader = ModuleType("pydantic.plugin._loader")
_loader.get_plugins = lambda: ()  # type: ignore[attr-defined]
sys.modules.setdefault(_loader.__name__, _loader)
