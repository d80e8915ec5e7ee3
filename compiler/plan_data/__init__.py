"""TrainingSpec -> `data.py`: where rows come from and what is done to them."""
