"""`python -m fuzz`: tries random and mutated specs, and says what it found."""

from __future__ import annotations

import argparse
import os
import resource
import sys
from pathlib import Path

_MEMORY = 3 * 2**30
"""Bytes that a run may take."""


def main() -> int:
    """Runs a campaign; 1 where it found a fault."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=2_000, help="how many specs")
    parser.add_argument("--seconds", type=float, default=1e9, help="how long at most")
    parser.add_argument("--seed", type=int, default=0, help="another one draws others")
    parser.add_argument("--kept", type=Path, help="a folder of what earlier runs found")
    parser.add_argument("--torch", action="store_true", help="run what is accepted, too")
    options = parser.parse_args()
    # Of what is held: libraries reserve far more addresses than they use.
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    if not options.torch:
        # Importing it fails, whoever tries.
        sys.modules["torch"] = None  # type: ignore[assignment]
    else:
        os.environ.setdefault("OMP_NUM_THREADS", "1")
    return _campaign(options)


def _campaign(options: argparse.Namespace) -> int:
    from .campaign import Campaign, Tally

    campaign = Campaign(options.seed, options.kept)
    if options.torch:
        from .torch_oracle import run

        campaign.run = run
    tally, shown = Tally(), 0
    for tally in campaign.go(options.count, options.seconds):
        for found in tally.found[shown:]:
            print(f"\n== {found.fault.kind} (number {found.number})\n{found.fault.text}")
            print(found.text.encode("utf-8", "replace").decode(), flush=True)
        shown = len(tally.found)
        if tally.specs % 5_000 == 0:
            print(tally, flush=True)
    print(tally)
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
