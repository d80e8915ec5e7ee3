"""TrainingSpec -> `train.py`, `predict.py` and `__main__.py`: what is done with the model."""
