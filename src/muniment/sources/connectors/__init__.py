"""The connectors that come with Muniment, each behind the socket of ``contracts.reading``."""
