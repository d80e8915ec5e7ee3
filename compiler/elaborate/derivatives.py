"""How often torch derives its functions and modules, where that is not as often as one likes.

Found by running each in torch 2.13; the tests repeat it. What is not named here can be derived
again and again, or passes no gradient on because it gives zeros or whole numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ...spec.expression.nodes import Constant
from ...spec.record import Record
from ...spec.tensor.dtype import DTYPES, is_floating_point
from ..resolve.bound import FunctionCall, MethodCall


class Order(Record):
    """How often something is derived by some of its arguments.

    arguments: their names; none stands for all. given: where this argument is given alone.
    again: how often so that the result can be derived, too. times: how often at all; below 0,
        torch refuses an argument that requires a gradient.
    """

    arguments: frozenset[str]
    again: int
    times: int
    given: str | None = None


def _orders(text: str, again: int, times: int) -> Iterator[tuple[str, Order]]:
    """Of lines such as `name argument argument`."""
    for line in text.strip().splitlines():
        name, *arguments = line.split()
        given = [argument[1:] for argument in arguments if argument[0] == "+"]
        names = frozenset(arguments) - {f"+{name}" for name in given}
        yield name, Order(names, again, times, given[0] if given else None)


_REFUSED: Final = """
batch_norm running_mean running_var
binary_cross_entropy weight
binary_cross_entropy_with_logits weight pos_weight
cross_entropy weight
instance_norm running_mean running_var
linalg_pinv atol rtol
multi_margin_loss weight
native_batch_norm running_mean running_var
nll_loss weight
soft_margin_loss target
view_as_complex_copy
"""
_NEVER: Final = """
bernoulli input +p
detach_copy
floor_divide
geqrf
heaviside
histogram
histogramdd
igamma input
igammac input
linalg_ldl_factor
linalg_ldl_factor_ex
linalg_ldl_solve
native_channel_shuffle
scatter +reduce
special_gammainc input
special_gammaincc input
special_zeta input
"""
_ONCE: Final = """
cdist
ctc_loss log_probs
embedding_bag
hardsigmoid
multi_margin_loss input
multilabel_margin_loss input
pdist
"""
FUNCTIONS: Final[Mapping[str, Order]] = dict([*_orders(_NEVER, 0, 0), *_orders(_ONCE, 1, 1)])
"""By the registered names of functions and methods."""
REFUSING: Final[Mapping[str, Order]] = dict(_orders(_REFUSED, -1, -1))
"""Functions that take no tensor that requires a gradient for some arguments."""
REMAINDER: Final = Order(frozenset({"other"}), 0, 0)
"""Of `remainder` where a number is divided by a tensor."""
MADE_COMPLEX: Final = Order(frozenset({"input"}), 0, 0)
"""Of functions that reduce real numbers to complex ones: torch does not come back from these."""
REDUCING: Final = frozenset(
    """cumprod masked_cumprod masked_mean masked_std masked_sum masked_var mean prod sum""".split()
)
"""Functions that do, where their dtype says so."""
LAYERS: Final[Mapping[str, Order]] = dict(
    [
        *_orders("CTCLoss\nEmbeddingBag\nHardsigmoid\nMultiLabelMarginLoss\nMultiMarginLoss", 1, 1),
        *_orders("CrossMapLRN2d", 0, 1),
    ]
)
REFUSING_LAYERS: Final[Mapping[str, Order]] = dict(_orders("SoftMarginLoss target", -1, -1))


def may_be_limited(text: str) -> bool:
    """Whether a spec's text has anything in it that torch does not derive as often as one likes."""
    names = (*FUNCTIONS, *REFUSING, *LAYERS, *REFUSING_LAYERS, "linalg.", "special.", "//", "%")
    names += ("complex",)
    return any(name in text for name in names)


PASSING_NO_GRADIENT: Final = frozenset(
    """all any argmax argmin argsort bool bucketize byte char count_nonzero detach detach_copy eq
    floor_divide full_like ge greater greater_equal gt heaviside histc int isclose isfinite isin
    isinf isnan isneginf isposinf isreal le less less_equal linalg_matrix_rank linspace logical_and
    logical_not logical_or logical_xor logspace long lt masked_argmax masked_argmin multinomial ne
    igamma igammac geqrf histogram linalg_ldl_factor linalg_ldl_factor_ex native_channel_shuffle
    special_gammainc special_gammaincc special_zeta new_full new_ones new_tensor new_zeros
    nonzero_static not_equal numel ones_like
    rand_like randint_like randn_like searchsorted short signbit size special_airy_ai
    special_bessel_j0 special_bessel_j1 special_bessel_y0 special_bessel_y1
    special_chebyshev_polynomial_t special_chebyshev_polynomial_u special_chebyshev_polynomial_v
    special_chebyshev_polynomial_w special_hermite_polynomial_h special_hermite_polynomial_he
    special_laguerre_polynomial_l special_legendre_polynomial_p special_modified_bessel_i0
    special_modified_bessel_i1 special_modified_bessel_k0 special_modified_bessel_k1
    special_scaled_modified_bessel_k0 special_scaled_modified_bessel_k1
    special_shifted_chebyshev_polynomial_t special_shifted_chebyshev_polynomial_u
    special_shifted_chebyshev_polynomial_v special_shifted_chebyshev_polynomial_w
    special_spherical_bessel_j0 type_as zeros_like""".split()
)
"""Functions and methods whose result has no derivative by what they are given."""


def passes_none(call: FunctionCall | MethodCall) -> bool:
    """Whether no gradient passes through a call: by its nature, or to whole numbers."""
    given = [*call.args, *(value for _, value in call.keywords)]
    words = [one.value for one in given if isinstance(one, Constant)]
    dtypes = [word for word in words if isinstance(word, str) and word in DTYPES]
    name = call.name.replace(".", "_")
    return name in PASSING_NO_GRADIENT or not all(map(is_floating_point, dtypes))
