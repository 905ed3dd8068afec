"""Files in buckets: S3, Azure and Google Cloud Storage behind the same store as a folder."""

from muniment.sources.connectors.files.objects.connector import (
    AzureConnector,
    GcsConnector,
    S3Connector,
)

__all__ = ["AzureConnector", "GcsConnector", "S3Connector"]
