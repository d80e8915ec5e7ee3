"""Writes the reference from the classes."""
