"""`prepare` and `augment`: what is done to rows on their way to the model, one class each."""
