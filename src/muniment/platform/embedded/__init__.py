"""The PostgreSQL that comes with Muniment: its own server for an estate that has none."""

from muniment.platform.embedded.cluster import EmbeddedPostgres
from muniment.platform.embedded.server import Server, Status
from muniment.platform.embedded.watch import keep_running

__all__ = ["EmbeddedPostgres", "Server", "Status", "keep_running"]
