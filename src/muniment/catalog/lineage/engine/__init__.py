"""Lineage from SQL text: pure, loaded in worker processes and the command line only."""

from muniment.catalog.lineage.engine.job import parse_job

__all__ = ["parse_job"]
