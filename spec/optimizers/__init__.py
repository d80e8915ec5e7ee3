"""Optimizers, one class each; a family a file."""
