"""Whether the model holds, takes and gives what the spec says."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from .finding import Finding, failed, passed, skipped
from .subject import Subject, at, values


def examine_state(subject: Subject) -> Finding:
    """state_dict: names, shapes and dtypes, in order."""
    what = "state_dict"
    expected = {
        entry["name"]: (tuple(entry["shape"]), getattr(torch, entry["dtype"]))
        for entry in subject.summary["state_dict"]
    }
    state = subject.model().state_dict()
    found = {name: (tuple(value.shape), value.dtype) for name, value in state.items()}
    own = tuple(f"{path}." for path in subject.summary["unknown"])
    of_own = [name for name in found if name.startswith(own)] if own else []
    known = {name: entry for name, entry in found.items() if name not in of_own}
    if list(known) != list(expected):
        wrong = sorted(set(known) ^ set(expected)) or ["their order"]
        return failed(what, f"names differ: {', '.join(wrong)}")
    for name, entry in expected.items():
        if known[name] != entry:
            return failed(what, f"{name} is {known[name]}, the spec says {entry}")
    says = f"{len(expected)} tensors have the names, shapes and dtypes of the summary"
    return passed(what, f"{says}; {len(of_own)} more are of own layers" if of_own else says)


def examine_parameters(subject: Subject) -> Finding:
    """How many numbers the model learns."""
    what = "parameters"
    expected = subject.summary["parameters"]
    count = sum(parameter.numel() for parameter in subject.model().parameters())
    if expected is None:
        return skipped(what, f"{count:,} in all; own layers tell theirs at run time alone")
    if count != expected:
        return failed(what, f"there are {count:,}, the summary says {expected:,}")
    return passed(what, f"{count:,}, as the summary says")


def examine_shapes(subject: Subject) -> Finding:
    """Shapes and dtypes of the outputs, at several sizes, in eval and in training mode."""
    what = "shapes"
    tried = []
    for training in (False, True):
        model = subject.model().train(training)
        for sizes in subject.sizes(training=training):
            with torch.no_grad():
                output = model(*subject.inputs(sizes))
            wrong = list(_wrong(subject, sizes, output, training=training))
            if wrong:
                mode = "training" if training else "eval"
                return failed(what, f"at {at(sizes)}, in {mode} mode: {wrong[0]}", wrong[1:])
            tried.append(at(sizes))
    if not tried:
        return skipped(what, "no inputs are known that the model takes")
    return passed(what, f"as the summary says at {'; '.join(dict.fromkeys(tried))}")


def _wrong(
    subject: Subject, sizes: dict[str, int], output: object, *, training: bool
) -> Iterator[str]:
    expected = subject.outputs(sizes, training=training)
    for (name, shape, dtype), value in zip(expected, values(output), strict=True):
        named = name or "the output"
        if shape is None or value is None:
            if (shape is None) != (value is None):
                yield f"{named} is {'None' if value is None else 'a tensor'}"
        elif tuple(value.shape) != shape:
            yield f"{named} is {tuple(value.shape)}, the spec says {shape}"
        elif value.dtype != dtype:
            yield f"{named} is {value.dtype}, the spec says {dtype}"
