"""A summary as text for a reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def as_table(summary: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> str:
    """The model's entries in aligned columns, and its totals below.

    entries: layers and expressions, each as a layer of the summary.
    """
    header = ("layer", "type", "output", "dtype", "parameters")
    rows = [
        (
            layer["path"],
            layer["type"],
            "packed " * layer.get("packed", False) + _shape(layer["output"]),
            layer["dtype"] or "",
            "?" if layer["parameters"] is None else f"{layer['parameters']:,}",
        )
        for layer in entries
    ]
    lines = [f"{summary['model']}  ({summary['package']})", ""]
    lines += [
        f"  {item['name']}: {_type(item)}{', optional' if item.get('optional') else ''}"
        for item in summary["inputs"]
    ]
    lines += ["", *_aligned([header, *rows]), ""] if rows else [""]
    lines += [
        f"  -> {item['name']}: {_type(item)}{', in training' if item.get('optional') else ''}"
        for item in summary["outputs"]
    ]
    lines += ["", *_totals(summary)]
    return "\n".join(lines)


def _totals(summary: Mapping[str, Any]) -> list[str]:
    if summary["unknown"]:
        known = f"those of {', '.join(summary['unknown'])} are in a file of one's own"
        return [f"parameters   not known, nor the cost: {known}", *_needs(summary)]
    memory = summary["memory"]
    data = [_data(summary["data"])] if "data" in summary else []
    return [
        *data,
        f"parameters   {summary['parameters']:,} ({memory['parameters_bytes']:,} bytes)",
        f"activations  {_amount(memory['activations_bytes'])} bytes",
        f"forward      {_amount(summary['flops'])} FLOPs",
        *_needs(summary),
    ]


def _data(data: Mapping[str, Any]) -> str:
    where = {"memory": "in memory", "stream": "read in a stream", "drawn": "drawn afresh"}
    parts = [f"{name} {share:.3g}" if share else name for name, share in data["parts"].items()]
    split = f": {', '.join(parts)}" if len(parts) > 1 else ""
    return f"data         {data['type']}, {where[data['load']]}{split}"


def _needs(summary: Mapping[str, Any]) -> list[str]:
    lines = [f"where        {condition}" for condition in summary["where"]]
    for need in summary["needs"]:
        when = " (in training)" if need["training_only"] else ""
        lines.append(f"needs        {need['condition']}{when}")
    for required in summary["requires"]:
        owner = f"{required['block']}: " if required["block"] else ""
        lines.append(f"requires     {owner}{required['condition']}")
    return lines


def _type(item: Mapping[str, Any]) -> str:
    return f"{_shape(item['shape'])} {item['dtype']}"


def _shape(shape: Sequence[int | str] | None) -> str:
    if shape is None:
        return ""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def _amount(amount: Mapping[str, Any]) -> str:
    return f"{amount['value']:,}" if amount["value"] is not None else str(amount["expr"])


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Rows in columns, the last one to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [f"{cell:<{width}}" for cell, width in zip(row[:-1], widths, strict=False)]
        lines.append("  " + "  ".join([*cells, f"{row[-1]:>{widths[-1]}}"]))
    return lines
