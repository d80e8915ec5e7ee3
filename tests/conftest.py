"""Settings of all tests."""

from __future__ import annotations

import os

from hypothesis import settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

# Tests run in several processes: more threads in each would only get in each other's way.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shared machine stalls now and then, which says nothing about the code.
# The same examples on each run, so that a run says something of the change and not of the dice;
# HYPOTHESIS_RANDOM=1 draws others, to find what nobody has thought of.
settings.register_profile(
    "calm",
    deadline=None,
    derandomize=not os.environ.get("HYPOTHESIS_RANDOM"),
    print_blob=bool(os.environ.get("CI")),
)
settings.load_profile("calm")

# Hypothesis draws constants of the modules that happen to be imported, too: what it draws would
# hang on the tests that ran before in the same process, and on the folder of the repository.
if not os.environ.get("HYPOTHESIS_RANDOM"):
    providers._get_local_constants = Constants
