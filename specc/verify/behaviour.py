"""Whether the model repeats itself, survives being saved and exported, and learns."""

from __future__ import annotations

import io
import time
import warnings
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from .finding import Finding, failed, passed, skipped
from .subject import SEED, Subject, at, values

_STEPS = 200
_SECONDS = 20.0
_RATES = (1e-3, 1e-2, 1e-1)


def equal(first: object, second: object) -> bool:
    """Whether two results of a model are equal bit for bit; nan equals nan."""
    pairs = zip(values(first), values(second), strict=True)
    return all(
        a is b or (a is not None and b is not None and torch.equal(a.nan_to_num(), b.nan_to_num()))
        for a, b in pairs
    )


def _smallest(subject: Subject, *, training: bool = False) -> dict[str, int] | None:
    return next(iter(subject.sizes(training=training)), None)


def _run(model: nn.Module, inputs: tuple[Tensor, ...], seed: int) -> tuple[Tensor | None, ...]:
    """What a model returns, without the graph that derivatives inside it may leave."""
    torch.manual_seed(seed)
    with torch.no_grad():
        found = values(model(*inputs))
    return tuple(None if value is None else value.detach() for value in found)


def examine_determinism(subject: Subject) -> Finding:
    """Equal seeds, equal results: in training mode, and in eval mode without a seed."""
    what = "determinism"
    sizes = _smallest(subject, training=True)
    if sizes is None:
        return skipped(what, "no inputs are known that the model takes")
    inputs = subject.inputs(sizes)
    if not equal(*(_run(subject.model().train(), inputs, 1) for _ in range(2))):
        return failed(what, f"at {at(sizes)}, equal seeds give other results in training mode")
    model = subject.model().eval()
    if not equal(*(_run(model, inputs, 1) for _ in range(2))):
        return failed(what, f"at {at(sizes)}, equal seeds give other results in eval mode")
    if not equal(_run(model, inputs, 1), _run(model, inputs, 2)):
        return passed(what, "equal seeds give equal results; the model draws in eval mode, too")
    return passed(what, "equal seeds give equal results; eval mode draws nothing")


def examine_saving(subject: Subject) -> Finding:
    """Weights that are saved and loaded give the same results."""
    what = "saving"
    sizes = _smallest(subject)
    if sizes is None:
        return skipped(what, "no inputs are known that the model takes")
    model, inputs = subject.model().eval(), subject.inputs(sizes)
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    file.seek(0)
    other = subject.model(SEED + 1).eval()
    other.load_state_dict(torch.load(file, weights_only=True))
    if not equal(_run(model, inputs, 1), _run(other, inputs, 1)):
        return failed(what, "a model that loads the weights of another gives other results")
    return passed(what, "a model that loads the weights of another gives the same results")


def examine_export(subject: Subject) -> Finding:
    """torch.export keeps the results, at the sizes that it was exported at and at others."""
    what = "export"
    found = subject.sizes()[-2:]
    if not found:
        return skipped(what, "no inputs are known that the model takes")
    model = subject.model().eval()
    inputs = subject.inputs(found[-1])
    dynamic = _dynamic(subject)
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exported = torch.export.export(model, inputs, dynamic_shapes=dynamic)
    except Exception as error:
        # Whatever torch.export raises, it says what it does not support.
        return skipped(what, f"torch.export: {_first_line(error)}")
    run = exported.module()
    for sizes in found:
        given = subject.inputs(sizes)
        try:
            result = _run(run, given, 1)
        except (AssertionError, RuntimeError) as error:
            if sizes is found[-1]:
                return failed(what, f"what was exported fails: {_first_line(error)}")
            return passed(what, f"equal results at {at(found[-1])}; torch fixed some sizes")
        if not _close(result, _run(model, given, 1)):
            return failed(what, f"what was exported gives other results at {at(sizes)}")
    return passed(what, f"equal results at {' and '.join(map(at, found))}")


def _dynamic(subject: Subject) -> tuple[object, ...]:
    """Which dimensions of each input vary."""
    auto = torch.export.Dim.AUTO
    return tuple(
        {place: auto for place, size in enumerate(tensor.shape) if size.constant is None}
        for tensor in subject.checked.typed.root.inputs.values()
    )


def _close(first: object, second: object) -> bool:
    return all(
        a is b
        or (
            a is not None
            and b is not None
            and torch.allclose(a, b, rtol=1e-4, atol=1e-5, equal_nan=True)
        )
        for a, b in zip(values(first), values(second), strict=True)
    )


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def examine_learning(subject: Subject) -> Finding:
    """One batch can be fitted: the distance to what the same model gives with other weights falls.

    A target that the model can reach shows that gradients lead there, whatever it computes.
    """
    what = "learning"
    sizes = next(iter(subject.sizes(training=True)[-1:]), None)
    if sizes is None:
        return skipped(what, "no inputs are known that the model takes in training")
    inputs = subject.inputs(sizes)
    target = _run(subject.model(SEED + 1).train(), inputs, 1)
    if not any(v is not None and v.is_floating_point() for v in values(target)):
        return skipped(what, "no output is a floating-point number")
    if not any(parameter.requires_grad for parameter in subject.model().parameters()):
        return skipped(what, "the model has no parameters")
    best = {rate: _fitted(subject, sizes, target, rate) for rate in _RATES}
    rate = min(best, key=lambda one: best[one][1] / max(best[one][0], 1e-30))
    first, last, steps = best[rate]
    if first == 0:
        return skipped(what, "models with other weights give the same")
    says = f"the squared distance falls from {first:.3g} to {last:.3g} in {steps} steps of Adam"
    says += f" at {rate:g}"
    return passed(what, says) if last < 0.5 * first else failed(what, says)


def _fitted(
    subject: Subject, sizes: Mapping[str, int], target: object, rate: float
) -> tuple[float, float, int]:
    """The distance to a target before and after training, and the steps that there was time for."""
    model = subject.model().train()
    inputs = subject.inputs(sizes)
    learned = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.Adam(learned, lr=rate)
    losses: list[float] = []
    until = time.monotonic() + _SECONDS / len(_RATES)
    for _ in range(_STEPS + 1):
        torch.manual_seed(1)
        loss = _distance(model(*inputs), target)
        losses.append(loss.item())
        if time.monotonic() > until or not loss.requires_grad:
            break
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return losses[0], min(losses), len(losses) - 1


def _distance(output: object, target: object) -> Tensor:
    pairs = zip(values(output), values(target), strict=True)
    squares = [
        torch.nn.functional.mse_loss(a, b)
        for a, b in pairs
        if a is not None and b is not None and a.is_floating_point() and a.numel()
    ]
    return torch.stack([square.double() for square in squares]).sum()
