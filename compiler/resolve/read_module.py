"""Reads the entries of modules and blocks: what their types mean, and their arguments."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from ...spec import registry
from ...spec.kinds import Kind
from ...spec.layers.base import Layer, ModuleArgument
from ...spec.model import Block, ModuleEntry, Param
from ...spec.names import names_file, shown
from ...spec.source import Path
from . import bound
from .arguments import ArgumentReader
from .bind import Names
from .bound import BROKEN
from .graph import Argument, BlockUse, LayerUse, ModuleUse, ParamUse
from .problems import Problems
from .unsupported import refuse

ANY: Final = ModuleArgument("input")
"""What a param of type module may stand for."""
PARAM_KINDS: Final = ("int", "float", "bool", "str", "list", "module")


class ModuleReader:
    """Reads them in one scope.

    used_blocks: with the place of the first use. meant_blocks: what slips may have meant.
    """

    def __init__(
        self,
        names: Names,
        arguments: ArgumentReader,
        problems: Problems,
        blocks: Mapping[str, Block],
    ) -> None:
        self.names = names
        self.arguments = arguments
        self.problems = problems
        self.blocks = blocks
        self.used_blocks: dict[str, Path] = {}
        self.meant_blocks: set[str] = set()

    def action(self, entry: ModuleEntry, path: Path) -> LayerUse | None:
        """The module or block that an entry uses; None after reporting why there is none."""
        given = entry.model_extra or {}
        # A bare name has no key "type": the entry itself is the place.
        place = (*path, "type") if isinstance(self.problems.raw(path), dict) else path
        if entry.type in self.names.module_params:
            arguments = {
                key: self.arguments.read(value, (*path, key)) for key, value in given.items()
            }
            return ParamUse(self.names.param(entry.type, (0, 0)), arguments, path)
        if entry.type in self.blocks:
            self.used_blocks.setdefault(entry.type, place)
            found = self._block_arguments(entry.type, given, path)
            return BlockUse(entry.type, found) if found is not None else None
        if names_file(entry.type):
            # Imported where a spec has such an entry: most have none.
            from .read_own import OwnReader

            return OwnReader(self.names, self.arguments, self.problems).use(entry, path, place)
        if not registry.has("layers", entry.type):
            meant = self._unknown_type(entry.type, place)
            if meant is not None:
                # Whatever else is wrong is told in the same run.
                return self.action(entry.model_copy({"type": meant}), path)
            self.arguments.overlook(list(given.values()))
            return None
        return self._module(entry.type, given, path, place)

    def default(self, value: object, path: Path) -> Argument:
        """The default of a param of type module."""
        made = self.value(value, path)
        if isinstance(made.value, bound.Param):
            problem = f"a default is a module or a block, and {made.value.name} is a param"
            self.problems.error("invalid-value", problem, path)
        return made

    def value(self, value: object, path: Path) -> Argument:
        """A value of a param of type module: a name, or a table with arguments."""
        given = {"type": value} if isinstance(value, str) else value
        name = given.get("type") if isinstance(given, dict) else None
        if not isinstance(given, dict) or not isinstance(name, str):
            problem = "a module is its name, or a table with its type"
            help = '{ type = "GELU", approximate = "tanh" }'
            self.problems.error("wrong-type", problem, path, help=help)
            self.arguments.overlook(value)
            return Argument(path, BROKEN)
        place = (*path, "type") if isinstance(value, dict) else path
        rest = {key: item for key, item in given.items() if key != "type"}
        if name in self.names.module_params:
            if rest:
                problem = f"{name} is a param: its arguments stand where its module is named"
                self.problems.error("wrong-arguments", problem, path)
            return Argument(path, self.names.param(name, (0, 0)))
        made: ModuleUse | BlockUse | None
        if name in self.blocks:
            self.used_blocks.setdefault(name, place)
            found = self._block_arguments(name, rest, path, complete=False)
            made = BlockUse(name, found) if found is not None else None
        else:
            made = self._module(name, rest, path, place)
            if made is not None and not ANY.fits(made.layer):
                problem = f"a param of type module stands for {ANY.wanted}, and {name} is none"
                self.problems.error("invalid-value", problem, place)
                made = None
            elif made is not None and made.modules:
                problem = f"{name} takes a module, whose sizes only its own place settles"
                self.problems.error("not-supported", problem, place, help="write a block around it")
                made = None
        return Argument(path, BROKEN if made is None else made)

    def _module(
        self, name: str, given: Mapping[str, object], path: Path, place: Path
    ) -> ModuleUse | None:
        """A module of torch. place: where its type is written."""
        layer = registry.load("layers", name)
        if not (isinstance(layer, type) and issubclass(layer, Layer)):
            self._unknown_type(name, place)
            self.arguments.overlook(list(given.values()))
            return None
        kinds, inner = _kinds(layer), layer.modules()
        arguments: dict[str, Argument] = {}
        modules: dict[str, ModuleUse] = {}
        is_sound = True
        for key, value in given.items():
            if key in inner:
                module = self._inner(value, (*path, key), inner[key])
                modules |= {key: module} if module else {}
                is_sound &= module is not None
            elif key in kinds:
                arguments[key] = self.arguments.read(value, (*path, key), kinds[key])
            else:
                meant = self._unknown_argument(name, key, path, kinds)
                is_sound &= self._is_mended(meant, value, (*path, key), kinds, arguments)
        return ModuleUse(layer, arguments, path, modules) if is_sound else None

    def _inner(self, value: object, path: Path, kind: ModuleArgument) -> ModuleUse | None:
        """A module among the arguments of another: a table, or the bare name of its type."""
        given = {"type": value} if isinstance(value, str) else value
        name = given.get("type") if isinstance(given, dict) else None
        if not isinstance(given, dict) or not isinstance(name, str):
            problem = f"{path[-1]} must be {kind.expects}"
            self.problems.error("wrong-type", problem, path)
            self.arguments.overlook(value)
            return None
        place = (*path, "type") if isinstance(value, dict) else path
        if name in self.blocks:
            problem = f"{path[-1]} must be a module of torch.nn, and {name} is a block"
            self.problems.error("not-supported", problem, place)
            return None
        rest = {key: item for key, item in given.items() if key != "type"}
        module = self._module(name, rest, path, place)
        if module is not None and not kind.fits(module.layer):
            self.problems.error(
                "invalid-value", f"{path[-1]} must be {kind.wanted}, not {name}", place
            )
            return None
        return module

    def _is_mended(
        self,
        meant: str | None,
        value: object,
        path: Path,
        kinds: Mapping[str, Kind | None],
        arguments: dict[str, Argument],
    ) -> bool:
        """Whether an unknown argument is sure to be another one, which it is then taken for."""
        sure = registry.slip(str(path[-1]), kinds) if meant is not None else None
        if sure is None or sure != meant or sure in arguments:
            return False
        arguments[sure] = self.arguments.read(value, path, kinds[sure])
        return True

    def _unknown_type(self, name: str, place: Path) -> str | None:
        """Reports it, and gives the one that was surely meant."""
        if name in self.names.params:
            self.names.read.add(name)
            problem = f"{name} is a param, and not one of type module"
            self.problems.error("unknown-type", problem, place, help=f'{name} = "module"')
            return None
        if names_file(name):
            refuse("a layer from a file of one's own as an argument", place, self.problems)
            return None
        # Imported where a name is unknown: in most specs none is.
        from .unknown_type import unknown_type

        found = unknown_type(name, self.blocks)
        if found.meant is not None:
            self.meant_blocks.add(found.meant)
        self.problems.error(
            found.code,
            found.message,
            place,
            help=found.help,
            replacement=f'"{found.meant}"' if found.is_slip and found.meant else None,
        )
        # What has another library's name may have its arguments, too.
        is_sure = found.is_slip and found.meant and registry.is_near(name, found.meant)
        return found.meant if is_sure else None

    def _unknown_argument(
        self, type: str, key: str, path: Path, known: Mapping[str, object]
    ) -> str | None:
        """Reports it, and gives the one that was meant."""
        raw = self.problems.raw((*path, key))
        self.arguments.overlook(raw)
        # It may have been meant for a key that any module may have.
        keys = [*known, *ModuleEntry.model_fields]
        close = registry.closest(key, keys)
        has = ", ".join(known) or "no arguments"
        self.problems.error(
            "unknown-argument",
            f"{type} has no argument {shown(key)}",
            (*path, key),
            part="key",
            help=f"did you mean {close}?" if close else f"it has {has}",
            replacement=registry.slip(key, keys),
        )
        return close

    def _block_arguments(
        self, block: str, given: Mapping[str, object], path: Path, *, complete: bool = True
    ) -> dict[str, Argument] | None:
        """The values of a block's params; None after reporting what is wrong with them.

        complete: whether all that the block requires must be among them.
        """
        params = self.blocks[block].params
        arguments: dict[str, Argument] = {}
        meant: set[str | None] = set()
        for key, value in given.items():
            if key not in params:
                close = self._unknown_argument(block, key, path, params)
                kinds = dict.fromkeys(params)
                if not self._is_mended(close, value, (*path, key), kinds, arguments):
                    meant.add(close)
            elif _is_constant(params[key]):
                self.problems.error(
                    "wrong-arguments",
                    f"{key} is a constant of {block}: it follows from its other params and sizes",
                    (*path, key),
                    part="key",
                    labels=[(("blocks", block, "params", key), None, "computed here")],
                )
            elif params[key].type == "module":
                arguments[key] = self.value(value, (*path, key))
            elif params[key].type == "str" and isinstance(value, str):
                arguments[key] = self._text_argument(value, (*path, key))
            else:
                arguments[key] = self.arguments.read(value, (*path, key))
        missing = params.keys() - arguments.keys() - meant if complete else ()
        meant |= self._missing_params(block, missing, path)
        return None if meant else arguments

    def _missing_params(self, block: str, missing: Collection[str], path: Path) -> set[str]:
        """Reports those that a block requires."""
        params = self.blocks[block].params.items()
        required = {key: one for key, one in params if one.default is None}
        found = [key for key in required if key in missing and required[key].type in PARAM_KINDS]
        for key in found:
            self.problems.error(
                "missing-argument",
                f"{block} needs {key}",
                path,
                labels=[(("blocks", block, "params", key), None, "required here")],
                help=f"{key} = …",
            )
        return set(found)

    def _text_argument(self, value: str, path: Path) -> Argument:
        """A string for a block's param of type str: a param's name is that param."""
        if value in self.names.params:
            return self.arguments.read(value, path)
        return self.arguments.plain(value, path)


def _is_constant(param: Param) -> bool:
    """Whether a param is an expression over others, which no use gives."""
    return param.type not in PARAM_KINDS and not (
        param.type is None and not isinstance(param.default, str)
    )


def _kinds(layer: type[Layer]) -> dict[str, Kind | None]:
    """The arguments that a layer takes, each with its kind."""
    return {
        name: next((mark for mark in field.metadata if isinstance(mark, Kind)), None)
        for name, field in layer.model_fields.items()
    }
