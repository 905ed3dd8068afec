"""Files: text and Parquet in a folder, partition folders folded into one data set."""

from muniment.sources.connectors.files.connector import FilesConnector

__all__ = ["FilesConnector"]
