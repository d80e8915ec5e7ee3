"""Spec -> Graph: every name bound, every type found, every unread value reported."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ...spec.expression.nodes import Call, Name, walk
from ...spec.model import Block, Input, Model, Param, Spec
from ...spec.names import refused_as_name, refused_as_output, shown
from ...spec.source import Path
from .arguments import ArgumentReader
from .bind import Names
from .check_blocks import (
    check_class_names,
    check_functions,
    check_recomputed,
    check_sequential,
    report_recursion,
)
from .check_default import checked_default
from .declared_names import DeclaredName, check_bound
from .dependence import check_gradients
from .entries import EntryReader
from .graph import (
    Argument,
    Graph,
    InitRule,
    InputDeclaration,
    Node,
    ParamDeclaration,
    Scope,
    Tie,
)
from .problems import Problems, clean
from .sequential import with_chains

PARAM_TYPES = ("int", "float", "bool", "str", "list", "module")


def resolve(spec: Spec, problems: Problems) -> Graph | None:
    """Binds the names of the model and of every block. None where a block contains itself."""
    check_class_names(spec, problems)
    uses: dict[str, Mapping[str, Path]] = {}
    blocks = {}
    meant: set[str] = set()
    called: dict[str, Path] = {}
    lost = False
    for name, block in spec.blocks.items():
        reader = _ScopeReader(name, ("blocks", name), block, spec, problems)
        blocks[name] = reader.read()
        uses[name] = reader.used
        called |= reader.arguments.called
        meant |= reader.meant
        lost |= reader.arguments.is_lost
    reader = _ScopeReader(spec.model.name, ("model",), spec.model, spec, problems)
    model = reader.read()
    lost |= reader.arguments.is_lost
    check_functions(called | reader.arguments.called, blocks, problems)
    used = {use for name, found in uses.items() for use in found if use != name}
    used |= {*reader.used} | meant | reader.meant
    for name in spec.blocks:
        # An included file may serve several specs.
        if name not in used and not problems.document.is_included(("blocks", name)):
            problems.error(
                "unused-block",
                f"the block {name} is never used",
                ("blocks", name),
                part="key",
                help=f'use it, {{ type = "{name}" }}, or remove it',
            )
    if problems.document.files:
        from .check_own import check_own

        check_own(spec, model, blocks, problems)
    if not lost:
        _check_model_params(spec, reader, blocks, problems)
    return None if report_recursion(uses, problems) else Graph(model, blocks)


def _check_model_params(
    spec: Spec, reader: _ScopeReader, blocks: Mapping[str, Scope], problems: Problems
) -> None:
    """A model's param may be read by the model, by a block or by a section of training."""
    read = reader.names.read | {name for scope in blocks.values() for name in _params_read(scope)}
    text = repr(
        (spec.data, spec.loss, spec.optimizer, spec.scheduler, spec.training, spec.model.init)
    )
    for name in spec.model.params:
        if name not in read and name not in text:
            problems.error(
                "unused-param",
                f"the param {name} is never read",
                ("model", "params", name),
                part="key",
                help="use it or remove it",
            )


def _params_read(scope: Scope) -> set[str]:
    return set(scope.model_params)


def output_names(block: Block) -> tuple[str, ...]:
    """What the outputs of a block are called: `h` of `encoder.h`."""
    return tuple(text.strip().split(".")[-1] for text in block.outputs)


class _ScopeReader:
    """Reads the model or one block."""

    def __init__(
        self,
        name: str,
        path: Path,
        section: Model | Block,
        spec: Spec,
        problems: Problems,
    ) -> None:
        self.name = name
        self.path = path
        self.section = section
        self.problems = problems
        self.used: Mapping[str, Path] = {}
        self.meant: set[str] = set()
        self.blocks = spec.blocks
        own = "model" if section is spec.model else "block"
        params = dict.fromkeys(spec.model.params, "model") | dict.fromkeys(section.params, own)
        outputs = {block: output_names(item) for block, item in spec.blocks.items()}
        self.names = Names(tuple(section.inputs), params, (), outputs)
        kinds = {**spec.model.params, **section.params}
        self.names.module_params = frozenset(n for n, p in kinds.items() if p.type == "module")
        self.arguments = ArgumentReader(self.names, problems)
        self.entries = EntryReader(self.names, self.arguments, problems, self.blocks)
        self.arguments.is_lost = problems.is_lost
        if section is not spec.model:
            entries = [entry.name for entry in spec.model.layers if isinstance(entry.name, str)]
            shapes = [item.shape for item in spec.model.inputs.values()]
            sizes = [size for shape in shapes for size in shape or () if isinstance(size, str)]
            self.names.outside = frozenset((*spec.model.inputs, *entries, *sizes))
        self._check_names()

    def read(self) -> Scope:
        section = self.section
        sizes = self._sizes()
        self.names.inputs = ()
        if isinstance(section, Block):
            # What follows from the sizes of inputs; the model's own vary.
            self.names.sizes, self.names.inputs = sizes, tuple(section.inputs)
        params = self._params()
        self.names.sizes, self.names.inputs = sizes, tuple(section.inputs)
        inputs = tuple(self._input(name, item) for name, item in section.inputs.items())
        require = self.arguments.formulas(section.require, (*self.path, "require"))
        nodes, outputs = self._entries()
        init, ties = self._initialisation()
        self._report_unread_names()
        return Scope(
            self.name,
            self.path,
            params,
            inputs,
            sizes,
            require,
            nodes,
            outputs,
            frozenset(
                name
                for name, owner in self.names.params.items()
                if owner == "model" and name in self.names.read
            ),
            section.dtype if isinstance(section, Model) else None,
            init,
            ties,
            self._is_sequential,
            tuple(clean(" ".join(text.split())) for text in section.require),
            bool(self.arguments.called),
        )

    def _entries(self) -> tuple[tuple[Node, ...], tuple[tuple[str, Argument], ...]]:
        """The entries of `layers`, and the outputs."""
        section, entries = self.section, self.entries
        nodes = entries.scope(
            section.layers,
            (*self.path, "layers"),
            first=next(iter(section.inputs), None),
            numbered=self._is_sequential,
        )
        outputs = self._outputs(nodes)
        self.used = {**self.arguments.called, **entries.modules.used_blocks}
        self.meant = entries.modules.meant_blocks
        if section.outputs:
            # Then the last value is returned only where an output reads it.
            self.names.before = None
        entries.report_unread(nodes)
        several = {name for name, found in self.names.blocks.items() if len(found) > 1}
        nodes = with_chains(nodes, [argument for _, argument in outputs], several)
        self._check_nodes(nodes, several)
        return nodes, outputs

    def _check_nodes(self, nodes: tuple[Node, ...], several: Collection[str]) -> None:
        if self._is_sequential and not self.names.broken:
            check_sequential(nodes, several, self.path, self.problems)
        check_recomputed(nodes, self.problems)
        check_gradients(nodes, self.problems)

    @property
    def _is_sequential(self) -> bool:
        return isinstance(self.section, Block) and self.section.sequential

    def _initialisation(self) -> tuple[tuple[InitRule, ...], tuple[Tie, ...]]:
        """The model's rules for first values, and its ties."""
        section = self.section
        if not isinstance(section, Model) or not (section.init or section.tie):
            return (), ()
        # Imported where a spec initialises: most leave it to torch.
        from .patterns import OwnerTypes
        from .read_init import InitReader, read_ties

        types = OwnerTypes(self.blocks, section.name)
        reader = InitReader(self.arguments, types, self.problems)
        rules = reader.rules(section.init, (*self.path, "init"))
        return rules, read_ties(section.tie, (*self.path, "tie"))

    def _check_names(self) -> None:
        for kind, names in (("params", self.section.params), ("inputs", self.section.inputs)):
            for name in names:
                reason = refused_as_name(name)
                if reason:
                    self.problems.error(
                        "bad-name",
                        f"{shown(name)} can't be a name: {reason}",
                        (*self.path, kind, name),
                        part="key",
                    )
        for name in self.section.inputs:
            if name in self.names.params:
                self.problems.error(
                    "name-clash",
                    f"{name} is the name of a param too",
                    (*self.path, "inputs", name),
                    part="key",
                    labels=[((*self._owner(name), "params", name), None, "the param")],
                )

    def _owner(self, param: str) -> Path:
        return self.path if self.names.params[param] == "block" else ("model",)

    def _params(self) -> tuple[ParamDeclaration, ...]:
        """The params, each of which sees those before it."""
        names, own = self.names, self.section.params
        known, modules = names.params, names.module_params
        names.params = {name: owner for name, owner in known.items() if name not in own}
        names.module_params = frozenset(name for name in modules if name not in own)
        later = {name: (*self.path, "params", name) for name in own}
        found = []
        for name, param in own.items():
            names.later = later
            found.append(self._param(name, param))
            del later[name]
            names.params = {**names.params, name: known[name]}
            names.module_params |= modules & {name}
        names.params, names.later = known, {}
        return tuple(found)

    def _param(self, name: str, param: Param) -> ParamDeclaration:
        path = (*self.path, "params", name)
        kind = param.type
        if kind is None and param.default is None:
            self.problems.error(
                "missing-key",
                f"the param {name} needs a type or a default",
                path,
                help='"int" makes it required, a value is its default',
            )
        default: Argument | None = None
        if kind == "module" and param.default is not None:
            default = self.entries.modules.default(param.default, (*path, "default"))
        elif param.default is not None:
            default = (
                self.arguments.plain(param.default, path)
                if kind == "str"
                else self.arguments.read(param.default, path)
            )
        if default is not None:
            default = checked_default(default, self.problems)
        if kind is not None and kind not in PARAM_TYPES:
            # Any other string is an expression over earlier params and sizes.
            default, kind = self.arguments.read(kind, path), None
        return ParamDeclaration(name, path, kind, default)

    def _sizes(self) -> tuple[str, ...]:
        """The names in declared shapes that are no params, in the order written."""
        found: list[DeclaredName] = []
        for name, item in self.section.inputs.items():
            for index, size in enumerate(item.shape or ()):
                if isinstance(size, str):
                    path = (*self._shape_path(name), index)
                    expression = self.arguments.parse(size, path)
                    nodes = list(walk(expression)) if expression else []
                    called = {id(node.func) for node in nodes if isinstance(node, Call)}
                    for node in nodes:
                        if isinstance(node, Name) and not (
                            node.id in self.names.params or id(node) in called
                        ):
                            self._check_size(node, path)
                            found.append(DeclaredName(node, node is expression, name, path))
        if not isinstance(self.section, Model):
            check_bound(self.section.inputs, found, self.problems)
        return tuple(dict.fromkeys(one.node.id for one in found))

    def _shape_path(self, name: str) -> Path:
        path = (*self.path, "inputs", name)
        return (*path, "shape") if isinstance(self.problems.raw(path), dict) else path

    def _check_size(self, node: Name, path: Path) -> None:
        reason = refused_as_name(node.id)
        if reason:
            self.problems.error(
                "bad-name", f"{node.id} can't be a size: {reason}", path, within=node.at
            )
        elif node.id in self.section.inputs:
            self.problems.error(
                "name-clash", f"{node.id} is the name of an input too", path, within=node.at
            )

    def _input(self, name: str, item: Input) -> InputDeclaration:
        path = (*self.path, "inputs", name)
        shape = None
        if item.shape is not None:
            shape = tuple(
                self.arguments.read(size, (*self._shape_path(name), index))
                for index, size in enumerate(item.shape)
            )
        elif isinstance(self.section, Model):
            self.problems.error(
                "missing-shape",
                f"the model's input {name} has no shape",
                path,
                part="key",
                help=f'{name} = ["batch", 5]',
            )
        self._check_optional(name, item, path)
        conditions = self.arguments.formulas(item.where, (*path, "where"))
        return InputDeclaration(name, path, shape, item.dtype, conditions, item.optional)

    def _check_optional(self, name: str, item: Input, path: Path) -> None:
        """Reports an optional input before one that is required: calls give inputs in order."""
        names = list(self.section.inputs)
        later = [n for n in names[names.index(name) :] if not self.section.inputs[n].optional]
        if item.optional and later:
            self.problems.error(
                "conflict",
                f"{name} is optional, and {later[0]} behind it is not",
                (*path, "optional"),
                part="key",
                labels=[((*self.path, "inputs", later[0]), None, "required")],
                help="what may be left out stands behind what is required",
            )
        elif item.optional and name == names[0]:
            self.problems.error(
                "conflict",
                "all inputs are optional: without any there is nothing to compute with",
                (*path, "optional"),
                part="key",
            )

    def _outputs(self, nodes: tuple[Node, ...]) -> tuple[tuple[str, Argument], ...]:
        path = (*self.path, "outputs")
        if not self.section.outputs:
            if self.names.before is None:
                return ()
            return (("", Argument((*self.path, "layers"), self.names.before)),)
        outputs: list[tuple[str, Argument]] = []
        for index, text in enumerate(self.section.outputs):
            place = path if isinstance(self.problems.raw(path), str) else (*path, index)
            name = text.strip().split(".")[-1]
            said = refused_as_output(text.strip(), {known for known, _ in outputs})
            if said is not None:
                self.problems.error("bad-name", said, place)
                self.arguments.is_lost = True
                continue
            outputs.append((name, self.arguments.read(text, place)))
        return tuple(outputs)

    def _report_unread_names(self) -> None:
        for kind, names in (("inputs", self.section.inputs), ("params", self.section.params)):
            if kind == "params" and isinstance(self.section, Model):
                continue
            for name in () if self.arguments.is_lost else names:
                if name not in self.names.read:
                    self.problems.error(
                        f"unused-{kind[:-1]}",
                        f"the {kind[:-1]} {name} is never read",
                        (*self.path, kind, name),
                        part="key",
                        help="use it or remove it",
                    )
