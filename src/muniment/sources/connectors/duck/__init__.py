"""DuckDB: metadata from its catalogue functions, rows in row id ranges."""

from muniment.sources.connectors.duck.connector import DuckdbConnector

__all__ = ["DuckdbConnector"]
