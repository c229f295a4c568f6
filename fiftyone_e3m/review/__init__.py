"""Review of groundings: inspect, accept, correct, delete."""
