"""Scripts that print the figures in the documentation: ``python -m benchmarks.<name>``."""
