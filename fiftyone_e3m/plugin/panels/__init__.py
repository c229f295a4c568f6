"""The panels: an overview beside the grid, a timeline beside the player."""
