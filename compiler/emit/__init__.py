"""Statements -> text: nodes of code, their printer, templates."""
