"""Document -> Spec -> Graph: what was written, read and bound."""
