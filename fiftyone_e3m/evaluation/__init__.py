"""Tube metrics."""
