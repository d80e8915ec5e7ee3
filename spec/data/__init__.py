"""`[data]`: the sources, one class each, a family a file, and what else the section says."""
