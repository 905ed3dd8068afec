"""Muniment: connect, scan, catalogue, classify, check, judge and show an organisation's data."""

__version__ = "0.1.0"
