"""Access to FiftyOne datasets: schema, reading, writing, run records, checks."""
