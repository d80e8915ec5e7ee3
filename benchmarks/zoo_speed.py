"""How fast the generated models of the zoo are, against the same written by hand.

    python benchmarks/zoo_speed.py [--pairs N] [NAME…]

Forward and backward in training mode on one thread, timed in pairs, in turns: each pair gives a
ratio, whose median and quartiles are printed. The inputs are those that the tests compare.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from statistics import median, quantiles
from time import process_time

import torch
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from compared import Network
from test_zoo import HEAVY, NAMES, SAMPLES, SMALL, by_hand, tree

_SHORTEST = 0.02
"""Seconds that are timed at once, at least: less is noise."""


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


def ratios(name: str, pairs: int) -> list[float]:
    """The generated model's time by that of the one written by hand, for each pair."""
    spec = tree(name)
    params, samples = SMALL[name] if name in HEAVY & SMALL.keys() else ({}, SAMPLES[name])
    if params:
        spec["model"]["params"] |= params
    generated, hand = Network(spec).module, by_hand(name, **params)
    hand.load_state_dict(generated.state_dict())
    inputs = [one.requires_grad_(one.is_floating_point()) for one in samples()[0]]
    for module in (generated, hand):
        seconds(module, inputs, 3)
    times = max(1, int(_SHORTEST / seconds(hand, inputs, 1)))
    found = []
    for turn in range(pairs):
        if turn % 2:
            second = seconds(hand, inputs, times)
            first = seconds(generated, inputs, times)
        else:
            first = seconds(generated, inputs, times)
            second = seconds(hand, inputs, times)
        found.append(first / second)
    return found


def main() -> None:
    """Prints the median ratio of each network, and the median of these."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("names", nargs="*", metavar="NAME", default=NAMES)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    middles = []
    for name in arguments.names:
        found = ratios(name, arguments.pairs)
        low, _, high = quantiles(found, n=4)
        middles.append(median(found))
        print(f"{name:24} {middles[-1]:.3f}  ({low:.3f} to {high:.3f})", flush=True)
    print(f"{'median':24} {median(middles):.3f}")


if __name__ == "__main__":
    main()
