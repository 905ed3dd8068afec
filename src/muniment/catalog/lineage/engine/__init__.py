"""Lineage from SQL text: pure, loaded in worker processes and the command line only."""
