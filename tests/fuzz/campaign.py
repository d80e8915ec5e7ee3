"""A run over many specs: what it counts, and what it keeps for the next one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from .cases import Case, case
from .corpus import Seed, lay_out, seed, tree_of
from .oracle import Fault, Verdict, examine
from .shrink import smallest_text, smallest_tree
from .trees import as_json, as_toml

Run = Callable[[Verdict], str]
_FEW = 3
"""So many specs of one kind of fault are shown; further ones are counted."""


@dataclass
class Found:
    """A fault, and the smallest spec that shows it."""

    fault: Fault
    text: str
    format: str
    number: int


@dataclass
class Tally:
    """What a campaign has seen. outcomes: of the specs that were run with torch."""

    specs: int = 0
    accepted: int = 0
    run: int = 0
    ways: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    found: list[Found] = field(default_factory=list)
    features: set[str] = field(default_factory=set)
    slowest: float = 0.0

    def __str__(self) -> str:
        lines = [
            f"{self.specs:,} specs ({_listed(self.ways)}): {self.accepted:,} accepted,"
            f" {self.run:,} tried with torch",
            f"the slowest: {self.slowest:.2f} s; features: {len(self.features):,}",
        ]
        lines += [f"with torch: {_listed(self.outcomes)}"] if self.outcomes else []
        return "\n".join([*lines, f"faults: {_listed(self.faults) or 'none'}"])


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count:,} {what}" for what, count in counts.most_common())


@dataclass
class Campaign:
    """Specs one after the other. kept: the folder of what is interesting, and of faults."""

    seed: int
    kept: Path | None = None
    run: Run | None = None
    tally: Tally = field(default_factory=Tally)
    pool: list[Seed] = field(default_factory=list)
    next: int = 0

    def __post_init__(self) -> None:
        if self.kept is None:
            return
        (self.kept / "corpus").mkdir(parents=True, exist_ok=True)
        (self.kept / "faults").mkdir(exist_ok=True)
        for path in sorted((self.kept / "corpus").iterdir()):
            self.pool.append(seed(path.name, path.read_text("utf-8"), path.suffix[1:]))
        if self._state.exists():
            state = json.loads(self._state.read_text("utf-8"))
            self.next = state["next"].get(str(self.seed), 0)
            self.tally.features = {*state["features"]}

    @property
    def _state(self) -> Path:
        assert self.kept is not None
        return self.kept / "state.json"

    def go(self, count: int, seconds: float) -> Iterator[Tally]:
        """Tries specs until so many are tried, or time is over; the tally after every hundredth."""
        end = monotonic() + seconds
        with TemporaryDirectory() as name:
            folder = Path(name)
            lay_out(folder)
            while self._done < count and monotonic() < end:
                self._try(case(self.next, self.seed, self.pool), folder)
                self.next += 1
                if self.next % 100 == 0:
                    self._save()
                    yield self.tally
        self._save()
        yield self.tally

    @property
    def _done(self) -> int:
        return self.tally.specs if self.run is None else self.tally.run

    def _try(self, one: Case, folder: Path) -> None:
        tally = self.tally
        tally.specs += 1
        tally.ways[one.way] += 1
        verdict = self._examined(one.data, one.format, folder)
        tally.slowest = max(tally.slowest, verdict.seconds)
        tally.accepted += verdict.accepted
        if verdict.outcome:
            tally.run += 1
            tally.outcomes[verdict.outcome] += 1
        for fault in verdict.faults:
            tally.faults[fault.kind] += 1
            if tally.faults[fault.kind] <= _FEW:
                self._note(one, fault, folder)
        self._keep(one, verdict)

    def _examined(self, data: bytes, format: str, folder: Path) -> Verdict:
        verdict = examine(data, format, folder)
        if verdict.checked is not None and self.run is not None and not verdict.faults:
            verdict.outcome = self.run(verdict)
        return verdict

    def _keep(self, one: Case, verdict: Verdict) -> None:
        """Keeps what shows something new, to go on from."""
        new = verdict.features - self.tally.features
        if not new or verdict.faults or len(one.data) > 5_000 or self.kept is None:
            return
        self.tally.features |= new
        text = one.data.decode("utf-8", "replace")
        name = f"{sha256(one.data).hexdigest()[:16]}.{one.format}"
        (self.kept / "corpus" / name).write_text(text, "utf-8")
        self.pool.append(seed(name, text, one.format))

    def _note(self, one: Case, fault: Fault, folder: Path) -> None:
        text = self._smallest(one, fault, folder)
        self.tally.found.append(Found(fault, text, one.format, self.next))
        if self.kept is None:
            return
        name = sha256(text.encode("utf-8", "replace")).hexdigest()[:8]
        path = self.kept / "faults" / f"{name}.{one.format}"
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        path.with_suffix(".txt").write_text(f"{fault.kind}\n\n{fault.text}\n", "utf-8")

    def _smallest(self, one: Case, fault: Fault, folder: Path) -> str:
        def fails(text: str) -> bool:
            faults = self._examined(text.encode("utf-8", "surrogateescape"), one.format, folder)
            return fault.kind in {other.kind for other in faults.faults}

        text = one.data.decode("utf-8", "surrogateescape")
        tree = tree_of(text, one.format)
        shown = as_json if one.format == "json" else as_toml
        if tree is None or not fails(shown(tree)):
            return smallest_text(text, fails)
        return shown(smallest_tree(tree, lambda other: fails(shown(other))))

    def _save(self) -> None:
        if self.kept is None:
            return
        known = json.loads(self._state.read_text("utf-8")) if self._state.exists() else {}
        numbers = {**known.get("next", {}), str(self.seed): self.next}
        state = {"next": numbers, "features": sorted(self.tally.features)}
        self._state.write_text(json.dumps(state), "utf-8")
