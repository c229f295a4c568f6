"""What people do with groundings: look, accept, correct, delete."""
