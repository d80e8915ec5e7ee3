"""Draws entries that take maps: (rows, channels, height, width)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spec_words import Entry, computed

if TYPE_CHECKING:
    from spec_scope import Scope


def conv(scope: Scope) -> None:
    """A convolution, with or without a stride."""
    size, stride, padding = scope.pick(((3, 1, 1), (1, 1, 0), (3, 2, 1), (3, 1, 0), (2, 2, 0)))
    if any(scope.amount(s) < 8 for s in scope.shape[2:]) and (stride, padding) != (1, 1):
        size, stride, padding = 1, 1, 0
    channels = scope.width()
    entry: Entry = {"type": "Conv2d", "out_channels": channels, "kernel_size": size}
    entry |= {"stride": stride} if stride != 1 else {}
    entry |= {"padding": padding} if padding else {}
    if scope.chance(30):
        entry["bias"] = False
    scope.follow(
        entry, (scope.shape[0], computed(str(channels)), *_slid(scope, size, stride, padding))
    )


def _slid(scope: Scope, size: int, stride: int, padding: int) -> tuple[str, ...]:
    if size == 2 * padding + 1 and stride == 1:
        return scope.shape[2:]
    return tuple(
        computed(f"({own} - {size - 2 * padding}) // {stride} + 1") for own in scope.shape[2:]
    )


def norm_2d(scope: Scope) -> None:
    """Batch, group or instance normalization."""
    groups: Entry = {"type": "GroupNorm", "num_groups": 2}
    kinds: list[Entry] = [{"type": "BatchNorm2d"}, {"type": "BatchNorm2d", "momentum": 0.2}]
    if scope.amount(scope.shape[1]) % 2 == 0 and scope.shape[1].isdigit():
        kinds.append(groups)
    scope.follow(scope.pick(kinds), scope.shape)


def pool(scope: Scope) -> None:
    """Pooling by two, or resizing."""
    if all(scope.amount(size) >= 8 for size in scope.shape[2:]):
        kind = scope.pick(("MaxPool2d", "AvgPool2d"))
        shape = (*scope.shape[:2], *_slid(scope, 2, 2, 0))
        scope.follow({"type": kind, "kernel_size": 2}, shape)


def to_features(scope: Scope) -> None:
    """From maps to features."""
    text = scope.pick(("_.mean(dim=(2, 3))", "_.amax((2, 3))", "flatten(_, 2).sum(dim=-1)"))
    if scope.chance(50):
        scope.follow({"type": "AdaptiveAvgPool2d", "output_size": 1}, (*scope.shape[:2], "1", "1"))
        scope.follow({"type": "Flatten"}, scope.shape[:2])
    else:
        scope.expression(text, scope.shape[:2])


def joined_channels(scope: Scope) -> None:
    """Concatenates maps along their channels."""
    able = [v for v in scope.values if len(v.shape) == 4 and v.shape[2:] == scope.shape[2:]]
    able = [v for v in able if v.shape[1].isdigit() and scope.shape[1].isdigit()]
    if able:
        other = scope.pick(able)
        scope.read(other.name)
        total = str(int(other.shape[1]) + int(scope.shape[1]))
        scope.expression(
            f"cat((_, {other.name}), dim=1)", (scope.shape[0], total, *scope.shape[2:])
        )
