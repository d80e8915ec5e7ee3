"""The loss of a sequence that is not aligned with its target.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.ctc_loss.html
"""

from typing import Annotated

from ..kinds import Either, Repeated
from ..refusal import Refusal
from ..tensor.check import need_at_least, need_equal, need_rank
from ..tensor.dim import Dim
from ..tensor.dtype import category
from ..tensor.type import TensorType
from .base import Flag, Int, SizeKind, Tensor, TensorKind, function
from .loss import Reduction, summed

Lengths = Annotated[
    TensorType | tuple[Dim, ...], Either(TensorKind(), Repeated(SizeKind(), single=False))
]


@function("F")
def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Lengths,
    target_lengths: Lengths,
    blank: Int = 0,
    reduction: Reduction = "mean",
    zero_infinity: Flag = False,
) -> TensorType:
    """(time, N, classes), (N, longest) or all targets in a row, (N,), (N,) -> (N,) or one number;
    N may be missing."""
    _need_sequence(log_probs)
    _need_label(blank, log_probs.shape[-1])
    rows = log_probs.shape[1] if log_probs.rank == 3 else Dim.of(1)
    need_rank(targets, (1, 2), "targets", "(batch, longest), or all in a row")
    if targets.rank == 2:
        what = "targets has one row for each of log_probs"
        need_equal(targets.shape[0], rows, what, argument="targets", other="log_probs")
    _need_lengths("input_lengths", input_lengths, rows)
    _need_lengths("target_lengths", target_lengths, rows)
    if isinstance(input_lengths, TensorType) != isinstance(target_lengths, TensorType):
        raise Refusal(
            "input_lengths and target_lengths are two tensors or two lists",
            argument="target_lengths",
            other="input_lengths",
        )
    if not isinstance(input_lengths, TensorType):
        what = "no input is longer than log_probs"
        for length in input_lengths:
            need_at_least(log_probs.shape[0] - length, 0, what, argument="input_lengths")
    if not isinstance(target_lengths, TensorType):
        _need_room(targets, target_lengths)
    return summed(log_probs.shape[1:-1], log_probs.dtype, reduction)


def _need_sequence(log_probs: TensorType) -> None:
    need_rank(log_probs, (2, 3), "log_probs", "(time, batch, classes)")
    if log_probs.dtype not in ("float32", "float64"):
        raise Refusal(
            f"torch takes float32 or float64 here, not {log_probs.dtype}",
            code="dtype-mismatch",
            argument="log_probs",
        )
    for size in log_probs.shape:
        need_at_least(size, 1, "log_probs must not be empty", argument="log_probs")


def _need_label(blank: int, classes: Dim) -> None:
    what = f"blank = {blank} is the number of a class"
    if blank < 0:
        raise Refusal(f"{what}, from 0 on", argument="blank")
    need_at_least(classes, blank + 1, what, argument="blank", other="log_probs")


def _need_lengths(name: str, lengths: TensorType | tuple[Dim, ...], rows: Dim) -> None:
    """Refuses what is not one length for each row of a batch."""
    count = Dim.of(len(lengths)) if isinstance(lengths, tuple) else lengths.numel()
    what = f"{name} has one length for each row"
    need_equal(count, rows, what, argument=name, other="log_probs")
    if isinstance(lengths, tuple):
        for length in lengths:
            need_at_least(length, 0, f"{name} must not be negative", argument=name)
    elif category(lengths.dtype) != "integer":
        raise Refusal(
            f"{name} must hold whole numbers, not {lengths.dtype}",
            code="dtype-mismatch",
            argument=name,
        )


def _need_room(targets: TensorType, lengths: tuple[Dim, ...]) -> None:
    """Refuses targets that are not as long as `target_lengths` says."""
    if targets.rank == 2:
        what = "targets must hold the longest target"
        for length in lengths:
            need_at_least(targets.shape[1] - length, 0, what, argument="target_lengths")
        return
    total = sum(lengths, Dim.of(0))
    what = "targets in a row are as long as target_lengths together"
    need_equal(targets.shape[0], total, what, argument="targets", other="target_lengths")
