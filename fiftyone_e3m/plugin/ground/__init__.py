"""Grounding from the App: the form, its preview, the run, and how to stop it."""
