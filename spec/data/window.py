"""`window`: rows that are stretches of a text or a series."""

from ..fields import Formula
from ..model import Section


class WindowTable(Section):
    """How many tokens a window has, and how far apart windows begin.

    stride: left out, as many as a window has, so that each token is visited once an epoch.
    """

    length: Formula
    stride: Formula = 0
