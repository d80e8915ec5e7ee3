"""Graph -> TypedGraph: every number, condition, repeat and type settled."""
