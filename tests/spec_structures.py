"""Draws what holds entries together: containers, blocks, repeats, conditions, own tensors."""

from __future__ import annotations

from typing import Any

import spec_formulas
import spec_layers
from reference_names import Frame
from spec_draft import Draft, Unusable
from spec_words import BlockPlan, Entry, words
from torch import Tensor


def step(draft: Draft) -> bool:
    """One more entry, or some."""
    if not draft.current.is_floating_point():
        return spec_formulas.to_float(draft) or draft.expression("_ * 0.5")
    choices = [*spec_formulas.STEPS, *spec_layers.STEPS, sometimes, repeated, declared]
    if draft.depth == 0:
        choices += [own_tensor, own_tensor]
    if draft.depth < 2:
        choices += [container, container, recurrence]
    if draft.setting.modules and draft.chance(25):
        choices = [chosen]
    if draft.setting.blocks and draft.chance(30):
        choices = [block]
    return draft.pick(choices)(draft) or spec_layers.activation(draft)


def condition(draft: Draft) -> bool | str:
    """A condition that is decided at build."""
    choices: list[bool | str] = [True, False, "2 > 3", "1 <= 2"]
    choices += [*draft.setting.flags, *(f"not {flag}" for flag in draft.setting.flags)] * 3
    choices += [f"{name} > 4" for name in draft.setting.numbers]
    choices += [f"{name} % 2 == 0" for name in draft.setting.numbers]
    return draft.pick(choices)


def chosen(draft: Draft) -> bool:
    """A module that a param of the block stands for."""
    return draft.follow({"type": draft.pick(draft.setting.modules)})


def extended(draft: Draft, entry: Entry) -> Entry:
    """An entry, perhaps recomputed or, where it repeats, with a name for each time."""
    if draft.chance(8):
        entry = {**entry, "recompute": True}
    if "repeat" in entry and "shared" not in entry and draft.chance(15):
        entry = {"name": f"{draft.fresh()}{{index + 1}}", **entry}
    return entry


def sometimes(draft: Draft) -> bool:
    """An entry that a condition may remove."""
    entry: Entry = dict(draft.pick(spec_layers.ACTIVATIONS))
    if draft.chance(40) and draft.current.dim() > 1:
        entry = {"type": "Linear", "out_features": draft.number(draft.pick((4, 6)))}
    return draft.follow({**entry, "when": condition(draft)}, draft.some(Tensor.is_floating_point))


def repeated(draft: Draft) -> bool:
    """The same layer several times, with numbers that may vary."""
    count = draft.number(draft.pick((1, 2, 3)))
    entry: Entry = dict(draft.pick(spec_layers.ACTIVATIONS))
    width = draft.current.shape[-1] if draft.current.dim() > 1 else 0
    kinds: list[Entry] = [{"type": "LayerNorm"}, {"type": "Linear", "out_features": width}]
    kinds += [{"type": "Linear", "out_features": "4 + 2 * index"}]
    kinds += [{"type": "Dropout", "p": "0.1 * index"}, {"type": "GRU", "hidden_size": width}]
    if draft.current.dim() == 4:
        channels = draft.current.shape[1]
        kinds += [{"type": "Conv2d", "out_channels": channels, "kernel_size": 3, "padding": 1}]
        kinds += [{"type": "Conv2d", "out_channels": "4 * (index + 1)", "kernel_size": 1}]
    if draft.chance(75):
        entry = draft.pick(kinds)
    entry = {**entry, "repeat": count}
    if draft.chance(25):
        entry["shared"] = True
    return draft.follow(extended(draft, entry), draft.some(Tensor.is_floating_point))


def declared(draft: Draft) -> bool:
    """A layer that is declared for calling later, and called."""
    if draft.current.dim() < 2:
        return False
    name, width = draft.fresh(), draft.current.shape[-1]
    sizes = {"in_features": width, "out_features": draft.number(draft.pick((4, width)))}
    entry: Entry = {"name": name, "type": "Linear", **sizes, "call": False}
    if not draft.add(entry, follows=False):
        return False
    if draft.expression(draft.pick((f"{name}(_)", f"{name}(2 * _) + {name}(_)"))):
        draft.callees.append(name)
        return True
    draft.entries.pop()
    return False


def own_tensor(draft: Draft) -> bool:
    """A parameter or buffer of the scope's own, which is read at once."""
    name = draft.fresh()
    size: Any = draft.current.shape[-1] if draft.current.dim() else 1
    if draft.chance(40):
        size = draft.number(size)
    choices: tuple[Entry, ...] = (
        {"type": "Parameter", "shape": [size], "init": "ones_"},
        {"type": "Parameter", "shape": [], "init": {"type": "constant_", "val": "1 / 4"}},
        {"type": "Parameter", "value": [1.5], "requires_grad": False},
        {"type": "Parameter", "value": "ones(3, 1).sum(dim=0) / 2"},
        {"type": "Buffer", "value": [[0.5]], "persistent": draft.chance(50)},
        {"type": "Buffer", "value": f"arange({size}) / 2", "persistent": draft.chance(50)},
    )
    entry = {"name": name, **draft.pick(choices)}
    if not draft.add(entry, follows=False):
        return False
    draft.names.remove(name)
    text = draft.pick(("_ * {0}", "_ + {0}", "{0} - _", "_ * {0}.exp()", "_ * {0}.sum()"))
    if draft.expression(text.format(name)):
        draft.names.append(name)
        return True
    draft.entries.pop()
    draft.own.remove(name)
    return False


def container(draft: Draft) -> bool:
    """A container with some children, perhaps repeated."""
    inner = draft.child()
    source = draft.some(Tensor.is_floating_point)
    for lane in inner.lanes:
        lane.before = lane.before if source == "_" else lane.frame.values[source]
    chain = draft.chance(35)
    for _ in range(draft.pick((1, 2, 3, 4))):
        if chain:
            draft.pick((spec_layers.activation, spec_layers.suited, repeated))(inner)
        else:
            step(inner)
    if not inner.entries:
        return False
    try:
        inner.read_all()
    except Unusable:
        return False
    if not inner.reads_before():
        return False
    children = stripped(inner, set())
    entry: Entry = {"layers": children}
    if draft.chance(25):
        entry["repeat"] = draft.number(2)
    elif draft.chance(15):
        entry["when"] = condition(draft)
    if not draft.follow(entry, source):
        return False
    if set(entry) == {"layers"}:
        named = [child["name"] for child in children if isinstance(child, dict) and "name" in child]
        name = draft.entries[-1]["name"]
        draft.inside += [f"{name}.{own}" for own in named if own in inner.names]
        draft.inside += [f"{name}.{path}" for path in inner.inside if path.split(".")[0] in named]
    return True


LONGEST = 12


def recurrence(draft: Draft) -> bool:
    """Layers for each slice of a value, or three times, with something that is carried."""
    source = draft.some(lambda one: one.is_floating_point() and one.dim() > 1)
    shapes = draft.shapes(source)
    able = [d for d in range(len(shapes[0])) if all(shape[d] <= LONGEST for shape in shapes)]
    if len(shapes[0]) < 2 or not able:
        return False
    dim, is_counted = draft.pick(able), draft.chance(25)
    first, state = f"{source}.select({dim}, 0)", draft.fresh()
    name = draft.fresh()
    inner = draft.child()
    for lane in inner.lanes:
        value = lane.before if source == "_" else lane.frame.values[source]
        lane.before = lane.frame.values[state] = value.select(dim, 0)
        if not is_counted:
            lane.frame.values[name] = value.select(dim, 0)
        lane.frame = Frame(lane.frame.values.new_child(), lane.frame.layers.new_child())
    inner.inputs = [state] if is_counted else [name, state]
    inner.names += inner.inputs
    for _ in range(draft.pick((1, 2, 3))):
        step(inner)
    renewed = draft.pick((f"tanh({state} + _.mean())", f"0.5 * {state} - _.sum().tanh()"))
    if not inner.current.is_floating_point() or not inner.add({"name": state, "expr": renewed}):
        return False
    outputs = [one for one in inner.own if one in inner.names and one != "count"]
    try:
        inner.read_all()
    except Unusable:
        return False
    entry: Entry = {"scan": draft.number(3) if is_counted else {name: source}, "dim": dim}
    entry["carry"] = {state: f"0.5 * {first}"}
    if draft.chance(60):
        entry["outputs"] = draft.pick(outputs)
    entry["layers"] = stripped(inner, {state, *outputs})
    if not is_counted and draft.chance(20):
        entry["repeat"] = 2
    if not draft.follow(entry):
        return False
    if "repeat" not in entry:
        draft.inside.append(f"{draft.entries[-1]['name']}.{state}")
    return True


# From some number of dimensions to another one.
OTHER_RANK = {
    (1, 2): ("_.unsqueeze(0)", "_[:, None]"),
    (1, 3): ("_[None, None]",),
    (2, 3): ("_.unsqueeze(1)", "stack([_, -_], dim=1)"),
    (2, 4): ("_[..., None, None].expand(-1, -1, 8, 8)",),
    (3, 2): ("_.mean(dim=1)", "_[:, -1]", "_.amax(dim=1)"),
    (3, 4): ("_.transpose(1, 2)[..., None] * ones(8)", "_[:, None]"),
    (4, 2): ("_.mean(dim=(2, 3))", "_.amax((2, 3))"),
    (4, 3): ("_.flatten(2).transpose(1, 2)", "_.mean(dim=3).transpose(1, 2)"),
}


def block(draft: Draft) -> bool:
    """A block, once or several times."""
    plan = draft.pick(draft.setting.blocks)
    if plan.is_function and draft.chance(60):
        return call_function(draft, plan)
    source = draft.some(lambda one: one.is_floating_point() and one.dim() == plan.rank)
    ways = OTHER_RANK.get((draft.value_of(source).dim(), plan.rank))
    if ways:
        draft.expression(draft.pick(ways))
        source = "_"
    entry: Entry = {"type": plan.name}
    for name, values in plan.params.items():
        if name in plan.required or draft.chance(45):
            given = draft.pick(values)
            if type(given) is int and draft.chance(40):
                given = draft.number(given)
            entry[name] = given
    if len(plan.inputs) > 1 and not (plan.has_optional and draft.chance(50)):
        taken = [source, spec_layers.further(draft, source)]
        entry["inputs"] = taken if draft.chance(60) else dict(zip(plan.inputs, taken, strict=True))
    if draft.chance(25):
        entry["repeat"] = draft.number(draft.pick((1, 2, 3)))
        if draft.chance(30):
            entry["shared"] = True
    entry = {"name": draft.fresh(), **extended(draft, entry)}
    if source != "_":
        entry.setdefault("inputs", source)
    if not draft.add(entry):
        return False
    if "{" in entry["name"]:
        return True
    draft.inside += [f"{entry['name']}.{output}" for output in plan.outputs[1:]]
    if len(plan.inputs) == len(plan.outputs) == 1 and "repeat" not in entry:
        draft.callees.append(entry["name"])
    return True


def call_function(draft: Draft, plan: BlockPlan) -> bool:
    """A block of expressions, called in an expression."""
    source = draft.some(lambda one: one.is_floating_point() and one.dim() == plan.rank)
    given = [source, *(spec_layers.further(draft, source) for _ in plan.inputs[1:])]
    if draft.chance(30):
        given = [f"{name}={one}" for name, one in zip(plan.inputs, given, strict=True)]
    item = "[0]" if len(plan.outputs) > 1 else ""
    texts = ("{}({}){}", "2 * {}({}){}", "{}({}){} + _")
    return draft.expression(draft.pick(texts).format(plan.name, ", ".join(given), item))


def stripped(draft: Draft, read: set[str]) -> list[Any]:
    """The entries, most of them without the names that nothing reads."""
    read = read | words(draft.entries)
    found = []
    for entry in draft.entries:
        name = entry.get("name")
        needed = "layers" in entry and draft.depth == 0
        needed |= entry.get("type") in ("Parameter", "Buffer") or not entry.get("call", True)
        is_template = isinstance(name, str) and "{" in name
        is_free = isinstance(name, str) and name not in read and not needed and not is_template
        if is_free and (draft.setting.is_chain or draft.chance(70)):
            entry = {key: item for key, item in entry.items() if key != "name"}
        found.append(entry["type"] if set(entry) == {"type"} and draft.chance(50) else entry)
    return found
