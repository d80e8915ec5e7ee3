"""Decompositions, inverses, norms and solvers: calls, legal and illegal."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from layer_cases.base import Draw, flags, some

from op_calls.base import Call, call, dims, lists_of_dims
from specc.spec.tensor.dtype import DType
from specc.spec.tensor.type import TensorType

SQUARES = [(2, 2), (3, 3), (2, 3, 3), (4, 1, 2, 2), (1, 1)]
MATRICES = [*SQUARES, (3, 2), (2, 3), (5, 3, 2), (5, 2, 3), (4, 1), (3,), (), (0, 3)]
dtypes = st.sampled_from(
    ["float32", "float32", "float32", "float64", "complex64", "complex128", "float16", "int64"]
)
names = st.sampled_from
Keywords = dict[str, dict[str, st.SearchStrategy[Any]]]


def a_matrix(draw: Draw, shapes: list[tuple[int, ...]]) -> TensorType:
    return TensorType.of(draw(st.sampled_from(shapes)), draw(dtypes))


def like(draw: Draw, tensor: TensorType) -> DType:
    """Mostly the tensor's dtype."""
    return draw(dtypes) if draw(st.integers(0, 9)) == 0 else tensor.dtype


@call
def _square(draw: Draw) -> Call:
    plain = ["linalg_det", "linalg_slogdet", "linalg_inv", "det", "logdet", "slogdet", "inverse"]
    plain += ["linalg_eig", "linalg_eigvals", "matrix_exp", "linalg_matrix_exp"]
    name = draw(names(plain))
    return name, [a_matrix(draw, MATRICES)], {}


@call
def _factor(draw: Draw) -> Call:
    keywords: Keywords = {
        "linalg_inv_ex": {"check_errors": flags},
        "linalg_cholesky": {"upper": flags},
        "linalg_cholesky_ex": {"upper": flags, "check_errors": flags},
        "cholesky": {"upper": flags},
        "cholesky_inverse": {"upper": flags},
        "linalg_eigh": {"UPLO": st.sampled_from(["L", "U", "l", "x"])},
        "linalg_eigvalsh": {"UPLO": st.sampled_from(["L", "U", "u", ""])},
        "linalg_ldl_factor": {"hermitian": flags},
        "linalg_ldl_factor_ex": {"hermitian": flags, "check_errors": flags},
    }
    name = draw(names(sorted(keywords)))
    return name, [a_matrix(draw, MATRICES)], some(draw, **keywords[name])


@call
def _decomposition(draw: Draw) -> Call:
    keywords: Keywords = {
        "linalg_svd": {"full_matrices": flags, "driver": st.sampled_from([None, "gesvd"])},
        "linalg_svdvals": {"driver": st.sampled_from([None, "gesvd"])},
        "svd": {"some": flags, "compute_uv": flags},
        "linalg_qr": {"mode": st.sampled_from(["reduced", "complete", "r", "x"])},
        "qr": {"some": flags},
        "geqrf": {},
        "linalg_lu": {"pivot": st.sampled_from([True, True, False])},
        "linalg_lu_factor_ex": {"pivot": st.sampled_from([True, True, False])},
        "linalg_matrix_rank": {"hermitian": flags},
        "linalg_pinv": {"hermitian": flags},
        "pinverse": {"rcond": st.sampled_from([0.0, 1e-3, float("inf")])},
        "linalg_cond": {
            "p": st.sampled_from([None, 1, -1, 2, -2.0, float("inf"), "fro", "nuc", "x", 3, 0])
        },
    }
    name = draw(names(sorted(keywords)))
    return name, [a_matrix(draw, MATRICES)], some(draw, **keywords[name])


@call
def _lu(draw: Draw) -> Call:
    name = draw(names(["lu", "linalg_lu_factor"]))
    arguments = some(draw, pivot=st.sampled_from([True, True, False]))
    if name == "lu":
        arguments |= some(draw, get_infos=flags)
    return name, [a_matrix(draw, [*SQUARES, (3,)])], arguments


@call
def _lu_unpack(draw: Draw) -> Call:
    # torch does not check the shape of the pivots, and reads beyond them.
    data = a_matrix(draw, [(3, 2), (2, 2), (4, 3, 2), (4, 2, 2)])
    pivots = TensorType.of((*data.shape[:-2], 2), draw(st.sampled_from(["int32", "int64"])))
    return "lu_unpack", [data, pivots], some(draw, unpack_data=flags, unpack_pivots=flags)


@call
def _tolerance(draw: Draw) -> Call:
    name = draw(names(["linalg_matrix_rank", "linalg_pinv"]))
    tolerances = st.one_of(
        st.none(),
        st.sampled_from([0.5, 1, float("inf")]),
        st.builds(
            TensorType.of,
            st.sampled_from([(), (2,), (5,), (5, 2), (3,)]),
            st.sampled_from(["float32", "float64", "int64", "complex64", "bool"]),
        ),
    )
    matrices = a_matrix(draw, [(3, 3), (2, 3, 2), (5, 2, 2, 2), (2, 2, 2)])
    return name, [matrices], some(draw, atol=tolerances, rtol=tolerances, hermitian=flags)


@call
def _power(draw: Draw) -> Call:
    name = draw(names(["matrix_power", "linalg_matrix_power"]))
    return name, [a_matrix(draw, MATRICES), draw(st.integers(-3, 6))], {}


@call
def _reflectors(draw: Draw) -> Call:
    name = draw(names(["linalg_householder_product", "orgqr"]))
    matrix = a_matrix(draw, [(3, 2), (2, 2), (2, 3), (4, 3, 2), (1, 3, 2), (3,)])
    tau = draw(st.sampled_from([(2,), (1,), (0,), (3,), (4, 2), (1, 2), ()]))
    return name, [matrix, TensorType.of(tau, like(draw, matrix))], {}


@call
def _of_reflectors(draw: Draw) -> Call:
    matrix = a_matrix(draw, [(3, 2), (2, 2), (2, 3), (4, 3, 2), (1, 3, 2), (3,)])
    tau = draw(st.sampled_from([(2,), (2,), (1,), (3,), (4, 2), (4, 2), (1, 2)]))
    other = draw(st.sampled_from([(3, 5), (5, 3), (4, 3, 5), (4, 5, 3), (2, 2), (2, 5), (3,)]))
    tensors = [TensorType.of(shape, like(draw, matrix)) for shape in (tau, other)]
    return "ormqr", [matrix, *tensors], some(draw, left=flags, transpose=flags)


def _systems(draw: Draw) -> tuple[TensorType, TensorType]:
    matrix = a_matrix(draw, [(3, 3), (3, 3), (5, 3, 3), (5, 3, 3), (2, 1, 3, 3), (3, 2), (3,)])
    right = draw(
        st.sampled_from(
            [(3, 2), (3, 3), (2, 3), (5, 3, 2), (4, 3, 2), (5, 1, 3, 2), (3,), (5, 3), ()]
        )
    )
    return matrix, TensorType.of(right, like(draw, matrix))


@call
def _solver(draw: Draw) -> Call:
    keywords = {
        "linalg_solve": {"left": flags},
        "linalg_solve_ex": {"left": flags, "check_errors": flags},
        "linalg_solve_triangular": {"upper": flags, "left": flags, "unitriangular": flags},
        "cholesky_solve": {"upper": flags},
        "triangular_solve": {"upper": flags, "transpose": flags, "unitriangular": flags},
    }
    name = draw(names(sorted(keywords)))
    matrix, right = _systems(draw)
    args = [right, matrix] if name in ("cholesky_solve", "triangular_solve") else [matrix, right]
    return name, args, some(draw, **keywords[name])


@call
def _with_pivots(draw: Draw) -> Call:
    name = draw(names(["linalg_lu_solve", "lu_solve", "linalg_ldl_solve"]))
    matrix, right = _systems(draw)
    usual = st.just([int(size) for size in matrix.shape[:-1]])
    shape = draw(st.one_of(usual, usual, usual, st.sampled_from([(3,), (2,), (5, 3)])))
    dtype = draw(st.sampled_from(["int32", "int32", "int64", "float32"]))
    pivots = TensorType.of(shape, dtype)
    if name == "lu_solve":
        return name, [right, matrix, pivots], {}
    if name == "linalg_ldl_solve" and matrix.rank > 2:
        # torch reads beyond the pivots where B has the larger batch.
        right = right.with_shape((*matrix.shape[:-2], *right.shape[-2:]))
    keywords = {"left": flags, "adjoint": flags} if "lu" in name else {"hermitian": flags}
    return name, [matrix, pivots, right], some(draw, **keywords)


@call
def _least_squares(draw: Draw) -> Call:
    # Of full rank: some drivers find out.
    matrix = a_matrix(draw, [(4, 1), (1, 4), (3, 3), (5, 4, 1), (5, 1, 4), (1, 4, 1), (4, 4, 1)])
    right = draw(
        st.sampled_from([(4,), (1,), (4, 3), (3, 3), (5, 4), (5, 4, 3), (1, 4, 3), (5, 1, 3), ()])
    )
    drivers = st.sampled_from([None, "gels", "gelsy", "gelsd", "gelss", "x"])
    arguments = some(draw, rcond=st.sampled_from([None, 1e-3, float("inf")]), driver=drivers)
    return "linalg_lstsq", [matrix, TensorType.of(right, like(draw, matrix))], arguments


@call
def _tensor_inverse(draw: Draw) -> Call:
    shapes = [(6, 2, 3), (2, 3, 6), (2, 2), (1,), (), (4, 2, 3), (1, 1, 1)]
    tensor = TensorType.of(draw(st.sampled_from(shapes)))
    if 2 not in tensor.shape or tensor.rank == 2:
        tensor = tensor.with_dtype(draw(dtypes))
        return "linalg_tensorinv", [tensor], some(draw, ind=st.integers(-1, 4))
    # Ones are singular: only refusals can be compared.
    return "linalg_tensorinv", [tensor.with_dtype("int64")], some(draw, ind=st.integers(-1, 4))


@call
def _tensor_solution(draw: Draw) -> Call:
    tensor = TensorType.of(draw(st.sampled_from([(2, 2), (3, 3), (1,), (), (1, 2, 2), (2, 3)])))
    other = TensorType.of(draw(st.sampled_from([(2,), (3,), (), (1,), (1, 2), (2, 2)])))
    return "linalg_tensorsolve", [tensor, other], some(draw, dims=st.none() | lists_of_dims)


@call
def _low_rank(draw: Draw) -> Call:
    shapes = [(7, 8), (8, 7), (2, 9, 7), (3, 3), (3,)]
    matrix = TensorType.of(draw(st.sampled_from(shapes)), draw(dtypes))
    if matrix.dtype.startswith("complex"):
        matrix = TensorType.of((7, 7), matrix.dtype)
    name = draw(names(["svd_lowrank", "pca_lowrank"]))
    arguments = some(draw, q=st.none() | st.integers(-1, 9), niter=st.integers(-1, 3))
    if name == "svd_lowrank":
        means = st.sampled_from([(7, 8), (8,), (9, 7), (2, 2, 9, 7), (1, 7)])
        arguments |= some(draw, M=st.builds(TensorType.of, means, st.just(matrix.dtype)))
    else:
        arguments |= some(draw, center=flags)
    return name, [matrix], arguments


@call
def _few_eigenvalues(draw: Draw) -> Call:
    real = st.sampled_from(["float32", "float64"])
    shapes = [(9, 9), (9, 9), (9, 9), (2, 9, 9), (2, 1, 6, 6), (9, 8), (5, 5), (9,)]
    matrix = TensorType.of(draw(st.sampled_from(shapes)), draw(real | dtypes))
    others = st.builds(TensorType.of, st.sampled_from(shapes), st.just(matrix.dtype) | real)
    count = st.none() | st.integers(0, 4)
    guesses = st.builds(
        TensorType.of,
        st.sampled_from([(9, 1), (2, 9, 1), (2, 6, 1), (8, 1), (1, 9, 1), (9,)]),
        st.just(matrix.dtype),
    )
    arguments = some(draw, k=count, n=count, B=others, X=guesses, iK=others, largest=flags)
    arguments |= {"niter": draw(st.sampled_from([1, 3]))}
    return "lobpcg", [matrix], arguments | some(draw, method=st.sampled_from(["ortho", "basic"]))


orders = st.sampled_from(
    [None, 0, 1, -1, 2, -2.0, 3, 0.5, float("inf"), -float("inf"), "fro", "nuc"]
)
NORMED = [(2, 3), (3,), (2, 3, 4), (), (0, 3), (3, 0), (2, 2)]


@call
def _vector_norm(draw: Draw) -> Call:
    arguments = some(draw, dim=st.none() | dims | lists_of_dims, keepdim=flags, dtype=dtypes)
    numbers = orders.filter(lambda order: isinstance(order, int | float))
    return "linalg_vector_norm", [a_matrix(draw, NORMED)], arguments | some(draw, ord=numbers)


@call
def _matrix_norm(draw: Draw) -> Call:
    pairs = st.tuples(dims, dims) | lists_of_dims
    arguments = some(draw, dim=pairs, keepdim=flags, dtype=dtypes)
    given = orders.filter(lambda order: order is not None)
    return "linalg_matrix_norm", [a_matrix(draw, NORMED)], arguments | some(draw, ord=given)


@call
def _any_norm(draw: Draw) -> Call:
    places = st.none() | dims | st.tuples(dims, dims) | lists_of_dims
    arguments = some(draw, ord=orders, dim=places, keepdim=flags, dtype=dtypes)
    return "linalg_norm", [a_matrix(draw, NORMED)], arguments


@call
def _vandermonde(draw: Draw) -> Call:
    every: list[DType] = ["float32", "float16", "bool", "uint8", "int64", "complex64", "bfloat16"]
    bases = TensorType.of(
        draw(st.sampled_from([(3,), (1,), (2,), (), (2, 3)])), draw(st.sampled_from(every))
    )
    if draw(flags):
        return "linalg_vander", [bases], some(draw, N=st.none() | st.integers(-1, 4))
    arguments = some(draw, N=st.none() | st.integers(-1, 4), increasing=flags)
    return "vander", [bases], arguments


@call
def _linalg_diagonal(draw: Draw) -> Call:
    return (
        "linalg_diagonal",
        [a_matrix(draw, NORMED)],
        some(draw, offset=st.integers(-2, 2), dim1=dims, dim2=dims),
    )
