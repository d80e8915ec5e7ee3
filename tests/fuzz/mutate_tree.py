"""Changes of a spec's tree: by what specs may say, by what other specs say, and by accident."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from random import Random
from typing import Any

from .formulas import changed, formula
from .known import CATALOGUES, EXTREME, context, drawn, fields, types, usages, value
from .trees import Path, at, places

Tree = dict[str, Any]
_JUNK: tuple[Any, ...] = (
    *(None, True, 0, -1, 3, 0.5, "", "x", "batch", "None", [], {}, [[]], [1], ["x"], [[1], [2]]),
    *({"type": "ReLU"}, {"a": 1}, {"expr": "x"}, {"shape": ["b"]}, "a" * 2000, "é\u202e\0"),
)
_SIZES = (1, 2, 3, 4, 8, "batch", "time", "2*n", "n + 1", "height", "n // 2", 0, -1, "1", "n*m")
_SECTIONS = "data loss optimizer scheduler training plot budget blocks include".split()


def mutated_tree(tree: Tree, random: Random, other: Tree, most: int = 4) -> Tree:
    """A copy of a tree with one to so many changes; some of them from another spec."""
    tree = deepcopy(tree)
    for _ in range(min(most, random.choice((1, 1, 1, 2, 2, 4)))):
        change = random.choices(_CHANGES, _WEIGHTS)[0]
        try:
            change(tree, random, other)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError):
            # What the change needs is not there: earlier ones may have left any shape.
            continue
    return tree


def names_of(tree: Tree) -> list[str]:
    """The names that a spec gives to values, params and sizes."""
    found = ["_", "x"]
    for path, inner in places(tree):
        if path[-1] == "name" and isinstance(inner, str):
            found.append(inner)
        elif len(path) > 1 and path[-2] in ("params", "inputs", "carry", "scan"):
            found.append(str(path[-1]))
        elif isinstance(inner, str) and "shape" in path and inner.isidentifier():
            found.append(inner)
    return found


def _place(tree: Tree, random: Random) -> tuple[Any, Any]:
    """The table or list that holds a value, and where in it."""
    *above, key = random.choice([path for path, _ in places(tree)])
    return at(tree, tuple(above)), key


def _leaf(tree: Tree, random: Random) -> tuple[Any, Any]:
    """The same of a text or a number."""
    *above, key = random.choice(
        [path for path, inner in places(tree) if not isinstance(inner, dict | list)]
    )
    return at(tree, tuple(above)), key


def _delete(tree: Tree, random: Random, _: Tree) -> None:
    owner, key = _place(tree, random)
    del owner[key]


def _double(tree: Tree, random: Random, _: Tree) -> None:
    paths = [path for path, _ in places(tree) if isinstance(path[-1], int)]
    *above, key = random.choice(paths)
    owner = at(tree, tuple(above))
    owner.insert(random.randint(0, len(owner)), deepcopy(owner[key]))


def _swap(tree: Tree, random: Random, _: Tree) -> None:
    owner, key = _leaf(tree, random)
    another, place = _leaf(tree, random)
    owner[key], another[place] = another[place], owner[key]


def _retarget(tree: Tree, random: Random, other: Tree) -> None:
    owner, key = _place(tree, random)
    source = tree if random.random() < 0.6 else other
    owner[key] = deepcopy(at(source, random.choice([path for path, _ in places(source)])))


def _junk(tree: Tree, random: Random, _: Tree) -> None:
    owner, key = _place(tree, random)
    one = owner[key]
    forms = ([one], {"type": one}, str(one), *_JUNK)
    owner[key] = deepcopy(random.choice(forms))


def _extreme(tree: Tree, random: Random, _: Tree) -> None:
    *above, key = random.choice(
        [path for path, inner in places(tree) if isinstance(inner, int | float)]
    )
    at(tree, tuple(above))[key] = random.choice(EXTREME)


def _near_number(tree: Tree, random: Random, _: Tree) -> None:
    *above, key = random.choice([path for path, inner in places(tree) if type(inner) is int])
    owner = at(tree, tuple(above))
    owner[key] = random.choice((owner[key] + 1, owner[key] - 1, owner[key] * 2, owner[key] // 2))


def _rename_key(tree: Tree, random: Random, _: Tree) -> None:
    paths = [path for path, _ in places(tree) if isinstance(path[-1], str)]
    *above, key = random.choice(paths)
    owner = at(tree, tuple(above))
    slips = (key + "s", key[:-1], key.upper(), key[::-1], key + " ", "", key.replace("_", "-"))
    known = [*usages().get(context(tuple(above)), {"zzz": []})]
    name = random.choice((*slips, random.choice(known), random.choice(known)))
    items = [(name if one == key else one, inner) for one, inner in owner.items()]
    owner.clear()
    owner.update(items)


def _rename(tree: Tree, random: Random, _: Tree) -> None:
    """One name to another that the spec has."""
    names = names_of(tree)
    paths = [p for p, one in places(tree) if isinstance(one, str) and one in names]
    *above, key = random.choice(paths)
    at(tree, tuple(above))[key] = random.choice(names)


def _expression(tree: Tree, random: Random, _: Tree) -> None:
    texts = [
        path
        for path, inner in places(tree)
        if isinstance(inner, str) and path[-1] not in ("type", "name", "dtype", "description")
    ]
    *above, key = random.choice(texts)
    owner = at(tree, tuple(above))
    owner[key] = changed(owner[key], random, names_of(tree))


def _usage(tree: Tree, random: Random, _: Tree) -> None:
    """A key that tables of its kind have elsewhere, with a value that it has there."""
    tables = [((), tree), *((p, one) for p, one in places(tree) if isinstance(one, dict))]
    path, table = random.choice(tables)
    known = usages()[context(path)]
    key = random.choice([*known])
    table[key] = deepcopy(random.choice(known[key]))


def _argument(tree: Tree, random: Random, _: Tree) -> None:
    """An argument of a type, with a value of its kind."""
    tables = [(path, one) for path, one in places(tree) if isinstance(one, dict) and "type" in one]
    path, table = random.choice(tables)
    package = _package(path)
    known = fields(package, table["type"])
    key = random.choice([*known])
    table[key] = value(known[key][0], random)


def _package(path: Path) -> str:
    words = [key for key in path if key in CATALOGUES]
    return CATALOGUES[words[-1]] if words else "layers"


def _other_type(tree: Tree, random: Random, _: Tree) -> None:
    *above, key = random.choice([path for path, _ in places(tree) if path[-1] == "type"])
    owner = at(tree, tuple(above))
    known = types(_package((*above, key)))
    same = [name for name in known if name[-2:] == str(owner[key])[-2:]]
    owner[key] = random.choice(same or known) if random.random() < 0.6 else random.choice(known)


def _shape(tree: Tree, random: Random, _: Tree) -> None:
    shapes = [
        inner
        for path, inner in places(tree)
        if isinstance(inner, list) and ("shape" in path or path[-2:-1] == ("inputs",))
    ]
    shape = random.choice(shapes)
    place = random.randint(0, len(shape))
    match random.randrange(4):
        case 0:
            del shape[place]
        case 1:
            shape.insert(place, random.choice(_SIZES))
        case _:
            shape[place] = random.choice(_SIZES)


def _section(tree: Tree, random: Random, other: Tree) -> None:
    key = random.choice([one for one in _SECTIONS if one in other])
    tree[key] = deepcopy(other[key])


def _entries(tree: Tree, random: Random) -> list[Any]:
    """The entries of a scope."""
    found = [one for path, one in places(tree) if path[-1] == "layers" and isinstance(one, list)]
    return random.choice(found)


def _graft(tree: Tree, random: Random, other: Tree) -> None:
    entries = _entries(tree, random)
    entries.insert(
        random.randint(0, len(entries)), deepcopy(random.choice(_entries(other, random)))
    )


def _layer(tree: Tree, random: Random, _: Tree) -> None:
    entries = _entries(tree, random)
    entry = drawn("layers", random.choice(types("layers")), random)
    if random.random() < 0.5:
        entry["name"] = f"n{random.randrange(100)}"
    place = len(entries) if random.random() < 0.7 else random.randint(0, len(entries))
    entries.insert(place, entry if len(entry) > 1 else entry["type"])


def _formula(tree: Tree, random: Random, _: Tree) -> None:
    entries = _entries(tree, random)
    names = names_of(tree)
    entry = {"name": f"n{random.randrange(100)}", "expr": formula(random, ["_", *names])}
    place = len(entries) if random.random() < 0.8 else random.randint(0, len(entries))
    entries.insert(place, entry)


def _type_of_section(tree: Tree, random: Random, _: Tree) -> None:
    """A loss, an optimizer, a scheduler or a source of data of another type."""
    key = random.choice([one for one in tree if one in CATALOGUES])
    package = CATALOGUES[key]
    made = drawn(package, random.choice(types(package)), random)
    if key == "data":
        made["type"] = made["type"].lower() if random.random() < 0.5 else made["type"]
    tree[key] = [tree[key], made] if random.random() < 0.2 else made


def _wrap(tree: Tree, random: Random, _: Tree) -> None:
    """Some entries in a container of their own."""
    entries = _entries(tree, random)
    start = random.randrange(len(entries))
    end = random.randint(start + 1, len(entries))
    container: dict[str, Any] = {"name": f"c{random.randrange(9)}", "layers": entries[start:end]}
    extra: Sequence[tuple[str, Any]] = (
        *(("repeat", 2), ("repeat", "index"), ("when", "training"), ("when", "1 > 2")),
        *(("recompute", True), ("scan", 2), ("shared", True), ("keep", True), ("call", False)),
    )
    if random.random() < 0.6:
        container.update([random.choice(extra)])
    entries[start:end] = [container]


_WEIGHED: dict[Callable[[Tree, Random, Tree], None], int] = {
    **{_delete: 3, _double: 2, _swap: 2, _retarget: 3, _junk: 3, _extreme: 3, _near_number: 3},
    **{_rename_key: 2, _rename: 4, _expression: 8, _usage: 5, _argument: 7, _other_type: 4},
    **{_shape: 4, _section: 4, _graft: 5, _layer: 8, _formula: 10, _type_of_section: 2, _wrap: 2},
}
_CHANGES, _WEIGHTS = [*_WEIGHED], [*_WEIGHED.values()]
