"""Learning rate schedulers, one class each; a family a file."""
