"""The language of expressions: nodes and parser."""
