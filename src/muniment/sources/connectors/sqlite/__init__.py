"""SQLite: metadata through pragma functions, rows in row id ranges."""

from muniment.sources.connectors.sqlite.connector import SqliteConnector

__all__ = ["SqliteConnector"]
