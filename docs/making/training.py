"""training.md: losses, optimizers, schedulers, sources, first values, parametrizations, metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from specc.spec import registry
from specc.spec.arguments import Arguments
from specc.spec.initializers import initializers
from specc.spec.metrics import METRICS
from specc.spec.names import snake_case
from specc.spec.parametrizations import parametrizations

from .layers import layer, summary_of
from .words import NOTE, by_family, described, table

_HEAD = """\
# Training: losses, optimizers, schedulers, sources, preparations, first values, metrics

What the `type` of the sections of training may be, by the libraries' own names, with the
libraries' own arguments. What else the sections say is in [language.md](language.md#training).
"""


def pages() -> Iterator[tuple[str, Iterator[str]]]:
    """The page with its path below docs/."""
    yield "training.md", _page()


def _page() -> Iterator[str]:
    yield from (NOTE, _HEAD, "## Losses\n", "| loss | what it measures |", "| --- | --- |")
    for _, names in by_family("losses"):
        for name in names:
            yield f"| [{name}](losses/{name}.md) | {summary_of(layer('losses', name))} |"
    yield ""
    yield from _classes("Optimizers", "optimizers", str)
    yield from _classes("Schedulers", "schedulers", str)
    yield from _classes("Sources", "data", snake_case)
    yield from _classes("Preparations", "preparations", snake_case)
    yield from ("## First values\n", "`torch.nn.init`'s functions, for `init`.\n")
    yield from _arguments(initializers())
    yield from ("## Parametrizations\n", "`torch.nn.utils.parametrizations`, for `parametrize`.\n")
    yield from _arguments(parametrizations())
    yield "## Metrics\n"
    for name, metric in METRICS.items():
        yield f"### {name}\n"
        yield f"{described(metric)}\n"
        yield f"Where the loss takes the output for: {', '.join(metric.modules)}.\n"
        yield from table(metric)


def _classes(title: str, package: str, style: Callable[[str], str]) -> Iterator[str]:
    yield f"## {title}\n"
    found = {style(name): registry.load(package, name) for name in registry.families(package)}
    yield from _arguments(found)


def _arguments(classes: Mapping[str, object]) -> Iterator[str]:
    for name, found in classes.items():
        assert isinstance(found, type)
        assert issubclass(found, Arguments)
        yield f"### {name}\n"
        yield f"{described(found)}\n"
        yield from table(found)
