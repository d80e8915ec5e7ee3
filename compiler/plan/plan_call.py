"""The calls of layers in `forward`."""

from __future__ import annotations

from collections.abc import Sequence

from ..emit import code
from ..resolve.graph import Node


def layer_call(
    node: Node,
    layer: code.Expression,
    arguments: Sequence[tuple[str | None, code.Expression]],
    modules: set[str],
) -> code.Call:
    """`self.block(x, mask=mask)`, or `checkpoint(self.block, x, use_reentrant=False)`.

    arguments: by place (None) and by name. modules: what the code imports is noted there.
    """
    args = tuple(value for name, value in arguments if name is None)
    keywords = tuple(code.Keyword(name, value) for name, value in arguments if name is not None)
    if not node.recompute:
        return code.Call(layer, args, keywords)
    modules.add("checkpoint")
    reentrant = code.Keyword("use_reentrant", code.Constant(False))
    return code.Call(code.Name("checkpoint"), (layer, *args), (*keywords, reentrant))
