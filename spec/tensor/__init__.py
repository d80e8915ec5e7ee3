"""Exact symbolic sizes, dtypes, and the types of tensors."""

from .dim import Dim, SizeTooComplexError, Symbol

__all__ = ["Dim", "SizeTooComplexError", "Symbol"]
