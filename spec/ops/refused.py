"""Functions of torch that no model of this language can hold: why, and what to write instead.

A row a function. The list is reviewed: of torch's operators, those that have no rule stand here.

Source: https://docs.pytorch.org/docs/stable/torch.html and
https://docs.pytorch.org/docs/stable/tensors.html
"""

from collections.abc import Mapping, Sequence
from typing import Final, NoReturn

from ..record import Record
from ..refusal import Refusal
from ..tensor.type import TensorType
from .base import Function, Namespace


class Reason(Record):
    """Why functions are refused: a message with `{name}` for the function's, and its code."""

    message: str
    code: str = "not-supported"


class RefusedFunction(Function[TensorType]):
    """A function that is refused whatever it is given."""

    def bind(
        self,
        name: str,
        args: Sequence[object],
        keywords: Mapping[str, object],
        *,
        method: bool = False,
    ) -> NoReturn:
        raise self.refusal(name)

    def refusal(self, name: str) -> Refusal:
        """Why it is refused under the name that is written."""
        try:
            self.rule()
        except Refusal as refusal:
            refusal.message = refusal.message.format(name=name)
            return refusal
        raise AssertionError(name)


def refused(
    reason: Reason, help: str | None = None, namespace: Namespace = "torch"
) -> RefusedFunction:
    """A row: as a function and as a method.

    help: what to write instead.
    """

    def rule() -> TensorType:
        raise Refusal(reason.message, code=reason.code, argument="input", help=help)

    return RefusedFunction(rule, namespace, True)


DATA: Final = Reason("the shape of what {name} gives depends on data", "shape-depends-on-data")
LEAVES: Final = Reason("{name} leaves torch: a model gives tensors")
COMPLEX_HALF: Final = Reason("{name} gives complex32, which few functions take", "dtype-mismatch")
ANSWER: Final = Reason("{name} gives true or false, and no tensor")
FACT: Final = Reason("{name} tells of a tensor's storage or type, and gives no tensor")
SPARSE: Final = Reason("{name} is for sparse tensors; the tensors of a model are dense")
MASKED: Final = Reason("{name} is for masked tensors, a class of their own")
NESTED: Final = Reason("{name} is for nested tensors; the tensors of a model have one shape")
QUANTIZED: Final = Reason("{name} is for quantized tensors, which are not among the element types")
STORAGE: Final = Reason("{name} changes the storage behind a tensor")
DEVICE: Final = Reason("{name} moves a tensor; a model runs where its inputs are")
AUTOGRAD: Final = Reason("{name} works on autograd's graph, which the training loop does")
CLASS: Final = Reason("{name} makes an object of Python's, and no tensor of a type that is known")
ATTRIBUTE: Final = Reason("{name} is an attribute; of a tensor's, shape and dtype can be read")
INNER: Final = Reason("{name} is an inner part of torch, without documentation")
REMOVED: Final = Reason("{name} has been removed from torch")

UNSIGNED: Final = Reason("{name} gives uint64 numbers, which are not among the element types")

_SAME_SHAPE: Final = "where(condition, a, b) keeps the shape"
_CATEGORIES: Final = "make categories when the data is prepared"
_DTYPE: Final = "the element type is known: write x.dtype"
_COMPARE: Final = "(a == b).all() and isclose(a, b).all() are tensors"

nonzero = refused(DATA, _SAME_SHAPE + ", and nonzero_static is of a given size")
argwhere = refused(DATA, _SAME_SHAPE)
masked_select = refused(DATA, "where(mask, a, b) keeps the shape")
unique = refused(DATA, _CATEGORIES)
unique_consecutive = refused(DATA, _CATEGORIES)
bincount = refused(DATA, "histc has a given number of bins, and so has one_hot(x, n).sum(0)")

unpad_sequence = refused(DATA, "arange(time) < lengths[:, None] masks what is padding", "rnn")
invert_permutation = refused(INNER, "argsort(permutation) is its public form", "rnn")

hash_tensor = refused(UNSIGNED)
chalf = refused(COMPLEX_HALF, "x.cfloat() gives complex64", "method")

item = refused(LEAVES)
tolist = refused(LEAVES)
numpy = refused(LEAVES)
to_dlpack = refused(LEAVES)

allclose = refused(ANSWER, _COMPARE)
equal = refused(ANSWER, _COMPARE)
is_same_size = refused(ANSWER, "shapes are known: write x.shape == y.shape")
is_nonzero = refused(ANSWER, "x != 0 is a tensor")
is_tensor = refused(ANSWER)
is_storage = refused(ANSWER)
is_complex = refused(ANSWER, _DTYPE)
is_floating_point = refused(ANSWER, _DTYPE)
is_signed = refused(ANSWER, _DTYPE)
is_conj = refused(ANSWER)
is_neg = refused(ANSWER)
is_inference = refused(ANSWER)
is_contiguous = refused(ANSWER)
is_pinned = refused(ANSWER)
is_shared = refused(ANSWER)
is_set_to = refused(ANSWER)
is_distributed = refused(ANSWER)
is_coalesced = refused(ANSWER)
can_cast = refused(ANSWER)

result_type = refused(FACT, _DTYPE)
promote_types = refused(FACT, _DTYPE)
type = refused(FACT, "to(dtype) converts")
get_device = refused(FACT)
element_size = refused(FACT)
data_ptr = refused(FACT)
const_data_ptr = refused(FACT)
stride = refused(FACT)
storage_offset = refused(FACT)
storage_type = refused(FACT)
storage = refused(FACT)
untyped_storage = refused(FACT)
dim_order = refused(FACT)
numel = refused(FACT, "write x.numel(), a size")
broadcast_shapes = refused(FACT, "broadcast_tensors gives tensors")

to_sparse = refused(SPARSE)
to_sparse_coo = refused(SPARSE)
to_sparse_csr = refused(SPARSE)
to_sparse_csc = refused(SPARSE)
to_sparse_bsr = refused(SPARSE)
to_sparse_bsc = refused(SPARSE)
sparse_coo_tensor = refused(SPARSE)
sparse_csr_tensor = refused(SPARSE)
sparse_csc_tensor = refused(SPARSE)
sparse_bsr_tensor = refused(SPARSE)
sparse_bsc_tensor = refused(SPARSE)
sparse_compressed_tensor = refused(SPARSE)
sparse_mask = refused(SPARSE, "where(mask, x, 0) is dense")
sparse_mm = refused(SPARSE, "mm multiplies dense matrices", "torch.sparse")
sparse_addmm = refused(SPARSE, "addmm multiplies dense matrices", "torch.sparse")
sparse_sampled_addmm = refused(SPARSE, "where(mask, addmm(a, b, c), 0) is dense", "torch.sparse")
sparse_sum = refused(SPARSE, "sum adds dense tensors", "torch.sparse")
sparse_softmax = refused(SPARSE, "masked.softmax(x, dim, mask=m) is dense", "torch.sparse")
sparse_log_softmax = refused(SPARSE, "masked.log_softmax(x, dim, mask=m) is dense", "torch.sparse")
sparse_spsolve = refused(SPARSE, "linalg.solve is dense", "torch.sparse")
sparse_spdiags = refused(SPARSE, "diag is dense", "torch.sparse")
smm = refused(SPARSE, "mm multiplies dense matrices")
spmm = refused(SPARSE, "mm multiplies dense matrices")
dsmm = refused(SPARSE, "mm multiplies dense matrices")
hsmm = refused(SPARSE, "mm multiplies dense matrices")
hspmm = refused(SPARSE, "mm multiplies dense matrices")
saddmm = refused(SPARSE, "addmm multiplies dense matrices")
sspaddmm = refused(SPARSE, "addmm multiplies dense matrices")
coalesce = refused(SPARSE)
indices = refused(SPARSE)
values = refused(SPARSE)
crow_indices = refused(SPARSE)
col_indices = refused(SPARSE)
ccol_indices = refused(SPARSE)
row_indices = refused(SPARSE)
dense_dim = refused(SPARSE)
sparse_dim = refused(SPARSE)

masked_masked_tensor = refused(MASKED, "masked.sum(x, mask=m) takes the mask", "torch.masked")
masked_as_masked_tensor = refused(MASKED, "masked.sum(x, mask=m) takes the mask", "torch.masked")
masked_is_masked_tensor = refused(MASKED, None, "torch.masked")
to_padded_tensor = refused(NESTED)

choose_qparams_optimized = refused(QUANTIZED)
fused_moving_avg_obs_fake_quant = refused(QUANTIZED, "fake_quantize_per_tensor_affine rounds")
quantize_per_tensor = refused(QUANTIZED)
quantize_per_tensor_dynamic = refused(QUANTIZED)
quantize_per_channel = refused(QUANTIZED)
quantized_batch_norm = refused(QUANTIZED)
quantized_max_pool1d = refused(QUANTIZED)
quantized_max_pool2d = refused(QUANTIZED)
quantized_max_pool3d = refused(QUANTIZED)
dequantize = refused(QUANTIZED)
int_repr = refused(QUANTIZED)
q_scale = refused(QUANTIZED)
q_zero_point = refused(QUANTIZED)
q_per_channel_scales = refused(QUANTIZED)
q_per_channel_zero_points = refused(QUANTIZED)
q_per_channel_axis = refused(QUANTIZED)
qscheme = refused(QUANTIZED)

resize = refused(STORAGE, "reshape keeps the elements")
resize_as = refused(STORAGE, "reshape keeps the elements")
resize_ = refused(STORAGE, "reshape keeps the elements")
resize_as_ = refused(STORAGE, "reshape keeps the elements")
set_ = refused(STORAGE)
share_memory_ = refused(STORAGE)

cpu = refused(DEVICE)
cuda = refused(DEVICE)
xpu = refused(DEVICE)
ipu = refused(DEVICE)
mtia = refused(DEVICE)
pin_memory = refused(DEVICE)
to_mkldnn = refused(DEVICE)
record_stream = refused(DEVICE)

backward = refused(AUTOGRAD, "grad(y, x) is the derivative of y.sum() by x")
register_hook = refused(AUTOGRAD)
register_post_accumulate_grad_hook = refused(AUTOGRAD)
retain_grad = refused(AUTOGRAD)
requires_grad_ = refused(AUTOGRAD, "detach stops the gradient")
detach_ = refused(AUTOGRAD, "detach stops the gradient")

as_subclass = refused(CLASS)
new = refused(CLASS, "new_zeros and new_full are filled")
module_load = refused(CLASS)

T = refused(ATTRIBUTE, "write transpose(0, 1)")
mT = refused(ATTRIBUTE, "write transpose(-2, -1)")  # noqa: N816 - torch's name
H = refused(ATTRIBUTE, "write adjoint()")
mH = refused(ATTRIBUTE, "write adjoint()")  # noqa: N816 - torch's name

native_norm = refused(INNER, "linalg.vector_norm is its public form")
frobenius_norm = refused(INNER, "linalg.matrix_norm is its public form")
nuclear_norm = refused(INNER, "linalg.matrix_norm is its public form")
norm_except_dim = refused(INNER, "linalg.vector_norm takes dim")

symeig = refused(REMOVED, "write linalg.eigh")
eig = refused(REMOVED, "write linalg.eig")
solve = refused(REMOVED, "write linalg.solve")
lstsq = refused(REMOVED, "write linalg.lstsq")
matrix_rank = refused(REMOVED, "write linalg.matrix_rank")
reinforce = refused(REMOVED)
