"""How `forward` reaches the layers of a class: as attributes, in containers, within loops."""

from __future__ import annotations

from ...spec.source import Path
from ..emit import code
from ..resolve.sequential import is_numbered
from .steps import Step

_SELF = code.Name("self")


class Owners:
    """Says the code of layers.

    times: the variable of each loop over a repeated container, by its path, while it runs.
    """

    def __init__(self) -> None:
        self.times: dict[Path, str] = {}

    def layer(self, step: Step) -> code.Expression:
        """A step's layer: `self.fc`, `self.layers[0]`, `self.layers["fc"]`."""
        container = step.container
        if container is None:
            return code.Name(f"self.{step.name}")
        is_number = (step.name or "").isdigit()
        if step.start < 0 and is_number and not self._is_list(container):
            return code.Subscript(self._children(container), code.Constant(step.start))
        if container.container is not None or container.node.path in self.times:
            # What a container holds is of no known type: further in, only a path leads.
            base, path = self._path(step)
            return code.Call(code.Attribute(base, "get_submodule"), (code.Constant(path),))
        key: int | str = step.name or ""
        if is_numbered(container.node):
            key = step.start if step.start < 0 else int(key)
        return code.Subscript(self.layer(container), code.Constant(key))

    def repeated(self, step: Step) -> code.Expression:
        """What a loop goes over for a repeat."""
        container = step.container
        if container is None:
            return self.layer(step)
        is_number = (step.name or "").isdigit()
        if not is_number and not step.node.template:
            return code.Call(code.Attribute(self.layer(step), "children"))
        if step.start == 0 and step.stop is None:
            held = self._held(container)
            is_list = self._is_list(container)
            return held if is_list else code.Call(code.Attribute(held, "children"))
        bounds = [None if not place else code.Constant(place) for place in (step.start, step.stop)]
        return code.Subscript(self._children(container), code.Slice(*bounds))

    def tensor(self, step: Step, getter: str, name: str) -> code.Expression:
        """A parameter or buffer of a layer: `self.get_parameter("layers.0.weight")`."""
        if step.container is None or step.is_from_end:
            return code.Call(code.Attribute(self.layer(step), getter), (code.Constant(name),))
        base, path = self._path(step)
        return code.Call(code.Attribute(base, getter), (code.Constant(f"{path}.{name}"),))

    def _held(self, container: Step) -> code.Expression:
        """A container, or the time of a repeated one that runs."""
        variable = self.times.get(container.node.path)
        return self.layer(container) if variable is None else code.Name(variable)

    def _is_list(self, container: Step) -> bool:
        """Whether type checkers know a container as a list."""
        is_known = container.container is None and container.node.path not in self.times
        return is_known and is_numbered(container.node)

    def _children(self, container: Step) -> code.Expression:
        """The layers in a container, as a list."""
        held = self._held(container)
        if self._is_list(container):
            return held
        return code.Call(code.Name("list"), (code.Call(code.Attribute(held, "children")),))

    def _path(self, step: Step) -> tuple[code.Expression, str]:
        """What a layer is reached from, and its path from there."""
        path = step.name or ""
        container = step.container
        while container is not None:
            variable = self.times.get(container.node.path)
            if variable is not None:
                return code.Name(variable), path
            path = f"{container.name}.{path}"
            container = container.container
        return _SELF, path
