"""How long a first `specc check` takes, against Python merely importing pydantic and jinja2.

    python benchmarks/cold_start.py [--runs N]

Each run starts both, in turns, so that what else the machine does meets both alike. Processor time
(user + system) is steadier than the clock on a machine that is shared.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

SPEC = Path(__file__).parent.parent / "examples" / "network.toml"
PROMISE = 1.5
"""`check` takes at most so many times as long as the imports alone."""


@dataclass(frozen=True)
class Cost:
    """What a process took, in seconds."""

    clock: float
    processor: float


@dataclass(frozen=True)
class Pair:
    """One run: `specc check`, and the bare imports beside it."""

    check: Cost
    imports: Cost


def commands() -> tuple[list[str], list[str]]:
    """`specc check` as a user starts it, and the bare imports."""
    specc = Path(sys.executable).parent / "specc"
    return [str(specc), "check", str(SPEC)], [sys.executable, "-c", "import pydantic, jinja2"]


def cost(command: list[str]) -> Cost:
    """Runs a command. Raises CalledProcessError where it fails."""
    return cost_of(command, environment())


def cost_of(command: list[str], env: dict[str, str], folder: Path | None = None) -> Cost:
    """Runs a command in a folder. Raises CalledProcessError where it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=env, cwd=folder)
    clock = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    user, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
    return Cost(clock, user + system)


def environment() -> dict[str, str]:
    """The user's, without what would slow Python down."""
    slow = ("PYTHONDONTWRITEBYTECODE", "PYTHONDEVMODE", "PYTHONPROFILEIMPORTTIME")
    return {key: value for key, value in os.environ.items() if key not in slow}


def measure(runs: int) -> list[Pair]:
    """Pairs of both commands, after one that fills the caches."""
    check, imports = commands()
    pairs = [Pair(cost(check), cost(imports)) for _ in range(runs + 1)]
    return pairs[1:]


def processor_ratio(pairs: list[Pair]) -> float:
    """The median over the pairs of how many times the processor time `check` takes."""
    return median(pair.check.processor / pair.imports.processor for pair in pairs)


def clock_ratio(pairs: list[Pair]) -> float:
    """The median over the pairs of how many times as long `check` takes."""
    return median(pair.check.clock / pair.imports.clock for pair in pairs)


def spread(seconds: list[float]) -> str:
    """Median and quartiles, in milliseconds."""
    low, middle, high = (1000 * value for value in quantiles(seconds, n=4))
    return f"{middle:6.0f} ms  ({low:.0f} to {high:.0f})"


def main() -> None:
    """Prints medians, the middle half of the runs, and the ratio."""
    parser = argparse.ArgumentParser(description="The cold start of specc check.")
    parser.add_argument("--runs", type=int, default=20, help="pairs to measure, at least 2")
    pairs = measure(max(parser.parse_args().runs, 2))
    print("                       clock                         processor")
    for name in ("check", "imports"):
        costs = [getattr(pair, name) for pair in pairs]
        clock, processor = [c.clock for c in costs], [c.processor for c in costs]
        print(f"{name:8} {spread(clock):>28} {spread(processor):>30}")
    print(f"ratio    {clock_ratio(pairs):>10.2f} {processor_ratio(pairs):>30.2f}")
    print(f"promise  at most {PROMISE}")


if __name__ == "__main__":
    main()
