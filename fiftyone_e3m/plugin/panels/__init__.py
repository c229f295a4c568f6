"""The panels: all videos beside the grid, one video beside the player."""
