"""The sections beyond the model, read and held against it."""
