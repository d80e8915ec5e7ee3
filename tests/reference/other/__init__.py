"""The networks of tests/specs/architectures that have no record, written by hand."""
