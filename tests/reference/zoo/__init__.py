"""The networks of examples/zoo, written by hand in plain PyTorch.

Each file has the name of its spec.
"""
