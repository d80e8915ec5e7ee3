"""`specc check` starts nearly as fast as the libraries that it needs."""

from __future__ import annotations

import cold_start
import pytest


@pytest.mark.slow
def test_check_starts_fast() -> None:
    """In processor time, which other programs disturb little; the median of pairs run in turns."""
    assert cold_start.processor_ratio(cold_start.measure(runs=30)) <= cold_start.PROMISE
