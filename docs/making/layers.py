"""layers.md, and a page for each layer and each loss."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from specc.spec import registry
from specc.spec.layers.base import Layer

from .examples import layer_example
from .words import NOTE, by_family, described, table, title

_HEAD = """\
# Layers

Every module of `torch.nn`, by torch's own name, with torch's own arguments: a page each. How an
entry is written, and what all entries may say, is in [language.md](language.md#layers). The losses
are modules too: [training.md](training.md#losses) lists them.

An argument that is *taken from* a dimension may be left out; where it is given, it must fit. Where
a list is allowed, it has a value for each dimension. `dtype` is that of the parameters; left out,
it is the model's.
"""


def pages() -> Iterator[tuple[str, Iterator[str]]]:
    """Each page by its path below docs/."""
    yield "layers.md", _index()
    for package in ("layers", "losses"):
        for _, names in families(package):
            for name in names:
                yield f"{package}/{name}.md", _page(layer(package, name), package)


def families(package: str) -> Iterator[tuple[str, list[str]]]:
    """The families of layers that are no losses, or of losses."""
    losses = registry.families("losses")
    for module, names in by_family(package):
        found = [name for name in names if package == "losses" or name not in losses]
        if found:
            yield module, found


def layer(package: str, name: str) -> type[Layer]:
    """The class of a layer or a loss."""
    found = registry.load(package, name)
    assert isinstance(found, type)
    assert issubclass(found, Layer)
    return found


def summary_of(owner: type) -> str:
    """The first sentence of a class's docstring."""
    text = described(owner).split("\n\n")[0].replace("\n", " ")
    return text.split(". Shape: ")[0].split(" Shape: ")[0].rstrip(".")


def _index() -> Iterator[str]:
    yield from (NOTE, _HEAD)
    for module, names in families("layers"):
        yield f"## {title(module)}\n"
        yield from ("| layer | what it does |", "| --- | --- |")
        for name in names:
            yield f"| [{name}](layers/{name}.md) | {summary_of(layer('layers', name))} |"
        yield ""


def _page(layer: type[Layer], package: str) -> Iterator[str]:
    name = layer.__name__
    yield from (NOTE, f"# {name}\n", f"{described(layer)}\n")
    yield from _inputs(layer)
    yield from ("## Arguments\n", *table(layer))
    example = layer_example(layer)
    if example is not None:
        text, summary = example
        yield from ("## Example\n", "```toml", text.rstrip("\n"), "```\n", *_results(summary))
    there = f"https://docs.pytorch.org/docs/2.13/generated/torch.nn.{name}.html"
    back = "layers.md" if package == "layers" else "training.md"
    yield f"In torch: [{name}]({there}). All {package}: [{back}](../{back})."


def _inputs(layer: type[Layer]) -> Iterator[str]:
    """What it is called with and what it gives, where that is more than one tensor."""
    if layer.forward_inputs != ("input",):
        optional = any(name.endswith("?") for name in layer.forward_inputs)
        names = ", ".join(f"`{name}`" for name in layer.forward_inputs)
        yield f"Inputs: {names}{' (those with a `?` may be left out)' if optional else ''}.\n"
    if layer.forward_outputs != ("output",):
        yield f"Values: {', '.join(f'`{name}`' for name in layer.forward_outputs)}.\n"


def _results(summary: Mapping[str, Any]) -> Iterator[str]:
    """What `specc summary` says of the example."""
    for output in summary["outputs"]:
        yield f"- gives {_shape(output['shape'])} {output['dtype']}"
    for entry in summary["state_dict"]:
        yield f"- holds `{entry['name']}` {_shape(entry['shape'])} {entry['dtype']}"
    yield f"- costs {str(summary['flops']['expr']).replace('*', chr(215))} FLOPs\n"


def _shape(sizes: list[Any]) -> str:
    return f"({', '.join(map(str, sizes))}{',' if len(sizes) == 1 else ''})"
