"""The steps of a run, each safe to repeat."""
