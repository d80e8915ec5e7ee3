"""How a command ends early."""

from __future__ import annotations


class Stop(Exception):
    """Ends the program with a status, everything having been said."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status
