"""Migration -> `migrate.py`: a program that needs nothing but torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ..emit import code
from ..emit.package import PackagePlan, Rendered, Slot
from ..emit.quote import quote, quoted
from .migration import Migration


def plan_migration(found: Migration, model: str, beside: tuple[bool, bool]) -> PackagePlan:
    """The file, as a package of one.

    model: the class of the new model. beside: whether files of the old package, and of the new
    one, keep something beside the weights.
    """
    slots = {
        "tables": Slot(tuple(_tables(found))),
        "migrated": Slot(_migrated(found, model)),
        "argument": Slot(_argument(model) if found.fresh else (), indent=4),
        "carry": Slot(_carry(found, beside), indent=8),
    }
    file = Rendered("migrate.py", "migrate.py.jinja", slots)
    return PackagePlan("migrate", model, (file,))


def _tables(found: Migration) -> Iterator[code.Statement]:
    """What stands above the functions: of tables that would be empty there is none."""
    yield code.Comment("What the earlier model kept, with its shapes.")
    yield from _shapes("SHAPES", found.shapes)
    if found.renamed:
        yield code.Comment("What has another name now, by the present one.")
        yield code.Assign(code.Name("RENAMED"), _names(found.renamed))
    if found.tied:
        yield code.Comment("What is another tensor of the model now.")
        yield code.Assign(code.Name("TIED"), _names(found.tied))
    if found.dropped:
        yield code.Comment("What the present model has no place for.")
        yield code.Assign(code.Name("DROPPED"), _list(found.dropped))
    if found.fresh:
        yield code.Comment("What begins anew, with its shapes.")
        yield from _shapes("FRESH", found.fresh)


def _shapes(name: str, shapes: Mapping[str, tuple[int, ...]]) -> Iterator[code.Statement]:
    told = {key: code.Tuple(tuple(map(code.Constant, shape))) for key, shape in shapes.items()}
    yield code.Assign(code.Name(name), _dict(told), quoted("dict[str, tuple[int, ...]]"))


def _dict(items: Mapping[str, code.Expression]) -> code.Dict:
    return code.Dict(tuple((code.Constant(name), value) for name, value in items.items()))


def _names(names: Mapping[str, str]) -> code.Dict:
    return _dict({name: code.Constant(other) for name, other in names.items()})


def _list(names: Sequence[str]) -> code.List:
    return code.List(tuple(map(code.Constant, names)))


def _migrated(found: Migration, model: str) -> tuple[code.Statement, ...]:
    """The function that gives each tensor its name."""
    rename = quote(
        """
        for name, earlier in RENAMED.items():
            found[name] = weights[earlier]
        """
    )
    tie = quote(
        """
        for name, other in TIED.items():
            found[name] = found[other]
        """
    )
    seen = code.DictComp(
        code.Name("name"),
        quoted("tuple(value.shape)"),
        code.Tuple((code.Name("name"), code.Name("value"))),
        quoted("new.items()"),
    )
    return quote(
        _WITH_FRESH if found.fresh else _PLAIN,
        Model=model,
        SEEN=seen,
        KEEP=_keep(found),
        RENAME=rename if found.renamed else (),
        TIE=tie if found.tied else (),
    )


def _keep(found: Migration) -> tuple[code.Statement, ...]:
    """What keeps its name."""
    if not found.renamed and not found.dropped:
        return quote("found = dict(weights)")
    gone = "RENAMED.values()" if found.renamed else "DROPPED"
    if found.renamed and found.dropped:
        gone = "(*RENAMED.values(), *DROPPED)"
    return quote(
        """
        found = dict(weights)
        for name in GONE:
            found.pop(name)
        """,
        GONE=quoted(gone),
    )


_PLAIN: Final = '''
def migrated(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return weights of the earlier model by the names of the present one.

    Raises:
        MigrationError: they are not those of the earlier model.
    """
    check_shapes(weights, SHAPES)
    KEEP
    RENAME
    TIE
    return found
'''
_WITH_FRESH: Final = '''
def migrated(weights: dict[str, Tensor], new: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return weights of the earlier model by the names of the present one.

    new: those of a {Model} that was just made, from which comes what begins anew.

    Raises:
        MigrationError: they are not those of the earlier model, or of the present one.
    """
    check_shapes(weights, SHAPES)
    KEEP
    RENAME
    for name, shape in FRESH.items():
        if name in new and new[name].shape == shape:
            found[name] = new[name]
    TIE
    check_shapes(found, SEEN)
    return found
'''


def _argument(model: str) -> tuple[code.Statement, ...]:
    """The option for what begins anew."""
    says = f"weights of a new model: torch.save({model}().state_dict(), FRESH)"
    return quote("parser.add_argument('fresh', help=SAYS)", SAYS=code.Constant(says))


def _carry(found: Migration, beside: tuple[bool, bool]) -> tuple[code.Statement, ...]:
    """What is done to a file, as the old package keeps it and the new one reads it."""
    had_more, has_more = beside
    weights = quoted("saved['model']" if had_more else "saved")
    made = quoted("migrated(WEIGHTS)", WEIGHTS=weights)
    if found.fresh:
        made = quoted("migrated(WEIGHTS, read(options.fresh))", WEIGHTS=weights)
    check = quote(
        """
        if "model" not in saved:
            raise MigrationError("there is no model in the file")
        """
    )
    if had_more and has_more:
        return (*check, *quote("saved['model'] = MADE", MADE=made))
    if has_more:
        made = code.Dict(((code.Constant("model"), made),))
    return (*(check if had_more else ()), *quote("saved = MADE", MADE=made))
