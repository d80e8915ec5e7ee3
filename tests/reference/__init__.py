"""The networks of tests/specs, written by hand in plain PyTorch."""
