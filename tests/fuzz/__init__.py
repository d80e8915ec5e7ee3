"""Random and mutated specs, and what must hold of each: `python -m fuzz --help`."""
