"""How fast the generated models of the zoo are, against the same written by hand.

    python benchmarks/zoo_speed.py [--seconds S] [NAME…]

Forward and backward in training mode on one thread, with the inputs that the tests compare and the
same weights in the same memory. Short runs of the two alternate (ours, theirs, theirs, ours),
so that what else the machine does meets both; processor time is taken, not the clock's. Each turn
gives a ratio. Where things lie in memory differs from process to process and counts, too: each of
five processes gives the median of its turns. The median of the five is printed with the least and
the largest of them, between which the true one lies in 94 of 100 cases, whatever the noise's shape.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import process_time

import torch
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from compared import Network
from test_zoo import HEAVY, NAMES, SAMPLES, SMALL, by_hand, tree

LIMIT = 1.02
"""What the generated models may take, where those written by hand take 1."""

_SHORTEST = 0.01
"""Seconds that are timed at once, about: less is noise, and more meets other noise."""

_FEWEST = 10
"""Turns of each process, at least."""


def step(module: nn.Module, inputs: list[Tensor]) -> None:
    """A forward and a backward pass."""
    made = module(*inputs)
    outputs = made if isinstance(made, tuple) else (made,)
    torch.autograd.backward([out.sum() for out in outputs if out.requires_grad])


def seconds(module: nn.Module, inputs: list[Tensor], times: int) -> float:
    """The processor time of so many steps."""
    start = process_time()
    for _ in range(times):
        step(module, inputs)
    return process_time() - start


def ratio(name: str, limit: float) -> float:
    """The generated model's time by that of the one written by hand: the median of the turns.

    limit: seconds of processor time, after which no turn begins.
    """
    spec = tree(name)
    params, samples = SMALL[name] if name in HEAVY & SMALL.keys() else ({}, SAMPLES[name])
    if params:
        spec["model"]["params"] |= params
    generated, hand = Network(spec).module, by_hand(name, **params)
    hand.load_state_dict(generated.state_dict(), assign=True)
    inputs = [one.requires_grad_(one.is_floating_point()) for one in samples()[0]]
    for module in (generated, hand):
        seconds(module, inputs, 3)
    times = max(1, round(_SHORTEST / seconds(hand, inputs, 1)))
    found: list[float] = []
    end = process_time() + limit
    while len(found) < _FEWEST or process_time() < end:
        # In turns of this order, what slows down steadily slows down both alike.
        ours = seconds(generated, inputs, times)
        theirs = seconds(hand, inputs, times) + seconds(hand, inputs, times)
        found.append((ours + seconds(generated, inputs, times)) / theirs)
    return median(found)


def ratios(name: str, limit: float) -> list[float]:
    """The ratio in several processes, in order."""
    command = [sys.executable, __file__, "--alone", "--seconds", str(limit), name]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(5)]
    return sorted(float(run.stdout) for run in runs)


def main() -> None:
    """Prints the median ratio of each network, and the median of these."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=4.0, help="of each process")
    parser.add_argument("--alone", action="store_true", help="print the ratio in this process")
    parser.add_argument("names", nargs="*", metavar="NAME", default=NAMES)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.alone:
        (name,) = arguments.names
        print(ratio(name, arguments.seconds))
        return
    middles = []
    for name in arguments.names:
        low, *_, high = found = ratios(name, arguments.seconds)
        middles.append(median(found))
        verdict = "slower" if low > LIMIT else "" if high <= LIMIT else "not settled"
        print(f"{name:24} {middles[-1]:.3f}  ({low:.3f} to {high:.3f})  {verdict}".rstrip())
        sys.stdout.flush()
    print(f"{'median':24} {median(middles):.3f}")


if __name__ == "__main__":
    main()
