"""MySQL and MariaDB: bulk metadata over PyMySQL, rows decoded column by column off its wire."""

from muniment.sources.connectors.mysql.connector import MysqlConnector

__all__ = ["MysqlConnector"]
