"""Losses, one class each; a family a file."""
