"""Schedulers against their optimizers, each other and the length of training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...spec.refusal import Refusal
from ...spec.training import Training
from ..resolve.problems import Problems
from .data_spec import Data
from .divide import Division
from .read_schedulers import Lengths
from .read_table import report_refusal
from .training_spec import SchedulerTerm


def lengths(data: Data | None, training: Training, smallest_batch: int) -> Lengths:
    """How long training is, as far as its data could be read.

    smallest_batch: the fewest rows that the model can be trained with at once.
    """
    each = _steps_per_epoch(data, training, smallest_batch)
    if training.steps is not None:
        return Lengths(-(-training.steps // training.log_every), each, training.steps)
    return Lengths(training.epochs or 1, each)


def _steps_per_epoch(data: Data | None, training: Training, smallest_batch: int) -> int | None:
    if training.batch_size == "all":
        return 1
    rows = data.source.rows() if data is not None else None
    share = data.share("train") if data is not None else None
    if rows is None or share is None:
        return None
    rows = round(rows * share)
    size = int(training.batch_size)
    # A last batch that is too small is left out.
    batches = (rows + size - max(1, smallest_batch)) // size
    return max(1, -(-batches // training.accumulate))


def check_schedulers(
    terms: Sequence[SchedulerTerm], divided: Division, length: Lengths, problems: Problems
) -> None:
    """Reports schedulers that torch would refuse, or fail with in a later step."""
    if not terms:
        return
    check_order(terms, problems)
    for term, steps in zip(terms, _steps(terms, length), strict=True):
        try:
            for optimizer in divided.terms:
                term.scheduler.check(optimizer.optimizer, optimizer.group_count)
            if steps is not None and steps > 0:
                term.scheduler.check_steps(steps)
            if term is not terms[0] and terms[0].until is not None:
                term.scheduler.check_later()
        except Refusal as refusal:
            given = problems.raw(term.path)
            values = given if isinstance(given, dict) else {}
            report_refusal(refusal, values, term.path, problems)


def _steps(terms: Sequence[SchedulerTerm], length: Lengths) -> Iterator[int | None]:
    """How often each scheduler steps, where it is known."""
    begun = 0
    for term in terms:
        steps = length.steps(term.every)
        if term.until is not None:
            _, until = term.until
            yield until - begun
            begun = until
        else:
            yield None if steps is None else steps - begun


def check_order(terms: Sequence[SchedulerTerm], problems: Problems) -> None:
    """Reports schedulers that can't follow one another, or run side by side."""
    first, *others = terms
    for term in terms:
        name = type(term.scheduler).__name__
        if term.scheduler.takes_measure and others:
            problems.error(
                "several-schedulers",
                f"{name} stands alone: torch neither chains it nor puts it into a sequence",
                (*term.path, "type"),
            )
        if term.scheduler.takes_measure and term.every == "step":
            problems.error(
                "invalid-value",
                f"what {name} follows is measured once an epoch",
                (*term.path, "every"),
            )
        if term.every != first.every:
            problems.error(
                "several-schedulers",
                f"{name} steps every {term.every}, the one before it every {first.every}",
                term.path if problems.raw((*term.path, "every")) is None else (*term.path, "every"),
                labels=[(first.path, None, f"every {first.every}")],
                help=f'every = "{first.every}"',
            )
    _check_until(terms, problems)


def _check_until(terms: Sequence[SchedulerTerm], problems: Problems) -> None:
    *before, last = terms
    if last.until is not None:
        problems.error(
            "invalid-value",
            "nothing comes after the last scheduler: it has no until",
            (*last.path, "until"),
            part="key",
        )
    is_sequence = any(term.until is not None for term in before)
    reached = 0
    for term in before:
        if term.until is None:
            if is_sequence:
                problems.error(
                    "missing-key",
                    f"until when? A scheduler after this one says it begins, in {term.every}s",
                    term.path,
                    help="until = 100, say; without any until all schedulers act together",
                )
            continue
        _, until = term.until
        if until <= reached:
            problems.error(
                "invalid-value",
                f"until must be later than {reached}, where the one before it ends, not {until}",
                (*term.path, "until"),
            )
        reached = until
