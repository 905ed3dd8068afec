"""PostgreSQL: bulk metadata over psycopg, rows in page ranges over ADBC."""

from muniment.sources.connectors.postgresql.connector import PostgresConnector

__all__ = ["PostgresConnector"]
