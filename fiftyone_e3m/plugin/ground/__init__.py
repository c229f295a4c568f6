"""Grounding from the App: the form, the preview, the run, and stopping it."""
