"""Group 1: connectors, credentials, health and schema history of data sources."""
