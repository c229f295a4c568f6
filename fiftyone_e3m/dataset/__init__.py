"""The FiftyOne side: schema, reading, writing, run records, checks."""
