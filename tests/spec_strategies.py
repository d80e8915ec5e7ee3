"""Draws whole specs of networks."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import spec_formulas
import spec_layers
import torch
from reference_interpreter import Holder, Interpreter
from reference_names import Frame
from reference_sizes import bind_inputs
from spec_draft import Draft, Lane, Setting, Unusable
from spec_structures import chosen, repeated, sometimes, step, stripped
from spec_words import SIZES, BlockPlan, Entry, types, words
from torch import Tensor

Shape = tuple[int | str, ...]
SAMPLE, OTHERS = SIZES[0], SIZES


@dataclass(frozen=True)
class Drawn:
    """A spec, and its inputs: shapes in the words of the sizes, with the element type."""

    tree: dict[str, Any]
    inputs: tuple[tuple[Shape, str], ...]
    where: tuple[str, ...] = ()
    kinds: tuple[str, ...] = field(default=(), compare=False)

    def sample(self, sizes: dict[str, int], seed: int = 0) -> tuple[Tensor | None, ...]:
        """Random inputs of some sizes; with an odd seed without those that may be left out."""
        names = self.tree["model"]["inputs"]
        return tuple(
            None if seed % 2 and name == "third" else one
            for name, one in zip(names, sample(self.inputs, sizes, seed), strict=True)
        )


def sample(
    inputs: Sequence[tuple[Shape, str]], sizes: dict[str, int], seed: int = 0
) -> tuple[Tensor, ...]:
    """Random inputs of declared shapes, at some sizes."""
    generator = torch.Generator().manual_seed(seed)
    made = []
    for shape, dtype in inputs:
        numbers = shapes_at(shape, sizes)
        if dtype == "float32":
            made.append(torch.randn(numbers, generator=generator).requires_grad_())
        else:
            whole = torch.randint(0, 7, numbers, generator=generator)
            made.append(whole if dtype == "int64" else whole > 3)
    return tuple(made)


def shapes_at(shape: Sequence[int | str], sizes: dict[str, int]) -> tuple[int, ...]:
    """A shape of a declaration or a summary, at some sizes."""
    return tuple(int(eval(str(size), dict(sizes))) for size in shape)


PARAMS: dict[str, Any] = {
    "width": 8,
    "depth": 2,
    "heads": {"type": "int", "default": 2},
    "doubled": "2 * width",
    "use_bias": True,
    "sizes": [4, 6, 8],
    "widest": "sizes[2] + len(sizes)",
}
NUMBERS = ("width", "depth", "heads", "doubled", "sizes[0]", "sizes[1]", "widest", "len(sizes)")


def drawn_spec(random: Random) -> Drawn | None:
    """A spec, or None where it could not be finished; `smallest` makes a failing one smaller.

    A plain generator chooses, not hypothesis: entries that torch refuses are drawn again, which its
    choices would spend their budget on, and the same number means the same spec everywhere.
    """
    with torch.random.fork_rng():
        # Weights that are drawn for trying: which entries are kept may hang on them.
        torch.manual_seed(0)
        return _drawn(random)


def _drawn(random: Random) -> Drawn | None:
    blocks: list[BlockPlan] = []
    sections: dict[str, Any] = {}
    setting = Setting(random, blocks, set(), [], [])
    setting.numbers = [*NUMBERS] if setting.chance(70) else []
    setting.flags = ["use_bias", "not use_bias"] if setting.numbers else []
    params = PARAMS if setting.numbers else {}
    for name in ("Narrow", "WideBlock", "Mix")[: setting.pick((0, 1, 2, 3))]:
        try:
            plan, section = _block(setting, name, params, sections)
        except Unusable:
            continue
        blocks.append(plan)
        sections[plan.name] = section
    try:
        return _model(setting, params, sections)
    except Unusable:
        return None


BLOCK_PARAMS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "channels": ("int", (4, 6, 10)),
    "wide": (8, (8, 4, 5)),
    "rate": ({"type": "float", "default": 0.25}, (0.25, 0.5, "1 / 8")),
    "flag": (True, (True, False)),
    "active": ("bool", (True, False)),
    "twice": ("2 * channels + wide", ()),
    "act": (
        {"type": "module", "default": "ReLU"},
        ("Tanh", "Identity", {"type": "LeakyReLU", "negative_slope": 0.2}),
    ),
    "norm": ("module", ("LayerNorm", "RMSNorm")),
}


def _block(
    outer: Setting, name: str, params: dict[str, Any], sections: dict[str, Any]
) -> tuple[BlockPlan, dict[str, Any]]:
    """A block, sound for inputs of several widths and for several values of its params."""
    own = {key: item for key, item in BLOCK_PARAMS.items() if outer.chance(40)}
    if "channels" not in own or "wide" not in own:
        own.pop("twice", None)
    rank = outer.pick((2, 3, 4))
    form = outer.pick(("any", "any", "any", "any", "chain", "function", "optional"))
    if form == "function":
        own = {}
    inputs = ("x", "other") if outer.chance(25) or form == "optional" else ("x",)
    if form == "chain":
        inputs = ("x",)
    named = {2: ("rows", "features"), 3: ("rows", "steps", "features")}
    declared: Any = named.get(rank, ("rows", "planes", "rise", "run"))
    bare = outer.chance(50)
    feature = 1 if rank == 4 else rank - 1
    known = [f"x.shape[{feature}]" if bare else declared[feature]]
    setting = Setting(
        outer.random,
        list(outer.blocks),
        {*inputs, *params, *own, *declared, "index"},
        [*outer.numbers, *known, *(key for key in own if key in ("channels", "wide", "twice"))],
        [*outer.flags, *(key for key in own if key in ("flag", "active"))],
        [key for key in own if key in ("act", "norm")],
        is_chain=form == "chain",
        kinds=outer.kinds,
    )
    section: dict[str, Any] = {"params": {key: item for key, (item, _) in own.items()}}
    section["inputs"] = list(inputs) if bare else {one: list(declared) for one in inputs}
    if form == "optional":
        section["inputs"] = {"x": list(declared), "other": {"optional": True}}
    draft = Draft(setting, _block_lanes(setting, section, rank, params, own, sections), inputs)
    draft.inputs = list(inputs)
    if form == "optional":
        draft.names.remove("other")
        draft.expression("_ if other is None else _ + other")
    _fill(draft, outer.pick((1, 2, 3, 4, 6)), FORMS.get(form, step))
    outputs = _outputs(draft) if outer.chance(25) and form != "chain" else []
    if form == "chain":
        section["sequential"] = True
    section["layers"] = stripped(draft, words(outputs))
    _read_params(section, section["layers"], types(section["layers"]))
    own = {key: item for key, item in own.items() if key in section.get("params", {})}
    if outputs:
        section["outputs"] = outputs
    if section["inputs"] == ["x"]:
        del section["inputs"]
    plan = BlockPlan(
        name,
        inputs,
        rank,
        {key: values for key, (_, values) in own.items() if values},
        tuple(key for key, (item, _) in own.items() if item in ("int", "bool", "module")),
        tuple(outputs),
        form == "function" and not words(section["layers"]) & {"training", *params},
        form == "optional",
    )
    return plan, section


def _block_lanes(
    setting: Setting,
    section: dict[str, Any],
    rank: int,
    params: dict[str, Any],
    own: dict[str, Any],
    sections: dict[str, Any],
) -> list[Lane]:
    """Two uses of a block, each at two sizes."""
    lanes = []
    for width, place in ((6, 0), (8, 1)):
        tree = {"model": {"params": params}, "blocks": sections}
        interpreter, holder = Interpreter(tree), Holder()
        given = {key: values[place % len(values)] for key, (_, values) in own.items() if values}
        for sizes in SIZES[:2]:
            shape: Shape = ("batch", *("time",) * (rank - 2), width)
            if rank == 4:
                shape = ("batch", width, "height", "width")
            count = 2 if len(section["inputs"]) == 2 else 1
            inputs = sample([(shape, "float32")] * count, sizes, place)
            if isinstance(section["inputs"], dict) and place == 0:
                # One use gives what may be left out, the other one does not.
                named = list(section["inputs"].values())
                inputs = inputs[: sum(isinstance(one, list) for one in named)]
            frame = Frame(ChainMap({}, dict(interpreter.params)))
            bind_inputs(section, frame, inputs)
            interpreter.bind_params({"type": "", **given}, section, frame, frame)
            lanes.append(Lane(interpreter, holder, frame, inputs[0]))
    return lanes


def _module_of_chain(draft: Draft) -> bool:
    choices = [spec_layers.activation, spec_layers.suited, sometimes, repeated]
    choices += [chosen] if draft.setting.modules else []
    return draft.pick(choices)(draft)


def _expression(draft: Draft) -> bool:
    found = spec_formulas.elementwise, spec_formulas.elementwise, spec_formulas.shaping
    choices = [*found, spec_formulas.join, spec_formulas.function]
    return draft.current.is_floating_point() and draft.pick(choices)(draft)


FORMS = {"chain": _module_of_chain, "function": _expression}


def _fill(draft: Draft, count: int, one_more: Callable[[Draft], bool] = step) -> None:
    for _ in range(count):
        one_more(draft)
    for _ in range(4):
        if draft.current.is_floating_point() or one_more is not step:
            break
        step(draft)
    draft.read_all()
    if not draft.entries:
        raise Unusable


def _read_params(section: dict[str, Any], read: Any, kinds: set[str]) -> None:
    """Leaves only the params that something reads."""
    params = section.get("params", {})
    for _ in params:
        used = words([read, [item for item in params.values() if isinstance(item, str)]])
        params = {name: item for name, item in params.items() if name in used | kinds}
    section.pop("params", None)
    if params:
        section["params"] = params


def _outputs(draft: Draft) -> list[str]:
    """One or several values by name, the last one first."""
    last = draft.entries[-1].get("name")
    if not isinstance(last, str) or last not in draft.names or last == "count":
        return []
    others = [name for name in draft.own if name not in (last, "count")]
    others = [name for name in others if name in draft.names]
    if not others or draft.chance(40):
        return [last]
    return list(dict.fromkeys([last, draft.pick(others), draft.pick(others)]))


def _in_training_alone(draft: Draft) -> list[str]:
    """An output that there is in training alone."""
    name = draft.fresh()
    kinds: tuple[Entry, ...] = ({"type": "Tanh"}, {"type": "Linear", "out_features": 3})
    kind = draft.pick(kinds)
    source = draft.some(lambda one: one.is_floating_point() and one.dim() > 1)
    if source == "_" or not draft.add({"name": name, **kind, "inputs": source, "when": "training"}):
        return []
    return [name] if name not in ("count", "index") else []


DIMS: tuple[int | str, ...] = (4, 6, 8, "time", "rows", "height", "2*w", "h + 8", "8*h", 1)
WHERE = ("time % 3 == 0", "height >= 8", "time <= 2 * height", "rows <= 40")


def _model(setting: Setting, params: dict[str, Any], sections: dict[str, Any]) -> Drawn:
    usual: tuple[Shape, ...] = (("batch", 6), ("batch", "time", 8), ("batch", 3, "height", "width"))
    shape = setting.pick(usual)
    if setting.chance(40):
        middle = [setting.pick(DIMS) for _ in range(setting.pick((0, 1, 2, 3)))]
        first_size: tuple[int | str, ...] = ("batch", "batch", 2)
        shape = (setting.pick(first_size), *middle)
    declared: dict[str, tuple[Shape, str]] = {}
    first = setting.pick(("features", "input", "image", "inputs", "x"))
    symbols = {"batch", "time", "height", "width", "h", "w", "rows"}
    setting.taken |= {first, *params, *symbols, "index", "second", "tokens", "mask", "third"}
    taken = symbols & set(params)
    if taken:
        shape = tuple("height" if size in taken else size for size in shape)
    declared[first] = (shape, "float32")
    _further_inputs(setting, declared, shape)
    read = words([size for item, _ in declared.values() for size in item if isinstance(size, str)])
    conditions = [text for text in WHERE if words([text]) <= read and setting.chance(40)]
    section: dict[str, Any] = {"name": "Net", "params": dict(params)}
    section["inputs"] = _declared(declared, conditions)
    tree = {"model": section, "blocks": sections}
    interpreter = Interpreter(tree)
    lanes = []
    for sizes in SIZES:
        frame = Frame(ChainMap(dict(interpreter.params)))
        inputs = sample(list(declared.values()), sizes)
        bind_inputs(section, frame, inputs)
        lanes.append(Lane(interpreter, Holder(), frame, inputs[0]))
    for lane in lanes:
        lane.holder = lanes[0].holder
    draft = Draft(setting, lanes, [name for name in declared if name != "third"])
    draft.inputs = list(declared)
    if "third" in declared and not draft.expression("_ if third is None else _ + third"):
        raise Unusable
    _fill(draft, setting.pick((1, 3, 5, 7, 9, 12)))
    outputs = _outputs(draft) if setting.chance(35) else []
    if len(outputs) > 1 and setting.chance(40):
        outputs += _in_training_alone(draft)
    section["layers"] = stripped(draft, words(outputs))
    if outputs:
        section["outputs"] = outputs
    used = _used(section["layers"], sections)
    tree = {"model": section}
    if used:
        tree["blocks"] = {name: item for name, item in sections.items() if name in used}
    _read_params(section, [section["layers"], list(tree.get("blocks", {}).values())], set())
    return Drawn(tree, tuple(declared.values()), tuple(conditions), tuple(setting.kinds))


def _further_inputs(setting: Setting, declared: dict[str, tuple[Shape, str]], shape: Shape) -> None:
    """Perhaps a second input, tokens, a mask."""
    if setting.chance(25):
        declared["second"] = (shape, "float32")
    if setting.chance(15):
        declared["tokens"] = (shape[:2], "int64")
    if setting.chance(10):
        declared["mask"] = (shape, "bool")
    if setting.chance(15):
        declared["third"] = (shape[-1:], "float32")


def _declared(inputs: dict[str, tuple[Shape, str]], conditions: list[str]) -> dict[str, Any]:
    """Inputs as a spec declares them."""
    made: dict[str, Any] = {}
    for name, (shape, dtype) in inputs.items():
        table: dict[str, Any] = {"shape": list(shape)}
        table |= {"dtype": dtype} if dtype != "float32" else {}
        table |= {"where": list(conditions)} if conditions and not made else {}
        table |= {"optional": True} if name == "third" else {}
        made[name] = table["shape"] if set(table) == {"shape"} else table
    return made


def _used(layers: Sequence[Any], sections: dict[str, Any]) -> set[str]:
    """The blocks that entries use, directly or inside one another."""
    found = (types([*layers]) | words([*layers])) & {*sections}
    inner = [_used(sections[name]["layers"], sections) for name in found]
    return found.union(*inner)
