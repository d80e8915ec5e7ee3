"""What the drawn specs are like: `python tests/spec_statistics.py [COUNT]` prints a table."""

from __future__ import annotations

import itertools
import re
import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from random import Random
from typing import Any

from spec_strategies import Drawn, drawn_spec
from spec_words import texts

import specc

INSIDE = re.compile(r"\b(?!linalg|fft|special|shape)[a-z_]\w*\.(?!shape)[a-z]\w*\b(?!\()")


@cache
def _numbered(seed: int) -> Drawn | None:
    return drawn_spec(Random(seed))


def drawn_specs(count: int) -> list[Drawn]:
    """Some specs, the same each time."""
    found = filter(None, map(_numbered, itertools.count()))
    return list(itertools.islice(found, count))


def accepted(count: int) -> list[Drawn]:
    """Those among some specs that are sound."""
    return [spec for spec in drawn_specs(count) if not specc.check(spec.tree)]


def entries(layers: list[Any], depth: int = 0) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """All entries, those in containers too, with the depth."""
    for entry in layers:
        whole = entry if isinstance(entry, dict) else {"type": entry}
        yield depth, whole
        yield from entries(whole.get("layers", []), depth + 1)


def features(spec: Drawn) -> set[str]:
    """What a spec shows."""
    model, blocks = spec.tree["model"], spec.tree.get("blocks", {})
    found = {f"{min(len(blocks), 3)} blocks"} if blocks else set()
    found |= {f"model {key}" for key in model if key not in ("name", "layers")}
    found |= {f"block {key}" for one in blocks.values() for key in one if key != "layers"}
    found |= {"sequential block" for one in blocks.values() if "sequential" in one}
    params = {name for one in blocks.values() for name in one.get("params", {})}
    found |= {"module param"} if params & {"act", "norm"} else set()
    found |= {"optional input" for one in (model, *blocks.values()) if "optional" in repr(one)}
    found |= {"several inputs"} if len(model["inputs"]) > 1 else set()
    found |= {"several outputs"} if len(model.get("outputs", [])) > 1 else set()
    for section in (model, *blocks.values()):
        for depth, entry in entries(section["layers"]):
            found |= _of_entry(entry, depth, blocks, section is not model)
    return found


def _of_entry(
    entry: Mapping[str, Any], depth: int, blocks: Mapping[str, Any], is_block: bool
) -> set[str]:
    kind = entry.get("type")
    form = "container" if "layers" in entry else "expression" if "expr" in entry else "module"
    form = f"own {kind}" if kind in ("Parameter", "Buffer") else "block" if kind in blocks else form
    where = f"{form}{' in a container' if depth else ''}{' in a block' if is_block else ''}"
    found = {where}
    for key in ("when", "repeat", "shared", "call", "recompute", "inputs"):
        found |= {f"{key} of {form}"} if key in entry else set()
    found |= {"unpacked names"} if isinstance(entry.get("name"), list) else set()
    found |= {"template"} if "{" in str(entry.get("name", "")) else set()
    found |= {"training alone"} if entry.get("when") == "training" else set()
    text = " ".join(texts({key: one for key, one in entry.items() if key != "layers"}))
    found |= {"index"} if re.search(r"\bindex\b", text) else set()
    found |= {"block as a function"} if any(f"{name}(" in text for name in blocks) else set()
    found |= {"grad"} if "grad(" in text else set()
    found |= {"reading inside"} if INSIDE.search(text) else set()
    return found


def main() -> None:
    """Prints the table."""
    warnings.simplefilter("ignore")
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    found = drawn_specs(count)
    sound: list[Drawn] = []
    codes, shown, kinds = Counter[str](), Counter[str](), Counter[str]()
    for spec in found:
        problems = specc.check(spec.tree)
        codes.update({problem.code for problem in problems})
        shown.update(features(spec))
        kinds.update(spec.kinds)
        sound += [] if problems else [spec]
    sections = [[s.tree["model"], *s.tree.get("blocks", {}).values()] for s in sound]
    total = sum(len(list(entries(one["layers"]))) for some in sections for one in some)
    print(f"{len(found)} specs, {len(sound)} accepted ({len(sound) / len(found):.0%})")
    print(f"entries of an accepted one: {total / max(len(sound), 1):.1f}")
    print(f"refused: {dict(codes.most_common())}")
    print(f"modules: {len(kinds)} types, {kinds.total()} uses")
    for name, times in shown.most_common():
        print(f"{times / len(found):6.0%}  {name}")


if __name__ == "__main__":
    main()
