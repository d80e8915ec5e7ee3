"""Two typed models -> what changes from one to the other, and for whom."""
