"""Any database with a SQLAlchemy dialect: metadata in bulk, rows by server-side cursors."""

from muniment.sources.connectors.generic.connector import SqlalchemyConnector

__all__ = ["SqlalchemyConnector"]
