"""Specs to start from; `specc init` writes copies of them."""
