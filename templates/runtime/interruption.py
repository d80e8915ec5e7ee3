"""Signals that ask a program to leave: kept until it can."""

import os
import signal
import threading
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """The first signal is noted, the second leaves at once.

    Attributes:
        asked: the signal that came
    """

    def __init__(self) -> None:
        self.asked: signal.Signals | None = None
        self.before: dict[signal.Signals, Any] = {}

    def begin(self) -> None:
        """Take note of signals from here on. Only the main thread can."""
        self.asked = None
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                # What runs in the background of a shell is to ignore some.
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self.before[number] = signal.signal(number, self._note)

    def end(self) -> None:
        """Let signals do again what they did before."""
        for number, handler in self.before.items():
            signal.signal(number, handler or signal.SIG_DFL)
        self.before.clear()

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.asked is not None:
            os._exit(128 + number)
        self.asked = signal.Signals(number)
