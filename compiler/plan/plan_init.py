"""TypedGraph -> the constructor of a class: one statement for each layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...spec.expression import nodes
from ...spec.kinds import Kind
from ...spec.layers.base import Layer
from ...spec.literals import TensorLiteral
from ...spec.tensor.dim import Dim
from ...spec.tensor.dtype import DTYPES
from ...spec.tensor.type import TensorType
from ..elaborate.places import running_names, said
from ..elaborate.typed import TypedNode, TypedScope
from ..emit import code
from ..emit.names_read import names_read
from ..emit.replaced import replaced
from ..resolve.graph import (
    Argument,
    BlockUse,
    Container,
    ModuleUse,
    Node,
    ParamDeclaration,
    ParamUse,
    Recurrence,
    TensorUse,
)
from ..resolve.sequential import has_modules
from .class_plan import ClassPlan, ModelPlanner, input_size
from .common_sizes import shared_formulas
from .init_words import InitWords
from .needed_sizes import sizes_read
from .plan_containers import container
from .plan_guards import Guards
from .plan_parametrize import late_statements, parametrize_blocks, parametrized
from .plan_repeats import RepeatPlanner
from .plan_sequential import sequential_init
from .plan_tensors import tensor_call
from .plan_ties import tie_statements
from .shared_arguments import shared_arguments
from .steps import can_be_identity, owned
from .translate import size_code
from .values import constant

_SUPER = code.Expr(code.Call(code.Attribute(code.Call(code.Name("super")), "__init__")))


class InitPlanner:
    """Plans `__init__` of one class."""

    def __init__(self, owner: ModelPlanner, plan: ClassPlan) -> None:
        self.owner = owner
        self.plan = plan
        self.words = InitWords(owner, plan)
        self.reset: tuple[code.Statement, ...] = ()
        # The uses of the class that have the layer at hand.
        self.present: Sequence[TypedScope] = plan.uses
        self.model_params = owner.classes[""].uses[0].params
        # Statements that what is being planned needs before it.
        self.before: list[code.Statement] = []
        self.position = 0
        self.repeats = RepeatPlanner(self)

    def body(self) -> tuple[code.Statement, ...]:
        """The statements of `__init__`, layers in the order of the spec."""
        if self.plan.scope.is_sequential:
            return self._complete([], [*sequential_init(self), *self._kept()])
        statements: list[code.Statement] = []
        for index, node in enumerate(self.plan.scope.nodes):
            typed = [use.nodes[index] for use in self.plan.uses]
            self.position = index
            layer = self._layer(node, typed)
            statements += [*self.before, *layer]
            self.before.clear()
        if self.reset:
            statements.append(code.Expr(code.Call(code.Name("self.init_weights"))))
        if self.owner.late and self.plan.scope.path == ("model",):
            statements += self._parametrized()
        if self.plan.scope.ties:
            statements += tie_statements(self.owner.graph)
        names = {*self.plan.arguments.values(), *self.plan.model_params}
        names |= {param.name for param in self.plan.scope.params if not param.is_constant}
        shared = shared_arguments(statements, names)
        if len(shared) > len(statements):
            self.words.modules.add("partial")
        return self._complete([_SUPER], [*self._kept(), *shared])

    def _kept(self) -> list[code.Statement]:
        """Arguments that other methods read, as attributes."""
        kept = self.plan.kept.items()
        return [code.Assign(code.Name(f"self.{name}"), value) for name, value in kept]

    def _parametrized(self) -> list[code.Statement]:
        """What parametrizes modules once `init_weights` has filled them."""
        late = self.owner.late
        found = late_statements(self.plan.scope, self.plan.uses, late, self.words)
        names = [
            name for name in self.owner.classes if any(("blocks", name) == p[:2] for p in late)
        ]
        return [*found, parametrize_blocks(names)] if names else found

    def _complete(
        self, first: Sequence[code.Statement], statements: Sequence[code.Statement]
    ) -> tuple[code.Statement, ...]:
        """The body, with what the statements need before them."""
        guards = Guards(self)
        settled = self._settled_params((*guards.statements, *statements))
        self.owner.modules |= self.words.modules
        early, late = guards.around(settled)
        body = (*settled, *late, *statements)
        return (*first, *early, *(self._kept_at_once(body) if first else body))

    def _kept_at_once(self, body: Sequence[code.Statement]) -> Iterator[code.Statement]:
        """`self.head_dim = width // heads`, where other methods read what follows from params."""
        kept = {
            param.name: code.Name(f"self.{param.name}")
            for param in self.plan.scope.params
            if param.is_constant and param.name in self.plan.kept
        }
        for statement in replaced(tuple(body), kept):
            if not isinstance(statement, code.Assign) or statement.target != statement.value:
                yield statement

    def _settled_params(self, body: tuple[code.Statement, ...]) -> tuple[code.Statement, ...]:
        """Params that follow from others, always or where they are left out, if they are read."""
        found: tuple[code.Statement, ...] = ()
        for param in reversed(self.plan.scope.params):
            if param.default is None or param.name not in names_read((found, body)):
                continue
            name = code.Name(param.name)
            if not param.is_constant and not is_filled_in(param, self.words, self.owner):
                continue
            made: code.Statement = code.Assign(name, self.words.argument(param.default))
            if not param.is_constant:
                test = code.Compare(name, ("is",), (code.Constant(None),))
                made = code.If(test, (made,))
            found = (made, *found)
        return found

    def _layer(self, node: Node, typed: Sequence[TypedNode]) -> list[code.Statement]:
        if isinstance(node.action, TensorUse):
            tensors = [one.tensor.type for one in typed if one.tensor is not None]
            made = [self._tensor(node.action, type) for type in tensors]
            value = self.owner.common(made, node.path, "the shape")
            return [code.Assign(code.Name(f"self.{node.attribute}"), value)]
        if isinstance(node.action, Recurrence) and not node.names:
            inside = owned([node], [typed])
            return [made for child, each in inside for made in self._layer(child, each)]
        if node.attribute is None or not has_modules(node):
            return []
        present = [one for one in typed if not one.absent]
        if not present:
            return []
        self.present = [
            use for use, one in zip(self.plan.uses, typed, strict=True) if not one.absent
        ]
        if node.template:
            return self._named_times(node, present, len(present) == len(typed))
        target = code.Name(f"self.{node.attribute}")
        if node.repeat is not None and not node.shared and len(present) == len(typed):
            layers = self.repeats.module_list(node, present, target)
            return [] if layers is None else [code.Assign(target, layers)]
        value = self.construct(node, present)
        if len(present) == len(typed):
            return [code.Assign(target, value)]
        if not self.is_decided(node):
            return []
        assert node.when is not None
        before, self.before = self.before, []
        added = code.If(self.words.argument(node.when), (*before, code.Assign(target, value)))
        if node.call is None:
            # What calls it later has the condition, too.
            return [added]
        if can_be_identity(node, present):
            nothing = code.Call(code.Name("nn.Identity"))
            return [code.Assign(target, nothing, annotation=code.Name("nn.Module")), added]
        kind = code.BinOp(_class_of(value), "|", code.Constant(None))
        return [code.Assign(target, code.Constant(None), annotation=kind), added]

    def is_decided(self, node: Node) -> bool:
        """Whether the constructor can say if an entry is present; else this is reported."""
        assert node.when is not None
        if self.is_sayable(node.when):
            return True
        self.owner.problems.error(
            "uses-differ",
            "whether this is present follows from sizes that no param of the block gives",
            node.when.path,
            help="make the condition a param of the block",
        )
        return False

    def _named_times(
        self, node: Node, typed: Sequence[TypedNode], is_always: bool
    ) -> list[code.Statement]:
        """A repeat each of whose times is an attribute with a name of its own."""
        if not is_always:
            self.owner.problems.error(
                "uses-differ",
                "the uses of this block need different code: this repeat is present in some only",
                node.path,
                help="use two blocks",
            )
        return self.repeats.attributes(node, typed)

    def _tensor(self, use: TensorUse, type: TensorType) -> code.Expression:
        if use.shape is not None and not self.is_sayable(use.shape):
            sizes = (Argument(use.shape.path, nodes.Constant(int(n), (0, 0))) for n in type.shape)
            use = use.replace(shape=Argument(use.shape.path, tuple(sizes)))
        return tensor_call(use, type, self.words)

    def construct(self, node: Node, typed: Sequence[TypedNode]) -> code.Expression:
        """The call that makes a layer, block or container, repeats included."""
        if node.repeat is None:
            return self.one(node, typed)
        if node.shared:
            return self.repeats.at(node, typed, 0)
        made = self.repeats.module_list(node, typed, None)
        assert made is not None
        return made

    def one(self, node: Node, typed: Sequence[TypedNode]) -> code.Expression:
        """The call that makes one time of a repeat, or what is no repeat."""
        match node.action:
            case ModuleUse():
                return self._module(node, node.action, typed)
            case BlockUse():
                return self._block(node, node.action, typed)
            case ParamUse():
                # Imported where a param is a module: in most specs none is.
                from .plan_module_params import param_call

                return param_call(self, node, node.action, typed)
            case Container(children):
                return container(self, node, children, typed)
        raise TypeError(type(node.action).__name__)

    def _module(self, node: Node, use: ModuleUse, typed: Sequence[TypedNode]) -> code.Expression:
        layers = [one.layer for one in typed if one.layer is not None]
        made = self._layer_call(node, use, layers)
        return made if node.path in self.owner.late else parametrized(node, made, self.words)

    def _layer_call(self, node: Node, use: ModuleUse, layers: Sequence[Layer]) -> code.Call:
        """The call of a module's constructor, modules among its arguments within it."""
        args: list[code.Expression] = []
        keywords: list[code.Keyword] = []
        for place, (name, field) in enumerate(use.layer.model_fields.items()):
            kind = next((mark for mark in field.metadata if isinstance(mark, Kind)), None)
            made = self._field(node, use, name, layers, kind)
            if made is None:
                continue
            if place < use.layer.positional and len(args) == place:
                args.append(made)
            else:
                keywords.append(code.Keyword(name, made))
        if use.own is not None:
            self.owner.own.setdefault(use.own.file, set()).add(use.layer.__name__)
        return code.Call(code.Name(use.layer.code_name()), tuple(args), tuple(keywords))

    def _field(
        self, node: Node, use: ModuleUse, name: str, layers: Sequence[Layer], kind: Kind | None
    ) -> code.Expression | None:
        """The code of one argument, None where torch's default stands."""
        field = use.layer.model_fields[name]
        values = [getattr(layer, name) for layer in layers]
        if name in use.modules:
            return self._layer_call(node, use.modules[name], values)
        is_default = not field.is_required() and all(value == field.default for value in values)
        argument = use.arguments.get(name)
        if argument is not None and isinstance(values[0], TensorLiteral):
            return self._tensor_argument(node, name, argument, values)
        if argument is not None and self.is_sayable(argument):
            return None if argument.is_plain and is_default else self.words.argument(argument, kind)
        if is_default:
            return None
        formulas = shared_formulas(values, self.present, self.model_params)
        codes = [self.literal(value, kind) for value in formulas]
        return self.owner.common(codes, node.path, f"{name} of {use.layer.__name__}")

    def _tensor_argument(
        self, node: Node, name: str, argument: Argument, values: Sequence[TensorLiteral]
    ) -> code.Expression:
        """The code of a list that torch takes as a tensor."""
        self.words.modules.add("torch")
        if argument.is_plain or not self.is_sayable(argument):
            return self.owner.common([constant(value) for value in values], node.path, name)
        dtype = self.owner.common(
            [code.Name(f"torch.{value.dtype}") for value in values], node.path, f"dtype of {name}"
        )
        items = (self.words.argument(argument),)
        return code.Call(code.Name("torch.tensor"), items, (code.Keyword("dtype", dtype),))

    def is_sayable(self, argument: Argument) -> bool:
        """Whether an argument can stand as written: all sizes that it reads have a name."""
        found = sizes_read(argument, self.plan.uses[0])
        return all(text in self.plan.sizes for text in found)

    def literal(self, value: Any, kind: Kind | None = None) -> code.Expression:
        """The code of a value that was inferred, or set for the whole model."""
        if isinstance(value, Dim):
            return size_code(self._known(value), self.plan.sizes)
        if isinstance(value, tuple):
            return code.Tuple(tuple(self.literal(item, kind) for item in value))
        if isinstance(value, str) and value in DTYPES and kind and value in kind.strings:
            self.words.modules.add("torch")
            return code.Name(f"torch.{value}")
        return code.Constant(value)

    def _known(self, size: Dim) -> Dim:
        """A size's formula, if the constructor has all that it reads."""
        formula = said(size)
        symbols = [part.name for part in formula.symbols]
        names = [name for one in symbols for name in running_names(one)]
        names += [one for one in symbols if ".shape[" in one or one in self.plan.uses[0].sizes]
        return formula if all(name in self.plan.sizes for name in names) else Dim(size.terms)

    def _block(self, node: Node, use: BlockUse, typed: Sequence[TypedNode]) -> code.Expression:
        inner = self.owner.classes[use.block]
        keywords: list[code.Keyword] = []
        for text, argument in inner.arguments.items():
            sizes = [input_size(one, text) for one in typed]
            formulas = shared_formulas(sizes, self.present, self.model_params)
            codes = [self.literal(size) for size in formulas]
            made = self.owner.common(codes, node.path, argument)
            keywords.append(code.Keyword(argument, made))
        for param in inner.scope.params:
            if param.name in use.arguments and param.name not in inner.unread:
                written = use.arguments[param.name]
                if param.default is not None and _is_same(written, param.default):
                    continue
                made = self._param(param.name, written, typed)
                if not _is_default(made, param.default):
                    keywords.append(code.Keyword(param.name, made))
        keywords += [code.Keyword(name, self.words.param(name)) for name in inner.model_params]
        return code.Call(code.Name(use.block), keywords=tuple(keywords))

    def _param(self, name: str, written: Argument, typed: Sequence[TypedNode]) -> code.Expression:
        """The code of a block's param."""
        if self.is_sayable(written):
            return self.words.argument(written)
        values = [one.scope.params[name] for one in typed if one.scope is not None]
        codes = [constant(_without_formula(value)) for value in values]
        return self.owner.common(codes, written.path, f"the param {name}")


def _class_of(value: code.Expression) -> code.Expression:
    """The class of what a call makes, where it is one's own call of a class."""
    match value:
        case code.Call(code.Name(name)) if name.startswith("nn.") or name[:1].isupper():
            return code.Name(name)
    return code.Name("nn.Module")


def _is_same(written: Argument, default: Argument) -> bool:
    """Whether a param's value is written as its default is."""
    value, other = written.value, default.value
    if isinstance(value, ModuleUse) and isinstance(other, ModuleUse):
        plain = not value.arguments and not other.arguments
        return value.layer is other.layer and plain
    return value == other


def is_filled_in(param: ParamDeclaration, words: InitWords, owner: ModelPlanner) -> bool:
    """Whether the constructor fills in the default of a param, which no signature could say."""
    if param.default is None or not owner.is_written(param.default):
        return False
    if param.type == "module":
        return isinstance(words.argument(param.default), code.Call)
    return not param.default.is_plain


def _is_default(made: code.Expression, default: Argument | None) -> bool:
    """Whether a value that an expression came to is a param's plain default."""
    if default is None or not isinstance(default.value, nodes.Constant):
        return False
    return made == code.Constant(default.value.value)


def _without_formula(value: object) -> object:
    if isinstance(value, tuple):
        return tuple(map(_without_formula, value))
    return value.constant if isinstance(value, Dim) else value
