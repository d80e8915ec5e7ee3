"""Divide a model's parameters, to train some of them by rules of their own."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from torch import nn


def parameters_by_name(
    model: nn.Module, *groups: Sequence[str]
) -> list[list[nn.Parameter]]:
    """Return the parameters that each group's patterns match, and last all others.

    In a pattern, such as "*.bias", a star stands for any text.
    """
    found: list[list[nn.Parameter]] = [[] for _ in range(len(groups) + 1)]
    for name, parameter in model.named_parameters():
        for parameters, patterns in zip(found, groups, strict=False):
            if any(fnmatchcase(name, pattern) for pattern in patterns):
                parameters.append(parameter)
                break
        else:
            found[-1].append(parameter)
    return found
