"""Calls of functions whose arguments must fit each other: no search finds them quickly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CALLS: Final[Mapping[str, str]] = {
    "softmax": "softmax(x, dim=1)",
    "log_softmax": "log_softmax(x, dim=1)",
    "softmin": "softmin(x, dim=1)",
    "view_copy": "view_copy(matrix, (batch, 16))",
    "view": "matrix.view(batch, 16)",
    "ormqr": "ormqr(square, square[0], square)",
    "lu_unpack": "lu_unpack(square, index[:4].int())",
    "dropout": "dropout(x, p=0.1, training=training)",
    "alpha_dropout": "alpha_dropout(x, training=training)",
    "dropout1d": "dropout1d(matrix, training=training)",
    "dropout2d": "dropout2d(image, training=training)",
    "dropout3d": "dropout3d(volume, training=training)",
    "feature_alpha_dropout": "feature_alpha_dropout(x, p=0.5, training=training)",
    "einsum": 'einsum("bij,jk->bik", matrix, square)',
    "one_hot": "one_hot(classes, num_classes=10)",
    "fractional_max_pool2d": "fractional_max_pool2d(image, 2, output_size=(8, 8))",
    "fractional_max_pool3d": "fractional_max_pool3d(volume, 2, output_size=4)",
    "histogramdd": "histogramdd(square, bins=[2, 2, 2, 2])[0]",
    "broadcast_tensors": "broadcast_tensors(x, vector)",
    "linalg_tensorinv": "linalg.tensorinv(square, ind=1)",
    "pack_padded_sequence": (
        "pad_packed_sequence(pack_padded_sequence(sequence, classes, True), total_length=4)"
    ),
    "pad_packed_sequence": "pad_packed_sequence(pack_sequence([vector, vector[:3]]))",
    "pad_sequence": "pad_sequence([square, square[:3]])",
    "pack_sequence": "unpack_sequence(pack_sequence([vector, vector[:3]]))",
    "unpack_sequence": "unpack_sequence(pack_sequence([vector, vector[:3]]))",
    "ctc_loss": (
        "ctc_loss(log_softmax(sequence.transpose(0, 1), dim=2), tokens, classes, classes)"
    ),
    "multi_head_attention_forward": (
        "multi_head_attention_forward(sequence, sequence, sequence, 8, 2, square8.repeat(3, 1),"
        " vector.repeat(3), None, None, False, 0.0, square8, vector, training=training)"
    ),
    "cross": "cross(image, image, dim=1)",
    "linalg_cross": "linalg.cross(image, image, dim=1)",
    "repeat_interleave": "repeat_interleave(x, 2, dim=1)",
    "interpolate": 'interpolate(image, scale_factor=2.0, mode="bilinear")',
    "upsample": "upsample(image, scale_factor=2.0)",
    "upsample_nearest": "upsample_nearest(image, scale_factor=2.0)",
    "upsample_bilinear": "upsample_bilinear(image, scale_factor=2.0)",
    "grid_sample": "grid_sample(image, grid, align_corners=False)",
    "grid_sampler": "grid_sampler(image, grid, 0, 0, False)",
    "grid_sampler_2d": "grid_sampler_2d(image, grid, 0, 0, False)",
    "grid_sampler_3d": "grid_sampler_3d(volume, places, 0, 0, False)",
    "affine_grid": "affine_grid(affine, (batch, 3, 16, 16), align_corners=False)",
    "scatter": "scatter(x, 1, tokens, 1.0)",
    "diagonal_scatter": "diagonal_scatter(square, vector[:4])",
    "segment_reduce": 'segment_reduce(vector, "sum", lengths=index)',
    "nonzero_static": "nonzero_static(x, size=4)",
    "linalg_solve_triangular": "linalg.solve_triangular(matrix, matrix, upper=True)",
    "linalg_lu_solve": "linalg.lu_solve(square, index[:4].int(), square)",
    "lu_solve": "lu_solve(square, square, index[:4].int())",
    "linalg_ldl_solve": "linalg.ldl_solve(square, index[:4].int(), square)",
    "stft": "stft(x, 4, window=hann_window(4), center=False, return_complex=True)",
    "istft": "istft(spectrum, 4, window=hann_window(4))",
    "clamp": "clamp(x, min=0.0, max=1.0)",
    "clip": "clip(x, 0.0, 1.0)",
    "max_unpool2d": "max_unpool2d(image, image.long(), 2)",
    "max_unpool3d": "max_unpool3d(volume, volume.long(), 2)",
    "native_layer_norm": "native_layer_norm(x, [8], None, None, 1e-5)",
    "native_batch_norm": (
        "native_batch_norm(image, None, None, vector[:3], vector[:3], True, 0.1, 1e-5)"
    ),
    "native_group_norm": "native_group_norm(image, None, None, batch, 3, 256, 3, 1e-5)",
    "fake_quantize_per_tensor_affine": (
        "fake_quantize_per_tensor_affine(x, 0.1, 0, quant_min=-128, quant_max=127)"
    ),
    "fake_quantize_per_channel_affine": (
        "fake_quantize_per_channel_affine(x, vector, vector.int(), axis=1, quant_min=-128,"
        " quant_max=127)"
    ),
    "signal_windows_general_cosine": "signal.windows.general_cosine(8, a=[0.5, 0.5])",
}
"""By the registered name of a function."""
