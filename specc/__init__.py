"""specc: declarative network descriptions, compiled to standalone PyTorch packages.

    import specc

    specc.check("model.toml")    # -> list[Diagnostic]
    specc.compile("model.toml")  # -> Compiled: .files, .summary, .diagnostics
    specc.build("model.toml", "generated/network")
    specc.load("model.toml").Network()

Nothing here imports torch but `load`, and that only for the package that it loads.
"""

from .interface import Compiled, build, check, compile, load
from .spec.diagnostic import Diagnostic, SpecError
from .spec.source import Unreadable

__all__ = ["Compiled", "Diagnostic", "SpecError", "Unreadable", "build", "check", "compile", "load"]
