"""The published protocols: import, ground, evaluate, in shards; tables beside published rows."""
