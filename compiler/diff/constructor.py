"""The arguments of a model's constructor, as the package has them."""

from __future__ import annotations

from ...spec.record import Record
from ...spec.source import Document
from ..compile import Checked
from ..emit import code
from ..emit.printer import render
from ..plan.plan_model import plan_model
from ..resolve.problems import Problems


class ConstructorArgument(Record):
    """An argument: its type and its default, as they are written."""

    type: str
    default: str | None

    def __str__(self) -> str:
        return self.type if self.default is None else f"{self.type} = {self.default}"


def constructor(checked: Checked, document: Document) -> dict[str, ConstructorArgument]:
    """The arguments of a sound model's constructor by name."""
    plan = plan_model(checked.graph, checked.typed, Problems(document))
    classes = [d for d in plan.definitions if isinstance(d, code.ClassDef)]
    model = next(one for one in classes if one.name == plan.class_name)
    made = [s for s in model.body if isinstance(s, code.FunctionDef) and s.name == "__init__"]
    arguments = [arg for one in made for arg in (*one.args, *one.kwonly) if arg.name != "self"]
    return {
        arg.name: ConstructorArgument(_text(arg.annotation) or "", _text(arg.default))
        for arg in arguments
    }


def _text(expression: code.Expression | None) -> str | None:
    if expression is None:
        return None
    return render((code.Return(expression),)).removeprefix("return ").strip()
